"""A batch is read while the one before it is stored; what goes wrong with it comes up at its turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.errors import UnavailableError
from flows import batch as batches
from flows.ahead import Ahead
from flows.batch import Batch
from flows.parcels import Parcel
from intake.discover import Found
from intake.pool import Job, ReaderPool
from tests.flows.house import House, document
from tests.intake import hostile

PATIENCE = 30.0


def found(name: str) -> Found:
    return Found("市文明办", name, Path(name), 1, 0, "市文明办", True, None, "")


def three() -> list[Batch]:
    return [Batch(n, [found(f"{n}.txt")]) for n in (1, 2, 3)]


class Reader:
    """Reads batches for the test, and notes when."""

    def __init__(self, bad: Callable[[Batch], None] = lambda _: None) -> None:
        self.bad = bad
        self.begun = {n: threading.Event() for n in (1, 2, 3)}
        self.said: list[object] = []
        self.interrupted = threading.Event()
        self.reading = 0

    def read(self, batch: Batch) -> list[Parcel]:
        self.reading += 1
        assert self.reading == 1, "one at a time"
        self.said.append(batch.number)
        self.begun[batch.number].set()
        try:
            self.bad(batch)
        finally:
            self.reading -= 1
        return [Parcel(f) for f in batch.files]

    def drop(self, founds: Iterable[Found]) -> None:
        assert self.reading == 0, "nothing is dropped while something is read"
        self.said += [f.path for f in founds]

    def ahead(self, of: list[Batch]) -> Ahead:
        return Ahead(of, self.read, self.drop, self.interrupted.set)


def test_the_next_batch_is_begun_before_this_one_is_stored_and_each_is_read_once() -> None:
    reader, todo = Reader(), three()
    with reader.ahead(todo) as ahead:
        for batch in todo:
            assert [p.found for p in ahead.parcels(batch)] == batch.files
            if batch.number < 3:
                assert reader.begun[batch.number + 1].wait(PATIENCE), "it waits until this one is stored"
    assert reader.said == [1, 2, 3] and not reader.interrupted.is_set()


def test_what_is_done_with_is_dropped_when_nothing_is_read_and_all_of_it_at_the_end() -> None:
    reader, todo = Reader(lambda _: time.sleep(0.05)), three()
    with reader.ahead(todo) as ahead:
        for batch in todo:
            ahead.parcels(batch)
            ahead.done(batch.files)
    assert reader.said == [1, 2, "1.txt", 3, "2.txt", "3.txt"]


def test_a_failure_to_read_comes_up_at_its_turn_and_the_batch_may_be_asked_for_again() -> None:
    failures = [UnavailableError("the inbox's server is away", zh="连不上")]

    def bad(batch: Batch) -> None:
        if batch.number == 2 and failures:
            raise failures.pop()

    reader, todo = Reader(bad), three()
    with reader.ahead(todo) as ahead:
        assert ahead.parcels(todo[0])
        with pytest.raises(UnavailableError):
            ahead.parcels(todo[1])
        assert [p.found for p in ahead.parcels(todo[1])] == todo[1].files
        assert ahead.parcels(todo[2])
    assert reader.said == [1, 2, 2, 3]


def test_a_batch_that_is_never_asked_for_is_interrupted() -> None:
    def bad(batch: Batch) -> None:
        if batch.number == 2:
            assert reader.interrupted.wait(PATIENCE)

    reader = Reader(bad)
    with pytest.raises(KeyboardInterrupt), reader.ahead(todo := three()) as ahead:
        ahead.parcels(todo[0])
        raise KeyboardInterrupt
    assert reader.interrupted.is_set() and reader.said == [1, 2]


def test_reading_that_is_interrupted_ends_at_once_whatever_the_file_does(tmp_path: Path) -> None:
    readers = {hostile.MEDIA_TYPE: "tests.intake.hostile"}
    loop = hostile.order(tmp_path / "loop.caj", "loop")
    with ReaderPool(Limits(reader_seconds=300), workers=2, scratch=tmp_path / "s", readers=readers) as pool:

        def read(batch: Batch) -> list[Parcel]:
            if batch.number == 2:
                list(pool.read([Job(loop), Job(loop), Job(loop)]))
            return []

        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt), Ahead(todo := three(), read, lambda _: None, pool.interrupt) as ahead:
            ahead.parcels(todo[0])
            while not any(w.started is not None for w in pool._workers):
                assert time.monotonic() - began < PATIENCE
                time.sleep(0.01)
            raise KeyboardInterrupt
    assert time.monotonic() - began < 2 * PATIENCE, "the file was not waited for"
    assert list((tmp_path / "s").iterdir()) == []


def test_a_pass_that_cannot_store_one_batch_loses_none_though_the_next_was_read(
    new_workspace: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_workspace()
    (house.root / "cycle.toml").open("a", encoding="utf-8").write("\n[limits]\nbatch_files = 2\n")
    for n in range(6):
        document(house.inbox / "市城管局" / f"办法{n}.txt", title=f"示例市第{n}号办法", number=f"示城管发〔2026〕{n + 1}号")
    stored: list[list[object]] = []
    store = batches._store

    def failing(view: batches.Pass, arrivals: list[object]) -> None:
        if len(stored) == 1:
            raise RuntimeError("the process ends here")
        stored.append(arrivals)
        store(view, arrivals)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "_store", failing)
    with pytest.raises(RuntimeError, match="ends here"):
        house.ingest(ocr="off")
    monkeypatch.undo()
    assert len(house.manifest()) == 2
    out = house.ingest(ocr="off").output
    assert (out.found, out.new, out.known) == (6, 4, 2)
