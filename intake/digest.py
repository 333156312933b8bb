"""The SHA-256 (and, where it is asked for, SM3) of a file that nobody is writing to."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

import msgspec

from archive_schema import sm3 as sm3_digest
from archive_schema.errors import DanganError, system_said
from intake import names

_CHUNK = 1024 * 1024


class StillChanging(DanganError):
    """Size or time differ before and after reading: somebody is writing the file."""


class Unreadable(DanganError):
    """The disk or its permissions do not give the bytes."""


class Digested(msgspec.Struct, frozen=True):
    """``size`` in bytes; ``mtime_ns`` of the file system, for information only; ``sm3`` "" = not asked for."""

    sha256: str
    size: int
    mtime_ns: int
    sm3: str = ""


def digest_file(path: Path, *, sm3: bool = False) -> Digested:
    """Read a file once, in pieces of 1 MiB. A symbolic link is never followed.

    :raises StillChanging: it changed, grew or was replaced while it was read, by something that is no file too, or is gone.
    :raises Unreadable: permission, input/output error.
    """
    h = hashlib.sha256()
    second = sm3_digest.new() if sm3 else None
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(fd, "rb", buffering=0) as f:  # noqa: PTH123 - a descriptor, opened without following links
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise _no_file(path)
            while chunk := f.read(_CHUNK):
                h.update(chunk)
                if second is not None:
                    second.update(chunk)
        after = path.stat(follow_symlinks=False)
    except FileNotFoundError as e:
        raise StillChanging(
            f"{path}: gone", zh=f"{names.of_path(path)}: 读取时文件已被移走,下次再收", path=names.of_path(path)
        ) from e
    except OSError as e:
        # opened without following links; a socket cannot be opened at all
        if e.errno in (errno.EISDIR, errno.ELOOP) or (e.errno == errno.ENXIO and path.is_socket()):
            raise _no_file(path) from e
        raise unreadable(path, e) from e
    if _identity(before) != _identity(after):
        raise StillChanging(
            f"{path}: changed while read", zh=f"{names.of_path(path)}: 文件正在变化,等待写完后再收", path=names.of_path(path)
        )
    return Digested(h.hexdigest(), before.st_size, before.st_mtime_ns, second.hexdigest() if second is not None else "")


def _no_file(path: Path) -> StillChanging:
    """Something else stands there now; what it is, the next walk says."""
    zh = f"{names.of_path(path)}: 读取时已不是普通文件(换成了文件夹、链接或管道),下次再看"
    return StillChanging(f"{path}: no ordinary file any more", zh=zh, path=names.of_path(path))


def unreadable(path: Path, error: OSError) -> Unreadable:
    """The Chinese of an ``OSError`` met while opening ``path``."""
    why = "没有读取权限" if isinstance(error, PermissionError) else f"磁盘读取失败({system_said(error)})"
    return Unreadable(
        f"{path}: {error}",
        zh=f"{names.of_path(path)}: {why}",
        code="intake.unreadable",
        path=names.of_path(path),
        hint="请检查文件权限或存储介质后重新提交",
    )


def _identity(st: os.stat_result) -> tuple[int, int, int, int]:
    return st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns
