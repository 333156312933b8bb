"""Killed again and again: ingests of a real process, SIGKILL at instants drawn from a seed, and what the next run made of it.

A *trial* is a workspace with a delivery in its inbox and one to three kills in a row, then a run to the end. Three kinds of delivery:
``first`` (an empty archive), ``second`` (files added, one replaced, one gone, on top of an archive) and ``told`` (a form and a text
that only say something about files which are archived already). Half of the kills hit the
whole family of processes, half only the parent. Most instants are drawn from the measured duration of an undisturbed run; the
others are *aimed*: the kill comes some milliseconds after a change was seen that a commit makes (a segment more, the journal of
the index grown), since the steps of a commit are short.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from storage import series
from tests.faults.program import INGEST, Program, until
from tests.faults.trial import CYCLE, PHASES, Commit, State, commit_of, finish, inbox_of, state_of, store_of, troubles
from tests.flows.house import House, document, photo, small_inbox

#: makes a new workspace below a folder, on one store or the other
NewHouse = Callable[[Path], House]
DELIVERIES = ("first", "second", "told")
#: seconds that a child may outlive its parent
_ORPHANED = 10.0
_AIMED = 0.5


class Kill(NamedTuple):
    """``at``: seconds after the start, or None for an aimed one; ``family``: all processes, not only the parent."""

    at: float | None
    change: int
    after: float
    family: bool


class Trial(NamedTuple):
    """``hit``: the state of each kill; ``ended``: kills that came after the run's end; ``wrong``: what was not well."""

    delivery: str
    kills: tuple[Kill, ...]
    hit: tuple[Commit, ...]
    ended: int
    wrong: tuple[str, ...]


class Ground:
    """The deliveries, how an undisturbed run over each ends, and how long it takes.

    :param validation: with Great Expectations at the end of every run.
    """

    def __init__(
        self, work: Path, new_house: NewHouse, *, validation: bool = False, deliveries: Sequence[str] = DELIVERIES
    ) -> None:
        self.work, self._new_house, self.deliveries = work, new_house, deliveries
        self.command = tuple(w for w in INGEST if not (validation and w == "--no-validation"))
        self.expected: dict[str, State] = {}
        self.found: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        for delivery in deliveries:
            house, _ = self.prepared(work / f"undisturbed-{delivery}", delivery)
            began = time.monotonic()
            out = finish(house, work / f"undisturbed-{delivery}", command=self.command)
            self.seconds[delivery] = time.monotonic() - began
            self.expected[delivery], self.found[delivery] = state_of(house), out["found"]
            wrong = troubles(house, self.expected[delivery], out["found"], out, work / f"undisturbed-{delivery}")
            assert not wrong, wrong

    def prepared(self, folder: Path, delivery: str) -> tuple[House, int]:
        """A workspace with the delivery in its inbox; the segments that its series has already."""
        house = self._new_house(folder)
        file = house.root / "cycle.toml"
        file.write_text(file.read_text("utf-8") + "\n[limits]\nbatch_files = 2\n", "utf-8")
        small_inbox(house.inbox)
        if delivery == "first":
            return house, 0
        if delivery == "told":
            (house.inbox / "市文明办" / "Ⅲ13-3 好人榜.txt").unlink()
            photo(house.inbox / "市文明办" / "IMG_1.jpg", seed="c")
            document(house.inbox / "市卫计委" / "文件1.txt", title="关于开展工作的通知", number="示卫发〔2026〕7号")
        finish(house, folder, command=self.command)
        if delivery == "told":
            for name in ("Ⅲ13-3 好人榜", "IMG_1"):
                (house.inbox / "市文明办" / f"{name}.txt").write_text("2026年4月6日人民广场好人榜更换", "utf-8")
            (house.inbox / "市卫计委" / "提交表.csv").write_text(
                "文件,编号,材料类型,标题,日期,报送日期\n文件1.txt,Ⅲ82-1,规范文件,节能减排责任制,2026-03-05,2026-09-01\n",
                "utf-8",
            )
            return house, len(series.segment_keys(store_of(house), CYCLE))
        (house.inbox / "市环保局" / "材料一.txt").unlink()
        document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt", number="示文明办发〔2026〕99号")
        document(house.inbox / "市教育局" / "Ⅲ58-1 方案.docx", title="示例市文明校园创建方案", number="示教发〔2026〕5号")
        photo(house.inbox / "市教育局" / "Ⅲ58-1 校园.jpg", seed="b")
        shutil.copy(house.inbox / "市教育局" / "打包.zip", house.inbox / "市文明办" / "打包.zip")
        return house, len(series.segment_keys(store_of(house), CYCLE))


