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

from intake.readers import boxfont

#: charsets of fpdf_sysfontinfo.h: Shift JIS, Hangul, GB 2312, Big5
_CHARSETS = frozenset({128, 129, 134, 136})
_NAME = b"Dangan Boxes\0"
_HANDLE = 0xD0C  # never a pointer: the handles of pdfium's own are
_NOTHING, _WIDE, _HALF, _EMPTY = range(4)  # glyphs
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
    """A font of four glyphs; its ``cmap`` is of format 13, by which many characters share one."""
    return boxfont.truetype([boxfont.box(boxfont.FULL), boxfont.box(boxfont.FULL), boxfont.box(boxfont.NARROW), b""], _cmap())


def _cmap() -> bytes:
    groups: list[tuple[int, int, int]] = []
    at = 0x21
    for first, last in (*boxfont.SPACES[1:], (0x110000, 0)):
        for low, high, glyph in ((at, min(first - 1, _LATIN), _HALF), (max(at, _LATIN + 1), first - 1, _WIDE)):
            if low <= high:
                groups.append((low, high, glyph))
        if last:
            groups.append((first, last, _EMPTY))
            at = last + 1
    groups.insert(0, (*boxfont.SPACES[0], _EMPTY))
    table = struct.pack(">HHIII", 13, 0, 16 + 12 * len(groups), 0, len(groups)) + b"".join(
        struct.pack(">III", *g) for g in groups
    )
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table
