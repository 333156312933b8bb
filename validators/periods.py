"""What validators ask of the periods that materials speak for; how they are written is ``archive_schema.dates``.

Two periods agree with each other, or a period with a window, when they share a day: a precision the writer did not give
is never held against the material.
"""

from __future__ import annotations

from archive_schema.cycle import Window
from archive_schema.dates import parse_moment
from archive_schema.dates import parse_period as parse

__all__ = ["overlap", "parse", "parse_moment", "show"]


def overlap(a: Window, b: Window) -> bool:
    """Do they share a day."""
    return a.start <= b.end and b.start <= a.end


def show(period: Window) -> str:
    """As shown in a finding: one day, or first 至 last."""
    return period.start.isoformat() if period.start == period.end else str(period)
