"""A table as the grid that checks of single cells look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.grid import Grid, RowSort, cell_name, decode
from intake import gridding
from intake.read import read_file


def csv(folder: Path, *rows: str, name: str = "a.csv") -> Reading:
    (folder / name).write_text("\n".join(rows) + "\n", "utf-8")
    return read_file(folder / name, name, Limits())


def grid(folder: Path, *rows: str) -> Grid:
    return decode(csv(folder, *rows).grid)


def test_figures_are_numbers_words_are_words_and_nothing_is_none(tmp_path: Path) -> None:
    (table,) = grid(
        tmp_path, "区县,人数(人),经费", "东,1.2万,3.5", "西,若干,—", "南,7,1", "小计,12007,4.5", "合计,12007,4.5"
    ).tables
    assert [c.unit for c in table.columns] == ["", "人", ""] and table.columns[1].numeric
    assert [r.cells for r in table.rows[:2]] == [("东", 12000.0, 3.5), ("西", "若干", None)]
    assert [r.sort for r in table.rows] == [RowSort.DATA] * 3 + [RowSort.SUBTOTAL, RowSort.TOTAL]
    assert [(cell_name(s.column, s.row), s.summed, s.apart) for s in table.sums] == [("C5", 4.5, 0.0), ("C6", 4.5, 0.0)]


def test_ratios_come_with_their_quotient(tmp_path: Path) -> None:
    (table,) = grid(
        tmp_path, "区,任务数,完成数,完成率(%)", "东,200,180,90", "西,400,300,75", "南,500,450,91", "北,100,80,80"
    ).tables
    assert [(r.percent, r.quotient) for r in table.ratios] == [(90.0, 90.0), (75.0, 75.0), (91.0, 90.0), (80.0, 80.0)]


def test_every_visible_sheet_is_there_and_a_hidden_one_is_not(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for n, name in enumerate(("甲", "乙", "丙")):
        sheet = book.create_sheet(name)
        sheet.append(["区县", "人数(人)"])
        for k in range(3 + n):
            sheet.append([f"区{k}", k])
    book["丙"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    found = decode(read_file(tmp_path / "a.xlsx", "a.xlsx", Limits()).grid)
    assert [t.sheet for t in found.tables] == ["乙", "甲"]  # the main one first


def test_what_is_beyond_the_bounds_is_said_to_be_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"区{n},{n}" for n in range(30)]
    monkeypatch.setattr(gridding, "ROWS", 10)
    (table,) = grid(tmp_path, "区县,人数(人)", *rows).tables
    assert len(table.rows) == 10 and table.left == 20
    monkeypatch.setattr(gridding, "CELLS", 8)
    (table,) = grid(tmp_path, "区县,人数(人)", *rows).tables
    assert len(table.rows) == 4 and table.left == 26


def test_a_table_of_a_suspected_secret_leaves_no_grid(tmp_path: Path) -> None:
    assert csv(tmp_path, "区县,人数", "东,1", "西,2").grid
    reading = csv(tmp_path, "机密★1年", "区县,人数", "东,1", "西,2")
    assert "secrecy" in reading.facts and reading.grid == b""


def test_without_a_header_there_is_none(tmp_path: Path) -> None:
    assert csv(tmp_path, "1,2,3", "4,5,6").grid == b""
