"""An object store in a folder: the embedded default, no server.

An object is a file under its key. It is written as a temporary file in ``.tmp/`` of the same file system, synced, read back,
renamed into place, and the folders that name it are synced: after a power failure it is there whole, or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import stat as modes
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from archive_schema.errors import DanganError, IntegrityError, UnavailableError
from storage import disk, keys
from storage.objects import CHUNK, CheckedSource, ObjectInfo, ObjectMissing, differs, has_same, hash_stream
from storage.process import owner, owner_alive

TEMPORARY = ".tmp"
#: age in seconds at which a temporary file of another host counts as left behind
_OLD = 24 * 3600


class FolderStore:
    """See ``ObjectStore`` for the contract. ``root`` is made when it does not exist."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._tmp = self.root / TEMPORARY
        self._owner = owner()
        with self._mapped("", writing=True):
            self._tmp.mkdir(parents=True, exist_ok=True)
            self._clean()

    @property
    def url(self) -> str:
        return f"folder:{self.root}"

    def put_file(self, key: str, path: Path, *, sha256: str, size: int, replace: bool = False) -> bool:
        if has_same(self, key, sha256=sha256, size=size, replace=replace):
            return False
        with self._mapped(key, writing=True), CheckedSource(path, sha256=sha256, size=size) as source:
            self._write(key, iter(source.read, b"") if size else iter(()), sha256)
        return True

    def put_bytes(self, key: str, data: bytes, *, replace: bool = False) -> bool:
        if self.stat(key) is not None:
            if (found := self.get(key)) == data:
                return False
            if not replace:
                raise differs(key, hashlib.sha256(data).hexdigest(), hashlib.sha256(found).hexdigest())
        with self._mapped(key, writing=True):
            self._write(key, iter((data,)), hashlib.sha256(data).hexdigest())
        return True

    def get(self, key: str) -> bytes:
        with self.open(key) as f, self._mapped(key):
            return f.read()

    def open(self, key: str) -> BinaryIO:
        with self._mapped(key):
            # what was put here is a plain file: a link is somebody else's work and is not followed
            fd = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            if not modes.S_ISREG(os.fstat(fd).st_mode):
                os.close(fd)
                raise ObjectMissing(key)
            return io.BufferedReader(_Reader(self, key, fd), CHUNK)

    def local(self, key: str) -> Path | None:
        return self._path(key)

    def stat(self, key: str) -> ObjectInfo | None:
        try:
            with self._mapped(key):
                found = self._path(key).lstat()
        except ObjectMissing:
            return None
        return _info(key, found) if modes.S_ISREG(found.st_mode) else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._below(prefix, every=False)

    def found(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._below(prefix, every=True)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(ObjectMissing), self._mapped(key):
            path.unlink()
            disk.sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        return self.root / keys.check_key(key)

    def _below(self, prefix: str, *, every: bool) -> Iterator[ObjectInfo]:
        above = prefix.rpartition("/")[0]
        if above:
            keys.check_key(above)
        yield from self._walk(self.root / above, f"{above}/" if above else "", prefix, every)

    def _walk(self, folder: Path, base: str, prefix: str, every: bool) -> Iterator[ObjectInfo]:
        """:param every: also what is no object: see ``found``."""
        try:
            with self._mapped(base):
                entries = [(e.name + "/" if e.is_dir(follow_symlinks=False) else e.name, e) for e in os.scandir(folder)]
        except ObjectMissing:
            return
        for name, entry in sorted(entries, key=lambda pair: pair[0]):
            key = base + name
            if key == f"{TEMPORARY}/":
                continue
            named = keys.is_part(name.removesuffix("/"))
            if named and name.endswith("/"):
                if key.startswith(prefix) or prefix.startswith(key):
                    yield from self._walk(Path(entry.path), key, prefix, every)
                continue
            told = named and entry.is_file(follow_symlinks=False)
            if key.startswith(prefix) and (told or (every and not keys.ours(key))):
                with suppress(ObjectMissing), self._mapped(key):  # deleted since the folder was read
                    yield _info(_readable(key), entry.stat(follow_symlinks=False))

    def _write(self, key: str, chunks: Iterator[bytes], sha256: str) -> None:
        target = self._path(key)
        temporary = self._tmp / self._temporary_name()
        try:
            with temporary.open("xb") as f:
                for chunk in chunks:
                    f.write(chunk)
                f.flush()
                os.fsync(f.fileno())
            with temporary.open("rb") as f:
                found, _ = hash_stream(f)
            if found != sha256:
                raise IntegrityError(
                    f"{key}: wrote {sha256}, read back {found}",
                    zh=f"写入 {key} 后读回的内容不同,磁盘或内存可能有故障",
                    code="store.read-back",
                    path=key,
                    hint="没有入库;请检查磁盘后重试",
                )
            _make_folders(target.parent)
            temporary.replace(target)
            disk.sync_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def _temporary_name(self) -> str:
        """Names the writer, so that others can see whether it still lives."""
        return f"{self._owner}.{secrets.token_hex(8)}"

    def _clean(self) -> None:
        """Remove temporary files whose writer is gone."""
        for leftover in self._tmp.iterdir():
            with suppress(OSError):  # another process cleans as well, or the disk is mounted read-only
                if self._left_behind(leftover):
                    leftover.unlink()

    def _left_behind(self, path: Path) -> bool:
        lives = owner_alive(path.name)
        return time.time() - path.stat().st_mtime > _OLD if lives is None else not lives

    @contextmanager
    def _mapped(self, key: str, *, writing: bool = False) -> Iterator[None]:
        """``OSError`` of the store into our tree."""
        try:
            yield
        except OSError as e:
            raise self._error(key, e, writing) from e

    def _error(self, key: str, e: OSError, writing: bool) -> DanganError:
        absent = isinstance(e, FileNotFoundError | NotADirectoryError | IsADirectoryError) or e.errno == errno.ELOOP
        if absent and not writing and self._tmp.is_dir():  # without it the whole store is gone (a disk not mounted)
            return ObjectMissing(key)
        full, (why, what) = disk.is_full(e), disk.explained(e)
        return UnavailableError(
            f"{self.url}: {key}: {e}",
            zh=f"存储文件夹 {self.root} {why}",
            code="store.full" if full else "store.unavailable",
            path=key,
            hint=f"已存档的不受影响;{what},然后再运行一次,会接着做完",
        )


class _Reader(io.RawIOBase):
    """A file whose read errors are ours."""

    def __init__(self, store: FolderStore, key: str, fd: int) -> None:
        self._store, self._key = store, key
        self._file = io.FileIO(fd, "rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int | None:
        with self._store._mapped(self._key):
            return self._file.readinto(buffer)  # type: ignore[arg-type]

    def close(self) -> None:
        self._file.close()
        super().close()


def _readable(name: str) -> str:
    """With a mark for each byte that is no UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def _info(key: str, found: os.stat_result) -> ObjectInfo:
    return ObjectInfo(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _make_folders(folder: Path) -> None:
    """Make ``folder`` and what is above it, each new one's entry made durable in its parent."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        disk.sync_folder(new.parent)
