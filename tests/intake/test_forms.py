"""提交表: which row speaks for which file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import msgspec
import pytest

from archive_schema.catalogue import Catalogue
from archive_schema.catalogue import load as load_catalogue
from archive_schema.cycle import Limits
from archive_schema.evidence import FormRow
from archive_schema.units import UnitTable
from classification.numbers import as_typed
from intake import forms, readers
from intake.discover import discover
from intake.forms import FormBook, Place, forms_for, is_form, no_numbers, read_forms
from intake.formsheet import Form, read_form
from intake.pool import ReaderPool
from tests.intake import make, make_form, make_xls

HEADER: list[object] = ["序号", "编号", "文件名", "材料类型", "材料名称", "成文日期", "自评结论", "报送日期"]


def sheet(*rows: list[object]) -> dict[str, list[list[object]]]:
    return {"提交表": [["测评材料提交表"], [], HEADER, *rows]}


def book(forms: dict[str, list[str]], files: list[str]) -> FormBook:
    """Forms by path, each with the files it names; everything in the folder 单位."""
    made = tuple(
        (Place("单位", path), Form(tuple(FormRow(file=f, row=n, title=path) for n, f in enumerate(names, 1))))
        for path, names in forms.items()
    )
    return FormBook(made, tuple(Place("单位", f) for f in files))


def said(found: FormBook, path: str) -> str | None:
    row = found.row_for(Place("单位", path))
    return row.form_path if row else None


def test_a_form_is_read_as_typed(tmp_path: Path) -> None:
    path = make.xlsx(
        tmp_path / "提交表.xlsx", sheet([1, "Ⅱ-1", "通知.pdf", "规范文件", "关于通知", "2017年8月1日", "符合", "2017-09-01"])
    )
    form = read_form(path)
    assert form.problems == ()
    (row,) = form.rows
    assert (row.file, row.item, row.kind, row.title, row.date, row.conclusion, row.submitted_at, row.row) == (
        "通知.pdf", "Ⅱ-1", "规范文件", "关于通知", "2017年8月1日", "符合", "2017-09-01", 4,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_form_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "材料提交表.csv"
    path.write_bytes("项目编号,文件,标题\r\nⅡ-1,通知.pdf,关于通知\r\n".encode(encoding))
    form = read_form(path)
    assert [(r.item, r.file, r.title) for r in form.rows] == [("Ⅱ-1", "通知.pdf", "关于通知")] and form.problems == ()


def test_every_problem_names_its_row(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [1, "Ⅱ-1", "a.pdf", "", "", "去年八月", "", ""],
        [2, "Ⅱ-1", "", "规范文件"],
        [3, "Ⅱ-2", "b.pdf", "", "", "2017年8月", "", "2017-02-30"],
        [4, "Ⅱ-3", "a.pdf"],
    ]
    problems = "\n".join(read_form(make.xlsx(tmp_path / "提交表.xlsx", sheet(*rows))).problems)
    assert "第 4 行的日期“去年八月”看不懂" in problems
    assert "第 5 行没有填文件名,也没有填标题" in problems
    assert "第 6 行的报送日期“2017-02-30”看不懂" in problems
    assert "文件“a.pdf”在第 4、7 行重复出现" in problems
    assert len(problems.split("\n")) == 4  # a month is a date that forms may state


def test_what_is_no_form_is_a_problem_not_an_error(tmp_path: Path) -> None:
    assert "表头" in read_form(make.xlsx(tmp_path / "提交表.xlsx", {"表": [["甲", "乙"], [1, 2]]})).problems[0]
    broken = tmp_path / "b.xlsx"
    broken.write_bytes(make.xlsx(tmp_path / "c.xlsx", sheet()).read_bytes()[:-900])
    binary = tmp_path / "d.csv"
    binary.write_bytes(bytes(range(256)) * 10)
    for path in (broken, binary, make.ole(tmp_path / "e.xlsx", "EncryptedPackage")):
        form = read_form(path)
        assert form.rows == () and len(form.problems) == 1


def test_forms_are_known_by_name() -> None:
    assert is_form("下/测评材料提交表(教育局).xlsx") and is_form("提交表.CSV")
    assert is_form("提交表.pdf") and is_form("提交表.jpg") and is_form("提交表") and is_form("a.zip!/提交表.docx")
    assert not is_form("提交表.zip") and not is_form("提交表/a.xlsx") and not is_form("统计表.xlsx")


def test_files_are_found_by_path_by_name_and_without_extension() -> None:
    found = book({"提交表.xlsx": ["下\\a.pdf".replace("\\", "/"), "b.pdf", "c", "单位/d.pdf", "ｅ.pdf"]},
                 ["下/a.pdf", "下/深/b.pdf", "c.docx", "d.pdf", "e.pdf", "f.pdf"])  # fmt: skip
    for path in ("下/a.pdf", "下/深/b.pdf", "c.docx", "d.pdf", "e.pdf"):
        assert said(found, path) == "提交表.xlsx", path
    assert said(found, "f.pdf") is None and found.problems == ()


def test_the_nearest_form_wins_and_none_speaks_for_files_beside_it() -> None:
    found = book({"提交表.xlsx": ["a.pdf"], "下/提交表.xlsx": ["a.pdf", "c.pdf"]}, ["下/a.pdf", "旁/c.pdf"])
    assert said(found, "下/a.pdf") == "下/提交表.xlsx"
    assert said(found, "旁/c.pdf") is None
    assert any("找不到文件“c.pdf”" in p for _, p in found.problems)


def test_a_name_that_means_two_files_is_a_problem() -> None:
    found = book({"提交表.xlsx": ["a.pdf"]}, ["甲/a.pdf", "乙/a.pdf"])
    assert said(found, "甲/a.pdf") is None and "有 2 个文件叫“a.pdf”" in found.problems[0][1]
    exact = book({"提交表.xlsx": ["a.pdf"]}, ["a.pdf", "乙/a.pdf"])
    assert said(exact, "a.pdf") == "提交表.xlsx" and exact.problems == ()


def test_members_of_archives_count_once_they_are_known() -> None:
    found = book({"提交表.xlsx": ["b.pdf"]}, ["a.zip"])
    assert "找不到文件“b.pdf”" in found.problems[0][1]
    more = found.with_files([Place("单位", "a.zip!/b.pdf")])
    assert said(more, "a.zip!/b.pdf") == "提交表.xlsx" and more.problems == ()


def test_a_batch_that_brings_no_members_sets_nothing_against_all_files_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    by_folder = forms._by_folder

    def counted(files: Iterable[Place]) -> dict[str, list[tuple[Place, list[str]]]]:
        files = list(files)
        looked.append(len(files))
        return by_folder(files)

    monkeypatch.setattr(forms, "_by_folder", counted)
    found = book({"提交表.xlsx": ["a.pdf"]}, ["a.pdf", "b.pdf"])
    for _ in range(3):
        assert said(found.with_files([]), "a.pdf") == "提交表.xlsx"
    assert looked == [2, 0], "once for the inbox: its files, and those set aside"
    assert said(book({}, ["a.pdf"]).with_files([Place("单位", "a.zip!/b.pdf")]), "a.pdf") is None
    assert looked == [2, 0], "without a form nothing is matched at all"


def test_a_row_that_names_a_file_that_waits_is_no_problem_of_the_form() -> None:
    found = msgspec.structs.replace(book({"提交表.xlsx": ["b.pdf", "c.pdf"]}, []), aside=(Place("单位", "b.pdf"),))
    assert said(found, "b.pdf") is None and [p for _, p in found.problems] == ["第 2 行: 找不到文件“c.pdf”,请核对文件名或补交"]
    assert found.with_files([]).problems == found.problems


def test_forms_of_an_inbox_are_read_in_a_child(pool: ReaderPool, tmp_path: Path) -> None:
    unit = tmp_path / "教育局"
    unit.mkdir()
    make.xlsx(unit / "提交表.xlsx", sheet([1, "Ⅱ-1", "通知.txt"], [2, "Ⅱ-2", "没有.txt"]))
    (unit / "通知.txt").write_text("字", "utf-8")
    (unit / "坏提交表.xlsx").write_bytes(b"PK\x03\x04 broken")
    founds = list(discover(tmp_path, UnitTable(units=()), Limits(), now_ns=0))
    forms = forms_for(founds, pool)
    row = forms.row_for(next(f for f in founds if f.path == "通知.txt"))
    assert row is not None and row.item == "Ⅱ-1" and row.form_path == "提交表.xlsx"
    assert len(forms.problems) == 2
    said = {place.path: text for place, text in forms.problems}
    assert "内容不是 Excel、Word 或 CSV" in said["坏提交表.xlsx"] and "第 5 行: 找不到文件“没有.txt”" in said["提交表.xlsx"]


# --- as departments send them: a Word table or an old workbook, the item over it, titles for files

HEADS = ["序号", "材料名称", "材料类型", "自评结论"]
WHOLE = [
    ["测评材料提交表"],
    ["项目编号", "Ⅲ—18 1)", "责任单位", "市教育局"],
    HEADS,
    ["1", "关于甲的通知", "规范文件", "符合"],
    ["2", "乙方案", "", ""],
    ["3", "丙报告", "说明报告", ""],
    ["填表人：张三"],
    ["自评结论", "基本符合"],
]
#: the title over all columns, 规范文件 over two rows
MERGES = ((0, 0, 0, 3), (3, 2, 4, 2))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue("national-2017")


def against(form: Form, *files: str, catalogue: Catalogue | None = None, path: str = "提交表.docx") -> FormBook:
    numbers = partial(as_typed, catalogue=catalogue) if catalogue else no_numbers
    return FormBook(((Place("单位", path), form),), tuple(Place("单位", f) for f in files), numbers=numbers)


def rows_of(found: FormBook, *files: str) -> list[FormRow]:
    rows = [found.row_for(Place("单位", f)) for f in files]
    assert all(rows), found.problems
    return [r for r in rows if r is not None]


@pytest.mark.parametrize(
    "make_form",
    [
        pytest.param(lambda p: make_form.excel(p / "提交表.xlsx", WHOLE, MERGES), id="xlsx"),
        pytest.param(lambda p: make_form.word(p / "提交表.docx", "各单位：", WHOLE, merges=MERGES), id="docx"),
        pytest.param(lambda p: make_form.old_excel(p / "提交表.xls", WHOLE, MERGES), id="xls"),
    ],
)
def test_a_form_for_one_item_speaks_for_the_files_of_its_titles(
    make_form: Callable[[Path], Path], tmp_path: Path, catalogue: Catalogue
) -> None:
    files = ("1.关于甲的通知.pdf", "Ⅲ18-1 《乙方案》.docx", "丙报告.doc")
    found = against(read_form(make_form(tmp_path)), *files, catalogue=catalogue)
    assert found.problems == ()
    said = [(r.item, r.kind, r.title, r.conclusion, r.row) for r in rows_of(found, *files)]
    assert said == [
        ("Ⅲ—18 1)", "规范文件", "关于甲的通知", "符合", 4),
        ("Ⅲ—18 1)", "规范文件", "乙方案", "基本符合", 5),
        ("Ⅲ—18 1)", "说明报告", "丙报告", "基本符合", 6),
    ]


def test_a_value_merged_over_rows_holds_for_all_of_them_and_no_other(tmp_path: Path) -> None:
    rows = [["文件", "编号", "日期"], ["a.pdf", "Ⅱ-1", "2017-08-01"], ["b.pdf", "", ""], ["c.pdf", "", ""], ["", "", ""]]
    merges = ((1, 1, 2, 1), (1, 2, 4, 2))
    for path in (
        make_form.excel(tmp_path / "a.xlsx", rows, merges),
        make_form.word(tmp_path / "a.docx", rows, merges=merges),
        make_form.old_excel(tmp_path / "a.xls", rows, merges),
    ):
        form = read_form(path)
        assert [(r.file, r.item, r.date) for r in form.rows] == [
            ("a.pdf", "Ⅱ-1", "2017-08-01"), ("b.pdf", "Ⅱ-1", "2017-08-01"), ("c.pdf", "", "2017-08-01"),
        ], path.name  # fmt: skip
        assert form.problems == ()


def test_merged_cells_far_below_are_heard_too(tmp_path: Path) -> None:
    rows = [["文件", "编号"], *([f"{n}.pdf", f"Ⅱ-{n}" if n % 2 == 0 else ""] for n in range(300))]
    merges = tuple((n, 1, n + 1, 1) for n in range(1, 300, 2))
    form = read_form(make_form.excel(tmp_path / "a.xlsx", rows, merges))
    assert [r.item for r in form.rows] == [f"Ⅱ-{n // 2 * 2}" for n in range(300)]


def test_a_header_of_two_rows_lends_nothing_to_the_rows(tmp_path: Path) -> None:
    rows = [["序号", "文件", "编号", "数量", ""], ["", "", "", "份", "页"], ["1", "a.pdf", "", "1", "2"]]
    form = read_form(make_form.excel(tmp_path / "a.xlsx", rows, ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 4))))
    assert [(r.file, r.item) for r in form.rows] == [("a.pdf", "")] and form.problems == ()


@pytest.mark.parametrize(
    ("over", "item"),
    [
        (["《测评材料提交表》(Ⅲ-18-(1))"], "Ⅲ-18-(1)"),
        (["示例市测评材料提交表", "编　号：III18-1　　责任单位：市教育局"], "III18-1"),
        (["测评标准编号（填写）：Ⅲ18-1、Ⅲ18-2"], "Ⅲ18-1、Ⅲ18-2"),
        (["项目编号：Ⅲ91-1"], "Ⅲ91-1"),  # none of the catalogue's: it is told by its check
        (["2017年测评材料提交表(2017-8-1)", "编号：0012"], ""),
        (["测评标准：每年开展活动3次以上", "依据Ⅲ18-1整理"], ""),
        (["《测评材料提交表》(Ⅲ18-2)", "项目编号：Ⅲ18-1"], "Ⅲ18-1"),
    ],
)
def test_the_item_over_the_table_is_said_of_rows_that_name_none(
    over: list[str], item: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [["编号", "材料名称", "备注"], ["1", "甲", ""], ["", "乙", ""], ["Ⅱ30-1", "丙", ""]]
    found = against(
        read_form(make_form.word(tmp_path / "a.docx", *over, rows)), "甲.pdf", "乙.pdf", "丙.pdf", catalogue=catalogue
    )
    said = [r.item for r in rows_of(found, "甲.pdf", "乙.pdf", "丙.pdf")]
    assert said == ([item, item, "Ⅱ30-1"] if item else ["1", "", "Ⅱ30-1"])


def test_each_table_has_its_own_item_and_conclusion(tmp_path: Path, catalogue: Catalogue) -> None:
    head = ["序号", "材料名称"]
    parts = [
        *("测评材料提交表", "项目编号：Ⅲ18-1", [head, ["1", "甲"]], "自评结论：符合"),
        *("测评材料提交表", "项目编号：Ⅲ18-2", "自评结论：不符合", [head, ["1", "乙"], ["2", "没有"]], "备注"),
        *("测评材料提交表", [head, ["1", "丙"]]),
    ]
    word = read_form(make_form.word(tmp_path / "a.docx", *parts))
    flat = [row for part in parts for row in ([[part]] if isinstance(part, str) else part)]
    sheet = read_form(make_form.excel(tmp_path / "a.xlsx", flat))
    for form in (word, sheet):
        found = against(form, "甲.pdf", "乙.pdf", "丙.pdf", catalogue=catalogue)
        said = [(r.item, r.conclusion) for r in rows_of(found, "甲.pdf", "乙.pdf", "丙.pdf")]
        assert said == [("Ⅲ18-1", "符合"), ("Ⅲ18-2", "不符合"), ("", "")]
    [(_, problem)] = against(word, "甲.pdf", "乙.pdf", "丙.pdf").problems
    assert problem.startswith("第 2 个表格第 3 行: 没有填文件名,也找不到名称是“没有”的文件")


def titled(*titles: str) -> Form:
    return Form(tuple(FormRow(file="", row=n, title=t) for n, t in enumerate(titles, 1)))


def test_a_title_that_two_files_bear_or_none_is_a_problem_and_no_guess() -> None:
    found = against(titled("通知", "方案", "总结"), "通知.docx", "下/01通知.pdf", "方案(送审稿).docx", "总结.txt")
    assert found.row_for(Place("单位", "通知.docx")) is None and found.row_for(Place("单位", "下/01通知.pdf")) is None
    assert [p.split(";")[0] for _, p in found.problems] == [
        "第 1 行: 没有填文件名,有 2 个文件的名称都是“通知”",
        "第 2 行: 没有填文件名,也找不到名称是“方案”的文件",
    ]
    assert found.row_for(Place("单位", "总结.txt")) is not None


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("《关于甲的通知》", "关于甲的通知.pdf"),
        ("关于印发《甲》的通知", "(2) 关于印发〈甲〉的通知.PDF"),
        ("3.甲", "甲.pdf"),
        ("附件1：甲", "甲.pdf"),
        ("甲.pdf", "甲.pdf"),
        ("甲　方案", "一、甲方案.docx"),
        ("甲", "Ⅲ-18-(1)-01 甲.jpg"),
        ("3月总结", "3月总结.doc"),
    ],
)
def test_numbering_and_punctuation_are_no_part_of_a_title(title: str, file: str, catalogue: Catalogue) -> None:
    found = against(titled(title), file, "4月总结.doc", "5.别的.pdf", catalogue=catalogue)
    assert found.problems == () and rows_of(found, file)


def test_a_title_means_neither_the_text_beside_a_picture_nor_an_archive() -> None:
    found = against(titled("现场"), "现场.jpg", "现场.txt", "现场.zip", "现场.zip!/说明.txt")
    assert found.problems == () and rows_of(found, "现场.jpg")


def test_titles_in_one_cell_stand_a_line_each() -> None:
    found = against(titled("1.甲通知\n2.乙方案\n3.丙", "关于丁的\n长标题"), "甲通知.pdf", "乙方案.pdf", "关于丁的长标题.pdf")
    assert [r.title for r in rows_of(found, "甲通知.pdf", "乙方案.pdf")] == ["1.甲通知", "2.乙方案"]
    assert rows_of(found, "关于丁的长标题.pdf")
    assert [p for _, p in found.problems if "“3.丙”" in p] and len(found.problems) == 1


def test_a_file_that_two_forms_give_to_two_items_is_told() -> None:
    forms = tuple((Place("单位", f"{n}提交表.docx"), Form((FormRow(file="a.pdf", row=2, item=n),))) for n in ("Ⅲ1", "Ⅲ2"))
    [(place, text)] = FormBook(forms, (Place("单位", "a.pdf"),)).problems
    assert place.path == "Ⅲ2提交表.docx" and "“Ⅲ1提交表.docx”第 2 行已写了同一个文件" in text


def test_a_form_of_another_format_is_told_and_not_opened(pool: ReaderPool, tmp_path: Path) -> None:
    unit = tmp_path / "教育局"
    unit.mkdir()
    for name in ("提交表.pdf", "提交表.doc", "提交表.wps", "测评材料提交表.jpg", "提交表"):
        (unit / name).write_bytes(b"\0" * 100)
    forms = forms_for(list(discover(tmp_path, UnitTable(units=()), Limits(), now_ns=0)), pool)
    said = {place.path: text for place, text in forms.problems}
    assert len(said) == 5 and all("请另存为 XLSX 或 DOCX" in t and "请从文件名中去掉" in t for t in said.values())
    assert said["提交表.doc"].startswith("旧版 Word 文件不能作为提交表读取")


def test_a_hostile_form_is_a_problem_of_that_form_alone(pool: ReaderPool, tmp_path: Path) -> None:
    good = make_form.word(tmp_path / "好提交表.docx", [["文件", "编号"], ["a.pdf", "Ⅱ-1"]])
    cut = tmp_path / "断提交表.docx"
    cut.write_bytes(good.read_bytes()[:-300])
    locked = make.ole(tmp_path / "锁提交表.docx", "EncryptedPackage")
    nested = tmp_path / "深提交表.docx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(nested, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "word/document.xml":
                data = data.replace(b"<w:body>", b"<w:body>" + b"<w:tbl><w:tr><w:tc>" * 200).replace(
                    b"</w:body>", b"</w:tc></w:tr></w:tbl>" * 200 + b"</w:body>"
                )
            new.writestr(info, data)
    bomb = make.zipped(tmp_path / "大提交表.docx", {"[Content_Types].xml": b"", "word/document.xml": b"\0" * 300_000_000})
    old = make_xls.xls(tmp_path / "旧提交表.xls", {"表": [["文件", "编号"], ["a.pdf", "Ⅱ-1"]]}, locked=True)
    paths = [good, cut, locked, nested, bomb, old]
    forms = read_forms([(p.name, p) for p in paths], pool)
    assert [len(f.rows) for f in forms] == [1, 0, 0, 0, 0, 0]
    assert [len(f.problems) for f in forms] == [0, 1, 1, 1, 1, 1]
    assert "打开密码" in forms[5].problems[0]


def test_without_xlrd_an_old_workbook_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_xls.xls(tmp_path / "提交表.xls", {"表": [["文件", "编号"], ["a.pdf", "Ⅱ-1"]]})
    assert [r.file for r in read_form(path).rows] == ["a.pdf"]
    monkeypatch.setitem(readers.COMPONENTS, "application/vnd.ms-excel", (readers.Component("xlrd-absent"),))
    [problem] = read_form(path).problems
    assert "本机缺少 xlrd" in problem and "另存为 XLSX" in problem
