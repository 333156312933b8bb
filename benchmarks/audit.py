"""The audit: bytes, opening, memory.

Bytes: ``audit --depth full --no-open`` of an archive of ``SIZE`` bytes. The byte part by its own clock stands beside two processes
that do nothing but hash the same files; the whole command beside ``bagit.py --validate --processes 2`` of a bag of them. All are
warm in the page cache, take turns, and the median counts. Opening: the audit's own clock of opening the corpus, beside two
processes that open the same files with the bare libraries. Memory: the peak of the process at two numbers of tiny objects.
"""

from __future__ import annotations

import hashlib
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from archive_schema.audit import AuditReport
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.records import EvidenceRecord, FindingRecord, PlacementRecord, Record, SourceRecord
from archive_schema.words import EvidenceKind, Outcome, PlacementMethod, PlacementStatus, ReadState, Severity
from benchmarks import spent
from benchmarks.ground import Ground
from benchmarks.results import Row
from benchmarks.spent import Spent
from dangan import settings
from flows.workspace import open_workspace
from storage import keys

#: bytes of the archive whose bytes are compared, and of one of its files
SIZE = 2 * 1024**3
_FILE = 2 * 1024**2
#: numbers of tiny objects
OBJECTS = (1_000, 50_000)
_TIMES = 3
_SEGMENT = 500


def run(ground: Ground) -> list[Row]:
    return [*_bytes(ground), _opening(ground), *_memory(ground)]


def _bytes(ground: Ground) -> list[Row]:
    folder, bag, files = _large(ground)
    whole: dict[str, list[Spent]] = {"audit": [], "bag": [], "floor": []}
    parts, floors = [], []
    for _ in range(_TIMES):
        floor = spent.floor("hashing", str(bag / "data"))
        done, seconds = floor.output.split()
        if int(done) != files:
            raise RuntimeError(f"the floor hashed {done} of {files} files")
        floors.append(float(seconds))
        whole["floor"].append(floor)
        whole["audit"].append(_audit(folder, "--depth", "full", "--no-open"))
        parts.append(_step(folder, "逐字节核对", files))
        whole["bag"].append(spent.run(["-m", "bagit", "--validate", "--processes", "2", "--quiet", str(bag)]))
    took, least, other = (spent.median(whole[k]) for k in ("audit", "floor", "bag"))
    gib = sum(p.stat().st_size for p in (bag / "data").iterdir()) / 1024**3
    return [
        Row("audit", f"bytes of {gib:.1f} GiB, by its own clock", _middle(parts), _middle(floors), figures={"files": files}),
        Row("audit", "the whole command, floor bagit.py", took.seconds, other.seconds, figures=_cpu(took, other)),
        Row("audit", "the whole command, floor hashing", took.seconds, least.seconds, figures=_cpu(took, least)),
    ]


def _opening(ground: Ground) -> Row:
    filled = ground.filled(ground.files)
    inbox = ground.inbox("opened", 0, ground.files)
    opened, plain, floors, parts, bare = [], [], [], [], []
    for _ in range(_TIMES):
        floor = spent.floor("bare_opening", str(inbox))
        bare.append(float(floor.output.split()[1]))
        floors.append(floor)
        opened.append(_audit(filled.folder, "--depth", "full"))
        parts.append(_step(filled.folder, "重新打开", ground.files))
        plain.append(_audit(filled.folder, "--depth", "full", "--no-open"))
    cpu = spent.median(opened).cpu - spent.median(plain).cpu
    least = spent.median(floors)
    figures = {"files/s": ground.files / _middle(parts), "CPU s": cpu, "CPU ratio": cpu / least.cpu}
    return Row("audit", f"opening {ground.files} files, by its own clock", _middle(parts), _middle(bare), figures=figures)


