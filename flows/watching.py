"""What remarks on a cell need besides counts: persons, reviews, single pieces, and how they stand if inspected later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from archive_schema.coverage import Awaited, Piece, Watched
from archive_schema.decisions import Decision, addressed
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.records import PlacementRecord
from archive_schema.units import UnitTable
from archive_schema.words import DecisionAction, EvidenceKind, Outcome, PlacementStatus, Severity
from flows import in_place, returns, within
from flows.adrift import adrift
from flows.workspace import Opened
from validators import ahead, checks, timing
from validators.ahead import Standing


class Gathered(Protocol):
    """What the index holds, as far as it decides what counts (``flows.view.View``)."""

    evidence: dict[str, Evidence]
    outcomes: dict[str, list[CheckOutcome]]
    proposals: list[PlacementRecord]
    withdrawn: set[tuple[str, str]]

    def sources_of(self, sha256: str) -> list[Source]: ...

    def stands(self, sha256: str, unit: str) -> bool: ...

    def corrected(self, sha256: str, unit: str, after: Decision | None = None) -> bool: ...


def watched(o: Opened, decisions: Sequence[Decision], units_of: Mapping[str, Sequence[str]], view: Gathered) -> Watched:
    """:param decisions: in force. :param units_of: item → units that answer for it, the lead first."""
    horizon = o.today + timedelta(days=o.cycle.reminders.ahead_days) if o.cycle.rolls else None
    pieces = _pieces(o, decisions, view, _usable_on(o, decisions, view, horizon) if horizon else None)
    return Watched(
        persons={item: person_of(o.units, units[0]) for item, units in units_of.items() if units},
        reviewed=_reviewed(decisions),
        pieces=pieces,
        horizon=horizon,
        adrift=adrift(o, o.catalogue),
        awaited=_awaited(o, decisions, view, pieces),
    )


def person_of(units: UnitTable, name: str) -> str:
    """Who answers for a unit: its 联络员, else its 分管领导; of a group without either, those of all its members; else ""."""
    unit = units.by_name.get(name)
    if unit is None:
        return ""
    own = unit.liaison or unit.leader
    if own or not unit.members:
        return own
    members = [units.by_name[m] for m in unit.members if m in units.by_name]
    people = [m.liaison or m.leader for m in members]
    return "、".join(dict.fromkeys(people)) if people and all(people) else ""


def standings(o: Opened, decisions: Sequence[Decision], view: Gathered) -> list[Standing]:
    """Every evidence that is placed somewhere, in order of SHA-256.

    :param decisions: in force.
    """
    placements: dict[str, list[Placement]] = defaultdict(list)
    for record in view.proposals:
        placements[record.sha256] += record.placements
    acts: dict[str, list[Decision]] = defaultdict(list)
    for d in decisions:
        acts[d.sha256].append(d)
    withdrawn: dict[str, set[str]] = defaultdict(set)
    for sha, unit in view.withdrawn:
        withdrawn[sha].add(unit)
    superseded = o.archive.index.superseded()
    return [
        Standing(
            evidence=view.evidence[sha],
            sources=view.sources_of(sha),
            placements=of,
            outcomes=view.outcomes.get(sha, ()),
            decisions=addressed(acts.get(sha, ()), {s.unit for s in view.sources_of(sha)}, o.units),
            superseded_by=superseded.get(sha),
            withdrawn=frozenset(withdrawn.get(sha, ())),
        )
        for sha, of in sorted(placements.items())
        if of and sha in view.evidence
    ]


def _usable_on(o: Opened, decisions: Sequence[Decision], view: Gathered, day: date) -> set[tuple[str, EvidenceKind, str]]:
    rules = checks.load().under(o.settings)
    return ahead.usable_on(standings(o, decisions, view), catalogue=o.catalogue, cycle=o.cycle.on(day), rules=rules)


def _awaited(
    o: Opened, decisions: Sequence[Decision], view: Gathered, pieces: Sequence[Piece]
) -> dict[tuple[str, EvidenceKind], Awaited]:
    """Of every cell with a piece in review that was sent back or replaced, by itself, in a container or where it lay."""
    usable = {(p.item, p.kind, p.sha256) for p in pieces if p.usable}
    cells: dict[tuple[str, EvidenceKind], list[Placement]] = defaultdict(list)
    aside: set[tuple[str, str]] = set()
    for r in view.proposals:
        if {(r.sha256, r.unit), (r.sha256, "")} & view.withdrawn:
            continue
        if returns.set_aside(view.outcomes.get(r.sha256, ()), r.unit):
            aside.add((r.sha256, r.unit))
        for p in r.placements:
            if p.status is not PlacementStatus.REJECTED and (p.item, p.kind, p.sha256) not in usable:
                cells[p.item, p.kind].append(p)
    doubtful = {c: [p for p in of if p.status is PlacementStatus.IN_REVIEW] for c, of in cells.items()}
    left = {c: {(p.sha256, p.unit) for p in of if not view.stands(p.sha256, p.unit)} - aside for c, of in doubtful.items()}
    asked = [c for c, of in doubtful.items() if left[c] or any((p.sha256, p.unit) in aside for p in of)]
    last = _sent_back(o, decisions, view, aside & {(p.sha256, p.unit) for c in asked for p in cells[c]})

    def mended(key: tuple[str, str]) -> bool:
        return view.corrected(last[key].sha256, key[1], after=last[key])

    def waiting(cell: tuple[str, EvidenceKind]) -> set[str]:
        stand = [p for p in cells[cell] if (p.sha256, p.unit) not in aside and view.stands(p.sha256, p.unit)]
        held = [(p.unit, _held_up(p, view)) for p in stand]
        return {
            p.sha256
            for p in doubtful[cell]
            if (p.sha256, p.unit) not in aside
            and ((p.sha256, p.unit) not in left[cell] or in_place.looked_at_still(p.unit, held))
        }

    out = {}
    for cell in asked:
        wait, back = waiting(cell), {(p.sha256, p.unit) for p in cells[cell]} & last.keys()
        still = {key for key in back if not mended(key)}
        out[cell] = Awaited(
            len(wait),
            tuple(sorted({d.due for d in map(last.__getitem__, still) if d.due})),
            mended=len({sha for sha, _ in back} - {sha for sha, _ in still}),
            replaced=len({sha for sha, _ in left[cell]} - wait),
        )
    return out


def _sent_back(
    o: Opened, decisions: Sequence[Decision], view: Gathered, keys: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Decision]:
    """(SHA-256, unit), of those not replaced by decision → the last return of it, or of what it came in, as it was said."""
    acts = [d for d in decisions if d.action in (DecisionAction.RETURN, DecisionAction.SUPERSEDE)]
    said = {d.id: d for d in acts}
    above = within.inherited(o, {sha: view.sources_of(sha) for sha, _ in keys}, acts) if keys else {}
    out = {}
    for sha, unit in keys:
        own = [d for d in addressed((d for d in acts if d.sha256 == sha), [unit], o.units) if d.unit in ("", unit)]
        reach = sorted([*own, *above.get(sha, {}).get(unit, ())], key=lambda d: d.at)
        if reach and all(d.action is DecisionAction.RETURN for d in reach):
            out[sha, unit] = said[reach[-1].id]
    return out


def _held_up(p: Placement, view: Gathered) -> bool:
    """In review, or nobody could check what it is not usable without."""
    return p.status is PlacementStatus.IN_REVIEW or any(
        c.outcome is Outcome.UNCHECKED and c.severity is Severity.BLOCKING and not c.waived and c.about(p.unit, p.item, p.kind)
        for c in view.outcomes.get(p.sha256, ())
    )


def _reviewed(decisions: Sequence[Decision]) -> dict[tuple[str, EvidenceKind | None], date]:
    found: dict[tuple[str, EvidenceKind | None], date] = {}
    for d in decisions:
        if d.action is DecisionAction.REVIEWED and d.on is not None:
            found[d.item, d.kind] = max(d.on, found.get((d.item, d.kind), d.on))
    return found


def _pieces(
    o: Opened, decisions: Sequence[Decision], view: Gathered, then: set[tuple[str, EvidenceKind, str]] | None
) -> tuple[Piece, ...]:
    first: dict[tuple[str, str], date] = {}
    for s in o.archive.index.sources():
        day = timing.arrived(s, o.zone)
        first[s.sha256, s.unit] = min(day, first.get((s.sha256, s.unit), day))
    acts: dict[str, list[Decision]] = defaultdict(list)
    for d in decisions:
        if d.sha256:
            acts[d.sha256].append(d)
    days = {d.id: d.at.astimezone(o.zone).date() for d in decisions}
    units: dict[tuple[str, EvidenceKind, str], list[str]] = defaultdict(list)
    usable: dict[tuple[str, EvidenceKind, str], bool] = {}
    for row in o.archive.index.pieces():
        key = (row.item, row.kind, row.sha256)
        units[key].append(row.unit)
        usable[key] = row.usable
    stand = {key: [u for u in of if view.stands(key[2], u)] for key, of in units.items()}
    return tuple(
        Piece(
            *key,
            usable=counts,
            arrived=min((first[key[2], u] for u in stand[key] or units[key] if (key[2], u) in first), default=None),
            replaced=not stand[key],
            looked=ahead.looked(acts[key[2]], key[:2], days),
            ahead=key in then if then is not None else None,
        )
        for key, counts in usable.items()
    )
