"""TAR, bare or compressed (gzip, bzip2, xz), and single files compressed that way; by the standard library.

A TAR has no directory, and a compressed one cannot be measured without unpacking it: it is read once, from front to end,
through a stream that stops at the limits.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from archive_schema.cycle import Limits
from intake import container, names
from intake.archives import CHUNK, Bad, Entry, Taker, TooMuch
from intake.filetype import old_tar

_MAGIC = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
_SUFFIXES = (".gz", ".bz2", ".xz", ".tgz", ".tbz2", ".tbz", ".txz")
_BLOCK = 512
_USTAR = slice(257, 262)  # POSIX 1003.1: "ustar"
#: what the decompressors and tarfile raise for bytes that make no sense, beside an ``OSError`` that is not the disk's
_ERRORS = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, ValueError, OverflowError, IndexError)


def entries(path: Path, name: str, limits: Limits) -> list[Entry]:
    found: list[Entry] = []
    with _stream(path, limits) as stream:
        if not stream.is_tar:
            stream.drain()
            return [Entry(_bare(name))]
        for info in _infos(stream):
            found.append(_entry(info))
            if len(found) > limits.archive_members:
                raise TooMuch(f"压缩包内文件超过 {limits.archive_members} 个")
    return found


def take_out(path: Path, name: str, limits: Limits, taker: Taker) -> None:
    with _stream(path, limits) as stream:
        if not stream.is_tar:
            entry = Entry(_bare(name))
            taker.check(entry)
            _copy(stream, entry, taker)
            return
        each(stream, taker)


def each(stream: Stream, taker: Taker) -> None:
    """Every member of the TAR that ``stream`` is."""
    tar: list[tarfile.TarFile] = []
    for info in _infos(stream, tar):
        entry = _entry(info)
        taker.check(entry)
        if not entry.folder and not entry.special:
            source = tar[0].extractfile(info)
            assert source is not None  # an ordinary file
            _copy(source, entry, taker)


class Stream(io.RawIOBase):
    """Bytes that can only be read forward, counted against the limits.

    :param source_size: of the file that they come from, for how often it may be multiplied.
    """

    def __init__(self, source: IO[bytes], source_size: int, limits: Limits) -> None:
        self._source = source
        self._size = max(1, source_size)
        self._limits = limits
        self._at = 0
        self._head = source.read(_BLOCK)
        self.is_tar = self._head[_USTAR] == b"ustar" or old_tar(self._head)
        self.last = b""  # what was read last: the end of a whole TAR is a block of zeros

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or offset < self._at:
            raise tarfile.ReadError("seeks backward")
        while self._at < offset and self.read(min(CHUNK, offset - self._at)):
            pass
        return self._at

    def read(self, size: int = -1) -> bytes:
        want = CHUNK if size is None or size < 0 else size
        out = self._head[:want]
        self._head = self._head[want:]
        if len(out) < want:
            out += self._source.read(want - len(out))
        self._at += len(out)
        if self._at > self._limits.archive_bytes:
            raise TooMuch(f"解压后超过总量上限 {self._limits.archive_bytes} 字节(疑似压缩炸弹)")
        if self._at > container.HARMLESS and self._at > self._size * self._limits.archive_ratio:
            raise TooMuch(f"解压后是原来的 {self._limits.archive_ratio} 倍以上(疑似压缩炸弹)")
        self.last = out
        return out

    def drain(self) -> None:
        while self.read(CHUNK):
            pass


@contextmanager
def faults() -> Iterator[None]:
    """Whatever the bytes make the libraries raise becomes ``Bad``."""
    try:
        yield
    except _ERRORS as e:
        raise Bad from e
    except OSError as e:
        if container.fault_of_disk(e) or container.fault_of_ours(e):
            raise
        raise Bad from e


@contextmanager
def _stream(path: Path, limits: Limits) -> Iterator[Stream]:
    with path.open("rb") as f:
        head = f.read(8)
    opener = next((o for magic, o in _MAGIC if head.startswith(magic)), None)
    with faults(), cast(IO[bytes], opener(path, "rb") if opener else path.open("rb")) as source:
        yield Stream(source, path.stat().st_size, limits)


def _infos(stream: Stream, opened: list[tarfile.TarFile] | None = None) -> Iterator[tarfile.TarInfo]:
    # names need not be UTF-8: kept byte for byte and decoded by _entry
    with tarfile.TarFile(fileobj=cast(IO[bytes], stream), mode="r", encoding="utf-8", errors="surrogateescape") as tar:
        if opened is not None:
            opened.append(tar)
        while (info := tar.next()) is not None:
            yield info
            cast(Any, tar).members = []  # kept for seeking back, which nobody does here
        # tarfile takes a spoiled or missing header for the end
        if stream.last.strip(b"\0") or len(stream.last) < _BLOCK:
            raise Bad
        stream.drain()


def _copy(source: Any, entry: Entry, taker: Taker) -> None:
    target = taker.open(entry)
    if target is None:
        return
    try:
        with faults():
            while chunk := source.read(CHUNK):
                target.write(chunk)
    except Bad:
        target.spoil()
        raise
    target.close()


def _entry(info: tarfile.TarInfo) -> Entry:
    name = names.decode(os.fsencode(info.name)).replace("\\", "/").removeprefix("./")
    folder = info.isdir() or name in ("", ".")
    return Entry(name=name or ".", folder=folder, special=not folder and not info.isreg())


def _bare(name: str) -> str:
    """``目录/表.csv.gz`` → ``表.csv``."""
    last = name.rsplit("/", 1)[-1]
    suffix = next((s for s in _SUFFIXES if last.lower().endswith(s) and len(last) > len(s)), "")
    return last[: len(last) - len(suffix)]
