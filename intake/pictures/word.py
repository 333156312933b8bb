"""Pictures of a Word file (OOXML), in the order of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits
from intake.pictures import AREA, Picture, caption
from intake.readers.docx import open_document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_EMU = 360_000.0  # of a centimetre (ECMA-376 part 1, 20.1.10.16)
_LENGTH = re.compile(r"(width|height)\s*:\s*([\d.]+)\s*(pt|in|cm|mm|px)?")
_CM = {"pt": 2.54 / 72, "in": 2.54, "cm": 1.0, "mm": 0.1, "px": 2.54 / 96, None: 2.54 / 72}


class _Shown(msgspec.Struct, frozen=True):
    """A picture in a paragraph: id of its relationship, square centimetres (None = not stated)."""

    rid: str
    area: float | None


class _Paragraph(msgspec.Struct, frozen=True):
    """``text`` without, ``after`` only what follows the last picture."""

    text: str
    after: str
    pictures: tuple[_Shown, ...]


def pictures(path: Path, limits: Limits) -> Iterator[Picture]:
    """Every picture of the body that is shown large enough, with the caption beside it.

    :raises Exception: whatever python-docx raises; the reader opened the same file before.
    """
    document = open_document(path)
    parts = document.part.rels
    for shown, said in _stories(document.element.body):
        relation = parts.get(shown.rid)
        if relation is None or relation.is_external or (shown.area is not None and shown.area < AREA):
            continue
        yield Picture(relation.target_part.blob, said)


def _stories(body: Any) -> Iterator[tuple[_Shown, str]]:
    """Pictures with captions: first those of running text as it comes, a table's when the table comes."""
    run: list[_Paragraph] = []
    for child in body.iterchildren():
        if child.tag == f"{_W}tbl":
            yield from _captioned(run)
            run = []
            yield from _table(child)
        elif child.tag == f"{_W}p":
            run.append(_paragraph(child))
        else:
            run += [_paragraph(p) for p in child.iter(f"{_W}p")]
    yield from _captioned(run)


def _captioned(run: list[_Paragraph], below: str = "", above: str = "") -> Iterator[tuple[_Shown, str]]:
    """:param below, above: what stands beside the whole run, when nothing in it does."""
    for n, paragraph in enumerate(run):
        if not paragraph.pictures:
            continue
        after = next((p.text for p in run[n + 1 :] if p.text.strip() and not p.pictures), below)
        before = next((p.text for p in reversed(run[:n]) if p.text.strip()), above)
        said = caption(after, before, same=paragraph.after)
        for shown in paragraph.pictures:
            yield shown, said


def _table(table: Any) -> Iterator[tuple[_Shown, str]]:
    """Photographs are often set in a grid, the captions in the row below."""
    grid = [
        [[_paragraph(p) for p in cell.iter(f"{_W}p")] for cell in row.iterchildren(f"{_W}tc")]
        for row in table.iterchildren(f"{_W}tr")
    ]
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            yield from _captioned(cell, _cell(grid, y + 1, x, len(row)), _cell(grid, y - 1, x, len(row)))


def _cell(grid: list[list[list[_Paragraph]]], y: int, x: int, width: int) -> str:
    if not 0 <= y < len(grid) or len(grid[y]) not in (1, width):
        return ""
    cell = grid[y][x if len(grid[y]) == width else 0]
    return "" if any(p.pictures for p in cell) else " ".join(p.text.strip() for p in cell if p.text.strip())


def _paragraph(paragraph: Any) -> _Paragraph:
    text: list[str] = []
    after: list[str] = []
    found: list[_Shown] = []
    for element in paragraph.iter(f"{_W}t", f"{_A}blip", f"{_V}imagedata"):
        if any(a.tag == _MC_FALLBACK for a in element.iterancestors()):
            continue
        if element.tag == f"{_W}t":
            text.append(element.text or "")
            after.append(element.text or "")
        elif (rid := element.get(f"{_R}embed") or element.get(f"{_R}id")) is not None:
            found.append(_Shown(rid, _area(element)))
            after.clear()
    return _Paragraph("".join(text), "".join(after), tuple(found))


def _area(element: Any) -> float | None:
    for ancestor in element.iterancestors():
        if ancestor.tag in (f"{_WP}inline", f"{_WP}anchor"):
            extent = ancestor.find(f"{_WP}extent")
            if extent is not None and (extent.get("cx") or "").isdigit() and (extent.get("cy") or "").isdigit():
                return int(extent.get("cx")) * int(extent.get("cy")) / _EMU**2
            return None
        if ancestor.tag.startswith(_V) and ancestor.get("style"):
            sides = {side: float(n) * _CM[unit] for side, n, unit in _LENGTH.findall(ancestor.get("style")) if _is_number(n)}
            return sides["width"] * sides["height"] if len(sides) == 2 else None
    return None


def _is_number(text: str) -> bool:
    return text.count(".") <= 1 and text.strip(".") != ""
