"""责任单位进度: what is counted, how it is sorted, and that nobody is praised or blamed unless it is asked for."""

from __future__ import annotations

import io

import msgspec
import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.report import CoverageReport, UnitProgress
from reports import board, coverage_html, coverage_text, coverage_xlsx
from tests.reports import example, workbooks

DONE = UnitProgress("市甲局", 2, 4, 4, 0, 0, 10, 1, 0)
HALF = UnitProgress("市乙局", 1, 4, 2, 2, 1, 0, 0, 1)
SENDER = UnitProgress("市丙局", 0, 0, 0, 0, 0, 3, 3, 0)


def report(*units: UnitProgress) -> CoverageReport:
    return msgspec.structs.replace(example.report(files=1), board=units)


def test_a_share_that_nothing_measured_is_null_and_never_100_percent() -> None:
    assert HALF.on_time is None and SENDER.covered is None
    assert board.row(HALF)[4:6] == ["50%", "—"]
    assert board.row(SENDER)[4:6] == ["—", "0%"]
    assert board.row(DONE)[4:6] == ["100%", "90%"]


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_is_100_percent_only_when_all_of_it_is(of: int, have: int) -> None:
    have = min(have, of)
    u = msgspec.structs.replace(DONE, applicable=of, usable=have, arrived=of, late=of - have)
    assert (board.percent(u.covered) == "100%") is (of > 0 and have == of)
    assert (board.percent(u.on_time) == "100%") is (of > 0 and have == of)
    assert (u.covered is None) is (u.on_time is None) is (of == 0)


def test_the_furthest_come_first_and_those_that_lead_nothing_last_in_whatever_order_they_were_given() -> None:
    for units in ((DONE, HALF, SENDER), (SENDER, HALF, DONE), (HALF, SENDER, DONE)):
        assert board.ordered(report(*units)) == [DONE, HALF, SENDER]
        assert coverage_html.render(report(*units)) == coverage_html.render(report(DONE, HALF, SENDER))


def test_page_workbook_and_text_show_the_same_numbers() -> None:
    r = report(HALF, DONE)
    page, text = coverage_html.render(r), coverage_text.render(r, width=200)
    assert "责任单位进度" in page and 'href="#board"' in page and "责任单位进度" in text
    data = coverage_xlsx.render(r)
    workbooks.assert_no_formula(data)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["责任单位进度"]
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    assert rows[-2:] == [board.row(DONE), board.row(HALF)] and board.HEADERS in rows
    for u in (DONE, HALF):
        [line] = [x for x in text.splitlines() if x.startswith(u.name)]
        assert line.split() == [str(v) for v in board.row(u)]
        assert all(f">{v}<" in page for v in board.row(u))


def test_red_and_black_lists_only_where_they_are_asked_for() -> None:
    r = report(DONE, HALF, SENDER)
    assert [board.rank(u) for u in (DONE, HALF, SENDER)] == ["red", "black", ""]
    late, sent_back = msgspec.structs.replace(HALF, returned=0), msgspec.structs.replace(DONE, returned=1)
    assert [board.rank(u) for u in (late, sent_back)] == ["black", "black"], "either is enough"
    neutral = coverage_html.render(r) + coverage_text.render(r)
    marked = coverage_html.render(r, ranking=True)
    assert 'class="rank-' not in neutral and 'class="rank-red"' in marked and 'class="rank-black"' in marked
    assert "红榜" not in coverage_text.render(r) and "黑榜" in coverage_text.render(r, width=200, ranking=True)
    plain, ranked = (
        [c.value for row in openpyxl.load_workbook(io.BytesIO(x))["责任单位进度"].iter_rows() for c in row]
        for x in (coverage_xlsx.render(r), coverage_xlsx.render(r, ranking=True))
    )
    assert "红榜" not in plain and "黑榜" not in plain and {"红榜", "黑榜"} <= set(ranked)


def test_a_report_without_units_has_no_board() -> None:
    r = report()
    assert "责任单位进度" not in coverage_html.render(r) + coverage_text.render(r)
    assert "责任单位进度" not in openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(r))).sheetnames
