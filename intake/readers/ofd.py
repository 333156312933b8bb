"""OFD (GB/T 33190-2016): text by position from the document's own XML, metadata, pages, pictures and signatures counted.

Signatures are not verified: their number is a fact, and ``detail`` says so.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits
from archive_schema.dates import parse_date
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.text import display
from archive_schema.words import ReadState
from intake import container, textual
from intake.gongwen import read_facts
from intake.textual import Line

NAME = "ofd"
VERSION = 2
_ME = f"{NAME}@{VERSION}"
_PAGES = 5_000
_DEPTH = 40
#: pieces whose base lines lie closer than this share of their size stand on one line (ours)
_SAME_LINE = 0.5
#: a gap wider than this many characters is kept as white space (ours)
_GAP = 1.2
#: a page with fewer characters that shows a picture is a scan (as in the PDF reader)
_SCAN_CHARS = 12
_DAMAGED = "OFD 打不开,文件不完整或已损坏;请重新导出后提交"
_LOCKED = "OFD 已加密,内容未检;请提交未加密的文件"


class _Bad(Exception):
    """A part is missing or is no XML; the text names it."""


class _Piece(msgspec.Struct, frozen=True):
    """Text where it stands: millimetres from the top left, ``y`` of its base line."""

    x: float
    y: float
    size: float
    end: float
    text: str


class _Package:
    """The parts of the file by their normal paths, as XML trees."""

    def __init__(self, z: zipfile.ZipFile) -> None:
        self._z = z
        self._infos = {_normal("", i.filename): i for i in z.infolist()}

    def names(self) -> set[str]:
        return set(self._infos)

    def tree(self, path: str) -> Any:
        from defusedxml import ElementTree
        from defusedxml.common import DefusedXmlException

        info = self._infos.get(path)
        if info is None:
            raise _Bad(path)
        try:
            # without a document type there are no entities, inner or outer
            return ElementTree.fromstring(self._z.read(info), forbid_dtd=True)
        except (ElementTree.ParseError, DefusedXmlException, LookupError, *container.ZIP_ERRORS) as e:
            raise _Bad(path) from e


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    try:
        if part := container.too_large(path, limits):
            return Reading(media_type, _ME, ReadState.GAVE_UP, detail=f"OFD 的内部部件 {part} 过大,未读取;请拆分后提交")
        with zipfile.ZipFile(path) as z:
            if any(i.flag_bits & 1 for i in z.infolist()) or any("encryptions.xml" in n.lower() for n in z.namelist()):
                return Reading(media_type, _ME, ReadState.ENCRYPTED, detail=_LOCKED)
            if part := z.testzip() or "":
                return Reading(media_type, _ME, ReadState.DAMAGED, detail=f"OFD 的内部部件 {part} 已损坏;请重新导出后提交")
            return _read(_Package(z), media_type)
    except (_Bad, *container.ZIP_ERRORS):
        return Reading(media_type, _ME, ReadState.DAMAGED, detail=_DAMAGED)


def _read(package: _Package, media_type: str) -> Reading:
    root = package.tree("OFD.xml")
    bodies = _children(root, "DocBody")
    pages: list[tuple[list[str], int]] = []
    bad: list[int] = []
    for body in bodies:
        where = _text(body, "DocRoot")
        if not where:
            raise _Bad("OFD.xml")
        for page in _pages(package, _normal("", where)):
            if len(pages) >= _PAGES:
                break
            if page is None:
                bad.append(len(pages) + 1)
            pages.append(page or ([], 0))
    if not pages:
        raise _Bad("Pages")
    lines = [Line(line, n) for n, (found, _) in enumerate(pages, 1) for line in found]
    text, cut = textual.capped("\f".join("\n".join(found) for found, _ in pages))
    ratio = textual.garbled(text)
    signatures = sum(_signatures(package, body) for body in bodies)
    facts: Facts = {
        "pages": Fact(value=len(pages), method=_ME),
        "text_chars": Fact(value=len("".join(text.split())), method=_ME),
        "garbled": Fact(value=ratio, method=_ME),
        "pictures": Fact(value=sum(count for _, count in pages), method=_ME),
        "signatures": Fact(value=signatures, method=_ME),
    }
    if ratio < textual.GARBLED_LIMIT:
        facts = _metadata(bodies) | facts | read_facts(lines, method=_ME)
    notes = ["文字是乱码,未识别"] if ratio >= textual.GARBLED_LIMIT else []
    scans = [n for n, (found, count) in enumerate(pages, 1) if count and len("".join(found)) < _SCAN_CHARS]
    if scans:
        which = "" if len(scans) == len(pages) else f"第 {'、'.join(map(str, scans))} 页是"
        notes.append(f"{which}扫描件,无文字层,未识别")
    if bad:
        notes.append(f"第 {'、'.join(map(str, bad))} 页打不开")
    if len(bad) == len(pages):
        return Reading(media_type, _ME, ReadState.DAMAGED, facts, text, _DAMAGED)
    if cut or len(pages) >= _PAGES:
        notes.append("文字或页数过多,没有读完")
    state = ReadState.PARTIAL if notes else ReadState.READ
    if signatures:
        notes.append(f"有 {signatures} 个电子签名(签章),未验证,未检")
    return Reading(media_type, _ME, state, facts, text, ";".join(notes))


def _metadata(bodies: list[Any]) -> Facts:
    """What DocInfo states (7.4 of the standard). The day a file was made is no 成文日期; a title in the text goes before."""
    facts: Facts = {}
    info = next((i for b in bodies for i in _children(b, "DocInfo")), None)
    if info is None:
        return facts
    title, author, day = (_text(info, key) for key in ("Title", "Author", "CreationDate"))
    if len(title) >= 4:
        facts["title"] = Fact(value=display(title, 200), raw=title, method=f"{_ME}/docinfo")
    if author:
        facts["author"] = Fact(value=display(author, 100), raw=author, method=f"{_ME}/docinfo")
    if (created := parse_date(day)) is not None:
        facts["created_on"] = Fact(value=created.value, raw=day, method=f"{_ME}/docinfo")
    return facts


def _pages(package: _Package, where: str) -> Iterator[tuple[list[str], int] | None]:
    """(lines, pictures) of each page of one document; None for a page that is missing or broken."""
    document = package.tree(where)
    templates: dict[str, str] = {}
    for common in _children(document, "CommonData"):
        templates |= {t.get("ID", ""): _normal(where, t.get("BaseLoc", "")) for t in _children(common, "TemplatePage")}
    for pages in _children(document, "Pages"):
        for page in _children(pages, "Page"):
            try:
                content = package.tree(_normal(where, page.get("BaseLoc", "")))
                pieces, pictures = _objects(content)
                for used in _children(content, "Template"):
                    if (template := templates.get(used.get("TemplateID", ""))) is not None:
                        more, count = _objects(package.tree(template))
                        pieces, pictures = more + pieces, pictures + count
            except _Bad:
                yield None
                continue
            yield _lines(pieces), pictures


def _objects(content: Any) -> tuple[list[_Piece], int]:
    """The pieces of text and the number of pictures of a page's content, however deep in layers and blocks."""
    pieces: list[_Piece] = []
    pictures = 0
    todo = [(content, 0)]
    while todo:
        element, depth = todo.pop()
        for child in element:
            name = _name(child)
            if name == "TextObject":
                pieces += _pieces(child)
            elif name == "ImageObject":
                pictures += 1
            elif depth < _DEPTH and name in ("Content", "Layer", "PageBlock"):
                todo.append((child, depth + 1))
    return pieces, pictures


