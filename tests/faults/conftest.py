"""An undisturbed archive to compare with, and disks that refuse."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import needs
from tests.faults.trial import State, state_of
from tests.flows.house import House, small_inbox


@pytest.fixture(autouse=True)
def no_places_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's environment says of store and index is none of these tests' business."""
    for name in ("STORE", "INDEX", "INBOX", "ZONE", "DEBUG"):
        monkeypatch.delenv(f"DANGAN_{name}", raising=False)


@pytest.fixture
def new_workspace(tmp_path: Path) -> Callable[..., House]:
    """``new_workspace(name, store=…)``: an initialised workspace with an empty inbox."""

    def make(name: str = "ws", **options: str) -> House:
        return House.build(tmp_path / name, **options)

    return make


class Undisturbed(NamedTuple):
    """The small inbox, and what an archive holds after one pass over it. ``found``: its files."""

    inbox: Path
    state: State
    found: int


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    house = House.build(tmp_path_factory.mktemp("undisturbed") / "ws")
    small_inbox(house.inbox)
    in_small_batches(house)
    out = house.ingest(ocr="off").output
    return Undisturbed(house.inbox, state_of(house), out.found)


def in_small_batches(house: House) -> None:
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write("\n[limits]\nbatch_files = 2\n")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in which disks may be mounted; they are unmounted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="dangan-faults-", dir="/tmp"))
    yield folder
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    for at in sorted((m for m in mounted if m.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", at], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def as_root() -> None:
    """Mounting a disk is root's, and so is giving up root's own exceptions."""
    if os.geteuid() != 0:
        needs.missing("root", "only root may mount a small disk")


@pytest.fixture
def small_disk(as_root: None) -> Callable[[Path, str], None]:
    """``small_disk(folder, "1m")``: a disk of that size at ``folder``."""

    def mount(at: Path, size: str) -> None:
        at.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            needs.missing("root", f"mount -t tmpfs: {done.stderr.strip()}")

    return mount


def filled(house: House, undisturbed: Undisturbed) -> House:
    """The same inbox again."""
    in_small_batches(house)
    shutil.copytree(undisturbed.inbox, house.inbox, dirs_exist_ok=True)
    return house
