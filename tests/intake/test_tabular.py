"""Tables taken apart: lines above, header of several rows, data, totals, lines below; and the frame of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.cycle import Limits
from archive_schema.errors import DataError
from archive_schema.evidence import FACT_NAMES
from intake.frame import frame
from intake.read import read_file
from intake.tabular import Description, differing, take_apart

TOP = [["2018年市民体育设施统计表"], ["统计时段：2018年1月至12月", "", "单位：个"], ["口径:全市范围", "数据来源:市体育局年报"]]
HEADER = [["序号", "区县", "2017年", "", "2018年", "", "合计"], ["", "", "任务数", "完成数", "任务数", "完成率(%)", ""]]
DATA = [["1", "东河区", "3", "4", "7", "57.1", "10"], ["2", "昆区", "３", "1,004", "7", "50", "14"]]
FOOT = [["填报单位:市体育局"], ["注:不含高新区。"]]
MERGED = [(1, 0, 1, 6), (4, 0, 5, 0), (4, 1, 5, 1), (4, 2, 4, 3), (4, 4, 4, 5), (4, 6, 5, 6)]
NAMES = ["序号", "区县", "2017年/任务数", "2017年/完成数", "2018年/任务数", "2018年/完成率(%)", "合计"]


def apart(rows: Sequence[Sequence[str]], merged: Sequence[tuple[int, int, int, int]] = ()) -> Description:
    return take_apart("表", [(n, tuple(r)) for n, r in enumerate(rows, 1) if any(r)], merged)


def differ(d: Description) -> list[str]:
    return [said for said, _ in differing(d)]


def names(d: Description) -> list[str]:
    return [c.name for c in d.columns]


def test_the_lines_around_a_table_are_read() -> None:
    d = apart([*TOP, *HEADER, *DATA, ["", "合计", "6", "1008", "14", "53.6", "24"], *FOOT])
    assert d.title == "2018年市民体育设施统计表" and d.header == (4, 5)
    assert d.period is not None and d.period.value == "2018年1月至12月"
    assert d.scope is not None and d.scope.value == "全市范围"
    assert d.source is not None and d.source.value == "市体育局年报"
    assert d.filler is not None and d.filler.value == "市体育局"
    assert d.units == ("个", "%") and [r[1][1] for r in d.data] == ["东河区", "昆区"]
    assert d.totals is not None and (d.totals.row, d.totals.label) == (8, "合计") and differ(d) == []


@pytest.mark.parametrize("merged", [MERGED, []])
def test_a_header_of_two_rows_is_flattened_with_merged_cells_known_or_not(merged: list[tuple[int, int, int, int]]) -> None:
    assert names(apart([*TOP, *HEADER, *DATA], merged)) == NAMES


def test_a_header_of_three_rows_and_numbers_of_columns_is_flattened() -> None:
    rows = [
        ["指标表"],
        ["地区", "人员", "", "", "备注"],
        ["", "在编", "", "聘用", ""],
        ["", "男", "女", "", ""],
        ["甲", "1", "2", "3", "4"],
        ["东河区", "5", "6", "7", ""],
    ]
    merged = [(1, 0, 1, 4), (2, 0, 4, 0), (2, 1, 2, 3), (3, 1, 3, 2), (3, 3, 4, 3), (2, 4, 4, 4)]
    d = apart(rows, merged)
    assert names(d) == ["地区", "人员/在编/男", "人员/在编/女", "人员/聘用", "备注"]
    assert d.header == (2, 3, 4, 5) and len(d.data) == 1


def test_a_header_wide_by_merging_is_found_above_its_second_row() -> None:
    rows = [
        ["区县", "2017年", "", "", "2018年", "", ""],
        ["", "甲", "乙", "丙", "甲", "乙", "丙"],
        ["东", "1", "2", "3", "4", "5", "6"],
    ]
    d = apart(rows, [(1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 6)])
    assert names(d) == ["区县", "2017年/甲", "2017年/乙", "2017年/丙", "2018年/甲", "2018年/乙", "2018年/丙"] and d.header == (
        1,
        2,
    )


def test_a_header_of_one_row_takes_no_row_of_words_below() -> None:
    d = apart([["单位", "负责人", "备注"], ["教育局", "张三", "无"], ["", "李四", "补报"]])
    assert d.header == (1,) and len(d.data) == 2
    assert not any(c.numeric for c in d.columns)


def test_totals_that_do_not_add_up_are_named_with_both_figures_and_rates_are_no_sums() -> None:
    rows = [
        ["区县", "任务数", "完成数", "完成率"],
        ["东", "10", "5", "50%"],
        ["西", "20", "20", "100%"],
        ["合计", "30", "26", "83%"],
    ]
    d = apart(rows)
    assert differ(d) == ["C4 完成数: 合计 26,各行相加 25"]


@pytest.mark.parametrize("label", ["合计", "合 计", "总计", "全市合计", "全市", "总计:", "合计（个）", "全市总数"])
def test_a_row_of_totals_is_no_data_however_it_is_called(label: str) -> None:
    d = apart([["区县", "数量"], ["东", "1"], ["西", "2"], [label, "3"]])
    assert d.totals is not None and differ(d) == [] and len(d.data) == 2


def test_subtotals_are_left_out_and_parts_of_a_row_are_not_counted_twice() -> None:
    d = apart([["区县", "数量"], ["东", "1"], ["西", "2"], ["小计", "3"], ["南", "4"], ["小计", "4"], ["合计", "7"]])
    assert d.totals is not None and differ(d) == [] and len(d.data) == 3
    nested = apart([["区县", "数量"], ["东", "5"], ["其中:街道", "2"], ["西", "2"], ["合计", "7"]])
    assert nested.totals is not None and differ(nested) == []


def test_rounded_figures_add_up_within_their_rounding() -> None:
    good = apart([["区县", "金额(万元)"], ["东", "1.25"], ["西", "2.26"], ["合计", "3.5"]])
    bad = apart([["区县", "金额(万元)"], ["东", "1.25"], ["西", "2.26"], ["合计", "3.7"]])
    assert good.totals is not None and differ(good) == [] and good.units == ("万元",)
    assert bad.totals is not None and len(differ(bad)) == 1


@given(
    st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=2, max_size=30),
    st.integers(0, 2),
    st.integers(0, 5),
)
def test_a_true_total_is_never_reported_and_a_false_one_always(rows: list[list[int]], column: int, off: int) -> None:
    sums = [sum(r[c] for r in rows) for c in range(3)]
    sums[column] += off
    d = apart([["区县", "甲数", "乙数", "丙数"], *[["区", *map(str, r)] for r in rows], ["合计", *map(str, sums)]])
    assert d.totals is not None and len(differ(d)) == (off > 0)


def test_cells_that_are_no_figure_are_listed_and_blanks_and_errors_are_not() -> None:
    d = apart([["区县", "数量"], ["东", "1"], ["西", "若干"], ["南", "—"], ["北", "#REF!"], ["中", "3"]])
    assert d.unread == ("B3 若干",) and d.columns[1].numeric


@given(
    st.lists(st.lists(st.text(alphabet="合计单位:表序号1２,.万%年度 甲#注", max_size=6), min_size=1, max_size=6), max_size=14)
)
def test_any_rows_are_taken_apart_and_no_row_is_lost(rows: list[list[str]]) -> None:
    kept = [(n, tuple(r)) for n, r in enumerate(rows, 1) if any(r)]
    d = take_apart("", kept)
    inside = {n for n, _ in (*d.above, *d.data, *d.below)} | set(d.header)
    rest = [cells for n, cells in kept if n not in inside]
    assert all(any("计" in c or "数" in c or "全" in c for c in cells) for cells in rest)  # rows of totals, nothing else
    assert len(d.data) <= len(kept)


# --- through files


def workbook(path: Path) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in [*TOP, *HEADER]:
        page.append([v or None for v in row])
    page.append([1, "东河区", 3, 4, "1.2万", 0.571, 10])
    page.append([2, "昆区", "３", "1,004", 7, 0.5, "若干"])
    page.append([None, "合计", 6, 1008, "1.2万", None, None])
    for ref in ("A1:G1", "A4:A5", "B4:B5", "C4:D4", "E4:F4", "G4:G5"):
        page.merge_cells(ref)
    for row in (6, 7):
        page.cell(row, 6).number_format = "0.0%"
    book.save(path)
    return path


def test_a_workbook_gives_the_facts_of_its_table(tmp_path: Path) -> None:
    reading = read_file(workbook(tmp_path / "a.xlsx"), "a.xlsx", Limits())
    facts = {k: f.value for k, f in reading.facts.items()}
    assert set(facts) <= set(FACT_NAMES)
    assert facts["table_columns"] == NAMES and facts["table_rows"] == 2
    assert (
        facts["table_units"] == ["个", "%"] and facts["table_scope"] == "全市范围" and facts["table_source"] == "市体育局年报"
    )
    assert facts["table_totals"] == 8 and facts["totals_differ"] == []
    assert facts["table_numeric"] == [n for n in NAMES if n != "区县"] and facts["numbers_unread"] == ["G7 若干"]
    assert "57.1%" in reading.text


def test_facts_stay_small_however_wide_and_wrong_the_table(tmp_path: Path) -> None:
    import msgspec

    wide = ["区县", *(f"第{n}个指标(个)" for n in range(255))]
    rows = [
        wide,
        *[["区", *(["1"] * 255)] for _ in range(40)],
        *[["区", *(["若干"] * 255)] for _ in range(30)],
        ["合计", *(["7"] * 255)],
    ]
    (tmp_path / "a.csv").write_text("\n".join(",".join(r) for r in rows), "utf-8")
    reading = read_file(tmp_path / "a.csv", "a.csv", Limits())
    assert len(msgspec.json.encode(reading.facts)) < 16_000
    assert reading.facts["numbers_unread"].raw == str(255 * 30)


def test_the_frame_holds_figures_in_their_units_and_its_rows_by_number(tmp_path: Path) -> None:
    table, d = frame(workbook(tmp_path / "a.xlsx"))
    assert list(table.columns) == NAMES == names(d) and list(table.index) == [6, 7]
    assert table["2018年/任务数"].tolist() == [12_000.0, 7.0] and table["2018年/完成率(%)"].tolist() == [57.1, 50.0]
    assert table["2017年/任务数"].sum() == 6 and table["合计"].isna().tolist() == [False, True]
    assert table["区县"].tolist() == ["东河区", "昆区"] and d.totals is not None


def test_columns_of_one_name_stay_apart_in_the_frame(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("区县,数量,数量\n东,1,2\n西,3,4\n", "utf-8")
    table, _ = frame(tmp_path / "a.csv")
    assert list(table.columns) == ["区县", "数量", "数量#2"] and table["数量#2"].tolist() == [2.0, 4.0]


def test_what_is_no_table_has_no_frame(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\n\n")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    for name in ("a.csv", "a.pdf"):
        with pytest.raises(DataError) as e:
            frame(tmp_path / name)
        assert name in e.value.zh


def test_no_reader_loads_pandas(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from archive_schema.cycle import Limits; from intake.read import read_file;"
        f"read_file(Path({str(workbook(tmp_path / 'a.xlsx'))!r}), 'a.xlsx', Limits()); import intake.frame;"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_word_document_that_is_mainly_a_table_gives_its_facts_and_any_other_none(tmp_path: Path) -> None:
    import docx

    grid = [["区县", "2017年", ""], ["", "任务数", "完成数"], ["东河区", "3", "4"], ["昆区", "5", "6"], ["合计", "8", "11"]]
    for name, paragraphs in (("a.docx", []), ("b.docx", ["这是一份很长的情况说明。" * 20])):
        document = docx.Document()
        for text in ("示例市设施统计表", "单位:个", *paragraphs):
            document.add_paragraph(text)
        table = document.add_table(len(grid), 3)
        for r, row in enumerate(grid):
            for c, value in enumerate(row):
                table.cell(r, c).text = value
        table.cell(0, 1).merge(table.cell(0, 2))
        document.save(str(tmp_path / name))
    facts = {k: f.value for k, f in read_file(tmp_path / "a.docx", "a.docx", Limits()).facts.items()}
    assert facts["table_columns"] == ["区县", "2017年/任务数", "2017年/完成数"] and facts["table_units"] == ["个"]
    assert facts["table_rows"] == 2 and facts["totals_differ"] == ["C7 2017年/完成数: 合计 11,各行相加 10"]
    assert facts["title"] == "示例市设施统计表"
    assert "table_rows" not in read_file(tmp_path / "b.docx", "b.docx", Limits()).facts
