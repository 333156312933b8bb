"""What a command rewrites in a workspace is replaced as a whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_schema.errors import UnavailableError
from flows import replacing

OLD: dict[str, bytes | None] = {"a": b"old a", "b": b"old b"}
NEW: dict[str, bytes | None] = {"a": b"new a, and longer", "b": None, "c": b"new c"}


def held(folder: Path) -> dict[str, bytes]:
    """Every file below, hidden ones too."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "file").write_bytes(b"old")
    replacing.folder(folder / "of", OLD)
    (folder / "of" / "kept").write_bytes(b"a city's own")
    return folder


@pytest.fixture(params=["swapped", "in two steps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of putting a folder in place: in one step, and on a file system that cannot swap names."""
    if request.param == "in two steps":
        monkeypatch.setattr(replacing, "_exchange", lambda a, b: False)
    return str(request.param)


def test_a_folder_is_replaced_and_what_else_lay_in_it_is_kept(place: Path, way: str) -> None:
    replacing.folder(place / "of", NEW)
    assert held(place) == {"file": b"old", "of/a": b"new a, and longer", "of/c": b"new c", "of/kept": b"a city's own"}
    assert sorted(p.name for p in place.iterdir()) == ["file", "of"]


def no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["_write", "_sync", "_swap", "_copy"])
def test_a_folder_that_cannot_be_replaced_stays_as_it_was(step: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = held(place)
    monkeypatch.setattr(replacing, step, no_room)
    with pytest.raises(UnavailableError) as e:
        replacing.folder(place / "of", NEW)
    assert held(place) == before and not list(place.glob(".*"))
    assert (e.value.exit_code, e.value.code, e.value.path) == (3, "workspace.full", str(place / "of"))
    assert f"{place / 'of'} 所在的磁盘空间已满" in e.value.zh and "原有的内容没有改动" in e.value.hint


@pytest.mark.parametrize("step", ["replace", "rename"])
def test_the_last_step_that_fails_leaves_what_was_there(step: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file, and of a folder where it is put in place in two steps: what was set aside is put back."""
    monkeypatch.setattr(replacing, "_exchange", lambda a, b: False)
    real: Callable[..., Path] = getattr(Path, step)
    before = held(place)

    def fail(self: Path, target: Path) -> Path:
        if self.name.startswith(replacing._NEW):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(self, target)

    monkeypatch.setattr(Path, step, fail)
    with pytest.raises(UnavailableError, match="Read-only") as e:
        if step == "replace":
            replacing.file(place / "file", "new")
        else:
            replacing.folder(place / "of", NEW)
    assert "是只读的" in e.value.zh and e.value.code == "workspace.unavailable"
    assert held(place) == before and not list(place.glob(".*"))


KILLED = """
import os, sys
from pathlib import Path
from flows import replacing
step, root = sys.argv[1], Path(sys.argv[2])
if step == "between":
    replacing._exchange = lambda a, b: False
    rename = Path.rename
    Path.rename = lambda self, target: os._exit(9) if self.name.startswith(replacing._NEW) else rename(self, target)
else:
    setattr(replacing, step, lambda *_: os._exit(9))
replacing.folder(root / "of", {"a": b"new a, and longer", "b": None, "c": b"new c"})
"""


@pytest.mark.parametrize("step", ["_swap", "_remove", "between"])
def test_a_killed_one_leaves_the_old_or_the_new_and_is_swept_by_the_next(step: str, place: Path) -> None:
    before = held(place / "of")
    after = {"a": b"new a, and longer", "c": b"new c", "kept": b"a city's own"}
    done = subprocess.run([sys.executable, "-c", KILLED, step, str(place)], env={**os.environ, "PYTHONPATH": os.getcwd()})
    assert done.returncode == 9 and len(list(place.iterdir())) == 3, "it left something"
    assert held(replacing.standing(place / "of")) == (after if step == "_remove" else before)
    replacing.folder(place / "of", NEW)
    assert held(place / "of") == after
    assert sorted(p.name for p in place.iterdir()) == ["file", "of"]


def test_what_a_living_process_writes_is_left_alone(place: Path) -> None:
    with replacing._beside(place / "file") as new:
        new.write_bytes(b"half")
        replacing.file(place / "file", "whole")
        assert new.exists() and (place / "file").read_bytes() == b"whole"
    assert not new.exists()


def test_a_file_keeps_its_mode_and_a_link_is_written_through(place: Path) -> None:
    (place / "file").chmod(0o664)
    (place / "link").symlink_to("file")
    replacing.file(place / "link", "新")
    assert (place / "link").is_symlink() and (place / "file").read_text("utf-8") == "新"
    assert (place / "file").stat().st_mode & 0o777 == 0o664
