"""What is held, as archive_schema types. Functions over a connection; large answers are streamed in order of SHA-256."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from archive_schema.decisions import Decision
from archive_schema.evidence import Evidence, Proposal, Source
from archive_schema.records import EventRecord, FindingRecord, PlacementRecord, WithdrawalRecord
from storage import tables

T = TypeVar("T")

#: rows fetched, and digests named in one statement, at a time
CHUNK = 500

_evidence: msgspec.json.Decoder[Evidence] = msgspec.json.Decoder(Evidence)
_source: msgspec.json.Decoder[Source] = msgspec.json.Decoder(Source)
_placement: msgspec.json.Decoder[PlacementRecord] = msgspec.json.Decoder(PlacementRecord)
_finding: msgspec.json.Decoder[FindingRecord] = msgspec.json.Decoder(FindingRecord)
_decision: msgspec.json.Decoder[Decision] = msgspec.json.Decoder(Decision)
_event: msgspec.json.Decoder[EventRecord] = msgspec.json.Decoder(EventRecord)
_withdrawal: msgspec.json.Decoder[WithdrawalRecord] = msgspec.json.Decoder(WithdrawalRecord)


class KnownSource(msgspec.Struct, frozen=True):
    """The latest that came under one (folder, path)."""

    size: int
    mtime_ns: int
    sha256: str
    present: bool


def evidence(c: Connection, shas: Iterable[str] | None = None) -> Iterator[Evidence]:
    return (_evidence.decode(d) for d in _data(c, tables.evidence, shas))


def sources(c: Connection, shas: Iterable[str] | None = None) -> Iterator[Source]:
    return (_source.decode(d) for d in _data(c, tables.source, shas, tables.source.c.unit, tables.source.c.pos))


def arrived(c: Connection, after: int) -> list[Source]:
    """Sources whose first record lies behind a position, in the order of the series."""
    s = tables.source.c
    return [_source.decode(d) for d in c.scalars(select(s.data).where(s.first > after).order_by(s.first))]


def came_after(c: Connection, source: Source, decision: str) -> bool:
    s, d = tables.source.c, tables.decision.c
    key = (s.folder == source.folder) & (s.path == source.path) & (s.sha256 == source.sha256)
    made = select(d.pos).where(d.id == decision).scalar_subquery()
    return c.scalar(select(s.first).where(key, s.first > made)) is not None


def since(c: Connection, about: Mapping[str, str]) -> set[tuple[str, str, str]]:
    s, d = tables.source.c, tables.decision.c
    made: dict[str, int] = {}
    for ids in chunked(sorted(about), CHUNK):
        made |= {r.id: r.pos for r in c.execute(select(d.id, d.pos).where(d.id.in_(ids)))}
    came: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for shas in chunked(sorted(set(about.values())), CHUNK):
        for r in c.execute(select(s.sha256, s.folder, s.path, s.first).where(s.sha256.in_(shas))):
            came[r.sha256].append((r.folder, r.path, r.first))
    return {(id_, folder, path) for id_, pos in made.items() for folder, path, first in came.get(about[id_], ()) if first > pos}


def known_by(c: Connection, shas: Iterable[str], position: int) -> set[str]:
    """Which of these bytes some source had brought up to a position."""
    s = tables.source.c
    query = select(s.sha256).where(s.first <= position).distinct()
    return {sha for some in chunked(sorted(set(shas)), CHUNK) for sha in c.scalars(query.where(s.sha256.in_(some)))}


def placement_records(c: Connection, shas: Iterable[str] | None = None) -> Iterator[PlacementRecord]:
    return (_placement.decode(d) for d in _data(c, tables.proposal, shas, tables.proposal.c.unit))


def placed_under(c: Connection, items: Collection[str]) -> set[str]:
    """Digests of what has a placement under one of the items, rejected or not."""
    p = tables.placement.c
    return set(c.scalars(select(p.sha256).where(p.item.in_(sorted(items))).distinct()))


def proposals(c: Connection, shas: Iterable[str] | None = None) -> Iterator[Proposal]:
    for r in placement_records(c, shas):
        yield Proposal(r.sha256, r.unit, r.kind, r.placements, r.candidates, r.classifier)


def findings(c: Connection, shas: Iterable[str] | None = None) -> Iterator[FindingRecord]:
    return (_finding.decode(d) for d in _data(c, tables.finding, shas, tables.finding.c.origin))


def find_sha256(c: Connection, beginning: str) -> list[str]:
    e = tables.evidence.c
    return list(c.scalars(select(e.sha256).where(e.sha256.startswith(beginning, autoescape=True)).order_by(e.sha256)))


def known(c: Connection) -> dict[tuple[str, str], KnownSource]:
    s = tables.source
    latest = select(s.c.folder, s.c.path, func.max(s.c.pos).label("pos")).group_by(s.c.folder, s.c.path).subquery()
    query = select(s).join(latest, (s.c.folder == latest.c.folder) & (s.c.path == latest.c.path) & (s.c.pos == latest.c.pos))
    return {(r.folder, r.path): KnownSource(r.size, r.mtime_ns, r.sha256, r.present) for r in _stream(c, query)}


def judged(c: Connection, origin: str) -> dict[str, tuple[str, str]]:
    f = tables.finding.c
    rows = _stream(c, select(f.sha256, f.rules, f.settings).where(f.origin == origin))
    return {r.sha256: (r.rules, r.settings) for r in rows}


def decisions(c: Connection) -> list[Decision]:
    query = select(tables.decision.c.data).order_by(tables.decision.c.pos)
    return [_decision.decode(d) for d in c.scalars(query)]


def run_events(c: Connection, after: int = 0) -> list[EventRecord]:
    e = tables.event.c
    return [_event.decode(d) for d in c.scalars(select(e.data).where(e.pos > after).order_by(e.pos))]


def quarantined(c: Connection, after: int = 0) -> dict[tuple[str, str], EventRecord]:
    """Notices in force; of those recorded behind a position alone."""
    q = tables.quarantine.c
    query = select(q.folder, q.path, q.data).where(q.pos > after)
    return {(r.folder, r.path): _event.decode(r.data) for r in c.execute(query)}


def superseded(c: Connection) -> dict[str, str]:
    s = tables.supersede.c
    return {r.sha256: r.by_sha256 for r in c.execute(select(s.sha256, s.by_sha256))}


def withdrawals(c: Connection) -> list[WithdrawalRecord]:
    w = tables.withdrawal.c
    return [_withdrawal.decode(d) for d in c.scalars(select(w.data).order_by(w.sha256, w.unit))]


def config(c: Connection) -> dict[str, str]:
    return {r.name: r.digest for r in c.execute(select(tables.config.c.name, tables.config.c.digest))}


def counts(c: Connection) -> dict[str, int]:
    return {t.name: c.scalar(select(func.count()).select_from(t)) or 0 for t in tables.HELD}


def _data(c: Connection, table: Table, shas: Iterable[str] | None, *then: ColumnElement[Any]) -> Iterator[bytes]:
    """The ``data`` column in order of SHA-256 and then of ``then``; of all rows, or of those named (each once)."""
    query = select(table.c.data).order_by(table.c.sha256, *then)
    if shas is None:
        yield from (r.data for r in _stream(c, query))
        return
    for some in chunked(sorted(set(shas)), CHUNK):
        yield from c.scalars(query.where(table.c.sha256.in_(some)))


def _stream(c: Connection, query: Select[Any]) -> Iterator[Any]:
    """Rows with a bounded number in memory."""
    return iter(c.execute(query.execution_options(yield_per=CHUNK)))


def chunked(things: Iterable[T], size: int) -> Iterator[list[T]]:
    it = iter(things)
    while some := list(itertools.islice(it, size)):
        yield some
