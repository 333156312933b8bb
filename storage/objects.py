"""The protocol of an object store, written so that a folder and any S3 server can keep it.

Nothing here rests on conditional writes: servers differ in them (a Ceph RGW 16 ignores ``If-None-Match`` on PUT), so
correctness rests on content addressing and on the one writing index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from archive_schema.errors import DanganError, IntegrityError

CHUNK = 1024 * 1024


class ObjectMissing(DanganError):
    """There is no object under the key."""

    exit_code = 1

    def __init__(self, key: str) -> None:
        super().__init__(
            f"no object {key}", zh=f"存储中没有 {key}", code="store.missing", path=key, hint="请运行 dangan audit 查明缺失"
        )


class SourceChanged(DanganError):
    """The file to be stored is not (or no longer) the bytes that were announced; nothing was stored."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path}: {why}",
            zh=f"{path.name} 在入库时发生变化或无法读取",
            code="source.changed",
            path=str(path),
            hint="等文件写完后再次运行 dangan ingest 即可",
        )


class ObjectInfo(msgspec.Struct, frozen=True):
    """``modified``: when it was stored, UTC."""

    key: str
    size: int
    modified: datetime


class ObjectStore(Protocol):
    """Bytes under keys (``storage.keys``).

    Every implementation MUST:

    - make an object appear whole or not at all, and durable when the call returns;
    - stream: memory never grows with the size of an object (``get`` and ``put_bytes`` are for small ones);
    - raise ``UnavailableError`` for whatever about the store cannot be reached or done now, ``UsageError`` for wrong
      credentials, bucket or key, and nothing of its library or ``OSError``;
    - be usable from several threads.
    """

    @property
    def url(self) -> str:
        """Where it is, to show a user; holds no secret."""
        ...

    def put_file(self, key: str, path: Path, *, sha256: str, size: int, replace: bool = False) -> bool:
        """Store the file's bytes. True = written, False = the same bytes were there already and were not rewritten.

        MUST hash while copying and make nothing visible when the source is not ``sha256``; MUST verify what was
        written before returning; MUST compare the content of an object that is already there.

        :param replace: where that is another, put this one in its place, whole or not at all; a server's old versions stay.

        :raises SourceChanged: the source's bytes are not (or no longer) that digest and size, or cannot be read.
        :raises IntegrityError: another content lies under the key and ``replace`` is false, or what was written reads back differently.
        """
        ...

    def put_bytes(self, key: str, data: bytes, *, replace: bool = False) -> bool:
        """Store ``data``. True = written, False = the same bytes were there already.

        :raises IntegrityError: another content lies under the key and ``replace`` is false, or what was written reads back differently.
        """
        ...

    def get(self, key: str) -> bytes:
        """:raises ObjectMissing: there is none."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The object's bytes as a stream; a context manager. Not seekable everywhere.

        :raises ObjectMissing: there is none.
        """
        ...

    def local(self, key: str) -> Path | None:
        """The file that holds the object, to be read and never written; None where the store keeps no files."""
        ...

    def stat(self, key: str) -> ObjectInfo | None:
        """None = there is none."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key begins with ``prefix``, sorted by key. What lies under a name that is no key is left out."""
        ...

    def found(self, prefix: str) -> Iterator[ObjectInfo]:
        """``list``, and whatever else lies there by the name that it has, sorted; for telling people: only keys can be asked for.

        A folder in a folder store whose name is no part of a key ends in ``/`` and stands for all that is in it.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the object for good (every version a server keeps of it); not an error when there is none."""
        ...


def hash_stream(stream: BinaryIO) -> tuple[str, int]:
    """(SHA-256, size) of the rest of a stream."""
    h = hashlib.sha256()
    size = 0
    while chunk := stream.read(CHUNK):
        h.update(chunk)
        size += len(chunk)
    return h.hexdigest(), size


def differs(key: str, expected: str, found: str) -> IntegrityError:
    """The error for an object whose content is not what belongs under its key."""
    named = key.startswith("objects/")
    back = (
        "由第二副本换回: dangan copy --from 副本地址 --full --repair --by 姓名" if named else "请运行 dangan audit 并从备份恢复"
    )
    return IntegrityError(
        f"{key}: expected {expected}, found {found}",
        zh=f"存储中的 {key} 与应有内容不符",
        code="store.differs",
        path=key,
        hint=f"原件可能被改动或损坏;没有覆盖它,{back}",
    )


def has_same(store: ObjectStore, key: str, *, sha256: str, size: int, replace: bool) -> bool:
    """Whether the object is there already as these bytes; False = it is to be written.

    :raises IntegrityError: its content is another, and ``replace`` is false.
    """
    if store.stat(key) is None:
        return False
    try:
        check_same(store, key, sha256=sha256, size=size)
    except IntegrityError:
        if not replace:
            raise
        return False
    return True


def check_same(store: ObjectStore, key: str, *, sha256: str, size: int) -> None:
    """Read an object back.

    :raises IntegrityError: its content is not ``sha256``.
    """
    with store.open(key) as f:
        found, found_size = hash_stream(f)
    if (found, found_size) != (sha256, size):
        raise differs(key, f"{sha256} ({size} bytes)", f"{found} ({found_size} bytes)")


class CheckedSource:
    """A file being read for storing, hashed on the way; the *last* read raises when the whole is not what was announced.

    So a writer that sends what it reads never sends the end of a wrong object.

    :raises SourceChanged: from the constructor and ``read``.
    """

    def __init__(self, path: Path, *, sha256: str, size: int) -> None:
        self._path, self._sha256, self._left = path, sha256, size
        self._hash = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False)  # S3 names the content of a single-part object by it
        try:
            self._file = path.open("rb")
        except OSError as e:
            raise SourceChanged(path, f"cannot be opened: {e.strerror}") from e
        if size == 0:
            self._finish()

    def read(self, n: int = CHUNK) -> bytes:
        try:
            data = self._file.read(min(n, self._left))
        except OSError as e:
            raise SourceChanged(self._path, f"cannot be read: {e.strerror}") from e
        if not data and self._left:
            raise SourceChanged(self._path, "ends early")
        self._hash.update(data)
        self.md5.update(data)
        self._left -= len(data)
        if data and self._left == 0:
            self._finish()
        return data

    def _finish(self) -> None:
        if self._hash.hexdigest() != self._sha256:
            raise SourceChanged(self._path, f"is {self._hash.hexdigest()}, announced as {self._sha256}")
        if self._file.read(1):
            raise SourceChanged(self._path, "has grown")

    def __enter__(self) -> CheckedSource:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
