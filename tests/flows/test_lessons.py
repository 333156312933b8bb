"""What people decided speaks for files that nobody has decided on, from the next run on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive_schema.evidence import Placement
from archive_schema.words import EvidenceKind, PlacementStatus
from flows.upkeep import outdated
from samples import layout
from tests.flows.acting import act
from tests.flows.house import House

UNIT = "市文明办"
#: words of nobody in the catalogue
FIRST, NEXT, OTHER = "石榴茶座第一期情况说明", "石榴茶座第二期情况说明", "绿丝带第二季情况说明"
ITEM = "III13-1"


def put(house: House, *names: str) -> None:
    for n, name in enumerate(names):
        layout.report(
            layout.Report(title=name, unit=UNIT, paragraphs=(f"{name}。" * (n + 20),)), house.inbox / UNIT / f"{name}.docx"
        )


def placements(house: House, name: str) -> list[Placement]:
    with house.open() as o:
        sha = next(s.sha256 for s in o.archive.index.sources() if s.path == f"{name}.docx")
        return list(o.archive.index.placements([sha]))


def sure(house: House, name: str) -> list[str]:
    return [p.item for p in placements(house, name) if p.status is PlacementStatus.AUTO]


def sha_of(house: House, name: str) -> str:
    return house.manifest()[f"{UNIT}/{name}.docx"].sha256


def move(house: House, name: str = FIRST, item: str = ITEM) -> str:
    return act(house, "move", sha256=sha_of(house, name), item=item, kind=EvidenceKind.REPORT)[0].decision


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Read only."""
    house = House.build(tmp_path_factory.mktemp("begun") / "ws")
    put(house, FIRST, OTHER)
    house.ingest()
    assert sure(house, FIRST) == sure(house, OTHER) == []
    return house


@pytest.fixture
def house(begun: House, tmp_path: Path) -> House:
    """A copy of one's own."""
    shutil.copytree(begun.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def test_a_file_like_one_that_was_moved_is_placed_there_and_says_why(house: House) -> None:
    put(house, NEXT)
    house.ingest()
    assert sure(house, NEXT) == [], "nobody has said anything yet"
    move(house)
    house.ingest()
    assert sure(house, NEXT) == [ITEM]
    assert any(f"已确认归入 {ITEM}" in r and "第一期" in r for p in placements(house, NEXT) for r in p.reasons)
    assert sure(house, OTHER) == []


def test_it_does_not_matter_whether_the_file_or_the_decision_came_first(house: House, new_workspace) -> None:
    other = new_workspace("other")
    put(other, FIRST, OTHER)
    other.ingest()
    for h, early in ((house, True), (other, False)):
        if early:
            put(h, NEXT)
            h.ingest()
        with h.open():
            move(h)
        if not early:
            put(h, NEXT)
        h.ingest()
    assert sure(house, NEXT) == sure(other, NEXT) == [ITEM]
    keep = [(p.item, p.kind, p.method, p.score, p.status, p.reasons) for p in placements(house, NEXT)]
    assert keep == [(p.item, p.kind, p.method, p.score, p.status, p.reasons) for p in placements(other, NEXT)]


def test_an_undone_decision_teaches_no_more(house: House) -> None:
    put(house, NEXT)
    decision = move(house)
    house.ingest()
    assert sure(house, NEXT) == [ITEM]
    act(house, "undo", decision=decision)
    house.ingest()
    assert sure(house, NEXT) == []


def test_a_title_that_was_rejected_there_is_not_placed_there(house: House) -> None:
    third = "石榴茶座第三期情况说明"
    move(house)
    put(house, NEXT)
    house.ingest()
    assert sure(house, NEXT) == [ITEM]
    act(house, "reject", sha256=sha_of(house, NEXT), item=ITEM)
    put(house, third)
    house.ingest()
    assert sure(house, third) == []


def test_what_the_cold_classifier_placed_stays_where_it_is(house: House) -> None:
    title = "关于2026年道德模范评选表彰活动的情况报告"
    put(house, title)
    house.ingest()
    before = placements(house, title)
    assert sure(house, title)
    move(house)
    house.ingest()
    assert placements(house, title) == before


def test_the_second_pass_after_a_decision_appends_nothing_more(house: House) -> None:
    move(house)
    house.ingest()
    head = house.head()
    house.ingest()
    assert house.head() == head
    with house.open() as o:
        assert outdated(o).untaught == frozenset()


def test_no_more_than_a_share_is_asked_again_in_one_night(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    put(house, NEXT, "石榴茶座第四期情况说明", "石榴茶座第五期情况说明")
    house.ingest()
    move(house)
    monkeypatch.setattr("flows.upkeep.SHARE", 2)
    house.ingest()
    with house.open() as o:
        assert outdated(o).untaught
    for _ in range(3):
        house.ingest()
    with house.open() as o:
        assert not outdated(o).untaught
    assert sure(house, NEXT) == sure(house, "石榴茶座第五期情况说明") == [ITEM]
