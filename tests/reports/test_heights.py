"""Rows are as high as their wrapped text, and no line runs over the edge of the page: not every program sees to it by itself."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from reports import coverage_xlsx, workbook
from tests.reports import example

LONG = "看来是国务院的文件,不是本市自己的发文"  # 37 columns
DIGEST = "ab" * 32


def _sheet(add: Any, rows: list[list[object]], widths: list[int], **more: Any) -> Any:
    book = workbook.new()
    if add is workbook.add_long:
        add(book, "表", ["问题", "乙"], lambda: rows, widths=widths)
    else:
        add(book, "表", ["问题", "乙"], rows, widths=widths, **more)
    return openpyxl.load_workbook(io.BytesIO(workbook.to_bytes(book)))["表"]


@pytest.mark.parametrize("add", [workbook.add_sheet, workbook.add_long])
@pytest.mark.parametrize(
    ("row", "lines"),
    [
        ([LONG, ""], 2),
        ([LONG * 3, LONG], 6),
        (["短", None], None),
        ([12.5, "甲\n乙\n丙"], 3),
        (["a" * 38, 7], 2),
        ([DIGEST, "短"], None),
        ([LONG * 100, ""], 400),
    ],
)
def test_a_row_is_as_high_as_its_longest_cell_chinese_counted_double(add: Any, row: list[object], lines: int | None) -> None:
    sheet = _sheet(add, [row, ["短", "短"]], [24, 20])
    high = sheet.row_dimensions[2].height
    assert high == (lines if lines is None else min(400, 15 * lines + 2))
    assert sheet.row_dimensions[3].height is None, "one line: as every program makes it"


def test_rows_written_one_by_one_leave_no_height_in_memory() -> None:
    book = workbook.new()
    workbook.add_long(book, "表", ["问题", "乙"], lambda: [[LONG, ""]] * 5, widths=[24, 20])
    workbook.to_bytes(book)
    assert not set(book["表"].row_dimensions) & {2, 3, 4, 5, 6}


@pytest.mark.parametrize(("widths", "across"), [([18, 16], "A2:K2"), ([50, 30], "A2:B2")])
def test_a_line_above_a_table_that_is_longer_than_it_wraps_over_its_columns(widths: list[int], across: str) -> None:
    sheet = _sheet(workbook.add_sheet, [["短", ""]], widths, preface=["题目", LONG * 4, ""])
    assert [str(m) for m in sheet.merged_cells.ranges] == [across]
    assert sheet["A2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height >= 32
    assert sheet.row_dimensions[1].height is None


def test_the_overview_keeps_its_notes_on_the_page_and_every_font_has_a_name() -> None:
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(example.report(files=3))))
    sheet = book["总览"]
    merged = {m.min_row for m in sheet.merged_cells.ranges}
    edge = sum(d.width for d in sheet.column_dimensions.values() if d.width)
    long = {r for r in range(1, sheet.max_row + 1) if len(str(sheet.cell(r, 1).value).encode("gbk", "replace")) > edge}
    assert long
    assert long <= merged
    assert not sheet.print_title_rows, "the header says nothing of the notes"
    assert {f.name for f in book._fonts} == {"Calibri"}
    assert "&P" in book["问题清单"].oddFooter.center.text
