"""Catalogue and units table out to a spreadsheet, edited as a person does, and in again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from dangan.sheets import read_units
from tests.dangan import town
from tests.dangan.line import Line, dangan

COLUMN = {zh: n for n, zh in enumerate(catalogues.COLUMNS.values(), 1)}


def sheet(book: Workbook, name: str) -> Worksheet:
    found = book[name]
    assert isinstance(found, Worksheet)
    return found


def edit(file: Path, change: Callable[[Workbook], None]) -> None:
    book = load_workbook(file)
    change(book)
    book.save(file)


def set_cell(row: int, column: str, value: Any) -> Callable[[Workbook], None]:
    """Put a value into the sheet of standards."""

    def change(book: Workbook) -> None:
        items = sheet(book, "测评标准")
        assert items.cell(1, COLUMN[column]).value == column
        items.cell(row, COLUMN[column]).value = value

    return change


@pytest.fixture(scope="module")
def spreadsheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only."""
    file = tmp_path_factory.mktemp("exported") / "目录.xlsx"
    answer = dangan("catalogue", "export", "national-2017", "-o", str(file))
    assert answer.code == 0 and f"已写 {file}" in answer.out
    return file


@pytest.fixture
def exported(spreadsheet: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return shutil.copy(spreadsheet, tmp_path)


# -- the catalogue ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", catalogues.shipped())
def test_what_is_exported_comes_back_the_same(name: str, tmp_path: Path, empty: Callable[..., Line]) -> None:
    file = tmp_path / "目录.xlsx"
    dangan("catalogue", "export", name, "-o", str(file))
    assert "无误" in dangan("catalogue", "check", str(file)).out
    line = empty()
    line("catalogue", "import", str(file), "--as", "our-own")
    ours, theirs = catalogues.load(line.root / "catalogue" / "our-own"), catalogues.load(name)
    assert (
        ours.items == theirs.items
        and ours.terms == theirs.terms
        and ours.head.totals == theirs.head.totals
        and ours.head.note == theirs.head.note
    )


def test_saving_it_in_a_spreadsheet_program_changes_nothing(exported: Path, empty: Callable[..., Line]) -> None:
    edit(exported, lambda book: None)
    line = empty()
    line("catalogue", "import", str(exported), "--as", "our-own")
    assert catalogues.load(line.root / "catalogue" / "our-own").items == catalogues.load("national-2017").items


def test_words_filled_in_by_hand_are_read_and_a_manual_without_that_sheet_is_too(
    tmp_path: Path, empty: Callable[..., Line]
) -> None:
    file = tmp_path / "目录.xlsx"
    dangan("catalogue", "export", "fujian-county", "-o", str(file))
    line = empty()
    edit(file, lambda book: setattr(sheet(book, "词语").cell(2, 2), "value", "万车死亡;交通死亡率"))
    line("catalogue", "import", str(file), "--as", "our-own")
    (words,) = catalogues.load(line.root / "catalogue" / "our-own").terms
    assert (words.id, words.terms) == ("FJ1", ("万车死亡", "交通死亡率"))
    edit(file, lambda book: book.remove(book["词语"]))
    line("catalogue", "import", str(file), "--as", "our-own")
    assert catalogues.load(line.root / "catalogue" / "our-own").terms == ()


def test_ladders_and_weights_filled_in_by_hand_are_read(exported: Path, empty: Callable[..., Line]) -> None:
    def fill(book: Workbook) -> None:
        steps = sheet(book, "等级阈值")
        steps.append(["III3-1", "好天数比例", "＞", 85, "%", "A", None, None, "公布", "2011 年版"])
        steps.append(["III3-1", "好天数比例", ">", 80, None, "b"])
        for row in sheet(book, "目录说明").iter_rows():
            given = {"等级 A 的分值(%)": 100, "等级 B 的分值(%)": 66, "分值的依据": "自定"}.get(str(row[0].value))
            if given is not None:
                row[1].value = given

    edit(exported, fill)
    line = empty()
    assert "等级阈值 1 条" in line("catalogue", "check", str(exported)).out
    line("catalogue", "import", str(exported), "--as", "our-own")
    ours = catalogues.load(line.root / "catalogue" / "our-own")
    assert ours.ladders[0].said() == ["> 85 % → A", "> 80 % → B"] and ours.head.weights is not None
    assert "> 85 % → A;> 80 % → B" in line("catalogue", "show").out
    assert line("catalogue", "show", "--format", "json").json["ladders"][0]["indicator"] == "好天数比例"


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("等级阈值", ["III99-9", "甲", "≥", 1, "%", "A", None, None, "公布"], ["等级阈值 第 2 行“编号”"]),
        ("等级阈值", ["III3-1", "甲", "≥", 1, "%", "优", None, None, "公布"], ["第 2 行“等级”", "“优”"]),
        ("目录说明", ["等级 A 的分值(%)", "满分"], ["“目录说明”表“等级 A 的分值(%)”", "“满分”"]),
        ("目录说明", ["版块权重", "基本"], ["“目录说明”表“版块权重”"]),
        ("目录说明", ["等级 A 的分值(%)", 100], ["“分值的依据”", "公布、自定"]),
    ],
)
def test_a_fault_in_ladders_or_weights_is_named(name: str, row: list[Any], said: list[str], exported: Path) -> None:
    edit(exported, lambda book: sheet(book, name).append(row))
    answer = dangan("catalogue", "check", str(exported))
    found = f"{answer.out}{answer.err}"
    assert answer.code == 2 and all(s in found for s in said), found


