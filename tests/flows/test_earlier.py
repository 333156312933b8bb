"""Pictures of earlier cycles in the same store: found, named, read once, and only from cycles that are earlier."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from archive_schema.evidence import Evidence, Fact, Placement, Source
from archive_schema.records import EvidenceRecord, PlacementRecord, Record, SourceRecord, SupersedeRecord, WithdrawalRecord
from archive_schema.words import EvidenceKind, PlacementMethod, PlacementStatus, ReadState
from dangan import cli
from flows import earlier
from flows.config import config_records
from flows.ingest import new_run
from tests.flows.house import NOW, House, photo
from tests.flows.test_crosswise import arrive, crosswise

LAST_YEAR, ONE, TWO, THREE = "Ⅲ13-3 好人榜揭幕.jpg", "Ⅲ13-3 好人榜现场.jpg", "Ⅲ8-2 实践活动.jpg", "Ⅲ9-2 孝敬活动.jpg"
UNIT, OTHER = "市文明办", "市教育局"


def next_year(day: int) -> datetime:
    return datetime(2027, 4, day, 9, 30)  # noqa: DTZ001 - cameras know no zone


def beside(first: House, root: Path, cycle: str = "c2", window: str = "2026-11-01..2027-10-31") -> House:
    """Another cycle in the store of ``first``."""
    store = (first.root / "store").resolve()
    assert cli.run(["init", str(root), "--cycle", cycle, "--window", window, "--store", f"folder:{store}"]) == 0
    return House(root)


def test_beside_another_cycle_it_is_said_that_the_units_table_begins_anew(
    archived: tuple[House, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = beside(archived[0], tmp_path / "next")
    told = capsys.readouterr().out
    assert "存储里另有测评周期 c1: 它的单位表" in told and "曾用名" in told and "dangan units import" in told
    beside(archived[0], house.root)
    assert "不会带过来" not in capsys.readouterr().out, "the table was there"


def picture(n: int, item: str = "III13-3", *, status: PlacementStatus = PlacementStatus.AUTO) -> list[Record]:
    """The records of a picture without its bytes."""
    sha, path = f"{n:064x}", f"照片{n}.jpg"
    facts = {"fingerprint": Fact(value=f"{n:016x}", method="image@2/dct-64")}
    placed = Placement(sha, UNIT, item, EvidenceKind.PHOTO, PlacementMethod.NUMBER, None, status)
    return [
        EvidenceRecord(Evidence(sha, 1, "image/jpeg", "image@2", ReadState.READ, facts), "r"),
        SourceRecord(Source(UNIT, path, UNIT, True, sha, 1, 0, NOW), "r"),
        PlacementRecord(sha, UNIT, (placed,), (), None, "test@1", "r"),
    ]


def hold(house: House, *records: Record) -> None:
    with house.open() as o:
        run = new_run(NOW)
        o.archive.commit(run, [*config_records(o, run), *records])


def told(house: House) -> list[tuple[str, str, str]]:
    """(cycle, item, path) of what the present pictures would be compared with."""
    with house.open() as o:
        return [(p.cycle, p.item, p.file) for p in earlier.earlier_pieces(o)]


def said(house: House, path: str) -> str:
    with house.open() as o:
        (sha,) = {s.sha256 for s in o.archive.index.sources() if s.path == path}
        return "\n".join(x.text for f in o.archive.index.findings([sha]) if f.origin == "crosswise" for x in f.outcomes)


def test_a_picture_of_an_earlier_cycle_is_told_with_cycle_item_and_path_and_to_another_unit_without_the_path(
    new_workspace, tmp_path: Path
) -> None:
    first = new_workspace()
    photo(first.inbox / UNIT / LAST_YEAR, quality=85)
    arrive(first)
    now = beside(first, tmp_path / "c2")
    shutil.copy(first.inbox / UNIT / LAST_YEAR, now.inbox / UNIT / ONE)  # the very same bytes
    photo(now.inbox / OTHER / TWO, quality=60, taken_at=next_year(5))  # saved anew
    photo(now.inbox / UNIT / THREE, seed="another", scene="meeting", taken_at=next_year(6))
    arrive(now)
    found = crosswise(now)
    assert found[ONE] == {("REUSED", False)} and ("REUSED", False) in found[TWO] and THREE not in found
    assert "c1 的 III13-3" in said(now, ONE) and f"({LAST_YEAR})" in said(now, ONE)
    assert "c1 的 III13-3" in said(now, TWO)
    assert f"{UNIT}的来件" in said(now, TWO) and LAST_YEAR not in said(now, TWO)


@pytest.fixture
def years(new_workspace, tmp_path: Path) -> tuple[House, House]:
    """A cycle that holds one picture, and the next one in the same store."""
    first = new_workspace()
    hold(first, *picture(1))
    return first, beside(first, tmp_path / "c2")


def test_the_earlier_cycle_is_compared_with_nothing_of_the_later_one(years) -> None:
    first, now = years
    hold(now, *picture(2))
    assert told(first) == [] and told(now) == [("c1", "III13-3", "照片1.jpg")]


def test_a_cycle_of_the_same_period_is_no_earlier_one(years, tmp_path: Path) -> None:
    first, _ = years
    assert told(beside(first, tmp_path / "c3", "c3", "2025-11-01..2026-10-31")) == []


def test_a_series_is_read_once_and_again_when_it_has_grown(years, monkeypatch: pytest.MonkeyPatch) -> None:
    first, now = years
    read: list[str] = []
    whole = earlier._read

    def counted(o, name, head):  # type: ignore[no-untyped-def]
        read.append(name)
        return whole(o, name, head)

    monkeypatch.setattr(earlier, "_read", counted)
    assert told(now) == told(now) and read == ["c1"]
    hold(first, *picture(2, "III8-2"))
    assert {p for _, _, p in told(now)} == {"照片1.jpg", "照片2.jpg"} and read == ["c1", "c1"]


@pytest.mark.parametrize(
    "record",
    [
        WithdrawalRecord(f"{1:064x}", UNIT, True, False, "报错", "d", "r"),
        WithdrawalRecord(f"{1:064x}", "", True, True, "报错", "d", "r"),
        SupersedeRecord(f"{1:064x}", f"{2:064x}", "d", "r"),
        picture(1, status=PlacementStatus.REJECTED)[-1],
    ],
)
def test_what_counts_no_more_in_the_earlier_cycle_is_free_again(years, record: Record) -> None:
    first, now = years
    assert told(now)
    hold(first, record)
    assert told(now) == []


def test_a_damaged_series_stops_nothing_and_what_was_read_of_it_stands(years, caplog) -> None:
    first, now = years
    before = told(now)
    hold(first, *picture(2))
    segment = first.segments()[0]
    segment.chmod(0o644)
    segment.write_bytes(segment.read_bytes()[:-20])
    assert told(now) == before != [] and "cycle c1 could not be compared with" in caplog.text
