"""Workbooks: safe cells, one look, the same bytes for the same content, and a seal that tells one that nobody saved anew."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive_schema.words import CellState
from reports import safe, terminal, zipped

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

#: background and ink per state; the page uses the same
STATE_FILLS = {
    CellState.MISSING: ("FBE3E1", "9B1C13"),
    CellState.UNUSABLE: ("FFE8CC", "8A3B00"),
    CellState.IN_REVIEW: ("DCE9FB", "174A8C"),
    CellState.USABLE: ("DDF1E0", "17612F"),
    CellState.NOT_APPLICABLE: ("ECEEF0", "5A6470"),
}
_WIDEST = 60
#: the member with the digest of all others, which a program that saves the workbook writes anew
_SEAL = "docProps/custom.xml"
_OPEN = "0" * 64
_CHUNK = 1 << 20


def new(when: datetime | None = None) -> Workbook:
    """An empty workbook (no sheet) that says it was made at ``when``."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    at = (when or zipped.EPOCH).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = at
    book.properties.creator = zipped.MAKER
    return book


def put(sheet: Worksheet, row: int, column: int, value: object) -> Cell:
    """Write one value so that no program takes it for a formula. Numbers and dates keep their type; other things are text."""
    cell: Any = sheet.cell(row=row, column=column)
    if value is None or value == "":
        return cell  # type: ignore[no-any-return]
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, (int, float)) or (isinstance(value, date) and not isinstance(value, datetime)):
        cell.value = value
        return cell  # type: ignore[no-any-return]
    text = safe.block(str(value))
    cell.value = text
    cell.data_type = "s"
    if safe.is_formula(text):
        cell.quotePrefix = True
    return cell  # type: ignore[no-any-return]


def add_sheet(
    book: Workbook,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    widths: Sequence[int] = (),
    preface: Sequence[str] = (),
) -> Worksheet:
    """A sheet with a frozen header, a filter and column widths.

    :param widths: in characters; without them they follow the content.
    :param preface: lines above the header.
    """
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    sheet: Worksheet = book.create_sheet(safe.sheet_name(name, {s.title.lower() for s in book.worksheets}))
    for n, text in enumerate(preface, 1):
        put(sheet, n, 1, text).font = Font(bold=n == 1, size=14 if n == 1 else 10)
    top = len(preface) + 1
    side = Side(style="thin", color="D5D9DE")
    border = Border(bottom=side)
    wrap = Alignment(vertical="top", wrap_text=True)
    for c, header in enumerate(headers, 1):
        cell = put(sheet, top, c, header)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color="2F4156")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    natural = [terminal.width(h) + 4 for h in headers]
    last = top
    for last, row in enumerate(rows, top + 1):
        for c, value in enumerate(row):
            cell = put(sheet, last, c + 1, value)
            cell.alignment, cell.border = wrap, border
            if not widths:
                natural[c] = max(natural[c], max((terminal.width(t) for t in str(value).split("\n")), default=0) + 2)
    for c, w in enumerate(widths or natural, 1):
        sheet.column_dimensions[get_column_letter(c)].width = min(w, _WIDEST)
    sheet.freeze_panes = f"A{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(max(1, len(headers)))}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_width()
    sheet.print_title_rows = f"{top}:{top}"
    return sheet


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def paint_state(cell: Cell | MergedCell, state: CellState) -> None:
    """Give a cell the colours of a state."""
    from openpyxl.styles import Font, PatternFill

    fill, ink = STATE_FILLS[state]
    cell.fill = PatternFill("solid", start_color=fill)
    cell.font = Font(color=ink, bold=True)


def to_bytes(book: Workbook) -> bytes:
    """The file, sealed. The clock of the machine stands nowhere in it."""
    from openpyxl.packaging.custom import StringProperty
    from openpyxl.writer.excel import ExcelWriter

    own: Any = book  # the stubs do not know of its own properties
    own.custom_doc_props.append(StringProperty(name=zipped.MAKER, value=_OPEN))
    raw = io.BytesIO()
    # not Workbook.save(): that overwrites the time of the last change with now
    ExcelWriter(book, zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED)).save()
    with zipfile.ZipFile(raw) as z:
        seal = z.read(_SEAL).replace(_OPEN.encode(), _digest(z))
    return zipped.settled(raw.getvalue(), {_SEAL: seal})


def untouched(path: Path) -> bool:
    """Whether a workbook is as ``to_bytes`` made it. Who fills it in, or only saves it, breaks the seal.

    :raises OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as z:
            return _digest(z) in z.read(_SEAL)
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return False


def _digest(z: zipfile.ZipFile) -> bytes:
    total = hashlib.sha256()
    for name in sorted(set(z.namelist()) - {_SEAL}):
        one = hashlib.sha256()
        with z.open(name) as member:
            while chunk := member.read(_CHUNK):
                one.update(chunk)
        total.update(f"{one.hexdigest()} {name}\n".encode())
    return total.hexdigest().encode()
