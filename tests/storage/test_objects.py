"""The contract of ``ObjectStore``, kept by the folder and by a real S3 server."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive_schema.canonical import sha256
from archive_schema.errors import IntegrityError, UnavailableError, UsageError
from storage import keys
from storage.folder import FolderStore, _Reader
from storage.objects import CheckedSource, ObjectMissing, ObjectStore, SourceChanged
from storage.s3 import PART, S3Store
from tests import strays
from tests.s3server import PAGE

DATA = "材料".encode() * 1000
KEY = keys.object_key(sha256(DATA))


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def put(store: ObjectStore, path: Path, data: bytes) -> bool:
    return store.put_file(keys.object_key(sha256(data)), path, sha256=sha256(data), size=len(data))


@pytest.mark.parametrize(
    "data", [b"", b"x", DATA, b"0123456789abcdef" * (PART // 16) + b"a second part"], ids=["empty", "one", "some", "parts"]
)
def test_a_file_comes_back_as_it_was(store: ObjectStore, tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "f", data)
    assert put(store, path, data) is True
    key = keys.object_key(sha256(data))
    assert store.get(key) == data
    info = store.stat(key)
    assert info is not None
    assert (info.key, info.size) == (key, len(data))
    assert abs(info.modified - datetime.now(UTC)) < timedelta(minutes=5)


def test_storing_the_same_bytes_again_rewrites_nothing(store: ObjectStore, tmp_path: Path) -> None:
    path = write(tmp_path / "f", DATA)
    put(store, path, DATA)
    before = store.stat(KEY)
    assert put(store, path, DATA) is False
    assert store.put_bytes(KEY, DATA) is False
    assert store.stat(KEY) == before


@pytest.mark.parametrize("other", [DATA[::-1], DATA + b"x"], ids=["same size", "longer"])
def test_other_bytes_under_the_key_are_found_and_not_overwritten(store: ObjectStore, tmp_path: Path, other: bytes) -> None:
    store.put_bytes(KEY, other)
    with pytest.raises(IntegrityError) as e:
        put(store, write(tmp_path / "f", DATA), DATA)
    assert (e.value.code, e.value.path) == ("store.differs", KEY)
    with pytest.raises(IntegrityError):
        store.put_bytes(KEY, DATA)
    assert store.get(KEY) == other


def test_other_bytes_under_the_key_are_replaced_when_that_is_asked_for(store: ObjectStore, tmp_path: Path) -> None:
    store.put_bytes(KEY, DATA[::-1])
    path, about = write(tmp_path / "f", DATA), {"sha256": sha256(DATA), "size": len(DATA)}
    with pytest.raises(SourceChanged):
        store.put_file(KEY, write(tmp_path / "g", DATA[:-1]), replace=True, **about)  # type: ignore[arg-type]
    assert store.get(KEY) == DATA[::-1], "what is not announced replaces nothing"
    assert [store.put_file(KEY, path, replace=True, **about) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    assert store.get(KEY) == DATA


@pytest.mark.parametrize(
    "now", [DATA[:-1], DATA + b"x", DATA[:-1] + b"?", b""], ids=["shorter", "longer", "altered", "emptied"]
)
def test_a_source_that_changed_is_not_stored(store: ObjectStore, tmp_path: Path, now: bytes) -> None:
    with pytest.raises(SourceChanged):
        put(store, write(tmp_path / "f", now), DATA)
    assert store.stat(KEY) is None
    assert list(store.list("")) == []


def test_a_large_source_that_changed_in_its_first_part_is_not_stored(store: ObjectStore, tmp_path: Path) -> None:
    data = bytes(PART) + b"the end"
    with pytest.raises(SourceChanged):
        put(store, write(tmp_path / "f", b"!" + data[1:]), data)
    assert list(store.list("")) == []


def test_a_source_that_is_gone_is_no_fault_of_the_store(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(SourceChanged) as e:
        put(store, tmp_path / "nothing", DATA)
    assert "nothing" in e.value.zh


def test_a_source_that_its_disk_cannot_read_is_no_fault_of_the_store(folder_store: FolderStore) -> None:
    unreadable = Path("/proc/self/mem")  # opens, and reading its beginning is an input/output error
    with pytest.raises(SourceChanged) as e:
        put(folder_store, unreadable, DATA)
    assert e.value.path == str(unreadable)


def test_an_absent_object_is_missing(store: ObjectStore) -> None:
    assert store.stat(KEY) is None
    for read in (store.get, store.open):
        with pytest.raises(ObjectMissing) as e:
            read(KEY)
        assert e.value.path == KEY
    store.delete(KEY)  # no error


def test_bytes_are_replaced_only_when_asked(store: ObjectStore) -> None:
    key = keys.head_key("2026")
    assert store.put_bytes(key, b"1") is True
    assert store.put_bytes(key, b"2", replace=True) is True
    assert store.get(key) == b"2"
    with pytest.raises(IntegrityError):
        store.put_bytes(key, b"3")


def test_a_listing_is_sorted_by_key_and_cut_by_prefix(store: ObjectStore) -> None:
    some = ["cycles/2026/HEAD.json", "cycles/2026-a/x", "cycles/2026/manifest/1", "cycles/二/x", "objects/a", "objects.b/a"]
    for key in some:
        store.put_bytes(key, key.encode())
    assert [i.key for i in store.list("")] == sorted(some)
    assert [i.key for i in store.list("cycles/2026")] == ["cycles/2026-a/x", "cycles/2026/HEAD.json", "cycles/2026/manifest/1"]
    assert [i.key for i in store.list("cycles/2026/")] == ["cycles/2026/HEAD.json", "cycles/2026/manifest/1"]
    assert [i.key for i in store.list("cycles/2026/manifest/1")] == ["cycles/2026/manifest/1"]
    assert [i.size for i in store.list("objects")] == [len("objects.b/a"), len("objects/a")]
    assert list(store.list("nothing/")) == []


def test_a_listing_goes_beyond_one_page(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(PAGE + 5):
        store.put_bytes(f"objects/{n:04}", b"")
    asked: list[str] = []
    if isinstance(store, S3Store):
        send = store._pool.urlopen

        def counted(method: str, *args: Any, **more: Any) -> Any:
            asked.append(method)
            return send(method, *args, **more)

        monkeypatch.setattr(store._pool, "urlopen", counted)
    assert [i.key for i in store.list("objects/")] == [f"objects/{n:04}" for n in range(PAGE + 5)]
    assert asked == (["GET", "GET"] if isinstance(store, S3Store) else []), "the server answers in pages"


def test_what_has_no_key_is_not_listed_and_is_found(store: ObjectStore) -> None:
    store.put_bytes(KEY, DATA)
    for name in strays.NO_KEYS:
        strays.put(store, name)
    rooms = ("cycles/", "derived/", "objects/", "reports/")
    assert [i.key for room in rooms for i in store.list(room)] == [KEY]
    found = [i.key for room in rooms for i in store.found(room)]
    assert found == sorted({KEY, *(strays.told_as(store, name) for name in strays.NO_KEYS)})
    assert [store.stat(i.key) is None for room in rooms for i in store.list(room)] == [False], "what is listed can be asked for"


def test_in_a_folder_what_is_no_file_and_what_has_no_utf8_name_is_found_and_not_listed(folder_store: FolderStore) -> None:
    room = folder_store.root / "objects"
    room.mkdir()
    (room / "link").symlink_to("/etc/hostname")
    os.mkfifo(room / "pipe")
    Path(os.fsdecode(os.fsencode(room) + b"/\xb2\xc4.txt")).write_bytes(b"x")
    (room / "closed @").mkdir(mode=0)
    assert list(folder_store.list("objects/")) == []
    told = [i.key for i in folder_store.found("objects/")]
    assert told == ["objects/closed @/", "objects/link", "objects/pipe", "objects/\ufffd\ufffd.txt"]


def test_a_deleted_object_is_gone(store: ObjectStore) -> None:
    store.put_bytes(KEY, DATA)
    store.put_bytes(f"{KEY}-more", b"another key with the same beginning")
    store.delete(KEY)
    assert [i.key for i in store.list("")] == [f"{KEY}-more"]


def test_an_open_object_is_a_stream_of_its_lines(store: ObjectStore) -> None:
    store.put_bytes("reports/lines", b"one\ntwo\n")
    with store.open("reports/lines") as f:
        assert f.read(2) == b"on"
        assert list(f) == [b"e\n", b"two\n"]


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.", ".tmp/x", "a\\b", "a/b\0", "a/" + "长" * 90, "a b"]
)
def test_a_key_cannot_leave_the_store(store: ObjectStore, key: str) -> None:
    for act in (store.get, store.open, store.stat, store.delete):
        with pytest.raises(UsageError):
            act(key)
    with pytest.raises(UsageError):
        store.put_bytes(key, b"")


def test_memory_does_not_grow_with_the_object(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "large"
    size = 6 * PART
    with path.open("wb") as f:
        f.truncate(size)
    digest = subprocess.run(["sha256sum", path], capture_output=True, check=True, text=True).stdout[:64]
    tracemalloc.start()
    try:
        store.put_file(keys.object_key(digest), path, sha256=digest, size=size)
        with store.open(keys.object_key(digest)) as f:
            while f.read(1 << 20):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * PART


def test_the_url_tells_where_and_no_secret(store: ObjectStore) -> None:
    assert store.url.startswith(("folder:/", "s3://test-"))
    assert "SECRET" not in store.url


def test_a_checked_source_never_hands_out_the_end_of_wrong_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "f", b"abcd")
    with CheckedSource(path, sha256=sha256(b"abcx"), size=4) as s:
        assert s.read(3) == b"abc"
        with pytest.raises(SourceChanged):
            s.read(1)


# The folder's own ways


def test_a_half_written_temporary_file_is_not_an_object(folder_store: FolderStore) -> None:
    (folder_store.root / ".tmp" / "half").write_bytes(DATA[:10])
    assert list(folder_store.list("")) == []


def test_what_a_dead_writer_left_is_cleaned_and_what_others_write_is_kept(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from storage.folder import FolderStore, _Reader
def chunks():
    yield b'half'
    os.kill(os.getpid(), signal.SIGKILL)
FolderStore(Path({str(tmp_path)!r}))._write('objects/x', chunks(), '')
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(keys.__file__).parent.parent, check=False).returncode == -9
    temporary = tmp_path / ".tmp"
    assert len(list(temporary.iterdir())) == 1
    alive, foreign, old = (
        temporary / FolderStore(tmp_path)._temporary_name(),
        temporary / "ffff.1.1.x",
        temporary / "ffff.2.2.x",
    )
    for path in (alive, foreign, old):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    FolderStore(tmp_path)
    assert sorted(temporary.iterdir()) == sorted([alive, foreign])


def test_a_link_in_the_store_is_not_an_object(folder_store: FolderStore, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", b"secret")
    (folder_store.root / "objects").mkdir()
    (folder_store.root / "objects" / "link").symlink_to(outside)
    assert folder_store.stat("objects/link") is None
    assert list(folder_store.list("objects/")) == []
    with pytest.raises(ObjectMissing):
        folder_store.get("objects/link")
    with pytest.raises(ObjectMissing):
        folder_store.get("objects")  # a folder is none either


def test_every_name_is_on_the_disk_before_the_next_step(folder_store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power failure at any moment leaves the object whole or not at all, and what was deleted deleted (law 4)."""
    steps: list[tuple[str, str]] = []

    def watch(name: str) -> None:
        do = getattr(os, name)

        def watched(*args: Any, **more: Any) -> Any:
            what = (
                os.readlink(f"/proc/self/fd/{args[0]}") if name == "fsync" else str(args[-1] if name == "replace" else args[0])
            )
            told = os.path.relpath(what, folder_store.root)
            steps.append((name, ".tmp" if told.startswith(".tmp/") else told))
            return do(*args, **more)

        monkeypatch.setattr(os, name, watched)

    for name in ("fsync", "replace", "mkdir", "unlink"):
        watch(name)
    folder_store.put_bytes("objects/ab/one", DATA)
    assert [s for s in steps if s != ("unlink", ".tmp")] == [
        ("fsync", ".tmp"),
        ("mkdir", "objects"),
        ("fsync", "."),
        ("mkdir", "objects/ab"),
        ("fsync", "objects"),
        ("replace", "objects/ab/one"),
        ("fsync", "objects/ab"),
    ]
    steps.clear()
    folder_store.delete("objects/ab/one")
    assert steps == [("unlink", "objects/ab/one"), ("fsync", "objects/ab")]


def test_a_folder_that_another_thread_makes_first_is_no_error(
    folder_store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = os.mkdir

    def overtaken(path: Path, *more: Any) -> None:
        make(path, *more)
        make(path, *more)

    monkeypatch.setattr(os, "mkdir", overtaken)
    assert folder_store.put_bytes("objects/ab/one", b"x") is True


def test_an_object_that_the_disk_cannot_read_is_unavailable(folder_store: FolderStore) -> None:
    with pytest.raises(UnavailableError) as e, _Reader(folder_store, KEY, os.open("/proc/self/mem", os.O_RDONLY)) as f:
        f.read(10)
    assert (e.value.code, e.value.path) == ("store.unavailable", KEY)


def test_a_write_that_reads_back_differently_leaves_nothing(folder_store: FolderStore) -> None:
    with pytest.raises(IntegrityError) as e:
        folder_store._write(KEY, iter([b"other"]), sha256(DATA))
    assert e.value.code == "store.read-back"
    assert list(folder_store.list("")) == []
    assert list((folder_store.root / ".tmp").iterdir()) == []
