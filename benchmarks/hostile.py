"""Hostile files: no crash, no hang, every file with an outcome, nothing written elsewhere; and what was read beside bare libraries.

The crowd is ``samples.spoilt``: every sort of bad file, bombs, traversals, traps, and seeded spoilt copies. With ``--folder DIR`` the files
below DIR come too, whole and as further seeds: other packages' own test files are the best there are. To collect some:

    pip download --no-binary :all: --no-deps --dest DIR pdfminer.six pdfplumber openpyxl python-docx xlrd Pillow pyhanko pypdfium2
    apt-get source --download-only qpdf libpdfbox2-java pikepdf pdf2djvu pdfminer okular    # a thousand odd PDFs
    cd DIR && for f in *.tar.*; do tar xf "$f"; done

The laws are asserted: a broken one is an error, not a figure. Figures: files read or partly read, beside the files that the bare
library of the form opens and reads to the end; for PDFs how many of those yield the same text here.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import psutil

from archive_schema.cycle import Limits
from archive_schema.media import of_type
from archive_schema.words import ReadState
from benchmarks import spent
from benchmarks.floors import texts
from benchmarks.ground import Ground
from benchmarks.results import Row
from intake.pool import Job, ReaderPool
from samples.spoilt import make_crowd, spoil

#: files of the crowd beside those of ``--folder``, spoilt PDFs beside those, and the least share of PDFs whose text must be the same
CROWD, PDFS, SAME = 600, 600, 0.99
_UNIT = "市文明办"


class Outcome(msgspec.Struct, frozen=True):
    """What one file became here. ``state`` "" = kept out (quarantined, waiting), ``secret``: for its mark of secrecy.
    ``text``: digest, of a PDF only."""

    path: Path
    media_type: str
    state: str
    text: str = ""
    secret: bool = False


def run(ground: Ground) -> list[Row]:
    folder = ground.work / "hostile"
    if ground.folder is not None:
        _copy(ground.folder, folder / "packages")
    make_crowd(folder, files=CROWD, seeds=folder / "packages" if ground.folder is not None else None)
    _pdfs(folder)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    outcomes, grown = _read(files, ground.work / "hostile-scratch")
    return [_ingest(ground, folder, len(files)), _memory(len(files), grown), *_formats(ground, outcomes)]


def _pdfs(folder: Path) -> None:
    """Spoilt copies of every PDF there is: the form for which the text is compared."""
    seeds = [p for p in sorted(folder.rglob("*.pdf")) if p.is_file() and "改坏的" not in p.parts]
    target = folder / "改坏的" / "PDF"
    target.mkdir(parents=True)
    rng = random.Random("hostile pdf")
    for n in range(PDFS):
        (target / f"{n:04}.pdf").write_bytes(spoil(seeds[n % len(seeds)].read_bytes(), rng))


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink():
            into = target / path.relative_to(source)
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into)


def _read(files: list[Path], scratch: Path) -> tuple[list[Outcome], float]:
    """Outcomes, and bytes by which this process grew after the first quarter."""
    outcomes: list[Outcome] = []
    rss, start = psutil.Process().memory_info, 0
    # without OCR, which reads text that no text layer holds
    with ReaderPool(Limits(ocr="off"), scratch=scratch) as pool:
        for path, r in zip(files, pool.read(Job(p, unpack=True) for p in files), strict=True):
            if r.unpacked is not None:
                pool.discard(r.unpacked)
            if r.reading is None:
                if r.disposition is None:
                    raise RuntimeError(f"{path}: no outcome")
                outcomes.append(Outcome(path, "", ""))
                continue
            pdf = r.reading.media_type == "application/pdf"
            state = "" if r.disposition is not None else r.reading.state.value
            text = texts.digest(r.reading.text) if pdf else ""
            outcomes.append(Outcome(path, r.reading.media_type, state, text, "secrecy" in r.reading.facts and not state))
            if "意外" in r.reading.detail or "时限" in r.reading.detail:
                print(f"{path}: {r.reading.detail}", file=sys.stderr)
            if len(outcomes) == len(files) // 4:
                start = rss().rss
        grown = rss().rss - start
    if list(scratch.iterdir()):
        raise RuntimeError(f"left in {scratch}: {list(scratch.iterdir())[:5]}")
    return outcomes, float(grown)


def _ingest(ground: Ground, folder: Path, files: int) -> Row:
    """The whole ingest by its command, and the law of accounting."""
    workspace = ground.fresh("workspace-hostile", 0)
    inbox = workspace / "inbox" / _UNIT
    shutil.copytree(folder, inbox, dirs_exist_ok=True, copy_function=lambda s, t: Path(t).hardlink_to(s))
    outside, inside = _tree(ground.work, workspace), _tree(inbox)
    took = spent.dangan("-C", str(workspace), "ingest", "--no-validation", "--format", "json")
    said = msgspec.json.decode(took.output)
    parts = {k: said[k] for k in ("new", "known", "quarantined", "waiting", "ignored")}
    if not said["found"] == sum(parts.values()) == files:
        raise RuntimeError(f"{files} files, the ingest says {said}")
    if _tree(ground.work, workspace) != outside or _tree(inbox) != inside:
        raise RuntimeError("the ingest wrote outside of its workspace, or altered the inbox")
    figures = {**{k: float(v) for k, v in parts.items()}, "members": float(said["members"]), "peak MB": took.peak / 1e6}
    return Row("hostile", f"ingest of {files} files", took.seconds, None, figures=figures)


def _memory(files: int, grown: float) -> Row:
    return Row("hostile", f"growth of the parent over the last three quarters of {files} files", grown / 1e6, None, "MB")


def _formats(ground: Ground, outcomes: list[Outcome]) -> list[Row]:
    listed = ground.work / "hostile.list"
    known = [o for o in outcomes if o.media_type]
    listed.write_text("".join(f"{o.media_type}\t{o.path}\n" for o in known), "utf-8")
    answers = [line.split("\t") for line in spent.floor("opening", str(listed)).output.splitlines()]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome, (opened, text) in zip(known, answers, strict=True):
        counted = counts[of_type(outcome.media_type).name]
        counted["files"] += 1
        counted[_said(outcome)] += 1
        counted["bare"] += opened == "1"
        counted["both"] += opened == "1" and outcome.state in (ReadState.READ, ReadState.PARTIAL)
        counted["bare, kept out"] += opened == "1" and not outcome.state and not outcome.secret
        counted["bare, kept out as secret"] += opened == "1" and outcome.secret
        counted["bare, not read"] += opened == "1" and _said(outcome) in ("not read", "given up")
        if opened == "1" and outcome.media_type == "application/pdf" and not outcome.secret:  # law 9: no text of those is kept
            counted["compared"] += 1
            counted["same"] += outcome.text == text
            if outcome.text != text:
                print(f"{outcome.path}: {outcome.state}, another text than bare pypdfium2's", file=sys.stderr)
    rows = []
    for name, c in sorted(counts.items(), key=lambda item: -item[1]["files"]):
        figures = {k: float(c[k]) for k in ("read", "partly", "not read", "given up", "kept out") if c[k]}
        if c["bare"]:
            figures["of the bare library's"] = float(c["both"])
            figures |= {
                f"{k} here": float(c[k]) for k in ("bare, kept out", "bare, kept out as secret", "bare, not read") if c[k]
            }
        if c["compared"]:
            figures["texts compared"] = float(c["compared"])
            figures["same text %"] = 100 * c["same"] / c["compared"]
        rows.append(
            Row("hostile", f"{name}: {c['files']} files", c["read"] + c["partly"], c["bare"] or None, "read", figures=figures)
        )
        if c["compared"] and c["same"] < SAME * c["compared"]:
            raise RuntimeError(f"{name}: of {c['compared']} that bare pypdfium2 opens only {c['same']} yield the same text")
    return rows


def _said(outcome: Outcome) -> str:
    if not outcome.state:
        return "kept out"
    return {ReadState.READ: "read", ReadState.PARTIAL: "partly", ReadState.GAVE_UP: "given up"}.get(
        ReadState(outcome.state), "not read"
    )


def _tree(folder: Path, without: Path | None = None) -> dict[str, tuple[int, int]]:
    """Size and time of every file below."""
    return {
        str(p.relative_to(folder)): (p.stat().st_size, p.stat().st_mtime_ns)
        for p in folder.rglob("*")
        if p.is_file() and not (without is not None and p.is_relative_to(without))
    }
