"""Excel (OOXML): the values its last save computed, read row by row."""

from __future__ import annotations

import re
from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Reading
from archive_schema.words import ReadState
from intake import container
from intake.readers import sheets, tables

NAME = "xlsx"
VERSION = 3
_ME = f"{NAME}@{VERSION}"


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    if container.is_ole(path):
        return Reading(media_type, _ME, ReadState.ENCRYPTED, detail="Excel 文件有打开密码,内容未检;请去掉密码后重新提交")
    try:
        if part := container.damaged_part(path):
            return Reading(media_type, _ME, ReadState.DAMAGED, detail=f"Excel 文件的内部部件 {part} 已损坏;请重新保存后提交")
        parts = container.part_names(path)
        if part := _shared_too_large(path, limits):
            return Reading(media_type, _ME, ReadState.GAVE_UP, detail=f"Excel 文件的内部部件 {part} 过大,未读取;请拆分后提交")
        read_sheets = list(sheets.workbook(path))
    except (MemoryError, RecursionError, OSError):
        raise  # the caller tells a fault of the disk from one of the file
    except Exception:  # noqa: BLE001 - openpyxl lets out what its parsers raise for any broken package, without a common root
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="Excel 文件打不开,文件不完整或已损坏;请重新保存后提交")
    facts, grid = tables.describe(read_sheets, method=_ME)
    text, cut = tables.as_text(read_sheets)
    facts["text_chars"] = Fact(value=len("".join(text.split())), method=_ME)
    facts["macros"] = Fact(value=any(p.endswith("vbaProject.bin") for p in parts), method=_ME)
    notes = []
    if cut or any(s.cut for s in read_sheets):
        notes.append(f"表格过大,每个工作表只读了前 {sheets.ROWS} 行")
    if not any(s.rows for s in read_sheets) and any(re.match("xl/media/", p) for p in parts):
        notes.append("表格中只有图片,未识别")
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes), grid=grid)


def _shared_too_large(path: Path, limits: Limits) -> str:
    # sheets are read as a stream; only the shared parts become trees
    part = container.too_large(path, limits)
    return "" if part.startswith("xl/worksheets/") else part
