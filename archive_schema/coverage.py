"""What goes into ``assess()`` and what comes out (law 1)."""

from __future__ import annotations

from datetime import date

import msgspec

from archive_schema.decisions import Decision
from archive_schema.words import CellState, EvidenceKind, Outcome, PlacementStatus, RemarkCode


class CellCount(msgspec.Struct, frozen=True):
    """One row of the index's grouped query: how many distinct evidences of a cell share (status, blocking code, outcome).

    An evidence blocked by several codes stands in several rows; one that nothing blocks stands in the row with code "".
    Rejected and withdrawn placements are not placed and never counted; a superseded one has the code ``SUPERSEDED``.
    """

    item: str
    kind: EvidenceKind
    status: PlacementStatus
    code: str
    outcome: Outcome | None
    count: int


class Reason(msgspec.Struct, frozen=True):
    """Why a cell is not usable. ``code`` is a check code, or SHORT (数量不足), REVIEW (待复核), OVERDUE (逾期未交)."""

    code: str
    text: str  # Chinese
    count: int = 1


class Remark(msgspec.Struct, frozen=True):
    """What an archivist should know of a cell besides its state; never changes the state.

    text    Chinese, complete in itself, e.g. 逾期 12 天未交(期限 2026-10-31)
    day     the day it is about: the deadline, when the review was due, the day of the inspection looked ahead to
    days    from that day to today or the other way round, as the text says; None where there is no day
    count   pieces it is about; 0 = about the cell itself
    """

    code: RemarkCode
    text: str
    day: date | None = None
    days: int | None = None
    count: int = 0


class Piece(msgspec.Struct, frozen=True):
    """What single pieces say that counts per cell do not: one evidence in one cell, whichever units sent it.

    usable   it counts today
    arrived  the first day on which one of those units submitted it; of those for which no newer version has replaced it, if any
    looked   the last day on which a person decided something about it; None = nobody has
    ahead    it would count on the day looked ahead to; None = not looked ahead
    replaced a newer version has replaced it for all of them, by decision or where it lay: it is not counted among what came late
    """

    item: str
    kind: EvidenceKind
    sha256: str
    usable: bool
    arrived: date | None = None
    looked: date | None = None
    ahead: bool | None = None
    replaced: bool = False


class Adrift(msgspec.Struct, frozen=True):
    """A decision in force on a standard that is not what it was when it was made. ``why``: Chinese.

    ``standing``: the standard and the kind are there, so that the decision goes on holding.
    """

    decision: Decision
    why: str
    standing: bool


class Awaited(msgspec.Struct, frozen=True):
    """Of a cell with pieces in review that a person sent back or replaced, or their unit where they lay, which wait for nobody in the
    archive.

    waiting   pieces in review that do
    dues      days by which what was sent back and is still out is to be mended, sorted
    mended    pieces sent back that their unit has mended where they lay
    replaced  pieces in review that their unit put other material in the place of, and that nobody is to look at any more
    """

    waiting: int
    dues: tuple[date, ...] = ()
    mended: int = 0
    replaced: int = 0


class Watched(msgspec.Struct, frozen=True):
    """What remarks and reasons need beside the counts. ``horizon``: the day looked ahead to; None = no window moves, or nobody asked.

    persons    item → who answers for it by the units table ("" = nobody)
    reviewed   (item, kind) → day of the last 定期审查; kind None = of every cell of the item
    """

    persons: dict[str, str] = {}
    reviewed: dict[tuple[str, EvidenceKind | None], date] = {}
    pieces: tuple[Piece, ...] = ()
    horizon: date | None = None
    adrift: tuple[Adrift, ...] = ()
    awaited: dict[tuple[str, EvidenceKind], Awaited] = {}


class Cell(msgspec.Struct, frozen=True):
    """State of one requirement. ``person``: who answers for it; ``reviewed``: when a person last reviewed the whole cell;
    ``adrift``: what holds for it though it was said of a standard that read otherwise."""

    item: str
    kind: EvidenceKind
    state: CellState
    needed: int
    usable: int
    reasons: tuple[Reason, ...] = ()
    deadline: date | None = None
    person: str = ""
    remarks: tuple[Remark, ...] = ()  # in the order of ``RemarkCode``
    reviewed: date | None = None
    adrift: tuple[Adrift, ...] = ()


class Assessment(msgspec.Struct, frozen=True):
    """The state of everything. ``totals`` count cells, ``item_totals`` items; both hold every state, also with 0."""

    cells: tuple[Cell, ...]  # in the catalogue's order
    item_states: dict[str, CellState]
    totals: dict[str, int]
    item_totals: dict[str, int]
