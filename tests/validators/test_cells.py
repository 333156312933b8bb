"""Tables as rows of their frames: family, counts, years, entries; and every expectation over them has a row that breaks it."""

from __future__ import annotations

import msgspec
import pytest

from archive_schema.cycle import Settings
from archive_schema.declared import DeclaredTable
from archive_schema.evidence import Fact
from archive_schema.grid import Grid, GridColumn, GridRatio, GridRow, GridSum, GridTable, RowSort, TableFamily
from archive_schema.words import Outcome, Severity
from tests.readied import Readied
from tests.validators.build import CATALOGUE, TABLE, UNIT, evidence
from validators import cells, checks, families, suites, tablewise
from validators.cells import CellRow, EntryRow
from validators.expectations import Answer
from validators.validation import Validation, run_validation

SHA = "a" * 64


def table(header: str, *rows: tuple[object, ...], **more: object) -> GridTable:
    """Columns ``名称 人数:人 …``: with a colon a column of figures in that unit."""
    columns = tuple(GridColumn(n.partition(":")[0], n.partition(":")[2], ":" in n) for n in header.split())
    made = tuple(
        GridRow(n, RowSort.TOTAL if r[0] == "合计" else RowSort.DATA, tuple(float(c) if isinstance(c, int) else c for c in r))  # type: ignore[misc]
        for n, r in enumerate(rows, 2)
    )
    return GridTable("表", columns, made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "family"),
    [
        (table("区县 人数:人", ("东", 1), ("西", 2)), TableFamily.COUNTS),
        (table("区县 人数:人 覆盖率:%", ("东", 1, 50), ("西", 2, 60)), TableFamily.RATIOS),
        (table("年份: 人数:人", (2015, 1), (2016, 2)), TableFamily.SERIES),
        (table("指标 2015年: 2016年:", ("人数", 1, 2), ("经费", 1, 2)), TableFamily.SERIES),
        (table("序号: 姓名 单位 电话:", (1, "甲", "乙", 123), (2, "丙", "丁", 456)), TableFamily.LISTS),
        (table("活动名称 地点 人数:人", ("甲", "乙", 3), ("丙", "丁", 4)), TableFamily.LISTS),
        (table("活动名称 地点 人数:人", ("甲", "乙", 3), ("合计", None, 3)), TableFamily.COUNTS),
        (table("年份: 人数:人", (2016, 1)), TableFamily.COUNTS),
        (table("说明", ("甲",)), None),
        (table("2016年目标: 2016年完成:", (1, 2), (3, 4)), TableFamily.COUNTS),
        (table("2015年: 2016年说明", (1, "甲"), (3, "乙")), TableFamily.COUNTS),
        (table("年度: 人数:人", ("2015年度", 1), ("2016年末", 2)), TableFamily.SERIES),
        (table("序号: 姓名", (1, "甲"), (2, "乙")), TableFamily.LISTS),
        (table("序号: 名称 人数:人", (1, "甲", 1), (2, "乙", 2)), TableFamily.COUNTS),
        (table("区县 情况 人数:人", ("东", "甲", 1), ("西", "乙", 2)), TableFamily.COUNTS),
        (table("活动名称 地点 人数:人 场次:次", ("甲", "乙", 3, 1), ("丙", "丁", 4, 1)), TableFamily.COUNTS),
        (table("区县 出生率:", ("东", 1), ("西", 2)), TableFamily.RATIOS),
        (table("区县 出生情况:‰", ("东", 1), ("西", 2)), TableFamily.RATIOS),
    ],
)
def test_the_family_is_told_from_the_table_itself(of, family):
    assert families.family(of, None) is family


