"""What was done to a piece, a refused file or an item: PREMIS events with time, program or person, and outcome."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.outputs import DecisionOutput, HistoryOutput
from archive_schema.schemas import FOLDER
from archive_schema.words import DecisionAction, EventType, EvidenceKind
from flows.audit import audit
from flows.decide import decide, new_id
from flows.history import history
from flows.ingest import ingest, new_run
from flows.upkeep import upkeep
from flows.workspace import PROGRAM
from samples import hostile
from tests.dangan.line import dangan
from tests.flows.house import NOW, House, document

PLACE = "市文明办/Ⅲ18-1) 红黑榜发布制度.txt"


def act(house: House, action: str, minutes: int = 1, **fields: object) -> DecisionOutput:
    now = NOW + timedelta(minutes=minutes)
    with house.open(now) as o:
        d = Decision(id=new_id(now), action=DecisionAction(action), by="张三", at=now, reason="试", **fields)  # type: ignore[arg-type]
        return decide(o, [d], new_run(now))[0]


def told(house: House, subject: str) -> HistoryOutput:
    with house.open() as o:
        return history(o, subject)


def short(h: HistoryOutput) -> list[tuple[str, str]]:
    return [(e.event.value, e.outcome) for e in h.events]


def test_an_ingested_file_has_the_events_of_premis_in_order(archived) -> None:
    house, sha = archived
    h = told(house, sha)
    assert short(h) == [
        ("ingestion", "success"),
        ("message digest calculation", "success"),
        ("format identification", "success"),
        ("accession", "success"),
        ("validation", "success"),
    ]
    assert (h.sha256, h.item) == (sha, None)
    assert [e.at for e in h.events] == sorted(e.at for e in h.events)
    assert {e.agent for e in h.events} == {PROGRAM} and all(e.run and e.seq for e in h.events)
    by_type = {e.event: e for e in h.events}
    assert by_type[EventType.DIGEST].detail["digest"] == sha
    assert by_type[EventType.FORMAT].detail["media_type"] == "text/plain"
    assert re.fullmatch(r"\w+@\S+", by_type[EventType.FORMAT].detail["reader"]), "program and version"
    assert by_type[EventType.ACCESSION].detail["item"] == "III18-1"
    assert by_type[EventType.VALIDATION].detail["passed"] and by_type[EventType.VALIDATION].detail["rules"]


@pytest.mark.parametrize("name", [PLACE, "Ⅲ18-1) 红黑榜发布制度.txt"])
def test_a_file_is_found_by_its_path_as_by_its_digest(archived, name: str) -> None:
    house, sha = archived
    assert told(house, name).events == told(house, sha[:8]).events


def test_decisions_their_undoing_and_what_followed_are_told_with_the_person(archived) -> None:
    house, sha = archived
    returned = act(house, "return", sha256=sha)
    act(house, "undo", 2, decision=returned.decision)
    act(house, "move", 3, sha256=sha, item="III11-2", kind=EvidenceKind.DOCUMENT)
    act(house, "withdraw", 4, sha256=sha, basis="误送")
    events = told(house, sha).events[5:]
    people = [e for e in events if e.agent == "张三"]
    assert [e.detail["action"] for e in people] == ["return", "undo", "move", "withdraw"]
    assert people[0].text.startswith("退回") and people[0].text.endswith("试")
    texts = "\n".join(e.text for e in events)
    assert "已否定: III18-1 规范文件" in texts and "已确认: III11-2 规范文件" in texts
    failed = [e for e in events if e.event is EventType.VALIDATION and e.outcome == "fail"]
    assert failed and "RETURNED" in failed[0].detail["failed"]
    assert [e.detail["basis"] for e in events if e.event is EventType.DEACCESSION] == ["误送"]


def test_an_attested_fact_is_told_by_its_chinese_name(archived) -> None:
    house, sha = archived
    act(house, "attest", 1, sha256=sha, fact="issued_on", value="2026-03-01")
    [attested] = [e.text for e in told(house, sha).events if e.agent == "张三"]
    assert "成文日期 2026-03-01" in attested
    log = dangan("-C", str(house.root), "review", "log").out
    assert "成文日期 2026-03-01" in log and "issued_on" not in log


def test_a_second_unit_and_a_vanished_file_are_told(archived) -> None:
    house, sha = archived
    other = house.inbox / "市教育局" / "转来.txt"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes((house.inbox / PLACE).read_bytes())
    house.ingest()
    other.unlink()
    house.ingest()
    texts = [e.text for e in told(house, sha).events]
    assert "收到 市教育局/转来.txt" in texts and "市教育局/转来.txt 已不在收件箱" in texts


def test_judging_the_same_again_is_no_event_and_other_settings_are(archived) -> None:
    house, sha = archived
    with house.open() as o:
        upkeep(o, new_run(NOW), everything=True)
    assert len(told(house, sha).events) == 5
    house.set_cycle("2025-11-01..2026-10-31", "2020-01-01..2020-12-31")
    house.ingest()
    last = told(house, sha).events[-1]
    assert (last.event, last.outcome) == (EventType.VALIDATION, "fail") and "WINDOW" in last.detail["failed"]


def test_audits_are_fixity_checks_where_they_compared_the_bytes_or_found_them_wrong(archived) -> None:
    house, sha = archived

    def checks() -> list[tuple[str, str]]:
        return [(e.outcome, e.detail["depth"]) for e in told(house, sha).events if e.event is EventType.FIXITY]

    with house.open(NOW + timedelta(hours=1)) as o:
        audit(o, only="integrity")
    assert checks() == [], "a fast audit compares no bytes"
    with house.open(NOW + timedelta(hours=2)) as o:
        audit(o, depth="full", opening=False, only="integrity")
    assert checks() == [("success", "full")]
    file = house.root / "store" / house.manifest()[PLACE].object_key
    file.write_bytes(file.read_bytes() + b"x")
    with house.open(NOW + timedelta(hours=3)) as o:
        audit(o, only="integrity")
    assert checks() == [("success", "full"), ("fail", "fast")]


def test_no_audit_compared_bytes_that_were_destroyed(archived) -> None:
    house, sha = archived

    def compared(days: int) -> int:
        with house.open(NOW + timedelta(days=days), damaged=True) as o:
            audit(o, depth="full")
            return sum(e.event is EventType.FIXITY for e in history(o, sha).events)

    assert compared(1) == 1
    with house.open(NOW + timedelta(days=2)) as o:
        d = Decision(
            id=new_id(o.now()),
            action=DecisionAction.WITHDRAW,
            by="张三",
            at=o.now(),
            reason="误送",
            sha256=sha,
            destroy=True,
            basis="批示1号",
        )
        decide(o, [d], new_run(o.now()))
    assert compared(3) == 1


def test_a_file_that_was_kept_out_has_a_history_too(archived) -> None:
    house, _ = archived
    hostile.produce("traversal_zip", house.inbox / "市教育局")
    house.ingest()
    [zipped] = [p.name for p in (house.inbox / "市教育局").iterdir()]
    h = told(house, f"市教育局/{zipped}")
    assert short(h) == [("quarantine", "fail")] and "隔离" in h.events[0].text
    assert h.sha256 and told(house, zipped).events == h.events


def test_the_history_of_an_item_tells_pieces_decisions_and_states(archived) -> None:
    house, sha = archived
    act(house, "return", sha256=sha)
    act(house, "not_applicable", 2, item="III18-1", kind=EvidenceKind.PHOTO)
    act(house, "withdraw", 3, sha256=sha)
    document(house.inbox / "市文明办" / "Ⅲ18-1 新制度.txt", title="红黑榜发布新制度", number="示文明办发〔2026〕20号")
    with house.open(NOW + timedelta(hours=1)) as o:
        ingest(o, validation=False)
    h = told(house, "Ⅲ18-1")
    assert (h.item, h.sha256) == ("III18-1", None)
    texts = [e.text for e in h.events]
    assert any(t.startswith(f"{PLACE}: 自动归类: III18-1") for t in texts)
    assert any(t.startswith("退回") for t in texts) and any(t.startswith("不适用 III18-1 实景图片") for t in texts)
    assert any(t.startswith(f"{PLACE}: 撤回") for t in texts)
    assert "规范文件: 可用" in texts and "实景图片: 未提交 → 不适用" in texts
    assert [e.at for e in h.events] == sorted(e.at for e in h.events)
    assert told(house, "III1-1").events, "an item that nothing came for has its states"


@pytest.mark.parametrize("subject", ["没有这个文件.pdf", "abcdef123456", "III99-9", ""])
def test_what_is_not_there_is_asked_about(archived, subject: str) -> None:
    house, _ = archived
    with pytest.raises(UsageError):
        told(house, subject)


def test_the_command_prints_text_csv_and_json_of_the_contract(archived, tmp_path: Path) -> None:
    house, sha = archived
    at = ("-C", str(house.root), "history")
    text = dangan(*at, PLACE)
    assert text.code == 0 and sha in text.out
    assert all(word in text.out for word in ("ingestion", "收件", PROGRAM, "2026-11-21 12:00", "自动归类: III18-1"))
    schema = json.loads((FOLDER / "history.schema.json").read_text("utf-8"))
    jsonschema.validate(dangan(*at, "III18-1", "--format", "json").json, schema)
    assert len(dangan(*at, sha, "--format", "csv").out.splitlines()) == 6
    assert dangan(*at, "没有.pdf").code == 2


def test_asking_changes_nothing(archived) -> None:
    house, sha = archived
    before = {p: p.read_bytes() for p in (house.root / "store").rglob("*") if p.is_file()}
    told(house, sha)
    told(house, "III18-1")
    assert {p: p.read_bytes() for p in (house.root / "store").rglob("*") if p.is_file()} == before
