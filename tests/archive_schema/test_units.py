"""Which unit a folder name means; an unknown one is never a new unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.errors import DataError, UsageError
from archive_schema.units import Lost, Unit, UnitTable, base_name, build, from_references, lost, read_csv, rows, write_csv

TABLE = UnitTable(
    units=(
        Unit("市文明办", aliases=("精神文明办",)),
        Unit("市文旅局", former_names=("市旅发委", "市文广新局"), leader="王五", liaison="赵六"),
        Unit("市公安局", aliases=("市公安局(交警)",)),
        Unit("日报社"),
        Unit("市属媒体", members=("日报社",)),
    )
)


@pytest.mark.parametrize(
    ("typed", "name", "how"),
    [
        ("市文明办", "市文明办", "name"),
        ("精神文明办", "市文明办", "alias"),
        ("市旅发委", "市文旅局", "former"),
        ("文明办", "市文明办", "simplified"),
        ("03-市文明办", "市文明办", "simplified"),
        ("12.文明办", "市文明办", "simplified"),
        ("市公安局(交警)", "市公安局", "alias"),
        ("市 文 明 办", "市文明办", "name"),
    ],
)
def test_a_name_as_anybody_types_it_is_matched(typed: str, name: str, how: str) -> None:
    match = TABLE.match(typed)
    assert (match.unit.name if match.unit else None, match.how) == (name, how)
    assert TABLE.named(typed) == name


def test_a_unit_is_called_as_the_table_has_it_and_an_unknown_one_is_refused_with_the_nearest() -> None:
    assert TABLE.called(TABLE.units[0].aliases[0]) == TABLE.units[0].name
    with pytest.raises(UsageError) as e:
        TABLE.called("市文化旅游局办")
    assert e.value.code == "units.unknown" and e.value.hint == "是不是“市文旅局”?"
    with pytest.raises(UsageError) as e:
        TABLE.called("完全无关")
    assert "dangan units show" in e.value.hint


def test_an_unknown_name_is_no_unit_but_a_suggestion() -> None:
    match = TABLE.match("市文旅体局")
    assert match.unit is None
    assert match.suggestion == "市文旅局"
    assert TABLE.match("完全无关").suggestion == ""
    assert (TABLE.named("市文旅体局"), TABLE.named("")) == ("市文旅体局", "")


def test_two_units_of_one_simplified_name_are_never_guessed() -> None:
    table = UnitTable(units=(Unit("市总工会"), Unit("总工会")))
    assert table.match("总工会").unit == Unit("总工会")
    assert table.match("01-市总工会").unit == Unit("市总工会")


def test_a_group_is_answered_for_by_its_members() -> None:
    assert TABLE.answers_for("日报社", ["市委宣传部", "市属媒体"]) == 1
    assert TABLE.answers_for("市文明办", ["市文明办", "日报社"]) == 0
    assert TABLE.answers_for("市文旅局", ["市旅发委"]) == 0
    assert TABLE.answers_for("市公安局", ["市民政局"]) is None


def test_offices_within_a_unit_are_its_aliases() -> None:
    table = from_references(["市公安局(交警)", "市公安局", "市民政局(老龄办)"])
    assert [u.name for u in table.units] == ["市公安局", "市民政局"]
    assert table.by_name["市公安局"].aliases == ("市公安局(交警)",)


names = st.text("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳", min_size=3, max_size=8)


@given(st.lists(names, unique=True, min_size=1, max_size=12))
def test_written_and_read_again_it_is_the_same(found: list[str]) -> None:
    table = UnitTable(units=tuple(sorted((Unit(n) for n in found), key=lambda u: u.name)))
    assert read_csv(write_csv(table)) == table


def test_every_column_survives_the_round_trip() -> None:
    header, body = rows(TABLE)
    again = build(header, enumerate(body, 2))
    assert again.by_name == TABLE.by_name


@pytest.mark.parametrize(
    ("header", "body", "words"),
    [
        (["单位"], [["a"]], ["单位名称"]),
        (["单位名称", "别名"], [["市文明办", ""], ["", "x"]], ["第 3 行", "单位名称"]),
        (["单位名称", "别名"], [["市文明办", "文明办"], ["市教育局", "文明办"]], ["第 3 行", "别名", "市文明办"]),
        (["单位名称", "别名"], [["市文明办", ""], ["市文明办", ""]], ["第 3 行", "第 2 行"]),
        (["单位名称", "成员单位"], [["市属媒体", "日报社"]], ["市属媒体", "日报社"]),
    ],
)
def test_a_wrong_table_is_named_by_row_and_column(header, body, words) -> None:
    with pytest.raises(DataError) as e:
        build(header, enumerate(body, 2))
    assert any(all(w in p for w in words) for p in e.value.problems), e.value.problems


@pytest.mark.parametrize("cell", ["旧名一;旧名二", "旧名一；旧名二", "旧名一、旧名二", "旧名一 ；\n旧名二；"])
def test_names_in_a_cell_are_separated_half_width_or_full(cell: str) -> None:
    [unit] = build(["单位名称", "曾用名"], [(2, ["某局", cell])]).units
    assert unit.former_names == ("旧名一", "旧名二")


def test_the_office_within_a_unit_stands_in_brackets_of_either_width() -> None:
    assert base_name("市公安局(交警)") == base_name("市公安局（交警）") == "市公安局"


def test_what_another_table_no_longer_says_is_counted() -> None:
    assert lost(TABLE, TABLE) == Lost()
    renamed = UnitTable((Unit("市文广旅局", former_names=("市文旅局",)), *(u for u in TABLE.units if u.name == "市文明办")))
    assert lost(TABLE, renamed) == Lost(("市公安局", "日报社", "市属媒体"), ("市旅发委", "市文广新局"))
    bare = UnitTable(tuple(Unit(u.name) for u in TABLE.units))
    emptied = {"aliases": 2, "former_names": 1, "members": 1, "leader": 1, "liaison": 1}
    assert lost(TABLE, bare).emptied == emptied and lost(TABLE, bare).units == ()
