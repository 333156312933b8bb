"""``dangan forecast`` and ``dangan negative`` as a user meets them, and the keys of their JSON."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from tests.dangan import town
from tests.dangan.line import Line
from tests.dangan.test_contract import conforms, keys

BY = ("--by", "张三", "--reason", "通报")


def test_a_forecast_has_its_keys_and_counts_what_it_lists(settled: Line) -> None:
    f = settled("forecast", "--date", "2027-03-15", "--format", "json").json
    conforms(f, "forecast")
    assert (f["on"], f["rolls"]) == ("2027-03-15", False), "this town's window is fixed"
    assert keys(f["cells"][0]) == {
        "item",
        "title",
        "kind",
        "units",
        "person",
        "needed",
        "usable_now",
        "usable_then",
        "state_now",
        "state_then",
        "leaves",
        "enters",
        "undated",
    }
    coverage = settled.coverage()
    assert f["totals_now"] == coverage["totals"] == f["totals_then"]
    assert f["item_totals_now"] == coverage["item_totals"] and f["head"] == coverage["head"]


def test_a_forecast_in_every_format_names_what_leaves(ws: Line) -> None:
    with (ws.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write('\n[rolling]\ndefault = "12个月"\n')
    told = ws("forecast", "--date", "2027-05-15").out
    assert "届时空出 1 格" in told and "III18-1 诚信红黑榜公示栏.jpg" in told and "2027-05-01 起不计" in told
    rows = list(
        csv.DictReader(io.StringIO(ws("forecast", "--date", "2027-05-15", "--format", "csv").out.removeprefix("\ufeff")))
    )
    assert [(r["编号"], r["材料类型"]) for r in rows if r["空出"]] == [("III18-1", "实景图片")]
    assert len(rows) == 279
    page = ws("forecast", "--date", "2027-05-15", "--format", "html").out.strip()
    assert page.endswith("reports/预测-2027-05-15.html")
    text = (ws.root / "reports" / "预测-2027-05-15.html").read_text("utf-8")
    assert "诚信红黑榜公示栏.jpg" in text and "http" not in text.replace("http-equiv", "")
    ws("forecast", "--date", "2027-05-15", "--format", "xlsx", "-o", str(ws.root / "f.xlsx"))
    book = openpyxl.load_workbook(ws.root / "f.xlsx")
    assert book.sheetnames == ["总览", "空出的格", "逐格"] and book["逐格"].max_row == 280
    first = (ws.root / "f.xlsx").read_bytes()
    assert first[:2] == b"PK"


@pytest.mark.parametrize("words", [("--date", "明天"), ("--date", ""), ("--date", "0017-01-01"), ()])
def test_a_day_that_is_none_is_refused(settled: Line, words: tuple[str, ...]) -> None:
    assert settled("forecast", *words, code=2).out == ""


def test_the_page_of_one_unit_is_named_as_the_units_table_calls_it(ws: Line) -> None:
    for words in (("coverage",), ("forecast", "--date", "2027-05-15"), ("grades",)):
        page = ws(*words, "--unit", "文明办", "--format", "xlsx").out.strip()
        assert page.endswith("-市文明办.xlsx"), page


def test_without_a_rule_the_forecast_says_that_the_day_changes_nothing(settled: Line) -> None:
    assert "固定" in settled("forecast", "--date", "2027-05-15").out


def test_the_register_from_nothing_to_an_event_and_back(ws: Line) -> None:
    assert "未登记不等于没有发生" in ws("negative", "list").out
    answer = ws(
        "negative", "add", "g15", "--event", "某厂爆炸", "--on", "2026-05-03", "--sanction", "停牌一年",
        "--evidence", town.NOTICE, *BY, "--format", "json",
    )  # fmt: skip
    [told] = answer.json
    assert told["recorded"]
    found = ws("negative", "list", "--format", "json").json
    conforms(found, "negative")
    assert keys(found) == {"cycle", "total", "areas", "sanctions", "events", "entries", "known", "head"}
    [event] = found["entries"][0]["events"]
    assert event["evidence"]["path"] == town.NOTICE.partition("/")[2] and event["sanction"] == "停牌一年"
    rows = list(csv.DictReader(io.StringIO(ws("negative", "list", "--format", "csv").out.removeprefix("\ufeff"))))
    assert [r["事项"] for r in rows] == ["某厂爆炸"]
    assert "G15" in ws("review", "log").out
    assert "某厂爆炸" in ws("history", town.NOTICE).out
    assert "某厂爆炸" in ws("coverage").out
    ws("negative", "remove", told["decision"], *BY)
    assert "未登记不等于没有发生" in ws("negative", "list").out


def test_a_citys_own_wording_is_entered_and_the_last_one_holds(ws: Line) -> None:
    ws("negative", "entry", "G3", "--text", "旧文", "--area", "诚信建设", *BY)
    ws("negative", "entry", "3", "--text", "新文", "--area", "诚信建设", *BY)
    out = ws("negative", "list").out
    assert "新文" in out and "旧文" not in out and "本市录入" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "G31", "--event", "x", "--on", "2026-05-03"), "G31"),
        (("add", "G3", "--event", "x", "--on", "昨天"), "昨天"),
        (("add", "G3", "--event", "x", "--on", "2026-05-03", "--sanction", "罚款"), "撤销称号"),
        (("add", "G3", "--event", "x", "--on", "2026-05-03", "--evidence", "没有的.pdf"), "没有的.pdf"),
        (("entry", "G3", "--text", "x", "--area", "体育"), "创建工作机制"),
        (("remove", "D0"), "D0"),
    ],
)
def test_what_makes_no_sense_is_said_in_chinese(settled: Line, words: tuple[str, ...], said: str) -> None:
    answer = settled("negative", *words, *BY, code=2)
    assert said in answer.err and answer.out == ""


def test_only_entries_of_the_register_are_removed_from_it(ws: Line) -> None:
    [told] = ws("review", "not-applicable", "--item", "III1-1", *BY, "--format", "json").json
    assert "review undo" in ws("negative", "remove", told["decision"], *BY, code=2).err


def test_a_review_is_recorded_once_a_day(ws: Line) -> None:
    words = ("review", "reviewed", "--item", "III18-1", "--on", "2026-11-01", *BY, "--format", "json")
    assert [ws(*words).json[0]["recorded"] for _ in range(2)] == [True, False]
    later = (*words[:5], "2026-11-02", *words[6:])
    assert ws(*later).json[0]["recorded"]
    ws("review", "reviewed", "--item", "III18-1", "--on", "2199-01-01", *BY, code=2)
    ws("review", "reviewed", *BY, code=2)