def test_words_for_an_item_that_is_not_there_are_refused_by_row_and_column(exported: Path) -> None:
    edit(exported, lambda book: setattr(sheet(book, "词语").cell(3, 1), "value", "III99-9"))
    answer = dangan("catalogue", "check", str(exported))
    assert answer.code == 2 and "“词语”表第 3 行“编号”" in answer.err and "III99-9" in answer.err


def test_decisions_on_items_that_the_new_manual_lacks_are_listed(tmp_path: Path, ws: Line) -> None:
    file = tmp_path / "别的目录.xlsx"
    dangan("catalogue", "export", "fujian-county", "-o", str(file))
    ws("review", "accept", town.NOTICE, "--item", "III18-1", "--kind", "规范文件", "--by", "张三", "--reason", "看过原件")
    answer = ws("catalogue", "import", str(file))
    assert "1 条审核意见所指的标准不在新目录中" in answer.out and "III18-1 张三: 看过原件" in answer.out
    [told] = ws("review", "log", "--format", "json").json
    assert told["adrift"] == "标准已不在目录中" and told["in_force"]
    assert "目录换版" in ws("review", "log").out


def test_numbers_that_a_spreadsheet_keeps_as_numbers_are_read(exported: Path) -> None:
    edit(exported, set_cell(2, "内容号", 1))
    edit(exported, set_cell(2, "最少件数", 2))
    assert dangan("catalogue", "check", str(exported)).code == 0


def row_again(book: Workbook) -> None:
    items = sheet(book, "测评标准")
    items.append([c.value for c in items[2]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_cell(3, "编号", "十八之一"), ["第 3 行“编号”", "“十八之一”不是本目录的编号"]),
        (row_again, ["第 190 行“编号”", "III1-1 与第 2 行重复"]),
        (
            set_cell(4, "材料类型", "录像资料"),
            ["第 4 行“材料类型”", "不认识“录像资料”", "规范文件、说明报告、实景图片、统计表格"],
        ),
        (set_cell(4, "测评方法", "掷骰子"), ["第 4 行“测评方法”", "“掷骰子”"]),
        (set_cell(6, "来历", "听说"), ["第 6 行“来历”", "“听说”"]),
        (set_cell(6, "标准号", "一"), ["第 6 行“标准号”", "应为整数,现为“一”"]),
        (set_cell(7, "责任单位", None), ["第 7 行“责任单位”", "不能为空"]),
        (set_cell(2, "最少件数", "许多"), ["第 2 行“最少件数”", "“许多”"]),
        (set_cell(2, "限时归档", "年底"), ["第 2 行“限时归档”", "“年底”不是日期"]),
        (lambda book: sheet(book, "测评标准").delete_rows(20), ["合计不符: 测评标准总数申报 188", "实有 187"]),
        (lambda book: sheet(book, "测评标准").delete_cols(COLUMN["责任单位"]), ["第 1 行: 缺少列“责任单位”"]),
        (lambda book: book.remove(book["目录说明"]), ["没有“目录说明”表"]),
    ],
)
def test_a_fault_is_named_with_row_and_column_and_nothing_is_written(
    change: Callable[[Workbook], None], said: list[str], exported: Path, empty: Callable[..., Line]
) -> None:
    edit(exported, change)
    line = empty()
    before = (line.root / "cycle.toml").read_bytes()
    for words in (("catalogue", "check", str(exported)), ("catalogue", "import", str(exported))):
        answer = line(*words, code=2)
        assert all(s in answer.err for s in said), answer.err
        assert answer.out == "" and "怎么办: " in answer.err
    assert (line.root / "cycle.toml").read_bytes() == before
    assert not (line.root / "catalogue").exists()


