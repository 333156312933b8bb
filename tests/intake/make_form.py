"""提交表 as departments send them: a Word table or a sheet, the item once over it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests import needs

Rows = list[list[str]]
#: (first row, first column, last row, last column), all from 0
Merges = tuple[tuple[int, int, int, int], ...]


def word(path: Path, *parts: str | Rows, merges: Merges = ()) -> Path:
    """Paragraphs and tables in their order; ``merges`` in every table."""
    import docx

    document = docx.Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        table = document.add_table(rows=len(part), cols=max(map(len, part)))
        for r, row in enumerate(part):
            for c, text in enumerate(row):
                table.cell(r, c).text = text
        for top, left, bottom, right in merges:
            table.cell(top, left).merge(table.cell(bottom, right))
    document.save(str(path))
    return path


def excel(path: Path, rows: Rows, merges: Merges = ()) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for top, left, bottom, right in merges:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    book.save(path)
    return path


def old_excel(path: Path, rows: Rows, merges: Merges = ()) -> Path:
    """Written by LibreOffice."""
    if shutil.which("soffice") is None:
        needs.missing("office", "no soffice (Debian: libreoffice-calc-nogui)")
    work = path.parent / f"{path.name}.work"
    work.mkdir()
    excel(work / "a.xlsx", rows, merges)
    command = ["soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to", "xls", "--outdir"]
    subprocess.run([*command, str(work), str(work / "a.xlsx")], check=True, capture_output=True, timeout=120)
    if not (work / "a.xls").exists():
        needs.missing("office", "soffice without Calc (Debian: libreoffice-calc-nogui)")
    return (work / "a.xls").rename(path)
