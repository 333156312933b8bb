"""Pieces that a person sent back to their unit and that are still out.

A return is answered by a decision (a newer version, a withdrawal) or in its place: the unit has the returned bytes nowhere any
more, and where they stood lies other material of it that came after the return. Whether that is any better is judged by itself.
Nothing less counts: a file that only went away, one of the same name elsewhere, one that was there before or was withdrawn.
What is for nothing but requirements that do not apply is not asked for again either, as long as they do not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from archive_schema.coverage import Cell
from archive_schema.decisions import Decision, addressed
from archive_schema.evidence import CheckOutcome
from archive_schema.words import CellState, DecisionAction, Outcome

if TYPE_CHECKING:
    from flows.view import View


def set_aside(outcomes: Iterable[CheckOutcome], unit: str) -> bool:
    """Did a person send back what ``unit`` sent, or replace it? Then it waits for nobody in the archive.

    :param outcomes: of the bytes.
    """
    codes = ("RETURNED", "SUPERSEDED")
    return any(c.code in codes and c.outcome is Outcome.FAIL and c.unit in ("", unit) for c in outcomes)


def still_out(
    decisions: Iterable[Decision], unit: str, *, view: View, unasked: Collection[tuple[str, str]]
) -> dict[str, Decision]:
    """SHA-256 → the last return in force of what ``unit`` sent, or of whichever units sent it.

    :param decisions: in force. :param unasked: see there.
    """
    return {
        d.sha256: d
        for d in addressed(decisions, [unit], view.o.units)
        if d.action is DecisionAction.RETURN
        and d.unit in ("", unit)
        and view.sources_of(d.sha256, unit)
        and not view.is_replaced(d.sha256, unit)
        and not view.is_withdrawn(d.sha256, unit)
        and not view.corrected(d.sha256, unit, after=d)
        and (d.sha256, unit) not in unasked
    }


def unasked(view: View, cells: Iterable[Cell]) -> set[tuple[str, str]]:
    """(SHA-256, unit) of what is placed, and only where the requirement does not apply."""
    exempt = {(c.item, c.kind) for c in cells if c.state is CellState.NOT_APPLICABLE}
    idle = {(p.sha256, p.unit) for p in view.placements if (p.item, p.kind) in exempt}
    return idle - {(p.sha256, p.unit) for p in view.placements if (p.item, p.kind) not in exempt}
