"""Real tables put into an inbox, ingested, and graded: the county that lost nine grades, and each of them won back."""

from __future__ import annotations

import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from archive_schema import catalogue as catalogues
from flows import replacing
from samples import table
from tests.county import WHOLE_COUNTY
from tests.dangan.line import Line
from tests.flows.house import document, photo
from tests.shapes import conforms

Rows = list[list[Any]]


def by_rows(name: str, unit: str, figures: tuple[Any, Any]) -> Rows:
    """An indicator a row, a year a column."""
    return [
        [f"2006年{name}统计表"],
        ["统计时段:2005年至2006年", "口径:全县,户籍人口", "", "填报单位(盖章):县统计局"],
        ["指标名称", "计量单位", "2005年", "2006年"],
        [f"1.{name}", unit, *figures],
        ["其他", "个", 3, 4],
    ]


def by_towns(name: str, unit: str, figures: tuple[Any, Any, Any]) -> Rows:
    """A town a row, the whole below; the year in the title alone, the unit in the header."""
    return [
        [f"2006年度各乡镇{name}"],
        ["口径:全县", "", "数据来源:县统计年鉴"],
        ["乡镇", f"{name}({unit})", "目标值", "备注"],
        ["城关镇", figures[0], 90, ""],
        ["东乡", figures[1], 90, "第12号"],
        ["全县", figures[2], 90, ""],
    ]


def by_years(name: str, unit: str, figures: tuple[Any, Any]) -> Rows:
    """A year a row, the unit in a line above."""
    return [
        [f"历年{name}"],
        [f"单位:{unit}", "统计时段:2005年至2006年", "来源:县统计局"],
        ["年度", name, "同比增长"],
        ["2005年", figures[0], "1%"],
        ["2006年", figures[1], "2%"],
    ]


#: item → (unit that sends, the table short of the ladder, the table that is not)
TABLES: dict[str, tuple[str, Rows, Rows]] = {
    "FJ1": ("县公安局", *(by_rows("交通万车死亡率", "人/万车", (4, f)) for f in (5.1, 5))),
    "FJ3": ("县教育局", *(by_rows("人均教育经费", "万元", (0.05, f)) for f in (0.0399, 0.04))),
    "FJ4": ("县卫生局", *(by_towns("无偿献血占临床用血的比例", "‰", (900, 700, f)) for f in (799, 801))),
    "FJ5": ("县建设局", *(by_rows("污水处理率", "", (f"{f + 9}%", f"{f}％")) for f in (29.9, 30))),
    "FJ7": ("县民政局", *(by_rows("最低生活保障线", "元/月", (160, f)) for f in (149, 150))),
    "FJ8": ("县财政局", *(by_years("人均创建经费", "元", (2, f)) for f in (0.99, 1))),
    "FJ9": ("县计生局", *(by_towns("出生人口政策符合率", "%", (99, 91, f)) for f in (94.9, 95.0))),
}
SHORT = {"FJ1": "B", "FJ2": "B", "FJ3": "B", "FJ4": "B", "FJ5": "B", "FJ6": "B", "FJ7": "B", "FJ8": "C", "FJ9": "C"}


def send(line: Line, which: int, name: str) -> None:
    for item, (unit, *tables) in TABLES.items():
        into = line.inbox / unit / f"{item} {name}.xlsx"
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_bytes(table.xlsx(tables[which], columns=len(tables[which][2])))


def graded(line: Line, *options: str) -> dict[str, Any]:
    found = line("grades", "--format", "json", *options).json
    conforms(found, "grades")
    return found  # type: ignore[no-any-return]


