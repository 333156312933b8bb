"""One archive under faults: what it held when it was disturbed, and whether all is well in the end.

*Well* is more than the state digest: every file of the inbox is accounted for, no record is there twice, the pass was brought to
its end (its event, its snapshot), the audit finds nothing, the inbox is untouched, and nothing is left lying about.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from archive_schema import canonical
from archive_schema.records import EventRecord, EvidenceRecord, SourceRecord
from archive_schema.words import EventType
from flows.audit import audit
from flows.coverage import coverage_report
from storage import keys, series
from storage.objects import ObjectStore
from tests.faults.program import INGEST, Said, run
from tests.flows.house import House, files_of

CYCLE = "c1"
#: what a workspace holds when nothing is going on
_AT_REST = {"cycle.toml", "dangan.toml", "units.csv", "inbox", "store", "reports", "index.sqlite"}


class State(NamedTuple):
    """All that must be equal, however an archive was filled: what is held and how it is judged; no run, no time."""

    digest: str
    manifest: tuple[str, ...]
    kept_out: tuple[str, ...]
    cells: str


class Commit(NamedTuple):
    """How far a killed commit had come: one of ``PHASES``, with the counts it was told by."""

    phase: str
    objects: int
    segments: int
    staged: int


PHASES = (
    "before the first write",
    "between commits",
    "bytes stored, not listed",
    "staged, no segment",
    "segment, not in HEAD",
    "HEAD, not held",
    "after the last record",
)


def store_of(house: House) -> ObjectStore:
    with house.open() as o:
        return o.archive.store


def inbox_of(house: House) -> dict[str, tuple[str, int]]:
    """Path → digest and time of every file of the inbox."""
    return {path: (sha, (house.inbox / path).stat().st_mtime_ns) for path, sha in files_of(house.inbox).items()}


def state_of(house: House) -> State:
    with house.open() as o:
        lines = []
        for m in o.archive.index.manifest_lines():
            plain: dict[str, Any] = msgspec.to_builtins(m)
            plain.pop("run")
            for s in plain["sources"]:
                s.pop("first_seen_at")
            plain["sources"].sort(key=lambda s: (s["unit"], s["path"]))
            lines.append(json.dumps(plain, ensure_ascii=False, sort_keys=True))
        kept_out = sorted(f"{f}/{p}: {e.detail.get('reason')}" for (f, p), e in o.archive.index.quarantined().items())
        cells = canonical.digest(msgspec.to_builtins([(i.id, i.requirements) for i in coverage_report(o).coverage.items]))
        return State(o.archive.state_digest(), tuple(lines), tuple(kept_out), cells)


def commit_of(house: House, store: ObjectStore, *, settled: int = 0) -> Commit:
    """How far what was killed had come; looks at store and database only, and opens no archive, which would complete it.

    :param settled: segments that were there before the disturbed run.
    """
    segments = series.segment_keys(store, CYCLE)
    head = series.read_head(store, CYCLE)
    held_to, staged = 0, 0
    with sqlite3.connect(house.root / "index.sqlite") as c:
        staged = c.execute("SELECT count(*) FROM staged").fetchone()[0]
        found = c.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()
        held_to = json.loads(found[0])["seq"] if found else 0
    c.close()
    listed: set[str] = set()
    last: object = None
    for key in segments:
        for last in series.read_segment(store, key).records():
            if isinstance(last, EvidenceRecord):
                listed.add(last.evidence.sha256)
            elif (digest := getattr(last, "digest", None)) is not None:
                listed.add(digest)
    objects = [i.key for i in store.list("objects/")]
    seq = head.seq if head else 0
    if len(segments) > seq:
        phase = "segment, not in HEAD"
    elif seq > held_to:
        phase = "HEAD, not held"
    elif staged:
        phase = "staged, no segment"
    elif any(k.rpartition("/")[2] not in listed for k in objects):
        phase = "bytes stored, not listed"
    elif len(segments) == settled:
        phase = "before the first write"
    elif isinstance(last, EventRecord) and last.event is EventType.INGESTION:
        phase = "after the last record"
    else:
        phase = "between commits"
    return Commit(phase, len(objects), len(segments), staged)


def finish(house: House, home: Path, *, command: tuple[str, ...] = INGEST) -> dict[str, Any]:
    """The next run, as a real process; what it counted."""
    said = run(*command, root=house.root, home=home, env=house.env)
    assert said.code == 0, said
    return counted(said)


def counted(said: Said) -> dict[str, Any]:
    out: dict[str, Any] = json.loads(said.out)
    assert out["found"] == out["new"] + out["known"] + out["quarantined"] + out["waiting"] + out["ignored"], out
    return out


def troubles(house: House, expected: State, found: int, out: dict[str, Any], home: Path, *, doubled: bool = True) -> list[str]:
    """Everything that is not well after a finished run, in words; [] = nothing was lost, nothing is doubled, nothing is left.

    :param found: files that the inbox holds.
    :param out: what the finished run counted.
    :param doubled: also look for records that are in the series twice.
    """
    wrong = leftovers(house, home)
    here = state_of(house)
    for name, want, have in zip(State._fields, expected, here, strict=True):
        if want != have:
            wrong.append(f"{name} differs: {_first_difference(want, have)}")
    if out["found"] != found:
        wrong.append(f"{out['found']} files found of {found}")
    with house.open() as o:
        sources = list(o.archive.index.sources())
        archived = {(s.folder, s.path) for s in sources if s.present and "!/" not in s.path}
        kept_out = set(o.archive.index.quarantined())
        if (n := len(archived) + len(kept_out)) != found - out["waiting"] - out["ignored"]:
            wrong.append(f"{n} files accounted for of {found}")
        wrong += [
            f"twice present: {place}" for place, n in Counter((s.folder, s.path) for s in sources if s.present).items() if n > 1
        ]
        report = audit(o, depth="full", opening=False, only="integrity")
        assert report.output.integrity is not None
        wrong += [f"audit: {p.code} {p.key}" for p in report.output.integrity.problems]
        wrong += _unfinished(o.archive.store)
        if doubled:
            wrong += _doubled(o.archive.store)
        with o.archive.index.database.read() as c:
            if c.exec_driver_sql("SELECT count(*) FROM lease").scalar():
                wrong.append("the lease is held")
        if o.archive.index.staged():
            wrong.append("rows are staged")
    return wrong


def leftovers(house: House, home: Path) -> list[str]:
    """Files that no run should leave: of the workspace, of the store, of the folder for temporary files."""
    wrong = [
        f"left in the workspace: {p.name}"
        for p in house.root.iterdir()
        if p.name not in _AT_REST and "-wal" not in p.name and "-shm" not in p.name
    ]
    wrong += [f"left in the store: {p.name}" for p in (house.root / "store" / ".tmp").glob("*")]
    return wrong + [f"left in the temporary folder: {p.name}" for p in (home / "tmp").iterdir()]


def _unfinished(store: ObjectStore) -> list[str]:
    """A pass that appended something ends with its event and a snapshot of the coverage."""
    head = series.read_head(store, CYCLE)
    if head is None:
        return ["nothing was recorded"]
    *_, last = series.read_segment(store, head.key).records()
    wrong = []
    if not (isinstance(last, EventRecord) and last.event is EventType.INGESTION):
        wrong.append("the last record is not the pass's own event")
    if not [i.key for i in store.list(keys.cycle_report_prefix("coverage", CYCLE)) if f"{head.seq:08d}-" in i.key]:
        wrong.append("there is no snapshot of the coverage at the head")
    return wrong


def _doubled(store: ObjectStore) -> list[str]:
    """Sources and evidence that were recorded twice with nothing new in them."""
    seen: Counter[bytes] = Counter()
    for key in series.segment_keys(store, CYCLE):
        for record in series.read_segment(store, key).records():
            if isinstance(record, SourceRecord):
                seen[canonical.encode(msgspec.structs.replace(record, run=""))] += 1
                s = record.source
                seen[f"{s.folder}/{s.path} {s.sha256} first seen {s.first_seen_at}".encode()] = 1
            elif isinstance(record, EvidenceRecord):
                e = msgspec.structs.replace(record.evidence, run="")
                seen[canonical.encode(msgspec.structs.replace(record, run="", evidence=e))] += 1
    firsts = Counter(k.partition(b" first seen ")[0] for k in seen if b" first seen " in k)
    wrong = [f"recorded {n} times: {data[:200].decode(errors='replace')}" for data, n in seen.items() if n > 1]
    return wrong + [f"first seen {n} times: {place.decode()}" for place, n in firsts.items() if n > 1]


def _first_difference(want: object, have: object) -> str:
    if isinstance(want, tuple) and isinstance(have, tuple):
        missing = [w for w in want if w not in have][:1]
        more = [h for h in have if h not in want][:1]
        return f"wanted {missing}, have {more}"
    return f"wanted {str(want)[:80]}, have {str(have)[:80]}"
