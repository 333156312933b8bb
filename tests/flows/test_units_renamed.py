"""Whose delivery a decision speaks of: the unit's of that name today, whatever it was called on the day of the act, and nobody else's."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from archive_schema.errors import UsageError
from archive_schema.units import Unit, UnitTable, write_csv
from archive_schema.words import EvidenceKind
from dangan import settings
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.ingest import reassess
from flows.negative import negative_list
from flows.restore import restore
from flows.view import View
from tests.flows.acting import act
from tests.flows.house import House, document

DOC = EvidenceKind.DOCUMENT
OLD, NEW, OTHER = "市文明办", "市委文明办", "市教育局"
BOARD, MODEL = "Ⅲ18-1) 红黑榜发布制度.txt", "Ⅲ13-1) 道德模范评选办法.txt"
CELL, FIRST = ("III18-1", "规范文件"), ("III13-1", "规范文件")


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two documents of one unit, the first of them sent by another unit as well."""
    house = House.build(tmp_path_factory.mktemp("sent") / "ws")
    document(house.inbox / OLD / BOARD)
    document(house.inbox / OLD / MODEL, title="示例市道德模范评选表彰办法", number="示文明办发〔2026〕13号")
    (house.inbox / OTHER).mkdir(exist_ok=True)
    shutil.copy2(house.inbox / OLD / BOARD, house.inbox / OTHER / BOARD)
    house.ingest()
    return house


