"""``[protection]`` of ``dangan.toml`` over a real S3 server: in effect once the doctor has proved it, and what it then means for
destruction by decision and for the audit."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.outputs import Probe
from archive_schema.protection import Lock, Retention
from archive_schema.records import WithdrawalRecord
from archive_schema.words import DecisionAction, EventType
from dangan import settings
from flows import protecting
from flows.audit import audit
from flows.audit_versions import UNPROVED
from flows.copying import copy
from flows.decide import decide, new_id
from flows.history import history
from flows.ingest import new_run
from storage import keys, series
from storage.factory import open_store
from storage.probes import probe
from storage.probing import BYPASS, HOLD, LOCK
from storage.protection import remains
from storage.s3 import S3Store
from tests.dangan.line import dangan
from tests.flows.house import NOW, House, document
from tests.s3server import S3Server

PLACE = "市文明办/Ⅲ18-1 红黑榜发布制度.txt"
UNTIL = date.today() + timedelta(days=400)  # noqa: DTZ011 - the server goes by its own clock


@pytest.fixture(autouse=True)
def a_small_throughput(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not looked at here need not be large."""
    monkeypatch.setattr("storage.probes._LARGE", 1024)
    monkeypatch.setattr("storage.probes._RACES", 1)


def new_house(root: Path, server: S3Server, retention: str, *, documents: int = 1) -> House:
    """A workspace on a new bucket that was made for locks."""
    house = House.build(root, store=server.bucket_url(), env=server.env, more=("--retention", retention))
    file = root / "dangan.toml"
    asked = f'retention = "{retention}"\nuntil = {UNTIL}\n'
    file.write_text(file.read_text("utf-8").replace(f'retention = "{retention}"\n', asked, 1), "utf-8")
    for n in range(documents):
        place = root / "inbox" / (PLACE if n == 0 else f"市文明办/Ⅲ11-2 办法{n}.txt")
        document(place, title=f"某项办法{n}", number=f"示文明办发〔2026〕{n + 3}号")
    return house


@pytest.fixture
def locked(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], House]:
    """``locked("governance")``: nothing is ingested, nothing proved."""
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    return lambda retention: new_house(tmp_path / "ws", s3_server, retention)


