"""A table cell by cell, as its reader leaves it for the checks that look at single cells: kept under ``derived/``, never in the series.

Figures are numbers (万 and 亿 in a cell worked in, ``45.6%`` as 45.6), a cell that holds nothing is None, everything else is its text.
What adds up and which columns a ratio comes of is worked out by the reader, which knows how the figures were written; the
checks compare.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

#: name of the derived object; raised when its shape changes
GRID = "grid@1"

Cell = float | str | None

#: a year in the name of a column, and the words by which one says that it holds shares
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年?(?!\d)")
SHARE = re.compile("率|比例|比重|占比|百分比")


class TableFamily(StrEnum):
    """统计表格的类型, by what its columns are. Ours: nothing of the sort was published."""

    COUNTS = "计数"
    RATIOS = "比率"
    SERIES = "多年序列"
    LISTS = "名册"


class RowSort(StrEnum):
    DATA = "data"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


class GridColumn(msgspec.Struct, frozen=True, array_like=True):
    """``name``: its path in the header, ``2017年/完成数``. ``unit`` "" = none said. ``numeric``: most of its cells are figures."""

    name: str
    unit: str = ""
    numeric: bool = False


class GridRow(msgspec.Struct, frozen=True, array_like=True):
    """``number`` as the file numbers its rows, from 1."""

    number: int
    sort: RowSort
    cells: tuple[Cell, ...]


class GridSum(msgspec.Struct, frozen=True, array_like=True):
    """A total and what its parts make. ``slack``: what rounding may make of the sum."""

    row: int
    column: int
    stated: float
    summed: float
    slack: float

    @property
    def apart(self) -> float:
        """By how much they differ beyond rounding, 0 = they agree."""
        return max(0.0, abs(self.stated - self.summed) - self.slack)


class GridRatio(msgspec.Struct, frozen=True, array_like=True):
    """A ratio in per cent. ``bounded``: one that cannot leave 0–100. ``quotient``: of the columns that it comes of, None = unknown."""

    row: int
    column: int
    percent: float
    bounded: bool
    quotient: float | None = None
    slack: float = 0.0


class GridTable(msgspec.Struct, frozen=True):
    """One sheet. ``left``: rows that were not kept."""

    sheet: str
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    title: str = ""
    sums: tuple[GridSum, ...] = ()
    ratios: tuple[GridRatio, ...] = ()
    left: int = 0


class Grid(msgspec.Struct, frozen=True):
    """``left``: sheets that were not kept."""

    tables: tuple[GridTable, ...]
    left: tuple[str, ...] = ()


_decoder: msgspec.json.Decoder[Grid] = msgspec.json.Decoder(Grid)


def decode(data: bytes) -> Grid:
    """:raises msgspec.MsgspecError: it is no grid of this shape."""
    return _decoder.decode(data)


def column_letters(index: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell_name(column: int, row: int) -> str:
    """(2, 7) → C7."""
    return f"{column_letters(column)}{row}"
