"""Several hundred hostile files at once: bombs, traversals, traps, and spoilt copies of good files of every form."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from pathlib import Path

import psutil
import pytest

from archive_schema.cycle import Limits
from archive_schema.words import Disposition, ReadState
from intake.pool import Job, ReaderPool, ReadResult
from samples.spoilt import make_crowd, spoil
from tests.flows.house import House

FILES = 300


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crowd")
    assert make_crowd(folder, files=FILES) == FILES == len(files_of(folder))
    return folder


def files_of(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def tree(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files_of(folder)}


def escaped() -> list[Path]:
    """Where the traversals of the crowd would like to write."""
    return [p for p in (Path("/tmp/escaped.txt"), Path("/etc/escaped.txt"), Path("/甲.txt"), Path("/tmp/甲.txt")) if p.exists()]


def read_all(pool: ReaderPool, files: list[Path]) -> list[ReadResult]:
    out = []
    for result in pool.read(Job(p, name=p.name, unpack=True) for p in files):
        if result.unpacked is not None:
            pool.discard(result.unpacked)
        out.append(result)
    return out


def test_every_file_of_the_crowd_has_an_outcome_and_no_reader_fails_or_hangs(
    crowd: Path, tmp_path: Path, limits: Limits
) -> None:
    files = files_of(crowd)[::2]  # the whole crowd is read by the ingest below
    before = tree(crowd)
    with ReaderPool(limits, scratch=tmp_path / "scratch") as pool:
        results = read_all(pool, files[:75])
        here = psutil.Process().memory_info().rss
        results += read_all(pool, files[75:])
        gc.collect()
        grown = psutil.Process().memory_info().rss - here
        again = read_all(pool, files[::5])
    assert len(results) == len(files)
    for path, r in zip(files, results, strict=True):
        assert r.reading is not None or r.disposition in (Disposition.WAITING, Disposition.QUARANTINED), path
        if r.reading is not None:
            assert (r.reading.state is ReadState.READ) == (r.reading.detail == ""), path
            assert "意外" not in r.reading.detail and "时限" not in r.reading.detail, (path, r.reading.detail)
    states = Counter(r.disposition or r.reading.state for r in results if r.disposition or r.reading)
    assert {Disposition.QUARANTINED, ReadState.READ, ReadState.PARTIAL, ReadState.DAMAGED, ReadState.ENCRYPTED} <= set(states)
    assert [(r.disposition, r.reading) for r in results[::5]] == [(r.disposition, r.reading) for r in again]
    assert grown < 16 * 1024**2, f"the parent grew by {grown} bytes over {len(files)} files"
    assert tree(crowd) == before and [p.name for p in tmp_path.iterdir()] == ["scratch"]
    assert files_of(tmp_path) == [] and escaped() == []


def test_the_whole_ingest_accounts_for_every_file_and_writes_nowhere_else(crowd: Path, tmp_path: Path) -> None:
    house = House.build(tmp_path / "within" / "ws")
    (tmp_path / "beside.txt").write_text("untouched")
    crowd_size = len(files_of(crowd))
    (house.inbox / "市文明办").mkdir(exist_ok=True)
    for path in files_of(crowd):
        target = house.inbox / "市文明办" / path.relative_to(crowd)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(path)
    before = tree(house.inbox)
    result = house.ingest()
    out = result.output
    assert out.found == len(before) >= crowd_size
    assert out.found == out.new + out.known + out.quarantined + out.waiting + out.ignored
    named = {f"{n.unit}/{n.path}" for n in result.notes}
    held = {name.split("!/")[0] for name in house.manifest()}
    assert len(held) == out.new and len(named - held) == out.quarantined + out.waiting  # the ignored are counted
    assert tree(house.inbox) == before and escaped() == []
    assert [p.name for p in (tmp_path / "within").iterdir()] == ["ws"] and len(files_of(tmp_path)) == 1 + len(
        files_of(house.root)
    )
    assert not house.open().workspace.scratch.exists()
    again = house.ingest().output
    assert (again.new, again.known) == (0, out.new) and again.state_digest == out.state_digest


def test_spoiling_is_the_same_for_a_seed_and_changes_something() -> None:
    import random

    data = bytes(range(256)) * 20
    copies = [spoil(data, random.Random(n)) for n in range(200)]
    assert copies == [spoil(data, random.Random(n)) for n in range(200)]
    assert sum(c != data for c in copies) > 190
