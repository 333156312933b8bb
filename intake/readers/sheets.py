"""Rows of a workbook or a CSV file, bounded; shared by the table readers and by the submission forms."""

from __future__ import annotations

import csv
import io
import re
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
#: first rows in which merged cells that matter to a header begin, and how many are told per sheet (本项目默认)
_MERGED = (40, 1_000)

ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


class Sheet(msgspec.Struct, frozen=True):
    """``rows``: (row number from 1, cells as text without trailing empty ones); empty rows left out.

    ``merged``: (first row, first column, last row, last column), rows from 1, columns from 0; as far as they were asked for.
    """

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    cut: bool = False
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()


def workbook(path: Path, *, merged: tuple[int, int] = _MERGED) -> Iterator[Sheet]:
    """Sheets of an XLSX file with the values its last save computed.

    :param merged: merged cells that begin in so many first rows are told, and so many of them.
    :raises Exception: whatever openpyxl raises for a package that is none.
    """
    import openpyxl

    file = path.open("rb")  # by its name openpyxl refuses a file without an extension, as objects of a store are
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except BaseException:
        file.close()
        raise
    styles: Any = book  # openpyxl's own tables of styles
    percent = any("%" in f for f in styles._number_formats) or any(s.numFmtId in (9, 10) for s in styles._cell_styles)
    try:
        for sheet in book.worksheets[:SHEETS]:
            if not hasattr(sheet, "reset_dimensions"):
                continue  # a chart sheet
            sheet.reset_dimensions()  # files often declare too small a range
            rows: list[tuple[int, tuple[str, ...]]] = []
            cut = False
            last = 0
            for n, values in enumerate(sheet.iter_rows(max_col=COLUMNS, values_only=not percent), 1):
                cells = trimmed([cell_text(v) if not percent else _shown(v) for v in values])
                if cells:
                    rows.append((n, cells))
                    last = n
                if len(rows) >= ROWS:
                    cut = True
                    break
                if n - last > GAP:
                    break
            yield Sheet(sheet.title, tuple(rows), cut, sheet.sheet_state != "visible", _merged(sheet, *merged))
    finally:
        book.close()
        file.close()


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_PIECE = 1024 * 1024


def _merged(sheet: Any, rows: int, most: int) -> tuple[tuple[int, int, int, int], ...]:
    """Merged cells that begin in the first ``rows``: openpyxl does not tell them when it reads row by row."""
    found: list[tuple[int, int, int, int]] = []
    with sheet._get_source() as part:
        kept = b""
        while len(found) < most and (piece := part.read(_PIECE)):
            kept += piece
            at = kept.rfind(b"<")  # an element may go on in the next piece
            whole, kept = kept[:at], kept[at:][-1_000:]
            if b"mergeCell" in whole:
                found += [_range(m) for m in _MERGE.finditer(whole) if int(m[2]) <= rows]
    return tuple(found[:most])


def _range(m: re.Match[bytes]) -> tuple[int, int, int, int]:
    left, right = (_index(m[n].decode("ascii")) for n in (1, 3))
    return int(m[2]), left, int(m[4]), min(right, COLUMNS - 1)


def _index(letters: str) -> int:
    """A → 0, AA → 26."""
    n = 0
    for c in letters:
        n = n * 26 + ord(c) - 64
    return n - 1


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
        cells = trimmed([v.strip() for v in values[:COLUMNS]])
        if cells:
            rows.append((reader.line_num, cells))
        if len(rows) >= ROWS:
            cut = True
            break
    return Sheet("", tuple(rows), cut), encoding


def _shown(cell: Any) -> str:
    """A cell as it is seen: 0.456 formatted as a percentage is ``45.6%``."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.number_format:
        return f"{cell_text(round(value * 100, 10))}%"
    return cell_text(value)


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


def trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
