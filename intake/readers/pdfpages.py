"""The open pages of a PDF, and what stands on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points from the lower left."""

#: pages of a document that are left open for a second look; of longer ones each is closed at once (ours)
_LEFT_OPEN = 12
#: points from the edge of a page: half of what a letter of a heading measures (ours)
_EDGE = 14.0
#: FPDF_PAGEOBJ_… of fpdf_edit.h
TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5
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


def at_edge(page: Any, text: Any, shown: int) -> bool:
    """Whether letters stand within ``_EDGE`` of an edge of the page, on it or off it.

    :param shown: characters of the text on the page
    """
    import pypdfium2.raw as raw

    left, bottom, right, top = page.get_bbox()

    def within(by: float) -> int:
        return int(raw.FPDFText_GetBoundedText(text, left + by, top - by, right - by, bottom + by, None, 0))

    inner = within(_EDGE)
    if inner == shown == raw.FPDFText_CountChars(text):
        return False  # all there is stands well on the page
    return inner != within(-_EDGE)


def objects(page: Any, form: int | None = None) -> Iterator[tuple[int, int]]:
    """Type (``TEXT`` …) and address of every object of the page, or of a form on it, forms not gone into."""
    f = _functions()
    parent, count, get = (
        (_address(page.raw), f.count_on_page, f.get_on_page) if form is None else (form, f.count_in_form, f.get_in_form)
    )
    kind = f.kind
    for n in range(count(parent)):
        if item := get(parent, n):
            yield kind(item), item


def within(page: Any, wanted: int, form: int | None = None, depth: int = _DEPTH) -> Iterator[int]:
    """Addresses of the objects of one type, also within forms."""
    for kind, item in objects(page, form):
        if kind == wanted:
            yield item
        if kind == FORM and depth > 1:
            yield from within(page, wanted, item, depth - 1)


def bounds(item: int) -> Box:
    """Of an object, in the coordinates of its page or form; of no extent when it has none."""
    f = _functions()
    if not f.bounds(item, *f.edges_at):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = f.edges
    return left.value, bottom.value, right.value, top.value


def segments(path: int) -> int:
    """Parts of a path."""
    return max(0, int(_functions().segments(path)))


def leave_out(item: int) -> None:
    """The object is no longer drawn."""
    _functions().set_active(item, 0)


def is_red(item: int) -> bool:
    """Whether stroke or filling of a path, or what letters are painted with, is more red than anything else."""
    f = _functions()
    letters = f.kind(item) == TEXT and f.rendering(item) in _FILLED
    return _is_red(f.filling, item, f) or (not letters and _is_red(f.stroke, item, f))


def _is_red(colour_of: Any, item: int, f: Any) -> bool:
    red, green, blue, _ = f.colours
    return bool(colour_of(item, *f.colours_at)) and red.value > max(green.value, blue.value) + 40


@cache
def _functions() -> Any:
    """Functions of pdfium on bare addresses, and places for what they answer.

    Thousands of lines are asked of a page: the same by the objects of the library costs five times as much.
    """
    import ctypes
    from types import SimpleNamespace

    import pypdfium2.raw as raw

    at, number = ctypes.c_void_p, ctypes.c_int

    def bare(function: Any, answer: Any, *asked: Any) -> Any:
        return ctypes.CFUNCTYPE(answer, *asked)(ctypes.cast(function, at).value)  # type: ignore[arg-type]

    edges, colours = [ctypes.c_float() for _ in range(4)], [ctypes.c_uint() for _ in range(4)]
    return SimpleNamespace(
        count_on_page=bare(raw.FPDFPage_CountObjects, number, at),
        get_on_page=bare(raw.FPDFPage_GetObject, at, at, number),
        count_in_form=bare(raw.FPDFFormObj_CountObjects, number, at),
        get_in_form=bare(raw.FPDFFormObj_GetObject, at, at, ctypes.c_ulong),
        kind=bare(raw.FPDFPageObj_GetType, number, at),
        bounds=bare(raw.FPDFPageObj_GetBounds, number, at, at, at, at, at),
        segments=bare(raw.FPDFPath_CountSegments, number, at),
        set_active=bare(raw.FPDFPageObj_SetIsActive, number, at, number),
        rendering=bare(raw.FPDFTextObj_GetTextRenderMode, number, at),
        filling=bare(raw.FPDFPageObj_GetFillColor, number, at, at, at, at, at),
        stroke=bare(raw.FPDFPageObj_GetStrokeColor, number, at, at, at, at, at),
        edges=edges,
        edges_at=[ctypes.addressof(e) for e in edges],
        colours=colours,
        colours_at=[ctypes.addressof(c) for c in colours],
    )


def _address(pointer: Any) -> int:
    import ctypes

    return int(ctypes.cast(pointer, ctypes.c_void_p).value or 0)
