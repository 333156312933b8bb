"""The review sheet: out, filled in, back in."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from archive_schema import catalogue
from archive_schema.errors import DataError
from archive_schema.evidence import Candidate
from archive_schema.outputs import ReviewEntry
from archive_schema.words import DecisionAction, EvidenceKind
from reports import review
from tests.reports import example, hostile, workbooks

ITEMS = catalogue.load("national-2017").material
PLACED = ReviewEntry(
    1,
    example.sha("1"),
    "市文明办",
    "说明.docx",
    "关于学习制度的说明",
    EvidenceKind.REPORT,
    "III1-1",
    "in_review",
    0.62,
    ["文字内容相近"],
    [Candidate("III1-1", 0.62, (), EvidenceKind.REPORT), Candidate("III1-2", 0.55, (), EvidenceKind.REPORT)],
    ["FIGURES 全文没有数据"],
)
UNPLACED = ReviewEntry(2, example.sha("2"), "市教育局", "扫描件.pdf", None, None, None, "unplaced", None, [], [], [])


def filled(*rows: dict[str, Any]) -> bytes:
    """The sheet of PLACED (row 2) and UNPLACED (row 3) with the cells of each typed in."""
    book = openpyxl.load_workbook(io.BytesIO(review.review_xlsx([PLACED, UNPLACED], ITEMS)))
    sheet = book[review.SHEET]
    header = [c.value for c in sheet[1]]
    for n, row in enumerate(rows, 2):
        for column, value in row.items():
            sheet.cell(row=n, column=header.index(column) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))[review.SHEET]


WHO = {review.REASON: "核对过原件", review.BY: "张三"}


def test_the_sheet_shows_what_is_doubtful_and_offers_choices() -> None:
    data = review.review_xlsx([UNPLACED, PLACED], ITEMS)
    sheet = sheet_of(data)
    assert [c.value for c in sheet[1]] == list(review.COLUMNS)
    row = [c.value for c in sheet[2]]
    assert row[:8] == [1, PLACED.sha256, "市文明办", "说明.docx", "关于学习制度的说明", "III1-1", "说明报告", 0.62]
    assert row[9] == "III1-2 说明报告 0.55"
    lists = {v.formula1 for v in sheet.data_validations.dataValidation}
    assert '"确认,改归,否定归类,退回,认定要素,豁免问题,撤回"' in lists
    assert f"'编号'!$A$2:$A${len(ITEMS) + 1}" in lists
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == ["待处理", "编号", "说明"]


def test_the_sheet_is_the_same_for_the_same_entries() -> None:
    assert review.review_xlsx([PLACED, UNPLACED], ITEMS) == review.review_xlsx([UNPLACED, PLACED], ITEMS)


def test_an_untouched_sheet_holds_no_act() -> None:
    assert review.parse_review_xlsx(review.review_xlsx([PLACED, UNPLACED], ITEMS)) == []


def test_confirming_confirms_what_was_proposed() -> None:
    (row,) = review.parse_review_xlsx(filled({review.ACT: "确认", **WHO}))
    assert row == review.ReviewRow(
        2, PLACED.sha256, "市文明办", DecisionAction.ACCEPT, "核对过原件", "张三", "III1-1", EvidenceKind.REPORT
    )


def test_moving_names_the_new_place_and_keeps_the_row_number() -> None:
    acts = review.parse_review_xlsx(
        filled(
            {review.ACT: "改归", review.ITEM: " III1-2 ", **WHO},
            {review.ACT: "改归", review.ITEM: "III2-1", review.KIND: "实景图片", **WHO},
        )
    )
    assert [(a.row, a.item, a.kind) for a in acts] == [(2, "III1-2", EvidenceKind.REPORT), (3, "III2-1", EvidenceKind.PHOTO)]


@pytest.mark.parametrize(
    "due",
    [
        datetime(2026, 9, 30),  # noqa: DTZ001 - as a spreadsheet gives it
        date(2026, 9, 30),
        "2026-09-30",
        "2026/9/30",
        "2026年9月30日",
    ],
)
def test_a_date_may_be_typed_as_people_do(due: object) -> None:
    (row,) = review.parse_review_xlsx(filled({review.ACT: "退回", review.DUE: due, **WHO}))
    assert (row.action, row.due, row.item) == (DecisionAction.RETURN, date(2026, 9, 30), "")


def test_attesting_and_waiving_name_what_they_are_about() -> None:
    acts = review.parse_review_xlsx(
        filled(
            {review.ACT: "认定要素", review.ATTEST: "成文日期＝2026-03-01", **WHO},
            {review.ACT: "豁免问题", review.CODE: "ｆＩＧＵＲＥＳ ", **WHO},
        )
    )
    assert (acts[0].fact, acts[0].value) == ("issued_on", "2026-03-01")
    assert acts[1].code == "FIGURES"


def test_who_did_it_may_be_said_once_for_the_sheet() -> None:
    data = filled({review.ACT: "撤回", review.REASON: "误报"})
    (row,) = review.parse_review_xlsx(data, by="李四")
    assert row.by == "李四"
    with pytest.raises(DataError):
        review.parse_review_xlsx(data)


@pytest.mark.parametrize(
    ("row", "second", "problem"),
    [
        ({review.ACT: "同意", **WHO}, {}, "第 2 行“处理”: 不认识“同意”"),
        ({review.ACT: "确认", review.BY: "张三"}, {}, "第 2 行“理由（必填）”: 必填"),
        ({review.ACT: "确认", review.REASON: "对"}, {}, "第 2 行“经办人”: 必填"),
        ({review.ACT: "确认", review.ITEM: "III1-2", **WHO}, {}, "第 2 行“处理”: 填了“改归编号”"),
        ({review.ACT: "改归", **WHO}, {}, "第 2 行“改归编号”: 改归须写明编号"),
        ({review.ACT: "改归", review.ITEM: "III1-2", review.KIND: "照片", **WHO}, {}, "第 2 行“改归类型”: 不认识“照片”"),
        ({review.ACT: "豁免问题", **WHO}, {}, "第 2 行“问题代码”"),
        ({review.ACT: "认定要素", review.ATTEST: "颜色=红", **WHO}, {}, "没有名为“颜色”的要素"),
        ({review.ACT: "认定要素", **WHO}, {}, "应写成 要素=值"),
        ({review.ACT: "退回", review.DUE: "下周", **WHO}, {}, "第 2 行“期限”: “下周”不是日期"),
        ({"SHA-256": "abc", review.ACT: "撤回", **WHO}, {}, "第 2 行“SHA-256”"),
        ({}, {review.ACT: "确认", **WHO}, "第 3 行“处理”: 本件未归类"),
        ({review.ITEM: "III1-2", **WHO}, {}, "第 2 行“处理”: 填了“改归编号”，没有选处理"),
        ({}, {review.ACT: "改归", review.ITEM: "III1-1", **WHO}, "第 3 行“改归类型”: 改归须写明材料类型"),
    ],
)
def test_a_wrong_row_is_named_by_row_and_column(row: dict[str, Any], second: dict[str, Any], problem: str) -> None:
    with pytest.raises(DataError) as e:
        review.parse_review_xlsx(filled(row, second))
    (only,) = e.value.problems
    assert problem in only


def test_a_name_drawn_down_the_whole_column_is_no_act() -> None:
    assert review.parse_review_xlsx(filled({review.BY: "张三"}, {review.BY: "张三"})) == []


def test_every_fault_is_reported_and_nothing_passes() -> None:
    with pytest.raises(DataError) as e:
        review.parse_review_xlsx(filled({review.ACT: "改归"}, {review.ACT: "确认", **WHO}))
    assert len(e.value.problems) == 4


def test_a_file_that_is_no_review_sheet_is_refused() -> None:
    for data in (b"", b"PK\x03\x04 broken", b"%PDF-1.7"):
        with pytest.raises(DataError) as e:
            review.parse_review_xlsx(data)
        assert e.value.code == "review.unreadable"
    book = openpyxl.Workbook()
    book.worksheets[0].title = "待处理"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(DataError) as e:
        review.parse_review_xlsx(out.getvalue())
    assert "第 1 行: 缺少列“SHA-256”" in e.value.problems


def test_hostile_names_make_no_formula_and_do_not_hinder_the_way_back() -> None:
    entries = [
        ReviewEntry(n, example.sha(str(n)), x, x, x, None, None, "unplaced", None, [x], [Candidate(x, None)], [x])
        for n, x in enumerate(hostile.NAMES)
    ]
    data = review.review_xlsx(entries, ITEMS)
    workbooks.assert_no_formula(data)
    assert review.parse_review_xlsx(data) == []
