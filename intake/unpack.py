"""Unpacking ZIP archives into a scratch folder, inside a child process.

Members are written under numbers, never under their own names, so no name can lead anywhere. A container that tries to
escape (absolute path, ``..``, drive letter, device name, link) or to swell beyond the limits is refused as a whole, the reason
naming the member (law 2). Back slashes are separators: old Windows programs wrote them.
"""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.text import display
from archive_schema.words import Disposition
from intake import container, litter, names
from intake.filetype import ZIP, true_type

_CHUNK = 1024 * 1024
_UTF8_NAME = 0x800  # general purpose bit 11, APPNOTE 4.4.4
_ENCRYPTED = 0x1
_UNIX = 3
_DEVICES = re.compile(r"(?i)^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$")
_DRIVE = re.compile(r"^[A-Za-z]:")


class Member(msgspec.Struct, frozen=True):
    """``path`` within the outermost container, ``inner.zip!/b.pdf`` for a nested one; ``file`` in the scratch folder.

    ``inside`` is the path of the nested archive it came from, "" for the outermost.
    """

    path: str
    file: Path
    size: int
    inside: str = ""


class Unpacked(msgspec.Struct, frozen=True):
    """``refused``: Chinese reason for quarantining the container, then there are no members.

    ``ignored`` system litter and lock files left out; ``locked`` and ``damaged`` name members that could not be taken out.
    """

    members: tuple[Member, ...] = ()
    refused: str = ""
    ignored: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


class _Refused(Exception):
    """Chinese reason."""


class _Unpacking:
    """The running totals of one outermost container."""

    def __init__(self, path: Path, into: Path, limits: Limits) -> None:
        self.into = into
        self.limits = limits
        self.source_bytes = max(1, path.stat().st_size)
        self.bytes = 0
        self.count = 0
        self.members: list[Member] = []
        self.ignored: list[str] = []
        self.locked: list[str] = []
        self.damaged: list[str] = []
        self.taken: set[str] = set()

    def grow(self, size: int, name: str) -> None:
        self.bytes += size
        if self.bytes > self.limits.archive_bytes:
            raise _Refused(f"解压到“{name}”时已超过总量上限 {self.limits.archive_bytes} 字节(疑似压缩炸弹)")
        if self.bytes > container.HARMLESS and self.bytes > self.source_bytes * self.limits.archive_ratio:
            raise _Refused(f"解压到“{name}”时已是原来的 {self.limits.archive_ratio} 倍以上(疑似压缩炸弹)")


def unpack(path: Path, into: Path, limits: Limits) -> Unpacked:
    """Unpack ``path`` with everything nested in it into the folder ``into`` (created here).

    A container that does not open gives no members; ``readers.ziparchive`` says why.

    :raises OSError: the disk does not read or write.
    """
    into.mkdir(parents=True, exist_ok=True)
    run = _Unpacking(path, into, limits)
    try:
        _archive(run, path, "", 1)
    except _Refused as e:
        shutil.rmtree(into)
        return Unpacked(refused=f"{e};请解压检查后直接提交其中的文件")
    return Unpacked(tuple(run.members), "", tuple(run.ignored), tuple(run.locked), tuple(run.damaged))


def _archive(run: _Unpacking, path: Path, prefix: str, depth: int) -> None:
    if depth > run.limits.archive_depth:
        raise _Refused(f"压缩包“{prefix.removesuffix('!/')}”嵌套超过 {run.limits.archive_depth} 层")
    if reason := container.bomb(path, run.limits):
        raise _Refused(f"压缩包{f'“{prefix}”' if prefix else ''}{reason}")
    try:
        z = zipfile.ZipFile(path)
    except container.ZIP_ERRORS:
        return
    except OSError as e:
        if container.fault_of_disk(e):
            raise
        return
    with z:
        entries = [(info, _name(info)) for info in z.infolist()]
        for info, name in entries:  # refused before anything is written
            _check(info, name, prefix)
        for info, name in entries:
            if not info.is_dir() and not name.endswith("/"):
                _member(run, z, info, prefix, name, depth)


def _member(run: _Unpacking, z: zipfile.ZipFile, info: zipfile.ZipInfo, prefix: str, name: str, depth: int) -> None:
    full = prefix + name
    run.count += 1
    if run.count > run.limits.archive_members:
        raise _Refused(f"压缩包内文件超过 {run.limits.archive_members} 个")
    sorted_out = litter.sort_out(name)
    if sorted_out is not None and (sorted_out[0] is Disposition.IGNORED or name.rsplit("/", 1)[-1].startswith(("~$", ".~"))):
        run.ignored.append(full)  # a lock file in an archive waits for nothing
        return
    while full in run.taken:
        full += "#2"  # two members of one name are two files
    run.taken.add(full)
    if info.flag_bits & _ENCRYPTED:
        run.locked.append(full)
        return
    file = run.into / f"{len(run.taken):06d}"
    size = 0
    try:
        with z.open(info) as source, file.open("wb") as target:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > run.limits.file_bytes:
                    raise _Refused(f"压缩包内“{full}”超过单个文件上限 {run.limits.file_bytes} 字节")
                run.grow(len(chunk), full)
                target.write(chunk)
    except (*container.ZIP_ERRORS, OSError) as e:
        if isinstance(e, OSError) and (container.fault_of_disk(e) or container.fault_of_ours(e)):
            raise
        if "overlap" in str(e).lower():
            raise _Refused(f"压缩包内“{full}”与其他文件重叠存放(疑似压缩炸弹)") from e
        file.unlink(missing_ok=True)
        run.damaged.append(full)
        return
    run.members.append(Member(full, file, size, prefix.removesuffix("!/")))
    if true_type(file, name) == ZIP:
        _archive(run, file, f"{full}!/", depth + 1)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name as text: flagged UTF-8, else as its bytes look (old Chinese Windows programs write GBK)."""
    raw = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        raw = names.decode(raw.encode("cp437", "replace"))
    return raw.replace("\\", "/")


def _check(info: zipfile.ZipInfo, name: str, prefix: str) -> None:
    shown = display(prefix + name, 120)
    if name.startswith("/") or _DRIVE.match(name):
        raise _Refused(f"压缩包内“{shown}”是绝对路径,企图写到别处")
    parts = name.split("/")
    if ".." in parts or "\x00" in name:
        raise _Refused(f"压缩包内“{shown}”的路径企图跳出压缩包")
    if any(_DEVICES.match(p.rstrip(" .")) for p in parts):
        raise _Refused(f"压缩包内“{shown}”用了系统设备名")
    mode = info.external_attr >> 16
    if info.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _Refused(f"压缩包内“{shown}”是链接或设备,不是普通文件")
