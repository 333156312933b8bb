"""The exception tree.

::

    DanganError                 any error of ours that a user can act on
    ├── UsageError              wrong use or configuration            exit 2
    │   └── DataError           a data file of the user is wrong; names file, row and column
    ├── UnavailableError        store or index cannot be reached      exit 3
    ├── ConflictError           another writer, another index, or a moved head; exit 3
    ├── IntegrityError          what is stored is not what was written  exit 1
    └── InternalError           our own part failed its self-test; never a finding about a file  exit 3

Messages are English (logs); ``zh`` is what a user reads and always says what to do.
"""

from __future__ import annotations

import errno

_SYSTEM = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EIO: "磁盘读写出错",
    errno.ENOENT: "不见了",
    errno.ENOSPC: "磁盘空间已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "磁盘是只读的",
    errno.EISDIR: "是文件夹,不是文件",
    errno.ENOTDIR: "不是文件夹",
    errno.ELOOP: "是符号链接",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名字太长",
    errno.ENODEV: "设备已断开",
    errno.ENXIO: "设备已断开",
    errno.ESTALE: "共享文件夹的连接已失效",
    errno.ENOTCONN: "共享文件夹的连接已断开",
    errno.EHOSTDOWN: "共享文件夹的服务器没有开机或不通",
    errno.EHOSTUNREACH: "共享文件夹的服务器连不上",
    errno.ENETUNREACH: "网络不通",
    errno.ETIMEDOUT: "共享文件夹的服务器没有回答",
}


def system_said(error: OSError) -> str:
    """What an error of the system means, in Chinese; of a rare one its number, by which an administrator finds it."""
    if error.errno in _SYSTEM:
        return _SYSTEM[error.errno]
    return f"系统错误 {error.errno}" if error.errno is not None else f"系统错误 {type(error).__name__}"


class DanganError(Exception):
    """Root of the tree.

    :param message: English, for logs.
    :param zh: Chinese sentence for the user; defaults to ``message``.
    :param code: stable short code, e.g. ``catalogue.unknown-kind``.
    :param path: file or object key concerned.
    :param item: catalogue item concerned.
    :param hint: Chinese: what to do now.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        zh: str = "",
        code: str = "",
        path: str = "",
        item: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.zh = zh or message
        self.code = code
        self.path = path
        self.item = item
        self.hint = hint


class UsageError(DanganError):
    """Wrong use or configuration."""


class DataError(UsageError):
    """A table that a user supplies is wrong. ``problems`` lists every fault, each naming row and column."""

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), **kwargs: str) -> None:
        super().__init__(message, **kwargs)
        self.problems = problems


class UnavailableError(DanganError):
    """The object store or the index cannot be reached; trying again later may help."""

    exit_code = 3


class ConflictError(DanganError):
    """Another process or another index holds the archive, or the head moved under us."""

    exit_code = 3


class IntegrityError(DanganError):
    """Stored bytes or records are not what was written."""

    exit_code = 1


class InternalError(DanganError):
    """One of our own parts failed; nothing may be concluded about any file."""

    exit_code = 3
