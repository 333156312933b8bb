"""Archives that departments send: one module per format, all behind the few words of this one.

A format module has

``entries(path, name, limits) -> list[Entry]``   what lies in it; a stream without a directory (TAR) is read through
``take_out(path, name, limits, taker)``          every member once, in the order of the archive

and keeps to this contract:

- It MUST NOT write anything itself, and MUST NOT decide about names: it shows every entry to ``taker.check`` (all of them
  first where the format has a directory) and gives bytes only to what ``taker.open`` returns.
- A fault of the bytes is ``Bad``; a password on the list of names is ``Locked``; a method that nothing here knows is ``Unsupported``: the
  sender's file is not called damaged for it. What the taker raises passes through, and
  so do ``MemoryError`` and an ``OSError`` of the disk.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

import msgspec

from archive_schema.cycle import Limits

CHUNK = 1024 * 1024

#: media type → module
FORMATS: dict[str, str] = {
    "application/zip": "intake.archives.zipped",
    "application/x-7z-compressed": "intake.archives.sevenzip",
    "application/vnd.rar": "intake.archives.rar",
    "application/x-tar": "intake.archives.tarred",
    "application/gzip": "intake.archives.tarred",
    "application/x-bzip2": "intake.archives.tarred",
    "application/x-xz": "intake.archives.tarred",
}


class Bad(Exception):
    """The bytes are no whole archive; the text is Chinese, a remark for the sender, or empty."""


class Locked(Exception):
    """Even the list of names needs a password."""


class Unsupported(Exception):
    """Whole, as far as can be told, but packed in a way that no program here unpacks; the text is Chinese and names the way."""


class TooMuch(Exception):
    """More came out than the limits allow; the text is Chinese."""


class Entry(msgspec.Struct, frozen=True):
    """``name`` as sent, ``/`` between parts; ``special``: a link, a device or the like, no ordinary file."""

    name: str
    folder: bool = False
    locked: bool = False
    special: bool = False


class Target(Protocol):
    """Where the bytes of one member go: any number of ``write``, then ``close`` or, when they were spoiled, ``spoil``."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def spoil(self) -> None: ...


class Taker(Protocol):
    """``check`` raises for an entry that must not be; ``open`` returns None for a member that is left where it is."""

    def check(self, entry: Entry) -> None: ...

    def open(self, entry: Entry) -> Target | None: ...


class Format(Protocol):
    def entries(self, path: Path, name: str, limits: Limits) -> list[Entry]: ...

    def take_out(self, path: Path, name: str, limits: Limits, taker: Taker) -> None: ...


def format_of(media_type: str) -> Format | None:
    """The module for a media type, imported now; None = no archive.

    :raises ImportError: the optional library of the format is not installed.
    """
    module = FORMATS.get(media_type)
    return cast(Format, importlib.import_module(module)) if module else None
