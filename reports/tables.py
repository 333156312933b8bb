"""Small generic tables, for a terminal, as CSV and as a workbook. Cells of users are safe in all three."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from reports import safe, terminal, workbook

_NARROWEST = 8


def shown(value: object) -> str:
    """A value as a person reads it: words with a Chinese name by that name, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.2f}"
    zh = getattr(value, "zh", None)
    return str(zh if isinstance(zh, str) else value)


def text_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, width: int = 0) -> str:
    """A plain table, two spaces between the columns, numbers to the right.

    :param width: columns of the terminal; the widest columns are cut until the table fits. 0 = never cut.
    """
    body = list(rows)
    cells = [[safe.line(shown(v)) for v in row] for row in body]
    numeric = [
        bool(body) and all(isinstance(r[c], (int, float)) and not isinstance(r[c], bool) for r in body)
        for c in range(len(headers))
    ]
    widths = [max(terminal.width(t) for t in column) for column in zip(headers, *cells, strict=True)]
    while width and sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1

    def one(row: Sequence[str]) -> str:
        parts = [terminal.pad(terminal.cut(t, w), w, right=n) for t, w, n in zip(row, widths, numeric, strict=True)]
        return "  ".join(parts).rstrip()

    rule = "  ".join("─" * w for w in widths)
    return "\n".join([one(headers), rule, *map(one, cells)]) + "\n"


def csv_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, bom: bool = True) -> str:
    """CSV as Excel opens it: a byte order mark, CRLF, no formula. Encode as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe.csv_cell(h) for h in headers])
    for row in rows:
        writer.writerow(
            [safe.csv_cell(v if isinstance(v, (int, float)) and not isinstance(v, bool) else shown(v)) for v in row]
        )
    return ("\ufeff" if bom else "") + out.getvalue()


def xlsx_table(
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]], *, when: datetime | None = None
) -> bytes:
    """A workbook of plain sheets: name → (headers, rows)."""
    book = workbook.new(when)
    for name, (headers, rows) in sheets.items():
        plain = [[v if isinstance(v, (int, float)) and not isinstance(v, bool) else shown(v) for v in row] for row in rows]
        workbook.add_sheet(book, name, headers, plain)
    return workbook.to_bytes(book)
