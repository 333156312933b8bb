"""What a safe workbook is."""

from __future__ import annotations

import io
import zipfile

import openpyxl


def assert_no_formula(data: bytes) -> None:
    """No cell is a formula, for openpyxl and in the bytes themselves."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                if isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@＝＋－＠")):
                    assert cell.quotePrefix, (sheet.title, cell.coordinate)
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        for name in z.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = z.read(name)
                assert b"<f>" not in text
                assert b"<f " not in text
