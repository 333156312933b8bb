"""What remarks on a cell need besides counts: persons, reviews, single pieces, and how they stand if inspected later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from archive_schema.coverage import Awaited, Piece, Watched
from archive_schema.decisions import Decision, addressed
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.records import PlacementRecord
from archive_schema.units import UnitTable
from archive_schema.words import DecisionAction, EvidenceKind, PlacementStatus
from flows import returns, within
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
    """Of every cell with a piece in review that was sent back or replaced, by itself or in a container."""
    acts = [d for d in decisions if d.action in (DecisionAction.RETURN, DecisionAction.SUPERSEDE)]
    if not acts:
        return {}
    usable = {(p.item, p.kind, p.sha256) for p in pieces if p.usable}
    aside: dict[tuple[str, EvidenceKind], set[tuple[str, str]]] = defaultdict(set)
    waiting: dict[tuple[str, EvidenceKind], set[str]] = defaultdict(set)
    for r in view.proposals:
        doubtful = [p for p in r.placements if p.status is PlacementStatus.IN_REVIEW]
        if not doubtful or {(r.sha256, r.unit), (r.sha256, "")} & view.withdrawn:
            continue
        settled = returns.set_aside(view.outcomes.get(r.sha256, ()), r.unit)
        for p in doubtful:
            if (p.item, p.kind, p.sha256) in usable:
                continue
            if settled:
                aside[p.item, p.kind].add((r.sha256, r.unit))
            else:
                waiting[p.item, p.kind].add(r.sha256)
    shas = {sha for of in aside.values() for sha, _ in of}
    above = within.inherited(o, {sha: view.sources_of(sha) for sha in shas}, acts)

    def dues(sha256: str, unit: str) -> list[date]:
        own = [d for d in addressed((d for d in acts if d.sha256 == sha256), [unit], o.units) if d.unit in ("", unit)]
        sent_back = [d for d in [*own, *above.get(sha256, {}).get(unit, ())] if d.action is DecisionAction.RETURN]
        return [d.due for d in sorted(sent_back, key=lambda d: d.at)[-1:] if d.due]

    return {
        cell: Awaited(len(waiting[cell]), tuple(sorted({day for key in of for day in dues(*key)})))
        for cell, of in aside.items()
    }


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
