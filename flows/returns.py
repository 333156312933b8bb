"""Pieces that a person sent back to their unit and that are still out."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from archive_schema.decisions import Decision
from archive_schema.words import DecisionAction


def still_out(
    decisions: Iterable[Decision], unit: str, *, superseded: Collection[str], withdrawn: Collection[tuple[str, str]]
) -> dict[str, Decision]:
    """SHA-256 → the last return in force of what ``unit`` sent, or of whichever units sent it.

    :param decisions: in force. :param superseded: a newer version answers the return. :param withdrawn: (SHA-256, unit or "").
    """
    return {
        d.sha256: d
        for d in decisions
        if d.action is DecisionAction.RETURN
        and d.unit in ("", unit)
        and d.sha256 not in superseded
        and not {(d.sha256, unit), (d.sha256, "")} & set(withdrawn)
    }
