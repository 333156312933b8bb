"""Series, head, index and listing against each other, for the audit: one pass over the series, whatever the depth."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from archive_schema.errors import ConflictError
from archive_schema.outputs import AuditProblem
from archive_schema.records import CONFIGURATION, EvidenceRecord, Head, Record
from flows import audit_versions, destroy, other_cycles
from flows.workspace import Opened
from storage import keys, series, signatures, sweep
from storage.objects import ObjectMissing
from storage.replay import Replay, RowDiffers
from validators import audit as checks
from validators import tracing
from validators.audit import ExpectedObject

#: what is wrong with a series that can be replayed all the same
_HARMLESS = frozenset({"series.beyond-head", "series.stray"})
#: a writer may have been at work while we looked; then we look again
_TRIES = 3
#: rows named of one table; beyond it only their number is told
_MOST_ROWS = 200


@dataclass(frozen=True)
class Inspected:
    """``head``: the applied head. ``replay``: what the series comes to up to it; None = not asked for, or it cannot be replayed.
    ``signed``: keys of the signatures, listed before the series was read, and what they are judged by: ``segments``, as far as readable."""

    head: Head | None
    problems: list[AuditProblem]
    replay: Replay | None
    signed: list[str] = field(default_factory=list)
    segments: signatures.Segments = field(default_factory=dict)


@contextmanager
def inspect(o: Opened, *, replay_in: Path | None, expect: str | None) -> Iterator[Inspected]:
    """Compare; the result holds as long as the context.

    :param replay_in: replay the series into a file in this folder and compare the index row by row; None = only what is fast.
    """
    with ExitStack() as stack:
        for n in range(_TRIES):
            before = _stored(o)
            with ExitStack() as this:
                folder = replay_in / f"replay-{n}" if replay_in is not None else None
                found = _once(o, this, folder, expect)
                if n + 1 == _TRIES or not found.problems or _stored(o) == before:
                    stack.push(this.pop_all())
                    break
        yield found


def _once(o: Opened, stack: ExitStack, folder: Path | None, expect: str | None) -> Inspected:
    archive = o.archive
    signed = signatures.listed(archive.store, archive.cycle)
    with archive.index.snapshot():
        head = archive.head()
        replay = None
        if folder is not None:
            folder.mkdir()
            replay = stack.enter_context(Replay(folder))
        seen = _Pass(head, replay, int(expect.partition(":")[0]) if expect else None)
        wrong = archive.inspect_series(seen.take)
        problems = checks.heads(_stored(o), head)
        problems += checks.series(checks.SeriesProblem(p.code, p.key, p.expected, p.found) for p in wrong)
        whole = all(p.code in _HARMLESS for p in wrong)
        if whole:
            problems += checks.counts(seen.records, head.total if head else 0, what="records")
        problems += _listed(o, seen.configs) + _strays(o) + _not_whole(o)
        problems += checks.anchor(head, seen.anchored, expect)
        if replay is not None:
            replay.finish()
            if not whole:
                return Inspected(head, problems, None, signed, seen.segments)
            problems += _replayed(o, replay, seen.tracer)
        return Inspected(head, problems, replay, signed, seen.segments)


class _Pass:
    """What is taken along from the segments, in order."""

    def __init__(self, applied: Head | None, replay: Replay | None, anchor: int | None) -> None:
        self._upto = applied.seq if applied else 0
        self._replay, self._anchor = replay, anchor
        self.tracer = tracing.Tracer()
        self.configs: set[str] = set()
        self.anchored: str | None = None
        self.segments: dict[int, tuple[str, int]] = {}
        self.records = 0

    def take(self, segment: series.Segment, records: Sequence[Record]) -> None:
        self.segments[segment.header.seq] = (segment.digest, segment.header.total)
        if segment.header.seq == self._anchor:
            self.anchored = segment.digest
        self.configs |= {r.digest for r in records if isinstance(r, CONFIGURATION)}
        if segment.header.seq > self._upto:
            return
        self.records += len(records)
        if self._replay is not None:
            self._replay.add(records, first=segment.header.total - len(records) + 1)
            self.tracer.add(segment.key, records)


def _stored(o: Opened) -> Head | None:
    try:
        return series.read_head(o.archive.store, o.archive.cycle)
    except series.SeriesError:  # said by the inspection of the series
        return o.archive.head()


def _listed(o: Opened, configs: set[str]) -> list[AuditProblem]:
    """The listing against what the index and the series name. The index is asked first: what comes meanwhile is unexpected at most."""
    index = o.archive.index
    destroyed = destroy.gone(o)
    evidence = (
        ExpectedObject(e.object_key or keys.object_key(e.sha256), e.size, destroyed=e.sha256 in destroyed)
        for e in index.evidence()
    )
    config = [ExpectedObject(keys.object_key(d), None) for d in sorted(configs)]
    expected = heapq.merge(evidence, config, key=lambda e: e.key)
    unique = (next(same) for _, same in itertools.groupby(expected, key=lambda e: e.key))
    listing = ((i.key, i.size) for i in o.archive.store.found(sweep.OBJECTS))
    problems = list(checks.objects(listing, unique))
    unexpected = {p.key for p in problems if p.code == "object.unexpected"}
    if unexpected:
        unexpected -= _of_other_cycles(o, {key for key in unexpected if keys.ours(key)})
        problems = [p for p in problems if p.code != "object.unexpected" or p.key in unexpected]
    return problems + audit_versions.versions(o, destroyed, {p.key for p in problems if p.code == "object.not-destroyed"})


def _strays(o: Opened) -> list[AuditProblem]:
    """What others put beside the objects: no command minds it, and nobody would hear of it otherwise."""
    store, told = o.archive.store, keys.manifest_prefix(o.archive.cycle)  # by the inspection of the series
    rooms = (store.found(room) for room in keys.ROOMS if room != sweep.OBJECTS)
    strays = (i for i in itertools.chain.from_iterable(rooms) if not keys.ours(i.key) and not i.key.startswith(told))
    return [checks.unexpected(i.key, i.size) for i in strays]


def _not_whole(o: Opened) -> list[AuditProblem]:
    """Other cycles whose last segment is not there: a copy of the store, and a destruction, would stop at them."""
    store, out = o.archive.store, []
    for cycle in other_cycles.names(o):
        try:
            head = series.read_head(store, cycle)
            there = head is None or (keys.ours(head.key) and store.stat(head.key) is not None)
        except series.SeriesError:
            there = False
        if not there:
            out.append(checks.problem("series.elsewhere", keys.head_key(cycle)))
    return out


def _of_other_cycles(o: Opened, wanted: set[str]) -> set[str]:
    """Which of these objects another cycle's series in the same store names: objects are shared by all."""
    found: set[str] = set()
    for cycle in other_cycles.names(o):
        with suppress(series.SeriesError, ConflictError, ObjectMissing):  # that cycle's own audit says what is wrong with it
            for segment in series.walk(o.archive.store, cycle):
                for r in segment.records():
                    name = (
                        r.evidence.sha256
                        if isinstance(r, EvidenceRecord)
                        else r.digest
                        if isinstance(r, CONFIGURATION)
                        else None
                    )
                    if name is not None and (key := keys.object_key(name)) in wanted:
                        found.add(key)
    return found


