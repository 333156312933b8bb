"""CSV and TSV in any of the encodings that office programs write."""

from __future__ import annotations

from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Reading
from archive_schema.words import ReadState
from intake import textual
from intake.readers import sheets, tables

NAME = "csv"
VERSION = 3
_ME = f"{NAME}@{VERSION}"


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    read_sheet = sheets.delimited(path)
    if read_sheet is None:
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="CSV 的编码无法识别;请另存为 UTF-8 编码的 CSV 或 XLSX 后提交")
    sheet, encoding = read_sheet
    facts, grid = tables.describe([sheet], method=f"{_ME}/{encoding}")
    text, cut = tables.as_text([sheet])
    facts["text_chars"] = Fact(value=len("".join(text.split())), method=_ME)
    ratio = textual.garbled(text)
    facts["garbled"] = Fact(value=ratio, method=_ME)
    notes = []
    if cut or sheet.cut:
        notes.append(f"表格过大或引号未闭合,只读到第 {sheet.rows[-1][0] if sheet.rows else 0} 行")
    if ratio >= textual.GARBLED_LIMIT:
        notes.append("文字是乱码,未识别")
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes), grid=grid)
