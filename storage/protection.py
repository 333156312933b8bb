"""What a store may do beyond holding bytes: keep old versions, and refuse to delete until a date (S3 object lock).

Only what is immutable (``keys.immutable``: objects and segments) is ever locked; heads, quarantine, derived texts and reports stay as
they are. A folder can do none of this: it is no ``Versioned``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from archive_schema.errors import DanganError
from archive_schema.protection import Lock, described
from storage.objects import ObjectStore


class Version(msgspec.Struct, frozen=True):
    """One version of an object. ``marker``: a delete marker, which hides the object and holds no bytes. ``tag``: the server's
    ETag: two versions with one tag hold the same bytes."""

    key: str
    id: str
    size: int
    tag: str
    current: bool
    marker: bool


class Upload(msgspec.Struct, frozen=True):
    """An upload in parts that was begun and has not ended: its parts are kept and shown by no listing of objects or versions.
    ``begun``: by the server's clock."""

    key: str
    id: str
    begun: datetime


class ObjectLocked(DanganError):
    """The store refuses to delete a version before its date, or while it is under legal hold. Nothing was deleted."""

    def __init__(self, key: str, lock: Lock) -> None:
        super().__init__(
            f"{key} is locked: {lock}",
            zh=f"存储不许删除 {key}: {described(lock)}",
            code="store.locked",
            path=key,
            hint="依法保全的先由存储管理员解除;治理保留须有越过保留的权限(s3:BypassGovernanceRetention);合规保留须等到期",
        )


@runtime_checkable
class Versioned(Protocol):
    """What a store that can keep versions does beyond ``ObjectStore``; errors as there.

    :ivar lock: the lock that immutable objects are stored under from now on; None = none.
    """

    lock: Lock | None

    def versioning(self) -> bool:
        """Whether old versions are kept."""
        ...

    def keep_versions(self) -> None:
        """Switch that on for good."""
        ...

    def lockable(self) -> bool:
        """Whether the bucket was made with object lock."""
        ...

    def versions(self, prefix: str) -> Iterator[Version]:
        """Every version and delete marker of the objects whose key begins with ``prefix``.

        Versions come sorted by key, newest first; the markers stand anywhere between them.
        """
        ...

    def uploads(self, prefix: str) -> Iterator[Upload]:
        """Uploads in parts below ``prefix`` that have not ended, those of living processes too.

        :raises UsageError: the key may not look, or the server has no such listing.
        """
        ...

    def abort(self, upload: Upload) -> None:
        """Remove its parts; nothing happens where it has ended since."""
        ...

    def lock_of(self, key: str, version: str = "") -> Lock:
        """:raises ObjectMissing: there is no such version."""
        ...

    def set_lock(self, key: str, lock: Lock, version: str = "") -> None:
        """Lock a version; does nothing where its lock covers ``lock`` already."""
        ...

    def release_hold(self, key: str, version: str = "") -> None: ...

    def erase(self, key: str) -> None:
        """``delete`` that bypasses a governance retention: only where a named decision says so.

        :raises ObjectLocked: compliance, a legal hold, or no right to bypass.
        """
        ...

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """A PUT with ``If-None-Match: *``; whether it was accepted. For probing only: nothing here rests on it."""
        ...

    def server_time(self) -> datetime:
        """The server's clock, UTC, to the second."""
        ...


def erase(store: ObjectStore, key: str) -> None:
    """Remove an object for good by a named decision, a governance retention notwithstanding.

    :raises ObjectLocked: it is locked beyond that.
    """
    if isinstance(store, Versioned):
        store.erase(key)
    else:
        store.delete(key)


def remains(store: ObjectStore, prefix: str) -> list[str]:
    """Keys below ``prefix`` of which anything is left, be it an old version or a delete marker that a listing does not show."""
    if isinstance(store, Versioned):
        return sorted({v.key for v in store.versions(prefix)})
    return [i.key for i in store.list(prefix)]
