"""A disk that is full, read-only or forbidden: the place is named, what to do is said, nothing is lost, the next run completes it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dangan import cli
from tests.faults.conftest import Undisturbed, filled
from tests.faults.program import INGEST, Said, run
from tests.faults.trial import counted, finish, troubles
from tests.flows.house import House

SmallDisk = Callable[[Path, str], None]


def refused(said: Said, place: Path, *words: str) -> None:
    """The store or the index could not be used: exit code 3, one message, its place and its remedy, nothing of Python."""
    assert said.code == 3, said
    assert said.out == "" and "Traceback" not in said.err, said
    for word in (str(place), "错误: ", "怎么办: ", *words):
        assert word in said.err, said


def settled(house: House, undisturbed: Undisturbed, home: Path, *, bound: bool = False) -> None:
    """The next run, and all is well."""
    out = counted(run(*INGEST, root=house.root, home=home, bound=bound))
    assert troubles(house, undisturbed.state, undisturbed.found, out, home) == []


def fill_up(folder: Path, *, leave: int) -> Path:
    """Fill the disk up to ``leave`` bytes."""
    ballast = folder / "ballast"
    free = shutil.disk_usage(folder).free
    ballast.write_bytes(b"\0" * (free - leave))
    return ballast


def test_a_full_disk_under_the_store(undisturbed: Undisturbed, place: Path, small_disk: SmallDisk) -> None:
    """Full in the middle of the delivery."""
    small_disk(place / "ws" / "store", "4m")
    house = filled(House.build(place / "ws"), undisturbed)
    ballast = fill_up(house.root / "store", leave=400_000)
    refused(run(*INGEST, root=house.root, home=place), house.root / "store", "空间已满", "腾出空间")
    ballast.unlink()
    settled(house, undisturbed, place)


def test_a_full_disk_under_the_index(
    undisturbed: Undisturbed, place: Path, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_disk(place / "index", "4m")
    monkeypatch.setenv("DANGAN_INDEX", str(place / "index" / "index.sqlite"))
    house = filled(House.build(place / "ws"), undisturbed)
    file = house.root / "dangan.toml"
    file.write_text(file.read_text("utf-8").replace("index.sqlite", "../index/index.sqlite"), "utf-8")
    monkeypatch.delenv("DANGAN_INDEX")
    ballast = fill_up(place / "index", leave=8_192)
    refused(run(*INGEST, root=house.root, home=place), place / "index" / "index.sqlite", "空间已满", "腾出空间")
    ballast.unlink()
    settled(house, undisturbed, place)


def test_a_full_disk_under_the_scratch_folder(undisturbed: Undisturbed, place: Path, small_disk: SmallDisk) -> None:
    house = filled(House.build(place / "ws"), undisturbed)
    small_disk(house.root / ".scratch", "1m")
    ballast = fill_up(house.root / ".scratch", leave=0)
    refused(run(*INGEST, root=house.root, home=place), house.root / ".scratch", "空间已满", "腾出空间")
    ballast.unlink()
    subprocess.run(["umount", str(house.root / ".scratch")], check=True)
    settled(house, undisturbed, place)


def test_a_store_that_may_not_be_written(undisturbed: Undisturbed, place: Path, as_root: None) -> None:
    house = filled(House.build(place / "ws"), undisturbed)
    store = house.root / "store"
    folders = [store, *(p for p in store.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    refused(run(*INGEST, root=house.root, home=place, bound=True), store, "没有读写权限", "权限给运行本程序的用户")
    for folder in folders:
        folder.chmod(0o755)
    settled(house, undisturbed, place, bound=True)


def test_a_read_only_store(undisturbed: Undisturbed, place: Path, small_disk: SmallDisk) -> None:
    small_disk(place / "ws" / "store", "4m")
    house = filled(House.build(place / "ws"), undisturbed)
    subprocess.run(["mount", "-o", "remount,ro", str(house.root / "store")], check=True)
    refused(run(*INGEST, root=house.root, home=place), house.root / "store", "是只读的", "重新挂载")
    subprocess.run(["mount", "-o", "remount,rw", str(house.root / "store")], check=True)
    settled(house, undisturbed, place)


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Catalogues and units table as ``export`` writes them."""
    folder = tmp_path_factory.mktemp("workbooks")
    root = str(House.build(folder / "ws").root)
    for name in ("fujian-county", "national-2017"):
        assert cli.run(["-C", root, "catalogue", "export", name, "-o", str(folder / f"{name}.xlsx")]) == 0
    assert cli.run(["-C", root, "units", "export", "-o", str(folder / "单位.xlsx")]) == 0
    return folder


