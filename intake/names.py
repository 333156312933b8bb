"""File names as text: most departments' disks speak UTF-8, old archives and copied disks GBK."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Container
from pathlib import Path

_ESCAPED = re.compile(rb"%([89A-F][0-9A-F])")
#: bytes of a file's folder and path in the inbox, of those of a member with the file it came in, and least of a name in them. A disk
#: takes 4 KiB, a name in an archive 64; a database indexes sources by both, and PostgreSQL takes no more than 2,704 bytes into a row
#: of an index, the digest and the row's own among them.
_FILE_BYTES, _MEMBER_BYTES, _LEAST_BYTES = 1_700, 2_400, 100


def decode(raw: bytes) -> str:
    """A name's bytes as text without surrogates: UTF-8, else GB18030, else with each bad byte as ``%XX``."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or text.isprintable():
            return text
    return escape(raw)


def of_path(path: Path) -> str:
    """The last part of a real path as text that can be shown and encoded."""
    return decode(os.fsencode(path.name))


def apart(name: str, files: Container[str]) -> str:
    """A folder's name or path beside ``files``: ``a.zip!`` beside ``a.zip`` as ``a.zip%21``, for ``a.zip!/b`` came out of that file."""
    return f"{name[:-1]}%21" if name.endswith("!") and name[:-1] in files else name


def fitting(text: str, most: int) -> str:
    """A name or path, or when it is longer than so many bytes (and than a least), its beginning and end around a digest that keeps it
    apart from others.
    """
    raw, most = text.encode(), max(_LEAST_BYTES, most)
    if len(raw) <= most:
        return text
    digest = hashlib.sha256(raw).hexdigest()[:12]
    part = (most - len(f"…{digest}…".encode())) // 2
    return f"{raw[:part].decode(errors='ignore')}…{digest}…{raw[-part:].decode(errors='ignore')}"


def of_file(folder: str, path: str) -> str:
    """The path of a file of the inbox as it is kept: as sent, or as much of it as fits into any index."""
    return fitting(path, _FILE_BYTES - len(folder.encode()))


def of_member(folder: str, outer: str, path: str) -> str:
    """The path of what came out of the file at ``outer``, likewise."""
    above = f"{outer}!/"
    return above + fitting(path, _MEMBER_BYTES - len(f"{folder}{above}".encode()))


def unescape(text: str) -> str:
    """What the name reads as, where it was escaped only because a neighbour of another encoding reads the same; else as it is."""
    read = decode(_ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), text.encode()))
    return text if "%" in read else read


def escape(raw: bytes) -> str:
    """A name's bytes with every byte beyond ASCII as ``%XX``: ugly, but never equal for two different names."""
    return "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x25 else f"%{b:02X}" for b in raw)