def drawn(draw: random.Random, seconds: float, *, segments: int) -> Kill:
    """A kill: an instant of the run, from before its first write to a little after its end, or an aimed one."""
    aimed = draw.random() < _AIMED
    return Kill(
        at=None if aimed else draw.uniform(0.15, 1.03) * seconds,
        change=draw.randint(1, segments),
        after=draw.choice((0.0, draw.uniform(0, 0.004), draw.uniform(0, 0.012))),
        family=draw.random() < 0.5,
    )


def one(ground: Ground, draw: random.Random, number: int) -> Trial:
    """One trial; its workspace is removed when all is well, and kept to be looked at when not."""
    delivery = ground.deliveries[number % len(ground.deliveries)]
    folder = ground.work / f"trial-{number}"
    house, settled = ground.prepared(folder, delivery)
    store = store_of(house)
    before = inbox_of(house)
    kills, hit, wrong, ended = [], [], [], 0
    for _ in range(draw.randint(1, 3)):
        kill = drawn(draw, ground.seconds[delivery], segments=9)
        kills.append(kill)
        program = Program(*ground.command, root=house.root, home=folder, env=house.env)
        _await(program, kill, house)
        if not program.kill(family=kill.family):
            ended += 1
            continue
        if not kill.family:
            until(lambda p=program: not p.family(), "the children of a killed parent to end", seconds=_ORPHANED)
        hit.append(commit_of(house, store, settled=settled))
    out = finish(house, folder, command=ground.command)
    wrong += troubles(house, ground.expected[delivery], ground.found[delivery], out, folder)
    if inbox_of(house) != before:
        wrong.append("the inbox was altered")
    head = series.read_head(store, CYCLE)
    finish(house, folder, command=ground.command)
    if series.read_head(store, CYCLE) != head:
        wrong.append("the pass after had something left to do")
    if not wrong:
        shutil.rmtree(folder)
    return Trial(delivery, tuple(kills), tuple(hit), ended, tuple(wrong))


def soak(ground: Ground, *, kills: int, seed: int) -> Iterator[Trial]:
    """Trials until ``kills`` runs were killed."""
    draw = random.Random(seed)
    done = number = 0
    while done < kills:
        trial = one(ground, draw, number)
        done += len(trial.hit)
        number += 1
        yield trial


def histogram(trials: list[Trial]) -> dict[str, int]:
    """Kills by what they hit, in the order of a run."""
    counts = Counter(c.phase for t in trials for c in t.hit)
    return {phase: counts[phase] for phase in PHASES}


def _await(program: Program, kill: Kill, house: House) -> None:
    """Until the instant of the kill, or the run's end."""
    began = time.monotonic()
    if kill.at is not None:
        while time.monotonic() - began < kill.at and program.process.poll() is None:
            time.sleep(0.001)
        return
    seen, changes = _marks(house), 0
    while changes < kill.change and program.process.poll() is None:
        now = _marks(house)
        changes += now != seen
        seen = now
    end = time.monotonic() + kill.after
    while time.monotonic() < end:
        pass


def _marks(house: House) -> tuple[int, int]:
    """What a commit changes: the size of the index's journal, the number of segments (where they are files)."""
    journal = house.root / "index.sqlite-wal"
    manifest = house.root / "store" / "cycles" / CYCLE / "manifest"
    try:
        size = journal.stat().st_size
    except FileNotFoundError:
        size = 0
    return size, len(list(manifest.iterdir())) if manifest.is_dir() else 0
