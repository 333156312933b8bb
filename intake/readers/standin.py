"""A font in place of the Chinese ones that a PDF names and does not hold: every character a box, every space empty.

pdfium looks for such a font on the machine, reads all of it once for every document (26 MB for a common one), and works out the
outline of every character, only to know how far it reaches: nine tenths of the time that the text of such a document
takes. Where the characters stand, and how wide they are, is in the PDF. With boxes the text is the same, it is there sooner, and it
no longer depends on the fonts of the machine. Whoever draws letters to look at
them opens the document anew within ``true_letters``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

#: charsets of fpdf_sysfontinfo.h: Shift JIS, Hangul, GB 2312, Big5
_CHARSETS = frozenset({128, 129, 134, 136})
_NAME = b"Dangan Boxes\0"
_HANDLE = 0xD0C  # never a pointer: the handles of pdfium's own are
#: units of the em, and the box of a full and of a narrow character in them: left, bottom, right, top (ours, as of a common font)
_EM, _FULL, _NARROW = 1000, (40, -80, 960, 840), (20, -80, 480, 840)
_ASCENT, _DESCENT = 880, -120
_NOTHING, _WIDE, _HALF, _EMPTY = range(4)  # glyphs
_SPACES = ((0x20, 0x20), (0xA0, 0xA0), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2060), (0x3000, 0x3000), (0xFEFF, 0xFEFF))
_LATIN = 0x2FF

_on = False
_given = 0


@contextmanager
def boxes() -> Iterator[None]:
    """Within, documents that are opened get the boxes; their pages are to be closed within, too."""
    global _on
    _handler()
    before, _on = _on, True
    try:
        yield
    finally:
        _on = before


@contextmanager
def true_letters() -> Iterator[None]:
    """Within, documents that are opened get the fonts of the machine, even within ``boxes``."""
    global _on
    before, _on = _on, False
    try:
        yield
    finally:
        _on = before


def given() -> int:
    """How often boxes were given out: a document in whose reading it rises is drawn with them."""
    return _given


@cache
def _handler() -> Any:
    """pdfium's way of finding fonts, with ours before it; stays until the process ends."""
    import ctypes

    import pypdfium2

    font = build()

    class StandIn(pypdfium2.PdfSysfontBase):  # type: ignore[misc]
        def MapFont(self, _: Any, weight: int, italic: int, charset: int, pitch: int, face: Any, exact: Any) -> Any:
            global _given
            if not _on or charset not in _CHARSETS:
                return super().MapFont(_, weight, italic, charset, pitch, face, exact)
            _given += 1
            return _HANDLE

        def GetFontData(self, _: Any, handle: int, table: int, buffer: Any, size: int) -> int:
            if handle != _HANDLE:
                return int(super().GetFontData(_, handle, table, buffer, size))
            if table:
                return 0
            if buffer and size >= len(font):
                ctypes.memmove(buffer, font, len(font))
            return len(font)

        def GetFaceName(self, _: Any, handle: int, buffer: Any, size: int) -> int:
            if handle != _HANDLE:
                return int(super().GetFaceName(_, handle, buffer, size))
            if buffer and size >= len(_NAME):
                ctypes.memmove(buffer, _NAME, len(_NAME))
            return len(_NAME)

        def GetFontCharset(self, _: Any, handle: int) -> int:
            return 134 if handle == _HANDLE else int(super().GetFontCharset(_, handle))

        def DeleteFont(self, _: Any, handle: int) -> None:
            if handle != _HANDLE:
                super().DeleteFont(_, handle)

    handler = StandIn()
    handler.setup()
    return handler


@cache
def build() -> bytes:
    """A TrueType font (OpenType 1.9) of four glyphs; ``cmap`` of format 13, by which many characters share one."""
    outlines = [_box(_FULL), _box(_FULL), _box(_NARROW), b""]
    ends = [sum(len(o) for o in outlines[:n]) for n in range(len(outlines) + 1)]
    count = len(outlines)
    head = struct.pack(
        ">HHHHIIHHqqhhhhHHhhh", 1, 0, 1, 0, 0, 0x5F0F3CF5, 0, _EM, 0, 0, 0, _DESCENT, _EM, _ASCENT, 0, 8, 2, 0, 0
    )
    hhea = struct.pack(">HHhhhHhhhhhh8xhH", 1, 0, _ASCENT, _DESCENT, 0, _EM, 0, 0, _EM, 1, 0, 0, 0, count)
    tables = {
        b"cmap": _cmap(),
        b"glyf": b"".join(outlines),
        b"head": head,
        b"hhea": hhea,
        b"hmtx": b"".join(struct.pack(">Hh", w, x) for w, x in ((_EM, 40), (_EM, 40), (_EM // 2, 20), (_EM, 0))),
        b"loca": struct.pack(f">{count + 1}H", *(e // 2 for e in ends)),
        b"maxp": struct.pack(">HHHHH", 1, 0, count, 4, 1) + struct.pack(">11H", 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    directory, body, at = b"", b"", 12 + 16 * len(tables)
    for tag, data in tables.items():
        directory += tag + struct.pack(">III", 0, at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, 48) + directory + body


def _box(box: tuple[int, int, int, int]) -> bytes:
    left, bottom, right, top = box
    across, up = right - left, top - bottom
    flags = b"\x01" * 4  # on the curve, both coordinates as differences of two bytes
    xs, ys = struct.pack(">4h", left, 0, across, 0), struct.pack(">4h", bottom, up, 0, -up)
    outline = struct.pack(">hhhhhHH", 1, left, bottom, right, top, 3, 0) + flags + xs + ys
    return outline + bytes(-len(outline) % 4)


def _cmap() -> bytes:
    groups: list[tuple[int, int, int]] = []
    at = 0x21
    for first, last in (*_SPACES[1:], (0x110000, 0)):
        for low, high, glyph in ((at, min(first - 1, _LATIN), _HALF), (max(at, _LATIN + 1), first - 1, _WIDE)):
            if low <= high:
                groups.append((low, high, glyph))
        if last:
            groups.append((first, last, _EMPTY))
            at = last + 1
    groups.insert(0, (*_SPACES[0], _EMPTY))
    table = struct.pack(">HHIII", 13, 0, 16 + 12 * len(groups), 0, len(groups)) + b"".join(
        struct.pack(">III", *g) for g in groups
    )
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table
