"""OLE compound files ([MS-CFB]): what lies in one, whether it is whole, the beginning of a stream."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import msgspec

_END = 0xFFFFFFFA  # from here on a sector number means something else (2.1)
_HEADER_FAT = 109
_MOST_SECTORS = 8_000_000  # of 512 bytes: 4 GB
_STORAGE, _ROOT = 1, 5


class Compound(msgspec.Struct, frozen=True):
    """``streams``: name → (first sector, bytes), of every storage; ``top``: what lies in the root, which tells the format
    from what is embedded in it; ``cut``: sectors in use lie beyond the end of the file.
    """

    sector: int = 512
    streams: dict[str, tuple[int, int]] = {}
    storages: frozenset[str] = frozenset()
    top: frozenset[str] = frozenset()
    cut: bool = True


def read(path: Path) -> Compound:
    """The directory of the file (2.2–2.6); without streams when there is none to be read.

    :raises OSError: the disk does not give the bytes.
    """
    try:
        return _read(path)
    except struct.error:
        return Compound()


def beginning(path: Path, found: Compound, stream: str, size: int) -> bytes:
    """The first ``size`` bytes of a stream, as far as its first sector holds them; b"" when there is no such stream."""
    start, length = found.streams.get(stream, (_END, 0))
    if start >= _END or length < 4096:  # a shorter one lies in the mini stream (2.3)
        return b""
    with path.open("rb") as f:
        f.seek((start + 1) * found.sector)
        return f.read(min(size, length, found.sector))


def _read(path: Path) -> Compound:
    with path.open("rb") as f:
        end = os.fstat(f.fileno()).st_size
        header = f.read(512)
        size: int = 1 << struct.unpack_from("<H", header, 30)[0]
        if size not in (512, 4096):
            return Compound()

        def sector(number: int) -> bytes:
            f.seek((number + 1) * size)
            return f.read(size)

        def numbers(data: bytes) -> list[int]:
            return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

        tables = [n for n in struct.unpack_from(f"<{_HEADER_FAT}I", header, 76) if n < _END]
        more, seen = struct.unpack_from("<I", header, 68)[0], 0
        while more < _END and seen < _MOST_SECTORS // size:  # large files continue the list elsewhere (2.5)
            *part, more = numbers(sector(more)) or [_END]
            tables += [n for n in part if n < _END]
            seen += 1
        fat: list[int] = []
        for n in tables:
            if len(fat) > _MOST_SECTORS or (n + 1) * size > end:
                break
            fat += numbers(sector(n))
        directory: list[bytes] = []
        at, seen = struct.unpack_from("<I", header, 48)[0], 0
        whole = bool(fat) and at < len(fat)
        while at < len(fat) and seen < 10_000:  # a directory of more sectors is a loop
            data = sector(at)
            whole = whole and len(data) == size
            directory += [data[n : n + 128] for n in range(0, len(data) - 127, 128)]
            at, seen = fat[at], seen + 1
    used = max((n for n, then in enumerate(fat) if then != 0xFFFFFFFF), default=0)
    named = [_name(entry) for entry in directory]
    kinds = [entry[66] for entry in directory]
    return Compound(
        sector=size,
        streams={
            name: struct.unpack_from("<II", entry, 116)
            for name, kind, entry in zip(named, kinds, directory, strict=True)
            if name and kind not in (_STORAGE, _ROOT)
        },
        storages=frozenset(name for name, kind in zip(named, kinds, strict=True) if name and kind == _STORAGE),
        top=frozenset(named[n] for n in _siblings(directory)),
        # the last sector may be short: old programs do not fill it up
        cut=not whole or (used + 1) * size >= end,
    )


def _name(entry: bytes) -> str:
    length: int = struct.unpack_from("<H", entry, 64)[0]
    return entry[: length - 2].decode("utf-16-le", "replace") if 2 <= length <= 64 else ""


def _siblings(directory: list[bytes]) -> set[int]:
    """Numbers of the entries in the root: a binary tree below its child (2.6.4)."""
    found: set[int] = set()
    todo = [struct.unpack_from("<I", directory[0], 76)[0]] if directory else []
    while todo:
        n = todo.pop()
        if n < len(directory) and n not in found:
            found.add(n)
            todo += struct.unpack_from("<II", directory[n], 68)
    return found