def test_what_a_city_declares_goes_before_and_only_for_the_main_table():
    counts = table("区县 人数:人", ("东", 1), ("西", 2))
    framed = cells.frame(SHA, Grid((counts, counts)), DeclaredTable("X1-1", TableFamily.RATIOS, ("人数", "户籍人口")))
    assert [(f, declared) for _, f, declared in framed.told] == [(TableFamily.RATIOS, True), (TableFamily.COUNTS, False)]
    declared = [(r.column, r.declared) for r in framed.rows[TableFamily.RATIOS] if r.declared is not None]
    assert declared == [("人数", True), ("户籍人口", False)]


def test_of_a_table_in_parts_what_was_not_looked_at_is_said():
    counts = table("区县 人数:人", ("东", 1), ("西", 2), left=7)
    unknown = table("说明", ("甲",))
    framed = cells.frame(SHA, Grid((counts, unknown), ("附表",)), DeclaredTable("X1-1", columns=("人数",)))
    assert framed.left == ("工作表“附表”", "工作表“表”的最后 7 行", "工作表“表”(看不出是哪一类表格)")
    assert framed.told == (("表", TableFamily.COUNTS, False),), "of what family it is nobody declared"


@pytest.mark.parametrize(("wanted", "there"), [("完成 数", True), ("完成", True), ("完成率", False)])
def test_a_declared_column_is_there_however_it_is_spaced_and_whatever_stands_beside_it(wanted, there):
    framed = cells.frame(SHA, Grid((table("区县 本年完成数:人", ("东", 1)),)), DeclaredTable("X1-1", columns=(wanted,)))
    assert [r.declared for r in framed.rows[TableFamily.COUNTS] if r.declared is not None] == [there]


@pytest.mark.parametrize(
    ("column", "counted"),
    [
        ("人数:人", True),
        ("人数:万人", False),
        ("人均次数:次", False),
        ("培训人数:", True),
        ("完成率:%", False),
        ("折合人数:人", False),
        ("培训人数(含线上):", True),
    ],
)
def test_only_single_things_are_counts(column, counted):
    (row, *_) = cells.cells(SHA, 0, table(f"区县 {column}", ("东", 1), ("西", 2)))
    assert (row.count is not None) == counted


def test_a_change_may_be_negative_and_yet_is_whole():
    (row, *_) = cells.cells(SHA, 0, table("区县 比上年增减:人", ("东", -3), ("西", 2)))
    assert row.unsigned is None and row.part == 0


@pytest.mark.parametrize(("value", "part"), [(-2.5, 0.5), (2.5, 0.5), (2.9999999999999996, 0), (-3.0, 0)])
def test_what_is_left_of_a_whole_number_is_told_of_a_negative_one_too(value, part):
    (row, *_) = cells.cells(SHA, 0, table("区县 人数:人", ("东", value), ("西", 2)))
    assert row.part == pytest.approx(part, abs=1e-9)


def test_serial_numbers_are_no_figures():
    assert {r.column for r in cells.cells(SHA, 0, table("基本情况/序号: 人数:人", (1, 3), (2, 4)))} == {"人数"}


@pytest.mark.parametrize(
    ("stated", "summed", "off"), [(4.0, 3.0, 0.25), (-4.0, -3.0, 0.25), (0.0, 3.0, 1.0), (0.0, 0.0, 0.0), (3.0, 3.1, 0.0)]
)
def test_a_total_is_off_by_its_share_whatever_its_sign(stated, summed, off):
    of = table(
        "区县 增减:人", ("东", 1), ("西", 2), ("合计", stated), sums=(GridSum(4, 1, stated, summed, 0.2 if off == 0 else 0),)
    )
    assert [r.sum_off for r in cells.cells(SHA, 0, of)] == [None, None, off]


