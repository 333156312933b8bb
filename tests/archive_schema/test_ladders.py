"""Ladders as data: what a figure is worth, every way in which a table of them can be wrong, and out and in again."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema import catalogue as catalogues
from archive_schema import ladders, quantities, weights
from archive_schema.catalogue import Catalogue
from archive_schema.errors import DataError
from archive_schema.ladders import Basis, Direction, Grade, Ladder, Statistic, Step, bands
from archive_schema.weights import Weights
from flows import replacing

COUNTY = catalogues.load("fujian-county")
HEADER = list(ladders.COLUMNS)


def table(*rows: str) -> list[tuple[int, list[str]]]:
    """Rows as ``FJ3 人均教育经费 < 400 元 B 最新 公布``; - is an empty cell."""
    out = []
    for n, row in enumerate(rows, 2):
        item, indicator, direction, value, unit, grade, *more = ("" if w == "-" else w for w in row.split())
        statistic, basis, source = (*more, *["", "", ""][len(more) :])
        out.append((n, [item, indicator, direction, value, unit, grade, statistic, "", basis, source]))
    return out


def built(*rows: str) -> tuple[Ladder, ...]:
    return catalogues.with_ladders(COUNTY, HEADER, table(*rows)).ladders


def wrong(*rows: str) -> list[str]:
    with pytest.raises(DataError) as e:
        built(*rows)
    return list(e.value.problems)


def worth(steps: str, value: str) -> str | None:
    """The grade of a value by steps like ``≥85 A, ≥80 B``."""
    made = []
    for step in steps.split(","):
        direction, grade = step.split()
        sign = direction[0] if direction[0] in "≥≤<>" else direction
        made.append(Step(Direction(sign), Decimal(direction[1:]) if sign != direction else None, Grade(grade)))
    return next(b.grade for b in bands(made) if Fraction(value) in b)


@pytest.mark.parametrize(
    ("steps", "values"),
    [
        (">85 A,>80 B", {"85.1": "A", "85": "B", "80.5": "B", "80": None}),  # published, 2011: good-air days
        ("<60 A,<65 B", {"59.9": "A", "60": "B", "64": "B", "65": None}),  # published, 2011: noise of an area
        ("≥100 A,>95 B", {"100": "A", "99.9": "B", "95": None}),  # published, 2011: water zones
        ("<400 B,其余 A", {"399.99": "B", "400": "A", "0": "B"}),  # published, a county of Fujian
        ("<400 B,<200 C,其余 A", {"400": "A", "300": "B", "200": "B", "199": "C"}),
        ("≥400 A,<400 B", {"400": "A", "399": "B"}),
        ("≤5 A,其余 C#", {"5": "A", "5.01": "C#"}),
        ("无 B,有 A", {"0": "B", "1": "A"}),
        ("无 B,其余 A", {"0": "B", "1": "A"}),
        (">10 C,>5 B,其余 A", {"5": "A", "6": "B", "11": "C"}),
    ],
)
def test_of_the_steps_that_hold_the_narrowest_counts(steps: str, values: dict[str, str | None]) -> None:
    assert {v: worth(steps, v) for v in values} == values


def test_national_2017_ships_no_ladder_and_no_weight() -> None:
    national = catalogues.load("national-2017")
    assert national.ladders == () and national.head.weights is None
    assert not any(i.weight for i in national.items)
    assert not (catalogues.DATA / "national-2017" / "ladders.tsv").exists()


ROW = "FJ3 人均教育经费 < 400 元 B 最新 公布"
REST = "FJ3 人均教育经费 其余 - - A"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["FJ99 人均教育经费 < 400 元 B 最新 公布"], ["第 2 行“编号”", "FJ99"]),
        (["FJ3 - < 400 元 B 最新 公布"], ["第 2 行“指标名称”", "不能为空"]),
        (["FJ3 人均教育经费 << 400 元 B 最新 公布"], ["第 2 行“方向”", "不认识“<<”", "≥、>、≤、<、有、无、其余"]),
        (["FJ3 人均教育经费 < 四百 元 B 最新 公布"], ["第 2 行“界值”", "现为“四百”"]),
        (["FJ3 人均教育经费 < - 元 B 最新 公布"], ["第 2 行“界值”", "应为一个数"]),
        ([ROW, "FJ3 人均教育经费 其余 5 元 A"], ["第 3 行“界值”", "不写界值"]),
        (["FJ3 人均教育经费 < 400 元 D 最新 公布"], ["第 2 行“等级”", "不认识“D”", "A、B、C、C#"]),
        (["FJ3 人均教育经费 < 400 yuan B 最新 公布"], ["第 2 行“计量单位”", "不认识“yuan”"]),
        (["FJ3 人均教育经费 < 400 元 B 中位 公布"], ["第 2 行“取值”", "不认识“中位”", "最新、平均"]),
        (["FJ3 人均教育经费 < 400 元 B 最新 听说"], ["第 2 行“依据”", "不认识“听说”", "公布、自定"]),
        (["FJ3 人均教育经费 < 400 元 B 最新"], ["第 2 行“依据”", "不能为空"]),
        ([ROW, "FJ3 人均教育经费 < 200 万元 C"], ["第 3 行“计量单位”", "“万元”与第 2 行", "“元”不符"]),
        ([ROW, "FJ3 人均教育经费 < 200 % C"], ["第 3 行“计量单位”", "不符"]),
        ([ROW, "FJ3 人均教育经费 < 200 元 C 平均"], ["第 3 行“取值”", "不符"]),
        ([ROW, "FJ3 人均教育经费 有 - 元 A"], ["第 3 行“方向”", "不能与界值用在同一指标上"]),
        ([REST + " 最新 公布"], ["第 2 行“方向”", "只有“其余”"]),
        ([ROW, "FJ3 人均教育经费 < 400 元 C"], ["第 3 行“界值”", "(第 2 行)", "重叠或互相矛盾"]),
        ([ROW, "FJ3 人均教育经费 ≥ 300 元 A"], ["第 3 行“界值”", "“< 400 → B”(第 2 行)", "重叠"]),
        ([ROW, REST, "FJ3 人均教育经费 < 200 元 A"], ["“界值”", "一路更高或一路更低"]),
        ([ROW, REST, "FJ3 人均教育经费 其余 - - C"], ["第 4 行“界值”", "重叠或互相矛盾"]),
        ([ROW, "FJ3 人均教育经费 ≥ 400 元 A", "FJ3 人均教育经费 其余 - - C"], ["第 4 行“界值”", "永远用不上"]),
    ],
)
def test_a_fault_is_named_by_row_and_column(rows: list[str], said: list[str]) -> None:
    problems = wrong(*rows)
    assert any(all(s in p for s in said) for p in problems), problems


def test_every_fault_is_named_at_once_and_a_missing_column_too() -> None:
    assert len(wrong("FJ99 甲 < 1 元 D 最新 公布", "FJ3 乙 ? 1 元 A 最新 公布")) == 3
    with pytest.raises(DataError) as e:
        catalogues.with_ladders(COUNTY, [h for h in HEADER if h != "grade"], [])
    assert e.value.problems == ("等级阈值 第 1 行: 缺少列“等级”(grade)",)


def test_an_item_that_is_not_under_material_review_has_nothing_to_read() -> None:
    national = catalogues.load("national-2017")
    field = next(i.id for i in national.items if not i.under_material_review)
    with pytest.raises(DataError) as e:
        catalogues.with_ladders(national, HEADER, table(f"{field} 满意度 ≥ 80 % A 最新 自定"))
    assert "第 2 行“编号”" in e.value.problems[0] and "材料审核" in e.value.problems[0]


def test_rows_may_be_typed_as_people_type_them_and_say_common_things_once() -> None:
    (one,) = built("fj3 人均教育经费 ＞＝ 400 元 a 最新 published", "FJ3 人均教育经费 < ４００ - b")
    assert [str(s) for s in one.steps] == ["≥ 400", "< 400"] and one.item == "FJ3" and one.unit == "元"
    assert one.said() == ["≥ 400 元 → A", "< 400 元 → B"] and one.basis is Basis.PUBLISHED


# -- round trip ---------------------------------------------------------------------------------------------------------


@st.composite
def one_ladder(draw: st.DrawFn, item: str, indicator: str) -> Ladder:
    grades = draw(st.lists(st.sampled_from(list(Grade)), min_size=1, max_size=4, unique=True))
    grades.sort()
    numbers = st.decimals(-1000, 1000, places=draw(st.integers(0, 3)))
    values = sorted(draw(st.lists(numbers, min_size=len(grades), max_size=len(grades), unique=True)), reverse=True)
    up = draw(st.booleans())
    signs = st.sampled_from([Direction.AT_LEAST, Direction.ABOVE] if up else [Direction.AT_MOST, Direction.BELOW])
    steps = [
        Step(draw(signs), ladders._number(f"{v:f}"), g) for v, g in zip(values if up else values[::-1], grades, strict=True)
    ]
    if len(steps) > 1 and draw(st.booleans()):
        steps[-1] = Step(Direction.ELSE, None, steps[-1].grade)
    words = st.text("甲乙丙丁率数(%)a1", min_size=1, max_size=6)
    return Ladder(
        item=item,
        indicator=indicator,
        unit=draw(st.sampled_from(["", "元", "万元", "%", "dB(A)", "人/万车"])),
        steps=tuple(steps),
        basis=draw(st.sampled_from(list(Basis))),
        source=draw(st.sampled_from(["", "某手册第 3 页"])),
        statistic=draw(st.sampled_from(list(Statistic))),
        aliases=tuple(dict.fromkeys(draw(st.lists(words, max_size=3)))),
    )


@st.composite
def graded_catalogue(draw: st.DrawFn) -> Catalogue:
    items = draw(st.lists(st.sampled_from([i.id for i in COUNTY.items]), min_size=1, max_size=4, unique=True))
    names = [f"指标{n}" for n in range(draw(st.integers(1, 2)))]
    made = [draw(one_ladder(i.id, name)) for i in COUNTY.items if i.id in items for name in names]
    amounts = st.decimals(1, 100, places=1).map(lambda d: weights.number(f"{d:f}"))
    values = sorted(draw(st.lists(amounts, min_size=4, max_size=4)), reverse=True)
    worth = Weights(
        grades=dict(zip(Grade, values, strict=True)),
        basis=draw(st.sampled_from(list(Basis))),
        source="某说明",
        sections=draw(st.sampled_from([{}, {"未公布": Decimal(40)}])),
    )
    head = msgspec.structs.replace(COUNTY.head, weights=draw(st.sampled_from([None, worth])))
    weighty = draw(st.booleans())
    own = [msgspec.structs.replace(i, weight=draw(amounts) if weighty else None) for i in COUNTY.items]
    return msgspec.structs.replace(COUNTY, head=head, items=tuple(own), ladders=tuple(made))


@given(graded_catalogue())
@settings(max_examples=60, deadline=None)
def test_written_and_loaded_again_it_is_the_same(tmp_path_factory: pytest.TempPathFactory, given: Catalogue) -> None:
    folder = tmp_path_factory.getbasetemp() / "ladders"
    replacing.folder(folder, catalogues.files(given))
    assert catalogues.load(folder) == given


@given(graded_catalogue())
@settings(max_examples=15, deadline=None)
def test_through_the_spreadsheet_it_is_the_same(tmp_path_factory: pytest.TempPathFactory, given: Catalogue) -> None:
    from dangan import sheets

    file = tmp_path_factory.getbasetemp() / "ladders.xlsx"
    file.write_bytes(sheets.write_catalogue(given))
    assert sheets.read_catalogue(file) == given


def test_ladders_of_another_catalogue_are_not_left_behind(tmp_path: Path) -> None:
    replacing.folder(tmp_path, catalogues.files(COUNTY))
    replacing.folder(tmp_path, catalogues.files(msgspec.structs.replace(COUNTY, ladders=())))
    assert catalogues.load(tmp_path).ladders == ()


@given(one_ladder("FJ3", "x"), st.fractions(-1200, 1200, max_denominator=1000))
def test_every_figure_lies_in_one_band_and_better_ones_on_one_side(ladder: Ladder, x: Fraction) -> None:
    line = bands(ladder.steps)
    assert sum(x in b for b in line) == 1
    ranks = [b.grade.rank for b in line if b.grade]
    assert ranks == sorted(ranks) or ranks == sorted(ranks, reverse=True)
    here = next(b.grade for b in line if x in b)
    holding = [s for s in ladder.steps if s.holds(x)]
    assert here in {s.grade for s in holding} if holding else here is None or ladder.steps[-1].direction is Direction.ELSE


# -- weights ------------------------------------------------------------------------------------------------------------


def weigh(**more: object) -> list[str]:
    head = msgspec.structs.replace(
        COUNTY.head,
        weights=Weights(**({"grades": {Grade.A: Decimal(100), Grade.B: Decimal(66)}, "basis": Basis.OURS} | more)),  # type: ignore[arg-type]
    )
    header, body = catalogues.rows(COUNTY)
    with pytest.raises(DataError) as e:
        catalogues.with_ladders(catalogues.build(head, header, enumerate(body, 2)), *_numbered(ladders.rows(COUNTY.ladders)))
    return list(e.value.problems)


def _numbered(of: tuple[list[str], list[list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    return of[0], list(enumerate(of[1], 2))


def test_weights_that_do_not_fit_are_refused() -> None:
    assert weigh() == ["[weights.grades] 等级的分值: 阈值中用到等级 C,没有写它的分值"]
    assert "较好的等级不能少于较差的" in weigh(grades={Grade.A: Decimal(50), Grade.B: Decimal(66)})[0]
    assert "应在 0 到 100 之间" in weigh(grades={Grade.A: Decimal(200)})[0]
    assert weigh(sections={"甲": Decimal(1)}) == [
        "[weights.sections] 版块的权重: 目录中没有版块“甲”",
        "[weights.sections] 版块的权重: 缺少版块“未公布”",
    ]


def test_a_weight_is_given_to_all_items_or_to_none() -> None:
    header, body = catalogues.rows(COUNTY)
    body[0].append("2.5")
    with pytest.raises(DataError) as e:
        catalogues.build(COUNTY.head, [*header, "weight"], enumerate(body, 2))
    assert "“权重”列" in e.value.problems[0] and "FJ2、FJ3" in e.value.problems[0]
    body[0][-1] = "零"
    with pytest.raises(DataError) as e:
        catalogues.build(COUNTY.head, [*header, "weight"], enumerate(body, 2))
    assert "第 2 行“权重”: 应为大于 0 的数,现为“零”" in e.value.problems


# -- units --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "to", "made"),
    [
        ("0.04", "万元", "元", "400"),
        ("1.5", "亿元", "万元", "15000"),
        ("799", "‰", "%", "79.9"),
        ("45.6", "％", "%", "45.6"),
        ("3.2", "万人", "人", "32000"),
        ("60", "分贝", "dB(A)", "60"),
        ("60", "ｄＢ（Ａ）", "dB", "60"),
        ("412", "元/人", "元", "412"),
        ("2", "平方公里", "公顷", "200"),
        ("3", "万头", "头", "30000"),
        ("5", "", "", "5"),
        ("5", "", "%", None),
        ("5", "元", "%", None),
        ("5", "元/月", "元", None),
        ("5", "头", "只", None),
    ],
)
def test_units_are_converted_exactly_or_not_at_all(value: str, unit: str, to: str, made: str | None) -> None:
    assert quantities.convert(Fraction(value), unit, to) == (Fraction(made) if made else None)


@given(
    st.fractions(max_denominator=10**6), st.sampled_from(["元", "万元", "亿元", "角"]), st.sampled_from(["元", "千元", "分"])
)
def test_there_and_back_nothing_is_lost(value: Fraction, unit: str, to: str) -> None:
    there = quantities.convert(value, unit, to)
    assert there is not None and quantities.convert(there, to, unit) == value


def test_weights_written_by_hand_are_read(tmp_path: Path) -> None:
    replacing.folder(tmp_path, catalogues.files(COUNTY))
    file = tmp_path / "catalogue.toml"
    hand = '\n[weights]\nbasis = "published"\nsource = "某说明"\ngrades = {A = 100, B = 66.5, C = 33, "C#" = 0}\n'
    file.write_text(file.read_text("utf-8") + hand, "utf-8")
    worth = catalogues.load(tmp_path).head.weights
    assert worth is not None and worth.grades[Grade.B] == Decimal("66.5") and worth.grades[Grade.C_SHARP] == 0
    file.write_text(file.read_text("utf-8").replace("C = 33", "D = 33"), "utf-8")
    with pytest.raises(DataError):
        catalogues.load(tmp_path)
