"""提醒: what is said of cells besides their state, grouped for a report's front and for each unit's part of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from archive_schema.coverage import Remark
from archive_schema.words import CellState, RemarkCode
from reports.coverage_view import CellView, View

HOW_TO_NAME = "用 dangan units export -o 单位表.xlsx 导出，填好“联络员”一列，再用 dangan units import 单位表.xlsx 一次导入"
#: fewer cells than these are told one by one (ours)
_FEWEST = 10


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


class Remarks:
    """The remarks of one report.

    Where most cells have no responsible person (本项目默认: more than half), as on the first day, that is one sentence, ``nobody``, and is
    said of no single cell.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        applicable = [c for c in view.cells.values() if c.state is not CellState.NOT_APPLICABLE]
        without = sum(any(r.code is RemarkCode.NO_PERSON for r in view.report.remarks.get(c.key, ())) for c in applicable)
        whole = len(applicable)
        many = whole >= _FEWEST and without * 2 > whole
        self._folded = frozenset({RemarkCode.NO_PERSON} if many else ())
        how_many = f"{whole} 格应交材料都" if without == whole else f"{whole} 格应交材料中有 {without} 格"
        self.nobody = f"{how_many}还没有定责任人：{HOW_TO_NAME}" if many else ""

    def groups(self) -> list[Group]:
        """In the order of ``RemarkCode``; codes that nothing bears are left out."""
        found: dict[RemarkCode, list[Marked]] = {code: [] for code in RemarkCode}
        for cell in self._view.cells.values():
            for m in self.of_cell(cell):
                found[m.remark.code].append(m)
        return [Group(code, tuple(sorted(marked, key=_pressing))) for code, marked in found.items() if marked]

    def of_cell(self, cell: CellView) -> list[Marked]:
        """The remarks on one cell, in their order."""
        report = self._view.report
        person = report.persons.get(cell.key, "")
        return [Marked(cell, r, person) for r in report.remarks.get(cell.key, ()) if r.code not in self._folded]

    def of_unit(self, name: str) -> list[tuple[RemarkCode, int]]:
        """How many cells of the items that a unit leads bear each remark."""
        mine = (c for c in self._view.cells.values() if c.item.lead == name)
        counted = Counter(m.remark.code for c in mine for m in self.of_cell(c))
        return [(code, counted[code]) for code in RemarkCode if counted[code]]


def _pressing(m: Marked) -> int:
    """Longest overdue first, soonest due first; the sort is stable."""
    days = m.remark.days or 0
    return days if m.remark.code in (RemarkCode.DUE, RemarkCode.LEAVING) else -days
