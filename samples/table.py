"""Tables as XLSX, by openpyxl, and as CSV."""

from __future__ import annotations

import csv as _csv
import io
from collections.abc import Mapping, Sequence

from samples import fixed
from samples.layout import Value


def xlsx(
    lines: Sequence[Sequence[Value]], *, columns: int, sheet: str = "统计表", names: Mapping[str, str] | None = None
) -> bytes:
    """One worksheet; a first line of one cell is merged over ``columns`` columns as the title.

    :param names: defined names of the workbook (a broken one holds ``#REF!``).
    """
    import openpyxl
    from openpyxl.styles import Alignment, Font
    from openpyxl.workbook.defined_name import DefinedName

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for line in lines:
        page.append(list(line))
    if columns > 1 and lines and len(lines[0]) == 1:
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=columns)
        page.cell(1, 1).alignment = Alignment(horizontal="center")
        page.cell(1, 1).font = Font(size=16, bold=True)
    for n in range(1, columns + 1):
        page.column_dimensions[chr(64 + n)].width = 18
    for name, target in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=target)
    out = io.BytesIO()
    book.save(out)
    return fixed.rezip(out.getvalue())


def csv(lines: Sequence[Sequence[Value]]) -> str:
    """Comma separated, CRLF."""
    out = io.StringIO()
    _csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue()
