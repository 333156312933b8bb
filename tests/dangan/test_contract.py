"""The JSON of every command against its schema, and the keys of the contract against what is printed."""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from archive_schema.ladders import Basis, Grade
from archive_schema.listings import CatalogueOutput
from archive_schema.weights import Weights
from reports import as_json
from tests.county import COUNTY
from tests.dangan import town
from tests.dangan.line import Answer, Line, dangan
from tests.shapes import conforms

STATES = {"missing", "unusable", "in_review", "usable", "not_applicable"}


def keys(value: dict[str, Any]) -> set[str]:
    return set(value)


@pytest.fixture(scope="module")
def coverage(settled: Line) -> dict[str, Any]:
    return settled.coverage()


def test_ingest_prints_its_accounting_and_nothing_else(ws: Line) -> None:
    town.document(ws.inbox / town.LEAD / "III18-1 补充通知.docx", "诚信红黑榜发布制度补充", "示文明办发〔2026〕23号")
    answer = ws("ingest", "--no-validation", "--format", "json")
    found = answer.json
    conforms(found, "ingest")
    assert keys(found) == {
        "found",
        "new",
        "known",
        "quarantined",
        "waiting",
        "ignored",
        "members",
        "run",
        "state_digest",
    }
    assert found["found"] == 12 == sum(found[k] for k in ("new", "known", "quarantined", "waiting", "ignored"))
    assert {k: found[k] for k in ("new", "known", "quarantined", "waiting", "ignored", "members")} == {
        "new": 1,
        "known": 8,
        "quarantined": 1,
        "waiting": 1,
        "ignored": 1,
        "members": 2,
    }
    assert "疑似涉密" in answer.err, "the words for people go beside the data"


def test_coverage_has_the_keys_of_the_contract_at_every_level(coverage: dict[str, Any]) -> None:
    conforms(coverage, "coverage")
    assert keys(coverage) == {
        "cycle",
        "generated_at",
        "head",
        "catalogue",
        "totals",
        "item_totals",
        "items",
        "units",
        "unplaced",
    }
    assert keys(coverage["catalogue"]) == {"edition", "items", "requirements"}
    assert keys(coverage["totals"]) == keys(coverage["item_totals"]) == STATES
    requirements = [r for i in coverage["items"] for r in i["requirements"]]
    evidence = [e for r in requirements for e in r["evidence"]]
    assert {frozenset(i) for i in coverage["items"]} == {
        frozenset({"id", "title", "provenance", "units", "state", "requirements"})
    }
    assert {frozenset(r) for r in requirements} == {frozenset({"kind", "state", "needed", "usable", "reasons", "evidence"})}
    assert {frozenset(e) for e in evidence} == {frozenset({"sha256", "unit", "path", "title", "status"})}
    assert {frozenset(u) for u in coverage["units"]} == {frozenset({"name", "lead_of", "totals"})}
    assert {frozenset(u["totals"]) for u in coverage["units"]} == {frozenset(STATES)}
    assert {frozenset(u) for u in coverage["unplaced"]} == {frozenset({"sha256", "unit", "path", "candidates"})}


def test_coverage_counts_what_it_lists(coverage: dict[str, Any]) -> None:
    requirements = [r for i in coverage["items"] for r in i["requirements"]]
    assert sum(coverage["totals"].values()) == len(requirements) == coverage["catalogue"]["requirements"]
    assert sum(coverage["item_totals"].values()) == len(coverage["items"]) == coverage["catalogue"]["items"]
    for state in STATES:
        assert coverage["totals"][state] == sum(r["state"] == state for r in requirements)
        assert coverage["item_totals"][state] == sum(i["state"] == state for i in coverage["items"])
    assert {r["kind"] for r in requirements} == {"规范文件", "说明报告", "实景图片", "统计表格"}


def test_coverage_of_one_unit_is_of_the_same_shape(settled: Line) -> None:
    found = settled("coverage", "--unit", "市中级法院", "--format", "json").json
    conforms(found, "coverage")
    assert {"III18-1", "III18-2"} <= {i["id"] for i in found["items"]} and [u["name"] for u in found["units"]] == ["市中级法院"]
    assert all("市中级法院" in i["units"] for i in found["items"])


def test_a_unit_that_nobody_knows_is_asked_about(settled: Line) -> None:
    answer = settled("coverage", "--unit", "市中院", "--format", "json", code=2)
    assert "没有责任单位“市中院”" in answer.err and answer.out == ""


