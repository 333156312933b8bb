"""File names as text: most departments' disks speak UTF-8, old archives and copied disks GBK."""

from __future__ import annotations

import os
import re
from collections.abc import Container
from pathlib import Path

_ESCAPED = re.compile(rb"%([89A-F][0-9A-F])")


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


def unescape(text: str) -> str:
    """What the name reads as, where it was escaped only because a neighbour of another encoding reads the same; else as it is."""
    read = decode(_ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), text.encode()))
    return text if "%" in read else read


def escape(raw: bytes) -> str:
    """A name's bytes with every byte beyond ASCII as ``%XX``: ugly, but never equal for two different names."""
    return "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x25 else f"%{b:02X}" for b in raw)
