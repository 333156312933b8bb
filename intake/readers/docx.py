"""Word (OOXML): text in the order of the document, with tables and text boxes, and what it says of the document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.words import ReadState
from intake import container, seal, textual
from intake.gongwen import read_facts
from intake.readers import Unusable, sheets, tables
from intake.readers.sheets import Sheet
from intake.textual import Line

NAME = "docx"
VERSION = 4
_ME = f"{NAME}@{VERSION}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what Choice says
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_V = "{urn:schemas-microsoft-com:vml}"
#: English metric units in a millimetre
_MM = 36_000
#: a picture of a seal is smaller
_SEAL_BYTES = 8 * 1024**2
_DEPTH = 40
_T = TypeVar("_T")
_COLUMNS = 64
#: documents with macros and templates, which python-docx does not take for documents
_ALSO_DOCUMENTS = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    try:
        parts, document, lines = _opened(path, limits, _lines)
    except Unusable as e:
        return Reading(media_type, _ME, e.state, detail=e.detail)
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
        facts |= tables.within(text.split("\n"), method=_ME)
    if chars >= 12:
        facts["seal"] = Fact(value=_sealed(document), method=f"{_ME}/picture")
    notes = []
    if chars < 12 and any(p.startswith("word/media/") for p in parts):
        notes.append("文件中只有图片,无文字,未识别")
    if ratio >= textual.GARBLED_LIMIT:
        notes.append("文字是乱码,未识别")
    if cut:
        notes.append(f"文字过多,只读了前 {textual.TEXT_LIMIT} 字")
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes))


def pieces(path: Path, limits: Limits) -> list[str | Sheet]:
    """The body of a document in its order: each line of its paragraphs, each table as a grid with the cells merged in it.

    :raises Unusable: it cannot be opened.
    """
    return _opened(path, limits, lambda document: list(_pieces(document.element.body)))[2]


def _opened(path: Path, limits: Limits, take: Callable[[Any], _T]) -> tuple[set[str], Any, _T]:
    """(names of the parts, python-docx's document, what is taken of it).

    :raises Unusable: it cannot be opened, or misses what it must have.
    """
    if container.is_ole(path):
        raise Unusable(ReadState.ENCRYPTED, "Word 文件有打开密码,内容未检;请去掉密码后重新提交")
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        if part := container.too_large(path, limits):
            raise Unusable(ReadState.GAVE_UP, f"Word 文件的内部部件 {part} 过大,未读取;请拆分后提交")
        if part := container.damaged_part(path):
            raise Unusable(ReadState.DAMAGED, f"Word 文件的内部部件 {part} 已损坏;请重新保存后提交")
        parts = container.part_names(path)
        document = open_document(path)
        return parts, document, take(document)
    except (*container.ZIP_ERRORS, OpcError, LxmlError, KeyError, AttributeError, IndexError, TypeError):
        # what python-docx raises for a package without the parts it must have
        raise Unusable(ReadState.DAMAGED, "Word 文件打不开,文件不完整或已损坏;请重新保存后提交") from None


def _lines(document: Any) -> list[str]:
    lines = list(_blocks(document.element.body, 0))
    for section in document.sections:
        for edge in (section.header, section.footer, section.first_page_header):
            if not edge.is_linked_to_previous:
                lines += _blocks(edge._element, 0)
    return lines


def _sealed(document: Any) -> bool:
    """A picture of the size of a seal that shows a red ring, or a drawn ellipse with a red rim."""
    body = document.element.body
    for shown in (*body.iter(f"{_WP}anchor"), *body.iter(f"{_WP}inline")):
        extent = shown.find(f"{_WP}extent")
        sides = [int(extent.get(k, "0")) / _MM for k in ("cx", "cy")] if extent is not None else [0.0]
        if not seal.SMALLEST_MM <= min(sides) <= max(sides) <= seal.LARGEST_MM:
            continue
        if any(_ring(document, blip.get(f"{_R}embed")) for blip in shown.iter(f"{_A}blip")) or _red_ellipse(shown):
            return True
    return any(_ring(document, data.get(f"{_R}id")) for data in body.iter(f"{_V}imagedata"))


def _ring(document: Any, relation: str | None) -> bool:
    part = document.part.related_parts.get(relation) if relation else None
    return part is not None and len(part.blob) <= _SEAL_BYTES and seal.is_seal_picture(part.blob)


def _red_ellipse(shown: Any) -> bool:
    if not any(g.get("prst") in ("ellipse", "donut") for g in shown.iter(f"{_A}prstGeom")):
        return False
    rims = (c.get("val", "") for line in shown.iter(f"{_A}ln") for c in line.iter(f"{_A}srgbClr"))
    return any(re.fullmatch("(?i)[c-f][0-9a-f][0-4][0-9a-f][0-4][0-9a-f]", rim) for rim in rims)


def open_document(path: Path) -> Any:
    """python-docx's document of a DOCX, DOCM or DOTX file.

    :raises Exception: whatever python-docx raises for a package that is none.
    """
    from docx.opc.part import PartFactory
    from docx.package import Package
    from docx.parts.document import DocumentPart

    for content_type in _ALSO_DOCUMENTS:
        PartFactory.part_type_for[content_type] = DocumentPart
    try:
        package = Package.open(str(path))
    except KeyError:  # something refers to a part that is not there
        package = Package.open(_without_dangling(path))
    return package.main_document_part.document


def _without_dangling(path: Path) -> io.BytesIO:
    """A copy of the package without relationships to parts that it does not hold: Word itself writes such (``word/NULL``, for a picture that
    was lost) and opens them; python-docx does not.
    """
    from docx.opc.packuri import PackURI
    from lxml import etree  # type: ignore[import-untyped]

    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        names = set(source.namelist())
        for name in sorted(names):
            data = source.read(name)
            folder, _, last = name.rpartition("_rels/")
            if last.endswith(".rels"):
                tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
                for link in list(tree):
                    to = PackURI.from_rel_ref(f"/{folder}".rstrip("/") or "/", link.get("Target", ""))
                    if link.get("TargetMode") != "External" and to.membername not in names:
                        tree.remove(link)
                data = etree.tostring(tree)
            target.writestr(name, data)
    out.seek(0)
    return out


def _blocks(element: Any, depth: int) -> Iterator[str]:
    """Lines of the paragraphs and tables below ``element``; a table row is one line, its cells separated by tabs."""
    for child, at in _standing(element, depth):
        if child.tag == f"{_W}p":
            yield from _paragraph(child, at)
        else:
            yield from ("\t".join(_texts(row, at, " ")) for row in _rows(child))


def _standing(element: Any, depth: int) -> Iterator[tuple[Any, int]]:
    """Paragraphs and tables right below ``element`` or in what only wraps them, and how deep."""
    if depth > _DEPTH:
        return
    for child in element.iterchildren():
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child, depth
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _standing(child, depth + 1)


def _rows(table: Any) -> Iterator[Any]:
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is table:  # not of a table within a cell: it comes with that cell
            yield row


def _texts(row: Any, depth: int, between: str) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren(f"{_W}tc"):
        cells.append(between.join(s for s in _blocks(cell, depth + 1) if s.strip()))
        cells += [""] * (_span(cell) - 1)  # so that the cells below stay below
    return cells


def _pieces(body: Any) -> Iterator[str | Sheet]:
    for child, depth in _standing(body, 0):
        if child.tag == f"{_W}p":
            yield from (textual.clean(line) for line in _paragraph(child, depth))
        else:
            yield _grid(child, depth)


def _grid(table: Any, depth: int) -> Sheet:
    rows: list[tuple[int, tuple[str, ...]]] = []
    merged: list[tuple[int, int, int, int]] = []
    begun: dict[int, int] = {}  # column → row where the cell that goes on in it began
    n = 0
    for n, row in enumerate(_rows(table), 1):
        if n > sheets.ROWS:
            break
        cells = sheets.trimmed([textual.clean(c).strip() for c in _texts(row, depth, "\n")][: sheets.COLUMNS])
        if cells:
            rows.append((n, cells))
        at = 0
        for cell in row.iterchildren(f"{_W}tc"):
            span = _span(cell)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is None or merge.get(f"{_W}val") == "restart":
                begun[at] = n
            else:
                merged.append((begun.get(at, n), at, n, at + span - 1))
            at += span
    return Sheet("", tuple(rows), n > sheets.ROWS, merged=tuple(_longest(merged)))


def _longest(merged: list[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Cells merged over rows, told of once each, by their last row."""
    whole = {(top, left): (top, left, bottom, right) for top, left, bottom, right in merged}
    yield from sorted(whole.values())


def _span(cell: Any) -> int:
    """Columns that a cell is merged over."""
    found = cell.find(f"{_W}tcPr/{_W}gridSpan")
    value = found.get(f"{_W}val", "1") if found is not None else "1"
    return min(int(value), _COLUMNS) if value.isdigit() else 1


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
