"""Unpacking archives into a scratch folder, inside a child process.

Members are written under numbers, never under their own names, so no name can lead anywhere. An archive that tries to
escape (absolute path, ``..``, drive letter, device name, link) or to swell beyond the limits is refused as a whole, the reason
naming the member (law 2).
"""

from __future__ import annotations

import re
import shutil
from io import BufferedWriter
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.text import display
from archive_schema.words import Disposition
from intake import archives, container, litter, names
from intake.archives import Entry, TooMuch
from intake.filetype import ZIP, true_type

_DEVICES = re.compile(r"(?i)^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$")
_DRIVE = re.compile(r"^[A-Za-z]:")
#: what a member is called that has no name at all
_NAMELESS = "无名文件"
#: bytes of a member's name, and of its path with the archives around it within the outermost; names in archives may have 64 KiB
_NAME_BYTES, _PATH_BYTES = 1_000, 1_500


class Member(msgspec.Struct, frozen=True):
    """``path`` within the outermost container, ``inner.zip!/b.pdf`` for a nested one; ``file`` in the scratch folder.

    ``inside`` is the path of the nested archive it came from, "" for the outermost; ``caption`` what stands beside a
    picture in a document.
    """

    path: str
    file: Path
    size: int
    inside: str = ""
    caption: str = ""


class Unpacked(msgspec.Struct, frozen=True):
    """``refused``: Chinese reason for quarantining the container, then there are no members.

    ``ignored`` system litter and lock files left out; ``locked`` and ``damaged`` name members that could not be taken out.
    """

    members: tuple[Member, ...] = ()
    refused: str = ""
    ignored: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


class _Unpacking:
    """The running totals of one outermost archive."""

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
        self.doubled: dict[str, int] = {}

    def apart(self, full: str) -> str:
        """The path under which a member is kept: two members of one name are two files, the second ``a#2``."""
        out = full
        while out in self.taken:
            self.doubled[full] = self.doubled.get(full, 1) + 1
            out = f"{full}#{self.doubled[full]}"
        self.taken.add(out)
        return out

    def grow(self, size: int, name: str) -> None:
        self.bytes += size
        if self.bytes > self.limits.archive_bytes:
            raise TooMuch(f"解压到“{name}”时已超过总量上限 {self.limits.archive_bytes} 字节(疑似压缩炸弹)")
        if self.bytes > container.HARMLESS and self.bytes > self.source_bytes * self.limits.archive_ratio:
            raise TooMuch(f"解压到“{name}”时已是原来的 {self.limits.archive_ratio} 倍以上(疑似压缩炸弹)")


def unpack(path: Path, into: Path, limits: Limits, *, name: str = "") -> Unpacked:
    """Unpack ``path`` (called ``name`` by its sender) with everything nested in it into the folder ``into`` (created here).

    An archive that does not open gives no members; its reader says why.

    :raises OSError: the disk does not read or write.
    """
    into.mkdir(parents=True, exist_ok=True)
    run = _Unpacking(path, into, limits)
    name = name or path.name
    try:
        _archive(run, path, true_type(path, name), name, "", 1)
    except TooMuch as e:
        shutil.rmtree(into)
        return Unpacked(refused=f"{e}{container.ADVICE}")
    return Unpacked(tuple(run.members), "", tuple(run.ignored), tuple(run.locked), tuple(run.damaged))


def _archive(run: _Unpacking, path: Path, media_type: str, name: str, prefix: str, depth: int) -> None:
    if depth > run.limits.archive_depth:
        raise TooMuch(f"压缩包“{prefix.removesuffix('!/')}”嵌套超过 {run.limits.archive_depth} 层")
    if media_type == ZIP and (reason := container.bomb(path, run.limits, archive=True)):
        raise TooMuch(f"压缩包{f'“{prefix}”' if prefix else ''}{reason}")
    taker = _Taker(run, prefix)
    try:
        archive = archives.format_of(media_type)
        assert archive is not None, media_type
        archive.take_out(path, name, run.limits, taker)
    except (archives.Bad, archives.Locked, archives.Unsupported, ImportError):
        pass  # its reader says so of the file as a whole; what came out before is there
    finally:
        taker.end()
    for member, nested in taker.nested:
        _archive(run, member.file, nested, member.path, f"{member.path}!/", depth + 1)


class _Taker:
    """Decides about the entries of one archive and writes what it lets in."""

    def __init__(self, run: _Unpacking, prefix: str) -> None:
        self._run = run
        self._prefix = prefix
        self._writing: _Writing | None = None
        self.nested: list[tuple[Member, str]] = []

    def check(self, entry: Entry) -> None:
        name = entry.name
        shown = display(self._prefix + name, 120)
        if name.startswith("/") or _DRIVE.match(name):
            raise TooMuch(f"压缩包内“{shown}”是绝对路径,企图写到别处")
        parts = name.split("/")
        if ".." in parts or "\x00" in name:
            raise TooMuch(f"压缩包内“{shown}”的路径企图跳出压缩包")
        if any(_DEVICES.match(p.rstrip(" .")) for p in parts):
            raise TooMuch(f"压缩包内“{shown}”用了系统设备名")
        if entry.special:
            raise TooMuch(f"压缩包内“{shown}”是链接或设备,不是普通文件")

    def open(self, entry: Entry) -> _Writing | None:
        run = self._run
        room = min(_NAME_BYTES, _PATH_BYTES - len(self._prefix.encode()))
        full = self._prefix + names.fitting(entry.name or _NAMELESS, room)
        run.count += 1
        if run.count > run.limits.archive_members:
            raise TooMuch(f"压缩包内文件超过 {run.limits.archive_members} 个")
        sorted_out = litter.sort_out(entry.name)
        if sorted_out is not None and (
            sorted_out[0] is Disposition.IGNORED or entry.name.rsplit("/", 1)[-1].startswith(("~$", ".~"))
        ):
            run.ignored.append(full)  # a lock file in an archive waits for nothing
            return None
        full = run.apart(full)
        if entry.locked:
            run.locked.append(full)
            return None
        self._writing = _Writing(self, run, full, self._prefix.removesuffix("!/"))
        return self._writing

    def written(self, member: Member) -> None:
        self._writing = None
        self._run.members.append(member)
        media_type = true_type(member.file, member.path)
        if media_type in archives.FORMATS:
            self.nested.append((member, media_type))

    def end(self) -> None:
        """A member that was begun and never ended is spoiled."""
        if self._writing is not None:
            self._writing.spoil()


class _Writing:
    """One member on its way to the scratch folder."""

    def __init__(self, taker: _Taker, run: _Unpacking, full: str, inside: str) -> None:
        self._taker = taker
        self._run = run
        self._full = full
        self._inside = inside
        self._path = run.into / f"{len(run.taken):06d}"
        self._size = 0
        self._file: BufferedWriter | None = self._path.open("wb")

    def write(self, data: bytes) -> None:
        assert self._file is not None
        self._size += len(data)
        limits = self._run.limits
        if self._size > limits.file_bytes:
            raise TooMuch(f"压缩包内“{self._full}”超过单个文件上限 {limits.file_bytes} 字节")
        self._run.grow(len(data), self._full)
        self._file.write(data)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._taker.written(Member(self._full, self._path, self._size, self._inside))

    def spoil(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)
            self._run.damaged.append(self._full)
