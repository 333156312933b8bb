"""A rejection without an item speaks of what had been sent when it was made; what comes later goes to a person, with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive_schema.evidence import Placement
from archive_schema.words import PlacementStatus
from flows.coverage import coverage_report
from flows.ingest import reassess
from flows.review import review_list
from flows.selection import select
from tests.dangan.line import dangan
from tests.flows.acting import act
from tests.flows.house import House, document

ONE, OTHER = "市教育局", "市文明办"
IN_REVIEW, REJECTED = PlacementStatus.IN_REVIEW, PlacementStatus.REJECTED


@pytest.fixture
def refused(tmp_path: Path) -> tuple[House, Path, str]:
    """What one unit sent without a word of what it is for, and a person said belongs nowhere; the file and its digest."""
    house = House.build(tmp_path / "ws")
    file = document(house.inbox / ONE / "材料.txt", title="示例市某事项")
    house.ingest()
    sha = house.manifest()[f"{ONE}/材料.txt"].sha256
    act(house, "reject", sha256=sha)
    assert listed(house) == {}
    return house, file, sha


def listed(house: House) -> dict[tuple[str, str | None], list[str]]:
    """What waits for a person: (unit, item) → reasons."""
    with house.open() as o:
        return {(e.unit, e.item): e.reasons for e in review_list(o)}


def placed(house: House, sha: str) -> dict[tuple[str, str], Placement]:
    with house.open() as o:
        return {(p.unit, p.item): p for p in o.archive.index.placements([sha])}


def send(house: House, file: Path, unit: str, name: str) -> Path:
    to = house.inbox / unit / name
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, to)
    house.ingest()
    return to


def test_what_another_unit_sends_later_goes_to_a_person_with_the_reason(refused) -> None:
    house, file, _ = refused
    send(house, file, OTHER, "Ⅲ9-1 材料.txt")
    reasons = listed(house)
    assert list(reasons) == [(OTHER, "III9-1")]
    assert reasons[OTHER, "III9-1"][0] == "此前已否定归类(张三: 试), 这是以后送来的"
    with house.open() as o:
        assert {(x.unit, x.reason) for x in select(o).left_out} == {(ONE, "rejected"), (OTHER, "in_review")}


def test_what_another_unit_sends_without_a_word_is_unplaced(refused) -> None:
    house, file, _ = refused
    send(house, file, OTHER, "别的.txt")
    assert list(listed(house)) == [(OTHER, None)]
    with house.open() as o:
        assert [u.unit for u in coverage_report(o).coverage.unplaced] == [OTHER]


def test_what_the_same_unit_sends_anew_under_a_number_goes_to_a_person(refused) -> None:
    house, file, _ = refused
    send(house, file, ONE, "又一份/材料.txt")
    assert listed(house) == {}
    send(house, file, ONE, "Ⅲ10-1 材料.txt")
    assert list(listed(house)) == [(ONE, "III10-1")]
    file.unlink()
    send(house, house.inbox / ONE / "Ⅲ10-1 材料.txt", ONE, "移到/Ⅲ10-1 材料.txt")
    assert list(listed(house)) == [(ONE, "III10-1")]


def test_what_the_same_unit_sends_anew_with_a_form_goes_to_a_person(refused) -> None:
    house, file, _ = refused
    form = house.inbox / ONE / "补报" / "提交表.csv"
    form.parent.mkdir()
    form.write_text("文件,编号,材料类型\n材料.txt,Ⅲ10-1,规范文件\n", "utf-8")
    send(house, file, ONE, "补报/材料.txt")
    assert list(listed(house)) == [(ONE, "III10-1")]


def test_the_number_that_was_rejected_is_rejected_wherever_its_unit_lays_it(refused) -> None:
    house, file, sha = refused
    send(house, file, OTHER, "Ⅲ9-1 材料.txt")
    [again] = act(house, "reject", sha256=sha)
    assert again.recorded and again.units == sorted([ONE, OTHER])  # the same words, and now they are about both
    assert listed(house) == {}
    send(house, file, OTHER, "重新整理/Ⅲ9-1 材料.txt")
    assert listed(house) == {} and placed(house, sha)[OTHER, "III9-1"].status is REJECTED


def test_the_person_decides_of_it_and_undo_brings_back_what_was(refused) -> None:
    house, file, sha = refused
    send(house, file, OTHER, "Ⅲ9-1 材料.txt")
    [accepted] = act(house, "accept", sha256=sha, unit=OTHER)
    assert placed(house, sha)[OTHER, "III9-1"].status is PlacementStatus.CONFIRMED
    act(house, "undo", decision=accepted.decision)
    assert placed(house, sha)[OTHER, "III9-1"].status is IN_REVIEW
    [rejected] = act(house, "reject", sha256=sha, unit=OTHER)
    assert placed(house, sha)[OTHER, "III9-1"].status is REJECTED
    act(house, "undo", decision=rejected.decision)
    assert list(listed(house)) == [(OTHER, "III9-1")]


def test_it_is_read_from_the_series_alone(refused) -> None:
    house, file, _ = refused
    send(house, file, OTHER, "Ⅲ9-1 材料.txt")
    send(house, file, ONE, "Ⅲ10-1 材料.txt")
    before = house.digest(), listed(house)
    assert sorted(before[1]) == [(ONE, "III10-1"), (OTHER, "III9-1")]
    (house.root / "index.sqlite").unlink()
    assert dangan("-C", house.root, "restore", "--take-over").code == 0
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert (house.digest(), listed(house)) == before


def test_a_rejection_for_one_unit_says_nothing_of_another(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    file = document(house.inbox / ONE / "Ⅲ9-1 材料.txt", title="示例市传统美德活动通知")
    house.ingest()
    sha = house.manifest()[f"{ONE}/Ⅲ9-1 材料.txt"].sha256
    act(house, "reject", sha256=sha, unit=ONE)
    send(house, file, OTHER, "Ⅲ9-1 材料.txt")
    there = placed(house, sha)
    assert there[ONE, "III9-1"].status is REJECTED
    assert not any("此前" in r for r in there[OTHER, "III9-1"].reasons)
