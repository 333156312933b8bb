"""7z, by py7zr (optional)."""

from __future__ import annotations

import lzma
import posixpath
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive_schema.cycle import Limits
from intake import container
from intake.archives import Bad, Entry, Locked, Taker, Target


def entries(path: Path, name: str, limits: Limits) -> list[Entry]:
    with _opened(path) as archive:
        return _entries(archive)


def take_out(path: Path, name: str, limits: Limits, taker: Taker) -> None:
    with _opened(path) as archive:
        listed = _entries(archive)
        for entry in listed:
            taker.check(entry)
        if archive.needs_password():
            for entry in listed:
                if not entry.folder:
                    taker.open(entry)  # named, and left where it is
            return
        factory = _Members(listed, taker)
        try:
            archive.extractall(factory=factory)
        except BaseException:
            factory.end(whole=False)
            raise
        factory.end(whole=True)


class _Members:
    """What py7zr asks for a place to write each member to. A member ends when the next begins: only then is its check sum
    known to agree."""

    def __init__(self, listed: list[Entry], taker: Taker) -> None:
        self._known = {posixpath.normpath(e.name): e for e in listed}  # py7zr asks by the name it would write to
        self._taker = taker
        self._last: Target | None = None

    def create(self, filename: str) -> _Member:
        self.end(whole=True)
        self._last = self._taker.open(self._known.get(filename, Entry(filename)))
        return _Member(self._last)

    def end(self, *, whole: bool) -> None:
        last, self._last = self._last, None
        if last is not None:
            if whole:
                last.close()
            else:
                last.spoil()


class _Member:
    """The file-like thing that py7zr writes to; it is never read."""

    def __init__(self, target: Target | None) -> None:
        self._target = target

    def write(self, data: bytes | bytearray) -> int:
        if self._target is not None:
            self._target.write(bytes(data))
        return len(data)

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import py7zr
    from py7zr.exceptions import ArchiveError, PasswordRequired

    try:
        # a file object: given a path, py7zr unpacks in several threads
        with path.open("rb") as f, py7zr.SevenZipFile(f, "r") as archive:
            yield archive
    except PasswordRequired as e:
        raise Locked from e
    except (ArchiveError, lzma.LZMAError, zlib.error, struct.error, EOFError) as e:
        raise Bad from e
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        AssertionError,
        OverflowError,
        NotImplementedError,
    ) as e:
        raise Bad from e  # what its parser lets out for a list of names that makes no sense
    except OSError as e:
        if container.fault_of_disk(e) or container.fault_of_ours(e):
            raise
        raise Bad from e


def _entries(archive: Any) -> list[Entry]:
    locked = archive.needs_password()
    return [
        Entry(
            name=str(f.filename).replace("\\", "/"),
            folder=bool(f.is_directory),
            locked=locked and not f.is_directory,
            special=not f.is_directory and not f.is_file,
        )
        for f in archive.files
    ]