@pytest.fixture
def two(sent: House, tmp_path: Path) -> House:
    """A copy of ``sent`` of one's own."""
    shutil.copytree(sent.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def table(house: House, *changed: Unit, without: tuple[str, ...] = ()) -> None:
    """Change rows of the units table by hand, as a city does."""
    with house.open() as o:
        names = {u.name for u in changed} | set(without)
        kept = tuple(u for u in o.units.units if u.name not in names)
    (house.root / "units.csv").write_text(write_csv(UnitTable((*kept, *changed))), "utf-8")


def rename(house: House) -> None:
    table(house, Unit(NEW, former_names=(OLD,)), without=(OLD,))


def sha_of(house: House, place: str) -> str:
    return house.manifest()[place].sha256


def cells(house: House) -> dict[tuple[str, str], tuple[str, int, list[tuple[str, str]]]]:
    """Of every cell that holds something: state, usable, (unit, path)."""
    with house.open() as o:
        report = coverage_report(o).coverage
    return {
        (i.id, c.kind.value): (c.state.value, c.usable, [(e.unit, e.path) for e in c.evidence])
        for i in report.items
        for c in i.requirements
        if c.evidence
    }


def of_one_unit(house: House, action: str, place: str, **more: object) -> str:
    unit, _, _ = place.partition("/")
    [made] = act(house, action, sha256=sha_of(house, place), unit=unit, **more)
    return made.decision


# -- renamed ------------------------------------------------------------------------------------------------------------


def test_what_was_decided_of_a_unit_holds_under_its_new_name(two: House) -> None:
    of_one_unit(two, "move", f"{OLD}/{MODEL}", item="III11-2", kind=DOC)
    back = of_one_unit(two, "return", f"{OLD}/{BOARD}")
    out = of_one_unit(two, "withdraw", f"{OTHER}/{BOARD}")
    before = cells(two)
    assert before == {
        ("III11-2", "规范文件"): ("usable", 1, [(OLD, MODEL)]),
        CELL: ("unusable", 0, [(OLD, BOARD)]),
    }
    rename(two)
    result = two.ingest(validation=True)
    assert not [f for f in result.findings if f.code == "UNITGONE"]
    renamed = {c: (state, n, [(NEW, path) for _, path in held]) for c, (state, n, held) in before.items()}
    assert cells(two) == renamed
    with two.open() as o:
        reassess(o, everything=True, validation=False)
        [sheet] = assignments(o, unit=NEW).sheets
    assert cells(two) == renamed and [r.path for r in sheet.returned] == [BOARD]
    act(two, "undo", decision=out)
    act(two, "undo", decision=back)
    assert cells(two)[CELL] == ("usable", 1, [(NEW, BOARD), (OTHER, BOARD)])


def test_a_withdrawal_follows_the_unit_and_is_lifted_under_its_new_name(two: House) -> None:
    out = of_one_unit(two, "withdraw", f"{OLD}/{MODEL}")
    rename(two)
    two.ingest()
    assert FIRST not in cells(two)
    act(two, "undo", decision=out)
    assert cells(two)[FIRST] == ("usable", 1, [(NEW, MODEL)])


def test_a_move_without_a_unit_leaves_nothing_behind_under_the_old_name(two: House) -> None:
    act(two, "move", sha256=sha_of(two, f"{OLD}/{MODEL}"), item="III11-2", kind=DOC)
    rename(two)
    two.ingest()
    assert cells(two)["III11-2", "规范文件"] == ("usable", 1, [(NEW, MODEL)])


def test_what_is_no_longer_in_the_inbox_gets_the_new_name_with_what_was_decided_of_it(two: House) -> None:
    of_one_unit(two, "return", f"{OLD}/{MODEL}")
    shutil.rmtree(two.inbox / OLD)
    two.ingest()
    rename(two)
    two.ingest()
    assert cells(two)[FIRST] == ("unusable", 0, [(NEW, MODEL)])
    assert {s.unit for line in two.manifest().values() for s in line.sources} == {NEW, OTHER}


def test_the_order_of_renaming_and_deciding_makes_no_difference(two: House, tmp_path: Path) -> None:
    shutil.copytree(two.root, tmp_path / "late")
    late = House(tmp_path / "late")
    of_one_unit(two, "return", f"{OLD}/{MODEL}")
    for house in (two, late):
        rename(house)
        house.ingest()
    of_one_unit(late, "return", f"{NEW}/{MODEL}")
    assert cells(two) == cells(late)


def test_an_act_before_the_ingest_that_sees_the_new_name_holds_at_once_and_after(two: House) -> None:
    rename(two)
    sha = sha_of(two, f"{OLD}/{MODEL}")
    [first] = act(two, "return", sha256=sha, unit=NEW)
    assert cells(two)[FIRST][0] == "unusable"
    [again] = act(two, "return", sha256=sha, unit=OLD)
    assert (again.recorded, again.decision) == (False, first.decision)
    two.ingest()
    assert cells(two)[FIRST] == ("unusable", 0, [(NEW, MODEL)])


def test_the_same_act_under_the_new_name_is_not_recorded_again(two: House) -> None:
    made = of_one_unit(two, "return", f"{OLD}/{MODEL}")
    rename(two)
    two.ingest()
    [again] = act(two, "return", sha256=sha_of(two, f"{NEW}/{MODEL}"), unit=NEW)
    assert (again.recorded, again.decision) == (False, made)


def test_accept_is_no_longer_asked_of_the_name_that_nobody_has(two: House) -> None:
    rename(two)
    two.ingest()
    [made] = act(two, "accept", sha256=sha_of(two, f"{NEW}/{MODEL}"))
    assert made.recorded


def test_the_series_alone_says_the_same_after_a_renaming(two: House) -> None:
    of_one_unit(two, "supersede", f"{OLD}/{BOARD}", by_sha256=sha_of(two, f"{OLD}/{MODEL}"))
    of_one_unit(two, "withdraw", f"{OLD}/{MODEL}")
    rename(two)
    two.ingest()
    before = two.digest(), cells(two)
    (two.root / "index.sqlite").unlink()
    restore(settings.load(two.root, env={}), take_over=True)
    assert (two.digest(), cells(two)) == before


# -- a folder that becomes an alias -------------------------------------------------------------------------------------


def test_what_was_decided_of_an_unknown_folder_holds_when_the_folder_gets_its_unit(two: House) -> None:
    folder = "精神文明处"
    document(two.inbox / folder / "Ⅲ11-2) 公益广告办法.txt", title="示例市公益广告刊播办法", number="示文明办发〔2026〕19号")
    two.ingest()
    of_one_unit(two, "withdraw", f"{folder}/Ⅲ11-2) 公益广告办法.txt")
    table(two, Unit(OLD, aliases=(folder,)))
    two.ingest()
    assert ("III11-2", "规范文件") not in cells(two)
    assert two.manifest()[f"{OLD}/Ⅲ11-2) 公益广告办法.txt"]


# -- the lead -----------------------------------------------------------------------------------------------------------


def test_a_reassigned_item_stays_with_the_unit_that_is_called_otherwise(two: House) -> None:
    act(two, "reassign", item="III18-1", to_unit=OTHER)
    table(two, Unit("市教育体育局", former_names=(OTHER,)), without=(OTHER,))
    two.ingest()
    with two.open() as o:
        report = coverage_report(o).coverage
    assert next(i for i in report.items if i.id == "III18-1").units[0] == "市教育体育局"
    assert OTHER not in {u.name for u in report.units}
    assert "III18-1" in next(u for u in report.units if u.name == "市教育体育局").lead_of


# -- one unit's delivery and the other's --------------------------------------------------------------------------------


def test_a_delivery_of_one_unit_is_superseded_and_the_others_counts(two: House) -> None:
    new = sha_of(two, f"{OLD}/{MODEL}")
    made = of_one_unit(two, "supersede", f"{OTHER}/{BOARD}", by_sha256=new)
    line = two.manifest()[f"{OTHER}/{BOARD}"]
    assert cells(two)[CELL][:2] == ("usable", 1) and line.superseded_by is None
    with two.open() as o:
        assert o.archive.index.replaced() == {(line.sha256, OTHER)}
        sheets = {s.unit: s for s in assignments(o).sheets}
    assert (sheets[OTHER].sent, sheets[OLD].sent) == (0, 2)
    of_one_unit(two, "supersede", f"{OLD}/{BOARD}", by_sha256=new)
    assert cells(two)[CELL][:2] == ("unusable", 0)
    assert two.manifest()[f"{OTHER}/{BOARD}"].superseded_by == new
    act(two, "undo", decision=made)
    assert cells(two)[CELL][:2] == ("usable", 1) and two.manifest()[f"{OTHER}/{BOARD}"].superseded_by is None


def test_each_unit_may_have_a_newer_version_of_its_own(two: House) -> None:
    ours = document(two.inbox / OTHER / "Ⅲ18-1) 修订.txt", title="示例市诚信红黑榜发布办法修订", number="示教发〔2026〕77号")
    two.ingest()
    of_one_unit(two, "supersede", f"{OTHER}/{BOARD}", by_sha256=sha_of(two, f"{OTHER}/{ours.name}"))
    of_one_unit(two, "supersede", f"{OLD}/{BOARD}", by_sha256=sha_of(two, f"{OLD}/{MODEL}"))
    line = two.manifest()[f"{OLD}/{BOARD}"]
    assert line.superseded_by is None, "no one version took the place of both"
    with two.open() as o:
        assert o.archive.index.replaced() == {(line.sha256, OTHER), (line.sha256, OLD)}


def test_a_newer_version_answers_the_return_of_its_own_unit_only(two: House) -> None:
    sha, new = sha_of(two, f"{OTHER}/{BOARD}"), sha_of(two, f"{OLD}/{MODEL}")
    act(two, "return", sha256=sha)
    act(two, "supersede", sha256=sha, unit=OTHER, by_sha256=new)
    with two.open() as o:
        board = {u.name: u.returned for u in coverage_report(o).board}
        sheets = {s.unit: [r.path for r in s.returned] for s in assignments(o).sheets}
    assert (board[OLD], board.get(OTHER, 0)) == (1, 0)
    assert (sheets[OLD], sheets[OTHER]) == ([BOARD], [])


def test_what_is_attested_of_one_unit_says_nothing_of_the_others_delivery(two: House) -> None:
    of_one_unit(two, "attest", f"{OTHER}/{BOARD}", fact="issued_on", value="2019-01-01")
    assert cells(two)[CELL][:2] == ("usable", 1)
    act(two, "withdraw", sha256=sha_of(two, f"{OLD}/{BOARD}"), unit=OLD)
    assert cells(two)[CELL][:2] == ("unusable", 0)


def test_what_is_refused_of_one_unit_is_still_unplaced_as_the_others(two: House) -> None:
    act(two, "reject", sha256=sha_of(two, f"{OTHER}/{BOARD}"), item="III18-1", kind=DOC)
    act(two, "reject", sha256=sha_of(two, f"{OTHER}/{BOARD}"), unit=OTHER)
    with two.open() as o:
        assert [u.unit for u in View(o, o.archive.index.decisions()).unplaced()] == [OLD]


def test_bytes_are_destroyed_once_the_other_unit_withdrew_under_whatever_name(two: House) -> None:
    of_one_unit(two, "withdraw", f"{OLD}/{BOARD}")
    rename(two)
    sha = sha_of(two, f"{OTHER}/{BOARD}")
    with pytest.raises(UsageError, match="shared"):
        act(two, "withdraw", sha256=sha, unit=NEW, destroy=True, basis="批示1号")
    [made] = act(two, "withdraw", sha256=sha, unit=OTHER, destroy=True, basis="批示1号")
    assert made.recorded and CELL not in cells(two)


def test_an_event_keeps_its_evidence_when_the_unit_is_called_otherwise(two: House) -> None:
    of_one_unit(two, "negative_event", f"{OLD}/{MODEL}", entry="G15", text="某厂爆炸", on=date(2026, 5, 3))
    rename(two)
    two.ingest()
    with two.open() as o:
        [event] = [e for n in negative_list(o).entries for e in n.events]
    assert event.evidence is not None and (event.evidence.unit, event.evidence.path) == (NEW, MODEL)
