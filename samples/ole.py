"""A minimal OLE compound file (MS-CFB, version 3): the container of old Office files and of encrypted new ones."""

from __future__ import annotations

import struct

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SMALLEST = 4096  # a shorter stream would have to live in the mini stream, which is left out


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A compound file with up to three streams in its root. Streams are padded with zeros to 4096 bytes.

    :raises ValueError: more streams than fit the one directory sector, or more data than one FAT sector maps.
    """
    if len(streams) > 3:
        raise ValueError("more than three streams")
    padded = {n: d.ljust(_SMALLEST, b"\0") for n, d in streams.items()}
    fat = [_FAT, _END]  # sector 0 is the FAT, sector 1 the directory
    body, starts = b"", {}
    for name, data in padded.items():
        count = -(-len(data) // _SECTOR)
        starts[name] = len(fat)
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
        body += data.ljust(count * _SECTOR, b"\0")
    if len(fat) > _SECTOR // 4:
        raise ValueError("too much data for one FAT sector")
    # siblings hang to the right of each other in the order of the standard: shorter names first, then by upper case
    names = sorted(padded, key=lambda n: (len(n), n.upper()))
    directory = _entry("Root Entry", 5, child=1 if names else _FREE, start=_END, size=0)
    for n, name in enumerate(names, 1):
        right = n + 1 if n < len(names) else _FREE
        directory += _entry(name, 2, right=right, start=starts[name], size=len(padded[name]))
    directory = directory.ljust(_SECTOR, b"\0")
    header = MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, _SMALLEST, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    return header + struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff") + directory + body


def _entry(name: str, kind: int, *, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)
