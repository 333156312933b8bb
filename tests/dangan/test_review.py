"""A person's acts through the command line: what each changes, that repeating changes nothing, that undo brings back what was."""

from __future__ import annotations

import csv
import html
import io
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from samples import layout
from tests.dangan import town
from tests.dangan.line import Answer, Line
from tests.shapes import conforms

WHO = ("--by", "张三", "--reason", "看过原件")
MEMBER = f"{town.ARCHIVE}!/诚信红黑榜/关于做好诚信红黑榜发布工作的通知.docx"

State = dict[str, Any]


def act(line: Line, *words: str, code: int | None = 0) -> Answer:
    return line("review", *words, *WHO, code=code)


def state(line: Line) -> State:
    """What coverage says, its head and its time apart."""
    found = line.coverage()
    return {k: v for k, v in found.items() if k not in ("generated_at", "head")}


def item(s: State, ident: str) -> dict[str, Any]:
    [found] = [i for i in s["items"] if i["id"] == ident]
    return dict(found)


def cell(s: State, ident: str, kind: str) -> dict[str, Any]:
    [found] = [r for r in item(s, ident)["requirements"] if r["kind"] == kind]
    return dict(found)


def usable(s: State, ident: str = "III18-1", kind: str = "规范文件") -> int:
    return int(cell(s, ident, kind)["usable"])


def status(s: State, ident: str, kind: str, path: str) -> str:
    unit, _, below = path.partition("/")
    [found] = [e for e in cell(s, ident, kind)["evidence"] if (e["unit"], e["path"]) == (unit, below)]
    return str(found["status"])


def unplaced(s: State) -> set[str]:
    return {f"{u['unit']}/{u['path']}" for u in s["unplaced"]}


def shows(s: State, ident: str, kind: str) -> set[str]:
    return {f"{e['unit']}/{e['path']}" for e in cell(s, ident, kind)["evidence"]}


