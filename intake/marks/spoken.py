"""Lettering of a photograph read by OCR: the corners in which something was printed, or, where OCR was asked for all, the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive_schema.evidence import Fact, Facts
from intake import ocr
from intake.marks import lettering
from intake.marks.lettering import Line

#: share of the width, and of the height above and below a row of signs, that is read with it: addresses have several lines
_ACROSS, _ABOVE, _BELOW = 0.62, 0.16, 0.08
#: lines beyond which a picture is a wall of text; the rest is left
_MOST = 60

Box = tuple[float, float, float, float]


def facts(image: Any, boxes: Sequence[Box], *, whole: bool, found: Sequence[str]) -> Facts:
    """Facts ``watermark`` and ``date_stamp`` of an upright picture (height × width × 3, uint8, RGB).

    :param boxes: rows of signs found by their pixels, as shares; read are the corners around them, with ``whole`` everything.
    :param found: watermarks that the pixels told.
    """
    lines = [line for zone in ([(0.0, 0.0, 1.0, 1.0)] if whole else _zones(boxes)) for line in _lines(image, zone)]
    out: Facts = {}
    marks = lettering.watermarks(lines)
    if marks:
        said = dict.fromkeys([*found, *(f"“{lettering.shown(m)}”" for m in marks)])
        raw = ";".join(lettering.shown(m) for m in marks)
        least = round(min(m.score for m in marks), 3)
        out["watermark"] = Fact(value=list(said), raw=raw, confidence=least, method=f"{ocr.LABEL}/lettering")
    # the rows themselves once more: a wide gap between year and month makes two lines of one
    if (dated := lettering.stamp([*lines, *_read(image, [_around(image, b) for b in boxes])])) is not None:
        day, line = dated
        out["date_stamp"] = Fact(
            value=day.isoformat(), raw=lettering.shown(line), confidence=round(line.score, 3), method=f"{ocr.LABEL}/lettering"
        )
    return out


def _zones(boxes: Sequence[Box]) -> list[Box]:
    """The corners around the rows, each once."""
    corners: dict[tuple[bool, bool], list[Box]] = {}
    for box in boxes:
        corners.setdefault((box[0] + box[2] < 1, box[1] + box[3] < 1), []).append(box)
    out = []
    for (left, _), rows in sorted(corners.items()):
        top = max(0.0, min(r[1] for r in rows) - _ABOVE)
        bottom = min(1.0, max(r[3] for r in rows) + _BELOW)
        out.append((0.0, top, _ACROSS, bottom) if left else (1 - _ACROSS, top, 1.0, bottom))
    return out


def _lines(image: Any, zone: Box) -> list[Line]:
    height, width = image.shape[:2]
    x0, y0 = int(zone[0] * width), int(zone[1] * height)
    part = image[y0 : max(y0 + 1, round(zone[3] * height)), x0 : max(x0 + 1, round(zone[2] * width))]
    found = ocr.find_lines(part)[:_MOST]
    return _read(image, [tuple((x + x0, y + y0) for x, y in quad) for quad in found])  # type: ignore[misc]


def _around(image: Any, box: Box) -> ocr.Quad:
    """A row of signs with a margin of a third of its height."""
    height, width = image.shape[:2]
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    more = (bottom - top) / 3
    left, top = max(0.0, left - 2 * more), max(0.0, top - more)
    right, bottom = min(width - 1.0, right + 2 * more), min(height - 1.0, bottom + more)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _read(image: Any, quads: list[ocr.Quad]) -> list[Line]:
    height, width = image.shape[:2]
    out = []
    for quad, read in zip(quads, ocr.read_lines(image, quads), strict=True):
        xs, ys = [x for x, _ in quad], [y for _, y in quad]
        rise = (quad[1][1] - quad[0][1]) / max(1.0, quad[1][0] - quad[0][0])
        if read.text:
            edges = min(xs) / width, min(ys) / height, max(xs) / width, max(ys) / height
            out.append(Line(read.text, read.score, *edges, rise=rise))
    return out
