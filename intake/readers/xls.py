"""Excel 97–2003 and WPS 表格 (BIFF), by xlrd (optional): the values of the last save."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Reading
from archive_schema.words import ReadState
from intake import ole
from intake.readers import Unusable, sheets, tables
from intake.readers.sheets import Sheet

NAME = "xls"
VERSION = 2
_ME = f"{NAME}@{VERSION}"
_DAMAGED = "表格打不开,文件不完整或已损坏;请另存为 XLSX 后重新提交"


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    compound = ole.read(path)
    try:
        found = workbook(path, compound)
    except Unusable as e:
        return Reading(media_type, _ME, e.state, detail=e.detail)
    facts, grid = tables.describe(found, method=_ME)
    text, cut = tables.as_text(found)
    facts["text_chars"] = Fact(value=len("".join(text.split())), method=_ME)
    macros = any(s.upper().startswith(("_VBA_PROJECT", "VBA")) for s in compound.storages | set(compound.streams))
    facts["macros"] = Fact(value=macros, method=_ME)
    notes = [f"表格过大,每个工作表只读了前 {sheets.ROWS} 行"] if cut or any(s.cut for s in found) else []
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes), grid=grid)


def workbook(path: Path, compound: ole.Compound, *, merged: bool = False) -> list[Sheet]:
    """Its sheets. ``merged``: with the cells merged in them, for which xlrd has to read all formats, too.

    :raises Unusable: it cannot be opened.
    """
    import xlrd  # type: ignore[import-untyped]
    from xlrd.compdoc import CompDocError  # type: ignore[import-untyped]

    if compound.cut:
        raise Unusable(ReadState.DAMAGED, _DAMAGED)
    try:
        with xlrd.open_workbook(str(path), logfile=io.StringIO(), on_demand=True, formatting_info=merged) as book:
            return list(_sheets(book))
    except xlrd.XLRDError as e:
        if "encrypt" in str(e).lower() or "password" in str(e).lower():
            raise Unusable(ReadState.ENCRYPTED, "表格有打开密码,内容未检;请去掉密码后重新提交") from None
        raise Unusable(ReadState.DAMAGED, _DAMAGED) from None
    except (
        CompDocError,
        struct.error,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        TypeError,
        ValueError,
    ):
        # what xlrd lets out for records that make no sense
        raise Unusable(ReadState.DAMAGED, _DAMAGED) from None


def _sheets(book: Any) -> Iterator[Sheet]:
    for n in range(min(book.nsheets, sheets.SHEETS)):
        sheet = book.sheet_by_index(n)
        rows = []
        for y in range(min(sheet.nrows, sheets.ROWS)):
            cells = sheets.trimmed([_text(book, sheet.cell(y, x)) for x in range(min(sheet.row_len(y), sheets.COLUMNS))])
            if cells:
                rows.append((y + 1, cells))
        merged = tuple((top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells)
        yield Sheet(sheet.name, tuple(rows), sheet.nrows > sheets.ROWS, bool(sheet.visibility), merged)
        book.unload_sheet(n)


def _text(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return sheets.cell_text(xlrd.xldate_as_datetime(cell.value, book.datemode))
        except (ValueError, OverflowError):
            pass  # a number formatted as a date that none has
    return sheets.cell_text(cell.value) if cell.value != "" else ""
