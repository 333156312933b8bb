"""An accept confirms the placement that was looked at, whatever the machine proposes later; older records are read that way too."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.evidence import Placement
from archive_schema.words import DecisionAction, EvidenceKind, PlacementStatus
from flows import accepts
from flows.consequences import consequences
from flows.decide import decide
from flows.ingest import new_run, reassess
from tests.dangan.line import dangan
from tests.flows.acting import act
from tests.flows.house import NOW, House

DOC = EvidenceKind.DOCUMENT
FOLDER = "市文明办"
CONFIRMED = PlacementStatus.CONFIRMED


def placements(house: House, sha: str) -> dict[tuple[str, str], Placement]:
    with house.open() as o:
        return {(p.unit, p.item): p for p in o.archive.index.placements([sha])}


def confirmed(house: House, sha: str) -> set[tuple[str, str]]:
    return {k for k, p in placements(house, sha).items() if p.status is CONFIRMED}


def rename(house: House, name: str = "Ⅲ11-2 别的名字.txt") -> None:
    (file,) = (house.inbox / FOLDER).glob("*.txt")
    file.rename(file.with_name(name))
    house.ingest()


def of_an_earlier_version(house: House, sha: str, **more: object) -> str:
    """Recorded as it was before the cell was written down."""
    with house.open() as o, o.archive.lease("test"):
        d = Decision(
            id="D20261121-040000-abcdef", action=DecisionAction.ACCEPT, by="张三", at=NOW, reason="内容相符", sha256=sha, **more
        )  # type: ignore[arg-type]
        o.archive.commit(new_run(NOW), consequences(o, new_run(NOW), decisions=[d]))
    return d.id


def again(house: House) -> None:
    with house.open() as o:
        reassess(o, everything=True, validation=False)


def test_what_was_confirmed_stays_and_what_is_proposed_later_is_not_confirmed(archived: tuple[House, str]) -> None:
    house, sha = archived
    act(house, "accept", sha256=sha)
    rename(house)
    again(house)
    found = placements(house, sha)
    assert confirmed(house, sha) == {(FOLDER, "III18-1")}
    assert found[FOLDER, "III11-2"].status is not CONFIRMED, "nobody looked at it there"


def test_the_cell_stands_in_the_record_and_the_act_can_be_repeated(archived: tuple[House, str]) -> None:
    house, sha = archived
    for fields in ({}, {"item": "III18-1"}, {"kind": DOC}, {}):
        act(house, "accept", sha256=sha, **fields)
    with house.open() as o:
        [d] = o.archive.index.decisions()
    assert (d.item, d.kind, d.unit) == ("III18-1", DOC, FOLDER)


def test_of_a_file_confirmed_in_two_places_both_are_confirmed_already(archived: tuple[House, str]) -> None:
    house, sha = archived
    act(house, "accept", sha256=sha)
    act(house, "accept", sha256=sha, item="III11-2", kind=DOC)
    head = house.head()
    [answer] = act(house, "accept", sha256=sha)
    assert not answer.recorded and answer.decision and house.head() == head


def test_an_accept_of_an_earlier_version_means_what_it_confirmed_then(archived: tuple[House, str]) -> None:
    house, sha = archived
    ident = of_an_earlier_version(house, sha)
    digest, head = house.digest(), house.head()
    again(house)
    assert (house.digest(), house.head()) == (digest, head), "an archive where nothing has moved reads as before"
    rename(house)
    assert confirmed(house, sha) == {(FOLDER, "III18-1")}
    assert placements(house, sha)[FOLDER, "III18-1"].decision == ident
    act(house, "undo", decision=ident)
    assert confirmed(house, sha) == set()


def test_an_accept_of_an_earlier_version_that_changed_nothing_means_what_stood(archived: tuple[House, str]) -> None:
    house, sha = archived
    [moved] = act(house, "move", sha256=sha, item="III11-2", kind=DOC)
    of_an_earlier_version(house, sha)
    act(house, "undo", decision=moved.decision)
    assert confirmed(house, sha) == {(FOLDER, "III11-2")}


def twins(house: House, other: str) -> str:
    """The same bytes sent by another unit."""
    (file,) = (house.inbox / FOLDER).glob("*.txt")
    (house.inbox / "市教育局").mkdir(exist_ok=True)
    shutil.copy2(file, house.inbox / "市教育局" / other)
    house.ingest()
    return "市教育局"


def test_units_that_are_of_one_mind_are_confirmed_at_once(archived: tuple[House, str]) -> None:
    house, sha = archived
    other = twins(house, "Ⅲ18-1 转来.txt")
    act(house, "accept", sha256=sha)
    assert confirmed(house, sha) == {(FOLDER, "III18-1"), (other, "III18-1")}


@pytest.mark.parametrize("earlier", [True, False])
def test_who_sends_the_same_bytes_later_has_nothing_confirmed(archived: tuple[House, str], earlier: bool) -> None:
    house, sha = archived
    if earlier:
        of_an_earlier_version(house, sha)
    else:
        act(house, "accept", sha256=sha)
    twins(house, "Ⅲ11-2 转来.txt")
    assert confirmed(house, sha) == {(FOLDER, "III18-1")}


def test_an_accept_of_an_earlier_version_is_not_recorded_again_word_for_word(archived: tuple[House, str]) -> None:
    house, sha = archived
    ident = of_an_earlier_version(house, sha)
    head = house.head()
    with house.open() as o:
        [d] = o.archive.index.decisions()
        [out] = decide(o, [msgspec.structs.replace(d, id="D20261122-040000-abcdef")], new_run(NOW))
    assert (out.decision, out.recorded) == (ident, False) and house.head() == head


def test_units_that_sent_it_for_different_cells_are_confirmed_one_by_one(archived: tuple[House, str]) -> None:
    house, sha = archived
    other = twins(house, "Ⅲ11-2 转来.txt")
    head = house.head()
    with pytest.raises(UsageError) as e:
        act(house, "accept", sha256=sha)
    assert e.value.code == "decision.ambiguous" and "--unit" in e.value.hint and house.head() == head
    act(house, "accept", sha256=sha, unit=FOLDER)
    act(house, "accept", sha256=sha)
    with house.open() as o:
        assert [(d.unit, d.item) for d in o.archive.index.decisions()] == [(FOLDER, "III18-1"), (other, "III11-2")]
    assert confirmed(house, sha) == {(FOLDER, "III18-1"), (other, "III11-2")}


def test_a_segment_that_cannot_be_read_stops_nothing(archived: tuple[House, str]) -> None:
    house, sha = archived
    ident = of_an_earlier_version(house, sha)
    act(house, "not_applicable", item="III6-1")
    house.segments()[-2].write_bytes(b"{}\n")
    with house.open() as o:
        assert accepts.confirmed_then(o.archive) == {}
        [d] = accepts.spelled_out([d for d in o.archive.index.decisions() if d.id == ident], o.confirmed_then)
        assert not d.item


@pytest.mark.parametrize("earlier", [True, False])
def test_an_import_names_accepts_whose_standard_is_gone(archived: tuple[House, str], tmp_path: Path, earlier: bool) -> None:
    house, sha = archived
    if earlier:
        of_an_earlier_version(house, sha)
    else:
        act(house, "accept", sha256=sha)
    book = tmp_path / "别的目录.xlsx"
    dangan("catalogue", "export", "fujian-county", "-o", str(book))
    told = dangan("-C", str(house.root), "catalogue", "import", str(book))
    assert "1 条审核意见所指的标准不在新目录中" in told.out and "确认 III18-1 张三" in told.out