def test_every_fault_is_named_at_once(exported: Path) -> None:
    edit(exported, set_cell(3, "编号", "?"))
    edit(exported, set_cell(9, "材料类型", "?"))  # an unknown kind, and so none at all
    answer = dangan("catalogue", "check", str(exported))
    assert "第 3 行" in answer.err and "第 9 行" in answer.err and "目录有 3 处错误" in answer.err


def test_a_file_that_is_no_spreadsheet_is_named(tmp_path: Path) -> None:
    file = tmp_path / "目录.xlsx"
    file.write_text("编号,版块", "utf-8")
    answer = dangan("catalogue", "check", str(file))
    assert answer.code == 2 and f"打不开电子表格 {file}" in answer.err


def test_an_imported_catalogue_is_the_one_in_use(exported: Path, ws: Line) -> None:
    def rename(book: Workbook) -> None:
        head = sheet(book, "目录说明")
        for row in head.iter_rows():
            if row[0].value == "名称":
                row[1].value = "示例市 2026 年手册"
            if row[0].value == "目录编号":
                row[1].value = "shili-2026"

    edit(exported, rename)
    cycle = ws.root / "cycle.toml"
    text = cycle.read_text("utf-8")
    cycle.write_text(text.replace('"national-2017"', "'national-2017'  # 市里的 \"手册\" 到了再换", 1), "utf-8")
    answer = ws("catalogue", "import", str(exported))
    assert cycle.read_text("utf-8") == text.replace('"national-2017"', '"catalogue/shili-2026"  # 市里的 "手册" 到了再换', 1), (
        "what is noted beside it stays"
    )
    assert "示例市 2026 年手册" in answer.out and "cycle.toml 已改用它" in answer.out
    assert 'catalogue = "catalogue/shili-2026"' in (ws.root / "cycle.toml").read_text("utf-8")
    assert ws.coverage()["catalogue"]["edition"] == "示例市 2026 年手册"
    assert ws("catalogue", "show", "--format", "json").json["head"]["id"] == "shili-2026"
    assert ws("catalogue", "import", str(exported)).code == 0, "safe to repeat"


def test_an_imported_catalogue_can_wait(exported: Path, ws: Line) -> None:
    before = (ws.root / "cycle.toml").read_bytes()
    ws("catalogue", "import", str(exported), "--as", "later", "--no-use")
    assert (ws.root / "cycle.toml").read_bytes() == before
    assert (ws.root / "catalogue" / "later" / "items.tsv").is_file()


@pytest.mark.parametrize("ident", ["../../etc", "a/b", "", ".hidden", "a b"])
def test_an_id_leads_nowhere_outside_of_the_workspace(ident: str, exported: Path, ws: Line) -> None:
    answer = ws("catalogue", "import", str(exported), "--as", ident, code=None)
    assert (answer.code == 2) == bool(ident)
    folders = {p.name for p in (ws.root / "catalogue").iterdir()} if (ws.root / "catalogue").exists() else set()
    assert folders == (set() if ident else {"national-2017"})


