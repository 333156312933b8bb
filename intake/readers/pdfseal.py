"""The seal of a PDF: a red ring on the page of the signature, near it. Only what can be a seal and can reach it is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archive_schema.evidence import Fact, Facts
from intake import seal
from intake.readers import standin
from intake.readers.pdfpages import FORM, IMAGE, PATH, SHADING, TEXT, Box, Pages, bounds, is_red, leave_out, objects, within

#: width in pixels of a page drawn for a seal
_WIDTH = 640
#: points above and below a signature within which its seal lies (80 mm), and drawn around what may be one (2 mm)
_REACH, _MARGIN = 227.0, 6.0
#: forms within forms in which something red is looked for (ours)
_DEPTH = 3


def facts(pages: Pages, signed: Fact, *, method: str, boxed: Path | None) -> Facts:
    """``seal`` on the page of ``signed``, or nothing where the page is no sheet.

    :param boxed: the file, if letters of the open document are boxes: red ones are drawn from it as they are.
    :raises pypdfium2.PdfiumError: the page does not load.
    """
    assert signed.page is not None
    n = signed.page - 1
    none = {"seal": Fact(value=False, page=signed.page, method=method)}
    with pages.page(n) as page:
        reddish = _reddish(page)
        if not reddish:
            return none
        width, height = page.get_size()
        scale = _WIDTH / max(1.0, width)
        if height * scale > 4 * _WIDTH:
            return {}
        plain = page.get_rotation() == 0 and page.get_bbox()[:2] == (0, 0)  # else places are not those of the picture
        places = _places(pages, page, n, (signed.raw or "").split("\n")[0]) if plain else []
        left, bottom, right, top = _reached(reddish, places, width, height) if plain else (0.0, 0.0, width, height)
        if right <= left or top <= bottom:
            return none
        image = _drawn(page, scale, (left, bottom, right, top), boxed, n)
        found = seal.rings(image, across_mm=(right - left) * 25.4 / 72)
        there = any(r.near((x - left) * scale, (top - y) * scale) for r in found for x, y in places) if places else bool(found)
        return {"seal": Fact(value=there, page=signed.page, method=method)}


def _drawn(page: Any, scale: float, region: Box, boxed: Path | None, n: int) -> Any:
    """The region as an array of RGB, without the letters that are not red; from the file anew where red ones are boxes in the open one."""
    import pypdfium2

    red = _leave_letters_out(page, region)
    if not red or boxed is None:
        return _picture(page, scale, region)
    with standin.true_letters():
        document = pypdfium2.PdfDocument(boxed)
        try:
            _leave_letters_out(page := document[n], region)
            return _picture(page, scale, region).copy()
        finally:
            document.close()


def _picture(page: Any, scale: float, region: Box) -> Any:
    width, height = page.get_size()
    left, bottom, right, top = region
    crop = (left, bottom, width - right, height - top)
    return page.render(scale=scale, crop=crop, rev_byteorder=True).to_numpy()[:, :, :3]


def _leave_letters_out(page: Any, region: Box) -> bool:
    """Letters that are not red are no longer drawn, for they may lie over a seal. Returns whether red ones stand in the region."""
    red = False
    for kind, item in objects(page):
        if kind == TEXT:
            if is_red(item):
                left, bottom, right, top = bounds(item)
                red = red or not (right < region[0] or left > region[2] or top < region[1] or bottom > region[3])
            else:
                leave_out(item)
        elif kind == FORM:
            red = red or any(is_red(letters) for letters in within(page, TEXT, item))
    return red


def _reached(boxes: list[Box], places: list[tuple[float, float]], width: float, height: float) -> Box:
    """The part of the page, in points, that holds those of ``boxes`` which a seal beside one of ``places`` can touch; of no extent: none."""
    low = max(0.0, min((y for _, y in places), default=0.0) - _REACH)
    high = min(height, max((y for _, y in places), default=height) + _REACH)
    near = [b for b in boxes if b[3] >= low and b[1] <= high]
    if not near:
        return 0.0, 0.0, 0.0, 0.0
    return (
        max(0.0, min(b[0] for b in near) - _MARGIN),
        max(low, min(b[1] for b in near) - _MARGIN),
        min(width, max(b[2] for b in near) + _MARGIN),
        min(high, max(b[3] for b in near) + _MARGIN),
    )


def _places(pages: Pages, page: Any, n: int, text: str) -> list[tuple[float, float]]:
    """Middles of the places where ``text`` stands on page ``n`` (from 0), in points from the lower left."""
    with pages.text(page, n) as textpage:
        searcher = textpage.search(text) if text else None
        out: list[tuple[float, float]] = []
        while searcher is not None and (hit := searcher.get_next()) is not None and len(out) < 20:
            boxes = [textpage.get_charbox(k) for k in range(hit[0], hit[0] + hit[1])]
            across = (min(b[0] for b in boxes) + max(b[2] for b in boxes)) / 2
            out.append((across, (min(b[1] for b in boxes) + max(b[3] for b in boxes)) / 2))
        return out


def _reddish(page: Any) -> list[Box]:
    """Where whatever could be a seal lies: an annotation, a picture, a shading, a path in red. Left, bottom, right, top in points."""
    import pypdfium2.raw as raw

    if raw.FPDFPage_GetAnnotCount(page) > 0:
        return [(0.0, 0.0, *page.get_size())]
    return [box for kind, item in objects(page) if _may_be_red(page, kind, item) and not _is_rule(box := bounds(item))]


def _may_be_red(page: Any, kind: int, item: int, depth: int = _DEPTH) -> bool:
    if kind == PATH:
        return is_red(item)
    if kind == FORM:  # what is within has coordinates of its own: the form stands for it
        return depth > 1 and any(_may_be_red(page, inner, thing, depth - 1) for inner, thing in objects(page, item))
    return kind in (IMAGE, SHADING)


def _is_rule(box: Box) -> bool:
    """A line wider or higher than any seal, as the red one under the head of a document."""
    across, down = box[2] - box[0], box[3] - box[1]
    return min(across, down) < _MARGIN and max(across, down) > seal.LARGEST_MM * 72 / 25.4
