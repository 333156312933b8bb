"""Materials against each other through whole runs: recorded, replaced, waived, and the same in any order."""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from archive_schema.decisions import Decision
from archive_schema.report import piece_key
from archive_schema.words import DecisionAction
from flows.coverage import coverage_report
from flows.crosswise import CROSSWISE, crosswise_records
from flows.decide import decide, new_id
from flows.ingest import new_run
from tests.flows.acting import act
from tests.flows.house import NOW, House, photo

NOON, LATER = datetime(2026, 4, 5, 12, 0), datetime(2026, 4, 5, 15, 0)  # noqa: DTZ001 - cameras know no zone
ONE, TWO = "Ⅲ13-3 人民广场好人榜揭幕.jpg", "Ⅲ8-2 人民广场实践活动.jpg"


def crosswise(house: House) -> dict[str, set[tuple[str, bool]]]:
    """path → (code, waived) of the findings held."""
    with house.open() as o:
        paths = {s.sha256: s.path for s in o.archive.index.sources()}
        held = [f for f in o.archive.index.findings() if f.origin == CROSSWISE]
        return {paths[f.sha256]: {(x.code, x.waived) for x in f.outcomes} for f in held}


def twice(folder: Path) -> None:
    """One scene saved in two qualities for two standards."""
    photo(folder / ONE, quality=85)
    photo(folder / TWO, quality=70, taken_at=NOON)


def arrive(house: House) -> None:
    """One pass, and the comparison without the seconds that the frames take."""
    house.ingest()
    with house.open() as o, o.archive.lease("test"):
        index = o.archive.index
        placements, sources = defaultdict(list), defaultdict(list)
        for p in index.placements():
            placements[p.sha256].append(p)
        for s in index.sources():
            sources[s.sha256].append(s)
        records = crosswise_records(o, new_run(NOW), list(index.evidence()), placements, sources)
        if records:
            o.archive.commit("test", records)


def test_a_picture_used_twice_is_recorded_for_both_and_once(new_workspace) -> None:
    house = new_workspace()
    twice(house.inbox / "市文明办")
    house.ingest(validation=True)
    assert crosswise(house) == {ONE: {("REUSED", False)}, TWO: {("REUSED", False)}}
    head = house.head()
    house.ingest(validation=True)
    assert house.head() == head


def test_a_waiver_marks_it_at_once_and_stays_and_an_undo_takes_it_back(new_workspace) -> None:
    house = new_workspace()
    twice(house.inbox / "市文明办")
    arrive(house)
    sha = house.manifest()[f"市文明办/{ONE}"].sha256
    waive = Decision(
        id=new_id(NOW), action=DecisionAction.WAIVE, by="张三", at=NOW, reason="同一活动", sha256=sha, code="REUSED"
    )
    with house.open() as o:
        decide(o, [waive], new_run(NOW))
    assert crosswise(house) == {ONE: {("REUSED", True)}, TWO: {("REUSED", False)}}
    photo(house.inbox / "市文明办" / "Ⅲ9-2 孝敬活动.jpg", seed="other", taken_at=LATER)
    arrive(house)
    assert crosswise(house)[ONE] == {("REUSED", True)}
    undo = Decision(id=new_id(NOW), action=DecisionAction.UNDO, by="张三", at=NOW, reason="看错", decision=waive.id)
    with house.open() as o:
        decide(o, [undo], new_run(NOW))
    assert crosswise(house)[ONE] == {("REUSED", False)}


def test_what_was_replaced_is_compared_no_more(new_workspace) -> None:
    house = new_workspace()
    twice(house.inbox / "市文明办")
    arrive(house)
    old = house.manifest()[f"市文明办/{TWO}"].sha256
    newer = photo(house.inbox / "市文明办" / "Ⅲ8-2 人民广场新照.jpg", seed="other", taken_at=LATER)
    arrive(house)
    new = house.manifest()[f"市文明办/{newer.name}"].sha256
    with house.open() as o:
        act = Decision(
            id=new_id(NOW), action=DecisionAction.SUPERSEDE, by="张三", at=NOW, reason="换了", sha256=old, by_sha256=new
        )
        decide(o, [act], new_run(NOW))
    photo(house.inbox / "市文明办" / "Ⅲ9-2 孝敬活动.jpg", seed="third", scene="meeting", taken_at=datetime(2026, 5, 5, 8, 0))  # noqa: DTZ001
    arrive(house)
    assert crosswise(house) == {ONE: set(), TWO: set()}
    with house.open() as o:
        assert coverage_report(o).replaced == {piece_key(old, "市文明办")}, "the page tells which of the two is the old one"


@pytest.mark.parametrize("how", ["withdraw", "reject"])
def test_what_counts_no_more_accuses_nobody_from_that_moment_on(new_workspace, how: str) -> None:
    house = new_workspace()
    twice(house.inbox / "市文明办")
    arrive(house)
    [answer] = act(house, how, sha256=house.manifest()[f"市文明办/{TWO}"].sha256)
    assert crosswise(house) == {ONE: set(), TWO: set()}
    act(house, "undo", decision=answer.decision)
    assert crosswise(house) == {ONE: {("REUSED", False)}, TWO: {("REUSED", False)}}


def test_a_picture_of_another_unit_is_no_reproach_once_that_withdrew_its_own(new_workspace) -> None:
    house = new_workspace()
    photo(house.inbox / "市文明办" / ONE, quality=85)
    photo(house.inbox / "市妇联" / TWO, quality=70, taken_at=NOON)
    arrive(house)
    assert crosswise(house)[TWO] == {("REUSED", False)}
    act(house, "withdraw", sha256=house.manifest()[f"市文明办/{ONE}"].sha256, unit="市文明办")
    assert crosswise(house) == {ONE: set(), TWO: set()}


def test_each_unit_is_told_of_the_file_that_it_sent(new_workspace) -> None:
    house = new_workspace()
    twice(house.inbox / "市文明办")
    copy = house.inbox / "市教育局" / "Ⅲ58-2 图.jpg"
    copy.parent.mkdir(exist_ok=True)
    shutil.copy2(house.inbox / "市文明办" / ONE, copy)
    arrive(house)
    told = {f.text.partition(".jpg")[0] for f in house.ingest().findings if f.code == "REUSED"}
    assert told == {"市文明办/" + ONE[:-4], "市文明办/" + TWO[:-4], "市教育局/Ⅲ58-2 图"}
    assert not [f.text for f in house.ingest().findings if ".jpg: Ⅲ" in f.text]


def test_the_same_is_found_whichever_came_first(new_workspace) -> None:
    both, apart = new_workspace(), new_workspace()
    twice(both.inbox / "市文明办")
    arrive(both)
    photo(apart.inbox / "市文明办" / TWO, quality=70, taken_at=NOON)
    arrive(apart)
    photo(apart.inbox / "市文明办" / ONE, quality=85)
    arrive(apart)
    assert crosswise(both) == crosswise(apart) != {}
