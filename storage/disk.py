"""What an ``OSError`` of a disk means to the user: why, and what to do. The words for store, index and scratch folder alike."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from archive_schema.errors import system_said

#: bytes below which a disk counts as full
_ROOM = 256 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)
_WHY: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("所在的磁盘空间已满", "请在该磁盘上腾出空间"),
    errno.EDQUOT: ("的磁盘配额已用完", "请腾出空间或请管理员放宽配额"),
    errno.EACCES: ("没有读写权限", "请管理员把该处的读写权限给运行本程序的用户"),
    errno.EPERM: ("没有读写权限", "请管理员把该处的读写权限给运行本程序的用户"),
    errno.EROFS: ("是只读的", "请管理员把该磁盘改为可写(重新挂载);磁盘出错时系统也会自动改成只读,请一并检查磁盘"),
    errno.EIO: ("磁盘读写出错", "请管理员检查磁盘和连线"),
    errno.ENOENT: ("不见了", "请检查磁盘是否挂载"),
    errno.EMFILE: ("打不开: 打开的文件太多", "请管理员放宽打开文件数的限制(ulimit -n)"),
    errno.ENFILE: ("打不开: 打开的文件太多", "请管理员放宽打开文件数的限制"),
}


def is_full(error: OSError) -> bool:
    return error.errno in _FULL


def has_no_room(folder: Path) -> bool:
    """The disk under a folder is as good as full."""
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


def explained(error: OSError) -> tuple[str, str]:
    """(why, what to do), to be put after the name of the place."""
    if error.errno in _WHY:
        return _WHY[error.errno]
    return f"无法读写({system_said(error)})", "请检查磁盘是否挂载、权限是否正确"


def sync_folder(folder: Path) -> None:
    """Bring to the disk which names a folder holds.

    :raises OSError: as the disk says
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
