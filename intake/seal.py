"""印章: a red ring or ellipse near the signature (GB/T 9704-2012 7.3.5.1), by colour and shape.

Three places are looked at: a page as pixels, a page of a text PDF (rendered only when something red or pictured is on
it), a floating picture of a DOCX. Whether a seal is genuine is nobody's question here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

#: what counts as red: this bright, and this much above green and blue (of 255)
_BRIGHT, _ABOVE = 90, 40
#: seals are 30 to 45 mm across, ellipses 45 × 30 mm; a page is scanned with margins, and photographed with more (ours)
_LEAST_MM, LARGEST_MM = 22.0, 65.0
SMALLEST_MM = 17.0
_PAGE_MM = 210.0
#: width in pixels at which shapes are looked at: a ring of 1 mm is 3 pixels then
_WIDTH = 640
#: cells of this many pixels that hold red and touch are one shape
_CELL = 8
_DIRECTIONS = 48
#: share of directions in which a ring is met, and of red that may lie outside of it or fill it
_ROUND, _OUTSIDE, _FULL = 0.62, 0.06, 0.62
#: all differences between colour channels below this: nobody can tell whether something was red
_COLOURLESS = 40


class Ring(msgspec.Struct, frozen=True):
    """A red ring; pixels of the picture given."""

    left: float
    top: float
    right: float
    bottom: float

    def near(self, x: float, y: float) -> bool:
        """Whether the seal is pressed on, or just beside, the place."""
        more = 0.5 * (self.bottom - self.top)
        return self.left - 2 * more <= x <= self.right + 2 * more and self.top - more <= y <= self.bottom + more


def red(image: Any) -> Any:
    """Where ``image`` (height × width × 3, uint8, RGB) is red, as booleans."""
    import numpy as np

    first, other = image[:, :, 0], np.maximum(image[:, :, 1], image[:, :, 2])
    # in 8 bits: a difference below nothing would wrap around, so that is asked first
    return (first > _BRIGHT) & (first > other) & (first - other > _ABOVE)


def colourless(image: Any) -> bool:
    """True for a page without any colour: in black and white a seal cannot be told from print."""
    small = image[::4, ::4].astype("int16")
    spread = small.max(axis=2) - small.min(axis=2)
    return float((spread > _COLOURLESS).mean()) < 0.0002


def without_red(image: Any) -> Any:
    """The picture as a red filter shows it: the seal fades, black print under it stays."""
    import numpy as np

    channel = image[:, :, 0].astype(np.float32)
    channel = np.clip((channel - 40.0) * (255.0 / 130.0), 0, 255).astype(np.uint8)  # the faded ring becomes paper
    return np.repeat(channel[:, :, None], 3, axis=2)


def rings(image: Any, *, across_mm: float = _PAGE_MM) -> list[Ring]:
    """Red rings on a page that is ``across_mm`` wide, from the top down."""
    import numpy as np
    from PIL import Image

    height, width = image.shape[:2]
    scale = min(1.0, _WIDTH / width)
    if scale < 1:
        small = Image.fromarray(image).resize((round(width * scale), round(height * scale)), Image.Resampling.BOX)
        image = np.asarray(small)
    mask = red(image)
    if mask.sum() < 60:
        return []
    mm = image.shape[1] / across_mm
    out: list[Ring] = []
    for left, top, right, bottom in _shapes(mask):
        for box in _parts(left, top, right, bottom):
            if _size_fits((box[2] - box[0]) / mm, (box[3] - box[1]) / mm) and (found := _ring(mask, box)) is not None:
                ring = Ring(*(v / scale for v in found))
                if not any(ring.near(*_middle(o)) and o.near(*_middle(ring)) and _overlap(o, ring) for o in out):
                    out.append(ring)
    return sorted(out, key=lambda r: r.top)


def is_seal_picture(data: bytes) -> bool:
    """True when a picture shows little else than a red ring, as electronic seals are put into documents."""
    import io

    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > 16_000_000 or not 0.5 <= picture.width / picture.height <= 2.0:
                return False
            shown = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, OverflowError, EOFError):
        return False  # what Pillow raises for bytes that are no whole picture
    paper = Image.new("RGBA", shown.size, (255, 255, 255, 255))
    paper.alpha_composite(shown)
    paper.thumbnail((320, 320))
    mask = red(np.asarray(paper.convert("RGB")))
    if mask.sum() < 100:
        return False
    rows, columns = np.nonzero(mask)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    return (box[2] - box[0]) > 0.4 * paper.width and _ring(mask, box) is not None


def _middle(ring: Ring) -> tuple[float, float]:
    return (ring.left + ring.right) / 2, (ring.top + ring.bottom) / 2


def _overlap(a: Ring, b: Ring) -> bool:
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return across > 0.5 * (a.right - a.left) and down > 0.5 * (a.bottom - a.top)


def _size_fits(width_mm: float, height_mm: float) -> bool:
    large, small = max(width_mm, height_mm), min(width_mm, height_mm)
    return _LEAST_MM <= large <= LARGEST_MM and small >= SMALLEST_MM and large / small < 1.75


def _shapes(mask: Any) -> list[tuple[int, int, int, int]]:
    """Bounding boxes (left, top, right, bottom) of what hangs together in cells."""
    import numpy as np

    height, width = mask.shape
    rows, columns = -(-height // _CELL), -(-width // _CELL)
    padded = np.zeros((rows * _CELL, columns * _CELL), dtype=bool)
    padded[:height, :width] = mask
    cells = padded.reshape(rows, _CELL, columns, _CELL).any(axis=(1, 3))
    todo = {(int(r), int(c)) for r, c in zip(*np.nonzero(cells), strict=True)}
    out = []
    while todo:
        heap, members = [todo.pop()], []
        while heap:
            r, c = heap.pop()
            members.append((r, c))
            for near in [(r + a, c + b) for a in (-1, 0, 1) for b in (-1, 0, 1)]:
                if near in todo:
                    todo.remove(near)
                    heap.append(near)
        top, left = min(r for r, _ in members) * _CELL, min(c for _, c in members) * _CELL
        bottom, right = (max(r for r, _ in members) + 1) * _CELL, (max(c for _, c in members) + 1) * _CELL
        there = np.nonzero(mask[top:bottom, left:right])
        out.append(
            (
                left + int(there[1].min()),
                top + int(there[0].min()),
                left + int(there[1].max()) + 1,
                top + int(there[0].max()) + 1,
            )
        )
    return out


def _parts(left: int, top: int, right: int, bottom: int) -> Sequence[tuple[int, int, int, int]]:
    """The shape, and where it is long the squares along it: seals of joint documents stand side by side."""
    width, height = right - left, bottom - top
    whole = [(left, top, right, bottom)]
    if width > 1.5 * height:
        return whole + [(x, top, x + height, bottom) for x in range(left, right - height + 1, 3)]
    if height > 1.5 * width:
        return whole + [(left, y, right, y + width) for y in range(top, bottom - width + 1, 3)]
    return whole


def _ring(mask: Any, box: tuple[int, int, int, int]) -> tuple[float, float, float, float] | None:
    """The box when the red in it follows the ellipse that the box holds."""
    import numpy as np

    left, top, right, bottom = box
    rows, columns = np.nonzero(mask[top:bottom, left:right])
    if len(rows) < 40:
        return None
    half_width, half_height = (right - left) / 2, (bottom - top) / 2
    u = (columns + 0.5 - half_width) / half_width
    v = (rows + 0.5 - half_height) / half_height
    reach = np.hypot(u, v)
    rim = (reach >= 0.86) & (reach <= 1.06)
    bins = np.unique(((np.arctan2(v[rim], u[rim]) + math.pi) * (_DIRECTIONS / (2 * math.pi))).astype(int) % _DIRECTIONS)
    if len(bins) < _ROUND * _DIRECTIONS or float((reach > 1.1).mean()) > _OUTSIDE:
        return None
    inside = float((reach < 0.8).sum()) / (math.pi * 0.64 * half_width * half_height)
    return (float(left), float(top), float(right), float(bottom)) if inside < _FULL else None
