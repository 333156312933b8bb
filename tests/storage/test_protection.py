"""Versions and locks: what the S3 store does with them on a real server, what it leaves alone, and that a folder has neither."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive_schema.canonical import sha256
from archive_schema.protection import Lock, Protection, Retention
from storage import keys
from storage.factory import open_store
from storage.folder import FolderStore
from storage.probes import probe
from storage.probing import BYPASS, FOLDER, HOLD, LOCK, VERSIONS
from storage.protection import ObjectLocked, Versioned, erase, remains
from storage.s3 import PART, S3Store
from tests.s3server import S3Server

GOVERNANCE, COMPLIANCE = Retention.GOVERNANCE, Retention.COMPLIANCE
LOCKED = Protection(retention=GOVERNANCE)
DATA = "材料".encode() * 1000
KEY = keys.object_key(sha256(DATA))
SEGMENT = keys.segment_key("c1", 1, "R1")

New = Callable[..., S3Store]


@pytest.fixture
def bucket(s3_server: S3Server, tmp_path: Path) -> New:
    """Opens a bucket that nobody used yet, made for a protection."""

    def make(protection: Protection = LOCKED, url: str = "") -> S3Store:
        store = open_store(f"{url or s3_server.bucket_url()}/有", base=tmp_path, env=s3_server.env, protection=protection)
        assert isinstance(store, S3Store) and isinstance(store, Versioned)
        return store

    return make


def soon(**of: int) -> datetime:
    return (datetime.now(UTC) + timedelta(**of)).replace(microsecond=0)


def put(store: S3Store, path: Path, data: bytes) -> str:
    path.write_bytes(data)
    key = keys.object_key(sha256(data))
    store.put_file(key, path, sha256=sha256(data), size=len(data))
    return key


# -- what is locked --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1000, PART + 1], ids=["one part", "several parts"])
def test_an_object_is_locked_however_it_was_uploaded(bucket: New, tmp_path: Path, size: int) -> None:
    """RGW drops a retention that an upload in parts announces."""
    store = bucket()
    store.lock = Lock(GOVERNANCE, soon(days=2), hold=False)
    key = put(store, tmp_path / "f", b"x" * size)
    assert store.lock_of(key) == store.lock
    with pytest.raises(ObjectLocked) as e:
        store.delete(key)
    assert "治理保留" in e.value.zh and e.value.path == key
    assert store.get(key) == b"x" * size and [v.current for v in store.versions(key)] == [True], "not even hidden"


def test_what_replaces_altered_bytes_is_locked_and_the_altered_ones_stay_below(bucket: New, tmp_path: Path) -> None:
    store = bucket()
    store.lock = Lock(GOVERNANCE, soon(days=2))
    store.put_bytes(KEY, b"altered")
    (tmp_path / "f").write_bytes(DATA)
    assert store.put_file(KEY, tmp_path / "f", sha256=sha256(DATA), size=len(DATA), replace=True)
    assert [(v.current, v.size) for v in store.versions(KEY)] == [(True, len(DATA)), (False, 7)]
    assert [store.lock_of(KEY, v.id) for v in store.versions(KEY)] == [store.lock] * 2


def test_only_objects_and_segments_are_locked(bucket: New) -> None:
    store = bucket()
    store.lock = Lock(GOVERNANCE, soon(days=2), hold=True)
    others = [
        keys.head_key("c1"),
        keys.report_key("a"),
        keys.check_key("quarantine/q"),
        keys.derived_key(sha256(DATA), "text@1"),
    ]
    for key in (KEY, SEGMENT, *others):
        store.put_bytes(key, DATA)
    assert [store.lock_of(key) for key in (KEY, SEGMENT)] == [store.lock] * 2
    assert [store.lock_of(key) for key in others] == [Lock()] * len(others)
    for key in others:
        store.put_bytes(key, b"another", replace=True)
        store.delete(key)
    assert remains(store, "reports/") == remains(store, "cycles/c1/HEAD") == []


def test_what_a_killed_run_left_without_its_lock_gets_it_with_the_next_put(bucket: New, tmp_path: Path) -> None:
    store = bucket()
    put(store, tmp_path / "f", DATA)
    store.put_bytes(SEGMENT, b"s")
    assert store.lock_of(KEY) == store.lock_of(SEGMENT) == Lock()
    store.lock = Lock(GOVERNANCE, soon(days=2))
    put(store, tmp_path / "f", DATA)
    store.put_bytes(SEGMENT, b"s")
    assert store.lock_of(KEY) == store.lock_of(SEGMENT) == store.lock
    assert len(list(store.versions(""))) == 2, "nothing is written twice"


def test_a_lock_is_never_shortened_nor_weakened(bucket: New) -> None:
    store = bucket()
    longer = Lock(GOVERNANCE, soon(days=9))
    store.put_bytes(KEY, DATA)
    store.set_lock(KEY, longer)
    store.lock = Lock(GOVERNANCE, soon(days=2))
    store.put_bytes(KEY, DATA)
    assert store.lock_of(KEY) == longer


def test_the_nanoseconds_of_a_retention_are_read(bucket: New) -> None:
    store = bucket()
    until = soon(days=2).replace(microsecond=178_000)
    store.put_bytes(KEY, DATA)
    store.set_lock(KEY, Lock(GOVERNANCE, until))
    assert store.lock_of(KEY).until == until
    with pytest.raises(ValueError, match="000000Z"):  # the client's own way; when it can, lock_of may use it
        store._client.get_object_retention(bucket_name=store._bucket, object_name=store._name(KEY))


# -- who may delete --------------------------------------------------------------------------------------------------------


def test_a_governance_retention_is_passed_by_erase_alone(bucket: New) -> None:
    store = bucket()
    store.lock = Lock(GOVERNANCE, soon(days=2))
    store.put_bytes(KEY, DATA)
    with pytest.raises(ObjectLocked):
        store.delete(KEY)
    erase(store, KEY)
    assert remains(store, KEY) == []


@pytest.mark.parametrize("mode", [COMPLIANCE, Retention.NONE], ids=["compliance", "hold"])
def test_compliance_and_a_hold_are_passed_by_nobody(bucket: New, mode: Retention) -> None:
    store = bucket()
    lock = store.lock = Lock(hold=True) if mode is Retention.NONE else Lock(mode, store.server_time() + timedelta(seconds=90))
    store.put_bytes(KEY, DATA)
    for delete in (store.delete, store.erase):
        with pytest.raises(ObjectLocked):
            delete(KEY)
    assert store.get(KEY) == DATA
    if lock.hold:
        store.release_hold(KEY)
        store.delete(KEY)
        assert remains(store, KEY) == []


# -- versions --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protection", [Protection(versioning=True), LOCKED, Protection()], ids=["versions", "lock", "neither"])
def test_deleting_leaves_no_version_and_no_marker(bucket: New, protection: Protection) -> None:
    store = bucket(protection)
    assert store.versioning() == protection.wanted and store.lockable() == protection.locks
    store.put_bytes("reports/a", b"1")
    store.put_bytes("reports/a", b"2", replace=True)
    store.put_bytes("reports/a-more", b"another key with the same beginning")
    store._client.remove_object(bucket_name=store._bucket, object_name=store._name("reports/a"))  # behind our back: hides it
    assert store.stat("reports/a") is None
    assert (len([v for v in store.versions("reports/a") if v.key == "reports/a"]) > 0) is protection.wanted
    store.delete("reports/a")
    assert remains(store, "") == ["reports/a-more"]
    store.delete("reports/a")  # no error, and no marker
    assert [(v.key, v.current, v.marker) for v in store.versions("")] == [("reports/a-more", True, False)]


def test_versions_that_began_later_are_deleted_with_what_was_before(bucket: New) -> None:
    store = bucket(Protection())
    store.put_bytes("reports/a", b"1")
    store.keep_versions()
    store.put_bytes("reports/a", b"2", replace=True)
    assert [v.current for v in store.versions("reports/a")] == [True, False]
    store.delete("reports/a")
    assert remains(store, "") == []


def test_a_bucket_that_is_there_already_is_left_as_it_is(bucket: New, s3_server: S3Server) -> None:
    url = s3_server.bucket_url()
    bucket(Protection(), url)
    again = bucket(Protection(versioning=True, retention=GOVERNANCE), url)
    assert not again.versioning() and not again.lockable()


# -- the settings ----------------------------------------------------------------------------------------------------------


def test_the_last_day_ends_at_midnight_of_the_zone_and_is_the_years_end_unless_told() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    of_cycle = LOCKED.lock(date(2026, 10, 31), zone)
    assert of_cycle.until == datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    told = Protection(retention=GOVERNANCE, until=date(2027, 6, 1)).lock(date(2026, 10, 31), zone)
    assert told.until == datetime(2027, 6, 1, 15, 59, 59, tzinfo=UTC)
    assert told.retained(datetime(2027, 6, 1, 15, 59, 58, tzinfo=UTC)) and not told.retained(told.until)


def test_a_lock_covers_what_is_shorter_or_milder() -> None:
    day, later = soon(days=1), soon(days=2)
    assert Lock(GOVERNANCE, later).covers(Lock(GOVERNANCE, day)) and not Lock(GOVERNANCE, day).covers(Lock(GOVERNANCE, later))
    assert Lock(COMPLIANCE, day).covers(Lock(GOVERNANCE, day)) and not Lock(GOVERNANCE, day).covers(Lock(COMPLIANCE, day))
    assert not Lock(GOVERNANCE, day).covers(Lock(GOVERNANCE, day, hold=True)) and Lock(hold=True).covers(Lock(hold=True))
    assert Lock().covers(Lock())


# -- the doctor's probes -----------------------------------------------------------------------------------------------------


def states(store: object, protection: Protection) -> dict[str, bool | None]:
    return {p.name: p.ok for p in probe(store, protection)}  # type: ignore[arg-type]


COMMON = {"存储读写": True, "校验": True, "列举一致": True, "并发写入": True, "吞吐": True}
OF_S3 = COMMON | {"时钟": True}


@pytest.mark.parametrize(
    ("made", "asked", "expected"),
    [
        (Protection(), Protection(), {VERSIONS: None, LOCK: None}),
        (Protection(), Protection(versioning=True), {VERSIONS: True, LOCK: None}),
        (Protection(), LOCKED, {VERSIONS: None, LOCK: False}),
        (LOCKED, LOCKED, {VERSIONS: True, LOCK: True, BYPASS: True, HOLD: True}),
        (LOCKED, Protection(retention=COMPLIANCE), {VERSIONS: True, LOCK: True, BYPASS: True, HOLD: True}),
    ],
    ids=["nothing", "versions switched on", "no lock in an old bucket", "governance", "compliance"],
)
def test_a_bucket_is_probed_and_left_as_it_was(
    bucket: New, made: Protection, asked: Protection, expected: dict[str, bool | None]
) -> None:
    store = bucket(made)
    store.put_bytes(KEY, DATA)
    assert states(store, asked) == OF_S3 | expected
    assert [(v.key, v.current) for v in store.versions("")] == [(KEY, True)], "nothing is left behind, no marker either"


def test_a_folder_is_probed_and_left_as_it_was(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    before = sorted(tmp_path.rglob("*"))
    of_folder = COMMON | {"落盘(fsync)": True, "原子改名": True, "文件名大小写": True, "存储磁盘空间": True}
    assert states(store, Protection()) == of_folder
    assert states(store, LOCKED) == of_folder | {VERSIONS: False}
    assert [p for p in sorted(tmp_path.rglob("*")) if p not in before] == [tmp_path / "store" / "reports"]
    assert not isinstance(store, Versioned)


def test_what_a_killed_doctor_left_is_removed_by_the_next(bucket: New) -> None:
    store = bucket()
    store.put_bytes(f"{FOLDER}probe-left", b"x")
    store.set_lock(f"{FOLDER}probe-left", Lock(GOVERNANCE, soon(days=1)))
    probe(store, LOCKED)
    assert remains(store, "") == []


class Lying(FolderStore):
    """A store that does not keep its word in one thing."""

    lie = ""

    def put_bytes(self, key: str, data: bytes, *, replace: bool = False) -> bool:
        if self.lie == "bytes":
            data = data[:-1] + b"?"
        return super().put_bytes(key, data, replace=replace)

    def delete(self, key: str) -> None:
        if self.lie != "delete":
            super().delete(key)


class LyingBucket:
    """A bucket whose locks do not hold."""

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self.lock: Lock | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def delete(self, key: str) -> None:
        self._store.erase(key)


@pytest.mark.parametrize(("lie", "wrong"), [("bytes", "并发写入"), ("delete", "列举一致")])
def test_a_store_that_does_not_keep_its_word_is_not_ok(tmp_path: Path, lie: str, wrong: str) -> None:
    store = Lying(tmp_path / "store")
    store.lie = lie
    assert states(store, Protection())[wrong] is False


def test_a_lock_that_does_not_hold_is_not_ok(bucket: New) -> None:
    store = LyingBucket(bucket())
    assert isinstance(store, Versioned)
    found = states(store, LOCKED)
    assert found[LOCK] is False and found[VERSIONS] is True


def test_a_clock_that_differs_is_told(bucket: New, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bucket(Protection())
    monkeypatch.setattr(S3Store, "server_time", lambda self: datetime.now(UTC) - timedelta(minutes=5))
    [clock] = [p for p in probe(store, Protection()) if p.name == "时钟"]
    assert clock.ok is False and "相差 300 秒" in clock.text.replace("299", "300")


def test_no_thread_of_a_probe_outlives_it(tmp_path: Path) -> None:
    probe(FolderStore(tmp_path / "store"), Protection())
    assert [t.name for t in threading.enumerate() if t.name == "dangan-doctor"] == []