@pytest.mark.parametrize(
    ("quotient", "slack", "off"), [(None, 0, None), (45.0, 0, 0.0), (45.4, 0.5, 0.0), (48.0, 0.5, 2.5), (42.0, 0.5, 2.5)]
)
def test_a_ratio_is_off_by_what_rounding_does_not_explain(quotient, slack, off):
    ratios = (GridRatio(2, 1, 45.0, True, quotient, slack), GridRatio(3, 1, 145.0, False))
    rows = list(cells.cells(SHA, 0, table("区县 增长率:%", ("东", 45), ("西", 145), ratios=ratios)))
    assert [(r.share, r.quotient, r.ratio_off) for r in rows] == [(45.0, quotient, off), (None, None, None)]


def dated(of: GridTable) -> list[tuple[str, int | None, int | None]]:
    return [(r.cell, r.year, r.gap) for r in cells.cells(SHA, 0, of) if r.year is not None]


def test_rows_of_years_and_columns_of_years_are_series():
    assert dated(table("年份: 人数:人", (2013, 1), (2015, 2), (2016, 2))) == [
        ("B2", 2013, None),
        ("B3", 2015, 2),
        ("B4", 2016, 1),
    ]
    by_column = table("区县 2013年: 2015年:", ("东", 1, 2), ("西", 3, 4))
    assert dated(by_column) == [("B2", 2013, None), ("C2", 2015, 2), ("B3", 2013, None), ("C3", 2015, None)]  # the gap once


def test_the_years_of_each_district_are_a_series_of_their_own():
    rows = list(
        cells.cells(SHA, 0, table("区县 年份: 人数:人", ("东", 2015, 1), ("东", 2016, 2), ("西", 2015, 3), ("西", 2016, 4)))
    )
    assert len({(r.series, r.year) for r in rows}) == 4 and {r.gap for r in rows} == {None, 1}


def followed(of: GridTable) -> list[str]:
    """As the suite of series asks: figures of a year that does not follow the one before, and those of one year twice."""
    rows = [r for r in cells.cells(SHA, 0, of) if r.year is not None]
    keys = [(r.series, r.year) for r in rows]
    return [r.cell for r, key in zip(rows, keys, strict=True) if r.gap not in (None, 1) or keys.count(key) > 1]


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        (table("年份: 人数:人", (2016, 3), (2015, 2), (2014, 1)), []),
        (table("年份: 人数:人", (2015, 3), (2015, 2), (2016, 1)), ["B2", "B3"]),
        (table("区县 年份: 人数:人", ("东", 2015, 1), ("东", 2016, 2), ("西", 2013, 3), ("西", 2016, 4)), ["C5"]),
        (table("区县 序号: 年份: 人数:人", ("东", 1, 2013, 1), ("东", 2, 2015, 2)), ["D3"]),
        (table("年份: 2类人数:人 3类人数:人", (2015, 1, 2), (2016, 3, 4)), []),
        (table("区县 2016年11月: 2016年12月: 2017年11月: 2017年12月:", ("东", 1, 2, 3, 4)), []),
        (table("区县 2016年11月: 2016年12月: 2017年1月:", ("东", 1, 2, 3)), []),
        (table("区县 2015年/人数: 2015年/人数: 2016年/人数:", ("东", 1, 2, 3)), ["B2", "C2"]),
        (table("年份: 月份: 人数:人", (2015, 1, 3), (2015, 2, 2), (2016, 1, 1), (2016, 2, 1)), []),
        (table("年份: 统计时间 人数:人", (2015, "上半年", 3), (2015, "下半年", 2), (2016, "上半年", 1)), []),
        (table("年份: 统计时间 人数:人", (2013, "2013年12月31日", 3), (2016, "2016年12月31日", 1)), ["C3"]),
        (table("年份: 责任单位 人数:人", (2015, "教育局", 3), (2015, "民政局", 2), (2016, "教育局", 1)), []),
        (table("年份: 人数:人 备注", (2013, 3, "统计口径不同"), (2016, 1, "同上")), ["B3"]),
    ],
)
def test_only_a_year_that_is_left_out_or_said_twice_of_one_thing_is_wrong(of, wrong):
    assert followed(of) == wrong


