"""From the figures of tables to a grade, or to none and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema import catalogue as catalogues
from archive_schema import ladders as item_ladders
from archive_schema.coverage import CellCount
from archive_schema.cycle import Cycle, Window
from archive_schema.evidence import Fact
from archive_schema.ladders import Basis, Grade, Ladder, Statistic, Step
from archive_schema.weights import Weights
from archive_schema.words import EvidenceKind, PlacementStatus
from tests.county import COUNTY, LADDERS_OF_OURS, SHORTFALLS, WHOLE_COUNTY, tables_of
from validators import indicators
from validators.assess import assess
from validators.grading import Graded, grade, grades
from validators.indicators import Reading, Table, readings
from validators.scoring import score

D = item_ladders.Direction
TWO_YEARS = Window(date(2015, 1, 1), date(2016, 12, 31))


def ladder(unit: str = "元", **more: object) -> Ladder:
    steps = (Step(D.BELOW, item_ladders._number("400"), Grade.B), Step(D.ELSE, None, Grade.A))
    return Ladder(**({"item": "FJ3", "indicator": "人均教育经费", "unit": unit, "steps": steps, "basis": Basis.OURS} | more))  # type: ignore[arg-type]


def said(*lines: str, dated: Sequence[str] = (), path: str = "表.xlsx") -> Table:
    return Table("a" * 64, "县教育局", path, lines, dated=tuple(dated))


def graded(*tables: Table, window: Window | None = TWO_YEARS, of: Ladder | None = None) -> Graded:
    of = of or ladder()
    return grade(of, [r for t in tables for r in readings(of, t).readings], window)


# -- which figure ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["C5 人均教育经费 | 2016年 = 412 元"], ["C5"]),
        (["C5 （1）全县人均教育经费（元） | 2016年/完成数 = 412"], ["C5"]),
        (["C5 2016年 | 人均教育经费 = 412 元", "D5 2016年 | 人均教育经费增幅 = 5 %"], ["C5"]),
        (["C5 社会事业/人均教育经费 | 实际 = 412 元"], ["C5"]),
        (
            ["C5 人均教育经费 | 目标值 = 500 元", "D5 人均教育经费 | 实际值 = 412 元", "E5 人均教育经费 | 同比增长 = 3 %"],
            ["D5"],
        ),
        (["C5 农村人均教育经费 | 2016年 = 412 元", "C6 人均教育经费占比 | 2016年 = 4 %"], []),
        (["C5 甲镇 | 人均教育经费 = 1 元", "C6 乙镇 | 人均教育经费 = 2 元", "C7 全县 | 人均教育经费 = 412 元"], ["C7"]),
        (["C5 人均教育经费 | 甲镇 = 1 元", "D5 人均教育经费 | 合计 = 412 元"], ["D5"]),
        (["C5 教育/人均教育经费 | 2015年 = 380 元", "D5 教育/人均教育经费 | 2016年 = 412 元"], ["C5", "D5"]),
        (["C5 2016年人均教育经费 |  = 412 元"], ["C5"]),
        (["C5 生均公用经费 | 2016年 = 412 元"], []),
        (["C5 人均教育经费 | 目标值 = 500 元"], []),
        (["C5 上年/人均教育经费 | 数值 = 500 元"], []),
        (["C5 去年/人均教育经费 | 数值 = 500 元", "C6 上期/人均教育经费 | 数值 = 500 元"], []),
        (["C5 人均教育经费 | 计划 = 500 元", "D5 人均教育经费 | 同比 = 5 元", "E5 人均教育经费 | 环比 = 5 元"], []),
        (["C5 人均教育经费 | 排名 = 5", "D5 人均教育经费 | 位次 = 5", "E5 人均教育经费 | 名次 = 5"], []),
        (["C5 2015年/全县 | 人均教育经费(元/人) = 412 元/人", "C6 2015年/甲镇 | 人均教育经费(元/人) = 300 元/人"], ["C5"]),
        (["C5 甲镇 | 人均教育经费 = 1 元", "C6 2016年全县 | 人均教育经费 = 412 元"], ["C6"]),
        (["C5 甲镇 | 人均教育经费 = 1 元", "C6 全县 | 人均教育经费/2016年(快报)完成数 = 412 元"], ["C6"]),
        (["C5 甲镇 | 人均教育经费 = 1 元", "C6 3/人均教育经费 | 数值 = 412 元"], ["C6"]),
        (["C5 甲镇 | 人均教育经费 = 1 元", "C6 二小 | 人均教育经费 = 412 元"], []),
    ],
)
def test_the_indicator_is_the_row_or_column_of_that_name(lines: list[str], found: list[str]) -> None:
    assert [r.cell for r in readings(ladder(), said(*lines)).readings] == found


@pytest.mark.parametrize(
    "written",
    [
        "人均教育经费：", "2016年全县人均教育经费", "全县2016年人均教育经费", "人均教育经费,元", "二、人均教育经费(万元)", "本县人均教育经费",
    ],
)  # fmt: skip
def test_a_name_is_the_same_with_what_may_stand_around_it(written: str) -> None:
    assert indicators.folded(written) == "人均教育经费"


@pytest.mark.parametrize("name", ["人/车比", "财政教育投入增长率"])
def test_a_name_may_hold_the_sign_between_words_and_words_of_what_is_no_figure(name: str) -> None:
    lines = [f"C5 2016年/全县 | {name} = 2", f"C6 2016年/甲镇 | {name} = 3", f"C7 2016年/乙镇 | 数值/{name} = 3"]
    assert [r.cell for r in readings(ladder("", indicator=name), said(*lines)).readings] == ["C5"]


def test_an_alias_is_a_name_too() -> None:
    lines = ["C5 生均经费 | 2016年 = 412 元"]
    assert readings(ladder(), said(*lines)).readings == ()
    assert len(readings(ladder(aliases=("生均 经费",)), said(*lines)).readings) == 1


def test_several_places_without_the_whole_are_no_figure_of_the_whole() -> None:
    found = readings(ladder(), said("C5 甲镇 | 人均教育经费 = 500 元", "C6 乙镇 | 人均教育经费 = 300 元"))
    assert found.readings == () and "按 甲镇、乙镇 分列,没有合计数" in found.why


def test_the_time_of_a_figure_is_its_own_before_that_of_its_sheet_and_of_the_table() -> None:
    dated = ["2014年1月至12月"]
    of = ["C5 人均教育经费 | 2016年 = 1 元", "2015年!C5 人均教育经费 | 数值 = 2 元", "C9 人均教育经费 | 数值 = 3 元"]
    years = [r.period.end.year for r in readings(ladder(), said(*of, dated=dated)).readings if r.period]
    assert years == [2016, 2015, 2014]
    (of_two,) = readings(ladder(), said("C5 2015—2016年/人均教育经费 | 2016年上半年 = 1 元")).readings
    assert of_two.period == Window(date(2016, 1, 1), date(2016, 6, 30)), "the shortest that is named"


def test_facts_say_of_when_a_table_is_in_this_order_and_what_they_leave_out() -> None:
    facts = {
        "table_figures": Fact(["C5 合计 | 甲 = 1"], raw="表较大,只列合计行"),
        "title": Fact("2016年表"),
        "table_date": Fact("2015年"),
    }
    of = indicators.table("a", "u", "p.xlsx", facts)
    assert of.dated == ("2015年", "2016年表") and "只列合计行" in readings(ladder(), of).why
    typed = {"table_figures": Fact("人均教育经费 2016年=412元;污水处理率 2016年=80%", raw="…", method="attested")}
    assert graded(indicators.table("a", "u", "p.pdf", typed)).value == 412
    assert readings(ladder(indicator="另一项"), indicators.table("a", "u", "p.pdf", typed)).why == ""
    listed = {"table_figures": Fact("污水处理率=80%、人均教育经费=412元", method="attested"), "issued_on": Fact("2016-12-31")}
    (found,) = readings(ladder(), indicators.table("a", "u", "p.pdf", listed)).readings
    assert found.value == 412 and found.period == Window(date(2016, 12, 31), date(2016, 12, 31))


# -- the grade ---------------------------------------------------------------------------------------------------------


def test_a_grade_names_the_figure_and_what_is_missing_to_the_next() -> None:
    got = graded(said("C5 人均教育经费 | 2016年 = 380 元"))
    assert (got.grade, got.value, got.better) == (Grade.B, 380, Grade.A)
    assert got.gap == "再高 20 元到 A(须 ≥ 400 元)" and got.used[0].cell == "C5"
    best = graded(said("C5 人均教育经费 | 2016年 = 0.04 万元"))
    assert (best.grade, best.value, best.better, best.gap) == (Grade.A, 400, None, "")


def test_a_gap_is_to_the_nearest_better_step_and_says_on_which_side() -> None:
    steps = (Step(D.BELOW, item_ladders._number("60"), Grade.A), Step(D.BELOW, item_ladders._number("65"), Grade.B))
    noise = ladder("dB", indicator="区域噪声", steps=(*steps, Step(D.ELSE, None, Grade.C)))
    assert graded(said("C5 区域噪声 | 2016年 = 67 分贝"), of=noise).gap == "再低 2 dB 到 B(须 < 65 dB)"
    assert graded(said("C5 区域噪声 | 2016年 = 65 dB(A)"), of=noise).gap == "到 B 须 < 65 dB,现正在界上"
    assert graded(said("C5 区域噪声 | 2016年 = 62 dB"), of=noise).better is Grade.A


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "没有找到“人均教育经费”的数"),
        (["C5 人均教育经费 | 2016年 = 412"], "C5: 没有写单位,应为“元”"),
        (["C5 人均教育经费 | 2016年 = 412 %"], "“%”与“元”不能比较"),
        (["C5 人均教育经费 | 数值 = 412 元"], "看不出是哪一年的数"),
        (["C5 人均教育经费 | 2013年 = 412 元"], "2013年 的数,不在测评时段 2015-01-01 至 2016-12-31 内"),
        (
            ["C5 人均教育经费 | 2016年 = 380 元", "C9 人均教育经费 | 2016年 = 412 元"],
            "2016年 的数不一致: 表.xlsx C5 为 380、表.xlsx C9 为 412 元",
        ),
    ],
)
def test_without_a_sure_figure_there_is_no_grade_and_the_reason_is_said(lines: list[str], why: str) -> None:
    got = graded(said(*lines))
    assert got.grade is None and why in got.why and got.gap == ""


def test_figures_that_agree_to_the_digits_written_agree() -> None:
    one, two = (
        said("C5 人均教育经费 | 2016年 = 412.3 元", path="甲.xlsx"),
        said("B2 人均教育经费 | 2016年 = 412.28 元", path="乙.xlsx"),
    )
    assert graded(one, two).grade is Grade.A
    assert graded(one, said("B2 人均教育经费 | 2016年 = 412.4 元")).grade is None
    assert graded(one, said("B2 人均教育经费 | 2016年 = 0.04123 万元")).grade is Grade.A
    edge = said("B2 人均教育经费 | 2016年 = 0.0399 万元"), said("B2 人均教育经费 | 2016年 = 0.04 万元")
    assert graded(*edge).grade is None, "rounding must not decide a grade"


def test_the_latest_whole_year_counts_before_a_part_of_a_later_one() -> None:
    lines = ["C5 人均教育经费 | 2015年 = 500 元", "D5 人均教育经费 | 2016年上半年 = 210 元"]
    assert graded(said(*lines)).value == 500
    assert graded(said(lines[1])).value == 210
    assert graded(said(*lines, "E5 人均教育经费 | 2016年 = 390 元")).value == 390
    assert graded(said(*lines, "E5 人均教育经费 | 2017年 = 390 元")).value == 500, "2017 is outside of the window"
    assert graded(said(lines[0], "E5 人均教育经费 | 2015—2016年 = 390 元")).value == 500, "two years are no year"
    parts = ["C5 人均教育经费 | 2016年10月至12月 = 90 元", "D5 人均教育经费 | 2016年下半年 = 210 元"]
    assert graded(said(*parts)).value == 210, "of two that end together the longer"


def test_a_mean_is_of_the_years_of_the_window_and_needs_them_all() -> None:
    of = ladder(statistic=Statistic.MEAN)
    lines = ["C5 人均教育经费 | 2014年 = 100 元", "D5 人均教育经费 | 2015年 = 380 元", "E5 人均教育经费 | 2016年 = 421 元"]
    got = graded(said(*lines), of=of)
    assert (got.grade, got.value, [r.cell for r in got.used]) == (Grade.A, Fraction(801, 2), ["D5", "E5"])
    assert graded(said(lines[2]), of=of).why == "取各年平均,缺 2015 年的数"
    part = Window(date(2015, 8, 1), date(2016, 7, 31))
    assert graded(said("E5 人均教育经费 | 2016年上半年 = 421 元"), of=of, window=part).why == "取各年平均,没有整年的数"
    assert graded(said(*lines), of=of, window=part).value == Fraction(801, 2)
    most = Window(date(2015, 2, 1), date(2016, 12, 31))
    assert graded(said(*lines), of=of, window=most).value == 421, "only years that lie in it as a whole"
    edge = "F5 人均教育经费 | 2015年 = 0.04 万元", "D5 人均教育经费 | 2015年 = 399.96 元", lines[2]
    assert graded(said(*edge), of=of).value == (Fraction("399.96") + 421) / 2, "of one year of several the steps say nothing"


def test_of_two_that_agree_the_one_that_is_written_the_longest_counts() -> None:
    short, long = "C5 人均教育经费 | 2016年 = 412.3 元", "D5 人均教育经费 | 2016年 = 412.28 元"
    assert graded(said(short, long)).value == graded(said(long, short)).value == Fraction("412.28")
    half = "C5 人均教育经费 | 2016年 = 412.3 元", "D5 人均教育经费 | 2016年 = 412.25 元"
    assert graded(said(*half)).value == Fraction("412.25"), "half a digit up is rounded, no other figure"


def test_the_reason_names_the_last_year_there_is_and_the_kind_of_unit() -> None:
    old = graded(said("C5 人均教育经费 | 2012年 = 1 元", "D5 人均教育经费 | 2013年 = 1 元"))
    assert "D5: 2013年 的数" in old.why
    share = ladder(
        "%", indicator="污水处理率", steps=(Step(D.BELOW, item_ladders._number("80"), Grade.B), Step(D.ELSE, None, Grade.A))
    )
    assert graded(said("C5 污水处理率 | 2016年 = 77.5 %"), of=share).gap == "再高 2.5 个百分点到 A(须 ≥ 80 %)"


def test_what_no_step_says_has_no_grade() -> None:
    of = ladder(steps=(Step(D.ABOVE, item_ladders._number("400"), Grade.A),))
    got = graded(said("C5 人均教育经费 | 2016年 = 400 元"), of=of)
    assert got.grade is None and "不在所列各档内(> 400 元 → A)" in got.why


@given(st.lists(st.tuples(st.integers(2010, 2020), st.integers(0, 900)), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_tables_changes_no_grade(given_: list[tuple[int, int]], random: object) -> None:
    tables = [said(f"C{n} 人均教育经费 | {y}年 = {v} 元", path=f"{n}.xlsx") for n, (y, v) in enumerate(given_, 1)]
    before = graded(*tables)
    random.shuffle(tables)  # type: ignore[attr-defined]
    after = graded(*tables)
    assert (before.grade, before.value) == (after.grade, after.value)


@given(st.fractions(0, 1000, max_denominator=100), st.sampled_from(["元", "万元", "角", "元/人"]))
def test_a_grade_does_not_depend_on_the_unit_written(value: Fraction, unit: str) -> None:
    from archive_schema.quantities import convert

    written = convert(value, "元", unit)
    assert written is not None
    reading = Reading(written, unit, TWO_YEARS, "C5", "u", "p", "a")
    got = grade(ladder(), [reading], None)
    assert got.value == value and got.grade is (Grade.B if value < 400 else Grade.A)


# -- items -------------------------------------------------------------------------------------------------------------


CYCLE = Cycle("c", "fujian-county", dict.fromkeys(EvidenceKind, Window(date(2005, 1, 1), date(2006, 12, 31))))


def items(values: dict[str, str], *, usable: Sequence[str] = (), counts: Sequence[CellCount] = (), of=WHOLE_COUNTY):  # type: ignore[no-untyped-def]
    now = assess(of, CYCLE, counts, not_applicable=[], today=date(2006, 12, 1))
    pieces = {i: Reading(Fraction(1), "", None, "", "县文明办", "通报.docx", "b" * 64) for i in usable}
    return {g.item: g for g in grades(of, CYCLE, now, tables_of(values), pieces)}


def test_the_shortfalls_of_the_county_give_seven_b_and_two_c() -> None:
    got = items({i: short for i, (short, _) in SHORTFALLS.items()})
    assert [g.grade for g in got.values()].count(Grade.B) == 7 and [g.grade for g in got.values()].count(Grade.C) == 2
    assert {i for i, g in got.items() if g.grade is Grade.C} == {"FJ8", "FJ9"} and len(got) == 9


@pytest.mark.parametrize("item", [i.id for i in COUNTY.items])
def test_each_shortfall_made_good_gives_a_and_changes_no_other(item: str) -> None:
    short = {i: s for i, (s, _) in SHORTFALLS.items()}
    before = items(short)
    after = items(short | {item: SHORTFALLS[item][1]}, usable=[item] if item in ("FJ2", "FJ6") else [])
    assert after[item].grade is Grade.A and not after[item].ladders[0].gap
    assert {i: g.grade for i, g in after.items() if i != item} == {i: g.grade for i, g in before.items() if i != item}


def test_what_was_not_published_is_graded_by_no_shipped_ladder() -> None:
    assert {b.item for b in COUNTY.ladders} == {"FJ2", "FJ3", "FJ4", "FJ5", "FJ6", "FJ8", "FJ9"}
    assert all(b.basis is Basis.PUBLISHED and b.source for b in COUNTY.ladders)
    assert {b.item for b in LADDERS_OF_OURS} == {"FJ1", "FJ7"} and all(b.basis is Basis.OURS for b in LADDERS_OF_OURS)
    assert set(items({}, of=COUNTY)) == {b.item for b in COUNTY.ladders}


def test_nothing_read_is_no_grade_and_the_reason_names_the_state_of_the_table() -> None:
    got = items({})
    assert got["FJ3"].grade is None and got["FJ3"].why == ("没有找到“人均教育经费”的数: 统计表格未提交",)
    waiting = CellCount("FJ3", EvidenceKind.TABLE, PlacementStatus.IN_REVIEW, "", None, 1)
    assert items({}, counts=[waiting])["FJ3"].why == ("没有找到“人均教育经费”的数: 统计表格待复核",)


def test_the_reason_names_the_tables_that_were_looked_at_and_the_state_of_the_tables_alone() -> None:
    tables = [said("C5 甲 | 乙 = 1", path=f"{n}.xlsx") for n in range(4)]
    for many, named in ((1, "已看 0.xlsx"), (3, "已看 0.xlsx、1.xlsx、2.xlsx"), (4, "已看 0.xlsx、1.xlsx、2.xlsx 等")):
        now = assess(WHOLE_COUNTY, CYCLE, [], not_applicable=[], today=date(2006, 12, 1))
        (got,) = [g for g in grades(WHOLE_COUNTY, CYCLE, now, {"FJ3": tables[:many]}, {}) if g.item == "FJ3"]
        assert got.why[0].endswith(named)
    waiting = [CellCount("FJ3", k, PlacementStatus.IN_REVIEW, "", None, 1) for k in EvidenceKind if k is not EvidenceKind.TABLE]
    assert items({}, counts=waiting)["FJ3"].why == ("没有找到“人均教育经费”的数: 统计表格未提交",)


def test_a_figure_counts_in_the_window_of_tables() -> None:
    of = {"FJ3": "人均教育经费 | 2006年 = 500 元"}
    other = dict.fromkeys(EvidenceKind, Window(date(2007, 1, 1), date(2007, 12, 31)))
    now = assess(WHOLE_COUNTY, CYCLE, [], not_applicable=[], today=date(2006, 12, 1))
    for windows, got in ((CYCLE.windows | {EvidenceKind.DOCUMENT: other[EvidenceKind.DOCUMENT]}, Grade.A), (other, None)):
        cycle = msgspec.structs.replace(CYCLE, windows=windows)
        assert {g.item: g for g in grades(WHOLE_COUNTY, cycle, now, tables_of(of), {})}["FJ3"].grade is got


def test_none_is_said_only_where_nothing_at_all_was_handed_in() -> None:
    got = items({})["FJ2"]
    assert got.grade is Grade.B and "没有提交任何材料" in got.ladders[0].why and got.ladders[0].gap == "有可用的材料即到 A"
    waiting = CellCount("FJ2", EvidenceKind.DOCUMENT, PlacementStatus.IN_REVIEW, "", None, 1)
    assert items({}, counts=[waiting])["FJ2"].grade is None
    assert items({}, usable=["FJ2"])["FJ2"].grade is Grade.A


def test_a_figure_of_nothing_beats_material_that_is_there() -> None:
    assert items({"FJ2": "全国宣传的典型人物 | 2006年 = 0 人"}, usable=["FJ2"])["FJ2"].grade is Grade.B
    assert items({"FJ2": "全国宣传的典型人物 | 2006年 = 2 人"})["FJ2"].grade is Grade.A


def test_an_item_of_two_indicators_is_worth_its_worst_and_nothing_while_one_is_unread() -> None:
    second = ladder(item="FJ3", indicator="教育经费占比", unit="%")
    of = msgspec.structs.replace(WHOLE_COUNTY, ladders=(*WHOLE_COUNTY.ladders, second))
    one = items({"FJ3": "人均教育经费 | 2006年 = 500 元"}, of=of)["FJ3"]
    assert one.grade is None and one.ladders[0].grade is Grade.A and "教育经费占比" in one.why[0]
    both = items({"FJ3": "人均教育经费 | 2006年 = 500 元;教育经费占比 | 2006年 = 3 %"}, of=of)["FJ3"]
    assert both.grade is Grade.B


def test_an_item_that_does_not_apply_has_no_grade() -> None:
    now = assess(WHOLE_COUNTY, CYCLE, [], not_applicable=[("FJ3", None)], today=date(2006, 12, 1))
    got = {g.item: g for g in grades(WHOLE_COUNTY, CYCLE, now, tables_of({"FJ3": "人均教育经费 | 2006年 = 1 元"}), {})}
    assert (got["FJ3"].grade, got["FJ3"].applicable, got["FJ3"].why) == (None, False, ("本项不适用",))


# -- the score ---------------------------------------------------------------------------------------------------------


def weighed(**more: object) -> catalogues.Catalogue:
    table = dict(zip(Grade, map(item_ladders.Decimal, (100, 66, 33, 0)), strict=True))
    worth = Weights(**({"grades": table, "basis": Basis.PUBLISHED, "source": "某说明"} | more))  # type: ignore[arg-type]
    return msgspec.structs.replace(WHOLE_COUNTY, head=msgspec.structs.replace(WHOLE_COUNTY.head, weights=worth))


def test_without_weights_there_is_no_score_and_without_a_grade_none_is_nought() -> None:
    got = items({}).values()
    assert score(WHOLE_COUNTY, got) is None
    unread = [g for g in got if g.grade is None]
    empty = score(weighed(), unread)
    assert empty is not None and empty.points is None and empty.total == 9


def test_points_are_those_of_the_graded_items() -> None:
    got = items({"FJ3": "人均教育经费 | 2006年 = 500 元", "FJ8": "创建经费人均投入 | 2006年 = 0.5 元"})
    known = [g for i, g in got.items() if i in ("FJ3", "FJ8")]
    s = score(weighed(), known)
    assert s is not None and (s.points, s.possible, s.total, s.graded, s.items) == (Fraction(133, 100), 2, 9, 2, 9)
    heavy = score(weighed(sections={"未公布": item_ladders.Decimal(45)}), known)
    assert heavy is not None and (heavy.points, heavy.possible, heavy.total) == (Fraction(665, 100), 10, 45)
    s = score(weighed(), known, ["FJ1", "FJ2"])
    assert s is not None and (s.total, s.items) == (7, 7)


def test_an_item_counts_by_its_weight_among_those_of_its_section_and_not_at_all_where_it_does_not_apply() -> None:
    got = items({"FJ3": "人均教育经费 | 2006年 = 500 元", "FJ8": "创建经费人均投入 | 2006年 = 0.5 元"})
    known = [g for i, g in got.items() if i in ("FJ3", "FJ8")]
    number = item_ladders.Decimal
    of = weighed(sections={"甲": number(30), "未公布": number(50)})
    heavy = [
        msgspec.structs.replace(
            i, section="甲" if i.id in ("FJ3", "FJ4") else i.section, weight=number(3 if i.id == "FJ3" else 1)
        )
        for i in of.items
    ]
    of = msgspec.structs.replace(of, items=tuple(heavy))
    s = score(of, known)
    share = Fraction(30 * 3, 4)  # FJ3 of its section, and FJ8 one of seven in the other
    assert s is not None and (s.points, s.possible, s.total) == (
        share + Fraction(50, 7) * 33 / 100,
        share + Fraction(50, 7),
        80,
    )
    s = score(of, known, ["FJ3"])
    assert s is not None and (s.points, s.total, s.graded, s.items) == (Fraction(50, 7) * 33 / 100, 80, 1, 8)
    assert score(msgspec.structs.replace(weighed(), ladders=()), known) is None