def _replayed(o: Opened, replay: Replay, tracer: tracing.Tracer) -> list[AuditProblem]:
    problems = []
    for table, rows in itertools.groupby(replay.differences(o.archive.index), key=lambda r: r.table):
        problems += [_differs(r) for r in itertools.islice(rows, _MOST_ROWS)]
        more = sum(1 for _ in rows)
        if more:
            problems.append(checks.problem("index.differs", f"index/{table}", None, f"另有 {more} 行不符"))
    problems += tracer.problems
    decisions = replay.index.decisions()
    held = {e.sha256 for e in replay.index.evidence(tracing.targets(decisions))}
    problems += tracing.without_evidence(decisions, held)
    problems += [checks.problem("record.no-evidence", sha, "材料", f"{table} 提到它") for table, sha in replay.strays()]
    return problems


def _differs(r: RowDiffers) -> AuditProblem:
    key = f"index/{r.table}/{'|'.join(r.key)}"
    if not r.in_index:
        return checks.problem("index.differs", key, "清单有这一行", None)
    if not r.in_series:
        return checks.problem("index.differs", key, None, "清单没有这一行")
    columns = "、".join(r.columns)
    return checks.problem("index.differs", key, r.expected or f"{columns} 如清单", r.found or f"{columns} 不同")