def test_years_of_another_sheet_or_of_one_year_alone_are_nobodys_fault():
    years = table("年份: 人数:人", (2015, 1), (2016, 2))
    rows = cells.frame(SHA, Grid((years, years))).rows[TableFamily.SERIES]
    assert len({(r.series, r.year) for r in rows}) == 4  # type: ignore[union-attr]
    assert dated(table("区县 2016年目标: 2016年完成:", ("东", 1, 2), ("西", 3, 4))) == []


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        ((12.0, 130000.0, 13.0), [1]),
        ((130000.0, 13.0, 12.0), [0]),
        ((12.0, 130000.0), [1]),
        ((12.0, 130.0, 1400.0), []),
        ((0.0, 5.0), []),
        ((5.0, 0.0, 6.0), []),
        ((120000.0, 12.0, 130000.0), [1]),
        ((12.0, -130000.0, 13.0), [1]),
        ((12.0, 13.0, 140000.0, 150000.0), [2]),
        ((140000.0, 150000.0, 12.0, 13.0, 14.0), [2]),
        ((12.0, 13.0, 130000.0, 14.0, 15.0), [2]),
        ((12.0, 130000.0, None), [1]),
        ((None, 130000.0, None), []),
    ],
)
def test_a_slip_of_the_unit_is_told_of_the_odd_one(values, odd):
    of = table("年份: 经费:万元", *((2014 + n, v) for n, v in enumerate(values)))
    factor = checks.load().by_code["JUMP"].params["factor"]
    rows = list(cells.cells(SHA, 0, of))
    assert [n for n, r in enumerate(rows) if r.jump is not None and r.jump > factor] == odd


def entries(of: GridTable, declared: DeclaredTable | None = None) -> list[EntryRow]:
    return list(cells.entries(SHA, 0, of, declared))


def test_entries_hold_no_word_of_the_list():
    rows = entries(table("序号: 姓名 住址", (1, "张三", "幸福路"), (2, "张三", "幸福路"), (3, "李四", "幸福路")))
    assert "张三" not in str(rows) and "幸福" not in str(rows)
    assert rows[0].entry == rows[1].entry != rows[2].entry
    assert len(entries(table("姓名 住址", ("张三", "幸福路"), ("合计", "一人")))) == 1, "a total is no entry"


def test_a_cell_merged_over_several_rows_names_their_group():
    rows = entries(
        table(
            "街道 项目名称 地点", ("东", "扫街", "广场"), (None, "义诊", "广场"), ("西", "扫街", "广场"), (None, "义诊", "广场")
        )
    )
    assert len({r.entry for r in rows}) == 4


def test_a_heading_of_a_group_is_no_entry_and_words_belong_to_their_cells():
    heading = ("一、东片", None, None, None)
    of = table("社区名称 地点 内容 备注", heading, (None, "甲", "乙", "丙"), heading, (None, "甲乙", None, "丙"))
    rows = entries(of, DeclaredTable("X1-1", keys=("地点", "内容")))
    assert [(r.entry is None, r.named) for r in rows] == [(True, None), (False, True), (True, None), (False, False)]
    assert rows[1].entry != rows[3].entry


def test_a_blank_key_is_told_unless_most_are_blank_and_a_declared_key_always():
    blank = table("名称 地点 日期", ("甲", "乙", "丙"), (None, "丁", "戊"), ("己", "庚", "辛"))
    assert [r.named for r in entries(blank)] == [True, False, True]
    groups = table("街道名称 地点 日期", ("甲", "乙", "丙"), (None, "丁", "戊"), (None, "庚", "辛"))
    assert {r.named for r in entries(groups)} == {None}
    assert [r.named for r in entries(groups, DeclaredTable("X1-1", keys=("街道",)))] == [True, False, False]


# ---- the suites

