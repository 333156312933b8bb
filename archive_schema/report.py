"""What the coverage report shows beyond the JSON contract: the one argument of its renderers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.coverage import Reason, Remark
from archive_schema.graded import GradesOutput
from archive_schema.negative import NegativeOutput
from archive_schema.outputs import CoverageOutput
from archive_schema.words import CellState, EvidenceKind, Severity


class ShownFinding(msgspec.Struct, frozen=True):
    """A finding or an unchecked check, ready to show. ``outcome``: ``fail`` or ``unchecked``."""

    code: str
    severity: Severity
    outcome: str
    text: str
    remedy: str
    waived: bool = False


class CellChange(msgspec.Struct, frozen=True):
    """A cell whose state differs from the one at the head before. ``before`` None = the cell is new."""

    item: str
    kind: EvidenceKind
    before: CellState | None
    after: CellState


class Changes(msgspec.Struct, frozen=True):
    """Since the last run that changed something. ``since`` None = there was none.

    new: evidence first archived since (sha256, unit, path); gained: cells that became usable; lost: cells that ceased to be;
    moved: every other change of state; dropped: cells that the catalogue of today no longer has, by the state they had;
    reset: what was set otherwise since, of catalogue, cycle, settings, units.
    """

    since: datetime | None
    since_head: str | None
    new: tuple[tuple[str, str, str], ...] = ()
    gained: tuple[CellChange, ...] = ()
    lost: tuple[CellChange, ...] = ()
    moved: tuple[CellChange, ...] = ()
    dropped: dict[CellState, int] = {}
    reset: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """Where an item stands in the catalogue."""

    section: str
    project: str
    indicator: str
    content: str
    threshold: str
    provenance: str


class UnitProgress(msgspec.Struct, frozen=True):
    """How far a unit is. Cells are those of the items it leads that apply; files are what it sent, for whomever.

    open      cells not usable yet
    overdue   of these, cells whose deadline has passed
    arrived   files sent for a requirement that applies and has a deadline, those with a newer version not counted; ``late`` of them
              came after it
    returned  files sent back to it that no newer version has answered
    """

    name: str
    lead_of: int
    applicable: int
    usable: int
    open: int
    overdue: int
    arrived: int
    late: int
    returned: int

    @property
    def covered(self) -> float | None:
        """Usable cells of the applicable ones; None where the unit leads none."""
        return self.usable / self.applicable if self.applicable else None

    @property
    def on_time(self) -> float | None:
        """Of the files that could be late those that were not; None where nothing arrived: never 1."""
        return (self.arrived - self.late) / self.arrived if self.arrived else None


class InboxNote(msgspec.Struct, frozen=True):
    """A file of the inbox that did not become material: quarantined or waiting."""

    unit: str
    path: str
    disposition: str  # quarantined | waiting
    reason: str
    size: int
    sha256: str | None = None


class FormProblem(msgspec.Struct, frozen=True):
    """What cannot be used of a 提交表, or is not there though the form names it. ``text``: Chinese, with the row and what to do."""

    unit: str  # whose folder the form lies in
    path: str
    text: str


class ExpectationResult(msgspec.Struct, frozen=True):
    """One Great Expectations expectation of the last validation."""

    suite: str
    code: str
    text: str  # Chinese: what was expected
    success: bool | None  # None = not evaluated
    checked: int
    unexpected: int
    examples: tuple[str, ...] = ()


def piece_key(sha256: str, unit: str, item: str = "", kind: str = "") -> str:
    """How ``CoverageReport`` names a piece in a cell, or outside of any: as the one unit sent it, whoever else sent the same bytes."""
    return f"{sha256}|{unit}|{item}|{kind}"


class CoverageReport(msgspec.Struct, frozen=True):
    """Everything the coverage page shows. Dict keys of cells are ``item|kind``, of evidence ``piece_key``."""

    coverage: CoverageOutput
    zone: str  # IANA name in which times are shown
    run: str | None  # last run that changed something
    places: dict[str, Place]
    records: int = 0  # in the series up to the head; 0 = not known
    reasons: dict[str, tuple[Reason, ...]] = {}  # by item|kind
    findings: dict[str, tuple[ShownFinding, ...]] = {}  # by piece_key
    kinds: dict[str, EvidenceKind] = {}  # by piece_key outside of any cell: what the machine takes it for
    late: frozenset[str] = frozenset()  # piece_key of late arrivals
    replaced: frozenset[str] = (
        frozenset()
    )  # piece_key without a cell: a newer version took its place, by decision or where it lay
    changes: Changes | None = None
    notes: tuple[InboxNote, ...] = ()
    forms: tuple[FormProblem, ...] = ()
    unknown_folders: dict[str, str] = {}  # folder → suggested unit ("" = none)
    validation: tuple[ExpectationResult, ...] = ()
    catalogue_note: str = ""
    provenance_counts: dict[str, int] = {}  # of the items under material review
    windows: dict[str, str] = {}  # kind → "2025-11-01 至 2026-10-31"
    deadline: str = ""
    city: str = ""
    unit: str = ""  # whose extract it is; "" = of all units
    remarks: dict[str, tuple[Remark, ...]] = {}  # by item|kind, as of the day of the report
    persons: dict[str, str] = {}  # by item|kind: who answers for it
    board: tuple[UnitProgress, ...] = ()  # 责任单位进度
    negative: NegativeOutput | None = None  # 负面清单; None = not asked
    grades: GradesOutput | None = None  # 等级; None = the catalogue grades nothing