@pytest.mark.parametrize("fmt", ["json", "jsonl"])
def test_the_manifest_has_a_line_per_evidence(fmt: str, settled: Line) -> None:
    answer = settled("manifest", "--format", fmt)
    lines = answer.json if fmt == "json" else answer.jsonl
    assert len(lines) == 10 and [m["sha256"] for m in lines] == sorted(m["sha256"] for m in lines)
    for m in lines:
        conforms(m, "manifest")
        assert keys(m) == {
            "sha256",
            "size",
            "media_type",
            "sources",
            "kind",
            "facts",
            "placements",
            "findings",
            "unchecked",
            "superseded_by",
            "object_key",
            "run",
        }
        assert all(keys(s) == {"unit", "path", "submitted_at", "first_seen_at", "present"} for s in m["sources"])
        assert all(keys(p) == {"item", "kind", "method", "score", "status"} for p in m["placements"])
        assert all(keys(f) == {"code", "severity"} for f in m["findings"])
        assert all(keys(f) == {"value", "raw", "confidence", "page", "method", "others"} for f in m["facts"].values())
        assert (settled.root / "store" / m["object_key"]).stat().st_size == m["size"]
    assert any(m["facts"] for m in lines) and any(m["findings"] for m in lines) and any(m["unchecked"] for m in lines)


def test_the_manifest_as_csv_has_as_many_rows(settled: Line) -> None:
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(settled("manifest", "--format", "csv").out.removeprefix("\ufeff"))))
    assert {r["SHA-256"] for r in rows} == {m["sha256"] for m in settled("manifest").jsonl}


def test_the_two_digests(settled: Line, coverage: dict[str, Any]) -> None:
    found = settled("manifest", "--digest", "--format", "json").json
    conforms(found, "manifest-digest")
    assert keys(found) == {"state_digest", "head"}
    assert found["head"] == coverage["head"]
    plain = settled("manifest", "--digest").out
    assert found["state_digest"] in plain and found["head"] in plain
    assert settled("manifest", "--digest", "--format=json").json == found


def test_a_digest_of_an_empty_archive_has_no_head(tmp_path_factory: pytest.TempPathFactory) -> None:
    line = Line(tmp_path_factory.mktemp("empty") / "ws")
    line("init", str(line.root), here=False)
    found = line("manifest", "--digest", "--format", "json").json
    assert found["head"] is None
    conforms(found, "manifest-digest")
    conforms(line.coverage(), "coverage")
    assert line("manifest").out == ""


def test_classify_prints_a_line_per_title() -> None:
    titles = ("关于印发《诚信红黑榜发布制度》的通知", "III18-2 联合惩戒备忘录", "食堂本周菜单")
    answer = dangan("classify", *titles, "--format", "jsonl")
    assert [c["title"] for c in answer.jsonl] == list(titles)
    for c in answer.jsonl:
        conforms(c, "classify")
        assert keys(c) == {"title", "kind", "candidates", "chosen", "also"}
        assert c["kind"] is None or keys(c["kind"]) == {"name", "score"}
        assert all(keys(x) == {"item", "score", "reasons"} for x in c["candidates"])
    assert [c["chosen"] for c in answer.jsonl][1:] == ["III18-2", None]
    assert dangan("classify", *titles, "--format", "json").json == answer.jsonl


def test_classify_reads_titles_and_units_from_a_file_or_from_a_pipe(tmp_path: Any) -> None:
    from tests.dangan.line import process

    file = tmp_path / "titles.txt"
    file.write_text("\ufeffIII18-1 红黑榜\t市文明办\n\n食堂本周菜单\n", "utf-8")
    answer = dangan("classify", "--titles", str(file), "--format", "jsonl")
    assert [c["title"] for c in answer.jsonl] == ["III18-1 红黑榜", "食堂本周菜单"]
    piped = process("classify", "--titles", "-", "--format", "jsonl", text=file.read_text("utf-8"))
    assert piped.stdout == answer.out
    bad = tmp_path / "gbk.txt"
    bad.write_bytes("好标题\n".encode() + "红黑榜\n".encode("gb18030"))
    refused = dangan("classify", "--titles", str(bad))
    assert refused.code == 2 and "第 2 行不是 UTF-8 编码" in refused.err


