"""Word (OOXML): text in the order of the document, with tables and text boxes, and what it says of the document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.words import ReadState
from intake import container, textual
from intake.gongwen import read_facts
from intake.textual import Line

NAME = "docx"
VERSION = 1
_ME = f"{NAME}@{VERSION}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what Choice says
_DEPTH = 40


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    if container.is_ole(path):
        return Reading(media_type, _ME, ReadState.ENCRYPTED, detail="Word 文件有打开密码,内容未检;请去掉密码后重新提交")
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        if part := container.too_large(path, limits):
            return Reading(media_type, _ME, ReadState.GAVE_UP, detail=f"Word 文件的内部部件 {part} 过大,未读取;请拆分后提交")
        if part := container.damaged_part(path):
            return Reading(media_type, _ME, ReadState.DAMAGED, detail=f"Word 文件的内部部件 {part} 已损坏;请重新保存后提交")
        parts = container.part_names(path)
        document = docx.Document(str(path))
        lines = list(_blocks(document.element.body, 0))
        for section in document.sections:
            for edge in (section.header, section.footer, section.first_page_header):
                if not edge.is_linked_to_previous:
                    lines += _blocks(edge._element, 0)
    except (*container.ZIP_ERRORS, OpcError, LxmlError, KeyError, AttributeError, IndexError, TypeError):
        # what python-docx raises for a package without the parts it must have
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="Word 文件打不开,文件不完整或已损坏;请重新保存后提交")
    text, cut = textual.capped(textual.clean("\n".join(lines)))
    ratio = textual.garbled(text)
    chars = len("".join(text.split()))
    facts: Facts = {
        "text_chars": Fact(value=chars, method=_ME),
        "macros": Fact(value=any(p.endswith("vbaProject.bin") for p in parts), method=_ME),
        "garbled": Fact(value=ratio, method=_ME),
    }
    if ratio < textual.GARBLED_LIMIT:
        facts |= read_facts([Line(line) for line in text.split("\n")], method=_ME)
    notes = []
    if chars < 12 and any(p.startswith("word/media/") for p in parts):
        notes.append("文件中只有图片,无文字,未识别")
    if ratio >= textual.GARBLED_LIMIT:
        notes.append("文字是乱码,未识别")
    if cut:
        notes.append(f"文字过多,只读了前 {textual.TEXT_LIMIT} 字")
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes))


def _blocks(element: Any, depth: int) -> Iterator[str]:
    """Lines of the paragraphs and tables below ``element``; a table row is one line, its cells separated by tabs."""
    if depth > _DEPTH:
        return
    for child in element.iterchildren():
        if child.tag == f"{_W}p":
            yield from _paragraph(child, depth)
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                if next(row.iterancestors(f"{_W}tbl")) is not child:
                    continue  # of a table within a cell: it comes with that cell
                cells = [" ".join(s for s in _blocks(cell, depth + 1) if s.strip()) for cell in row.iterchildren(f"{_W}tc")]
                yield "\t".join(cells)
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _blocks(child, depth + 1)


def _paragraph(paragraph: Any, depth: int) -> Iterator[str]:
    text: list[str] = []
    boxes: list[Any] = []
    _runs(paragraph, text, boxes, 0)
    for box in boxes:  # anchored here, standing above or beside
        yield from _blocks(box, depth + 1)
    yield from "".join(text).split("\n")


def _runs(element: Any, text: list[str], boxes: list[Any], depth: int) -> None:
    if depth > _DEPTH:
        return
    for child in element.iterchildren():
        tag = child.tag
        if tag == f"{_W}t":
            text.append(child.text or "")
        elif tag == f"{_W}tab":
            text.append("\t")
        elif tag in (f"{_W}br", f"{_W}cr"):
            text.append("\n")
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif tag not in (_FALLBACK, f"{_W}del", f"{_W}pPr", f"{_W}rPr", f"{_W}instrText"):
            _runs(child, text, boxes, depth + 1)
