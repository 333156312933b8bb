"""The catalogue as data: what it declares of itself, and every way in which a city's own can be wrong."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import Catalogue, Totals, build, files, load, rows
from archive_schema.errors import DataError
from archive_schema.text import natural_key
from archive_schema.words import EvidenceKind, Provenance
from flows import replacing


@pytest.fixture(scope="module")
def national() -> Catalogue:
    return load("national-2017")


def test_national_2017_holds_what_it_declares(national: Catalogue) -> None:
    assert national.counted() == Totals(
        standards=188,
        contents=90,
        material_projects=12,
        material_indicators=40,
        material_contents=85,
        material_items=155,
        material_cells=279,
    )
    assert national.head.totals == national.counted()


def test_provenance_is_kept_per_row(national: Catalogue) -> None:
    assert catalogues.provenance_counts(national) == {
        Provenance.CONFIRMED: 8,
        Provenance.PARTIAL: 23,
        Provenance.INFERRED: 157,
    }


def test_items_stand_in_natural_order(national: Catalogue) -> None:
    ids = [i.id for i in national.items]
    assert ids == sorted(ids, key=natural_key)
    assert ids.index("III2-1") < ids.index("III10-1")


def test_a_second_catalogue_of_another_shape_loads() -> None:
    fujian = load("fujian-county")
    assert len(fujian.material) == 9
    assert fujian.head.totals.material_items == 9
    assert set(catalogues.shipped()) == {"national-2017", "fujian-county"}


def test_an_unknown_catalogue_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(DataError) as e:
        load("national-1999")
    assert "national-2017" in e.value.hint


def test_what_was_changed_since_it_was_loaded_is_read_anew(national: Catalogue, tmp_path) -> None:
    replacing.folder(tmp_path, files(national))
    items, terms = tmp_path / "items.tsv", tmp_path / "terms.tsv"
    before = load(tmp_path)
    assert load(tmp_path) is before, "the same bytes are the same catalogue"
    items.write_text(items.read_text("utf-8").replace(national.items[0].standard, "另一条标准", 1), "utf-8")
    assert load(tmp_path).items[0].standard == "另一条标准" and load(tmp_path).terms == before.terms
    terms.unlink()
    assert load(tmp_path).terms == ()


@pytest.mark.parametrize("name", ["national-2017", "fujian-county"])
def test_written_and_loaded_again_it_is_the_same(name: str, tmp_path) -> None:
    original = load(name)
    replacing.folder(tmp_path / "c", files(original))
    assert load(tmp_path / "c") == original


def wrong(national: Catalogue, change) -> list[str]:
    header, body = rows(national)
    numbered = list(enumerate([list(r) for r in body], 2))
    change(header, numbered)
    with pytest.raises(DataError) as e:
        build(national.head, header, numbered)
    return list(e.value.problems)


def set_cell(row: int, column: str, value: str):
    def change(header, numbered) -> None:
        numbered[row - 2][1][header.index(column)] = value

    return change


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("id", "IV1-1", ["第 5 行", "编号", "IV1-1"]),
        ("id", "III1-1", ["第 5 行", "III1-1"]),
        ("kinds", "规范文件;录像", ["第 5 行", "材料类型", "录像"]),
        ("kinds", "", ["第 5 行", "材料类型"]),
        ("methods", "网上抽查", ["第 5 行", "测评方法", "网上抽查"]),
        ("standard", "", ["第 5 行", "测评标准", "不能为空"]),
        ("provenance", "听说", ["第 5 行", "来历", "听说"]),
        ("standard_no", "9", ["第 5 行", "标准号"]),
        ("content_no", "二", ["第 5 行", "内容号", "整数"]),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(national: Catalogue, column: str, value: str, words: list[str]) -> None:
    problems = wrong(national, set_cell(5, column, value))
    assert any(all(w in p for w in words) for p in problems), problems


def test_a_repeated_id_names_both_rows(national: Catalogue) -> None:
    def change(header, numbered) -> None:
        numbered.append((190, list(numbered[0][1])))

    assert any("第 190 行" in p and "第 2 行" in p for p in wrong(national, change))


def test_totals_that_do_not_add_up_name_both_numbers(national: Catalogue) -> None:
    problems = wrong(national, lambda header, numbered: numbered.pop(0))
    assert any("188" in p and "187" in p for p in problems)
    assert any("279" in p and "277" in p for p in problems)


def test_a_missing_column_is_named(national: Catalogue) -> None:
    def change(header, numbered) -> None:
        header[header.index("kinds")] = "资料"

    assert any("材料类型" in p for p in wrong(national, change))


def test_working_columns_are_read_and_checked(national: Catalogue) -> None:
    header, body = rows(national)
    header += ["min_count", "deadline", "person", "review_days"]
    body[4] += ["统计表格=2;实景图片=3", "2026-09-30", "张三", "90"]
    loaded = build(national.head, header, enumerate(body, 2))
    item = loaded.by_id[body[4][0]]
    assert item.min_count == {EvidenceKind.PHOTO: 3, EvidenceKind.TABLE: 2}
    assert (item.person, item.review_days, item.deadline.isoformat()) == ("张三", 90, "2026-09-30")
    wide = [[c.replace(";", "；").replace("统计表格=", "统计表格＝") for c in row] for row in body]
    assert build(national.head, header, enumerate(wide, 2)).by_id[item.id] == item
    body[4][-4:] = ["录像=2", "明天", "", "多"]
    with pytest.raises(DataError) as e:
        build(national.head, header, enumerate(body, 2))
    text = "\n".join(e.value.problems)
    assert "最少件数" in text and "限时归档" in text and "定期审查天数" in text


@given(st.permutations(range(20)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    national = load("national-2017")
    head = msgspec.structs.replace(national.head, totals=Totals())
    header, body = rows(national)
    few = body[:20]
    assert build(head, header, enumerate([few[i] for i in order], 2)) == build(head, header, enumerate(few, 2))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-09-30", "2026-09-30"),
        ("2026-09-30 00:00:00", "2026-09-30"),
        ("2026年9月30日", "2026-09-30"),
        ("2026-09-30之前", ""),
        ("2026-09-301", ""),
        ("2026-09-30/2026-10-31", ""),
        ("2026-09-31", ""),
        ("2026-09", ""),
    ],
)
def test_a_deadline_is_one_day_and_nothing_more(national: Catalogue, written: str, day: str) -> None:
    header, cells = rows(national)
    lines = [(n, [*row, written if n == 2 else ""]) for n, row in enumerate(cells, 2)]

    def built() -> Catalogue:
        return build(national.head, [*header, "deadline"], lines, origin="x")

    if day:
        assert str(built().items[0].deadline) == day
        return
    with pytest.raises(DataError) as e:
        built()
    [said] = e.value.problems
    assert "限时归档" in said and f"“{written}”不是日期" in said
