"""A TrueType font (OpenType 1.9) whose letters are boxes, for documents of which only the text is wanted."""

from __future__ import annotations

import struct
from collections.abc import Sequence

#: left, bottom, right, top of a full and of a narrow character in units of which an em has ``EM`` (ours, as of a common font)
EM, FULL, NARROW = 1000, (40, -80, 960, 840), (20, -80, 480, 840)
_ASCENT, _DESCENT = 880, -120
#: first and last of the characters that nothing is seen of
SPACES = (
    *((0x20, 0x20), (0xA0, 0xA0), (0x34F, 0x34F), (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F)),
    *((0x3000, 0x3000), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
)


def truetype(outlines: Sequence[bytes], cmap: bytes) -> bytes:
    """:param outlines: ``box`` or nothing, of each glyph
    :param cmap: the table, whole
    """
    ends = [sum(len(o) for o in outlines[:n]) for n in range(len(outlines) + 1)]
    loca = struct.pack(f">{len(ends)}H", *(e // 2 for e in ends))
    count = len(outlines)
    head = struct.pack(">HHHHIIHHqqhhhhHHhhh", 1, 0, 1, 0, 0, 0x5F0F3CF5, 0, EM, 0, 0, 0, _DESCENT, EM, _ASCENT, 0, 8, 2, 0, 0)
    tables = {
        b"cmap": cmap,
        b"glyf": b"".join(outlines),
        b"head": head,
        b"hhea": struct.pack(">HHhhhHhhhhhh8xhH", 1, 0, _ASCENT, _DESCENT, 0, EM, 0, 0, EM, 1, 0, 0, 0, 1),
        b"hmtx": struct.pack(">Hh", EM, 0),
        b"loca": loca,
        b"maxp": struct.pack(">HHHHH", 1, 0, count, 4, 1) + struct.pack(">11H", 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    directory, body, at = b"", b"", 12 + 16 * len(tables)
    for tag, data in tables.items():
        directory += tag + struct.pack(">III", 0, at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, 48) + directory + body


def box(edges: tuple[int, int, int, int]) -> bytes:
    """The outline of a rectangle."""
    left, bottom, right, top = edges
    across, up = right - left, top - bottom
    flags = b"\x01" * 4  # on the curve, both coordinates as differences of two bytes
    xs, ys = struct.pack(">4h", left, 0, across, 0), struct.pack(">4h", bottom, up, 0, -up)
    outline = struct.pack(">hhhhhHH", 1, left, bottom, right, top, 3, 0) + flags + xs + ys
    return outline + bytes(-len(outline) % 4)
