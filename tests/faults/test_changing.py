"""A source that changes while it is read or copied: what is archived is a version that existed whole, or it waits."""

from __future__ import annotations

import os
import random
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import batch as batches
from tests.faults.trial import store_of
from tests.flows.house import House

_SIZE = 3_000_000


def version(n: int) -> bytes:
    """A text that tells a torn one: every line names its version."""
    line = b"version %06d of the report\n" % n
    return line * (_SIZE // len(line))


def whole(data: bytes) -> bool:
    return len(set(data.splitlines())) == 1


def in_place(path: Path, data: bytes) -> None:
    """As a program that saves does it: over what is there, piece by piece, the size unchanged."""
    with path.open("r+b", buffering=0) as f:
        for n in range(0, len(data), 65536):
            f.write(data[n : n + 65536])


def by_another(path: Path, data: bytes) -> None:
    """As a careful program does it: a new file in the place of the old."""
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(data)
    temporary.replace(path)


@pytest.mark.parametrize("write", [in_place, by_another])
def test_what_is_archived_of_a_file_that_is_rewritten_all_the_time_existed_whole(
    write: Callable[[Path, bytes], None], new_workspace: Callable[..., House]
) -> None:
    house = new_workspace()
    path = house.inbox / "市文明办" / "总结.txt"
    path.write_bytes(version(0))
    assert whole(version(0)) and not whole(version(0)[:100_000] + version(1)[100_000:]), "a torn one would be seen"
    stop = threading.Event()

    def rewrite() -> None:
        draw = random.Random(1)
        while not stop.is_set():
            write(path, version(draw.randrange(10**6)))
            stop.wait(draw.uniform(0, 0.02))

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        outs = [house.ingest(ocr="off").output for _ in range(2)]
    finally:
        stop.set()
        writer.join()
    assert all(o.found == o.new + o.known + o.quarantined + o.waiting + o.ignored for o in outs)
    assert all(o.quarantined == 0 for o in outs)
    house.ingest(ocr="off")
    store = store_of(house)
    with house.open() as o:
        now = [s.sha256 for s in o.archive.index.sources() if s.present and s.path == path.name]
        listed = {e.sha256 for e in o.archive.index.evidence()}
    stored = {i.key.rpartition("/")[2]: store.get(i.key) for i in store.list("objects/")}
    assert len(now) == 1 and stored[now[0]] == path.read_bytes(), "at rest, it is archived as it is"
    assert all(whole(stored[sha]) for sha in listed)


@pytest.mark.parametrize(
    ("become", "said"),
    [
        (lambda p: p.write_bytes(b""), "文件正在变化,等待写完后再收"),  # as a program begins to save
        (lambda p: (p.unlink(), os.mkfifo(p)), "读取时已不是普通文件(换成了文件夹、链接或管道),下次再看"),
        (
            lambda p: (p.unlink(), os.mknod(p, stat.S_IFSOCK | 0o600)),
            "读取时已不是普通文件(换成了文件夹、链接或管道),下次再看",
        ),
        (lambda p: p.unlink(), "读取时文件已被移走,下次再收"),
    ],
    ids=["emptied", "a pipe", "a socket", "gone"],
)
def test_a_file_that_became_something_else_between_being_found_and_read_waits(
    become: Callable[[Path], object], said: str, new_workspace: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_workspace()
    path = house.inbox / "市文明办" / "总结.txt"
    path.write_bytes(b"report")
    read = batches.read

    def reading(view: batches.Pass, files: list) -> list:  # type: ignore[type-arg]
        become(path)
        return read(view, files)

    monkeypatch.setattr(batches, "read", reading)
    result = house.ingest(ocr="off", validation=False)
    assert (result.output.new, result.output.quarantined, result.output.waiting) == (0, 0, 1)
    assert [n.reason for n in result.notes] == [f"总结.txt: {said}"]
    with house.open() as o:
        assert list(o.archive.index.evidence()) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.write_bytes(version(2)),  # as large as before
        lambda p: p.open("ab").write(b"more\n"),
        lambda p: p.unlink(),
    ],
    ids=["rewritten", "grown", "gone"],
)
def test_a_file_that_changed_between_reading_and_copying_waits(
    change: Callable[[Path], object], new_workspace: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_workspace()
    path = house.inbox / "市文明办" / "总结.txt"
    path.write_bytes(version(1))
    (house.inbox / "市文明办" / "另一份.txt").write_bytes(b"other")
    read = batches.read

    def reading(view: batches.Pass, files: list) -> list:  # type: ignore[type-arg]
        parcels = read(view, files)
        change(path)
        return parcels

    monkeypatch.setattr(batches, "read", reading)
    result = house.ingest(ocr="off")
    assert (result.output.new, result.output.waiting) == (1, 1), "the other file is not held up"
    assert [n.reason for n in result.notes] == ["总结.txt: 入库时发生变化,下次再收"]
    monkeypatch.undo()
    path.unlink(missing_ok=True)
    path.write_bytes(version(3))
    assert house.ingest(ocr="off").output.new == 1
    store = store_of(house)
    assert sorted(store.get(i.key)[:14] for i in store.list("objects/") if i.size > 1_000_000) == [b"version 000003"]
