"""Workbooks: safe cells, one look, the same bytes for the same content, and a seal that tells one that nobody saved anew."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
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
#: of a column without a width of its own; of a table that is too narrow for the lines above and under it; what such a line takes then
_PLAIN, _NARROW, _ACROSS = 9, 60, 110
#: points of a line, and the most that a row may have
_LINE, _HIGHEST = 15.0, 400.0
_SHA256 = re.compile("[0-9a-f]{64}")
#: the member with the digest of all others, which a program that saves the workbook writes anew
_SEAL = "docProps/custom.xml"
_OPEN = "0" * 64
_CHUNK = 1 << 20
#: what a sheet of ``add_long`` makes its rows with
_LATER = "dangan_rows"


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
    _fill(cell, value)
    return cell  # type: ignore[no-any-return]


def _fill(cell: Any, value: object) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, (int, float)) or (isinstance(value, date) and not isinstance(value, datetime)):
        cell.value = value
        return
    text = safe.block(str(value))
    cell.value = text
    cell.data_type = "s"
    if safe.is_formula(text):
        cell.quotePrefix = True


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
    sheet: Worksheet = book.create_sheet(safe.sheet_name(name, {s.title.lower() for s in book.worksheets}))
    top = _head(sheet, headers, preface)
    look = _Look()
    natural = [terminal.width(h) + 4 for h in headers]
    last, held = top, list(rows)
    for last, row in enumerate(held, top + 1):
        for c, value in enumerate(row):
            look.give(put(sheet, last, c + 1, value), apart=_touch(row, c))
            if not widths:
                natural[c] = max(natural[c], max((terminal.width(t) for t in str(value).split("\n")), default=0) + 2)
    _settle(sheet, top, last, len(headers), widths or natural)
    for n, row in enumerate([headers, *held], top):
        sheet.row_dimensions[n].height = _high(row, widths or natural)
    for n in range(1, top):
        _spread(sheet, n, len(headers))
    return sheet


def add_long(
    book: Workbook, name: str, headers: Sequence[str], rows: Callable[[], Iterable[Sequence[object]]], *, widths: Sequence[int]
) -> None:
    """A sheet as ``add_sheet`` makes it, of whose rows no more than one is in memory: for what grows with the files.

    :param rows: makes them, the same ones each time: they are counted now, and written when the workbook is.
    """
    from openpyxl.cell.cell import Cell

    sheet: Any = book.create_sheet(safe.sheet_name(name, {s.title.lower() for s in book.worksheets}))
    top = _head(sheet, headers)
    look = _Look()

    def cells() -> Iterator[tuple[int, list[Any]]]:
        for n, row in enumerate(rows(), top + 1):
            made: list[Any] = [Cell(sheet, row=n, column=c) for c in range(1, len(row) + 1)]
            for c, (cell, value) in enumerate(zip(made, row, strict=True)):
                _fill(cell, value)
                look.give(cell, apart=_touch(row, c))
            if (high := _high(row, widths)) is not None:  # plainly as it is written: openpyxl's own takes as long as two cells
                sheet.row_dimensions[n] = {"ht": f"{high:g}", "customHeight": "1"}
            yield n, made
            sheet.row_dimensions.pop(n, None)  # written, like its cells

    last, wide = top, len(headers)
    for last, row in enumerate(rows(), top + 1):  # noqa: B007 - the last one is kept
        wide = max(wide, len(row))
    _settle(sheet, top, last, len(headers), widths)
    if last > top:
        look.give(Cell(sheet, row=last, column=1))  # what it looks like is numbered in the order of the sheets
        sheet.calculate_dimension = lambda: f"A1:{_letter(wide)}{last}"
        setattr(sheet, _LATER, cells)


def add_lines(sheet: Worksheet, row: int, lines: Iterable[str], columns: int) -> None:
    """Lines under a table of so many columns, from ``row`` on."""
    for n, text in enumerate(lines, row):
        put(sheet, n, 1, text)
        _spread(sheet, n, columns)
    untitled: Any = sheet
    untitled._print_rows = None  # the header would stand above them on the second page


def _touch(row: Sequence[object], c: int) -> bool:
    """Is it text, to the left, hard beside what stands to the right in the cell before: a number or a day."""
    return c > 0 and isinstance(row[c], str) and isinstance(row[c - 1], (int, float, date)) and not isinstance(row[c - 1], bool)


def _high(row: Sequence[object], widths: Sequence[int]) -> float | None:
    """How high a row must be for its wrapped text; None for one line. Not every program sees to it by itself."""
    lines = max((_lines(v, min(w, _WIDEST)) for v, w in zip(row, widths, strict=False)), default=1)
    return min(_HIGHEST, _LINE * lines + 2) if lines > 1 else None


def _lines(value: object, width: int) -> int:
    """About how many lines a cell takes. Counted in bytes, for speed: a Chinese character has three and is two wide."""
    if not isinstance(value, str) or (len(value) * 2 < width and "\n" not in value) or _SHA256.fullmatch(value):
        return 1
    fits = max(1, width - 1 - width // 20)
    return sum(max(1, -(-((len(t) + len(t.encode("utf-8", "surrogatepass"))) // 2) // fits)) for t in value.split("\n"))


def _spread(sheet: Worksheet, n: int, columns: int) -> None:
    """Let a line that is longer than its table is wide wrap over all its columns: it would be cut off where the print ends."""
    from openpyxl.styles import Alignment

    cell = sheet.cell(row=n, column=1)
    last, wide = columns, sum(_width(sheet, c) for c in range(1, columns + 1))
    if _lines(cell.value, wide) == 1:
        return
    if wide < _NARROW:
        while wide < _ACROSS:
            last += 1
            wide += _width(sheet, last)
    if last > 1:
        sheet.merge_cells(start_row=n, start_column=1, end_row=n, end_column=last)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.row_dimensions[n].height = min(_HIGHEST, _LINE * _lines(cell.value, wide) + 2)


def _width(sheet: Worksheet, column: int) -> int:
    set_ = sheet.column_dimensions.get(_letter(column))
    return int(set_.width) if set_ is not None else _PLAIN


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


class _Look:
    """What the cells of a table look like. openpyxl compares all of a style for every cell; here it does once for each sort of cell."""

    def __init__(self) -> None:
        from openpyxl.styles import Alignment, Border, Side

        self._border = Border(bottom=Side(style="thin", color="D5D9DE"))
        self._wrap = Alignment(vertical="top", wrap_text=True)
        self._digest = Alignment(vertical="top")
        self._apart = Alignment(vertical="top", wrap_text=True, indent=1)
        self._made: dict[tuple[bool, bool, tuple[int, ...]], Any] = {}

    def give(self, cell: Any, *, apart: bool = False) -> None:
        """:param apart: a little away from the cell before."""
        digest = bool(_SHA256.fullmatch(str(cell.value)))  # in one line: four of it would make every row four lines high
        before = (digest, apart, tuple(cell._style or ()))
        if before not in self._made:
            cell.alignment = self._digest if digest else self._apart if apart else self._wrap
            cell.border = self._border
            self._made[before] = copy(cell._style)
        else:
            cell._style = copy(self._made[before])


def _head(sheet: Worksheet, headers: Sequence[str], preface: Sequence[str] = ()) -> int:
    """The lines above and the header; the number of its row."""
    from openpyxl.styles import Alignment, PatternFill

    for n, text in enumerate(preface, 1):
        put(sheet, n, 1, text).font = font(bold=n == 1, size=14 if n == 1 else 10)
    top = len(preface) + 1
    for c, header in enumerate(headers, 1):
        cell = put(sheet, top, c, header)
        cell.font = font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color="2F4156")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    return top


def _settle(sheet: Worksheet, top: int, last: int, columns: int, widths: Sequence[int]) -> None:
    """Widths, frozen header, filter, and how it is printed."""
    from openpyxl.worksheet.page import PageMargins

    for c, w in enumerate(widths, 1):
        sheet.column_dimensions[_letter(c)].width = min(w, _WIDEST)
    sheet.freeze_panes = f"A{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{_letter(max(1, columns))}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_width()
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    footer: Any = sheet.oddFooter
    footer.center.text = "&A　第 &P 页，共 &N 页"


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def paint_state(cell: Cell | MergedCell, state: CellState) -> None:
    """Give a cell the colours of a state."""
    from openpyxl.styles import PatternFill

    fill, ink = STATE_FILLS[state]
    cell.fill = PatternFill("solid", start_color=fill)
    cell.font = font(color=ink, bold=True)


def font(*, bold: bool = False, size: int = 11, color: str | None = None) -> Any:
    """The font of all other cells: one without a name is shown in another one by every program."""
    from openpyxl.styles import Font
    from openpyxl.styles.fonts import DEFAULT_FONT

    plain: Any = DEFAULT_FONT
    return Font(name=plain.name, family=plain.family, scheme=plain.scheme, size=size, bold=bold, color=color)


def to_bytes(book: Workbook) -> bytes:
    """The file, sealed. The clock of the machine stands nowhere in it."""
    from openpyxl.packaging.custom import StringProperty

    own: Any = book  # the stubs do not know of its own properties
    own.custom_doc_props.append(StringProperty(name=zipped.MAKER, value=_OPEN))
    raw = io.BytesIO()  # packed lightly: the sheets as they stand are forty times as large
    # not Workbook.save(): that overwrites the time of the last change with now
    _writer(book, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1)).save()
    with zipfile.ZipFile(raw) as z:
        seal = z.read(_SEAL).replace(_OPEN.encode(), _digest(z))
    return zipped.settled(raw, {_SEAL: seal})


def _writer(book: Workbook, archive: zipfile.ZipFile) -> Any:
    """openpyxl's, which also writes the rows of ``add_long``, one after another."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class SheetWriter(WorksheetWriter):
        def rows(self) -> Any:
            yield from super().rows()
            yield from getattr(self.ws, _LATER)()

    class BookWriter(ExcelWriter):
        def write_worksheet(self, ws: Any) -> None:
            if not hasattr(ws, _LATER):
                super().write_worksheet(ws)
                return
            ws._drawing = SpreadsheetDrawing()
            writer: Any = SheetWriter(ws)
            writer.write()
            ws._rels = writer._rels
            archive.write(writer.out, ws.path[1:])
            self.manifest.append(ws)
            writer.cleanup()

    return BookWriter(book, archive)


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
