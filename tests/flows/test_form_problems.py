"""What cannot be used of a 提交表 is told to whom it concerns, night after night, until it is mended."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from archive_schema.report import FormProblem
from flows import digest
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.ingest import ingest
from reports import coverage_html, coverage_text, coverage_xlsx, digest_text
from tests.dangan.line import Line
from tests.flows.acting import act
from tests.flows.house import NOW, House, document

BROKEN, HEADLESS, ROWS = "市科协", "市体育局", "市妇联"
MEMBER = "Ⅲ58-1 文明校园创建方案.txt"
FORM = "文件,编号,日期\n{}\n"


def put(house: House, place: str, text: str) -> Path:
    path = house.inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Three units, each with a form that is of no or little use; taken in, and passed over once more."""
    made = House.build(tmp_path_factory.mktemp("forms") / "ws")
    put(made, f"{BROKEN}/提交表.xlsx", "broken")
    put(made, f"{HEADLESS}/提交表.csv", "甲,乙\n1,2\n")
    put(made, f"{ROWS}/提交表.csv", FORM.format("不存在.docx,III9-1,昨天"))
    assert len(made.ingest().forms) == 4
    return made


def test_an_unchanged_inbox_is_told_of_again(house: House) -> None:
    again = house.ingest()
    assert not again.changed
    assert [(f.unit, f.path) for f in again.forms] == sorted(
        [(BROKEN, "提交表.xlsx"), (HEADLESS, "提交表.csv"), (ROWS, "提交表.csv"), (ROWS, "提交表.csv")]
    )
    said = {f.text for f in again.forms}
    assert "第 2 行: 找不到文件“不存在.docx”,请核对文件名或补交" in said
    assert any("第 2 行的日期“昨天”看不懂" in t for t in said) and any("找不到表头" in t for t in said)
    alone = house.ingest(paths=[house.inbox / BROKEN])
    assert [f.unit for f in alone.forms] == [BROKEN], "of what was asked for"


def test_the_command_and_every_report_list_them(house: House) -> None:
    printed = Line(house.root).ingest().out
    assert "提交表的问题 4 处" in printed and f"{ROWS}/提交表.csv：第 2 行: 找不到文件“不存在.docx”" in printed
    with house.open() as o:
        report = coverage_report(o)
        mine = coverage_report(o, unit=ROWS)
        night = digest.night(o)
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report)))
    overview = "\n".join(str(c) for row in book["总览"].iter_rows(values_only=True) for c in row if c)
    for text in (coverage_html.render(report), coverage_text.render(report), overview):
        assert "提交表的问题" in text and "不存在.docx" in text and "找不到表头" in text
    assert {f.unit for f in mine.forms} == {ROWS}
    assert "提交表的问题 4 处" in digest_text.render(night, zone="Asia/Shanghai") and not digest_text.calm(night)


def test_each_unit_is_told_of_its_own(house: House) -> None:
    with house.open() as o:
        sheets = {a.unit: a for a in assignments(o).sheets}
    for unit, problems in ((BROKEN, 1), (HEADLESS, 1), (ROWS, 2)):
        assert len(sheets[unit].forms) == problems and {f.unit for f in sheets[unit].forms} == {unit}
        assert not sheets[unit].done
    assert sum(len(a.forms) for a in sheets.values()) == 4


def test_a_mended_form_is_told_of_no_more(new_workspace) -> None:
    house = new_workspace()
    put(house, f"{ROWS}/提交表.csv", FORM.format("不存在.docx,III9-1,2026-03-05"))
    assert len(house.ingest().forms) == 1
    document(house.inbox / ROWS / "不存在.docx")
    assert house.ingest().forms == () and house.ingest().forms == ()


def test_a_row_that_names_a_member_of_an_archive_taken_in_before_or_a_file_that_waits_is_none(new_workspace) -> None:
    house = new_workspace()
    folder = house.inbox / ROWS
    with zipfile.ZipFile(folder / "打包.zip", "w") as z:
        z.writestr(MEMBER, "里面是文明校园的创建方案")
    house.ingest()
    (folder / "空表.xlsx").touch()
    put(house, f"{ROWS}/提交表.csv", FORM.format(f"{MEMBER},III58-1,2026-03-05\n空表.xlsx,III58-1,2026-03-05"))
    with house.open(NOW + timedelta(days=1)) as o:
        result = ingest(o, validation=False)
    assert result.output.waiting == 1 and result.forms == ()


def test_words_of_a_form_stay_on_their_line(new_workspace) -> None:
    house = new_workspace()
    put(house, f"{ROWS}/提交表.csv", FORM.format(f"{'长' * 5000}\u202e.docx,III9-1,2026-03-05"))
    [problem] = house.ingest().forms
    assert isinstance(problem, FormProblem) and len(problem.text) <= 300 and "\u202e" not in problem.text


@pytest.mark.parametrize("action", ["withdraw", "supersede", "return"])
@pytest.mark.parametrize("place", ["提交表.csv", "包.zip"])
def test_nobody_is_asked_to_mend_a_form_that_is_withdrawn_or_replaced(action: str, place: str, new_workspace) -> None:
    house: House = new_workspace()
    put(house, f"{ROWS}/提交表.csv", FORM.format("没有一.docx,III9-1,"))
    with zipfile.ZipFile(house.inbox / ROWS / "包.zip", "w") as z:
        z.writestr("提交表.csv", FORM.format("没有二.docx,III9-1,"))
        z.writestr("另.txt", "道德讲堂")
    put(house, f"{BROKEN}/提交表.csv", FORM.format("没有三.docx,III9-1,"))
    document(house.inbox / ROWS / "新.txt")

    def asked() -> set[str]:
        with house.open() as o:
            last = {f.text for f in coverage_report(o).forms}
            mine = {f.text for a in assignments(o).sheets for f in a.forms}
            assert {f.text for f in digest.night(o).forms} == last == mine
        assert {f.text for f in house.ingest().forms} == last, "a pass later, too"
        return {n for n in ("一", "二", "三") if any(f"没有{n}.docx" in t for t in last)}

    house.ingest()
    assert asked() == {"一", "二", "三"}
    lines = house.manifest()
    more = {"by_sha256": lines[f"{ROWS}/新.txt"].sha256} if action == "supersede" else {}
    [done] = act(house, action, sha256=lines[f"{ROWS}/{place}"].sha256, unit=ROWS, **more)
    gone = {"一"} if place == "提交表.csv" else {"二"}
    assert asked() == {"一", "二", "三"} - (gone if action != "return" else set())
    act(house, "undo", decision=done.decision)
    assert asked() == {"一", "二", "三"}
