"""Pieces that a person sent back to their unit and that are still out.

A return is answered by a decision (a newer version, a withdrawal) or in its place: the unit has the returned bytes nowhere any
more, and where they stood lies other material of it that came after the return. Whether that is any better is judged by itself.
Nothing less counts: a file that only went away, one of the same name elsewhere, one that was there before or was withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from archive_schema.decisions import Decision
from archive_schema.words import DecisionAction

if TYPE_CHECKING:
    from flows.view import View


def still_out(decisions: Iterable[Decision], unit: str, *, superseded: Collection[str], view: View) -> dict[str, Decision]:
    """SHA-256 → the last return in force of what ``unit`` sent, or of whichever units sent it.

    :param decisions: in force. :param superseded: a newer version answers the return.
    """
    return {
        d.sha256: d
        for d in decisions
        if d.action is DecisionAction.RETURN
        and d.unit in ("", unit)
        and d.sha256 not in superseded
        and not view.is_withdrawn(d.sha256, unit)
        and not view.corrected(d.sha256, unit, d.at)
    }