def letters(line: Line) -> dict[str, str | None]:
    return {i["id"]: i["grade"] for i in graded(line)["items"]}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """The nine shortfalls, ingested. Read only."""
    line = Line(tmp_path_factory.mktemp("county") / "ws")
    line(
        "init",
        str(line.root),
        "--cycle",
        "2006",
        "--window",
        "2005-01-01..2006-12-31",
        "--catalogue",
        "fujian-county",
        here=False,
    )
    replacing.folder(line.root / "catalogue" / "county", catalogues.files(WHOLE_COUNTY))
    cycle = line.root / "cycle.toml"
    cycle.write_text(cycle.read_text("utf-8").replace('"fujian-county"', '"catalogue/county"'), "utf-8")
    send(line, 0, "上报")
    line.ingest()
    return line


def test_the_nine_shortfalls_give_seven_b_and_two_c(county: Line) -> None:
    found = graded(county)
    assert {i["id"]: i["grade"] for i in found["items"]} == SHORT
    assert found["totals"] == {"A": 0, "B": 7, "C": 2, "C#": 0, "unchecked": 0, "not_applicable": 0}
    assert found["score"] is None, "what a grade is worth was not published"


def test_a_grade_says_from_which_cell_of_whose_file_it_comes_and_what_is_missing(county: Line) -> None:
    by_id = {i["id"]: i["ladders"][0] for i in graded(county)["items"]}
    assert by_id["FJ3"]["gap"] == "再高 1 元到 A(须 ≥ 400 元)" and by_id["FJ3"]["value"] == 399
    (figure,) = by_id["FJ3"]["figures"]
    assert {k: figure[k] for k in ("value", "measure", "period", "unit", "path", "cell")} == {
        "value": 0.0399,
        "measure": "万元",
        "period": "2006年",
        "unit": "县教育局",
        "path": "FJ3 上报.xlsx",
        "cell": "D4",
    }
    assert [by_id[i]["figures"][0]["cell"] for i in ("FJ4", "FJ5", "FJ8")] == ["B6", "D4", "B5"]
    assert by_id["FJ3"]["basis"] == "published" and by_id["FJ1"]["basis"] == "ours"


def test_each_shortfall_made_good_wins_its_grade_back(county: Line, tmp_path: Path) -> None:
    shutil.copytree(county.root, tmp_path / "ws")
    line = Line(tmp_path / "ws")
    send(line, 1, "更正")
    document(
        line.inbox / "县委宣传部" / "FJ2 典型人物.docx",
        title="示例县先进典型表彰决定",
        issued_on=date(2006, 3, 5),
        number="示委〔2006〕2号",
    )
    photo(line.inbox / "县文明办" / "FJ6 文明村镇.jpg")
    document(
        line.inbox / "县文明办" / "FJ6 命名文件.docx",
        title="全国文明村镇名单",
        issued_on=date(2005, 10, 5),
        number="文明委〔2005〕9号",
    )
    line.ingest()
    now = letters(line)
    assert (now["FJ2"], now["FJ6"]) == ("A", "A")
    told = {i["id"]: i["why"] for i in graded(line)["items"]}
    for item in TABLES:  # old and new stand side by side: nobody may choose for the reader
        assert now[item] is None and "不一致" in told[item][0]
    held = line.manifest()
    for item, (unit, _, _) in TABLES.items():
        old, new = (held[f"{unit}/{item} {name}.xlsx"]["sha256"] for name in ("上报", "更正"))
        line("review", "supersede", old, "--with", new, "--by", "张三", "--reason", "更正后的数")
        now[item] = "A"
        assert letters(line) == now
    assert set(now.values()) == {"A"}


