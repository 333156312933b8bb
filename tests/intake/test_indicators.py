"""The figures of a table with what stands around them: words of the row, path of the column, unit; and nothing of persons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema import figures
from intake import indicators
from intake.tabular import take_apart


def listed(*tables: Sequence[Sequence[str]]) -> list[str]:
    sheets = [
        take_apart(f"表{n}", [(k, tuple(r)) for k, r in enumerate(rows, 1) if any(r)]) for n, rows in enumerate(tables, 1)
    ]
    return list(indicators.facts(sheets, method="x@1")["table_figures"].value)


INDICATORS = [
    ["2016年县教育统计表"],
    ["统计时段:2016年", "", "", "填报单位:县教育局"],
    ["序号", "指标名称", "计量单位", "2015年", "2016年", "备注"],
    ["1", "人均教育经费", "元", "380", "412.5", "3"],
    ["2", "教育投入", "万元", "1,234.5", "1.3亿", ""],
    ["3", "普及率", "", "99.1%", "0.3", ""],
]


def test_each_figure_has_its_cell_its_words_and_its_unit() -> None:
    assert listed(INDICATORS) == [
        "D4 人均教育经费 | 2015年 = 380 元",
        "E4 人均教育经费 | 2016年 = 412.5 元",
        "D5 教育投入 | 2015年 = 1234.5 万元",
        "E5 教育投入 | 2016年 = 130000000 元",
        "D6 普及率 | 2015年 = 99.1 %",
        "E6 普及率 | 2016年 = 0.3",
    ]


def test_a_year_is_a_word_and_a_row_of_totals_is_listed_where_it_stands() -> None:
    rows = [
        ["单位:万元"],
        ["年度", "乡镇", "投入", "污水处理率(%)"],
        ["2015年", "甲镇", "30", "20"],
        ["2015年", "全县", "70", "28"],
        ["2016", "甲镇", "31", "-"],
    ]
    assert listed(rows) == [
        "C3 2015年/甲镇 | 投入 = 30 万元",
        "D3 2015年/甲镇 | 污水处理率(%) = 20 %",
        "C4 2015年/全县 | 投入 = 70 万元",
        "D4 2015年/全县 | 污水处理率(%) = 28 %",
        "C5 2016/甲镇 | 投入 = 31 万元",
    ]


def test_a_line_of_notes_above_the_header_is_no_header() -> None:
    d = take_apart("", [(n, tuple(r)) for n, r in enumerate(INDICATORS, 1)])
    assert d.header == (3,) and d.period is not None and d.period.value == "2016年"
    assert d.filler is not None and d.filler.value == "县教育局"


def test_of_other_sheets_the_sheet_and_its_time_are_named() -> None:
    other = [["统计时段:2015年"], ["指标", "数值"], ["普及率", "99%"]]
    assert listed(INDICATORS, other)[-1] == "表2!B3 普及率 | 2015年/数值 = 99 %"


@pytest.mark.parametrize("column", ["姓名", "学生姓名", "身份证号", "监护人"])
def test_of_a_list_of_persons_only_the_totals_are_listed(column: str) -> None:
    rows = [[column, "年龄", "补助(元)"], ["张三", "9", "300"], ["李四", "10", "500"], ["合计", "", "800"]]
    assert listed(rows) == ["C4 合计 | 补助(元) = 800 元"]


def test_numbers_of_persons_and_of_lists_are_no_figures() -> None:
    rows = [
        ["序号", "社区", "负责人", "电话", "户数", "备注"],
        ["1", "东社区", "王五", "13812345678", "120", "15"],
        ["2", "西社区", "赵六", "13912345678", "80", ""],
        ["3", "南社区", "13712345678", "", "60", ""],
    ]
    said = listed(rows)
    assert [s.split(" ")[0] for s in said] == ["E2", "E3", "E4"]
    assert not any(w in "".join(said) for w in ("王五", "赵六", "1381", "1371"))


def test_of_a_large_table_only_the_totals_are_listed_and_it_says_so() -> None:
    rows = [["村", "甲", "乙"], *([f"村{n}", "1", "2"] for n in range(150)), ["合计", "150", "300"]]
    sheet = take_apart("", [(n, tuple(r)) for n, r in enumerate(rows, 1)])
    fact = indicators.facts([sheet], method="x@1")["table_figures"]
    assert fact.value == ["B152 合计 | 甲 = 150", "C152 合计 | 乙 = 300"]
    assert fact.raw == "表较大,只列合计行" and len(rows) * 2 > indicators.LISTED


def test_without_a_header_nothing_is_said() -> None:
    assert indicators.facts([take_apart("", [(1, ("1", "2", "3")), (2, ("4", "5", "6"))])], method="x@1") == {}


@given(
    st.from_regex(r"([A-Za-z0-9表]{1,5}!)?[A-Z]{1,2}[1-9]\d{0,3}", fullmatch=True),
    st.text("甲乙/|=(%) 一1", max_size=10).map(lambda t: " ".join(t.split())),
    st.text("甲乙/|=(%) 一1", max_size=10).map(lambda t: " ".join(t.split())),
    st.integers(-(10**9), 10**9),
    st.integers(0, 4),
    st.sampled_from(["", "元", "%", "人/万车", "dB(A)"]),
)
def test_what_is_written_is_read_again(cell: str, row: str, column: str, n: int, places: int, unit: str) -> None:
    value = n / 10**places
    found = figures.read(figures.write(cell, row, column, value, unit))
    assert found is not None and (found.cell, found.unit) == (cell, unit)
    assert found.value == Fraction(f"{value:.12g}")
    if not any(sign in row + column for sign in "|="):
        assert (found.row, found.column) == (row, column)


def test_a_person_may_attest_a_figure_in_plain_words() -> None:
    found = figures.read("人均教育经费 2016年=412.5 元")
    assert found == figures.Figure("", "人均教育经费/2016年", "", Fraction("412.5"), "元")
    assert figures.read("人均教育经费很高") is None


@given(
    st.lists(st.lists(st.integers(1, 9999), min_size=2, max_size=2), min_size=2, max_size=6),
    st.sampled_from(["2015年", "投入(万元)"]),
)
def test_a_figure_that_a_report_could_quote_is_one_of_those_listed_at_the_same_cell(rows: list[list[int]], second: str) -> None:
    body = [["指标名称", "2016年", second]] + [[f"指标{n}数", *map(str, row)] for n, row in enumerate(rows)]
    d = take_apart("", [(k, tuple(r)) for k, r in enumerate([*body, ["合计", "1", "2"]], 1)])
    listed = [figures.read(s) for s in indicators.facts([d], method="x@1")["table_figures"].value]
    at = {f.cell: f.value for f in listed if f is not None}
    placed = [p.split("|") for p in indicators.named(d, method="x@1")["figures_at"].value]
    assert placed
    for said, _, cell in placed:
        assert at[cell] == Fraction(re.sub("[^0-9.]", "", said.partition("=")[2]))
