"""Read again from the store when a reader has changed, or more can be read than before (law 7).

A bounded share a night, so that a new reader does not hold up what departments sent; what is left waits for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Evidence, Source
from archive_schema.records import EventRecord, Record
from archive_schema.words import SECRET_HELD, EventType, ReadState
from flows.batch import WAIT
from flows.consequences import consequences
from flows.derived import derived, fetch
from flows.parcels import came_in_part
from flows.proposing import propose
from flows.scratch import scratch
from flows.workspace import Opened
from intake.deepen import current
from intake.pool import Job, ReaderPool, ReadResult

#: evidences read again in one night, unless all are asked for
SHARE = 500
_BATCH = 64


def outdated_readings(o: Opened, limits: Limits | None = None) -> list[str]:
    """Digests of evidence that would be read otherwise now; destroyed ones left out."""
    limits = limits or o.settings.limits
    destroyed = o.archive.index.destroyed()
    return [
        e.sha256
        for e in o.archive.index.evidence()
        if e.sha256 not in destroyed and current(e.media_type, e.reader, limits) != e.reader
    ]


def reread(o: Opened, run: str, shas: Sequence[str], limits: Limits | None = None) -> int:
    """Read these evidences again, place and judge them by what is read now; how many were read.

    Safe to repeat. Bytes that are gone from the store are the audit's to report, not this one's.

    :raises UnavailableError: the store or the index does not answer.
    """
    done = 0
    with scratch(o.workspace) as folder, ReaderPool(limits or o.settings.limits, scratch=folder) as pool:
        for n in range(0, len(shas), _BATCH):
            done += _some(o, run, shas[n : n + _BATCH], pool, folder)
    return done


def _some(o: Opened, run: str, shas: Sequence[str], pool: ReaderPool, folder: Path) -> int:
    index = o.archive.index
    sources: dict[str, list[Source]] = {}
    for s in index.sources(shas):
        sources.setdefault(s.sha256, []).append(s)
    held = {e.sha256: e for e in index.evidence(shas)}
    fetched = dict(fetch(o, held.values(), folder))
    try:
        jobs = [Job(path=path, name=sources[sha][0].path if sha in sources else "") for sha, path in fetched.items()]
        results = dict(zip(fetched, pool.read(jobs), strict=True))
        evidence = {sha: e for sha, r in results.items() if (e := _read_now(held[sha], r)) is not None}
        blobs = [b for sha in evidence if (reading := results[sha].reading) is not None for b in derived(sha, reading)]
        o.archive.commit(run, (), blobs=blobs)
        proposals = []
        for sha, e in evidence.items():
            reading = results[sha].reading
            text = reading.text if reading is not None else ""
            for unit in sorted({s.unit for s in sources.get(sha, ()) if not s.auxiliary}):
                if not e.auxiliary:
                    proposals.append(propose(o, e, unit, [s for s in sources[sha] if s.unit == unit], text))
        with o.archive.lease(f"重新读取 {run}", wait=WAIT):
            o.archive.catch_up()
            records: list[Record] = consequences(o, run, evidence=evidence, proposals=proposals)
            records += [n for sha, r in results.items() for n in _secret(o, run, sources.get(sha, []), r)]
            o.archive.commit(run, records)
    finally:
        for path in fetched.values():
            path.unlink(missing_ok=True)
    return len(evidence)


def _read_now(before: Evidence, result: ReadResult) -> Evidence | None:
    """The evidence as read now; None when nothing can be said (it was refused, or our own reader gave up on what it had read)."""
    r = result.reading
    if result.disposition is not None or result.digested is None or r is None or result.digested.sha256 != before.sha256:
        return None
    if r.state is ReadState.GAVE_UP and before.state is not ReadState.GAVE_UP:
        return None
    told = (
        before if came_in_part(before) and r.state is ReadState.READ else r
    )  # nothing is unpacked here: what did not come out of these bytes still did not
    return msgspec.structs.replace(
        before,
        media_type=r.media_type,
        reader=r.reader,
        state=told.state,
        facts=r.facts,
        detail=told.detail,
        volatile=r.volatile,
    )


def _secret(o: Opened, run: str, sources: list[Source], result: ReadResult) -> list[EventRecord]:
    """A 密级 that only the new reader saw, on a file that is archived already: told at once, removed only by a decision."""
    if result.disposition is None:
        return []
    held = o.archive.index.quarantined()
    told = f"{result.reason};{SECRET_HELD}"
    out = []
    for s in sources:
        if (s.folder, s.path) in held:
            continue
        detail = {
            "folder": s.folder,
            "path": s.path,
            "unit": s.unit,
            "size": s.size,
            "mtime_ns": s.mtime_ns,
            "sha256": s.sha256,
            "reason": told,
        }
        out.append(EventRecord(EventType.QUARANTINE, f"{s.folder}/{s.path}", o.now(), "quarantined", run, detail))
    return out
