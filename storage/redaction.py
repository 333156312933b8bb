"""What the index forgets of destroyed evidence (law 9): everything that was read from it. Its tombstone stays.

A rule of replaying, not an act of its own: wherever the series is applied up to the tombstone, the same is forgotten, so an index made
anew differs in nothing. The records themselves, with the facts of the time, stand in the series: it is append-only, and a changed line would break the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, bindparam, select, update

from archive_schema import canonical
from archive_schema.evidence import Candidate, CheckOutcome, Evidence, KindGuess, Placement, Source
from archive_schema.records import FindingRecord, PlacementRecord
from storage import tables

_replace = msgspec.structs.replace


def evidence(e: Evidence) -> Evidence:
    """Without facts, and without what the reader said of it."""
    return _replace(e, facts={}, detail="")


def source(s: Source) -> Source:
    """Without the caption, which may be the title of the document that a picture was in. Path and form row are how it was sent."""
    return _replace(s, caption=None, caption_facts={})


def proposal(r: PlacementRecord) -> PlacementRecord:
    """Without reasons: they quote."""

    def plain(placements: Iterable[Placement]) -> tuple[Placement, ...]:
        return tuple(_replace(p, reasons=()) for p in placements)

    candidates: tuple[Candidate, ...] = tuple(_replace(c, reasons=()) for c in r.candidates)
    kind: KindGuess | None = _replace(r.kind, reasons=()) if r.kind else None
    return _replace(r, placements=plain(r.placements), machine=plain(r.machine), candidates=candidates, kind=kind)


def finding(r: FindingRecord) -> FindingRecord:
    """The codes without their texts."""
    outcomes: tuple[CheckOutcome, ...] = tuple(_replace(o, text="") for o in r.outcomes)
    return _replace(r, outcomes=outcomes)


#: table → columns of its key, type of its ``data``, what is left of one
_FORGOTTEN: dict[Table, tuple[tuple[str, ...], type[Any], Any]] = {
    tables.evidence: (("sha256",), Evidence, evidence),
    tables.source: (("folder", "path", "sha256"), Source, source),
    tables.proposal: (("sha256", "unit"), PlacementRecord, proposal),
    tables.finding: (("sha256", "origin"), FindingRecord, finding),
}


def redact(c: Connection, shas: Iterable[str] | None = None) -> int:
    """Forget what was read from destroyed evidence; number of rows that still knew something.

    :param shas: only of these; None = of all.
    """
    w = tables.withdrawal.c
    destroyed = set(c.scalars(select(w.sha256).where(w.destroyed.is_(True))))
    wanted = sorted(destroyed if shas is None else destroyed & set(shas))
    return sum(_redact(c, table, sha) for sha in wanted for table in _FORGOTTEN)


def _redact(c: Connection, table: Table, sha: str) -> int:
    names = _FORGOTTEN[table][0]
    rows = list(_knowing(c, table, sha))
    if rows:
        condition = [table.c[n] == bindparam(f"key_{n}") for n in names]
        c.execute(update(table).where(*condition).values(data=bindparam("less")), rows)
    return len(rows)


def _knowing(c: Connection, table: Table, sha: str) -> Iterator[dict[str, Any]]:
    names, kind, less = _FORGOTTEN[table]
    for row in c.execute(select(table).where(table.c.sha256 == sha)).all():
        held = bytes(row.data)
        left = canonical.encode(less(msgspec.json.decode(held, type=kind)))
        if left != held:
            yield {**{f"key_{n}": getattr(row, n) for n in names}, "less": left}
