"""Bytes that are the same on every run: a zip writer with fixed times, and Office files rewritten through it.

The writer is our own because ``zipfile`` cannot write what departments send: names in GBK without a flag, names that
climb out of the folder, members behind the old ZIP password.
"""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable

#: the moment that every generated container claims (local time, as zips have it)
STAMP = (2026, 1, 5, 9, 0, 0)
_DOS_TIME = STAMP[3] << 11 | STAMP[4] << 5 | STAMP[5] // 2
_DOS_DATE = (STAMP[0] - 1980) << 9 | STAMP[1] << 5 | STAMP[2]
_W3C = f"{STAMP[0]:04}-{STAMP[1]:02}-{STAMP[2]:02}T{STAMP[3]:02}:{STAMP[4]:02}:{STAMP[5]:02}Z".encode()
_CORE_TIME = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms)")


def zip_bytes(members: Iterable[tuple[str, bytes]], *, encoding: str = "utf-8", password: bytes | None = None) -> bytes:
    """A deflated zip of (name, data) in the order given.

    :param encoding: of the names; anything but UTF-8 is written without the UTF-8 flag, as old Windows programs do.
    :param password: encrypt every member by the traditional PKWARE scheme (APPNOTE 6.1).
    """
    body, directory, count = io.BytesIO(), io.BytesIO(), 0
    for text, data in members:
        name = text.encode(encoding)
        flags = 0x800 if encoding == "utf-8" and not text.isascii() else 0
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        crc = zlib.crc32(data)
        if password is not None:
            flags |= 1
            packed = _encrypt(packed, password, crc)
        common = struct.pack("<HHHHHIIIHH", 20, flags, 8, _DOS_TIME, _DOS_DATE, crc, len(packed), len(data), len(name), 0)
        offset = body.tell()
        body.write(b"PK\x03\x04" + common + name + packed)
        system = 3 if encoding == "utf-8" else 0
        attributes = 0o100644 << 16 if system == 3 else 0x20
        directory.write(
            b"PK\x01\x02" + bytes([20, system]) + common + struct.pack("<HHHII", 0, 0, 0, attributes, offset) + name
        )
        count += 1
    start, entries = body.tell(), directory.getvalue()
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), start, 0)
    return body.getvalue() + entries + b"PK\x05\x06" + end


def rezip(office_file: bytes) -> bytes:
    """The same OOXML file with fixed times, in its members and in its core properties."""
    with zipfile.ZipFile(io.BytesIO(office_file)) as z:
        members = [(i.filename, z.read(i)) for i in z.infolist()]
    return zip_bytes(
        (n, _CORE_TIME.sub(rb"\g<1>" + _W3C + rb"\g<3>", d) if n == "docProps/core.xml" else d) for n, d in members
    )


def noise(seed: str, size: int) -> bytes:
    """``size`` bytes that look random and are not."""
    return random.Random(seed).randbytes(size)


_CRC_TABLE = [zlib.crc32(bytes([n]), 0xFFFFFFFF) ^ 0xFFFFFFFF for n in range(256)]


def _encrypt(data: bytes, password: bytes, crc: int) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def crc_step(value: int, byte: int) -> int:
        return (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]

    def update(byte: int) -> None:
        keys[0] = crc_step(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc_step(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in noise(f"zip {crc}", 11) + bytes([crc >> 24]) + data:
        half = (keys[2] | 2) & 0xFFFF
        out.append(byte ^ ((half * (half ^ 1)) >> 8 & 0xFF))
        update(byte)
    return bytes(out)
