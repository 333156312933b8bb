"""The shape of ``dangan forecast``: how every requirement would stand if the inspection were on a given day."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from archive_schema.words import CellState, EvidenceKind


class ForecastWindow(msgspec.Struct, frozen=True):
    """``rolling``: how it moves with the day of the inspection, e.g. ``12个月``; null = it is fixed."""

    start: date
    end: date
    rolling: str | None


class ForecastPiece(msgspec.Struct, frozen=True):
    """``period``: what it speaks for, null = the date is unknown; ``fact``: who says so; ``leaves_on``: the first day of an
    inspection for which it is too old, null = the window is fixed or the date unknown; ``counts``: on the day of the inspection."""

    sha256: str
    unit: str
    path: str
    title: str | None
    period: str | None
    fact: str
    leaves_on: date | None
    counts: bool


class ForecastCell(msgspec.Struct, frozen=True):
    """``now`` is today, ``then`` the day of the inspection. ``leaves``: pieces that count now and not then; ``enters``: the
    other way round; ``undated``: every delivery of which nobody knows the date: nothing can be foretold of it."""

    item: str
    title: str
    kind: EvidenceKind
    units: list[str]
    person: str
    needed: int
    usable_now: int
    usable_then: int
    state_now: CellState
    state_then: CellState
    leaves: list[ForecastPiece]
    enters: list[ForecastPiece]
    undated: list[ForecastPiece]

    @property
    def lost(self) -> bool:
        """Usable now, and not on the day."""
        return self.state_now is CellState.USABLE and self.state_then is not CellState.USABLE


class ForecastUnit(msgspec.Struct, frozen=True):
    """Of the items that the unit leads. ``lost``: cells usable now and not then; the others count pieces."""

    name: str
    lost: int
    leaves: int
    enters: int
    undated: int
    totals_then: dict[CellState, int]


class ForecastOutput(msgspec.Struct, frozen=True):
    """``dangan forecast --format json``. ``rolls`` false = every window is fixed, and the day changes nothing but deadlines."""

    cycle: str
    generated_at: datetime
    head: str | None
    on: date
    today: date
    rolls: bool
    windows: dict[EvidenceKind, ForecastWindow]
    totals_now: dict[CellState, int]
    totals_then: dict[CellState, int]
    item_totals_now: dict[CellState, int]
    item_totals_then: dict[CellState, int]
    cells: list[ForecastCell]
    units: list[ForecastUnit]
    records: int = 0  # in the series up to the head; 0 = not known
