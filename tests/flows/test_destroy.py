"""Destruction by decision: the bytes go, a tombstone stays, nobody else's material is touched, and it can be repeated."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.outputs import DecisionOutput
from archive_schema.records import WithdrawalRecord
from archive_schema.words import DecisionAction, EventType
from flows import destroy
from flows.audit import audit
from flows.copying import compare, copy
from flows.coverage import coverage_report
from flows.decide import decide, new_id
from flows.export import export
from flows.history import history
from flows.ingest import new_run
from flows.restore import restore
from flows.upkeep import upkeep
from storage import keys
from tests.dangan.line import dangan
from tests.flows.house import NOW, WINDOW, House, document
from tests.s3server import S3Server

PLACE = "市文明办/Ⅲ18-1 红黑榜发布制度.txt"
OTHER = "市教育局/转来的制度.txt"


def act(house: House, action: str = "withdraw", **fields: object) -> DecisionOutput:
    with house.open() as o:
        d = Decision(id=new_id(NOW), action=DecisionAction(action), by="张三", at=NOW, reason="误送", **fields)  # type: ignore[arg-type]
        return decide(o, [d], new_run(NOW))[0]


def destroyed(house: House, sha: str, **fields: object) -> DecisionOutput:
    return act(house, sha256=sha, destroy=True, basis="局长办公会纪要3号", **fields)


def kept(house: House, sha: str) -> set[str]:
    """Keys of whatever the store holds of an evidence."""
    with house.open() as o:
        store = o.archive.store
        return {i.key for p in (keys.object_key(sha), keys.derived_prefix(sha)) for i in store.list(p)}


def refused(house: House, code: str, sha: str, **fields: object) -> str:
    head, there = house.head(), kept(house, sha)
    with pytest.raises(UsageError) as e:
        destroyed(house, sha, **fields)
    assert e.value.code == f"destroy.{code}"
    assert (house.head(), kept(house, sha)) == (head, there) and there
    return e.value.zh


def cell(house: House) -> str:
    with house.open() as o:
        items = coverage_report(o).coverage.items
    return next(c.state.value for i in items for c in i.requirements if (i.id, c.kind) == ("III18-1", "规范文件"))


def problems(house: House, **options: object) -> list[str]:
    with house.open() as o:
        found = audit(o, only="integrity", **options).output.integrity  # type: ignore[arg-type]
    return [p.code for p in found.problems]


def house_with_a_file(house: House) -> str:
    document(house.inbox / PLACE)
    document(house.inbox / "市文明办" / "Ⅲ11-2 别的.txt", title="别的办法", number="示文明办发〔2026〕30号")
    house.ingest()
    return house.manifest()[PLACE].sha256


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, str]:
    house = House.build(tmp_path_factory.mktemp("destroy") / "ws")
    return house, house_with_a_file(house)


@pytest.fixture
def archived(settled: tuple[House, str], tmp_path: Path) -> tuple[House, str]:
    """A workspace of one's own with two files, and the digest of one."""
    house, sha = settled
    shutil.copytree(house.root, tmp_path / "ws")
    return House(tmp_path / "ws"), sha


def check_destroyed(house: House, sha: str) -> None:
    assert kept(house, sha) == set()
    assert cell(house) == "missing"
    line = house.manifest()[PLACE]
    assert (line.sha256, line.object_key) == (sha, None) and line.size > 0
    assert "object.missing" not in problems(house)
    with house.open() as o:
        [w] = o.archive.index.withdrawals()
        [d] = [d for d in o.archive.index.decisions() if d.id == w.decision]
        assert w == WithdrawalRecord(sha, "", True, True, "局长办公会纪要3号", d.id, w.run)
        assert (d.by, d.at, d.basis) == ("张三", NOW, w.basis)


def test_the_bytes_and_texts_go_and_a_tombstone_stays(archived) -> None:
    house, sha = archived
    assert len(kept(house, sha)) == 2
    destroyed(house, sha)
    check_destroyed(house, sha)
    assert [p.name for p in (house.root / "store").rglob(f"*{sha}*")] in ([], [sha]), "an empty folder at most"
    with house.open() as o:
        [deleted] = [e for e in history(o, sha).events if e.event is EventType.DELETION]
    assert "局长办公会纪要3号" in deleted.text and deleted.outcome == "success"