@pytest.fixture(scope="module")
def town(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A governance retention that was proved, and documents stored under it: every test takes one that no other takes."""
    house = new_house(tmp_path_factory.mktemp("town") / "ws", s3_server, "governance", documents=7)
    proved(house)
    house.ingest()
    return house


def store_of(house: House) -> S3Store:
    with house.open() as o:
        assert isinstance(o.archive.store, S3Store)
        return o.archive.store


def proved(house: House) -> bool:
    """What the doctor does about the store, without the rest of it; whether it was recorded."""
    with house.open() as o:
        return protecting.record(o, new_run(NOW), probe(o.archive.store, o.workspace.protection))


def sha_of(house: House, n: int = 0) -> str:
    return house.manifest()[PLACE if n == 0 else f"市文明办/Ⅲ11-2 办法{n}.txt"].sha256


def key_of(house: House, n: int = 0) -> str:
    return keys.object_key(sha_of(house, n))


def withdrawal(sha: str, **more: object) -> Decision:
    fields = {"by": "张三", "at": NOW, "reason": "误送", "sha256": sha} | more
    return Decision(id=new_id(NOW), action=DecisionAction.WITHDRAW, **fields)  # type: ignore[arg-type]


def destroy(house: House, sha: str) -> None:
    with house.open() as o:
        decide(o, [withdrawal(sha, destroy=True, basis="纪要3号")], new_run(NOW))


def problems(house: House, depth: str = "fast") -> list[tuple[str, str]]:
    with house.open() as o:
        found = audit(o, only="integrity", depth=depth, opening=False).output.integrity
    assert found is not None
    return [(p.code, p.key) for p in found.problems]


def told_of(house: House, key: str) -> set[str]:
    """Codes of the problems with an object."""
    return {code for code, k in problems(house) if k == key}


def behind_our_back(store: S3Store, key: str, data: bytes | None) -> None:
    """Delete (None) or overwrite as somebody with the client would."""
    if data is None:
        store._client.remove_object(bucket_name=store._bucket, object_name=store._name(key))
    else:
        store._put(key, io.BytesIO(data), len(data))


# -- taking effect -----------------------------------------------------------------------------------------------------------


def test_it_takes_effect_once_proved_and_what_was_stored_before_is_locked_on_request(locked) -> None:
    house = locked("governance")
    answer = dangan("-C", str(house.root), "ingest", "--no-validation")
    assert answer.code == 0 and "还没有生效" in answer.err and "dangan doctor" in answer.err
    store, key = store_of(house), key_of(house)
    assert store.lock is None and store.lock_of(key) == Lock()
    with house.open() as o:
        assert UNPROVED in audit(o, only="integrity", depth="complete").output.unchecked

    assert proved(house)
    wanted = store_of(house).lock
    assert wanted is not None and wanted.mode is Retention.GOVERNANCE and wanted.until is not None
    assert wanted.until.astimezone(ZoneInfo("Asia/Shanghai")).date() == UNTIL
    document(house.inbox / "市文明办" / "Ⅲ11-2 别的.txt", title="别的办法", number="示文明办发〔2026〕30号")
    answer = dangan("-C", str(house.root), "ingest", "--no-validation")
    assert answer.code == 0 and "注意" not in answer.err
    newer = keys.object_key(house.manifest()["市文明办/Ⅲ11-2 别的.txt"].sha256)
    assert store.lock_of(newer) == wanted and store.lock_of(key) == Lock()
    assert store.lock_of(series.segment_keys(store, "c1")[-1]) == wanted
    assert store.lock_of(keys.head_key("c1")) == Lock()

    assert [code for code, _ in problems(house, "complete")] == ["object.unlocked"]
    with house.open() as o:
        assert protecting.lock_stored(o).locked > 1 and store.lock_of(key) == wanted
        assert protecting.lock_stored(o).locked == 0
    assert problems(house, "complete") == []


def test_other_settings_rest_until_they_are_proved_themselves(locked) -> None:
    house = locked("governance")
    proved(house)
    file = house.root / "dangan.toml"
    before = file.read_text("utf-8")
    file.write_text(before.replace("[protection]\n", "[protection]\nlegal_hold = true\n", 1), "utf-8")
    assert store_of(house).lock is None
    with house.open() as o:
        assert set(protecting.unproved(o)) == {LOCK, HOLD}
        with pytest.raises(UsageError) as e:
            protecting.lock_stored(o)
        assert e.value.code == "protection.unproved"
    proved(house)
    lock = store_of(house).lock
    assert lock is not None and lock.hold and lock.until is not None
    file.write_text(before.replace(f"until = {UNTIL}", "until = 2020-01-01"), "utf-8")
    proved(house)
    with house.open() as o:
        assert isinstance(o.archive.store, S3Store) and o.archive.store.lock is None, "a date that is over locks nothing"
        assert "已过" in protecting.warnings(o)[0] and protecting.in_effect(o) == ""


def test_a_bucket_without_object_lock_is_told_and_used_without(s3_server: S3Server, locked) -> None:
    house = locked("governance")
    plain = s3_server.bucket_url()
    open_store(plain, base=house.root, env=s3_server.env)
    file = house.root / "dangan.toml"
    lines = [f'store = "{plain}"' if x.startswith("store") else x for x in file.read_text("utf-8").splitlines()]
    file.write_text("\n".join(lines), "utf-8")
    proved(house)
    with house.open() as o:
        assert protecting.unproved(o) == [LOCK] and protecting.last(o)["probes"][LOCK] == "not ok"
    house.ingest()
    assert store_of(house).lock is None and sha_of(house)


def test_a_folder_says_that_it_protects_nothing(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws", more=("--retention", "governance"))
    proved(house)
    with house.open() as o:
        assert "文件夹" in protecting.warnings(o)[0] and protecting.in_effect(o) == ""


def test_the_result_is_recorded_once_and_again_when_it_differs(locked, monkeypatch: pytest.MonkeyPatch) -> None:
    house = locked("governance")
    at = ("-C", str(house.root), "doctor", "--format", "json")
    assert dangan(*at, "--no-record").code == 0 and house.head() is None
    first = {p["name"]: p for p in json.loads(dangan(*at).out)}
    head = house.head()
    assert head is not None and first["体检结果"]["text"] == "已记入清单" and first["保护设置"]["ok"] is True
    monkeypatch.setattr("storage.probes._throughput", lambda store: "写 1 MB/s")
    again = {p["name"]: p for p in json.loads(dangan(*at, "--lock").out)}
    assert house.head() == head and "没有重复记录" in again["体检结果"]["text"] and again["锁定已收存的"]["ok"] is True
    with house.open() as o:
        [event] = o.archive.index.run_events()
    assert event.event is EventType.VALIDATION and event.detail["probes"][LOCK] == "ok"
    assert "MB/s" not in str(event.detail), "nothing that is measured"
    with house.open() as o:
        found = [Probe(name, state == "ok" or None, "") for name, state in protecting.last(o)["probes"].items()]
        assert protecting.record(o, new_run(NOW), [*found, Probe("另一项", False, "")])
    assert house.head() != head


# -- compliance --------------------------------------------------------------------------------------------------------------


def test_compliance_is_warned_of_at_init_doctor_and_ingest(locked) -> None:
    house = locked("compliance")
    root = ("-C", str(house.root))
    said = f"在 {UNTIL} 之前任何人(包括存储管理员)都不能删除"
    assert said in dangan("init", str(house.root)).out
    assert said in dangan(*root, "doctor", "--no-record").out
    (house.inbox / PLACE).unlink()
    assert said in dangan(*root, "ingest", "--no-validation").err


def test_compliance_is_never_without_being_named(tmp_path: Path) -> None:
    plain = dangan("init", str(tmp_path / "plain"))
    assert plain.code == 0 and "注意" not in plain.out
    assert not settings.load(tmp_path / "plain", env={}).protection.wanted
    text = (tmp_path / "plain" / "dangan.toml").read_text("utf-8")
    shown = text.replace("# [protection]", "[protection]").replace("# retention", "retention").replace("# until", "until")
    (tmp_path / "plain" / "dangan.toml").write_text(shown, "utf-8")
    assert settings.load(tmp_path / "plain", env={}).protection.retention is Retention.GOVERNANCE, "nor by the template"


@pytest.mark.parametrize("wrong", ['retention = "forever"', "retain = 3", 'until = "soon"', 'versioning = "yes"'])
def test_a_protection_written_wrong_is_refused(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "dangan.toml").write_text(f"[protection]\n{wrong}\n", "utf-8")
    with pytest.raises(UsageError) as e:
        settings.load(tmp_path, env={})
    assert "[protection]" in e.value.zh and "governance" in e.value.zh


# -- destruction by decision -----------------------------------------------------------------------------------------------


def test_a_decision_passes_a_governance_retention_and_that_is_recorded(town: House) -> None:
    sha, store = sha_of(town), store_of(town)
    assert store.lock_of(keys.object_key(sha)).mode is Retention.GOVERNANCE
    destroy(town, sha)
    assert remains(store, keys.object_key(sha)) == remains(store, keys.derived_prefix(sha)) == []
    with town.open() as o:
        told = [e for e in history(o, sha).events if "越过" in e.text]
    assert [e.event for e in told] == [EventType.DELETION] and told[0].detail["by"] == "张三"
    assert told[0].detail["basis"] == "纪要3号" and "治理保留" in told[0].text
    assert told_of(town, keys.object_key(sha)) == set()


@pytest.mark.parametrize(
    ("n", "code", "said"), [(1, "compliance", "合规保留"), (2, "held", "依法保全"), (3, "no-bypass", "无权越过")]
)
def test_what_the_store_will_not_delete_is_not_recorded_as_destroyed(
    town: House, monkeypatch: pytest.MonkeyPatch, n: int, code: str, said: str
) -> None:
    for name, value in town.env.items():
        monkeypatch.setenv(name, value)
    sha, store = sha_of(town, n), store_of(town)
    key, seconds = keys.object_key(sha), store.server_time() + timedelta(seconds=90)
    if code == "compliance":  # its governance retention is lifted first, as only who may bypass it can
        data = store.get(key)
        store.erase(key)
        store.put_bytes(key, data)
        store.lock = None
        store.erase(key)
        store.put_bytes(key, data)
        store.set_lock(key, Lock(Retention.COMPLIANCE, seconds))
    elif code == "held":
        store.set_lock(key, Lock(hold=True))
    else:
        monkeypatch.setattr(protecting, "cannot_bypass", lambda o: True)
    head = town.head()
    with pytest.raises(UsageError) as e:
        destroy(town, sha)
    assert e.value.code == f"destroy.{code}" and e.value.hint
    assert town.head() == head and remains(store, key), "nothing was recorded, nothing deleted"
    answer = dangan("-C", str(town.root), "withdraw", sha, "--by", "张三", "--reason", "误送", "--destroy", "--basis", "纪要")
    assert answer.code == 2 and said in answer.err and "怎么办" in answer.err and town.head() == head
    with town.open() as o:
        assert decide(o, [withdrawal(sha)], new_run(NOW))[0].recorded, "it can be withdrawn all the same"
        assert sha not in o.archive.index.destroyed()


def test_a_key_without_the_right_to_bypass_is_found_by_the_doctor_and_asked_before_destroying(town: House) -> None:
    with town.open() as o:
        assert not protecting.cannot_bypass(o)
        found = protecting.last(o)["probes"]
        states = {name: state == "ok" or None for name, state in found.items()} | {BYPASS: None}
        protecting.record(o, new_run(NOW), [Probe(name, ok, "") for name, ok in states.items()])
        assert protecting.cannot_bypass(o)
    proved(town)


def test_a_lock_that_came_after_the_decision_is_left_for_later_and_stops_no_ingest(town: House, monkeypatch, caplog) -> None:
    sha, store = sha_of(town, 4), store_of(town)
    key = keys.object_key(sha)
    monkeypatch.setattr("flows.destroy._refuse_locked", lambda o, sha256: store.set_lock(key, Lock(hold=True)))
    with caplog.at_level(logging.WARNING):
        destroy(town, sha)
    assert key in caplog.text and remains(store, key) == [key]
    town.ingest()
    assert told_of(town, key) == {"object.not-destroyed"}
    store.release_hold(key)
    town.ingest()
    assert remains(store, key) == [] and told_of(town, key) == set()


# -- versions ------------------------------------------------------------------------------------------------------------------


def test_the_audit_sees_what_a_listing_does_not_show_and_nothing_of_it_survives_destruction(town: House) -> None:
    sha, store = sha_of(town, 5), store_of(town)
    key = keys.object_key(sha)
    data = store.get(key)
    assert told_of(town, key) == set()
    behind_our_back(store, key, data)
    assert told_of(town, key) == set(), "a second version with the same bytes, as two writers leave it"
    behind_our_back(store, key, data[::-1])
    behind_our_back(store, key, data)
    assert told_of(town, key) == {"object.replaced"}
    behind_our_back(store, key, None)
    assert told_of(town, key) == {"object.missing", "object.hidden", "object.replaced"}
    assert store.stat(key) is None and len(list(store.versions(key))) == 5
    record = WithdrawalRecord(sha256=sha, unit="", in_force=True, destroyed=True, basis="纪要", decision="D1", run="R9")
    with town.open() as o:
        o.archive.commit("R9", [record])
    assert told_of(town, key) == {"object.not-destroyed"}, "hidden, and its bytes survive"
    town.ingest()
    assert list(store.versions(key)) == [] and told_of(town, key) == set()


def test_a_segment_that_was_hidden_is_seen(town: House) -> None:
    store = store_of(town)
    first = series.segment_keys(store, "c1")[0]
    data = store.get(first)
    behind_our_back(store, first, None)
    assert ("object.hidden", first) in problems(town)
    behind_our_back(store, first, data)
    assert told_of(town, first) == set()


def test_a_copy_under_a_lock_loses_what_was_destroyed_too_and_names_what_it_cannot(town: House, s3_server: S3Server) -> None:
    sha, url = sha_of(town, 6), s3_server.bucket_url()
    asked = settings.load(town.root).protection
    target = open_store(url, base=town.root, env=s3_server.env, protection=asked)
    assert isinstance(target, S3Store)
    key = keys.object_key(sha)
    with town.open() as o:
        copy(o, url, env=s3_server.env)
    target.set_lock(key, Lock(hold=True))
    destroy(town, sha)
    with town.open() as o:
        assert [(p.code, p.key) for p in copy(o, url, env=s3_server.env).differences] == [("copy.not-destroyed", key)]
        target.release_hold(key)
        target.set_lock(key, Lock(Retention.GOVERNANCE, target.server_time() + timedelta(days=1)))
        assert copy(o, url, env=s3_server.env).differences == [] and remains(target, key) == []
