"""ZIP, by the standard library: names in UTF-8 or in GBK, the old password scheme known and never tried."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from archive_schema.cycle import Limits
from intake import container, names
from intake.archives import CHUNK, Bad, Entry, Taker, TooMuch

_UTF8_NAME = 0x800  # general purpose bit 11, APPNOTE 4.4.4
_ENCRYPTED = 0x1
_UNIX = 3


def entries(path: Path, name: str, limits: Limits) -> list[Entry]:
    with _open(path) as z:
        return [_entry(i) for i in z.infolist()]


def take_out(path: Path, name: str, limits: Limits, taker: Taker) -> None:
    with _open(path) as z:
        pairs = [(i, _entry(i)) for i in z.infolist()]
        for _, entry in pairs:
            taker.check(entry)
        for info, entry in pairs:
            if not entry.folder:
                _one(z, info, entry, taker)


def _one(z: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry, taker: Taker) -> None:
    target = taker.open(entry)
    if target is None:
        return
    try:
        with z.open(info) as source:
            while chunk := source.read(CHUNK):
                target.write(chunk)
    except (*container.ZIP_ERRORS, OSError) as e:
        target.spoil()
        if isinstance(e, OSError) and (container.fault_of_disk(e) or container.fault_of_ours(e)):
            raise
        if "overlap" in str(e).lower():
            raise TooMuch(f"压缩包内“{entry.name}”与其他文件重叠存放(疑似压缩炸弹)") from e
    else:
        target.close()


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except container.ZIP_ERRORS as e:
        raise Bad from e
    except OSError as e:
        if container.fault_of_disk(e):
            raise
        raise Bad from e


def _entry(info: zipfile.ZipInfo) -> Entry:
    """The name is what its flag says, UTF-8, else what its bytes look like: old Chinese Windows programs write GBK."""
    raw = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        raw = names.decode(raw.encode("cp437", "replace"))
    name = raw.replace("\\", "/")  # old Windows programs wrote back slashes
    mode = info.external_attr >> 16
    return Entry(
        name=name,
        folder=name.endswith("/"),
        locked=bool(info.flag_bits & _ENCRYPTED),
        special=info.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR),
    )