def test_the_same_on_an_s3_server(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    house = House.build(tmp_path / "ws", store=s3_server.bucket_url(), env=s3_server.env)
    sha = house_with_a_file(house)
    destroyed(house, sha)
    check_destroyed(house, sha)


def test_every_depth_of_the_audit_accepts_what_was_destroyed(archived) -> None:
    house, sha = archived
    destroyed(house, sha)
    for depth in ("fast", "complete", "full"):
        assert not [c for c in problems(house, depth=depth) if c.startswith("object.")], depth


def test_it_stays_destroyed_whatever_is_judged_read_sent_or_restored_again(archived) -> None:
    house, sha = archived
    destroyed(house, sha)
    with house.open() as o:
        upkeep(o, new_run(NOW), everything=True)
    os.utime(house.inbox / PLACE)
    again = house.inbox / OTHER
    again.parent.mkdir(exist_ok=True)
    shutil.copy(house.inbox / PLACE, again)
    result = house.ingest().output
    assert result.found == result.new + result.known + result.quarantined + result.waiting + result.ignored
    check_destroyed(house, sha)
    for file in house.root.glob("index.sqlite*"):
        file.unlink()
    with house.open() as o:
        place = o.workspace
    restore(place, take_over=True)
    check_destroyed(house, sha)


def test_a_withdrawal_can_be_undone_and_a_destruction_cannot(archived) -> None:
    house, sha = archived
    plain = act(house, sha256=sha)
    assert kept(house, sha) and cell(house) == "missing"
    act(house, "undo", decision=plain.decision)
    assert cell(house) == "usable"
    act(house, sha256=sha, unit="市文明办")
    burnt = destroyed(house, sha)
    head = house.head()
    with pytest.raises(UsageError, match="destroyed"):
        act(house, "undo", decision=burnt.decision)
    assert house.head() == head
    assert kept(house, sha) == set()


def test_without_a_basis_nothing_is_destroyed(archived) -> None:
    house, sha = archived
    with pytest.raises(UsageError) as e:
        act(house, sha256=sha, destroy=True)
    assert e.value.code == "destroy.no-basis" and kept(house, sha)


def test_bytes_that_another_unit_sent_are_kept_until_that_unit_withdraws_too(archived) -> None:
    house, sha = archived
    other = house.inbox / OTHER
    other.parent.mkdir(exist_ok=True)
    shutil.copy(house.inbox / PLACE, other)
    house.ingest()
    assert OTHER in refused(house, "shared", sha, unit="市文明办")
    assert OTHER in refused(house, "shared", sha), "named by its digest it is still both units'"
    act(house, sha256=sha, unit="市教育局")
    destroyed(house, sha, unit="市文明办")
    assert kept(house, sha) == set()


def test_once_withdrawn_for_every_unit_shared_bytes_can_be_destroyed(archived) -> None:
    house, sha = archived
    other = house.inbox / OTHER
    other.parent.mkdir(exist_ok=True)
    shutil.copy(house.inbox / PLACE, other)
    house.ingest()
    act(house, sha256=sha)
    destroyed(house, sha)
    assert kept(house, sha) == set()


def test_a_member_goes_only_after_or_with_the_archive_that_holds_it(new_workspace) -> None:
    house = new_workspace()
    inner = document(house.root / "a.txt")
    (house.inbox / "市文明办").mkdir(exist_ok=True)
    with zipfile.ZipFile(house.inbox / "市文明办" / "包.zip", "w") as z:
        z.write(inner, "Ⅲ18-1 制度.txt")
    house.ingest()
    lines = house.manifest()
    zipped, member = lines["市文明办/包.zip"].sha256, lines["市文明办/包.zip!/Ⅲ18-1 制度.txt"].sha256
    assert "包.zip" in refused(house, "in-container", member)
    answer = dangan(
        "-C", str(house.root), "withdraw", zipped, "--by", "张三", "--reason", "误送", "--destroy", "--basis", "纪要"
    )
    assert answer.code == 0 and f"包.zip!/Ⅲ18-1 制度.txt({member[:12]})" in answer.out
    assert kept(house, zipped) == set() and kept(house, member)
    destroyed(house, member)
    assert kept(house, member) == set()


@pytest.fixture
def second(archived: tuple[House, str], tmp_path: Path) -> House:
    """Another cycle in the same store, which holds the same bytes."""
    return another(*archived, tmp_path)


def another(house: House, sha: str, tmp_path: Path) -> House:
    store = f"folder:{house.root}/store"
    assert dangan("init", str(tmp_path / "next"), "--cycle", "c2", "--window", WINDOW, "--store", store).code == 0
    second = House(tmp_path / "next")
    document(second.inbox / PLACE)
    second.ingest()
    assert second.manifest()[PLACE].sha256 == sha
    return second


def test_bytes_that_another_cycle_holds_are_kept_until_it_withdraws_them(archived, second: House) -> None:
    house, sha = archived
    assert "c2" in refused(house, "other-cycle", sha)
    assert "c1" in refused(second, "other-cycle", sha)
    act(second, sha256=sha, unit="市文明办")
    refused(second, "other-cycle", sha)
    destroyed(house, sha)
    check_destroyed(house, sha)


def test_bytes_that_another_cycle_took_in_since_are_said_to_stay_for_its_sake(archived, tmp_path: Path) -> None:
    house, sha = archived
    destroyed(house, sha)
    second = another(house, sha, tmp_path)
    [told] = destroyed(house, sha).remarks
    assert "周期“c2”也收了同样的内容" in told and "存储没有照办" not in told
    act(second, sha256=sha)
    house.ingest(validation=False)
    assert kept(house, sha) == set() and destroyed(house, sha).remarks == []


def test_of_two_units_of_another_cycle_both_must_have_withdrawn_and_not_undone_it(archived, second: House) -> None:
    house, sha = archived
    other = second.inbox / OTHER
    other.parent.mkdir(exist_ok=True)
    shutil.copy(second.inbox / PLACE, other)
    second.ingest()
    act(second, sha256=sha, unit="市文明办")
    refused(house, "other-cycle", sha)
    whole = act(second, sha256=sha)
    act(second, "undo", decision=whole.decision)
    refused(house, "other-cycle", sha)
    act(second, sha256=sha, unit="市教育局")
    destroyed(house, sha)
    check_destroyed(house, sha)


@pytest.mark.parametrize("depth", ["fast", "complete", "full"])
def test_what_one_cycle_destroyed_the_other_that_had_withdrawn_it_never_misses(archived, second: House, depth: str) -> None:
    house, sha = archived
    document(second.inbox / "市文明办" / "Ⅲ11-2 别的.txt", title="别的办法", number="示文明办发〔2026〕30号")
    second.ingest()
    act(second, sha256=sha)
    destroyed(house, sha)
    head = second.head()
    for n in range(2):
        with second.open() as o:
            report = audit(o, only="integrity", depth=depth)
        assert report.output.integrity is not None and report.output.integrity.problems == [], n
        assert [s.objects for s in report.steps if "依决定销毁" in s.name] == [1], n
        second.ingest()
    assert second.head() != head
    check_destroyed(house, sha)


def test_the_other_cycle_takes_the_decision_over_before_the_bytes_can_come_again(archived, second: House) -> None:
    house, sha = archived
    plain = act(second, sha256=sha)
    burnt = destroyed(house, sha)
    with pytest.raises(UsageError) as e:
        act(second, "undo", decision=plain.decision)
    assert e.value.code == "destroy.destroyed"
    again = second.inbox / OTHER
    again.parent.mkdir(exist_ok=True)
    shutil.copy(second.inbox / PLACE, again)
    second.ingest()
    assert kept(house, sha) == set() and cell(second) == "missing"
    assert second.manifest()[PLACE].object_key is None and second.manifest()[PLACE].facts == {}
    with second.open() as o:
        [w] = [w for w in o.archive.index.withdrawals() if w.destroyed]
        [d] = [d for d in o.archive.index.decisions() if d.id == w.decision]
        told = [e.text for e in history(o, sha).events if e.event is EventType.DELETION]
    assert (d.id, d.by, d.at, d.basis) == (burnt.decision, "张三", NOW, "局长办公会纪要3号") and "周期“c1”" in d.reason
    assert len(told) == 1 and d.basis in told[0]
    with pytest.raises(UsageError, match="destroyed"):
        act(second, "undo", decision=plain.decision)
    head = second.head()
    second.ingest()
    assert second.head() == head, "taken over once"


def test_what_is_missing_and_not_withdrawn_or_destroyed_by_nobody_is_still_missing(archived, second: House) -> None:
    house, sha = archived
    act(second, sha256=sha)
    (house.root / "store" / keys.object_key(sha)).unlink()
    assert "object.missing" in problems(second) and "object.missing" in problems(house)


def test_a_member_stays_while_another_cycle_has_the_archive_that_holds_it(archived, second: House) -> None:
    house, sha = archived
    with zipfile.ZipFile(second.inbox / "市文明办" / "包.zip", "w") as z:
        z.write(house.inbox / PLACE, "Ⅲ18-1 制度.txt")
    second.ingest()
    act(second, sha256=sha)
    assert "c2" in refused(house, "other-cycle", sha)
    zipped = second.manifest()["市文明办/包.zip"].sha256
    destroyed(second, zipped)
    destroyed(house, sha)
    check_destroyed(house, sha)


def test_bytes_that_another_cycle_has_destroyed_are_no_longer_held_there(archived, tmp_path: Path) -> None:
    house, sha = archived
    shutil.copytree(house.root / "store", tmp_path / "backup")
    destroyed(house, sha)
    (house.root / "cycle.toml").write_text((house.root / "cycle.toml").read_text("utf-8").replace('"c1"', '"c2"'), "utf-8")
    for file in house.root.glob("index.sqlite*"):
        file.unlink()
    house.ingest()
    assert house.manifest()[PLACE].sha256 == sha and kept(house, sha)
    destroyed(house, sha)
    assert kept(house, sha) == set()


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.flows.test_destroy import House, destroyed
from storage.folder import FolderStore
before = FolderStore.delete
count = 0
def delete(self, key):
    global count
    if count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    count += 1
    before(self, key)
FolderStore.delete = delete
destroyed(House(Path(sys.argv[1])), sys.argv[2])
"""


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("then", ["ingest", "withdraw"])
def test_killed_between_the_tombstone_and_the_end_it_is_completed(archived, after: int, then: str) -> None:
    house, sha = archived
    killed = subprocess.run([sys.executable, "-c", KILLED, str(house.root), sha, str(after)], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(kept(house, sha)) == 2 - after and house.manifest()[PLACE].object_key is None, "the tombstone comes first"
    head = house.head()
    if then == "ingest":
        house.ingest()
    else:
        assert destroyed(house, sha).recorded is False
    assert house.head() == head, "what is completed is not recorded again"
    check_destroyed(house, sha)
    with house.open() as o:
        assert destroy.complete(o) == []


def test_a_second_copy_loses_it_with_the_next_run(archived, tmp_path: Path) -> None:
    house, sha = archived
    url = f"folder:{tmp_path}/second"
    with house.open() as o:
        copy(o, url)
    destroyed(house, sha)
    with house.open() as o:
        assert "copy.not-destroyed" in {d.code for d in compare(o, url).differences}
        result = copy(o, url)
        assert result.deleted == 2 and compare(o, url, full=True).differences == []
        assert copy(o, url).deleted == 0
    assert [p for p in (tmp_path / "second").rglob(f"*{sha}*") if p.is_file()] == []


def test_an_export_names_it_among_what_is_left_out(archived, tmp_path: Path) -> None:
    house, sha = archived
    destroyed(house, sha)
    with house.open() as o:
        result = export(o, tmp_path / "out", everything=True)
    assert sha not in {f.sha256 for f in result.files} and not result.damaged
    assert [x.text for x in result.left_out if x.sha256 == sha] == ["依决定销毁"]


def test_the_command_line(archived) -> None:
    house, sha = archived
    at = ("-C", str(house.root), "withdraw", PLACE, "--by", "张三", "--reason", "误送", "--destroy")
    answer = dangan(*at)
    assert answer.code == 2 and "依据" in answer.err and kept(house, sha)
    answer = dangan(*at, "--basis", "纪要", "--format", "json")
    assert answer.code == 0 and json.loads(answer.out)[0]["recorded"] is True
    assert kept(house, sha) == set()
