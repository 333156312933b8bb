"""How many of the real documents give the right number, title, issuer and date: as text PDF, as DOCX, as scans.

The scans are 150 dpi, half a degree to two askew, with noise and JPEG loss, a red seal pressed over signature and date. Right means
equal to what the publisher's field list says (one date excepted, see ``tests.intake.policies``), which is cut off first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pypdfium2

from archive_schema.cycle import Limits
from benchmarks.ground import Ground
from benchmarks.results import Row
from intake.pool import Job, ReaderPool
from samples.scan import Scanner
from tests.intake import policies, scans
from tests.intake.policies import Policy
from tests.needs import real_inputs_folder

FACTS = ("document_number", "title", "issuer", "issued_on")


def run(ground: Ground) -> list[Row]:
    documents = policies.load(real_inputs_folder())
    grey = Scanner(grey=True)
    return [
        _row(ground, documents, "text PDF", ".pdf", lambda p, d: policies.write_pdf(p, policies.standard(d))),
        _row(ground, documents, "DOCX", ".docx", lambda p, d: policies.write_docx(p, policies.standard(d))),
        _row(ground, documents, "scan", ".pdf", lambda p, d: scans.write_scan(p, d)),
        _row(ground, documents, "scan without colour", ".pdf", lambda p, d: scans.write_scan(p, d, scans.skewed(d, grey))),
    ]


def _row(ground: Ground, documents: list[Policy], form: str, ending: str, write: Callable[[Path, Policy], object]) -> Row:
    """Seconds to read one document with one child, and how many have everything right."""
    folder = ground.work / "documents" / form.replace(" ", "-")
    folder.mkdir(parents=True)
    files = [folder / f"{n}{ending}" for n in range(len(documents))]
    for file, document in zip(files, documents, strict=True):
        write(file, document)
    pages = sum(_pages(f) for f in files) if ending == ".pdf" else 0
    right = dict.fromkeys(FACTS, 0)
    whole = sealed = 0
    longest = 0.0
    with ReaderPool(Limits(), workers=1, scratch=ground.work) as pool:
        began = last = time.perf_counter()
        for result, d in zip(pool.read(map(Job, files)), documents, strict=True):
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
            facts = result.reading.facts if result.reading is not None else {}
            wanted = dict(zip(FACTS, (d.number, d.title, d.issuer, d.issued_on), strict=True))
            good = [k for k, v in wanted.items() if k in facts and facts[k].value == v]
            for k in good:
                right[k] += 1
            whole += len(good) == len(FACTS)
            sealed += "seal" in facts and facts["seal"].value is True
        took = time.perf_counter() - began
        peak = max(_peak(child.pid) for child in psutil.Process().children())
    figures: dict[str, float] = {"documents": float(len(documents)), "all right": float(whole)}
    figures |= {k: float(v) for k, v in right.items()} | {"sealed": float(sealed)}
    figures |= {"s/page": took / pages} if pages else {}
    figures |= {"slowest s": longest, "child's peak MB": peak / 1e6}
    return Row("scans", form, took / len(documents), None, "s/document", figures)


def _pages(file: Path) -> int:
    document = pypdfium2.PdfDocument(file)
    try:
        return len(document)
    finally:
        document.close()


def _peak(pid: int) -> int:
    """Highest resident size of a process in bytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
