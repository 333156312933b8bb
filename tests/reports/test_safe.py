"""Text made safe, tables, JSON: the laws that every renderer stands on."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import xml.dom.minidom
from enum import StrEnum
from xml.sax.saxutils import escape

import msgspec
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.outputs import CoverageEvidence
from archive_schema.words import CellState, PlacementStatus
from reports import as_json, safe, tables, terminal
from tests.reports import hostile, workbooks


@given(hostile.text)
def test_a_line_is_one_line_of_legal_text(text: str) -> None:
    out = safe.line(text)
    out.encode("utf-8")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in out)
    assert len(out.splitlines()) <= 1
    xml.dom.minidom.parseString(f"<t>{escape(out)}</t>")


@given(hostile.text)
def test_making_safe_twice_changes_nothing(text: str) -> None:
    assert safe.line(safe.line(text)) == safe.line(text)


def test_ordinary_names_are_left_as_they_are() -> None:
    for name in ("关于印发《方案》的通知（包府办发〔2017〕12号）.pdf", "Ⅲ18-1) 说明报告.docx", "a.zip!/b.pdf", "𠮷野家"):
        assert safe.line(name) == name


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "＝1", "\t=1", " =1", "\r\n=1"])
def test_a_csv_cell_never_begins_like_a_formula(text: str) -> None:
    assert safe.csv_cell(text).startswith("'")


def test_numbers_stay_numbers_in_csv() -> None:
    assert (safe.csv_cell(-5), safe.csv_cell(0.5), safe.csv_cell("-5")) == ("-5", "0.5", "'-5")


@given(st.lists(hostile.text, max_size=12))
def test_sheet_names_are_accepted_and_unique(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names * 2:
        given_name = safe.sheet_name(name, taken)
        assert 0 < len(given_name) <= 31
        assert not set("[]:*?/\\") & set(given_name)
        assert given_name.lower() not in taken
        assert not given_name.startswith("'")
        taken.add(given_name.lower())


@given(st.lists(st.tuples(hostile.text, hostile.text), max_size=5))
def test_every_row_of_a_text_table_has_its_columns_at_the_same_place(rows: list[tuple[str, str]]) -> None:
    lines = tables.text_table(["单位", "文件"], [(a or "x", b or "x") for a, b in rows], width=60).splitlines()
    assert len(lines) == len(rows) + 2
    assert all(terminal.width(line) <= 60 for line in lines)


def test_chinese_text_lines_up() -> None:
    table = tables.text_table(["单位", "件"], [["市文明办", 3], ["ab", 12]])
    assert table == "单位      件\n────────  ──\n市文明办   3\nab        12\n"


@given(hostile.text, st.integers(0, 40))
def test_cut_text_never_is_wider_than_asked(text: str, columns: int) -> None:
    assert terminal.width(terminal.cut(safe.line(text), columns)) <= columns


@given(st.lists(st.tuples(hostile.text, hostile.text), max_size=5))
def test_csv_reads_back_with_no_formula(rows: list[tuple[str, str]]) -> None:
    text = tables.csv_table(["甲", "乙"], rows)
    assert text.encode("utf-8").startswith(b"\xef\xbb\xbf")
    back = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert len(back) == len(rows) + 1
    assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for row in back for cell in row)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(hostile.text, hostile.text), max_size=4))
def test_a_workbook_of_any_text_holds_no_formula(rows: list[tuple[str, str]]) -> None:
    data = tables.xlsx_table({"a/b": (["甲", "乙"], rows), "A b": (["丙"], [])})
    workbooks.assert_no_formula(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert len(book.sheetnames) == 2


def test_spaces_and_line_feeds_come_back_from_a_workbook_as_they_were() -> None:
    texts = ["两个  空格", "全角\u3000空格", "第一行\n第二行", " 前后 ", "\ue000"]
    data = tables.xlsx_table({"表": (["文"], [[t] for t in texts])})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [r[0] for r in sheet.iter_rows(min_row=2, values_only=True)] == texts


@given(hostile.text)
def test_a_block_is_legal_in_xml(text: str) -> None:
    out = safe.block(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in out.replace("\n", ""))
    xml.dom.minidom.parseString(f"<t>{escape(out)}</t>")


def test_words_are_shown_by_their_chinese_names() -> None:
    class Plain(StrEnum):
        A = "甲"

    assert [tables.shown(v) for v in (CellState.MISSING, Plain.A, None, True, 0.5, 3)] == [
        "未提交",
        "甲",
        "",
        "是",
        "0.50",
        "3",
    ]


@given(hostile.text)
def test_json_carries_any_name_and_can_be_read_back(name: str) -> None:
    evidence = CoverageEvidence("ab", "单位", name, None, PlacementStatus.AUTO)
    text = as_json.encode(evidence)
    text.encode("utf-8")
    back = msgspec.json.decode(text.encode(), type=CoverageEvidence)
    assert back.path == "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in name)


def test_json_keeps_the_order_of_the_type_and_the_chinese() -> None:
    text = as_json.encode([CoverageEvidence("ab", "市文明办", "a.pdf", None, PlacementStatus.AUTO)])
    assert list(json.loads(text)[0]) == ["sha256", "unit", "path", "title", "status"]
    assert "市文明办" in text
    assert text.endswith("]\n")


def test_json_lines_are_one_line_each() -> None:
    lines = as_json.encode_lines([{"a": "甲\n乙"}, {"a": 2}])
    assert [json.loads(x) for x in lines.splitlines()] == [{"a": "甲\n乙"}, {"a": 2}]