def _pieces(element: Any) -> Iterator[_Piece]:
    left, top, *_ = [*_numbers(element.get("Boundary")), 0.0, 0.0]
    a, b, c, d, e, f = (*_numbers(element.get("CTM")), *[0.0] * 6)[:6] if element.get("CTM") else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    size = (_numbers(element.get("Size")) or [4.0])[0] * (abs(d) or abs(b) or 1.0)
    x = y = 0.0
    for code in _children(element, "TextCode"):
        x = (_numbers(code.get("X")) or [x])[0]
        y = (_numbers(code.get("Y")) or [y])[0]
        text = textual.clean("".join(code.itertext())).strip("\n")
        if not text.strip():
            continue
        across = (_across(code.get("DeltaX")) or size * (len(text) - 1) / (abs(a) or 1.0)) * (abs(a) or 1.0)
        at = left + a * x + c * y + e
        yield _Piece(at, top + b * x + d * y + f, size, at + across + size, text)


def _lines(pieces: list[_Piece]) -> list[str]:
    """Pieces into lines from top to bottom, each from left to right, wide gaps kept as white space."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.y, p.x)):
        last = rows[-1][0] if rows else None
        if last is not None and piece.y - last.y < _SAME_LINE * max(0.5, min(piece.size, last.size)):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    lines = []
    for row in rows:
        line, end = "", None
        for piece in sorted(row, key=lambda p: p.x):
            line += "  " if end is not None and piece.x - end > _GAP * piece.size else ""
            line += piece.text
            end = piece.end
        lines.append(line)
    return lines


def _signatures(package: _Package, body: Any) -> int:
    where = _normal("", _text(body, "Signatures"))
    if not _text(body, "Signatures"):
        return 0
    try:
        return len(_children(package.tree(where), "Signature"))
    except _Bad:
        return 1  # promised, and not to be found: still nothing that was verified


def _across(deltas: str | None) -> float:
    """Sum of the advances of a piece: numbers, and ``g 3 2.5`` for three times 2.5 (8.3 of the standard)."""
    total, words = 0.0, (deltas or "").split()
    while words:
        word = words.pop(0)
        if word == "g" and len(words) >= 2:
            count, step = _numbers(words.pop(0)), _numbers(words.pop(0))
            total += count[0] * step[0] if count and step else 0.0
        else:
            total += sum(_numbers(word))
    return total


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")


def _numbers(text: str | None) -> list[float]:
    return [max(-1e6, min(1e6, float(m))) for m in _NUMBER.findall(text or "")]


def _name(element: Any) -> str:
    """Without the name space: documents of the drafts of the standard have others."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: Any, name: str) -> list[Any]:
    return [c for c in element if _name(c) == name]


def _text(element: Any, name: str) -> str:
    return next(("".join(c.itertext()).strip() for c in _children(element, name)), "")


def _normal(of: str, path: str) -> str:
    """A location as a path in the package: absolute with a slash, else beside the part that names it."""
    path = path.strip().replace("\\", "/")
    joined = path if path.startswith("/") else posixpath.join(posixpath.dirname(of), path)
    return posixpath.normpath("/" + joined).lstrip("/")
