"""Archives other than ZIP, made where they are needed: TAR and 7z by their libraries, RAR (which no free program writes) by hand."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zlib
from pathlib import Path

RAR5 = b"Rar!\x1a\x07\x01\x00"
RAR4 = b"Rar!\x1a\x07\x00"


def tar(
    path: Path, members: dict[str, bytes] | list[tarfile.TarInfo], *, encoding: str = "utf-8", format: int = tarfile.GNU_FORMAT
) -> Path:
    """Compressed as the name of ``path`` says; a ``TarInfo`` is written without data."""
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode, encoding=encoding, format=format) as t:  # type: ignore[call-overload]
        if isinstance(members, list):
            for info in members:
                t.addfile(info)
        else:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
    return path


def special(name: str, kind: bytes, target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def sevenzip(path: Path, members: dict[str, bytes], *, password: str | None = None, hide_names: bool = False) -> Path:
    """py7zr writes no name that climbs out: such names are set in afterwards."""
    import py7zr
    from py7zr.helpers import check_archive_path

    hostile = {name: f"{n}".rjust(len(name), "_") for n, name in enumerate(members) if not check_archive_path(name)}
    with py7zr.SevenZipFile(path, "w", password=password, header_encryption=hide_names) as z:
        z.set_encoded_header_mode(hide_names)
        for name, data in members.items():
            z.writestr(data, hostile.get(name, name))
    data = path.read_bytes()
    for name, stand_in in hostile.items():
        data = data.replace(stand_in.encode("utf-16-le"), name.encode("utf-16-le"))
    if hostile:
        offset, size = struct.unpack_from("<QQ", data, 12)
        start = data[12:28] + struct.pack("<I", zlib.crc32(data[32 + offset : 32 + offset + size]))
        data = data[:8] + struct.pack("<I", zlib.crc32(start)) + start + data[32:]
    path.write_bytes(data)
    return path


def rar(
    path: Path,
    members: dict[str, bytes],
    *,
    locked: bool = False,
    links: dict[str, str] | None = None,
    copies: dict[str, str] | None = None,
    volume: int | None = None,
) -> Path:
    """RAR 5.0 without compression (the technical note of its author, "RAR 5.0 archive format").

    :param locked: every member claims to be encrypted; ``links`` name → target of symbolic links; ``copies`` name → member that it is
        the same as, kept as a reference; ``volume``: this is that one of several, counted from 0.
    """
    out = RAR5 + _block(1, 0, _vint(0) if volume is None else _vint(3) + _vint(volume) if volume else _vint(1))
    for name, data in members.items():
        # extra record 1, file encryption: version, flags, count, salt, vector
        extra = _record(1, _vint(0) + _vint(0) + bytes([15]) + bytes(32)) if locked else b""
        out += _file(name, data, extra)
    for kind, references in ((1, links), (5, copies)):
        for name, target in (references or {}).items():
            raw = target.encode()
            out += _file(name, b"", _record(5, _vint(kind) + _vint(0) + _vint(len(raw)) + raw))
    path.write_bytes(out + _block(5, 0, _vint(1 if volume is not None else 0)))
    return path


def rar4(
    path: Path, members: dict[str, bytes], *, main: int = 0, flags: int = 0, version: int = 29, method: int = 0x30
) -> Path:
    """RAR 1.5 to 4 without compression, whatever its headers claim ("technote.txt" of its author).

    :param main: flags of the archive (1 volume, 2 comment, 8 solid, 0x100 first volume).
    :param flags: of every file but the first (0x10 solid).
    :param version: that is needed to unpack; ``method``: 0x30 stored … 0x35 best.
    """
    out = RAR4 + _block4(0x73, main, bytes(6))
    for n, (name, data) in enumerate(members.items()):
        raw = name.encode("ascii")
        fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0, version, method, len(raw), 0o100644)
        out += _block4(0x74, 0x8000 | (flags if n else 0), fields + raw) + data
    path.write_bytes(out + _block4(0x7B, 0x4000, b""))
    return path


def _block4(kind: int, flags: int, fields: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def _file(name: str, data: bytes, extra: bytes) -> bytes:
    raw = name.encode()
    fields = _vint(4) + _vint(len(data)) + _vint(0o100644) + struct.pack("<I", zlib.crc32(data)) + _vint(0) + _vint(1)
    return _block(2, 2, fields + _vint(len(raw)) + raw, data, extra)


def _record(kind: int, data: bytes) -> bytes:
    body = _vint(kind) + data
    return _vint(len(body)) + body


def _block(kind: int, flags: int, fields: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    flags |= 1 if extra else 0
    head = _vint(kind) + _vint(flags)
    head += _vint(len(extra)) if extra else b""
    head += _vint(len(data)) if flags & 2 else b""
    head += fields + extra
    sized = _vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def _vint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])


def bomb(path: Path, megabytes: int = 100) -> Path:
    """A compressed TAR of one member of zeros."""
    info = tarfile.TarInfo("zeros")
    info.size = megabytes * 1024**2
    packer = lzma.LZMACompressor()
    zeros = bytes(1024**2)
    with path.open("wb") as f:
        f.write(packer.compress(info.tobuf()))
        for _ in range(megabytes):
            f.write(packer.compress(zeros))
        f.write(packer.compress(bytes(1024)) + packer.flush())
    return path
