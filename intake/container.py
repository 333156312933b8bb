"""Containers before they are opened: archive bombs among ZIP, OOXML and pictures, judged by what they declare of themselves."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from pathlib import Path

from archive_schema.cycle import Limits

#: an unpacked size that any machine bears; below it a high ratio is no threat (本项目默认)
HARMLESS = 64 * 1024 * 1024
#: what is to be done with an archive that is not opened
ADVICE = ";请解压检查后直接提交其中的文件"
#: entries of a container that are looked at (ours)
ENTRIES = 100_000
#: what a library's tree of an XML part needs, as a multiple of the part
_TREE = 12

#: an OSError of these is the disk's; any other comes of a file that sends its reader to impossible places
_DISK = frozenset(
    {errno.EIO, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT}
)
#: and these are ours: no room in the scratch folder, no descriptors
_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE})

#: what the standard library raises for bytes that are no whole ZIP file, beside an ``OSError`` that is not ``fault_of_disk``
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, struct.error, EOFError, UnicodeDecodeError, ValueError)


def fault_of_disk(error: OSError) -> bool:
    return error.errno in _DISK


def fault_of_ours(error: OSError) -> bool:
    return error.errno in _OURS


def crowded(path: Path, *, files: int | None = None) -> bool:
    """A ZIP container with more than so many files in it, or more entries of any sort than are looked at. The directory is read as bytes,
    no further than that: the standard library makes an object of each entry first, which takes a minute for a million.
    """
    try:
        with path.open("rb") as f:
            end = zipfile._EndRecData(f)  # type: ignore[attr-defined]
            if not end:
                return False
            f.seek(
                end[9] - end[5] - (76 if end[0] == b"PK\x06\x06" else 0)
            )  # where it lies, whatever stands before the archive
            found = entries = 0
            while entries <= ENTRIES and (files is None or found <= files):
                header = f.read(46)
                if len(header) < 46 or header[:4] != b"PK\x01\x02":
                    return False
                name, *more = struct.unpack_from("<HHH", header, 28)
                found += not f.read(name).endswith((b"/", b"\\"))
                entries += 1
                f.seek(sum(more), 1)
    except (*ZIP_ERRORS, OSError):
        return False
    return True


def bomb(path: Path, limits: Limits, *, archive: bool) -> str:
    """Chinese reason why a ZIP container must not be unpacked, or "". A container that does not open is no bomb.

    :param archive: what lies in it are files that somebody packed, and not the parts of a document.
    """
    if crowded(path, files=limits.archive_members if archive else None):
        return f"所含文件超过 {limits.archive_members} 个" if archive else f"所含部分超过 {ENTRIES} 个(疑似压缩炸弹)"
    try:
        with zipfile.ZipFile(path) as z:
            infos = z.infolist()
    except (*ZIP_ERRORS, OSError):
        return ""
    total = sum(i.file_size for i in infos)
    size = max(1, path.stat().st_size)
    if total > limits.archive_bytes:
        return f"解压后 {total} 字节,超过上限 {limits.archive_bytes} 字节(疑似压缩炸弹)"
    if total > HARMLESS and total > size * limits.archive_ratio:
        return f"解压后是原来的 {total // size} 倍,超过上限 {limits.archive_ratio} 倍(疑似压缩炸弹)"
    return ""


def picture_bomb(path: Path, pixels: int, limits: Limits) -> str:
    """The same for a picture of ``pixels`` pixels, three bytes each."""
    total, size = pixels * 3, max(1, path.stat().st_size)
    if total > limits.reader_memory and total > size * limits.archive_ratio:
        return f"图片展开后 {total} 字节,是文件的 {total // size} 倍(疑似图片炸弹)"
    return ""


def too_large(path: Path, limits: Limits) -> str:
    """Name of an XML part whose tree would not fit into the reader's memory, or ""."""
    with zipfile.ZipFile(path) as z:
        for info in z.infolist():
            if info.filename.endswith((".xml", ".rels")) and info.file_size * _TREE > limits.reader_memory:
                return info.filename
    return ""


def part_names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as z:
        return set(z.namelist())


def damaged_part(path: Path) -> str:
    """Name of the first part whose bytes do not agree with its check sum, or ""."""
    with zipfile.ZipFile(path) as z:
        return z.testzip() or ""


def is_ole(path: Path) -> bool:
    """An OOXML file with a password is wrapped in an OLE compound file."""
    with path.open("rb") as f:
        return f.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
