"""The open pages of a PDF, and what stands on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points from the lower left."""

#: pages of a document that are left open for a second look; of longer ones each is closed at once (ours)
_LEFT_OPEN = 12
_FILLED = (0, 4)  # text rendering modes of ISO 32000-1 9.3.6 that fill and do not stroke
_DEPTH = 4  # forms within forms that are looked into (ours)


class Pages:
    """Pages, numbered from 0, and their text layers; in a short document left open until the document, and with it they, is closed.

    To open one again costs as much as its text.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self.count = len(document)
        self._left_open = self.count <= _LEFT_OPEN
        self._pages: dict[int, Any] = {}
        self._texts: dict[int, Any] = {}

    @contextmanager
    def page(self, n: int) -> Iterator[Any]:
        """:raises pypdfium2.PdfiumError: it does not load."""
        if n in self._pages:
            yield self._pages[n]
            return
        page = self._document[n]
        if self._left_open:
            self._pages[n] = page
            yield page
            return
        try:
            yield page
        finally:
            page.close()

    @contextmanager
    def text(self, page: Any, n: int) -> Iterator[Any]:
        """The text layer of the page ``n`` that is open."""
        if n in self._texts:
            yield self._texts[n]
            return
        text = page.get_textpage()
        if n in self._pages:
            self._texts[n] = text
            yield text
            return
        try:
            yield text
        finally:
            text.close()


def objects(page: Any, form: Any = None) -> Iterator[tuple[int, Any]]:
    """Type (``FPDF_PAGEOBJ_…``) and handle of every object of the page, or of a form on it, forms not gone into.

    By the raw interface: thousands of lines are asked of a page, and the objects of the library cost three times as much.
    """
    import pypdfium2.raw as raw

    parent = page.raw if form is None else form
    count, get = (
        (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
        if form is None
        else (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
    )
    kind = raw.FPDFPageObj_GetType
    for n in range(count(parent)):
        if handle := get(parent, n):
            yield kind(handle), handle


def within(page: Any, wanted: int, form: Any = None, depth: int = _DEPTH) -> Iterator[Any]:
    """Handles of the objects of one type, also within forms."""
    import pypdfium2.raw as raw

    for kind, handle in objects(page, form):
        if kind == wanted:
            yield handle
        if kind == raw.FPDF_PAGEOBJ_FORM and depth > 1:
            yield from within(page, wanted, handle, depth - 1)


def bounds(handle: Any) -> Box:
    """Of an object, in the coordinates of its page or form; of no extent when it has none."""
    import ctypes

    import pypdfium2.raw as raw

    edges = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(handle, *edges):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (e.value for e in edges)
    return left, bottom, right, top


def is_red(handle: Any) -> bool:
    """Whether stroke or filling of a path, or what letters are painted with, is more red than anything else."""
    import ctypes

    import pypdfium2.raw as raw

    colours = [raw.FPDFPageObj_GetFillColor, raw.FPDFPageObj_GetStrokeColor]
    if raw.FPDFPageObj_GetType(handle) == raw.FPDF_PAGEOBJ_TEXT and raw.FPDFTextObj_GetTextRenderMode(handle) in _FILLED:
        colours = colours[:1]
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return any(
        colour_of(handle, red, green, blue, alpha) and red.value > max(green.value, blue.value) + 40 for colour_of in colours
    )
