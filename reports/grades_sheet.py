"""Grades as a sheet of a workbook, and as a workbook of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_schema.graded import GradesOutput
from reports import anchor, grades_view, workbook

if TYPE_CHECKING:
    from openpyxl import Workbook

_WIDTHS = [11, 34, 18, 8, 26, 22, 34, 44, 36, 36, 50]


def render(grades: GradesOutput) -> bytes:
    """The file. The same grades give the same bytes."""
    book = workbook.new(grades.generated_at)
    add(book, grades)
    return workbook.to_bytes(book)


def add(book: Workbook, grades: GradesOutput) -> None:
    """One sheet, a row per ladder."""
    counts = "   ".join(f"{name} {n}" for name, n in grades_view.totals(grades))
    preface = [
        f"{grades.cycle} 等级",
        f"清单之首：{anchor.shown(grades.head, grades.records)}",
        counts,
        grades_view.score(grades),
        grades_view.CAUTION,
    ]
    workbook.add_sheet(
        book, "等级", grades_view.HEADERS, grades_view.rows(grades), widths=_WIDTHS, preface=[*filter(None, preface), ""]
    )