def test_titles_are_read_in_gbk_too_and_a_file_without_any_is_said_to_hold_none(tmp_path: Any) -> None:
    from archive_schema.errors import UsageError
    from dangan.commands.classify import decoded

    text = "III18-1\n红黑榜发布制度\t市文明办\r\n\n食堂本周菜单"
    titles = ["III18-1", "红黑榜发布制度\t市文明办", "食堂本周菜单"]
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert list(decoded(text.encode(encoding).splitlines(keepends=True))) == titles, encoding
    with pytest.raises(UsageError) as e:
        list(decoded(["红黑榜发布制度\n".encode("gb18030"), b"\xff\xff\n"]))
    assert e.value.zh == "第 2 行不是 GBK 编码"
    for wide in ("III18-1\n", "红黑榜发布制度\n"):
        with pytest.raises(UsageError):
            list(decoded(wide.encode("utf-16").splitlines(keepends=True)))
    nothing = tmp_path / "empty.txt"
    nothing.write_bytes(b"\n  \n")
    answer = dangan("classify", "--titles", str(nothing))
    assert answer.code == 2 and "文件里没有标题" in answer.err


def test_audit_has_the_keys_of_the_contract(ws: Line) -> None:
    found = ws("audit", "--format", "json", code=1).json
    conforms(found, "audit")
    assert keys(found) == {"head", "depth", "integrity", "completeness", "unchecked"}
    assert keys(found["integrity"]) == {"ok", "problems"} and keys(found["completeness"]) == {"ok", "totals"}
    assert (found["depth"], found["integrity"]["ok"], found["completeness"]["ok"]) == ("fast", True, False)
    assert found["completeness"]["totals"] == ws.coverage()["totals"]
    next((ws.root / "store" / "objects").rglob("??????????*")).unlink()
    found = ws("audit", "--format", "json", code=1).json
    conforms(found, "audit")
    assert [keys(p) for p in found["integrity"]["problems"]] == [{"code", "nature", "key", "expected", "found"}]


def test_an_audit_leaves_out_what_it_was_not_asked_for(ws: Line) -> None:
    assert ws("audit", "--only", "integrity", "--format", "json").json["completeness"] is None
    assert ws("audit", "--only", "completeness", "--format", "json", code=1).json["integrity"] is None


def test_the_review_list_and_log(settled: Line) -> None:
    entries = settled("review", "list", "--format", "json").json
    conforms(entries, "review-list")
    assert [e["number"] for e in entries] == list(range(1, len(entries) + 1)) and len(entries) >= 4
    assert {e["status"] for e in entries} == {"auto", "in_review", "unplaced"}
    assert settled("review", "log", "--format", "json").json == []


def test_the_log_says_of_every_act_whether_it_holds_and_what_undid_it(ws: Line) -> None:
    who = ("--by", "张三", "--reason", "看过", "--format", "json")
    [kept] = ws("review", "return", town.UNNUMBERED, "--due", "2026-12-01", *who).json
    [gone] = ws("review", "accept", town.DOUBTFUL, *who).json
    [undo] = ws("review", "undo", gone["decision"], *who).json
    log = ws("review", "log", "--format", "json").json
    conforms(log, "review-log")
    assert [(d["id"], d["in_force"], d["undone_by"]) for d in log] == [
        (kept["decision"], True, None),
        (gone["decision"], False, undo["decision"]),
        (undo["decision"], True, None),
    ]
    told = ws("review", "log").out
    assert re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d  ", told) and "+08:00" not in told, "people are told minutes"
    rows = ws("review", "log", "--format", "csv").out.splitlines()[1:]
    assert [r.endswith(",是") for r in rows] == [d["in_force"] for d in log], "an undo holds, too"


def test_the_answer_to_an_act(ws: Line) -> None:
    answer = ws("review", "accept", town.DOUBTFUL, "--by", "张三", "--reason", "相符", "--format", "json").json
    assert len(answer) == 1
    conforms(answer[0], "review-act")
    assert answer[0]["recorded"] is True and answer[0]["head"] == ws.digest()[1]


def test_inspect_has_the_keys_of_the_contract(settled: Line) -> None:
    found = settled("inspect", str(settled.inbox / town.DOUBTFUL), "--format", "json").json
    conforms(found, "inspect")
    assert [keys(i) for i in found] == [{"path", "media_type", "facts", "kind", "placements", "findings", "unchecked"}]
    assert found[0]["placements"] and found[0]["findings"]
    assert {"item", "kind", "method", "score", "status"} <= keys(found[0]["placements"][0])
    assert {"code", "severity"} <= keys(found[0]["findings"][0])