def _memory(ground: Ground) -> list[Row]:
    rows = []
    least = 0
    for n in OBJECTS:
        folder = _tiny(ground, n)
        took = _audit(folder, "--depth", "full", "--no-open")
        _step(folder, "逐字节核对", n)
        least = least or took.peak
        further = (took.peak - least) / (n - OBJECTS[0]) if n > OBJECTS[0] else 0.0
        figures = {"s": took.seconds, "objects/s": n / took.seconds, "bytes per further object": further}
        rows.append(Row("audit", f"memory with {n} objects", took.peak / 1e6, least / 1e6, "MB", figures))
    return rows


def _audit(folder: Path, *words: str) -> Spent:
    return spent.dangan("-C", str(folder), "audit", "--only", "integrity", "--format", "json", *words)


def _step(folder: Path, name: str, least: int) -> float:
    """Seconds of a step of the newest audit.

    :raises RuntimeError: it went through fewer objects than ``least``.
    """
    newest = max((folder / "store" / "reports" / "audit").iterdir())
    report = msgspec.json.decode(newest.read_bytes(), type=AuditReport)
    [step] = [s for s in report.steps if s.name == name]
    if step.objects < least:
        raise RuntimeError(f"{name}: {step.objects} objects, {least} expected")
    return step.seconds


def _middle(numbers: list[float]) -> float:
    return spent.median([Spent(n, 0.0) for n in numbers]).seconds


def _cpu(took: Spent, least: Spent) -> dict[str, float]:
    return {"CPU s": took.cpu, "CPU ratio": took.cpu / least.cpu, "peak MB": took.peak / 1e6}


def _large(ground: Ground) -> tuple[Path, Path, int]:
    """A workspace with ``SIZE`` bytes taken in, a bag of the same files, their number."""
    folder, bag = ground.fresh("workspace-large", 0), ground.work / "bag"
    unit = next(p for p in sorted((folder / "inbox").iterdir()) if p.is_dir())
    bag.mkdir()
    rng = random.Random(1)
    files = max(2, SIZE // _FILE)
    for n in range(files):
        path = unit / f"{n:05}.bin"
        path.write_bytes(rng.randbytes(min(_FILE, SIZE)))
        (bag / path.name).hardlink_to(path)
    spent.run(["-m", "bagit", "--sha256", "--quiet", str(bag)])
    spent.dangan("-C", str(folder), "ingest", "--no-validation", "--format", "json")
    os.sync()
    return folder, bag, files


def _tiny(ground: Ground, objects: int) -> Path:
    """A workspace with so many tiny objects, each with a source, a placement and a judgement as an ingest records them."""
    folder = ground.fresh(f"workspace-tiny-{objects}", 0)
    with open_workspace(settings.load(folder, env={})) as o:
        store, items = folder / "store", [i.id for i in o.catalogue.material]
        for first in range(0, objects, _SEGMENT):
            records: list[Record] = []
            for n in range(first, min(first + _SEGMENT, objects)):
                data = f"object {n}".encode()
                sha = hashlib.sha256(data).hexdigest()
                path = store / keys.object_key(sha)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                records += _records(sha, len(data), n, items[n % len(items)])
            o.archive.commit(f"run-{first}", records)
    return folder


def _records(sha: str, size: int, n: int, item: str) -> list[Record]:
    unit, at, run = "市文明办", datetime(2026, 11, 1, tzinfo=UTC), "benchmark"
    placed = Placement(sha, unit, item, EvidenceKind.DOCUMENT, PlacementMethod.NUMBER, 0.9, PlacementStatus.AUTO)
    outcome = CheckOutcome("WINDOW", Outcome.FAIL, Severity.WARNING, "不在测评时段内", unit=unit, item=item)
    return [
        EvidenceRecord(Evidence(sha, size, "text/plain", "text@1", ReadState.READ, {}, object_key=keys.object_key(sha)), run),
        SourceRecord(Source(unit, f"{n:06}.txt", unit, True, sha, size, n, at), run),
        PlacementRecord(sha, unit, (placed,), (), None, "benchmark@1", run, (placed,)),
        FindingRecord(sha, "judge", "1", "0" * 64, (outcome,), ("OPEN",), run),
    ]
