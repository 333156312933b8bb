"""Whether a picture is one of a page: light, grey and even with print on it, as a scan or a photograph of a page is."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

#: pixels of the long side at which paper and print are looked for, and below which no page could be read
_GLANCE, _LOOK, _READABLE = 240, 900, 700
#: share of a picture that is even, light and grey (paper); that has print on it; that is one or the other (measured)
_PAPER, _PRINT, _PAGE = 0.64, 0.03, 0.6
#: pixels of a stack of sheets that are looked at for a page: some ten seconds (ours)
_PIXELS = 600_000_000
#: pictures of one file that are looked at (ours)
FRAMES = 200
#: what libraries of pictures raise for a damaged one
BROKEN = (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, OverflowError, ZeroDivisionError, EOFError)


def readable(width: int, height: int) -> bool:
    """Whether a page of so many pixels could be read."""
    return max(width, height) >= _READABLE and min(width, height) >= _READABLE // 2


def glance(picture: Any) -> bool:
    """Whether an RGB picture (Pillow) of any size may be one of a page; costs less than a millisecond."""
    from PIL import Image

    small = picture.copy()
    small.thumbnail((_GLANCE, _GLANCE), Image.Resampling.BOX)
    return _shares(small, 4)[0] >= _PAPER - 0.08


def looks_like_page(path: Path) -> bool:
    """Of a picture file; opens it once more. Costs some 10 ms for a photograph.

    A TIFF is a stack of sheets, with a cover or a blank one on top: it is of pages when one of its pictures is.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                sheets = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
                pixels = 0
                for n in range(min(FRAMES, sheets)):
                    if _page(picture, n):
                        return True
                    pixels += picture.width * picture.height
                    if n and pixels > _PIXELS:
                        return True  # nobody knows without opening them all, which OCR does, for as long as it may
                return False
    except BROKEN:
        return False


def _page(picture: Any, n: int) -> bool:
    from PIL import Image

    try:
        if n:
            picture.seek(n)
        if not readable(*picture.size):
            return False
        picture.draft("RGB", (_LOOK, _LOOK))
        small = picture.convert("RGB")
    except BROKEN:
        return False
    if not glance(small):
        return False
    small.thumbnail((_LOOK, _LOOK), Image.Resampling.BOX)
    paper, printed, page = _shares(small, 15)
    return paper >= _PAPER and printed >= _PRINT and page >= _PAGE


def _shares(picture: Any, cell: int) -> tuple[float, float, float]:
    """Of the cells of a picture: paper, paper with print, paper with print or blank."""
    import numpy as np

    values = np.asarray(picture)
    rows, columns = values.shape[0] // cell, values.shape[1] // cell
    if not rows or not columns:
        return 0.0, 0.0, 0.0
    red, green, blue = (values[: rows * cell, : columns * cell, n] for n in range(3))

    def cells(plane: Any) -> Any:
        """A row of pixels for every cell."""
        return plane.reshape(rows, cell, columns, cell).transpose(0, 2, 1, 3).reshape(rows, columns, -1)

    grey = cells((red.astype(np.uint16) + green + blue).astype(np.float32) / 3)
    apart = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    spread = cells(apart).mean(axis=2)
    ground = _percentile(grey, 0.8)
    paper = (ground > 0.62 * np.percentile(ground, 90)) & (spread < 45)
    dark = (grey < 0.72 * ground[:, :, None]).mean(axis=2)
    printed, blank = paper & (dark > 0.04) & (dark < 0.55), paper & (dark < 0.01)
    return float(paper.mean()), float(printed.mean()), float((printed | blank).mean())


def _percentile(values: Any, share: float) -> Any:
    """Along the last axis, as ``np.percentile`` has it, several times as fast for many short rows."""
    import numpy as np

    place = share * (values.shape[-1] - 1)
    low, part = int(place), place - int(place)
    high = min(low + 1, values.shape[-1] - 1)
    ordered = np.partition(values, (low, high), axis=-1)
    return ordered[..., low] * (1 - part) + ordered[..., high] * part
