"""负面清单 in the series: entered by hand, undone by decision, brought back by restore, traced by the audit, in every report."""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from archive_schema.errors import UsageError
from archive_schema.negative import NONE, NegativeOutput
from dangan import settings
from flows.audit import audit
from flows.coverage import coverage_report
from flows.export import export
from flows.negative import negative_list
from flows.restore import restore
from reports import coverage_html, coverage_text, coverage_xlsx, negative_text
from tests.flows.acting import act, states
from tests.flows.house import NOW, House, document

EVENT = {"entry": "G15", "text": "某厂爆炸", "on": date(2026, 5, 3), "sanction": "停牌一年"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.build(tmp_path_factory.mktemp("negative") / "ws")
    document(house.inbox / "市文明办" / "III18-1 红黑榜.docx")
    house.ingest()
    return house


@pytest.fixture
def house(town: House, tmp_path: Path) -> House:
    shutil.copytree(town.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def register(house: House) -> NegativeOutput:
    with house.open() as o:
        return negative_list(o)


def sha(house: House) -> str:
    return house.manifest()["市文明办/III18-1 红黑榜.docx"].sha256


def test_nothing_entered_is_said_and_is_not_taken_for_nothing_happened(house: House) -> None:
    assert register(house).events == 0
    with house.open() as o:
        report = coverage_report(o)
    assert NONE in coverage_text.render(report) and NONE in coverage_html.render(report)
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report)))
    assert "负面清单" not in book.sheetnames
    assert any(row[0] == NONE for row in book["总览"].iter_rows(values_only=True))


def test_an_event_is_recorded_once_with_its_evidence_and_changes_no_state(house: House) -> None:
    before, digest = states(house), house.digest()
    [first] = act(house, "negative_event", sha256=sha(house), **EVENT)
    [again] = act(house, "negative_event", sha256=sha(house), **EVENT)
    assert (first.recorded, again.recorded, again.decision) == (True, False, first.decision)
    [entry] = [e for e in register(house).entries if e.events]
    [event] = entry.events
    assert (entry.id, event.on, event.sanction, event.by) == ("G15", date(2026, 5, 3), "停牌一年", "张三")
    assert event.evidence is not None and event.evidence.path == "III18-1 红黑榜.docx"
    assert states(house) == before
    assert house.digest() != digest, "a decision is part of what is held"


def test_what_is_undone_is_gone_from_the_register_and_stays_in_the_series(house: House) -> None:
    digest = house.digest()
    [told] = act(house, "negative_event", **EVENT)
    act(house, "undo", decision=told.decision)
    assert register(house).events == 0 and house.digest() == digest
    with house.open() as o:
        assert [d.action.value for d in o.archive.index.decisions()] == ["negative_event", "undo"]


@pytest.mark.parametrize(
    "wrong",
    [{"entry": "G31"}, {"sanction": "罚款"}, {"on": date(2026, 12, 1)}, {"on": None}, {"text": ""}, {"sha256": "0" * 64}],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(house: House, wrong: dict[str, object]) -> None:
    head = house.head()
    with pytest.raises(UsageError):
        act(house, "negative_event", **(EVENT | wrong))
    assert house.head() == head


def test_the_audit_traces_it(house: House) -> None:
    act(house, "negative_event", sha256=sha(house), **EVENT)
    act(house, "negative_entry", entry="G3", text="本市手册原文")
    with house.open() as o:
        report = audit(o, depth="complete")
    assert report.output.integrity is not None and report.output.integrity.problems == []


def test_restore_brings_it_back(house: House, tmp_path: Path) -> None:
    act(house, "negative_event", sha256=sha(house), **EVENT)
    act(house, "negative_entry", entry="G3", text="本市手册原文")
    before, digest = register(house), house.digest()
    shutil.move(house.root / "index.sqlite", tmp_path / "gone.sqlite")
    restore(settings.load(house.root, env={}), take_over=True, now=lambda: NOW)
    assert register(house).entries == before.entries
    assert house.digest() == digest


def test_it_stands_first_in_every_report_and_in_the_index_of_an_export(house: House, tmp_path: Path) -> None:
    act(house, "negative_event", sha256=sha(house), **EVENT)
    with house.open() as o:
        report = coverage_report(o)
        export(o, tmp_path / "bag", everything=True)
    text = coverage_text.render(report)
    [event] = [v for e in register(house).entries for v in e.events]
    assert event.decision in negative_text.render(register(house)), "what dangan negative remove asks for"
    assert event.decision not in text
    assert text.index("某厂爆炸") < text.index("应交材料（格）") and NONE not in text
    page = coverage_html.render(report)
    assert page.index("某厂爆炸") < page.index('aria-label="合计"') and NONE not in page
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report)))
    assert book.sheetnames[0] == "负面清单"
    [row] = list(book["负面清单"].iter_rows(min_row=2, values_only=True))
    assert row[0] == "G15" and row[4] == "某厂爆炸" and "III18-1 红黑榜.docx" in row[6]
    index = openpyxl.load_workbook(tmp_path / "bag" / "data" / "卷内目录.xlsx")
    assert "负面清单" in index.sheetnames


@pytest.mark.parametrize(
    ("more", "standing", "said"),
    [({}, "withdrawn", "已撤回"), ({"destroy": True, "basis": "纪要3号"}, "destroyed", "已依决定销毁")],
)
def test_evidence_that_is_gone_is_told_of_when_it_goes_and_in_the_register(
    house: House, more: dict[str, object], standing: str, said: str
) -> None:
    [event] = act(house, "negative_event", sha256=sha(house), **EVENT)
    assert "红黑榜.docx" in negative_text.render(register(house)) and said not in negative_text.render(register(house))
    [answer] = act(house, "withdraw", sha256=sha(house), **more)
    [remark] = answer.remarks
    assert "负面清单 G15 2026-05-03" in remark and event.decision in remark
    [entry] = [e for e in register(house).entries if e.events]
    assert entry.events[0].evidence is not None and entry.events[0].evidence.standing == standing
    assert said in negative_text.render(register(house)) and said in negative_text.csv(register(house))
    with house.open() as o:
        assert said in coverage_html.render(coverage_report(o))
