"""Whether a page of a PDF may hold a ruled table: asked of every page, before ``pdfgrid`` and its libraries are loaded."""

from __future__ import annotations

import re
from typing import Any

from intake.readers.pdfpages import PATH, bounds, segments, within

#: least rows and columns of a table (ours)
LEAST_ROWS, LEAST_COLUMNS = 3, 2
#: lines of the text of a page that look like rows of figures, before the page is looked at (ours)
_ROWS_OF_FIGURES = 2
_FIGURES = re.compile(r"(?:^|\s)[-+]?\d[\d,.]*%?(?=\s|$)")
#: points up to which a path is a line
_TOLERANCE = 2.0


def may_hold(text: str) -> bool:
    """Whether the text of a page has some lines of figures; what costs nothing is asked first."""
    found = 0
    for line in text.split("\n"):
        if len(_FIGURES.findall(line)) >= LEAST_COLUMNS:
            found += 1
            if found == _ROWS_OF_FIGURES:
                return True
    return False


def ruled(page: Any) -> bool:
    """Whether a page of pdfium shows the lines of the least table: pdfplumber works out every object of a page before it says so.

    A path that is no plain line counts with all its parts, as a grid may be one path.
    """
    lying = standing = 0
    for path in within(page, PATH):
        left, bottom, right, top = bounds(path)
        across, up = right - left, top - bottom
        parts = 1 if min(across, up) <= _TOLERANCE else segments(path) // 2
        lying += parts if across > _TOLERANCE else 0
        standing += parts if up > _TOLERANCE else 0
        if lying > LEAST_ROWS and standing > LEAST_COLUMNS:
            return True
    return False
