"""The coverage report as a workbook, as CSV and on a terminal."""

from __future__ import annotations

import csv
import io

import msgspec
import openpyxl
import pytest

from archive_schema.outputs import CoverageSettled, CoverageUnplaced
from archive_schema.report import Changes, CoverageReport
from archive_schema.words import CellState, EvidenceKind
from reports import coverage_csv, coverage_html, coverage_text, coverage_view, coverage_xlsx, terminal
from tests.reports import example, hostile, workbooks


@pytest.fixture(scope="module")
def report() -> CoverageReport:
    return example.report(files=3)


@pytest.fixture(scope="module")
def data(report: CoverageReport) -> bytes:
    return coverage_xlsx.render(report)


def test_the_workbook_has_the_sheets_and_one_per_lead_unit(report: CoverageReport, data: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames[:4] == ["总览", "覆盖矩阵", "问题清单", "未归类"]
    assert len(book.sheetnames) == 4 + len({u.name for u in report.coverage.units})
    for sheet in book.worksheets:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref


def test_the_overview_carries_the_head_and_the_totals(report: CoverageReport, data: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["总览"]
    cells = [[c.value for c in row] for row in sheet.iter_rows()]
    flat = [str(v) for row in cells for v in row if v is not None]
    assert f"清单之首：{report.coverage.head}" in flat
    for state in CellState:
        row = next(r for r in cells if r[0] == f"{state.sign} {state.zh}")
        assert row[1:3] == [report.coverage.totals[state], report.coverage.item_totals[state]]
    assert any("疑似涉密" in v and "请立即联系保密办" in v for v in flat)


def test_the_matrix_of_the_workbook_is_the_coverage(report: CoverageReport, data: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["覆盖矩阵"]
    rows = list(sheet.iter_rows(min_row=2))
    header = [c.value for c in sheet[1]]
    items = {i.id: i for i in report.coverage.items}
    assert [r[0].value for r in rows] == sorted(items, key=coverage_view.order)
    for row in rows:
        wanted = {r.kind: r for r in items[row[0].value].requirements}
        for kind in EvidenceKind:
            value = row[header.index(kind)].value
            r = wanted.get(kind)
            assert value == (f"{r.state.sign} {r.state.zh} {r.usable}/{r.needed}" if r else "·")


def test_the_sheets_of_units_hold_every_cell_once(report: CoverageReport, data: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = [(r[0], r[2]) for s in book.worksheets[4:] for r in s.iter_rows(min_row=2, values_only=True)]
    assert sorted(rows) == sorted((i.id, r.kind.value) for i in report.coverage.items for r in i.requirements)


def test_the_same_report_gives_the_same_workbook(report: CoverageReport, data: bytes) -> None:
    assert coverage_xlsx.render(hostile.shuffled(report)) == data


def test_hostile_names_make_no_formula_in_the_workbook() -> None:
    workbooks.assert_no_formula(coverage_xlsx.render(hostile.report()))


def test_csv_has_a_row_for_every_cell(report: CoverageReport) -> None:
    text = coverage_csv.render(report)
    assert text.startswith("\ufeff周期,清单之首,编号,")
    rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert len(rows) == report.coverage.catalogue.requirements
    counted = {s: sum(r["状态"] == s.zh for r in rows) for s in CellState}
    assert counted == report.coverage.totals
    assert coverage_csv.render(hostile.shuffled(report)) == text


def test_hostile_names_make_no_formula_in_csv() -> None:
    text = coverage_csv.render(hostile.report())
    text.encode("utf-8")
    for row in csv.reader(io.StringIO(text[1:], newline="")):
        assert not any(cell.startswith(tuple("=+-@＝＋－＠")) for cell in row)


def test_the_terminal_report_says_totals_changes_problems_and_units(report: CoverageReport) -> None:
    text = coverage_text.render(report)
    totals = report.coverage.totals
    for wanted in (
        report.coverage.head,
        f"○ 未提交 {totals[CellState.MISSING]}",
        "新材料 23 件，转为可用 7 格，不再可用 1 格",
        "【不可用的原因】",
        "数量不足",
        "【各单位还缺什么】",
        "疑似涉密  市公安局/上报/内部通报.pdf",
        "未归类 14 件",
    ):
        assert wanted is not None
        assert wanted in text, wanted
    assert coverage_text.render(hostile.shuffled(report)) == text


def test_tables_on_the_terminal_keep_the_width(report: CoverageReport) -> None:
    lines = coverage_text.render(report, width=70).splitlines()
    start, end = (next(n for n, x in enumerate(lines) if x.startswith(h)) for h in ("【不可用的原因】", "【隔离与等待"))
    assert end - start > 40
    assert all(terminal.width(x) <= 70 for x in lines[start:end])


def test_colour_codes_come_only_when_asked_for() -> None:
    report = hostile.report()
    assert "\x1b" not in coverage_text.render(report)
    assert "\x1b[31m○ 未提交" in coverage_text.render(report, color=True)


def test_the_terminal_says_first_run_and_no_change(report: CoverageReport) -> None:
    assert "首次运行" in coverage_text.render(msgspec.structs.replace(report, changes=None))
    quiet = msgspec.structs.replace(report, changes=Changes(example.GENERATED, "1:ab"))
    assert "本次无变化" in coverage_text.render(quiet)


def test_how_many_pieces_a_reason_is_about_is_said_once_and_never_where_cells_are_counted(
    report: CoverageReport, data: bytes
) -> None:
    several = next(r.text for c in report.reasons.values() for r in c if r.count > 1)
    assert several.endswith(" 件)")
    sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    shown = "\n".join(str(v) for s in sheets for row in s.iter_rows(values_only=True) for v in row) + coverage_csv.render(
        report
    )
    assert several in shown
    assert f"{several}（" not in shown
    assert not [name for name, _ in coverage_view.arrange(report).top_reasons if name.endswith("件)")]


def test_what_was_sent_back_without_a_place_is_counted_on_the_terminal_and_none_is_left_out_in_silence(
    report: CoverageReport,
) -> None:
    back = [CoverageUnplaced(example.sha(f"b{n}"), "市教育局", f"便条{n}.txt", []) for n in range(coverage_html.UNPLACED + 7)]
    some, many = (
        msgspec.structs.replace(report, coverage=msgspec.structs.replace(report.coverage, sent_back=of))
        for of in (back[:2], back)
    )
    assert "已退回" not in coverage_text.render(report)
    said = coverage_text.render(some)
    assert "未归类而已退回，等责任单位补正 2 件" in said and "市教育局/便条1.txt" in said
    assert "等责任单位补正 607 件" in coverage_text.render(many) and "另有 597 件" in coverage_text.render(many)
    settled = CoverageSettled(withdrawn=3, superseded=1)
    aside = msgspec.structs.replace(report, coverage=msgspec.structs.replace(report.coverage, settled=settled))
    counted = "不计入、也不用再处理的：已撤回、销毁 3 件，未归类而已被取代 1 件"
    for render in (coverage_text.render, coverage_html.render):
        assert counted in render(aside) and "不用再处理的" not in render(report)
    overview = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(aside)))["总览"]
    assert any(str(r[0]).startswith(counted) for r in overview.iter_rows(values_only=True))
    left = "另有 7 件未在此列出"
    assert left in coverage_html.render(many) and "未在此列出" not in coverage_html.render(some)