CELL = CellRow(SHA, "表", "B2", "人数", value=1.0)
ENTRY = EntryRow(SHA, "表", "第 2 行", "名称", entry="1", named=True)
#: suite.id → the one change that breaks it; every expectation has one
BREAK: dict[str, dict[str, object]] = {
    "unsigned": {"unsigned": -1.0},
    "whole": {"part": 0.5},
    "totals": {"sum_off": 0.1, "summed": 2.0},
    "share": {"share": 135.0},
    "quotient": {"ratio_off": 3.0, "quotient": 87.0},
    "declared": {"declared": False},
    "years_follow": {"gap": 2, "year": 2015},
    "years_once": {"series": "s", "year": 2016},
    "no_slip": {"jump": 10_000.0},
    "once": {"entry": "2"},
    "named": {"named": False},
}
KEYS = [f"{s.name}.{x.id}" for s in suites.tables() for x in s.expectation]


def test_every_family_is_asked_what_it_should_be():
    of_cells = {"unsigned", "whole", "totals", "share", "quotient", "declared"}
    assert {s.name: {x.id for x in s.expectation} for s in suites.tables()} == {
        "counts": of_cells,
        "ratios": of_cells,
        "series": of_cells | {"years_follow", "years_once", "no_slip"},
        "lists": {"once", "named", "declared"},
    }


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, validating: Readied) -> Validation:
    """One process for all: in each frame a sound row, an empty one, and one broken row per expectation (two that are the same)."""
    tables: dict[TableFamily, list[cells.Row]] = {}
    for family, name in suites.FRAME_OF.items():
        (suite,) = [s for s in suites.tables() if s.name == name]
        sound = ENTRY if family is TableFamily.LISTS else CELL
        rows: list[cells.Row] = [sound, msgspec.structs.replace(sound, sha256="b" * 64)]
        same_year = (
            {} if family is TableFamily.LISTS else {"series": "s", "year": 2016}
        )  # as in another file, which is nobody's fault
        rows[1] = type(sound)("b" * 64, "", "B9", "备注", **same_year)
        for x in suite.expectation:
            broken = msgspec.structs.replace(sound, sha256=sha(x.id), **{"entry": x.id} if family is TableFamily.LISTS else {})
            broken = msgspec.structs.replace(broken, **BREAK[x.id])
            rows += [broken, broken] if x.id in ("once", "years_once") else [broken]
        tables[family] = rows
    done = run_validation(
        [], [], catalogue_ids=[i.id for i in CATALOGUE.material], unit_names=[UNIT],
        workdir=tmp_path_factory.mktemp("cells"), tables=tables, python=validating.command,
    )  # fmt: skip
    assert done.error is None, done.error
    return done


def sha(ident: str) -> str:
    return f"{list(BREAK).index(ident):064x}"


@pytest.mark.parametrize("key", KEYS)
def test_one_bad_row_fails_its_expectation_and_no_other(key, ran):
    suite, ident = key.split(".")
    seen = [of for of in ran.tables[sha(ident)] if of.suite == suite and of.unexpected]
    assert [of.id for of in seen] == [ident]
    assert seen[0].unexpected == (2 if ident in ("once", "years_once") else 1) and all(seen[0].places)


def test_sound_rows_and_empty_ones_are_left_alone(ran):
    assert not any(of.unexpected for of in ran.tables[SHA])
    assert not any(of.unexpected for of in ran.tables.get("b" * 64, ()))


@pytest.mark.parametrize("key", KEYS)
def test_what_a_reader_has_judged_is_no_finding_twice(key, ran):
    suite, ident = key.split(".")
    (x,) = [x for s in suites.tables() if s.name == suite for x in s.expectation if x.id == ident]
    seen = [of for of in ran.tables[sha(ident)] if of.suite == suite]
    found = tablewise.outcomes("统计.xlsx", seen, (), checks.load())
    assert [o.code for o in found] == ([] if x.judged else [x.code])


