"""What goes into ``assess()`` and what comes out (law 1)."""

from __future__ import annotations

from datetime import date

import msgspec

from archive_schema.words import CellState, EvidenceKind, Outcome, PlacementStatus


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


class Cell(msgspec.Struct, frozen=True):
    """State of one requirement."""

    item: str
    kind: EvidenceKind
    state: CellState
    needed: int
    usable: int
    reasons: tuple[Reason, ...] = ()
    deadline: date | None = None
    person: str = ""


class Assessment(msgspec.Struct, frozen=True):
    """The state of everything. ``totals`` count cells, ``item_totals`` items; both hold every state, also with 0."""

    cells: tuple[Cell, ...]  # in the catalogue's order
    item_states: dict[str, CellState]
    totals: dict[str, int]
    item_totals: dict[str, int]
