"""Law 7 for readers: what an older reader read is read again, from the store, a bounded share a night."""

from __future__ import annotations

import os
import zipfile

import msgspec
import pytest

from archive_schema.evidence import Evidence
from archive_schema.records import EvidenceRecord
from flows import upkeep as upkeep_module
from flows.ingest import reassess
from flows.reread import outdated_readings
from tests.flows.house import House, document


def grow_old(house: House) -> dict[str, Evidence]:
    """As if every held evidence had been read by an older reader that found nothing; what was held before, by digest."""
    with house.open() as o:
        held = {e.sha256: e for e in o.archive.index.evidence()}
        old = [EvidenceRecord(msgspec.structs.replace(e, reader="text@0", facts={}), "old") for e in held.values()]
        o.archive.commit("old", old)
        assert set(outdated_readings(o)) == set(held)
    return held


@pytest.fixture
def archived(new_workspace) -> House:
    house = new_workspace()
    for n in range(3):
        document(house.inbox / "市文明办" / f"Ⅲ18-1 制度{n}.txt", number=f"示文明办发〔2026〕{n + 1}号")
    house.ingest()
    return house


def test_what_an_older_reader_read_is_read_again_without_the_inbox(archived: House) -> None:
    digest = archived.digest()
    held = grow_old(archived)
    for p in archived.inbox.rglob("*.txt"):
        p.unlink()
    archived.ingest()
    with archived.open() as o:
        assert {e.sha256: (e.facts, e.reader) for e in o.archive.index.evidence()} == {
            sha: (e.facts, e.reader) for sha, e in held.items()
        }
        assert outdated_readings(o) == []
        assert all(e.run == held[e.sha256].run for e in o.archive.index.evidence()), "it is not new"
    assert archived.digest() == digest
    head = archived.head()
    archived.ingest()
    assert archived.head() == head


def test_what_is_read_better_when_it_comes_again_is_not_new_either(archived: House) -> None:
    held = grow_old(archived)
    for p in archived.inbox.rglob("*.txt"):
        os.utime(p, ns=(1_780_000_000_000_000_000, 1_780_000_000_000_000_000))
    archived.ingest()
    with archived.open() as o:
        now = {e.sha256: (e.reader, e.run) for e in o.archive.index.evidence()}
    assert now == {sha: (e.reader, e.run) for sha, e in held.items()}


def test_what_did_not_come_out_of_an_archive_is_still_named_when_it_is_read_again(new_workspace) -> None:
    house = new_workspace()
    (house.inbox / "市文明办").mkdir(exist_ok=True)
    with zipfile.ZipFile(house.inbox / "市文明办" / "打包.zip", "w") as z:
        z.writestr("Ⅲ18-1 制度.txt", "诚信红黑榜发布制度")
        z.writestr("Ⅲ18-1 空表.xlsx", b"")
    house.ingest()
    held = grow_old(house)
    house.ingest()
    with house.open() as o:
        now = {e.sha256: (e.reader, e.state, e.detail) for e in o.archive.index.evidence()}
    assert now == {sha: (e.reader, e.state, e.detail) for sha, e in held.items()}
    assert any("空表.xlsx" in detail for _, _, detail in now.values())


def test_a_night_reads_a_share_and_says_what_is_left(archived: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep_module, "SHARE", 2)
    grow_old(archived)
    with archived.open() as o:
        result = reassess(o, validation=False)
        assert (result.reread, result.left) == (2, 1)
        assert len(outdated_readings(o)) == 1
        result = reassess(o, everything=True, validation=False)
        assert (result.reread, result.left) == (1, 0)


def test_bytes_that_are_gone_from_the_store_stop_nothing(archived: House) -> None:
    held = grow_old(archived)
    gone = sorted(held)[0]
    (archived.root / "store" / "objects" / "sha256" / gone[:2] / gone).unlink()
    archived.ingest()
    with archived.open() as o:
        assert outdated_readings(o) == [gone]
