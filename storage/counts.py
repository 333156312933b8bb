"""Grouped questions over placements, outcomes, supersessions and withdrawals: what coverage is computed from (law 1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, case, distinct, exists, func, literal, null, or_, select, union

from archive_schema.coverage import CellCount
from archive_schema.evidence import CheckOutcome, Placement
from archive_schema.words import EvidenceKind, Outcome, PlacementStatus, Severity
from storage import queries, tables

#: the code under which a superseded evidence is counted, in place of its own findings; where one unit's delivery alone is
#: superseded, its placements have the finding beside their own
SUPERSEDED = "SUPERSEDED"

_p, _o, _s, _w = tables.placement.c, tables.outcome.c, tables.supersede.c, tables.withdrawal.c


class PlacementRow(msgspec.Struct, frozen=True):
    """One placement with everything that decides how it counts. ``outcomes``: all that apply to it, passed and waived ones too."""

    placement: Placement
    outcomes: tuple[CheckOutcome, ...]
    superseded_by: str | None
    withdrawn: bool


class PieceRow(msgspec.Struct, frozen=True):
    """One unit's placement of one evidence in one cell. ``usable``: the evidence counts there, whichever unit's placement makes it so."""

    item: str
    kind: EvidenceKind
    sha256: str
    unit: str
    usable: bool


class Shared(msgspec.Struct, frozen=True):
    """One evidence that several units sent, or that stands under several items; both sorted."""

    sha256: str
    units: tuple[str, ...]
    items: tuple[str, ...]


def _withdrawn(sha256: ColumnElement[str], unit: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(_w.sha256 == sha256, or_(_w.unit == "", _w.unit == unit))


def cell_counts(c: Connection) -> list[CellCount]:
    """See ``CellCount``; one statement, sorted by cell, status, code and outcome."""
    found = [
        CellCount(
            r.item, EvidenceKind(r.kind), PlacementStatus(r.status), r.code, Outcome(r.outcome) if r.outcome else None, r.n
        )
        for r in c.execute(_counting())
    ]
    return sorted(found, key=lambda n: (n.item, n.kind, n.status, n.code, n.outcome or ""))


@cache
def _counting() -> Select[Any]:
    of = _single()
    status = case((and_(of.free == 0, of.reviewed == 1), PlacementStatus.IN_REVIEW.value), else_=of.counting).label("status")
    one = (
        select(of.sha256, of.item, of.kind, status, of.code, of.outcome)
        .where(or_(and_(of.free == 1, of.code == ""), and_(of.free == 0, or_(of.code != "", of.held_up == 0))))
        .distinct()
        .subquery()
        .c
    )
    cell = (one.item, one.kind, one.status, one.code, one.outcome)
    return select(*cell, func.count(one.sha256).label("n")).group_by(*cell)


def pieces(c: Connection) -> list[PieceRow]:
    """Every placement that is neither rejected nor withdrawn, sorted by cell, evidence and unit."""
    of = _single()
    rows = c.execute(select(of.item, of.kind, of.sha256, of.unit, of.free).distinct())
    found = [PieceRow(r.item, EvidenceKind(r.kind), r.sha256, r.unit, bool(r.free)) for r in rows]
    return sorted(found, key=lambda p: (p.item, p.kind, p.sha256, p.unit))


@cache
def _single() -> Any:
    """Columns of: a row per placement and code that holds it up, with what holds of its evidence in the cell as a whole.

    Whether the sources of an evidence are still present makes no difference: what was archived stays archived. An evidence
    that several units sent for one cell counts once: as sound when one of its placements is, else with everything that holds
    any of them up, in review when one of them is.
    """
    blocks = and_(
        _o.sha256 == _p.sha256,
        _o.severity == Severity.BLOCKING.value,
        _o.waived.is_(False),
        _o.outcome.in_([Outcome.FAIL.value, Outcome.UNCHECKED.value]),
        or_(_o.unit == "", _o.unit == _p.unit),
        or_(_o.item == "", _o.item == _p.item),
        or_(_o.kind == "", _o.kind == _p.kind),
    )
    code = case((_s.sha256.is_not(None), SUPERSEDED), else_=func.coalesce(_o.code, "")).label("code")
    outcome = case((_s.sha256.is_not(None), Outcome.FAIL.value), else_=_o.outcome).label("outcome")
    each = (
        select(_p.sha256, _p.item, _p.kind, _p.unit, _p.status, code, outcome)
        .select_from(tables.placement.outerjoin(tables.supersede, _s.sha256 == _p.sha256).outerjoin(tables.outcome, blocks))
        .where(_p.status != PlacementStatus.REJECTED.value, ~_withdrawn(_p.sha256, _p.unit))
        .subquery()
        .c
    )
    piece = (each.sha256, each.item, each.kind)
    counts = each.status.in_([PlacementStatus.AUTO.value, PlacementStatus.CONFIRMED.value])

    def over(label: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.max(value).over(partition_by=piece).label(label)

    return (
        select(
            *piece,
            each.unit,
            each.code,
            each.outcome,
            over("free", case((and_(counts, each.code == ""), 1), else_=0)),
            over("reviewed", case((each.status == PlacementStatus.IN_REVIEW.value, 1), else_=0)),
            over("held_up", case((each.code != "", 1), else_=0)),
            over("counting", case((counts, each.status), else_="")),
        )
        .subquery()
        .c
    )


def placement_rows(c: Connection) -> Iterator[PlacementRow]:
    """Every placement held, rejected ones too; the slow listing by which a reference counts."""
    superseded = queries.superseded(c)
    withdrawn = {(w.sha256, w.unit) for w in queries.withdrawals(c)}
    for records in queries.chunked(queries.placement_records(c), queries.CHUNK):
        outcomes: dict[str, list[CheckOutcome]] = {}
        for f in queries.findings(c, {r.sha256 for r in records}):
            outcomes.setdefault(f.sha256, []).extend(f.outcomes)
        for r in records:
            for p in r.placements:
                yield PlacementRow(
                    placement=p,
                    outcomes=tuple(o for o in outcomes.get(r.sha256, ()) if o.about(r.unit, p.item, p.kind)),
                    superseded_by=superseded.get(r.sha256),
                    withdrawn=(r.sha256, r.unit) in withdrawn or (r.sha256, "") in withdrawn,
                )


def replaced(c: Connection) -> set[tuple[str, str]]:
    """(SHA-256, unit) of what a newer version replaces; unit "" = for every unit."""
    of_one = select(_o.sha256, _o.unit).where(_o.code == SUPERSEDED, _o.outcome == Outcome.FAIL.value)
    return {(r.sha256, r.unit) for r in c.execute(union(select(_s.sha256, literal("").label("unit")), of_one))}


def same_bytes(c: Connection) -> list[Shared]:
    """Evidence that more than one unit sent or that stands under more than one item, withdrawn and rejected ones left out."""
    s = tables.source.c
    held = select(s.sha256, s.unit, literal("").label("item")).where(~_withdrawn(s.sha256, s.unit))
    placed = select(_p.sha256, _p.unit, _p.item).where(
        _p.status != PlacementStatus.REJECTED.value, ~_withdrawn(_p.sha256, _p.unit)
    )
    each = union(held, placed).subquery().c
    items = func.count(distinct(case((each.item != "", each.item), else_=null())))
    several = select(each.sha256).group_by(each.sha256).having(or_(func.count(distinct(each.unit)) > 1, items > 1))
    found: dict[str, tuple[set[str], set[str]]] = {}
    for r in c.execute(select(each.sha256, each.unit, each.item).where(each.sha256.in_(several))):
        units, placed_under = found.setdefault(r.sha256, (set(), set()))
        units.add(r.unit)
        placed_under |= {r.item} - {""}
    return [Shared(sha, tuple(sorted(u)), tuple(sorted(i))) for sha, (u, i) in sorted(found.items())]