def test_the_doctor_and_the_checks(settled: Line) -> None:
    conforms(settled("doctor", "--format", "json").json, "doctor")
    listed = dangan("checks", "list", "--format", "json").json
    conforms(listed, "checks")
    one = dangan("checks", "explain", "window", "--format", "json").json
    reasons = dangan("checks", "reasons", "--format", "json").json
    conforms(reasons, "checks-reasons")
    assert any(r["codes"] for r in reasons) and any(r["rest"] for r in reasons)
    conforms(settled("checks", "results", "--format", "json").json, "checks-results")
    assert one in listed and one["code"] == "WINDOW"
    assert "WINDOW" in dangan("checks", "explain", "WINDOW").out


def test_catalogue_and_units_are_data_too(settled: Line) -> None:
    shown = settled("catalogue", "show", "--format", "json").json
    conforms(shown, "catalogue")
    assert len(shown["items"]) == 188 and shown["head"]["id"] == "national-2017"
    checked = settled("catalogue", "check", "--format", "json").json
    conforms(checked, "catalogue-check")
    assert checked["id"] == "national-2017" and checked["totals"]["material_items"] == 155
    units = settled("units", "show", "--format", "json").json
    conforms(units, "units")
    assert {"name", "aliases"} <= set(units[0])


def test_a_catalogue_that_grades_and_weighs_is_of_the_same_shape() -> None:
    weights = Weights({Grade.A: Decimal(100), Grade.B: Decimal("66.5")}, Basis.OURS, sections={"版块": Decimal(60)})
    head = msgspec.structs.replace(COUNTY.head, weights=weights)
    conforms(json.loads(as_json.encode(CatalogueOutput(head, COUNTY.items, COUNTY.ladders))), "catalogue")
    shown = dangan("catalogue", "show", "fujian-county", "--format", "json").json
    conforms(shown, "catalogue")
    assert shown["ladders"] and shown["head"]["weights"] is None


def test_restore_and_reassess_answer_in_json(ws: Line) -> None:
    state = ws.digest()
    restored = ws("restore", "--format", "json").json
    assert (restored["state_digest"], restored["head"]) == state
    assert restored["evidence"] == 10 and restored["writer"] is True
    again = ws("reassess", "--all", "--format", "json").json
    conforms(again, "reassess")
    assert again["judged"] > 0


def test_data_in_json_is_printed_alone(settled: Line) -> None:
    """Every answer parses as a whole: no line of words before or after it."""
    answers: list[Answer] = [
        settled(*words, "--format", "json", code=None)
        for words in (("coverage",), ("manifest",), ("review", "list"), ("review", "log"), ("units", "show"))
    ]
    assert all(a.json is not None and a.err == "" for a in answers)


def test_json_goes_to_a_file_as_it_goes_to_the_screen(settled: Line, tmp_path: Any) -> None:
    file = tmp_path / "deep" / "manifest.jsonl"
    assert settled("manifest", "-o", str(file)).out == ""
    assert file.read_text("utf-8") == settled("manifest").out
    assert [p.name for p in file.parent.iterdir()] == [file.name], "nothing temporary is left"


def test_the_digests_are_a_row_in_csv(settled: Line) -> None:
    said = settled("manifest", "--digest", "--format", "json").json
    header, row = settled("manifest", "--digest", "--format", "csv").out.lstrip("\ufeff").splitlines()
    assert header == "状态摘要,清单之首" and row == f"{said['state_digest']},{said['head']}"


def test_that_the_whole_list_is_checked_is_said_before_it_is(ws: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.ingest.validate_frames", lambda *_: print("检查", file=sys.stderr))
    town.document(ws.inbox / town.LEAD / "III18-1 补充通知.docx", "诚信红黑榜发布制度补充", "示文明办发〔2026〕23号")
    for said, words in ((1, ["ingest"]), (0, ["ingest"]), (1, ["reassess"])):
        if words == ["reassess"]:
            with (ws.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
                cycle.write("\n[checks.PIXELS]\nmin_long_side = 10\n")
        lines = ws(*words, "--format", "json").err.splitlines()
        told = ["正在校验" in above for above, line in pairwise(["", *lines]) if line == "检查"]
        assert told == [True] * said and "".join(lines).count("正在校验") == said
