"""提醒: what is said of cells besides their state, grouped for a report's front and for each unit's part of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from archive_schema.coverage import Remark
from archive_schema.words import RemarkCode
from reports.coverage_view import CellView, View


@dataclass(frozen=True)
class Marked:
    """One remark on one cell, and who answers for the cell ("" = nobody)."""

    cell: CellView
    remark: Remark
    person: str

    @property
    def where(self) -> str:
        return f"{self.cell.item.id} {self.cell.kind}"


@dataclass(frozen=True)
class Group:
    """All remarks of one code, most pressing first, then in the catalogue's order."""

    code: RemarkCode
    marked: tuple[Marked, ...]

    @property
    def by_unit(self) -> list[tuple[str, int]]:
        """Lead units with their cells, most first."""
        counted = Counter(m.cell.item.lead for m in self.marked)
        return sorted(counted.items(), key=lambda c: (-c[1], c[0]))


def groups(view: View) -> list[Group]:
    """In the order of ``RemarkCode``; codes that nothing bears are left out."""
    found: dict[RemarkCode, list[Marked]] = {code: [] for code in RemarkCode}
    for cell in view.cells.values():
        for m in of_cell(view, cell):
            found[m.remark.code].append(m)
    return [Group(code, tuple(sorted(marked, key=_pressing))) for code, marked in found.items() if marked]


def of_cell(view: View, cell: CellView) -> list[Marked]:
    """The remarks on one cell, in their order."""
    key = f"{cell.item.id}|{cell.kind}"
    person = view.report.persons.get(key, "")
    return [Marked(cell, r, person) for r in view.report.remarks.get(key, ())]


def of_unit(view: View, name: str) -> list[tuple[RemarkCode, int]]:
    """How many cells of the items that a unit leads bear each remark."""
    counted = Counter(r.code for c in view.cells.values() if c.item.lead == name for r in (m.remark for m in of_cell(view, c)))
    return [(code, counted[code]) for code in RemarkCode if counted[code]]


def _pressing(m: Marked) -> int:
    """Longest overdue first, soonest due first; the sort is stable."""
    days = m.remark.days or 0
    return days if m.remark.code in (RemarkCode.DUE, RemarkCode.LEAVING) else -days