def faces(line: Line) -> dict[str, bytes]:
    """The files of the workspace that say how it judges."""
    named = [line.root / "cycle.toml", line.root / "units.csv", *(line.root / "catalogue").rglob("*")]
    return {str(p.relative_to(line.root)): p.read_bytes() for p in named if p.is_file()}


@pytest.mark.parametrize("options", [(), ("--no-use",)])
def test_a_manual_that_lacks_what_the_cycle_requires_is_refused_before_anything_is_written(
    options: tuple[str, ...], tmp_path: Path, exported: Path, ws: Line
) -> None:
    """Also where it is to take the place of the one in use without that being asked for."""
    file = tmp_path / "别的目录.xlsx"
    dangan("catalogue", "export", "fujian-county", "-o", str(file))
    ws("catalogue", "import", str(exported), "--as", "own")
    with (ws.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write('\n[[requirement]]\nitem = "III15-1"\nneeded = 2\n\n[[requirement]]\nitem = "III18-1"\nneeded = 2\n')
    before, shown = faces(ws), ws("catalogue", "show").out
    answer = ws("catalogue", "import", str(file), "--as", "own", *options, code=2)
    assert answer.out == "" and "第 1 个 [[requirement]]: 新目录里没有“III15-1”" in answer.err
    assert "第 2 个 [[requirement]]: 新目录里没有“III18-1”" in answer.err and "没有任何改动被写入" in answer.err
    assert faces(ws) == before and ws("catalogue", "show").out == shown
    ws("coverage")
    ws("catalogue", "import", str(file), "--as", "later", "--no-use")
    assert ws("catalogue", "show").out == shown


def test_a_requirement_that_the_catalogue_lacks_can_be_looked_up_in_it(ws: Line) -> None:
    with (ws.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write('\n[[requirement]]\nitem = "III999-1"\nneeded = 2\n')
    answer = ws("coverage", code=2)
    assert "第 1 个 [[requirement]]: 目录里没有“III999-1”" in answer.err and "dangan catalogue show" in answer.err
    assert "III18-1" in ws("catalogue", "show").out
    assert "III999-1" in ws("catalogue", "check", code=2).err


def test_what_a_city_keeps_beside_its_catalogue_outlives_an_import(exported: Path, ws: Line) -> None:
    ws("catalogue", "import", str(exported), "--as", "own")
    folder = ws.root / "catalogue" / "own"
    (folder / "往来").mkdir()
    (folder / "往来" / "说明.txt").write_text("来自市文明办", "utf-8")
    (folder / "ladders.tsv").write_text("of another edition", "utf-8")
    (folder / "items.tsv").chmod(0o664)
    edit(exported, set_cell(2, "最少件数", 2))
    ws("catalogue", "import", str(exported), "--as", "own")
    assert (folder / "往来" / "说明.txt").read_text("utf-8") == "来自市文明办"
    assert {p.name for p in folder.iterdir()} == {"catalogue.toml", "items.tsv", "terms.tsv", "往来"}
    assert [p.name for p in folder.parent.iterdir()] == ["own"]
    assert (folder / "items.tsv").stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize("name", ["items.tsv", "terms.tsv"])
def test_a_table_of_a_catalogue_saved_in_another_encoding_is_named(name: str, exported: Path, ws: Line) -> None:
    ws("catalogue", "import", str(exported), "--as", "own")
    file = ws.root / "catalogue" / "own" / name
    file.write_bytes(file.read_text("utf-8").encode("gb18030"))
    answer = ws("coverage", code=2)
    assert f"{file} 不是 UTF-8 编码" in answer.err and "请另存为 UTF-8" in answer.err


# -- the units table ----------------------------------------------------------------------------------------------------


def units_file(line: Line, tmp_path: Path) -> Path:
    file = tmp_path / "单位.xlsx"
    line("units", "export", "-o", str(file))
    return file


def unit_row(file: Path, name: str, **columns: str) -> None:
    """Fill in columns of one unit's row; a unit that is not there gets a row at the end."""
    heads = list(unit_tables.COLUMNS)

    def change(book: Workbook) -> None:
        table = book.worksheets[0]
        for row in table.iter_rows(min_row=2):
            if row[0].value == name:
                for column, value in columns.items():
                    row[heads.index(column)].value = value
                return
        table.append([name, *(columns.get(h, "") for h in heads[1:])])

    edit(file, change)


def test_the_units_table_comes_back_the_same(ws: Line, tmp_path: Path) -> None:
    before = ws("units", "show", "--format", "json").out
    file = units_file(ws, tmp_path)
    edit(file, lambda book: None)
    ws("units", "import", str(file))
    assert ws("units", "show", "--format", "json").out == before


def test_aliases_former_names_and_members_are_read(ws: Line, tmp_path: Path) -> None:
    file = units_file(ws, tmp_path)
    unit_row(file, "市教育局", aliases="市教体局;教育局", former_names="市教委", leader="李四", liaison="王五")
    unit_row(file, "东示区", aliases="")
    unit_row(file, "示范区", members="东示区")
    ws("units", "import", str(file))
    units = {u["name"]: u for u in ws("units", "show", "--format", "json").json}
    assert units["市教育局"]["aliases"] == ["市教体局", "教育局"] and units["市教育局"]["former_names"] == ["市教委"]
    assert (units["市教育局"]["leader"], units["市教育局"]["liaison"]) == ("李四", "王五")
    assert units["示范区"]["members"] == ["东示区"]
    assert (ws.inbox / "东示区").is_dir() and not (ws.inbox / "示范区").exists(), "a group has no folder, its members have"


def test_a_table_as_csv_in_the_encoding_of_a_chinese_spreadsheet_is_read(ws: Line, tmp_path: Path) -> None:
    text = ws("units", "show", "--format", "csv").out
    file = tmp_path / "单位.csv"
    file.write_bytes(text.replace("市教育局,", "市教育局,市教体局").encode("gb18030"))
    ws("units", "import", str(file))
    assert {u["name"]: u["aliases"] for u in ws("units", "show", "--format", "json").json}["市教育局"] == ["市教体局"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_the_units_table_itself_may_be_saved_by_a_chinese_spreadsheet(encoding: str, ws: Line) -> None:
    file = ws.root / "units.csv"
    table, state = file.read_text("utf-8-sig"), ws.digest()
    file.write_bytes(table.replace("市教育局,", "市教育局,市教体局").replace("\n", "\r\n").encode(encoding))
    assert {u["name"]: u["aliases"] for u in ws("units", "show", "--format", "json").json}["市教育局"] == ["市教体局"]
    file.write_bytes(table.encode(encoding))
    ws.ingest()
    assert ws.digest() == state, "the same table in other bytes changes nothing"


@pytest.mark.parametrize("cut", [b"\xe5\xb8", b"\xff\xfe\x00\xd8\x00"])
def test_a_units_table_that_is_cut_or_of_no_known_encoding_is_named(cut: bytes, ws: Line) -> None:
    file = ws.root / "units.csv"
    file.write_bytes((b"" if cut[:2] == b"\xff\xfe" else file.read_bytes()) + cut)
    for words in (("units", "show"), ("ingest",), ("units", "import", str(file))):
        answer = ws(*words, code=2)
        assert f"看不出 {file} 的编码" in answer.err and "CSV UTF-8" in answer.err, words


@pytest.mark.parametrize(
    ("name", "columns", "said"),
    [
        ("市民政局", {"aliases": "市教育局"}, "“别名”: “市教育局”已在第"),
        ("市民政局", {"members": "无此单位"}, "“无此单位”不在表中"),
        ("", {"leader": "李四"}, "“单位名称”: 不能为空"),
        ("../../escaped", {}, "不能作文件夹名: ../../escaped"),
        ("/tmp/escaped", {}, "不能作文件夹名: /tmp/escaped"),
    ],
)
def test_a_wrong_units_table_is_named_and_nothing_is_written(
    name: str, columns: dict[str, str], said: str, ws: Line, tmp_path: Path
) -> None:
    file = units_file(ws, tmp_path)
    unit_row(file, name, **columns)
    before = (ws.root / "units.csv").read_bytes()
    answer = ws("units", "import", str(file), code=2)
    assert said in answer.err and (ws.root / "units.csv").read_bytes() == before


def test_what_an_import_takes_from_the_units_table_is_said(ws: Line, tmp_path: Path) -> None:
    file = units_file(ws, tmp_path)
    unit_row(file, "市教育局", aliases="市教体局", liaison="王五")
    assert "原来有" not in ws("units", "import", str(file)).out

    def spoil(book: Workbook) -> None:
        rows = book.worksheets[0]
        for cell in rows[1]:
            cell.value = {"联络员": "联系人"}.get(str(cell.value), cell.value)
        [gone] = [r[0].row for r in rows.iter_rows() if r[0].value == "市民政局"]
        rows.delete_rows(gone)

    edit(file, spoil)
    said = ws("units", "import", str(file)).out
    assert "没有读入的列: 联系人;" in said and "“联络员”原来有、现在空了的单位 1 个" in said
    assert "不再在表中的单位 1 个: 市民政局。" in said and "“曾用名”" in said and "不再认的别名" not in said
    assert len(ws("units", "import", str(file)).out.splitlines()) == 2, "the same again takes nothing away"


def test_an_empty_units_table_is_no_table(ws: Line, tmp_path: Path) -> None:
    file = units_file(ws, tmp_path)
    edit(file, lambda book: book.worksheets[0].delete_rows(2, 500))
    before = (ws.root / "units.csv").read_bytes()
    answer = ws("units", "import", str(file), code=2)
    assert "一个单位也没有" in answer.err and (ws.root / "units.csv").read_bytes() == before


def test_what_stands_in_a_merged_cell_stands_in_every_row_of_it(tmp_path: Path) -> None:
    book = Workbook()
    rows = book.active
    assert isinstance(rows, Worksheet)
    for row in (["单位名称", "联络员"], ["甲局", "王五"], ["乙局", None], ["丙局", "赵六"], [None, None]):
        rows.append(row)
    rows.merge_cells("B2:B3")
    rows.merge_cells("A4:A5")
    book.save(file := tmp_path / "单位.xlsx")
    table, strange = read_units(file)
    assert {u.name: u.liaison for u in table.units} == {"甲局": "王五", "乙局": "王五", "丙局": "赵六"} and strange == ()


def test_a_workbook_is_written_under_the_name_of_one_only(ws: Line, tmp_path: Path) -> None:
    for words in (("units", "export"), ("catalogue", "export"), ("review", "export")):
        for name in ("表.csv", "表"):
            answer = ws(*words, "-o", str(tmp_path / name), code=2)
            assert "不是电子表格的文件名" in answer.err and "表.xlsx" in answer.err, words
    assert list(tmp_path.glob("表*")) == []


def test_a_folder_of_unknown_name_is_reported_and_matched_once_its_alias_is_known(ws: Line, tmp_path: Path) -> None:
    folder = ws.inbox / "市教体局"
    folder.mkdir()
    town.document(folder / "III58-1 文明校园创建方案.docx", "示例市文明校园创建方案", "示教发〔2026〕3号")
    answer = ws("ingest", "--no-validation")
    assert "不认识的文件夹“市教体局”：是否指“市教育局”？" in answer.out
    before = ws.manifest()["市教体局/III58-1 文明校园创建方案.docx"]
    assert "UNIT" in [f["code"] for f in before["findings"]]
    assert not any("市教体局" in u["name"] for u in ws.coverage()["units"]), "an unknown folder is never a new unit"

    file = units_file(ws, tmp_path)
    unit_row(file, "市教育局", aliases="市教体局")
    ws("units", "import", str(file))
    answer = ws("ingest", "--no-validation")
    assert "市教体局" not in answer.out
    after = ws.manifest()["市教育局/III58-1 文明校园创建方案.docx"]
    assert after["sha256"] == before["sha256"] and [f["code"] for f in after["findings"]] == []
    assert {s["unit"] for s in after["sources"]} == {"市教育局"}
