"""RAR: the list of names by rarfile (optional), the bytes by bsdtar of libarchive (Debian: libarchive-tools).

bsdtar writes the whole archive as one TAR to a pipe, so that a solid archive is unpacked once and no name of a member ever
stands on a command line or on the disk. What libarchive 3.6 does not unpack is told apart from what is damaged: solid archives of
RAR 3 and 4, and everything of before RAR 2.9. Of a member that RAR 5 kept as a reference to an identical one it writes nothing, so such
a member is given the bytes of that other.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits
from intake import programs
from intake.archives import Bad, Entry, Locked, Taker, Target, Unsupported, tarred

PROGRAM = "bsdtar"
#: versions of the format, as its headers write them: the first that libarchive unpacks, the first whose solid archives it does
_KNOWN, _SOLID = 29, 50
_PART = "这是分卷压缩的一部分"


def entries(path: Path, name: str, limits: Limits) -> list[Entry]:
    listing = _listing(path)
    listing.refuse_unknown()
    return [_entry(i) for i in listing.infos]


class _Listing(msgspec.Struct, frozen=True):
    """``infos``: the headers of the members, as rarfile reads them; ``solid``, ``commented``: what the archive says of itself."""

    infos: list[Any]
    solid: bool
    commented: bool

    def refuse_unknown(self) -> None:
        """:raises Unsupported: bsdtar does not unpack all of it."""
        import rarfile  # type: ignore[import-untyped]

        packed = [i for i in self.infos if not i.is_dir() and not i.needs_password()]
        old = [i for i in packed if i.extract_version < _KNOWN]
        if any(self.commented or i.flags & rarfile.RAR_FILE_COMMENT or i.compress_type != rarfile.RAR_M0 for i in old):
            raise Unsupported("旧版格式(RAR 2 及更早)")
        solid = self.solid or any(i.flags & rarfile.RAR_FILE_SOLID for i in packed)
        if solid and len(packed) > 1 and any(i.extract_version < _SOLID for i in packed):
            raise Unsupported("固实压缩(RAR 4 格式)")


def _listing(path: Path) -> _Listing:
    import rarfile

    try:
        with rarfile.RarFile(path, part_only=True) as archive:
            infos: list[Any] = archive.infolist()
            if archive.needs_password() and not infos:
                raise Locked
            main = getattr(archive._file_parser, "_main", None)  # what no method tells: which volume this is
            flags = main.flags if main is not None else 0
            later = flags & rarfile.RAR_MAIN_VOLUME and not flags & rarfile.RAR_MAIN_FIRSTVOLUME
            solid = archive.is_solid()
    except rarfile.NeedFirstVolume as e:
        raise Bad(_PART) from e
    except (rarfile.Error, ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError) as e:
        raise Bad from e  # what its parser lets out for headers that make no sense
    if later or any(i.flags & (rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER) for i in infos):
        raise Bad(_PART)
    if not infos and not _ends(path):
        raise Bad
    return _Listing(infos, bool(solid), bool(flags & rarfile.RAR_MAIN_COMMENT))


def _entry(info: Any) -> Entry:
    link = info.is_symlink() or (bool(info.file_redir) and not _copied_from(info))
    return Entry(_name(info.filename), folder=info.is_dir(), locked=info.needs_password(), special=not info.is_dir() and link)


def _name(name: str) -> str:
    return name.replace("\\", "/")


def _copied_from(info: Any) -> str:
    """The name of the identical member that this one refers to, or ""."""
    import rarfile

    kind, _, target = info.file_redir or (None, None, "")
    return _name(target) if kind == rarfile.RAR5_XREDIR_FILE_COPY else ""


def take_out(path: Path, name: str, limits: Limits, taker: Taker) -> None:
    listing = _listing(path)
    listed = [_entry(i) for i in listing.infos]
    for entry in listed:
        taker.check(entry)
    listing.refuse_unknown()
    files = [e for e in listed if not e.folder]
    if any(e.locked for e in listed):
        for entry in files:
            taker.open(entry)  # named, and left where it is
        return
    copies: dict[str, list[Entry]] = defaultdict(list)
    for info, entry in zip(listing.infos, listed, strict=True):
        if of := _copied_from(info):
            copies[of].append(entry)
    came = _Counted(taker, copies)
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
    """The taker, with the names that came out of the pipe; a member's copies come with it.

    :param copies: name → the members that are kept as references to it.
    """

    def __init__(self, taker: Taker, copies: Mapping[str, Sequence[Entry]]) -> None:
        self._taker = taker
        self._copies = copies
        self._empty = {c.name for of in copies.values() for c in of}
        self.names: set[str] = set()

    def check(self, entry: Entry) -> None:
        self._taker.check(entry)

    def open(self, entry: Entry) -> Target | None:
        if entry.name in self._empty:
            return None  # nothing but the reference
        all_of_it = [entry, *self._copies.get(entry.name, ())]
        self.names |= {e.name for e in all_of_it}
        return _Together([t for e in all_of_it if (t := self._taker.open(e)) is not None])


class _Together:
    """Several targets of the same bytes."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets

    def write(self, data: bytes) -> None:
        for t in self._targets:
            t.write(data)

    def close(self) -> None:
        for t in self._targets:
            t.close()

    def spoil(self) -> None:
        for t in self._targets:
            t.spoil()


def _ends(path: Path) -> bool:
    """A RAR without any file is one only when its end is there: the last block of either version (technote.txt)."""
    data = path.read_bytes()[-16:]
    return b"\x03\x05\x04\x00" in data or b"\xc4\x3d\x7b\x00\x40\x07\x00" in data
