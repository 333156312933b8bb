"""Two ingests and an archivist at one archive at one time (law 6): nothing doubled, nothing held to be gone, nobody left standing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from dangan import cli
from flows import batch as batches
from flows.ingest import ingest
from storage import tables
from storage.index import Index
from tests.faults.conftest import Undisturbed, filled
from tests.faults.program import INGEST, REPOSITORY, Program, run, until
from tests.faults.trial import counted, finish, state_of, troubles
from tests.flows.house import House, document

HOLD = """
import sys
from storage.index import Index
from storage.lease import Lease
with Lease(Index(sys.argv[1]).database).hold("夜间收件"):
    print("held", flush=True)
    sys.stdin.read()
"""


def index_url(house: House) -> str:
    return f"sqlite:///{house.root / 'index.sqlite'}"


def test_two_processes_at_one_inbox_and_an_archivist_meanwhile(
    undisturbed: Undisturbed, new_workspace: Callable[..., House], tmp_path: Path
) -> None:
    house = filled(new_workspace(), undisturbed)
    first = house.inbox / "市城管局" / "Ⅲ18-1) 先到.txt"
    document(first, title="示例市先到办法", number="示城管发〔2026〕1号")
    finish(house, tmp_path / "before")
    alone = House(house.root)
    folder = house.inbox / "市城管局"
    for n in range(6):
        document(folder / f"Ⅲ18-1) 后到{n}.txt", title=f"示例市后到办法{n}", number=f"示城管发〔2026〕{n + 2}号")
    runs = [Program(*INGEST, root=house.root, home=tmp_path / name) for name in ("one", "other")]
    acted = run(
        *("review", "accept", "市城管局/Ⅲ18-1) 先到.txt", "--item", "III18-1", "--kind", "规范文件"),
        *("--by", "张三", "--reason", "看过原件"),
        root=house.root,
        home=tmp_path / "archivist",
    )
    said = [r.wait() for r in runs]
    assert acted.code == 0, acted
    assert [s.code for s in said] == [0, 0], said
    out = [counted(s) for s in said]
    assert sum(o["new"] for o in out) == 6, "each file is new to one of them only"
    after = finish(alone, tmp_path / "after")
    expected = state_of(house)
    assert troubles(house, expected, 17, after, tmp_path / "after") == []
    fresh = filled(new_workspace("fresh"), undisturbed)
    for file in folder.iterdir():
        target = fresh.inbox / "市城管局" / file.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(file.read_bytes())
    fresh.ingest(ocr="off")
    line = ("-C", str(fresh.root), "review", "accept", "市城管局/Ⅲ18-1) 先到.txt", "--item", "III18-1", "--kind", "规范文件")
    assert cli.run([*line, "--by", "张三", "--reason", "看过原件"]) == 0
    assert fresh.digest() == house.digest(), "as one run"


@pytest.mark.parametrize("after_reading", [False, True], ids=["before it reads", "after it has read"])
def test_what_another_pass_took_in_meanwhile_is_neither_recorded_again_nor_held_to_be_gone(
    after_reading: bool,
    undisturbed: Undisturbed,
    new_workspace: Callable[..., House],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other pass comes between this one's walk (or reading) and its commits, and finds one file more."""
    house = filled(new_workspace(), undisturbed)
    late = house.inbox / "市城管局" / "Ⅲ18-1) 晚到.txt"
    others: list[int] = []

    def another_pass() -> None:
        if not others:
            others.append(0)
            document(late, title="示例市晚到办法", number="示城管发〔2026〕1号")
            others.append(counted(run(*INGEST, root=house.root, home=tmp_path))["new"])

    read = batches.read

    def reading(view: batches.Pass, files: list) -> list:  # type: ignore[type-arg]
        if not after_reading:
            another_pass()
        parcels = read(view, files)
        another_pass()
        return parcels

    monkeypatch.setattr(batches, "read", reading)
    out = house.ingest(ocr="off").output
    assert out.found == undisturbed.found and out.new == 0, "the other was quicker with every file"
    assert others[1] == 10
    monkeypatch.undo()
    with house.open() as o:
        assert all(s.present for s in o.archive.index.sources())
    again = counted(run(*INGEST, root=house.root, home=tmp_path))
    assert troubles(house, state_of(house), undisturbed.found + 1, again, tmp_path) == []


@pytest.fixture
def holder(undisturbed: Undisturbed, new_workspace: Callable[..., House]) -> Iterator[tuple[House, subprocess.Popen[bytes]]]:
    """An inbox to be taken in, and another process that holds the right to write and does not let go."""
    house = filled(new_workspace(), undisturbed)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, index_url(house)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdin is not None
    assert child.stdout.readline() == b"held\n"
    yield house, child
    child.kill()
    child.wait()
    child.stdout.close()
    child.stdin.close()


def test_a_holder_is_named_to_who_waits_and_once_killed_its_right_passes_on(
    holder: tuple[House, subprocess.Popen[bytes]], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    house, child = holder
    waiting = Program(*INGEST, root=house.root, home=tmp_path)
    until(lambda: "夜间收件" in waiting.said(), "the holder's name")
    assert f"进程 {child.pid}" in waiting.said()
    child.kill()
    said = waiting.wait()
    assert said.code == 0, said
    assert troubles(house, undisturbed.state, undisturbed.found, counted(said), tmp_path) == []


def test_a_holder_on_another_host_that_fell_silent_is_taken_over(
    undisturbed: Undisturbed, new_workspace: Callable[..., House], tmp_path: Path
) -> None:
    house = filled(new_workspace(), undisturbed)
    index = Index(index_url(house))
    with index.database.write() as c:
        row = {"name": "writer", "token": "t", "host": "elsewhere x y", "pid": 1, "started": 1.0, "holder": "夜间收件"}
        c.execute(tables.lease.insert().values(**row, heartbeat=index.database.now(c)))
    with house.open() as o:
        assert o.archive.catch_up() == 0, "while its heart beats it is left alone"
    with index.database.write() as c:
        c.execute(update(tables.lease).values(heartbeat=index.database.now(c) - 91))
    with house.open() as o:
        o.archive._lease._beat = 0.05
        ingest(o, validation=False, ocr="off")
    out = finish(house, tmp_path)
    assert troubles(house, undisturbed.state, undisturbed.found, out, tmp_path) == []
