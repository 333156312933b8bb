"""Pictures of a PDF: image objects of its pages, from top to bottom."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive_schema.cycle import Limits
from intake import textual
from intake.pictures import AREA, LONG_SIDE, PIXELS, Picture, caption
from intake.readers import standin

_PAGES = 1_000
_DEPTH = 3
#: share of a page from which one picture is the page: a scan, a background (ours)
_PAGE = 0.8
#: on a page with fewer characters a picture as wide as this share is a strip of a scan (ours)
_CHARS, _STRIP = 12, 0.95
_CM2 = (2.54 / 72) ** 2  # square centimetres of a square point
#: points below and above a picture in which its caption may stand, and beyond its sides
_NEAR, _BESIDE = 48.0, 20.0
#: the name Image, any of its letters perhaps a number (7.3.5); not ImageB and the like, which every page may list
_NAMED = re.compile(rb"/(?:I|#49)(?:m|#6[dD])(?:a|#61)(?:g|#67)(?:e|#65)(?![A-Za-z0-9#])")
_PIECE, _LONGEST_NAME = 1024 * 1024, 16  # bytes read at a time; of the name when every letter of it is a number
_SIMPLE = ("ASCIIHexDecode", "ASCII85Decode", "RunLengthDecode", "FlateDecode", "LZWDecode")


def pictures(path: Path, limits: Limits) -> Iterator[Picture]:
    """Every picture that is shown large enough and is not the page itself, with the caption beside it."""
    if _has_images(path):
        with standin.boxes():  # letters are not looked at here
            yield from _pictures(path)


def _has_images(path: Path) -> bool:
    """Whether any stream calls itself an image (ISO 32000-1 8.9.5): such a name is never compressed, and to open the pages costs as much as their text."""
    before = b""
    with path.open("rb") as f:
        while piece := f.read(_PIECE):
            data = before + piece
            if _NAMED.search(data):
                return True
            before = data[-_LONGEST_NAME:]
    return False


def _pictures(path: Path) -> Iterator[Picture]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        for n in range(min(len(document), _PAGES)):
            try:
                page = document[n]
            except pypdfium2.PdfiumError:
                continue  # the reader said so
            try:
                yield from _page(page, pypdfium2.PdfiumError)
            finally:
                page.close()
    finally:
        document.close()


def _page(page: Any, broken: type[Exception]) -> Iterator[Picture]:
    import pypdfium2.raw as raw

    width, height = page.get_size()
    found = []
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH):
        try:
            left, bottom, right, top = image.get_bounds()
            across, down = image.get_px_size()
        except broken:
            continue
        if max(across, down) >= LONG_SIDE and across * down <= PIXELS:
            found.append((image, left, bottom, right, top))
    if not found:
        return
    textpage = page.get_textpage()
    try:
        chars = len("".join(textpage.get_text_bounded().split()))
        for image, left, bottom, right, top in sorted(found, key=lambda f: (-f[4], f[1])):
            area = (right - left) * (top - bottom)
            strip = chars < _CHARS and right - left >= _STRIP * width
            if area * _CM2 < AREA or area >= _PAGE * width * height or strip:
                continue
            data = _data(image, broken)
            if data:
                yield Picture(data, _caption(textpage, left, bottom, right, top))
    finally:
        textpage.close()


def _caption(textpage: Any, left: float, bottom: float, right: float, top: float) -> str:
    sides = {"left": left - _BESIDE, "right": right + _BESIDE}
    below = _lines(textpage.get_text_bounded(bottom=bottom - _NEAR, top=bottom, **sides))
    above = _lines(textpage.get_text_bounded(bottom=top, top=top + _NEAR, **sides))
    return caption(below[0] if below else "", above[-1] if above else "")


def _lines(text: str) -> list[str]:
    return [line for line in textual.clean(text).split("\n") if line.strip()]


def _data(image: Any, broken: type[Exception]) -> bytes:
    """The JPEG stream as it stands in the file, else the pixels as PNG; b"" for what pdfium cannot decode."""
    filters = [f for f in image.get_filters() if f not in _SIMPLE]
    try:
        if filters == ["DCTDecode"]:
            data = bytes(image.get_data(decode_simple=True))
            if data.startswith(b"\xff\xd8\xff"):
                return data
        if image.get_metadata().bits_per_pixel == 1:
            return b""  # black and white: a scan, a drawing
        bitmap = image.get_bitmap()
        try:
            out = io.BytesIO()
            bitmap.to_pil().convert("RGB").save(out, "PNG", compress_level=6)
            return out.getvalue()
        finally:
            bitmap.close()
    except (broken, OSError, ValueError):
        return b""
