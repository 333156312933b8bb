"""The same bytes from two units: each unit is shown what was said of its own delivery, once, and nothing of the other's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive_schema.report import CoverageReport, ShownFinding
from archive_schema.words import EvidenceKind
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.review import review_list
from flows.selection import select
from reports import coverage_view
from tests.flows.acting import act, states
from tests.flows.house import House, document

ONE, OTHER = "市文明办", "市妇联"
NAME = "Ⅲ9-1 传统美德活动通知.txt"
CELL = ("III9-1", EvidenceKind.DOCUMENT)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.build(tmp_path_factory.mktemp("twins") / "ws")
    house.set_cycle("# deadline = 2026-09-30 ", "deadline = 2026-10-01 ")
    one = document(house.inbox / ONE / NAME, title="示例市传统美德活动通知")
    (house.inbox / OTHER).mkdir(exist_ok=True)
    shutil.copy(one, house.inbox / OTHER / NAME)
    for unit, day in ((ONE, "2026-09-01"), (OTHER, "2026-11-01")):
        row = f"{NAME},Ⅲ9-1,规范文件,{day}\n"
        (house.inbox / unit / "提交表.csv").write_text(f"文件,编号,材料类型,报送日期\n{row}", "utf-8")
    house.ingest()
    return house


@pytest.fixture
def twins(once: House, tmp_path: Path) -> tuple[House, str]:
    """One document sent by two units, in time by ``ONE``, late by ``OTHER``; and its digest."""
    shutil.copytree(once.root, tmp_path / "ws")
    house = House(tmp_path / "ws")
    return house, house.manifest()[f"{ONE}/{NAME}"].sha256


def report(house: House) -> CoverageReport:
    with house.open() as o:
        return coverage_report(o)


def files(house: House) -> dict[str, coverage_view.File]:
    view = coverage_view.arrange(report(house))
    return {f.evidence.unit: f for f in view.cells[CELL].files}


def codes(found: tuple[ShownFinding, ...]) -> list[str]:
    return [f.code for f in found]


def test_each_delivery_is_replaced_by_its_own_version_and_told_of_that(twins) -> None:
    house, sha = twins
    new = {ONE: "新办法", OTHER: "新通知"}
    for n, (unit, title) in enumerate(new.items()):
        document(
            house.inbox / unit / f"Ⅲ9-1 {title}.txt", title=f"示例市传统美德{title}", number=f"示文明办发〔2026〕{n + 71}号"
        )
    house.ingest()
    by = {unit: house.manifest()[f"{unit}/Ⅲ9-1 {title}.txt"].sha256 for unit, title in new.items()}
    for unit in new:
        act(house, "supersede", sha256=sha, unit=unit, by_sha256=by[unit])
    with house.open() as o:
        assert o.archive.index.superseded() == {}, "no one version stands for both"
        said = {c.unit: c.text for _, c in o.archive.index.outcomes([sha]) if c.code == "SUPERSEDED"}
    assert set(said) == set(new) and all(by[unit][:12] in said[unit] for unit in new)


def test_a_return_stands_under_the_unit_it_went_to(twins) -> None:
    house, sha = twins
    act(house, "return", sha256=sha, unit=OTHER)
    of = files(house)
    assert states(house)["III9-1", "规范文件"] == "usable"
    assert "RETURNED" in codes(of[OTHER].findings)
    assert "RETURNED" not in codes(of[ONE].findings)


def test_every_finding_stands_once(twins) -> None:
    house, _ = twins
    for unit, other in ((ONE, OTHER), (OTHER, ONE)):
        found = files(house)[unit].findings
        assert len(set(found)) == len(found) > 1
        [same] = [f.text for f in found if f.code == "SAME"]
        assert same.endswith(f"{other}的来件")


def test_lateness_is_each_units_own(twins) -> None:
    house, _ = twins
    of = files(house)
    assert not of[ONE].late and "LATE" not in codes(of[ONE].findings)
    assert of[OTHER].late and codes(of[OTHER].findings).count("LATE") == 1


def test_what_is_replaced_for_one_unit_stands_for_the_other(twins) -> None:
    house, sha = twins
    newer = document(house.inbox / OTHER / "Ⅲ9-1 新通知.txt", title="示例市传统美德新通知", number="示妇发〔2026〕2号")
    house.ingest()
    act(house, "supersede", sha256=sha, unit=OTHER, by_sha256=house.manifest()[f"{OTHER}/{newer.name}"].sha256)
    of = {f.evidence.unit: f for f in coverage_view.arrange(report(house)).cells[CELL].files if f.evidence.sha256 == sha}
    assert "SUPERSEDED" in codes(of[OTHER].findings)
    assert "SUPERSEDED" not in codes(of[ONE].findings)


def test_an_unplaced_copy_bears_nothing_of_the_placed_one(twins) -> None:
    house, sha = twins
    act(house, "reject", sha256=sha, unit=OTHER, item=CELL[0], kind=CELL[1])
    act(house, "return", sha256=sha, unit=ONE)
    whole = report(house)
    [u] = whole.coverage.unplaced
    found = codes(coverage_view.arrange(whole).unplaced_findings(u))
    assert (u.sha256, u.unit) == (sha, OTHER) and not {"RETURNED", "SAME", "SEAL"} & set(found)
    assert {"RETURNED", "SEAL"} <= set(codes(files(house)[ONE].findings))
    with house.open() as o:
        [listed] = [e for e in review_list(o) if e.status == "unplaced"]
    assert not [text for text in listed.findings if "退回" in text]


@pytest.mark.parametrize("what", ["withdraw", "supersede"])
def test_what_the_other_unit_sent_is_not_named_once_it_no_longer_counts(what: str, twins) -> None:
    house, sha = twins
    newer = document(house.inbox / ONE / "Ⅲ9-1 新通知.txt", title="示例市传统美德新通知", number="示文明办发〔2026〕2号")
    house.ingest()
    by = {"by_sha256": house.manifest()[f"{ONE}/{newer.name}"].sha256} if what == "supersede" else {}

    def told() -> list[str]:
        with house.open() as o:
            [sheet] = assignments(o, unit=OTHER).sheets
        return [f.code for m in sheet.mend for f in m.faults]

    assert "SAME" in told()
    [done] = act(house, what, sha256=sha, unit=ONE, **by)
    assert "SAME" not in told()
    act(house, "undo", decision=done.decision)
    assert "SAME" in told()


def test_what_is_wrong_with_the_bytes_is_told_each_unit_by_its_own_file(new_workspace) -> None:
    house: House = new_workspace()
    mine, theirs = "Ⅲ9-1 坏.docx", "甲/李四的信访材料.docx"
    for unit, name in ((OTHER, mine), (ONE, theirs)):
        path = house.inbox / unit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PK\x03\x04broken" * 50)
    said = [f.text.partition(": ")[0] for f in house.ingest().received if f.code == "OPEN"]
    assert sorted(said) == sorted([f"{OTHER}/{mine}", f"{ONE}/{theirs}"]), "a line for each that was taken in"
    for unit, name in ((OTHER, mine), (ONE, theirs)):
        with house.open() as o:
            found = [f.text for of in coverage_report(o, unit=unit).findings.values() for f in of]
            listed = [x for e in review_list(o, unit=unit) for x in e.findings]
            left = [x.text for x in select(o, unit=unit).left_out]
        assert any(t.startswith(f"{name}: ") for t in found)
        assert any(f" {mine}: " in t for t in listed), "that waits"
        assert unit == ONE or not any("李四" in t for t in (*found, *listed, *left))
        assert not any("、" in t.partition(": ")[0] for t in (*found, *listed)), "by one name"
    again = house.inbox / "市教育局" / "又来.docx"
    again.parent.mkdir(exist_ok=True)
    shutil.copy(house.inbox / OTHER / mine, again)
    assert {f.text.partition(": ")[0] for f in house.ingest().received} == {"市教育局/又来.docx"}, "only what came now"