def test_the_reports_show_the_grades_as_the_command_does(county: Line, tmp_path: Path) -> None:
    [head] = (county.root / "store").glob("cycles/*/HEAD.json")
    counted = f"（共 {json.loads(head.read_bytes())['total']} 条记录）"
    for words in (("grades",), ("coverage",)):
        text = county(*words).out
        assert counted in text
        assert "B 7   C 2" in text and "再高 1 元到 A(须 ≥ 400 元)" in text and "FJ3 上报.xlsx D4" in text
    county("coverage", "--format", "html", "-o", str(tmp_path / "c.html"))
    page = (tmp_path / "c.html").read_text("utf-8")
    assert 'id="grades"' in page and "再高 1 元到 A" in page and "自定：本测试所设" in page
    for name in ("coverage", "grades"):
        county(name, "--format", "xlsx", "-o", str(tmp_path / f"{name}.xlsx"))
        sheet = openpyxl.load_workbook(io.BytesIO((tmp_path / f"{name}.xlsx").read_bytes()))["等级"]
        cells = ["" if c is None else str(c) for row in sheet.iter_rows(values_only=True) for c in row]
        assert any("FJ3 上报.xlsx D4：0.0399 万元，2006年" in c for c in cells) and "再高 1 元到 A(须 ≥ 400 元)" in cells
        assert any(counted in c for c in cells) or name == "coverage"
    assert county("grades", "--format", "csv").out.count("\n") == 10
    only = graded(county, "--unit", "县教育局")
    assert [i["id"] for i in only["items"]] == ["FJ3"] and only["totals"]["B"] == 1
    assert "grades" not in county.coverage(), "the contract's keys are exact"


def test_the_audit_counts_them_by_the_index_and_by_the_series_alone(county: Line) -> None:
    for depth in ("fast", "complete"):
        assert "等级（项）  B 7   C 2" in county("audit", "--depth", depth, "--only", "completeness", code=1).out


def test_grades_alter_nothing_in_the_archive(county: Line) -> None:
    before = county.digest()
    graded(county)
    county("coverage")
    assert county.digest() == before


def test_a_catalogue_without_ladders_shows_nothing_of_grades(tmp_path: Path) -> None:
    line = Line(tmp_path / "ws")
    line("init", str(line.root), here=False)
    found = graded(line)
    assert (found["items"], found["totals"], found["score"]) == ([], {}, None)
    assert "没有写等级阈值" in line("grades").out
    assert "【等级】" not in line("coverage").out and "等级（项）" not in line("audit", "--only", "completeness", code=1).out
    line("coverage", "--format", "html", "-o", str(tmp_path / "c.html"))
    page = (tmp_path / "c.html").read_text("utf-8")
    assert 'id="grades"' not in page and 'href="#grades"' not in page
    line("coverage", "--format", "xlsx", "-o", str(tmp_path / "c.xlsx"))
    assert "等级" not in openpyxl.load_workbook(tmp_path / "c.xlsx").sheetnames


def test_weights_give_a_score_of_what_is_graded(county: Line, tmp_path: Path) -> None:
    shutil.copytree(county.root, tmp_path / "ws")
    line = Line(tmp_path / "ws")
    head = line.root / "catalogue" / "county" / "catalogue.toml"
    worth = (
        '\n[weights]\nbasis = "published"\nsource = "志愿服务测评说明(2012)"\ngrades = {A = 100, B = 66, C = 33, "C#" = 0}\n'
    )
    head.write_text(head.read_text("utf-8") + worth, "utf-8")
    s = graded(line)["score"]
    assert (s["points"], s["possible"], s["total"], s["graded"]) == (5.28, 9.0, 9.0, 9)
    assert "已定等的 9 项得 5.28，满分 9" in line("grades").out and "志愿服务测评说明(2012)" in line("grades").out
    assert graded(line, "--unit", "县教育局")["score"] is None


def test_a_figure_attested_by_a_person_settles_what_could_not_be_read(county: Line, tmp_path: Path) -> None:
    shutil.copytree(county.root, tmp_path / "ws")
    line = Line(tmp_path / "ws")
    sha = line.manifest()["县教育局/FJ3 上报.xlsx"]["sha256"]
    line("review", "attest", sha, "表中各数=人均教育经费 2006年 = 405 元", "--by", "张三", "--reason", "核对原表")
    assert letters(line)["FJ3"] == "A"
