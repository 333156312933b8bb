"""SIGKILL at any instant: the next run completes it. The long version is ``make soak``."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.ingest import ingest
from storage.archive import STEPS
from storage.folder import FolderStore
from tests.faults.conftest import Undisturbed, filled
from tests.faults.soak import Ground, soak
from tests.faults.trial import PHASES, commit_of, finish, store_of, troubles
from tests.flows.house import House, photo


def new_house(folder: Path, **options: object) -> House:
    with contextlib.redirect_stdout(io.StringIO()):
        return House.build(folder / "ws", **options)  # type: ignore[arg-type]


def test_killed_at_random_instants_nothing_is_lost_doubled_or_left(tmp_path: Path) -> None:
    trials = list(soak(Ground(tmp_path, new_house, deliveries=("second",)), kills=2, seed=7))
    assert [w for t in trials for w in t.wrong] == []
    assert sum(len(t.hit) for t in trials) >= 2


class Stopped(BaseException):
    """What a failpoint throws: nothing of the program catches it."""


#: what is seen of a commit that ended after each of its steps
_SEEN = dict(zip(STEPS, (*PHASES[2:6], "between commits"), strict=True))


@pytest.mark.parametrize("step", STEPS)
def test_how_far_a_commit_had_come_is_told_rightly(
    step: str, undisturbed: Undisturbed, new_workspace: Callable[..., House]
) -> None:
    house = filled(new_workspace(), undisturbed)
    left = 1 if step == "bytes" else 3

    def point(name: str) -> None:
        nonlocal left
        left -= name == step
        if not left:
            raise Stopped

    with house.open() as o, pytest.raises(Stopped):
        o.archive._failpoint = point
        ingest(o, validation=False, ocr="off")
    assert commit_of(house, store_of_files(house)).phase == _SEEN[step]


def store_of_files(house: House) -> FolderStore:
    """The folder store, without opening the archive, which would complete what was killed."""
    return FolderStore(house.root / "store")


def test_the_harness_sees_what_is_wrong(undisturbed: Undisturbed, new_workspace: Callable[..., House], tmp_path: Path) -> None:
    house = filled(new_workspace(), undisturbed)
    out = finish(house, tmp_path)
    assert troubles(house, undisturbed.state, undisturbed.found, out, tmp_path) == []
    (house.root / ".scratch").mkdir()
    (house.root / "store" / ".tmp" / "x").write_bytes(b"")
    (tmp_path / "tmp" / "y").write_bytes(b"")
    key = next(i.key for i in store_of(house).list("objects/"))
    (house.root / "store" / key).unlink()
    wrong = "\n".join(troubles(house, undisturbed.state, undisturbed.found + 1, out, tmp_path))
    for said in (".scratch", "left in the store: x", "left in the temporary folder: y", "object.missing", "files found of"):
        assert said in wrong


def test_what_a_killed_pass_was_about_to_say_of_a_known_picture_is_said_by_the_next(
    new_workspace: Callable[..., House],
) -> None:
    """The text beside it was archived, and the pass ended before the picture's turn came."""
    house = new_workspace()
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write("\n[limits]\nbatch_files = 1\n")
    picture = photo(house.inbox / "市文明办" / "IMG_1.jpg")
    house.ingest(ocr="off")
    picture.with_suffix(".txt").write_text("2026年4月5日人民广场好人榜揭幕", "utf-8")

    def point(name: str) -> None:
        if name == "held":
            raise Stopped

    with house.open() as o, pytest.raises(Stopped):
        o.archive._failpoint = point
        ingest(o, validation=False, ocr="off")
    out = house.ingest(ocr="off").output
    assert (out.new, out.known) == (0, 2), "no file is new any more"
    with house.open() as o:
        [caption] = [s.caption for s in o.archive.index.sources() if s.path == picture.name]
    assert caption is not None and "好人榜" in str(caption.value)
    head = house.head()
    house.ingest(ocr="off")
    assert house.head() == head
