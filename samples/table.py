"""Tables as XLSX, by openpyxl, as CSV, and ruled on the pages of a PDF."""

from __future__ import annotations

import csv as _csv
import io
from collections.abc import Mapping, Sequence

from samples import fixed
from samples.layout import Value

#: first row, first column, last row, last column
Box = tuple[int, int, int, int]


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


def pdf(lines: Sequence[Sequence[Value]], *, columns: int, heads: int = 1, merged: Sequence[Box] = ()) -> bytes:
    """Lines of one cell as lines of text, those of ``columns`` cells ruled; the head comes again on every page.

    :param heads: rows of the head. :param merged: cells that are one: (row, column, last row, last column) of the ruled part, from 0.
    """
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

    from samples.pdf import FONT, register

    register()
    style = ParagraphStyle("line", fontName=FONT, fontSize=11, leading=16)
    ruled = [[str(c) for c in line] for line in lines if len(line) == columns > 1]
    spans = [("SPAN", (left, top), (right, bottom)) for top, left, bottom, right in merged]
    look = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), FONT, 10), *spans]
    story: list[object] = []
    for line in lines:
        if len(line) != columns or columns == 1:
            story.append(Paragraph(str(line[0]), style))
        elif ruled:
            story.append(LongTable(ruled, repeatRows=heads, style=TableStyle(look)))
            ruled = []
    out = io.BytesIO()
    SimpleDocTemplate(out, invariant=1).build(story)
    return out.getvalue()
