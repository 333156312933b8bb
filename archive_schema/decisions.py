"""审核意见: a person's act, with who, when and why.

=============== ======================================= ===============================================================
action          target                                  effect
=============== ======================================= ===============================================================
accept          sha256, unit?; item+kind                the placement is confirmed (made, where there is none); without item
                                                        and kind, as earlier versions recorded it: what it confirmed then
move            sha256, unit?; item+kind                every other placement of that evidence and unit is rejected,
                                                        this one confirmed
reject          sha256, unit?; item?+kind?              these placements are rejected; without item all of what had been
                                                        sent by then, and what comes later goes to a person again
return          sha256, unit?; due?                     sent back: not usable until undone or superseded (finding RETURNED)
attest          sha256, unit?; fact, value              the fact is as the person says; judged again
waive           sha256, unit?; code                     that finding no longer blocks (not unreadable or integrity findings)
supersede       sha256 (old), unit?; by_sha256 (new)    the old one no longer counts
withdraw        sha256, unit?; basis?, destroy          no longer counts; with destroy the bytes are removed, a tombstone stays
reassign        item; to_unit                           another unit leads the item
not_applicable  item, kind?                             the cell (or every cell of the item) does not apply
reviewed        item, kind?; on                         定期审查: a person looked at what the cell (every cell of the item) holds
negative_entry  entry; text, area?                      the city's own wording of an entry of 负面清单
negative_event  entry; text, on, sanction?, sha256?     something that happened under an entry of 负面清单, with its evidence
undo            decision                                the named decision no longer holds
=============== ======================================= ===============================================================

A decision beats the machine's *placement*; only ``waive`` beats a *finding*, by its code.

A record names the unit as it was called on the day of the act. Whose delivery that is today is asked of the units table, by
:func:`speaks_of` and :func:`addressed`, wherever decisions meet sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

import msgspec

from archive_schema.units import UnitTable
from archive_schema.words import DecisionAction, EvidenceKind


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act. ``id`` is unique in the series; ``by`` and ``reason`` are never empty."""

    id: str
    action: DecisionAction
    by: str
    at: datetime
    reason: str
    sha256: str = ""
    unit: str = ""  # "" = whichever units sent it
    item: str = ""
    kind: EvidenceKind | None = None
    code: str = ""
    fact: str = ""
    value: str = ""
    by_sha256: str = ""
    to_unit: str = ""
    due: date | None = None
    basis: str = ""
    destroy: bool = False
    decision: str = ""  # for undo
    on: date | None = None  # the day that it is about, where that is not the day of the act
    entry: str = ""  # of 负面清单
    text: str = ""
    area: str = ""
    sanction: str = ""


def in_force(decisions: list[Decision]) -> list[Decision]:
    """The decisions that hold, in the order given: undone ones and the undos themselves taken out."""
    dead = undone(decisions)
    return [d for d in decisions if d.action is not DecisionAction.UNDO and d.id not in dead]


def undone(decisions: list[Decision]) -> dict[str, str]:
    """Ids of what was undone → id of the undo. An undo may itself be undone, which brings the first decision back."""
    dead: dict[str, str] = {}
    for d in reversed(decisions):
        if d.action is DecisionAction.UNDO and d.id not in dead:
            dead[d.decision] = d.id
    return dead


def speaks_of(decision: Decision, unit: str, units: UnitTable) -> bool:
    """Is the decision about what ``unit`` sent: it names no unit, or one that is called the same today."""
    return decision.unit in ("", unit) or units.named(decision.unit) == units.named(unit)


def speaks_at(decision: Decision, item: str, kind: str) -> bool:
    """Is the decision about what is placed there: it names no item and no kind, or these. ``kind`` "" = of what has no place."""
    return decision.item in ("", item) and decision.kind in (None, kind)


def overrules(later: Decision, decision: Decision, units: UnitTable) -> bool:
    """Does a later act say otherwise of the same, so that what the earlier one says no longer is so?"""
    if later.sha256 != decision.sha256 or (decision.unit and not speaks_of(later, decision.unit, units)):
        return False
    match decision.action, later.action:
        case DecisionAction.ATTEST, DecisionAction.ATTEST:
            return later.fact == decision.fact and later.value != decision.value
        case DecisionAction.RETURN, DecisionAction.RETURN:
            return later.due != decision.due
        case DecisionAction.REASSIGN, DecisionAction.REASSIGN:
            return later.item == decision.item and later.to_unit != decision.to_unit
        case (DecisionAction.MOVE, DecisionAction.MOVE | DecisionAction.ACCEPT) | (DecisionAction.ACCEPT, DecisionAction.MOVE):
            return (later.item, later.kind) != (decision.item, decision.kind)
        case DecisionAction.MOVE | DecisionAction.ACCEPT, DecisionAction.REJECT:
            return speaks_at(later, decision.item, decision.kind or "")
        case DecisionAction.REJECT, DecisionAction.MOVE | DecisionAction.ACCEPT:
            return speaks_at(decision, later.item, later.kind or "")
    return False


def addressed(decisions: Iterable[Decision], held: Collection[str], units: UnitTable) -> list[Decision]:
    """The decisions in their order, each naming the unit under which sources are held; once per such unit where it means several.

    One that names no unit speaks of every unit and stays as it is, and so does one that means none of ``held``.
    """
    out: list[Decision] = []
    for d in decisions:
        meant = [u for u in sorted(held) if u and speaks_of(d, u, units)] if d.unit else []
        out += [d if u == d.unit else msgspec.structs.replace(d, unit=u) for u in meant] or [d]
    return out
