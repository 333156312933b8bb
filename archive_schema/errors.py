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
