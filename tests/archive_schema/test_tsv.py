"""Tables that a city edits: columns in any order under either name, every fault told with its row and column."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from archive_schema import tsv

COLUMNS = {"id": "编号", "terms": "专用词语", "units": "常见单位"}
ROWS = [(2, ["甲;乙、甲", "FJ1", "某局"]), (3, ["丙", "F J 2"])]


def test_a_column_stands_anywhere_and_under_either_name() -> None:
    problems: list[str] = []
    rows = tsv.keyed(["专用词语 ", "id", "units"], ROWS, COLUMNS, problems)
    assert rows == [(2, {"terms": "甲;乙、甲", "id": "FJ1", "units": "某局"}), (3, {"terms": "丙", "id": "F J 2"})]
    assert problems == []


def test_without_a_column_that_is_needed_there_are_no_rows_and_the_fault_names_it() -> None:
    problems: list[str] = []
    assert tsv.keyed(["专用词语", "颜色"], ROWS, COLUMNS, problems, where="用语 ") == []
    assert problems == ["用语 第 1 行: 缺少列“编号”(id)"]


def test_a_column_that_nobody_knows_is_a_fault_where_the_table_is_closed() -> None:
    problems: list[str] = []
    assert len(tsv.keyed(["id", "颜色", ""], ROWS, COLUMNS, problems, closed=False)) == 2 and not problems
    assert len(tsv.keyed(["id", "颜色", ""], ROWS, COLUMNS, problems)) == 2
    assert problems == ["第 1 行: 不认识列“颜色”,只能是 编号、专用词语、常见单位"]


def test_each_item_has_one_row_in_the_order_of_the_catalogue() -> None:
    problems: list[str] = []
    rows = [(2, {"id": "F J 2"}), (3, {"id": "FJ9"}), (4, {"id": "FJ1"}), (5, {"id": "FJ2", "terms": "晚"}), (6, {})]
    found = tsv.of_items(rows, ["FJ1", "FJ2", "FJ3"], "编号", problems, where="用语 ")
    assert list(found.items()) == [("FJ1", (4, {"id": "FJ1"})), ("FJ2", (2, {"id": "F J 2"}))]
    assert problems == [
        "用语 第 3 行“编号”: 目录中没有标准“FJ9”",
        "用语 第 5 行“编号”: FJ2 与第 2 行重复",
        "用语 第 6 行“编号”: 目录中没有标准“”",
    ]


def test_a_list_in_a_cell_holds_each_word_once() -> None:
    assert tsv.words(" 甲;乙、;甲;丙\n丁 ") == ("甲", "乙", "丙", "丁")


CELL = st.text(st.characters(blacklist_characters="\t", blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2).filter(any), max_size=5))
def test_what_is_written_is_read_again(tmp_path_factory: object, body: list[list[str]]) -> None:
    path = Path(tmp_path_factory.mktemp("tsv")) / "t.tsv"  # type: ignore[attr-defined]
    path.write_bytes(tsv.render(["id", "terms"], body))
    header, rows = tsv.read(path)
    assert header == ["id", "terms"] and [cells for _, cells in rows] == body


def test_a_list_in_a_cell_is_separated_half_width_or_full() -> None:
    assert tsv.words("规范文件；说明报告;实景图片、统计表格\n规范文件") == ("规范文件", "说明报告", "实景图片", "统计表格")
    assert tsv.phrases("工业、商业处；市文明办;市委办") == ("工业、商业处", "市文明办", "市委办")
