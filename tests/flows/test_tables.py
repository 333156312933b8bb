"""Tables cell by cell through whole runs: found, recorded, looked at once, again when something changed, waived, and shown."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path

import pytest

from archive_schema.decisions import Decision
from archive_schema.grid import GRID, TableFamily
from archive_schema.records import FindingRecord
from archive_schema.table_report import TableReport
from archive_schema.words import DecisionAction
from dangan import cli
from flows import ingest as ingesting
from flows import tables
from flows.decide import decide, new_id
from flows.ingest import new_run
from flows.validation import table_report, validation_results
from flows.workspace import Opened
from samples import layout
from storage import keys
from tests.flows.house import NOW, House
from tests.shapes import conforms
from validators.tablewise import Looked

#: of the shipped catalogue: items that ask for 统计表格
ADS, GOOD_PEOPLE = "Ⅲ11-1 公益广告刊播统计.xlsx", "Ⅲ13-2 身边好人统计.xlsx"


def table(into: Path, **changes: object) -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    given: dict[str, object] = {
        "title": "示例市公益广告刊播统计表",
        "header": ("媒体", "刊播数(条)", "时长(分钟)"),
        "rows": (("日报", 20, 3.5), ("电视台", 40, 7.25), ("广播", 30, 8)),
        "measure": "条、分钟",
        "scope": "全市范围",
        "period": "2025年11月至2026年10月",
        "source": "示例市广播电视台",
        "totals": ("合计", 90, 18.75),
        "unit": "示例市广播电视台",
    }
    return layout.table_xlsx(layout.Table(**(given | changes)), into)  # type: ignore[arg-type]


BAD = {"rows": (("日报", 20, 3.5), ("电视台", -40, 7.25), ("广播", 30, 8)), "totals": ()}


def look(house: House, seen: dict[str, tuple[Looked, ...]] | None = None, *, most: int = tables.ROWS) -> tables.Gathered:
    """What a run does with tables, but that ``seen`` (by path) is what the suites saw: the seconds that they take are spent once."""
    with house.open() as o, o.archive.lease("test"):
        index = o.archive.index
        placements, sources = defaultdict(list), defaultdict(list)
        for p in index.placements():
            placements[p.sha256].append(p)
        for s in index.sources():
            sources[s.sha256].append(s)
        gathered = tables.gather(o, index.evidence(), placements, most=most)
        looked = {s.sha256: seen[s.path] for of in sources.values() for s in of if seen and s.path in seen}
        records = tables.table_records(o, "test", gathered, looked, placements, sources)
        if records:
            o.archive.commit("test", records)
        tables.keep(o, gathered, looked)
        return gathered


NEGATIVE = {ADS: (Looked("counts", "unsigned", 3, 1, ("统计表!B8 刊播数(条) -40",)),)}


def held(house: House) -> dict[str, FindingRecord]:
    """path → the record held."""
    with house.open() as o:
        paths = {s.sha256: s.path for s in o.archive.index.sources()}
        return {paths[f.sha256]: f for f in o.archive.index.findings() if f.origin == tables.TABLES}


def codes(house: House) -> dict[str, list[str]]:
    return {path: [x.code for x in f.outcomes] for path, f in held(house).items()}


def report_of(house: House) -> TableReport:
    with house.open() as o:
        return table_report(o)


def arrived(house: House, *names: str, **changes: object) -> House:
    for name in names or (ADS,):
        table(house.inbox / "市文明办" / name, **changes)
    house.ingest()
    return house


def test_a_night_finds_tells_and_shows_it_and_looks_at_it_once(new_workspace, capsys: pytest.CaptureFixture[str]) -> None:
    house = new_workspace()
    table(house.inbox / "市文明办" / ADS, **BAD)
    years = {"header": ("年份", "上榜人数(人)"), "rows": ((2024, 3000), (2025, 3200)), "measure": "人", "totals": ()}
    table(house.inbox / "市文明办" / GOOD_PEOPLE, **years)
    text = "按照测评要求,现将身边好人推荐的有关情况说明如下。2024年上榜人数为3000人,2025年上榜人数为3500人。"
    report = layout.Report(title="身边好人推荐情况说明", paragraphs=(text,), unit="示例市文明办", issued_on=date(2026, 3, 1))
    layout.report(report, house.inbox / "市文明办" / "Ⅲ13-2 身边好人推荐情况说明.docx")
    result = house.ingest(validation=True)
    assert codes(house) == {ADS: ["COUNT"], GOOD_PEOPLE: []} and "COUNT" in held(house)[GOOD_PEOPLE].passed
    (found,) = [f for f in result.findings if f.code == "COUNT"]
    assert found.text.startswith(f"市文明办/{ADS}: ") and "统计表!B8 刊播数(条) -40" in found.text
    told = [f.text for f in result.findings if f.code == "DISAGREE"]
    assert len(told) == 2
    for text in told:  # of both materials, naming both figures and both places
        assert "2025年 上榜人数 3200人" in text and "2025年 上榜人数 3500人" in text and "B8" in text and "段" in text

    seen = report_of(house)
    assert (seen.files, seen.looked, [(f.title, f.files, f.declared) for f in seen.families]) == (
        2,
        2,
        [("计数表", 1, 0), ("多年序列表", 1, 0)],
    )
    negative = next(r for r in seen.families[0].results if "小于 0" in r.text)
    assert (negative.success, negative.checked, negative.unexpected) == (False, 3, 1)
    with house.open() as o:
        assert negative in validation_results(o)
    assert cli.run(["-C", str(house.root), "checks", "results"]) == 0
    said = capsys.readouterr().out
    assert "计数表 1 份" in said and "统计表!B8" in said
    assert cli.run(["-C", str(house.root), "checks", "results", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    conforms(data, "checks-results")
    assert data["lists"] and [f["title"] for f in data["families"]] == ["计数表", "多年序列表"]
    assert cli.run(["-C", str(house.root), "checks", "results", "--format", "html"]) == 0
    page = (house.root / "reports" / "表格检查.html").read_text("utf-8")
    assert "计数表" in page and ADS in page and "程序从表格本身看出" in page and "http" not in page.split("</style>")[1]

    head = house.head()
    house.ingest(validation=True)
    assert house.head() == head


def test_what_was_looked_at_is_not_looked_at_again_and_what_is_new_is(new_workspace) -> None:
    house = arrived(new_workspace(), **BAD)
    assert len(look(house, NEGATIVE).seen) == 1 and codes(house) == {ADS: ["COUNT"]}
    first = held(house)[ADS]
    arrived(house, GOOD_PEOPLE)
    assert len(look(house).seen) == 1
    assert held(house)[ADS] == first and len(held(house)) == 2 and len(report_of(house).families[0].results) > 0


def test_a_waiver_marks_it_at_once_and_stays(new_workspace) -> None:
    house = arrived(new_workspace(), **BAD)
    look(house, NEGATIVE)
    sha = house.manifest()[f"市文明办/{ADS}"].sha256
    waive = Decision(
        id=new_id(NOW), action=DecisionAction.WAIVE, by="张三", at=NOW, reason="红字冲销", sha256=sha, code="COUNT"
    )
    with house.open() as o:
        decide(o, [waive], new_run(NOW))
    assert [x.waived for x in held(house)[ADS].outcomes] == [True]
    with house.open() as o:
        o.archive.store.delete("reports/validation-tables/c1/last.json")  # may be deleted: looked at again, found the same
    assert len(look(house, NEGATIVE).seen) == 1
    assert [x.waived for x in held(house)[ADS].outcomes] == [True]


def test_what_a_city_declares_is_looked_for_in_tables_already_held(new_workspace) -> None:
    house = arrived(new_workspace())
    look(house)
    folder = house.root / "catalogue" / "own"
    shutil.copytree(Path(__file__).parents[2] / "archive_schema" / "data" / "national-2017", folder)
    (folder / "tables.tsv").write_text("id\tfamily\tcolumns\nIII11-1\t计数\t刊播数;版面数\n", "utf-8")
    house.set_cycle('"national-2017"', '"catalogue/own"')
    house.ingest()
    rows = look(house).rows[TableFamily.COUNTS]
    assert [(r.column, r.declared) for r in rows if r.declared is not None] == [("刊播数", True), ("版面数", False)]
    assert report_of(house).families[0].declared == 1


def test_what_is_no_table_any_more_has_no_findings_left(new_workspace) -> None:
    house = arrived(new_workspace(), **BAD)
    look(house, NEGATIVE)
    sha = house.manifest()[f"市文明办/{ADS}"].sha256
    reject = Decision(id=new_id(NOW), action=DecisionAction.REJECT, by="张三", at=NOW, reason="不是本条", sha256=sha)
    with house.open() as o:
        decide(o, [reject], new_run(NOW))
    look(house)
    assert codes(house) == {ADS: []} and report_of(house).files == 0
    head = house.head()
    look(house)
    assert house.head() == head


def test_a_table_whose_cells_are_not_there_is_unchecked_and_never_passed(new_workspace) -> None:
    house = arrived(new_workspace(), **BAD)
    sha = house.manifest()[f"市文明办/{ADS}"].sha256
    with house.open() as o:
        o.archive.store.delete(keys.derived_key(sha, GRID))
        o.archive.store.delete(keys.object_key(sha))  # else they were read again
    look(house)
    (outcome,) = held(house)[ADS].outcomes
    assert (outcome.code, outcome.outcome.value) == ("CELLWISE", "unchecked") and held(house)[ADS].passed == ()
    assert [u.file for u in report_of(house).unlooked] == [ADS]


def test_more_tables_than_a_run_looks_at_wait_and_are_said_to(new_workspace) -> None:
    house = arrived(new_workspace(), ADS, GOOD_PEOPLE)
    table(house.inbox / "市文明办" / GOOD_PEOPLE, title="另一张表")
    house.ingest()
    first = look(house, most=1)
    assert (len(first.seen), first.waiting) == (1, 1)
    assert [u.why for u in report_of(house).unlooked] == ["还没有轮到,下次收件时再查"]
    second = look(house, most=1)
    assert (len(second.seen), second.waiting, report_of(house).unlooked) == (1, 0, ())


def test_the_process_is_started_for_a_new_file_and_not_for_none(new_workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    house = new_workspace()
    asked: list[bool] = []

    def seen(o: Opened, *, wanted: bool) -> AbstractContextManager[None]:
        asked.append(wanted)
        return nullcontext()

    monkeypatch.setattr(ingesting, "validator", seen)
    monkeypatch.setattr(ingesting, "validate_frames", lambda *_: None)
    table(house.inbox / "市文明办" / ADS)
    house.ingest(validation=True)
    house.ingest(validation=True)
    table(house.inbox / "市文明办" / GOOD_PEOPLE)
    house.ingest()
    assert asked == [True, False, False]
