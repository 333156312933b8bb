"""Files and folders of a workspace replaced as a whole or not at all: written beside, brought to the disk, put in place in one step.

Whoever is killed, or finds the disk full or read-only, leaves what was there before; what he wrote beside it is swept by the next.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from archive_schema.errors import UnavailableError

_NEW = ".dangan-new."
#: seconds after which what a process wrote that nobody can ask counts as left behind
_OLD = 24 * 3600
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
#: a file system that cannot swap two names, or a kernel that knows of no such thing
_CANNOT = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


@contextmanager
def named(place: Path) -> Iterator[None]:
    """:raises UnavailableError: (``workspace.full``, ``workspace.unavailable``) in place of an ``OSError``."""
    try:
        yield
    except OSError as e:
        from storage import disk

        full, (why, what) = disk.is_full(e), disk.explained(e)
        raise UnavailableError(
            f"{place}: {e}",
            zh=f"工作区的 {place} {why}",
            code="workspace.full" if full else "workspace.unavailable",
            path=str(place),
            hint=f"原有的内容没有改动;{what},然后再运行一次",
        ) from e


def file(path: Path, data: str | bytes) -> None:
    """Put a file in the place of another, or where there is none.

    :raises UnavailableError: the disk is full, read-only or forbidden; what was there stays.
    """
    with named(path):
        put(path, data.encode() if isinstance(data, str) else data)


def put(path: Path, data: bytes) -> None:
    """:raises OSError: see ``file``."""
    path = path.resolve()  # a link is written through, not replaced
    with _beside(path) as new:
        _write(new, data)
        _like(path, new)
        new.replace(path)
    _sync(path.parent)


def folder(path: Path, files: Mapping[str, bytes | None]) -> None:
    """Put a folder with these files in the place of another; None = no such file. What else lay in the old one is kept.

    :raises UnavailableError: as ``file``.
    """
    with named(path):
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        if (left := standing(path)) != path:
            left.rename(path)
        with _beside(path) as new:
            if path.is_dir():
                _copy(path, new, without=files)
            else:
                new.mkdir()
            for name, data in files.items():
                if data is not None:
                    _write(new / name, data)
                    _like(path / name, new / name)
            _sync(new)
            _swap(new, path)
        _sync(path.parent)


def standing(path: Path) -> Path:
    """The folder at ``path``, or the one set aside for it by a run that was killed before it could put another in its place."""
    if path.exists():
        return path
    aside = _aside(path)
    return aside if aside.is_dir() else path


def _swap(new: Path, path: Path) -> None:
    """``new`` takes the place of ``path``; what was there takes the other's. At one instant where the file system can do that."""
    if not path.exists():
        new.rename(path)
    elif not _exchange(new, path):
        aside = _aside(path)
        _remove(aside)  # left by one that was killed when all was done
        path.rename(aside)
        try:
            new.rename(path)
        except OSError:
            aside.rename(path)
            raise
        aside.rename(new)


def _exchange(a: Path, b: Path) -> bool:
    """Swap two names; False = it cannot be done here."""
    import ctypes

    swap: Callable[..., int] | None = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    if swap(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(b))


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name beside ``path`` for what is to take its place; nothing is left there, nor what killed processes left."""
    from storage import process

    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"{_NEW}*"):
        lives = process.owner_alive(left.name.removeprefix(_NEW))
        with suppress(OSError):  # swept by another process at this moment
            if lives is False or (lives is None and time.time() - left.lstat().st_mtime > _OLD):
                _remove(left)
    new = path.with_name(f"{_NEW}{process.owner()}.{secrets.token_hex(4)}")
    try:
        yield new
    finally:
        _remove(new)


def _copy(old: Path, new: Path, *, without: Collection[str] = ()) -> None:
    new.mkdir()
    _like(old, new)
    for entry in old.iterdir():
        if entry.name in without:
            continue
        if entry.is_symlink():
            (new / entry.name).symlink_to(entry.readlink())
        elif entry.is_dir():
            _copy(entry, new / entry.name)
        else:
            _write(new / entry.name, entry.read_bytes())
            shutil.copystat(entry, new / entry.name)
            _like(entry, new / entry.name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def _like(old: Path, new: Path) -> None:
    """Whoever could write the old file can write the new one."""
    with suppress(OSError):  # another's file, or none
        found = old.stat()
        new.chmod(stat.S_IMODE(found.st_mode))
        os.chown(new, found.st_uid, found.st_gid)


def _sync(folder: Path) -> None:
    from storage import disk

    disk.sync_folder(folder)