#: an act in words → what it must have done, told from the states before and after
ACTS: dict[str, tuple[tuple[str, ...], Callable[[State, State], bool]]] = {
    "accept": (
        ("accept", MEMBER),
        lambda a, b: usable(b) == usable(a) + 1 and status(b, "III18-1", "规范文件", MEMBER) == "confirmed",
    ),
    "accept for another item": (
        ("accept", town.NOTICE, "--item", "III18-2", "--kind", "规范文件"),
        lambda a, b: usable(b, "III18-2") == 1 and usable(b) == usable(a),
    ),
    "move": (
        ("move", town.NOWHERE, "--item", "Ⅲ18-1", "--kind", "实景图片"),
        lambda a, b: town.NOWHERE in unplaced(a) - unplaced(b) and usable(b, kind="实景图片") == usable(a, kind="实景图片") + 1,
    ),
    "move away": (
        ("move", town.NOTICE, "--item", "III18-2", "--kind", "规范文件"),
        lambda a, b: usable(b) == usable(a) - 1 and town.NOTICE in shows(b, "III18-2", "规范文件"),
    ),
    "reject": (
        ("reject", town.NOTICE),
        lambda a, b: usable(b) == usable(a) - 1 and unplaced(b) == unplaced(a),
    ),
    "reject one": (
        ("reject", town.DOUBTFUL, "--item", "III18-1", "--kind", "规范文件"),
        lambda a, b: town.DOUBTFUL in shows(a, "III18-1", "规范文件") - shows(b, "III18-1", "规范文件"),
    ),
    "reject what is nowhere": (
        ("reject", town.NOWHERE),
        lambda a, b: unplaced(a) - unplaced(b) == {town.NOWHERE} and a["totals"] == b["totals"],
    ),
    "return": (
        ("return", town.NOTICE, "--due", "2099-12-31"),
        lambda a, b: usable(b) == usable(a) - 1,
    ),
    "attest": (
        ("attest", town.UNDATED, "table_date=2026年"),
        lambda a, b: (
            (cell(a, "III18-1", "统计表格")["state"], cell(b, "III18-1", "统计表格")["state"]) == ("in_review", "usable")
        ),
    ),
    "attest in Chinese words": (
        ("attest", town.UNNUMBERED, "发文字号=示中法〔2026〕5号"),
        lambda a, b: cell(b, "III18-2", "规范文件")["state"] == "usable",
    ),
    "attest a day outside of the window": (
        ("attest", town.NOTICE, "issued_on=2019-03-05"),
        lambda a, b: usable(b) == usable(a) - 1,
    ),
    "waive": (
        ("waive", town.UNNUMBERED, "NUMBER"),
        lambda a, b: (
            (cell(a, "III18-2", "规范文件")["state"], cell(b, "III18-2", "规范文件")["state"]) == ("unusable", "usable")
        ),
    ),
    "supersede": (
        ("supersede", town.NOTICE, "--with", town.NEWER),
        lambda a, b: usable(b) == usable(a) - 1,
    ),
    "withdraw": (
        ("withdraw", town.NOTICE, "--basis", "市文明办函"),
        lambda a, b: usable(b) == usable(a) - 1 and town.NOTICE not in shows(b, "III18-1", "规范文件"),
    ),
    "withdraw what is nowhere": (
        ("withdraw", town.NOWHERE),
        lambda a, b: unplaced(a) - unplaced(b) == {town.NOWHERE},
    ),
    "reassign": (
        ("reassign", "--item", "III18-1", "--to", "市中级法院"),
        lambda a, b: item(b, "III18-1")["units"][0] == "市中级法院" != item(a, "III18-1")["units"][0],
    ),
    "not applicable": (
        ("not-applicable", "--item", "III18-2", "--kind", "说明报告"),
        lambda a, b: (
            [r["state"] for r in item(b, "III18-2")["requirements"]] == ["unusable", "not_applicable"]
            and b["totals"]["not_applicable"] == 1
        ),
    ),
    "not applicable as a whole": (
        ("not-applicable", "--item", "III18-2"),
        lambda a, b: item(b, "III18-2")["state"] == "not_applicable" and b["item_totals"]["not_applicable"] == 1,
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_does_what_it_says_once_and_can_be_undone(name: str, ws: Line) -> None:
    words, done = ACTS[name]
    before = state(ws)
    answer = act(ws, *words, "--format", "json").json
    assert [a["recorded"] for a in answer] == [True]
    after = state(ws)
    assert done(before, after)

    digest, segments = ws.digest(), ws.segments()
    again = act(ws, *words)
    assert "早已如此,未重复记录" in again.out
    assert (ws.digest(), ws.segments()) == (digest, segments) and digest[1] == answer[0]["head"]

    act(ws, "undo", answer[0]["decision"])
    assert state(ws) == before
    assert ws("audit", "--only", "integrity", "--format", "json").json["integrity"]["ok"]


def test_an_act_is_shown_in_the_manifest(ws: Line) -> None:
    assert act(ws, "supersede", town.NOTICE, "--with", town.NEWER).code == 0
    assert act(ws, "return", town.UNDATED).code == 0
    held = ws.manifest()
    assert held[town.NOTICE]["superseded_by"] == held[town.NEWER]["sha256"]
    assert {"code": "SUPERSEDED", "severity": "blocking"} in held[town.NOTICE]["findings"]
    assert {"code": "RETURNED", "severity": "blocking"} in held[town.UNDATED]["findings"]


def test_a_moved_file_says_that_a_person_moved_it(ws: Line) -> None:
    act(ws, "move", town.NOTICE, "--item", "III18-2", "--kind", "规范文件")
    placements = ws.manifest()[town.NOTICE]["placements"]
    assert {(p["item"], p["status"], p["method"]) for p in placements} == {
        ("III18-1", "rejected", "decision"),
        ("III18-2", "confirmed", "decision"),
    }


def test_an_undo_can_be_undone(ws: Line) -> None:
    [first] = act(ws, "reject", town.NOTICE, "--format", "json").json
    rejected = state(ws)
    [second] = act(ws, "undo", first["decision"], "--format", "json").json
    act(ws, "undo", second["decision"])
    assert state(ws) == rejected


def test_several_acts_are_undone_at_once_all_or_none(ws: Line) -> None:
    before = state(ws)
    first = act(ws, "reject", town.NOTICE, town.NEWER, "--format", "json").json
    ids = [a["decision"] for a in first] + [act(ws, "withdraw", town.NOWHERE, "--format", "json").json[0]["decision"]]
    held = ws.digest(), ws.segments()
    refused = act(ws, "undo", *ids, "D20260101-000000-abcdef", code=2)
    assert "D20260101-000000-abcdef" in refused.err and (ws.digest(), ws.segments()) == held
    undone = act(ws, "undo", *ids, ids[0])
    assert undone.out.count("已记录: 撤销意见") == 3 and all(i in undone.out for i in ids)
    assert state(ws) == before and ws.segments() == held[1] + 1, "one act, one segment"


def test_the_verb_withdraw_is_the_same_act_and_the_manifest_says_what_is_withdrawn(ws: Line) -> None:
    [of_all] = act(ws, "withdraw", town.NOTICE, "--format", "json").json
    answer = ws("withdraw", town.NOTICE, *WHO)
    assert "早已如此" in answer.out
    [of_one] = act(ws, "withdraw", town.DOUBTFUL, "--unit", town.LEAD, "--format", "json").json
    gone = act(ws, "withdraw", town.NOWHERE, "--destroy", "--basis", "市文明办函", "--format", "json").json
    assert "早已如此,未重复记录: 销毁 " in act(ws, "withdraw", town.NOWHERE, "--destroy", "--basis", "市文明办函").out
    rows = csv.DictReader(io.StringIO(ws("review", "log", "--format", "csv").out.removeprefix("\ufeff")))
    assert [(r["处理"], r["内容"]) for r in rows][1:] == [("撤回", ""), ("销毁", "依据: 市文明办函")]
    lines = ws.manifest()
    for line in lines.values():
        conforms(line, "manifest")
    said = {name: line["withdrawn"] for name, line in lines.items() if "withdrawn" in line}
    assert said == {
        town.NOTICE: [{"unit": town.LEAD, "destroyed": False, "decision": of_all["decision"]}],
        town.DOUBTFUL: [{"unit": town.LEAD, "destroyed": False, "decision": of_one["decision"]}],
        town.NOWHERE: [{"unit": "", "destroyed": True, "decision": gone[0]["decision"]}],
    }
    assert [n for n, line in lines.items() if line["object_key"] is None] == [town.NOWHERE]
    rows = csv.DictReader(io.StringIO(ws("manifest", "--format", "csv").out.removeprefix("\ufeff")))
    assert {r["来件"]: r["撤回"] for r in rows if r["撤回"]} == {
        town.NOTICE: town.LEAD,
        town.DOUBTFUL: town.LEAD,
        town.NOWHERE: "各单位 已销毁",
    }
    act(ws, "undo", of_all["decision"])
    assert "withdrawn" not in ws.manifest()[town.NOTICE]


def test_the_log_tells_who_when_why_and_what_holds(ws: Line) -> None:
    [first] = act(ws, "waive", town.UNNUMBERED, "number", "--format", "json").json
    act(ws, "undo", first["decision"])
    log = ws("review", "log", "--format", "json").json
    assert [(d["action"], d["by"], d["reason"]) for d in log] == [("waive", "张三", "看过原件"), ("undo", "张三", "看过原件")]
    assert log[0]["code"] == "NUMBER" and log[1]["decision"] == first["decision"] == log[0]["id"]
    text = ws("review", "log").out
    assert "豁免问题" in text and "撤销意见" in text
    [row] = [x for x in ws("review", "log", "--format", "csv").out.splitlines() if x.startswith(first["decision"])]
    assert row.endswith(","), "what is undone no longer holds"


def test_files_are_named_by_digest_its_beginning_or_path(ws: Line) -> None:
    sha = ws.manifest()[town.NOTICE]["sha256"]
    act(ws, "reject", sha[:8])
    for name in (sha, sha.upper(), town.NOTICE, town.NOTICE.partition("/")[2]):
        d = act(ws, "return", name, "--format", "json").json
        assert len(d) == 1
    assert {d["sha256"] for d in ws("review", "log", "--format", "json").json} == {sha}


@pytest.mark.parametrize("name", ["通知.docx ", ".通知.docx", " 通知.docx"])
def test_a_file_is_found_by_its_name_as_it_is(name: str, ws: Line) -> None:
    (ws.inbox / town.COURT / name).write_bytes((ws.inbox / town.NOTICE).read_bytes() + b"\0")
    ws.ingest()
    [sha] = [m["sha256"] for path, m in ws.manifest().items() if path == f"{town.COURT}/{name}"]
    for typed in (f"{town.COURT}/{name}", f"./{town.COURT}/{name}", name):
        act(ws, "withdraw", typed, "--unit", town.COURT)
    assert {d["sha256"] for d in ws("review", "log", "--format", "json").json} == {sha}
    assert sha in ws("history", f"{town.COURT}/{name}").out


def test_several_files_are_decided_at_once(ws: Line) -> None:
    answer = act(ws, "reject", town.NOTICE, town.NEWER, "--format", "json").json
    assert [a["recorded"] for a in answer] == [True, True] and len({a["decision"] for a in answer}) == 2
    assert usable(state(ws)) == 0


def test_an_act_for_one_unit_leaves_the_others_delivery_alone(ws: Line) -> None:
    same = ws.inbox / town.COURT / "转发.docx"
    same.write_bytes((ws.inbox / town.NOTICE).read_bytes())
    ws.ingest()
    sha = ws.manifest()[town.NOTICE]["sha256"]
    act(ws, "withdraw", sha, "--unit", town.COURT)
    assert town.NOTICE in shows(state(ws), "III18-1", "规范文件")
    assert f"{town.COURT}/转发.docx" not in shows(state(ws), "III18-1", "规范文件") | unplaced(state(ws))


def test_the_command_on_the_page_leaves_the_others_delivery_alone(ws: Line) -> None:
    placed = f"{town.LEAD}/III18-1 诚信红黑榜.jpg"
    (ws.inbox / placed).write_bytes((ws.inbox / town.NOWHERE).read_bytes())
    ws.ingest()
    ws("coverage", "--format", "html", "-o", str(ws.root / "page.html"))
    page = html.unescape((ws.root / "page.html").read_text("utf-8"))
    [command] = re.findall(rf"dangan (review move {ws.manifest()[placed]['sha256'][:12]} [^<]*)", page)
    assert "--kind 实景图片" in command, "its format says what it is"
    words = shlex.split(command)
    ws(*words)
    after, to = state(ws), words[words.index("--item") + 1]
    assert to != "III18-1" and status(after, to, "实景图片", town.NOWHERE) == "confirmed"
    assert status(after, "III18-1", "实景图片", placed) == "auto" and placed not in shows(after, to, "实景图片")


@pytest.mark.parametrize(
    "words",
    [
        ("move", "--item", "III18-2", "--kind", "规范文件"),
        ("waive", "WINDOW"),
        ("return", "--unit", "各单位"),
        ("withdraw", "--unit", "各单位"),
    ],
)
def test_an_act_on_what_several_units_sent_names_each_of_them(words: tuple[str, ...], ws: Line) -> None:
    (ws.inbox / town.COURT / "转发.docx").write_bytes((ws.inbox / town.NOTICE).read_bytes())
    ws.ingest()
    sha = ws.manifest()[town.NOTICE]["sha256"]
    both = sorted((town.COURT, town.LEAD))
    said = act(ws, words[0], sha, *words[1:])
    assert f"{'、'.join(both)} {sha[:12]}" in said.out and "2 个单位都送来了这一份" in said.out
    assert [a["units"] for a in act(ws, words[0], sha, *words[1:], "--format", "json").json] == [both]
    alone = act(ws, "attest", sha, "成文日期=2026-03-06", "--unit", town.COURT)
    assert "2 个单位" not in alone.out and town.LEAD not in alone.out


@pytest.mark.parametrize("words", [("withdraw",), ("return",), ("reject",), ("supersede", "--with", town.NEWER)])
def test_what_one_unit_sent_is_not_taken_away_with_what_lies_loose(words: tuple[str, ...], ws: Line) -> None:
    (ws.inbox / "散落.docx").write_bytes((ws.inbox / town.NOTICE).read_bytes())
    ws.ingest()
    sha, before = ws.manifest()[town.NOTICE]["sha256"], ws.digest()
    for name in ("散落.docx", "/散落.docx", sha[:12]):
        refused = act(ws, words[0], name, *words[1:], code=2).err
        assert f"收件箱里直接放的、{town.LEAD}" in refused and "--unit 各单位" in refused
        assert "收件箱里直接放的没有单位可写" in refused and "先把它移进单位的文件夹再收一次件" in refused
    assert ws.digest() == before
    [d] = act(ws, words[0], sha, *words[1:], "--unit", "各单位", "--format", "json").json
    assert d["recorded"] and d["units"] == ["", town.LEAD]
    assert "早已如此" in act(ws, words[0], sha, *words[1:]).out, "what holds is safe to repeat"
    [alone] = act(ws, words[0], sha, *words[1:], "--unit", town.LEAD, "--format", "json").json
    assert alone["units"] == [town.LEAD]


def test_what_lies_loose_is_shown_by_its_path_alone(ws: Line) -> None:
    """``/散落.jpg`` would be a file at the root of the disk."""
    loose = ws.inbox / "散落.jpg"
    loose.write_bytes((ws.inbox / town.NOWHERE).read_bytes() + b"\0")
    ws.ingest()
    [sha] = [e["sha256"] for e in ws("review", "list", "--format", "json").json if e["path"] == loose.name]
    loose.unlink()
    ws.ingest()
    assert f"{sha[:12]}  散落.jpg\n" in ws("review", "list").out
    told = ws("history", sha).out
    assert "收到 散落.jpg" in told and " 散落.jpg 已不在收件箱" in told
    rows = csv.DictReader(io.StringIO(ws("manifest", "--format", "csv").out.removeprefix("\ufeff")))
    assert "散落.jpg" in {r["来件"] for r in rows}


def test_a_unit_is_known_by_its_aliases_as_everywhere(ws: Line) -> None:
    sha = ws.manifest()[town.NOTICE]["sha256"]
    act(ws, "return", sha, "--unit", "文明办")
    [d] = ws("review", "log", "--format", "json").json
    assert d["unit"] == town.LEAD
    assert act(ws, "return", sha, "--unit", town.LEAD).out.startswith("早已如此")


# -- refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [words for words, _ in ACTS.values()], ids=list(ACTS))
@pytest.mark.parametrize("lacking", ["--by", "--reason"])
def test_no_act_without_who_and_why(lacking: str, words: tuple[str, ...], settled: Line) -> None:
    before = settled.digest()
    rest = [w for w in ("--by", "--reason") if w != lacking]
    missing = settled("review", *words, rest[0], "x", code=2)
    assert lacking in missing.err
    blank = settled("review", *words, rest[0], "x", lacking, "  ", code=2)
    assert lacking in blank.err
    assert settled.digest() == before


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "a file that is not there": (("accept", "市文明办/没有.pdf"), "存档里没有“市文明办/没有.pdf”"),
    "too few digits": (("accept", "abc"), "存档里没有“abc”"),
    "a digest that nothing has": (("accept", "0123456789abcdef"), "存档里没有"),
    "a quarantined file": (("accept", town.SECRET), "存档里没有"),
    "accept of what is nowhere": (("accept", town.NOWHERE), "没有可以确认的归类"),
    "accept for an item that is not there": (("accept", town.NOTICE, "--item", "III999-9", "--kind", "规范文件"), "III999-9"),
    "move to a kind that is not asked": (("move", town.NOTICE, "--item", "III36-1", "--kind", "实景图片"), "不要求“实景图片”"),
    "move to a kind that is none": (("move", town.NOTICE, "--item", "III18-1", "--kind", "录像"), "没有材料类型“录像”"),
    "move to an item of a survey": (("move", town.NOTICE, "--item", "III36-3", "--kind", "规范文件"), "不属于材料审核"),
    "reject of what is nowhere, from somewhere": (("reject", town.NOWHERE, "--item", "III36-1"), "没有归入 III36-1 的归类"),
    "reject from elsewhere": (("reject", town.NOTICE, "--item", "III36-1"), "没有归入 III36-1 的归类"),
    "return by a day that is none": (("return", town.NOTICE, "--due", "年底"), "“年底”不是日期"),
    "return by a day that is past": (("return", town.NOTICE, "--due", "2026-01-31"), "补正期限 2026-01-31 在今天之前"),
    "attest without a value": (("attest", town.NOTICE, "issued_on="), "应写成 要素=值"),
    "attest of a day that is none": (("attest", town.NOTICE, "成文日期=去年"), "“成文日期”不能认定为“去年”"),
    "attest of a number that is none": (("attest", town.NOTICE, "pages=三页"), "应写整数"),
    "attest of what is no fact": (("attest", town.NOTICE, "weather=fine"), "应写成 要素=值"),
    "waive of what is no check": (("waive", town.NOTICE, "NONSENSE"), "没有检查项“NONSENSE”"),
    "waive of what is nearly a check": (("waive", town.NOTICE, "nmber"), "NUMBER"),
    "waive of what cannot be waived": (("waive", town.NOTICE, "ENCRYPTED"), "不能豁免"),
    "supersede by itself": (("supersede", town.NOTICE, "--with", town.NOTICE), "同一份"),
    "supersede by nothing": (("supersede", town.NOTICE, "--with", "没有.pdf"), "存档里没有“没有.pdf”"),
    "withdraw for a unit that sent nothing": (("withdraw", town.NOTICE, "--unit", "市公安局"), "市公安局"),
    "reassign to nobody": (("reassign", "--item", "III18-1", "--to", "市气象局"), "没有责任单位“市气象局”"),
    "not applicable, of nothing": (("not-applicable", "--item", "III999-9"), "III999-9"),
    "undo of nothing": (("undo", "D20260101-000000-abcdef"), "D20260101-000000-abcdef"),
    "one of two that is not there": (("reject", town.NOTICE, "没有.pdf"), "存档里没有“没有.pdf”"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nonsense_is_refused_and_nothing_is_recorded(name: str, settled: Line) -> None:
    words, said = REFUSED[name]
    before = settled.digest(), settled.segments()
    answer = act(settled, *words, code=2)
    assert said in answer.err and "怎么办: " in answer.err and answer.out == ""
    assert (settled.digest(), settled.segments()) == before
    advice = answer.err.partition("怎么办: ")[2].strip()
    assert answer.err.count(advice) == 1, "what to do is said once"


def test_an_act_undone_cannot_be_undone_again(ws: Line) -> None:
    [first] = act(ws, "reject", town.NOTICE, "--format", "json").json
    act(ws, "undo", first["decision"])
    before = ws.digest()
    answer = act(ws, "undo", first["decision"], code=None)
    assert answer.code == 2 or "早已如此" in answer.out
    assert ws.digest() == before


def test_a_name_that_two_files_share_is_refused_and_both_are_named(ws: Line) -> None:
    for unit, title in ((town.COURT, "一"), (town.SCHOOLS, "二")):
        layout.report(layout.Report(f"情况说明{title}", ("说明。" * 60,), unit), ws.inbox / unit / "说明.txt")
    ws.ingest()
    before = ws.digest()
    answer = act(ws, "withdraw", "说明.txt", code=2)
    assert "“说明.txt”对应 2 个文件" in answer.err and town.COURT in answer.err and town.SCHOOLS in answer.err
    assert ws.digest() == before
    act(ws, "withdraw", f"{town.COURT}/说明.txt")
