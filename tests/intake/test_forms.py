"""提交表: which row speaks for which file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from archive_schema.cycle import Limits
from archive_schema.units import UnitTable
from intake.discover import discover
from intake.forms import Form, FormBook, Place, forms_for, is_form, read_form
from intake.pool import ReaderPool
from tests.intake import make

HEADER: list[object] = ["序号", "编号", "文件名", "材料类型", "材料名称", "成文日期", "自评结论", "报送日期"]


def sheet(*rows: list[object]) -> dict[str, list[list[object]]]:
    return {"提交表": [["测评材料提交表"], [], HEADER, *rows]}


def book(forms: dict[str, list[str]], files: list[str]) -> FormBook:
    """Forms by path, each with the files it names; everything in the folder 单位."""
    from archive_schema.evidence import FormRow

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
        [2, "Ⅱ-1", "", "规范文件", "没有文件名"],
        [3, "Ⅱ-2", "b.pdf", "", "", "2017年8月", "", "2017-02-30"],
        [4, "Ⅱ-3", "a.pdf"],
    ]
    problems = "\n".join(read_form(make.xlsx(tmp_path / "提交表.xlsx", sheet(*rows))).problems)
    assert "第 4 行的日期“去年八月”看不懂" in problems
    assert "第 5 行没有填文件名" in problems
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
    assert not is_form("提交表.pdf") and not is_form("提交表/a.xlsx") and not is_form("统计表.xlsx")


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
    assert "不是 XLSX 或 CSV" in said["坏提交表.xlsx"] and "第 5 行: 找不到文件“没有.txt”" in said["提交表.xlsx"]
