"""Records and archives for the tests of this room."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.records import EvidenceRecord, FindingRecord, PlacementRecord, Record, SourceRecord
from archive_schema.words import EvidenceKind, Outcome, PlacementMethod, PlacementStatus, ReadState, Severity
from storage import keys
from storage.archive import Archive, PutFile
from storage.factory import index_url
from storage.index import Index
from storage.objects import ObjectStore

CYCLE = "2026"
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def open_archive(store: ObjectStore, index: Index | Path | str, **options: Any) -> Archive:
    if not isinstance(index, Index):
        index = Index(index if isinstance(index, str) else index_url(str(index), base=Path("/")))
    usual = {"cycle": CYCLE, "clock": lambda: NOW, "program": "dangan test", "create": True}
    return Archive.open(store, index, **{**usual, **options})


def evidence(name: str, *, size: int | None = None, volatile: bool = False) -> Evidence:
    data = name.encode()
    return Evidence(
        sha(name), len(data) if size is None else size, "text/plain", "text@1", ReadState.READ, {}, volatile=volatile
    )


def source(name: str, *, unit: str = "市教育局", path: str | None = None, present: bool = True) -> Source:
    return Source(
        unit, path or f"{name}.txt", unit, True, sha(name), len(name.encode()), 1_700_000_000_123_456_789, NOW, present=present
    )


def placement(
    name: str,
    item: str = "III1-1",
    kind: EvidenceKind = EvidenceKind.DOCUMENT,
    *,
    unit: str = "市教育局",
    status: PlacementStatus = PlacementStatus.AUTO,
    method: PlacementMethod = PlacementMethod.NUMBER,
) -> Placement:
    return Placement(sha(name), unit, item, kind, method, 0.9, status)


def placed(name: str, *placements: Placement, unit: str = "市教育局", run: str = "r1") -> PlacementRecord:
    return PlacementRecord(sha(name), unit, placements, (), None, "rules@1", run)


def outcome(code: str, result: Outcome = Outcome.FAIL, severity: Severity = Severity.BLOCKING, **scope: Any) -> CheckOutcome:
    return CheckOutcome(code, result, severity, "说明", **scope)


def judged(
    name: str, *outcomes: CheckOutcome, origin: str = "judge", passed: Sequence[str] = (), run: str = "r1"
) -> FindingRecord:
    return FindingRecord(sha(name), origin, "checks@1", sha("settings"), outcomes, tuple(passed), run)


def arrival(name: str, *, unit: str = "市教育局", item: str = "III1-1", run: str = "r1") -> list[Record]:
    """Everything that the arrival of one file comes to."""
    return [
        EvidenceRecord(evidence(name), run),
        SourceRecord(source(name, unit=unit), run),
        placed(name, placement(name, item, unit=unit), unit=unit, run=run),
        judged(name, outcome("DATE", Outcome.UNCHECKED), passed=("TYPE",), run=run),
    ]


def files(folder: Path, names: Sequence[str]) -> list[PutFile]:
    """The files of these names' evidence, written to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for name in names:
        path = folder / name
        path.write_bytes(name.encode())
        out.append(PutFile(keys.object_key(sha(name)), path, sha(name), len(name.encode())))
    return out


def commit_batch(archive: Archive, folder: Path, names: Sequence[str], run: str = "r1") -> None:
    """What an ingest does with a batch: whatever is known already is skipped."""
    known = {path for _, path in archive.index.known()}
    new = [n for n in names if f"{n}.txt" not in known]
    archive.commit(run, [r for n in new for r in arrival(n, run=run)], files=files(folder, new))
