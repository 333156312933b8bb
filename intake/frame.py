"""A table as a pandas frame with its description, on demand: nothing of the nightly path loads pandas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archive_schema.errors import DataError
from archive_schema.grid import column_letters
from intake import names
from intake.figures import is_nothing, read_figure
from intake.filetype import XLSX, true_type
from intake.readers import sheets, tables
from intake.tabular import Description, take_apart

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(path: Path) -> tuple[DataFrame, Description]:
    """The main sheet of an XLSX or CSV file: data rows only, one column per column of the table.

    Numeric columns hold floats in the unit that ``Description.columns`` names (万 and 亿 worked in, ``45.6%`` as 45.6), NaN where
    no figure can be read; other columns hold text, None where a cell is empty. A name that comes twice gets ``#2`` behind it. The index is the row number in
    the file. Opens a file of unknown make in this very process: for files that a reader process has read before.

    :raises DataError: no table of these formats, or none in it.
    """
    sheet = tables.main_sheet(_sheets(path))
    if sheet is None or not sheet.rows:
        raise _no_table(path)
    import pandas

    d = take_apart(sheet.name, sheet.rows, sheet.merged)
    width = len(d.columns) or max(len(cells) for _, cells in d.data) if d.data else len(d.columns)
    labels: list[str] = []
    columns: dict[str, object] = {}
    for n in range(width):
        column = d.columns[n] if n < len(d.columns) else None
        name = column.name if column is not None and column.name else column_letters(n)
        again = sum(1 for label in labels if label == name)
        labels.append(name)
        cells = [cells[n] if n < len(cells) else "" for _, cells in d.data]
        label = name if not again else f"{name}#{again + 1}"
        if column is not None and column.numeric:
            values = [figure.value if (figure := read_figure(c)) is not None else float("nan") for c in cells]
            columns[label] = pandas.Series(values, index=[number for number, _ in d.data], dtype="float64")
        else:
            texts = [None if is_nothing(c) else c for c in cells]
            columns[label] = pandas.Series(texts, index=[number for number, _ in d.data], dtype="object")
    return pandas.DataFrame(columns), d


def _sheets(path: Path) -> list[sheets.Sheet]:
    match true_type(path, names.of_path(path)):
        case t if t == XLSX:
            return list(sheets.workbook(path))
        case "text/csv":
            read = sheets.delimited(path)
            return [read[0]] if read is not None else []
        case _:
            raise _no_table(path)


def _no_table(path: Path) -> DataError:
    name = names.of_path(path)
    return DataError(
        f"{name}: no table",
        zh=f"{name}: 没有读到表格",
        code="intake.no-table",
        path=name,
        hint="请提供含数据的 XLSX 或 CSV 文件",
    )
