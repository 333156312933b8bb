"""Ruled tables of PDFs: the same facts as of a workbook, over pages, under heads of several rows; text documents are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import ReadState
from intake.read import read_file
from intake.readers import pdfgrid
from samples import layout, table
from samples.layout import Table

ROWS = tuple((f"第{n}区", 1000 + n, 12.5) for n in range(1, 6))
SPEC = Table(
    title="示例市注册志愿者统计表",
    header=("县区", "注册志愿者(人)", "占比(%)"),
    rows=ROWS,
    measure="人、%",
    scope="户籍人口",
    period="2026年度",
    source="示例市民政局",
    totals=("合计", sum(int(r[1]) for r in ROWS), 12.5),
    unit="示例市民政局",
)
#: what a table says of itself, apart from where it stands in its file
SAME = (
    "table_rows",
    "table_columns",
    "table_numeric",
    "table_units",
    "table_scope",
    "table_date",
    "table_source",
    "totals_differ",
)


def read(path: Path) -> Reading:
    return read_file(path, path.name, Limits(ocr="off"))


def said(reading: Reading) -> dict[str, object]:
    return {k: reading.facts[k].value for k in SAME if k in reading.facts}


def test_a_table_in_a_pdf_says_what_it_says_in_a_workbook(tmp_path: Path) -> None:
    pdf, xlsx = read(layout.table_pdf(SPEC, tmp_path / "a.pdf")), read(layout.table_xlsx(SPEC, tmp_path / "a.xlsx"))
    assert said(pdf) == said(xlsx) and set(said(pdf)) == set(SAME)
    assert pdf.state is ReadState.READ and pdf.grid
    assert pdf.facts["title"].value == SPEC.title


def test_totals_that_do_not_add_up_are_seen_and_those_that_do_are_not(tmp_path: Path) -> None:
    wrong = Table(title=SPEC.title, header=SPEC.header, rows=ROWS, totals=("合计", 9999, 12.5))
    assert read(layout.table_pdf(wrong, tmp_path / "a.pdf")).facts["totals_differ"].value
    assert read(layout.table_pdf(SPEC, tmp_path / "b.pdf")).facts["totals_differ"].value == []


def test_a_table_over_several_pages_is_one_and_its_repeated_head_no_row(tmp_path: Path) -> None:
    rows = tuple((f"第{n}区", n, 1.5) for n in range(1, 101))
    path = layout.table_pdf(
        Table(title="统计表", header=SPEC.header, rows=rows, totals=("合计", 5050, 1.5)), tmp_path / "a.pdf"
    )
    reading = read(path)
    assert reading.facts["pages"].value > 1
    assert reading.facts["table_rows"].value == 100 and reading.facts["totals_differ"].value == []


def test_a_head_of_two_rows_with_merged_cells_is_flattened(tmp_path: Path) -> None:
    lines = [
        ["县区", "2025年", "", "2026年", ""],
        ["", "人数(人)", "占比(%)", "人数(人)", "占比(%)"],
        *[[f"第{n}区", 10 + n, 1.5, 20 + n, 2.5] for n in range(4)],
    ]
    merged = [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)]
    path = tmp_path / "a.pdf"
    path.write_bytes(table.pdf([["统计表"], *lines], columns=5, heads=2, merged=merged))
    names = read(path).facts["table_columns"].value
    assert names == ["县区", "2025年/人数(人)", "2025年/占比(%)", "2026年/人数(人)", "2026年/占比(%)"]


def test_a_document_of_text_is_not_opened_a_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("looked for tables")

    monkeypatch.setattr(pdfgrid, "tables", never)
    spec = layout.OfficialDocument(
        issuer="示例市文明办", title="关于创建工作的通知", paragraphs=("各单位 2026 年要做好 3 项工作。",) * 20
    )
    assert "table_rows" not in read(layout.official_document(spec, tmp_path / "a.pdf")).facts


def test_what_the_second_library_cannot_read_keeps_its_text_and_is_partly_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("no such table")

    monkeypatch.setattr(pdfgrid, "tables", fails)
    reading = read(layout.table_pdf(SPEC, tmp_path / "a.pdf"))
    assert reading.state is ReadState.PARTIAL and "表格未能识别" in reading.detail and "第1区" in reading.text


def test_pages_beyond_the_limit_are_said_not_to_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfgrid, "PAGES", 1)
    rows = tuple((f"第{n}区", n, 1.5) for n in range(1, 81))
    reading = read(layout.table_pdf(Table(title="统计表", header=SPEC.header, rows=rows), tmp_path / "a.pdf"))
    assert reading.facts["pages"].value == 3
    assert reading.state is ReadState.PARTIAL and reading.detail == "第 2–3 页的表格未识别"
    assert 0 < reading.facts["table_rows"].value < 80
