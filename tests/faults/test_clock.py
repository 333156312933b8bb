"""The clock is set while nobody looks, and while the program runs: no order, no right to write and no audit depends on it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import update

from archive_schema.decisions import Decision
from archive_schema.errors import ConflictError
from archive_schema.words import DecisionAction
from dangan import settings
from flows import audit_reports
from flows.audit import audit
from flows.decide import decide, new_id
from flows.ingest import ingest, new_run
from flows.workspace import open_workspace
from storage import process, tables
from storage.engine import Database
from storage.folder import FolderStore
from storage.index import Index
from storage.lease import Lease
from tests.faults.conftest import Undisturbed, filled
from tests.faults.trial import state_of
from tests.flows.house import NOW, House, document
from validators import rounds

LONG_AGO = NOW - timedelta(days=400)


def test_a_clock_that_jumps_at_every_look_changes_nothing(
    undisturbed: Undisturbed, new_workspace: Callable[..., House]
) -> None:
    house = filled(new_workspace(), undisturbed)
    jumps = itertools.cycle([NOW, NOW - timedelta(hours=3), NOW + timedelta(hours=5), NOW - timedelta(seconds=1)])
    with open_workspace(settings.load(house.root, env={}), now=lambda: next(jumps)) as o:
        out = ingest(o, validation=False, ocr="off").output
        head = o.archive.head()
    assert out.found == undisturbed.found == out.new + out.quarantined
    assert state_of(house) == undisturbed.state
    house.ingest(ocr="off")
    assert house.head() == (head.anchor if head else None), "nothing is left to do"


def test_what_was_decided_last_holds_though_it_bears_the_earlier_time(new_workspace: Callable[..., House]) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    house.ingest()
    [sha] = {line.sha256 for line in house.manifest().values()}

    def act(action: DecisionAction, at: datetime) -> None:
        with house.open(at) as o:
            fields = {"item": "III18-1", "kind": "规范文件"} if action is not DecisionAction.RETURN else {}
            d = Decision(id=new_id(at), action=action, by="张三", at=at, reason="试", sha256=sha, unit="市文明办", **fields)  # type: ignore[arg-type]
            decide(o, [d], new_run(at))

    def status() -> set[str]:
        [line] = house.manifest().values()
        return {p.status.value for p in line.placements}

    act(DecisionAction.REJECT, NOW)
    assert status() == {"rejected"}
    act(DecisionAction.ACCEPT, LONG_AGO)
    assert status() == {"confirmed"}
    with house.open(LONG_AGO) as o:
        assert [d.action for d in o.archive.index.decisions()] == [DecisionAction.REJECT, DecisionAction.ACCEPT]
        report = audit(o, depth="full", opening=False, only="integrity")
    assert report.output.integrity is not None and report.output.integrity.problems == []
    file = house.root / "index.sqlite"
    file.unlink()
    with house.open(LONG_AGO) as o:
        o.archive.take_over()
    assert status() == {"confirmed"}, "a replay gives the same"


def test_the_audit_before_is_the_one_written_before(new_workspace: Callable[..., House]) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    house.ingest()
    for at in (NOW, LONG_AGO, LONG_AGO):
        with house.open(at) as o:
            audit(o)
            last = audit_reports.last(o)
            assert last is not None and last.at == at


def test_what_was_compared_in_the_future_comes_round_at_once() -> None:
    groups = ("00", "01", "02", "03")
    compared = {"00": NOW, "01": LONG_AGO - timedelta(days=2), "02": LONG_AGO - timedelta(days=1), "03": LONG_AGO}
    due = rounds.due(groups, compared, began=LONG_AGO - timedelta(days=9), now=LONG_AGO, days=4)
    assert due == ("00",)


def test_a_file_of_the_future_is_taken_in(new_workspace: Callable[..., House]) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write("\n[limits]\nsettle_seconds = 60\n")
    with house.open(LONG_AGO) as o:
        assert ingest(o, validation=False).output.new == 1


# Who may write


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``jump(seconds)``: the clock that all who use the database share is set."""
    ahead = 0.0
    now = Database.now
    monkeypatch.setattr(Database, "now", lambda self, c: now(self, c) + ahead)

    def set_to(seconds: float) -> None:
        nonlocal ahead
        ahead = seconds

    return set_to


def index_of(tmp_path: Path) -> Index:
    return Index(f"sqlite:///{tmp_path / 'index.sqlite'}")


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_living_holder_keeps_the_lease_when_the_clock_is_set(
    seconds: float, tmp_path: Path, jump: Callable[[float], None]
) -> None:
    one, other = Lease(index_of(tmp_path).database, beat_seconds=0.05), Lease(index_of(tmp_path).database, beat_seconds=0.5)
    with one.hold("收件"):
        jump(seconds)
        with pytest.raises(ConflictError) as e, other.hold("审核"):
            pass
        assert e.value.code == "lease.held" and "收件" in e.value.zh
        with index_of(tmp_path).database.write() as c:
            one.fence(c)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_holder_that_fell_silent_is_taken_over_when_the_clock_is_set(
    seconds: float, tmp_path: Path, jump: Callable[[float], None]
) -> None:
    """On another host, so that nothing but its heartbeat can be asked."""
    one, other = Lease(index_of(tmp_path).database, beat_seconds=3600), Lease(index_of(tmp_path).database, beat_seconds=0.05)
    with one.hold("收件"):
        with index_of(tmp_path).database.write() as c:
            c.execute(update(tables.lease).values(host="elsewhere"))
        with pytest.raises(ConflictError), other.hold("审核"):
            pass
        jump(seconds)
        with other.hold("审核"), pytest.raises(ConflictError, match="taken over"), index_of(tmp_path).database.write() as c:
            one.fence(c)


def test_a_process_is_the_same_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    me = process.me()
    real = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: real + 3600)
    assert process.alive(me) is True
    assert process.alive(process.Process(me.host, me.pid, me.started - 3600)) is False
    assert process.alive(process.Process("elsewhere", me.pid, me.started)) is None


def test_the_files_of_a_writer_at_work_are_not_swept_when_the_clock_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = FolderStore(tmp_path)
    own = tmp_path / ".tmp" / at_work._temporary_name()
    own.write_bytes(b"half")
    foreign = tmp_path / ".tmp" / f"{'0' * 12}.1.1.aa"
    foreign.write_bytes(b"half")
    monkeypatch.setattr("time.time", lambda: datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    FolderStore(tmp_path)
    assert own.exists() and foreign.exists()
