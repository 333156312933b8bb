"""RAR: the list of names by rarfile (optional), the bytes by bsdtar of libarchive (Debian: libarchive-tools).

bsdtar writes the whole archive as one TAR to a pipe, so that a solid archive is unpacked once and no name of a member ever
stands on a command line or on the disk.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from archive_schema.cycle import Limits
from intake import programs
from intake.archives import Bad, Entry, Locked, Taker, Target, tarred

PROGRAM = "bsdtar"


def entries(path: Path, name: str, limits: Limits) -> list[Entry]:
    import rarfile  # type: ignore[import-untyped]

    try:
        with rarfile.RarFile(path, part_only=True) as archive:
            infos = archive.infolist()
            if archive.needs_password() and not infos:
                raise Locked
    except rarfile.NeedFirstVolume as e:
        raise Bad("这是分卷压缩的一部分") from e
    except (rarfile.Error, ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError) as e:
        raise Bad from e  # what its parser lets out for headers that make no sense
    if any(i.flags & (rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER) for i in infos):
        raise Bad("这是分卷压缩的一部分")
    if not infos and not _ends(path):
        raise Bad
    return [
        Entry(
            name=i.filename.replace("\\", "/"),
            folder=i.is_dir(),
            locked=i.needs_password(),
            special=not i.is_dir() and (i.is_symlink() or bool(i.file_redir)),
        )
        for i in infos
    ]


def take_out(path: Path, name: str, limits: Limits, taker: Taker) -> None:
    listed = entries(path, name, limits)
    for entry in listed:
        taker.check(entry)
    files = [e for e in listed if not e.folder]
    if any(e.locked for e in listed):
        for entry in files:
            taker.open(entry)  # named, and left where it is
        return
    came = _Counted(taker)
    program = shutil.which(PROGRAM)
    if program is None:
        raise Bad("本机没有 bsdtar")
    with programs.piped([program, "-c", "--format=pax", "-f", "-", f"@{path.absolute()}"]) as out:
        try:
            with tarred.faults():
                tarred.each(tarred.Stream(out, path.stat().st_size, limits), came)
        except Bad:
            pass  # what did not come is named below
    for entry in files:
        if entry.name not in came.names:
            target = taker.open(entry)
            if target is not None:
                target.spoil()


class _Counted:
    """The taker, with the names that came out of the pipe."""

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self.names: set[str] = set()

    def check(self, entry: Entry) -> None:
        self._taker.check(entry)

    def open(self, entry: Entry) -> Target | None:
        self.names.add(entry.name)
        return self._taker.open(entry)


def _ends(path: Path) -> bool:
    """A RAR without any file is one only when its end is there: the last block of either version (technote.txt)."""
    data = path.read_bytes()[-16:]
    return b"\x03\x05\x04\x00" in data or b"\xc4\x3d\x7b\x00\x40\x07\x00" in data
