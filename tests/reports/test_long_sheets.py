"""What grows with the files is written row by row, and is the same as if it had been held."""

from __future__ import annotations

import gc
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from reports import coverage_xlsx, workbook, zipped
from tests.reports import example

HEADERS = ["文件", "问题", "件", "日期"]
ROWS: list[list[object]] = [
    ["甲/一.pdf", "缺公章", 3, date(2017, 5, 4)],
    ["=1+1", None, 2.5, ""],
    ["乙", "两行\n的", True, None],
    ["-丙", "@cmd", 0, date(2017, 1, 1)],
] * 3


@pytest.mark.parametrize("rows", [ROWS, ROWS[1:2], []])
def test_rows_written_one_by_one_give_the_same_bytes(rows: list[list[object]]) -> None:
    held, written = workbook.new(), workbook.new()
    for book, add in ((held, _held), (written, workbook.add_long)):
        add(book, "问题清单", HEADERS, lambda: rows, widths=[11, 70, 9, 12])
        workbook.add_sheet(book, "单位", HEADERS, ROWS[:2], preface=["后面的表"])
    assert workbook.to_bytes(written) == workbook.to_bytes(held)


def test_a_digest_stands_in_one_line_and_makes_no_row_higher() -> None:
    book = workbook.new()
    sheet = workbook.add_sheet(book, "问题清单", ["文件", "SHA-256"], [["a.pdf", "ab" * 32], ["b.pdf", None]], widths=[44, 20])
    wraps = [[bool(c.alignment.wrap_text) for c in row] for row in sheet.iter_rows(min_row=2)]
    assert wraps == [[True, False], [True, True]]


def test_text_beside_a_number_or_a_day_stands_a_little_away_from_it():
    """A number stands to the right of its cell and text to the left of the next: 1295 % for 12 and 95 %."""
    rows = [["甲局", 12, "95%", "—"], ["乙局", 3, 4, date(2017, 5, 4)], [True, "是", None, ""]]
    sheet = workbook.add_sheet(workbook.new(), "进度", ["单位", "可用格", "可用率", "日期"], rows)
    away = [[c.alignment.indent for c in row] for row in sheet.iter_rows(min_row=2)]
    assert away == [[0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert all(c.alignment.wrap_text for row in sheet.iter_rows(min_row=2) for c in row)


def _held(book: Any, name: str, headers: list[str], rows: Any, *, widths: list[int]) -> None:
    workbook.add_sheet(book, name, headers, rows(), widths=widths)


def test_no_more_than_a_row_of_cells_is_alive_while_they_are_written() -> None:
    from openpyxl.cell.cell import Cell

    alive: list[int] = []

    def rows() -> Iterator[list[object]]:
        for n in range(301):
            if n == 300:
                alive.append(sum(isinstance(x, Cell) for x in gc.get_objects()))
            yield [f"甲/{n}.pdf", "缺公章", n, None]

    book = workbook.new()
    before = sum(isinstance(x, Cell) for x in gc.get_objects())
    workbook.add_long(book, "问题清单", HEADERS, rows, widths=[11, 70, 9, 12])
    workbook.to_bytes(book)
    assert max(alive) - before <= 3 * len(HEADERS), "the header, the row at hand, the one before"


def test_the_coverage_workbook_holds_no_cell_for_a_problem_or_an_unplaced_file(monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, set[int]] = {}
    to_bytes = workbook.to_bytes

    def watched(book: Any) -> bytes:
        held.update({s.title: {row for row, _ in s._cells} for s in book.worksheets})
        return to_bytes(book)

    monkeypatch.setattr(workbook, "to_bytes", watched)
    report = example.report(files=3)
    assert report.findings
    assert report.coverage.unplaced
    coverage_xlsx.render(report)
    assert held["问题清单"] == held["未归类"] == {1}, "the header"


def test_the_parts_of_a_workbook_are_neither_kept_unpacked_nor_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    raw: list[int] = []
    read: list[str] = []
    settled, plain = zipped.settled, zipfile.ZipFile.read

    def watched(file: io.BytesIO, instead: dict[str, bytes]) -> bytes:
        raw.append(len(file.getvalue()))
        return settled(file, instead)

    def reading(z: zipfile.ZipFile, name: Any, pwd: bytes | None = None) -> bytes:
        read.append(name)
        return plain(z, name, pwd)

    monkeypatch.setattr(zipped, "settled", watched)
    monkeypatch.setattr(zipfile.ZipFile, "read", reading)
    book = workbook.new()
    workbook.add_long(book, "问题清单", HEADERS, lambda: ROWS * 100, widths=[11, 70, 9, 12])
    data = workbook.to_bytes(book)
    assert read == ["docProps/custom.xml"], "the seal alone"
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert raw[0] < sum(i.file_size for i in z.infolist()) / 4
