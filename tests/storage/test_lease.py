"""One writer at a time; a dead one is taken over, a living one is named (law 6)."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from archive_schema.errors import ConflictError, UnavailableError
from archive_schema.records import Head
from storage import keys, process, series, tables
from storage.factory import index_url
from storage.folder import FolderStore
from storage.index import Index
from storage.lease import Lease
from tests.storage.make import NOW, arrival, open_archive

REPOSITORY = Path(keys.__file__).parent.parent

HOLD = """
import sys
from storage.index import Index
from storage.lease import Lease
with Lease(Index(sys.argv[1]).database).hold("夜间入库"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holds(index: Index) -> Iterator[subprocess.Popen[bytes]]:
    url = index.database._url.render_as_string(hide_password=False)
    child = subprocess.Popen([sys.executable, "-c", HOLD, url], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def rewrite(index: Index, **values: object) -> None:
    with index.database.write() as c:
        c.execute(update(tables.lease).values(**values))


def test_a_right_that_could_not_be_given_back_is_not_waited_for_by_who_held_it(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk under the index was full at that moment: the next batch of the same pass must not wait for its own process."""
    told: list[object] = []
    lease = Lease(index.database, waiting=told.append)

    def refuse() -> None:
        raise UnavailableError("database or disk is full")

    with monkeypatch.context() as full, lease.hold("收件"):
        full.setattr(index.database, "write", refuse)
    with pytest.raises(ConflictError), Lease(index.database).hold("审核"):
        pass
    began = time.monotonic()
    with lease.hold("收件", wait=30):
        pass
    assert time.monotonic() - began < 3.0 and told == []


def test_a_living_holder_is_named_and_waited_for(new_index: Callable[[], Index]) -> None:
    index = new_index()
    with another_process_holds(index) as child:
        with pytest.raises(ConflictError) as e, Lease(index.database).hold("审核"):
            pass
        assert e.value.code == "lease.held"
        assert "夜间入库" in e.value.zh
        assert str(child.pid) in e.value.zh
        assert child.stdin is not None
        threading.Timer(0.3, child.stdin.close).start()  # it ends in order
        with Lease(index.database).hold("审核", wait=30):
            assert child.wait() == 0


def test_a_killed_holder_is_taken_over_at_once(new_index: Callable[[], Index], caplog: pytest.LogCaptureFixture) -> None:
    index = new_index()
    with another_process_holds(index) as child:
        child.kill()  # and not waited for: a zombie is dead too
        with caplog.at_level(logging.WARNING), Lease(index.database).hold("审核", wait=10):
            pass
    assert "夜间入库" in caplog.text


def test_another_process_with_the_dead_ones_number_does_not_count_as_it(index: Index) -> None:
    with Lease(index.database).hold("一"):
        rewrite(index, started=process.me().started - 3600)
        with Lease(index.database).hold("二"):
            pass


def test_a_holder_on_another_host_is_judged_by_its_heartbeat(new_index: Callable[[], Index]) -> None:
    index = new_index()
    with Lease(index.database, beat_seconds=3600).hold("一"):
        rewrite(index, host="elsewhere")
        with pytest.raises(ConflictError), Lease(index.database).hold("二"):
            pass
        with index.database.read() as c:
            now = index.database.now(c)
        rewrite(index, heartbeat=now - 91)
        with Lease(index.database, beat_seconds=0.05).hold("二"):
            pass


def test_the_heartbeat_is_renewed_while_held(index: Index) -> None:
    lease = Lease(index.database, beat_seconds=0.01)
    with lease.hold("一"):
        rewrite(index, heartbeat=0.0)
        beaten = threading.Event()

        def watch() -> None:
            while not beaten.is_set():
                with index.database.read() as c:
                    if c.scalar(tables.lease.select().with_only_columns(tables.lease.c.heartbeat)):
                        beaten.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        assert beaten.wait(20)
        watcher.join()


def test_who_was_taken_over_cannot_finish(tmp_path: Path) -> None:
    index = Index(index_url("index.sqlite", base=tmp_path))
    store = FolderStore(tmp_path / "store")

    def meanwhile(step: str) -> None:
        if step == "staged":
            rewrite(index, token="somebody else's")

    slow = open_archive(store, index, failpoint=meanwhile)
    with pytest.raises(ConflictError) as e:
        slow.commit("r1", arrival("a"))
    assert e.value.code == "lease.lost"
    assert index.known() == {}


def test_who_was_taken_over_before_it_began_writes_nothing_at_all(tmp_path: Path) -> None:
    index = Index(index_url("index.sqlite", base=tmp_path))
    store = FolderStore(tmp_path / "store")

    def slow_clock() -> datetime:
        rewrite(index, token="somebody else's")
        return NOW

    slow = open_archive(store, index, clock=slow_clock)
    with pytest.raises(ConflictError) as e:
        slow.commit("r1", arrival("a"))
    assert e.value.code == "lease.lost"
    assert index.staged() == 0 and list(store.list("")) == []


def test_an_archive_may_hold_its_lease_twice_and_another_may_not(tmp_path: Path) -> None:
    url = index_url("index.sqlite", base=tmp_path)
    store = FolderStore(tmp_path / "store")
    one, other = open_archive(store, url), open_archive(store, url)
    with one.lease("审核"):
        one.commit("r1", arrival("a"))
        with one.lease("审核"), pytest.raises(ConflictError), other.lease("另一处"):
            pass
        assert other.catch_up() == 0
    with other.lease("另一处"):
        pass


def test_who_reads_while_another_commits_is_told_of_no_conflict_and_of_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = index_url("index.sqlite", base=tmp_path)
    store = FolderStore(tmp_path / "store")
    reader, caught_up = open_archive(store, url), list[int]()
    writer = open_archive(store, url, failpoint=lambda step: caught_up.append(reader.catch_up()))
    writer.commit("r1", arrival("a"))
    assert caught_up == [0] * 4, "what is staged, or written and not yet held, is the writer's to complete"

    read_head = series.read_head

    def overtaken(*of: Any) -> Head | None:
        stored = read_head(*of)
        monkeypatch.undo()
        open_archive(store, url).commit("r2", arrival("b"))
        return stored

    monkeypatch.setattr(series, "read_head", overtaken)
    assert reader.catch_up() == 0
    head = reader.head()
    assert head is not None and head.seq == 2


def test_two_threads_of_one_archive_take_turns(tmp_path: Path) -> None:
    archive = open_archive(FolderStore(tmp_path / "store"), tmp_path / "index.sqlite")
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            archive.commit(f"run-{name}", arrival(name))
        except BaseException as e:  # noqa: BLE001 (told in the main thread)
            failures.append(e)

    threads = [threading.Thread(target=work, args=(n,)) for n in "abcdef"]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert failures == []
    head = archive.head()
    assert head is not None
    assert head.seq == 6
    assert archive.inspect_series() == []


COMMIT = """
import sys
from pathlib import Path
from storage.folder import FolderStore
from tests.storage.make import NOW, arrival, open_archive
root, who = Path(sys.argv[1]), sys.argv[2]
archive = open_archive(FolderStore(root / "store"), root / "index.sqlite")
for n in range(10):
    archive.commit(f"{who}-{n}", arrival(f"{who}{n}"))
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    open_archive(FolderStore(tmp_path / "store"), tmp_path / "index.sqlite").index.close()
    children = [subprocess.Popen([sys.executable, "-c", COMMIT, str(tmp_path), who], cwd=REPOSITORY) for who in ("x", "y")]
    assert [c.wait() for c in children] == [0, 0]
    archive = open_archive(FolderStore(tmp_path / "store"), tmp_path / "index.sqlite")
    assert len(archive.index.known()) == 20
    assert archive.inspect_series() == []
    head = archive.head()
    assert head is not None
    assert (head.seq, head.total) == (20, 80)
