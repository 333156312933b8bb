"""Rows of a workbook or a CSV file, bounded; shared by the table readers and by the submission forms."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from intake import textual

#: rows and columns looked at per sheet, sheets per file, empty rows after which a sheet ends (本项目默认)
ROWS, COLUMNS, SHEETS, GAP = 100_000, 256, 100, 2_000
#: bytes of a CSV file that are read
CSV_BYTES = 16 * 1024 * 1024

ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


class Sheet(msgspec.Struct, frozen=True):
    """``rows``: (row number from 1, cells as text without trailing empty ones); empty rows left out."""

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    cut: bool = False
    hidden: bool = False


def workbook(path: Path) -> Iterator[Sheet]:
    """Sheets of an XLSX file with the values its last save computed.

    :raises Exception: whatever openpyxl raises for a package that is none.
    """
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets[:SHEETS]:
            if not hasattr(sheet, "reset_dimensions"):
                continue  # a chart sheet
            sheet.reset_dimensions()  # files often declare too small a range
            rows: list[tuple[int, tuple[str, ...]]] = []
            cut = False
            last = 0
            for n, values in enumerate(sheet.iter_rows(max_col=COLUMNS, values_only=True), 1):
                cells = _trimmed([cell_text(v) for v in values])
                if cells:
                    rows.append((n, cells))
                    last = n
                if len(rows) >= ROWS:
                    cut = True
                    break
                if n - last > GAP:
                    break
            yield Sheet(sheet.title, tuple(rows), cut, sheet.sheet_state != "visible")
    finally:
        book.close()


def delimited(path: Path) -> tuple[Sheet, str] | None:
    """The one sheet of a CSV or TSV file, and its encoding; None when its bytes are no text."""
    with path.open("rb") as f:
        data = f.read(CSV_BYTES + 1)
    whole = len(data) <= CSV_BYTES
    decoded = textual.decode(data[:CSV_BYTES], whole=whole)
    if decoded is None:
        return None
    text, encoding = decoded
    text = textual.clean(text)
    sample = text[:20_000].split("\n")[:50]
    delimiter = max(",\t;|，", key=lambda d: sum(line.count(d) for line in sample))
    csv.field_size_limit(1_000_000)
    rows: list[tuple[int, tuple[str, ...]]] = []
    cut = not whole
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            break
        except csv.Error:  # one field beyond the limit: an unclosed quotation mark
            cut = True
            break
        cells = _trimmed([v.strip() for v in values[:COLUMNS]])
        if cells:
            rows.append((reader.line_num, cells))
        if len(rows) >= ROWS:
            cut = True
            break
    return Sheet("", tuple(rows), cut), encoding


def cell_text(value: Any) -> str:
    """A cell's value as it would be typed: dates ISO, whole floats without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return textual.clean(str(value)).strip()


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