@pytest.fixture
def small_workspace(workbooks: Path, place: Path, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> House:
    """On a disk of its own, of which store and index are no part, with a catalogue of its own in use."""
    small_disk(place / "ws", "3m")
    monkeypatch.setenv("DANGAN_INDEX", str(place / "index.sqlite"))
    store = f"folder:{place / 'store'}"
    house = House.build(place / "ws", store=store)
    own = ("catalogue", "import", str(workbooks / "fujian-county.xlsx"), "--as", "own")
    assert cli.run(["-C", str(house.root), *own]) == 0
    return house


def faces(house: House) -> dict[str, bytes]:
    found = [p for p in house.root.iterdir() if p.suffix in (".toml", ".csv")] + [*(house.root / "catalogue").rglob("*")]
    return {str(p.relative_to(house.root)): p.read_bytes() for p in found if p.is_file()}


@pytest.mark.parametrize("leave", [0, 65_536])
def test_a_full_disk_under_the_workspace(leave: int, small_workspace: House, workbooks: Path, place: Path) -> None:
    """The catalogue in use, the units table and the cycle stay whole, and can be replaced once there is room."""
    house = small_workspace
    imports = (
        ("catalogue", "import", str(workbooks / "national-2017.xlsx"), "--as", "own"),
        ("units", "import", str(workbooks / "单位.xlsx")),
    )
    (house.root / "units.csv").write_text("\ufeff单位名称\n市文明办\n", "utf-8")
    before = faces(house)
    ballast = fill_up(house.root, leave=leave)
    for words in imports[: 2 if leave == 0 else 1]:
        refused(run(*words, root=house.root, home=place), house.root, "空间已满", "腾出空间")
        assert faces(house) == before, words
    assert run("coverage", root=house.root, home=place).code == 0
    ballast.unlink()
    for words in imports:
        assert run(*words, root=house.root, home=place).code == 0
    assert faces(house) != before and not list(house.root.rglob(".dangan-new*"))
    assert run("coverage", root=house.root, home=place).code == 0


def test_a_read_only_workspace(small_workspace: House, workbooks: Path, place: Path) -> None:
    house, before = small_workspace, faces(small_workspace)
    subprocess.run(["mount", "-o", "remount,ro", str(house.root)], check=True)
    for words in (
        ("catalogue", "import", str(workbooks / "national-2017.xlsx"), "--as", "own"),
        ("catalogue", "import", str(workbooks / "national-2017.xlsx"), "--as", "new", "--no-use"),
        ("units", "import", str(workbooks / "单位.xlsx")),
    ):
        refused(run(*words, root=house.root, home=place), house.root, "是只读的", "重新挂载")
    subprocess.run(["mount", "-o", "remount,rw", str(house.root)], check=True)
    assert faces(house) == before


def test_an_inbox_file_that_may_not_be_read_is_taken_in_once_it_may(
    undisturbed: Undisturbed, place: Path, as_root: None
) -> None:
    house = filled(House.build(place / "ws"), undisturbed)
    file = house.inbox / "市环保局" / "材料一.txt"
    file.chmod(0)
    said = run(*INGEST, root=house.root, home=place, bound=True)
    assert said.code == 0 and "材料一.txt" in said.err and "没有读取权限" in said.err, said
    assert counted(said)["quarantined"] == 2
    file.chmod(0o644)
    settled(house, undisturbed, place, bound=True)


def test_an_inbox_folder_that_may_not_be_entered_takes_nothing_away(
    undisturbed: Undisturbed, place: Path, as_root: None
) -> None:
    """What was archived from it is not held to be gone; what came into it is taken in once it may be entered. It may be listed, which
    takes a walk further than one that may not."""
    house = filled(House.build(place / "ws"), undisturbed)
    form = house.inbox / "市环保局" / "提交表.csv"
    finish(house, place)
    late = house.inbox / "市环保局" / "晚到.txt"
    late.write_bytes(form.read_bytes())
    folder = form.parent
    folder.chmod(0o444)
    said = run(*INGEST, root=house.root, home=place, bound=True)
    assert said.code == 0 and "文件夹打不开" in said.err and "市环保局" in said.err, said
    assert counted(said)["new"] == 0
    with house.open() as o:
        assert all(s.present for s in o.archive.index.sources())
    late.unlink()
    folder.chmod(0o755)
    settled(house, undisturbed, place, bound=True)
