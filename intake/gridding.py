"""A workbook as the grid that the checks of single cells look at: every visible sheet, bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from archive_schema.grid import Cell, Grid, GridColumn, GridRow, GridTable, RowSort
from archive_schema.text import display
from intake.figures import is_nothing, read_figure
from intake.quotients import Ratios
from intake.tabular import Description, Row

#: sheets, rows and columns of each, cells of a file, characters of a cell of words (ours): what is beyond is said to be left
SHEETS, ROWS, COLUMNS, CELLS, WORDS = 20, 5_000, 64, 100_000, 60


def of_sheets(sheets: Sequence[tuple[Description, Ratios]], *, left: Sequence[str] = ()) -> bytes:
    """The grid as JSON; b"" when no sheet has a header with rows below.

    :param left: sheets of which nothing was made.
    """
    tables: list[GridTable] = []
    out, room = list(left), CELLS
    for d, ratios in sheets:
        if not d.columns or not d.data:
            continue
        if len(tables) == SHEETS or room < len(d.columns):
            out.append(d.name)
            continue
        width = min(len(d.columns), COLUMNS)
        table = _table(d, ratios, width, min(ROWS, room // width))
        room -= len(table.rows) * width
        tables.append(table)
    return msgspec.json.encode(Grid(tuple(tables), tuple(display(n, 60) for n in out))) if tables else b""


def _table(d: Description, ratios: Ratios, width: int, most: int) -> GridTable:
    sorts: Mapping[int, RowSort] = {r[0]: RowSort.SUBTOTAL if part else RowSort.TOTAL for r, part in d.total_rows}
    every = sorted((*d.data, *(r for r, _ in d.total_rows)))
    columns = tuple(GridColumn(c.name, c.unit, c.numeric) for c in d.columns[:width])
    kept = every[:most]
    last = kept[-1][0] if kept else 0
    return GridTable(
        sheet=display(d.name, 60),
        columns=columns,
        rows=tuple(GridRow(r[0], sorts.get(r[0], RowSort.DATA), _cells(r, columns)) for r in kept),
        title=display(d.title, 100),
        sums=tuple(s for s in d.sums if s.row <= last and s.column < width),
        ratios=tuple(r for r in ratios.found if r.row <= last and r.column < width),
        left=len(every) - len(kept),
    )


def _cells(row: Row, columns: Sequence[GridColumn]) -> tuple[Cell, ...]:
    return tuple(_cell(text, c.numeric) for text, c in zip(row[1], columns, strict=False))


def _cell(text: str, numeric: bool) -> Cell:
    if is_nothing(text):
        return None
    figure = read_figure(text) if numeric else None
    return figure.value if figure is not None else display(text, WORDS)