def test_a_finding_shows_some_cells_and_counts_the_others():
    many = tablewise.Looked("counts", "whole", 90, 40, tuple(f"表!B{n} 人数 0.5" for n in range(5)))
    (found,) = tablewise.outcomes("统计.xlsx", [many], (), checks.load())
    assert "统计.xlsx" in found.text and "表!B4" in found.text and "等 40 处" in found.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": -3.0}, "表!B2 人数 -3"),
        ({"value": 120.0, "sheet": ""}, "B2 人数 120"),
        ({"value": 0.1 + 0.2, "summed": 10.0}, "表!B2 人数 0.3,应为 10"),
        ({"value": 4.0, "summed": 0.0}, "表!B2 人数 4,应为 0"),
    ],
)
def test_a_place_says_sheet_cell_and_figures_as_they_stand(changes, said):
    (x,) = [x for x in suites.tables()[0].expectation if x.id == "totals"]
    assert tablewise.place(x, msgspec.structs.asdict(msgspec.structs.replace(CELL, **changes))) == said


def test_of_what_was_looked_at_all_are_counted_and_the_first_are_named():
    rows = [msgspec.structs.replace(CELL, cell=f"B{n}", part=0.5) for n in range(2, 9)]
    rows += [msgspec.structs.replace(CELL, sha256="b" * 64, part=0.0), msgspec.structs.replace(CELL, sha256="c" * 64)]
    answers = {(s.name, x.id): Answer(s.name, x.id, True) for s in suites.tables() for x in s.expectation}
    answers["counts", "whole"] = Answer("counts", "whole", False, 8, tuple(range(7)))
    seen = tablewise.looked({"counts": [msgspec.structs.asdict(r) for r in rows]}, answers)
    places = tuple(f"表!B{n} 人数 1" for n in range(2, 7))
    assert seen == {
        SHA: (tablewise.Looked("counts", "whole", 7, 7, places),),
        "b" * 64: (tablewise.Looked("counts", "whole", 1),),
    }


def test_a_table_that_was_not_told_apart_is_said_and_one_without_rows_is_not():
    assert tablewise.unread(evidence(TABLE)) == ("内容没有逐格读出",)
    assert tablewise.unread(evidence(TABLE, table_rows=Fact(0))) == ()


def test_of_one_code_everything_is_said_and_of_what_is_judged_already_nothing():
    seen = [
        tablewise.Looked("counts", "unsigned", 9, 1, ("表!B2 人数 -3",)),
        tablewise.Looked("counts", "whole", 9, 1, ("表!B4 人数 0.5",)),
        tablewise.Looked("counts", "totals", 1, 1, ("表!B9 人数 4",)),
    ]
    found, left = tablewise.outcomes("统计.xlsx", seen, ("工作表“甲”", "工作表“乙”"), checks.load())
    assert (found.code, left.code) == ("COUNT", "CELLWISE")
    assert "表!B2 人数 -3(是负数);表!B4 人数 0.5(不是整数)" in found.text and "工作表“甲”、工作表“乙”" in left.text


def test_cells_that_nobody_looked_at_hold_up_a_table_where_a_check_of_cells_does():
    for severity in (Severity.NOTICE, Severity.BLOCKING):
        rules = checks.load().under(Settings(checks={"COUNT": {"severity": severity.value}}))
        (left,) = tablewise.outcomes("统计.pdf", (), ("内容没有逐格读出",), rules)
        assert (left.code, left.outcome, left.severity) == ("CELLWISE", Outcome.UNCHECKED, severity)


def test_the_frames_of_totals_agree_with_what_the_file_was_judged_by():
    of = table("区县 人数:人", ("东", 1), ("西", 2), ("合计", 4), sums=(GridSum(4, 1, 4.0, 3.0, 0.0),))
    (total,) = [r for r in cells.cells(SHA, 0, of) if r.sum_off is not None]
    assert (total.cell, total.sum_off, total.summed) == ("B4", 0.25, 3.0)
