"""Tables as rows of their frames: family, counts, years, entries; and every expectation over them has a row that breaks it."""

from __future__ import annotations

import msgspec
import pytest

from archive_schema.cycle import Settings
from archive_schema.declared import DeclaredTable
from archive_schema.grid import Grid, GridColumn, GridRow, GridSum, GridTable, RowSort, TableFamily
from archive_schema.words import Outcome, Severity
from tests.validators.build import CATALOGUE, UNIT
from validators import cells, checks, families, suites, tablewise
from validators.cells import CellRow, EntryRow
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


@pytest.mark.parametrize(
    ("column", "counted"),
    [
        ("人数:人", True),
        ("人数:万人", False),
        ("人均次数:次", False),
        ("培训人数:", True),
        ("完成率:%", False),
        ("折合人数:人", False),
    ],
)
def test_only_single_things_are_counts(column, counted):
    (row, *_) = cells.cells(SHA, 0, table(f"区县 {column}", ("东", 1), ("西", 2)))
    assert (row.count is not None) == counted


def test_a_change_may_be_negative_and_yet_is_whole():
    (row, *_) = cells.cells(SHA, 0, table("区县 比上年增减:人", ("东", -3), ("西", 2)))
    assert row.unsigned is None and row.part == 0


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


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        ((12.0, 130000.0, 13.0), [1]),
        ((130000.0, 13.0, 12.0), [0]),
        ((12.0, 130000.0), [1]),
        ((12.0, 130.0, 1400.0), []),
        ((0.0, 5.0), []),
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
def ran(tmp_path_factory: pytest.TempPathFactory) -> Validation:
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
        workdir=tmp_path_factory.mktemp("cells"), tables=tables,
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


def test_cells_that_nobody_looked_at_hold_up_a_table_where_a_check_of_cells_does():
    for severity in (Severity.NOTICE, Severity.BLOCKING):
        rules = checks.load().under(Settings(checks={"COUNT": {"severity": severity.value}}))
        (left,) = tablewise.outcomes("统计.pdf", (), ("内容没有逐格读出",), rules)
        assert (left.code, left.outcome, left.severity) == ("CELLWISE", Outcome.UNCHECKED, severity)


def test_the_frames_of_totals_agree_with_what_the_file_was_judged_by():
    of = table("区县 人数:人", ("东", 1), ("西", 2), ("合计", 4), sums=(GridSum(4, 1, 4.0, 3.0, 0.0),))
    (total,) = [r for r in cells.cells(SHA, 0, of) if r.sum_off is not None]
    assert (total.cell, total.sum_off, total.summed) == ("B4", 0.25, 3.0)
