"""What the suites of statistical tables saw, as a page shows it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.report import ExpectationResult


class FamilyReport(msgspec.Struct, frozen=True):
    """All tables of one family. ``declared``: of how many files the city said so; of the others it was told from the table."""

    title: str
    files: int
    declared: int
    results: tuple[ExpectationResult, ...]


class Unlooked(msgspec.Struct, frozen=True):
    """A file of which not every cell was looked at, and why."""

    file: str
    why: str


class TableReport(msgspec.Struct, frozen=True):
    """``lists``: the suites over the list itself. ``files``: statistical tables held; ``looked`` of them cell by cell. ``notes``: item → its note
    of a threshold, to be shown and never evaluated."""

    generated_at: datetime
    zone: str
    city: str
    cycle: str
    head: str | None
    files: int
    looked: int
    families: tuple[FamilyReport, ...]
    unlooked: tuple[Unlooked, ...] = ()
    lists: tuple[ExpectationResult, ...] = ()
    notes: dict[str, str] = {}
    records: int = 0  # in the series up to the head; 0 = not known
