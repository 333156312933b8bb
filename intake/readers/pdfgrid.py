"""Ruled tables of a PDF as sheets, through pdfplumber; only pages that can hold one are looked at, for it costs some three times the text.

A table that goes on over the next page is one sheet; a head repeated there is left out. The lines that stand beside a table on its page (title,
单位, 口径, 填报单位) are rows of one cell, as they are in a workbook. Tables without rules are not found, and nothing is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from intake.readers.pdfrules import LEAST_COLUMNS, LEAST_ROWS
from intake.readers.sheets import COLUMNS, ROWS, Sheet
from intake.tabular import Merge, Row

#: pages with tables looked at, and objects on a page beyond which it is left alone (a map, a drawing) (ours)
PAGES, OBJECTS = 20, 20_000
#: points by which edges of one line may differ
_TOLERANCE = 2.0


class Found(msgspec.Struct, frozen=True):
    """``sheets``: named by their first page. ``left``: pages not looked at for what they hold or how many there are."""

    sheets: tuple[Sheet, ...] = ()
    left: tuple[int, ...] = ()

    @property
    def characters(self) -> int:
        """In cells, white space left out."""
        return sum(len("".join(c.split())) for s in self.sheets for _, cells in s.rows if len(cells) > 1 for c in cells)


class _Table(msgspec.Struct):
    """A table on one page. ``rows``: cells; ``merged``: rows and columns from 0. ``above``, ``below``: lines beside it."""

    page: int
    rows: list[tuple[str, ...]]
    merged: list[Merge]
    above: list[str]
    below: list[str]

    @property
    def width(self) -> int:
        return max(len(cells) for cells in self.rows)


def tables(path: Path, pages: Sequence[int]) -> Found:
    """Sheets of the ruled tables on ``pages`` (from 1).

    :raises Exception: whatever pdfplumber raises for what pdfium could open.
    """
    import pdfplumber

    found: list[_Table] = []
    left = list(pages[PAGES:])
    with pdfplumber.open(path, pages=list(pages[:PAGES])) as document:
        for page in document.pages:
            if sum(len(kind) for kind in page.objects.values()) > OBJECTS:
                left.append(page.page_number)
            else:
                found += _on_page(page)
            page.close()  # else what was parsed of every page is kept
    return Found(tuple(_joined(found)), tuple(sorted(left)))


def _on_page(page: Any) -> Iterator[_Table]:
    low = page.bbox[1]
    whole = [t for t in page.find_tables() if len(t.rows) >= LEAST_ROWS and len(t.columns) >= LEAST_COLUMNS]
    ruled = sorted(whole, key=lambda t: (t.bbox[1], t.bbox[0]))
    for n, table in enumerate(ruled):
        rows = [tuple(_clean(cell) for cell in cells[:COLUMNS]) for cells in table.extract()]
        end = ruled[n + 1].bbox[1] if n + 1 < len(ruled) else page.bbox[3]
        yield _Table(
            page.page_number,
            rows,
            _merged(table),
            _lines(page, low, table.bbox[1]),
            _lines(page, table.bbox[3], end) if n + 1 == len(ruled) else [],
        )
        low = table.bbox[3]


def _clean(cell: str | None) -> str:
    """Words of a cell; Chinese broken over lines is put together again."""
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", " ".join((cell or "").split()))


def _lines(page: Any, top: float, bottom: float) -> list[str]:
    if bottom - top < 4:
        return []
    text = page.crop((page.bbox[0], top, page.bbox[2], bottom), strict=False).extract_text() or ""
    return [line for line in (" ".join(s.split()) for s in text.split("\n")) if line]


def _merged(table: Any) -> list[Merge]:
    """Cells that reach over several rows or columns, by the edges of all cells."""
    lefts, tops = _edges(c[0] for c in table.cells), _edges(c[1] for c in table.cells)
    out = []
    for left, top, right, bottom in table.cells:
        columns = [n for n, x in enumerate(lefts) if left - _TOLERANCE <= x < right - _TOLERANCE]
        rows = [n for n, y in enumerate(tops) if top - _TOLERANCE <= y < bottom - _TOLERANCE]
        if columns and rows and (len(columns) > 1 or len(rows) > 1):
            out.append((rows[0], columns[0], rows[-1], columns[-1]))
    return sorted(out)


def _edges(values: Iterator[float]) -> list[float]:
    out: list[float] = []
    for v in sorted(values):
        if not out or v - out[-1] > _TOLERANCE:
            out.append(v)
    return out


def _joined(found: Sequence[_Table]) -> Iterator[Sheet]:
    """A table that opens the page after one of the same width goes on with it."""
    parts: list[list[_Table]] = []
    for table in found:
        last = parts[-1][-1] if parts else None
        if (
            last is not None
            and table.page == last.page + 1
            and table.width == last.width
            and not table.above
            and not _ends(last)
        ):
            parts[-1].append(table)
        else:
            parts.append([table])
    for part in parts:
        yield _sheet(part)


def _ends(table: _Table) -> bool:
    """Something but a page number stands below."""
    return any(not re.fullmatch(r"[-—–第\s]*\d{1,4}[-—–页\s]*", line) for line in table.below)


def _sheet(part: Sequence[_Table]) -> Sheet:
    head = part[0]
    rows: list[Row] = [(n, (line,)) for n, line in enumerate(head.above, 1)]
    first = len(rows) + 1
    merged = tuple((a + first, b, c + first, d) for a, b, c, d in head.merged)
    cells = list(head.rows)
    for further in part[1:]:
        again = 0
        while again < min(len(further.rows), len(head.rows) - 1) and further.rows[again] == head.rows[again]:
            again += 1
        cells += further.rows[again:]
    cells += [(line,) for line in part[-1].below]
    rows += [(n, _trimmed(c)) for n, c in enumerate(cells, first) if any(c)]
    name = f"第{head.page}页" if len(part) == 1 else f"第{head.page}-{part[-1].page}页"
    return Sheet(name, tuple(rows[:ROWS]), cut=len(rows) > ROWS, merged=merged)


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]
