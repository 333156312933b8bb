"""Web pages (HTML) and web pages in one file (MHT): their text as seen, without scripts; nothing is ever loaded."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.text import display
from archive_schema.words import ReadState
from intake import textual
from intake.filetype import MHT
from intake.gongwen import read_facts
from intake.textual import Line

NAME = "html"
VERSION = 2
_ME = f"{NAME}@{VERSION}"
_BYTES = 8 * 1024 * 1024
_MHT_BYTES = 64 * 1024 * 1024  # with its pictures
_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "object", "svg", "math", "select", "textarea", "iframe"})
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main"}
    | {"nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"}
)
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")


class _Page(HTMLParser):
    """Collects lines; the title apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.title = ""
        self.ended = False
        self._line: list[str] = []
        self._unseen: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        if tag in ("td", "th") and any(s.strip() for s in self._line):
            self._line.append("\t")
        if tag in _BREAKS:
            self.end_line()
        self._in_title = tag == "title" and not self.title

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:  # one that was never closed ends with the one around it
            del self._unseen[self._unseen.index(tag) :]
        if tag in _BREAKS:
            self.end_line()
        if tag == "title":
            self._in_title = False
        self.ended = self.ended or tag == "html"

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._unseen:
            self._line.append(_SPACE.sub(" ", data))

    def end_line(self) -> None:
        line = "".join(self._line).strip(" ")
        self._line = []
        if line.strip():
            self.lines.append(line)


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    most = _MHT_BYTES if media_type == MHT else _BYTES
    with path.open("rb") as f:
        data = f.read(most + 1)
    notes = [f"网页过大,只读了前 {most // 1024**2} MB"] if len(data) > most else []
    data, charset = data[:most], ""
    if media_type == MHT:
        found = _page_in(data)
        if found is None:
            return Reading(media_type, _ME, ReadState.DAMAGED, detail="网页归档打不开,不完整或已损坏;请重新保存后提交")
        data, charset = found
    decoded = _decode(data, charset)
    if decoded is None:
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="网页的编码无法识别;请另存为 UTF-8 编码或 PDF 后提交")
    markup, encoding = decoded
    page = _Page()
    page.feed(textual.clean(markup))
    page.close()
    page.end_line()
    text, cut = textual.capped("\n".join(page.lines))
    ratio = textual.garbled(text)
    facts: Facts = {
        "text_chars": Fact(value=len("".join(text.split())), method=f"{_ME}/{encoding}"),
        "garbled": Fact(value=ratio, method=_ME),
    }
    if ratio < textual.GARBLED_LIMIT:
        title = display(page.title, 200)
        if len(title) >= 4:
            facts["title"] = Fact(value=title, raw=page.title.strip(), method=f"{_ME}/title")
        facts |= read_facts([Line(line) for line in text.split("\n")], method=_ME)
    else:
        notes.append("文字是乱码,未识别")
    if cut:
        notes.append(f"文字过多,只读了前 {textual.TEXT_LIMIT} 字")
    if re.search(r"<html[\s>]", markup, re.I) and not page.ended:
        notes.append("网页没有结尾,可能没有传完")
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes))


def _page_in(data: bytes) -> tuple[bytes, str] | None:
    """The page of an MHT file and the charset it is sent in; None when a part is missing or the last one does not end."""
    import email
    from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect

    message = email.message_from_bytes(data.lstrip())
    if any(isinstance(d, CloseBoundaryNotFoundDefect | StartBoundaryNotFoundDefect) for d in message.defects):
        return None
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload, part.get_content_charset("")
    return None


def _decode(data: bytes, charset: str) -> tuple[str, str] | None:
    """By byte order mark, else as it was sent, else as the page says of itself, else as it looks."""
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        said = _CHARSET.search(data[:4096])
        for name in (charset, said[1].decode("ascii", "replace") if said else ""):
            try:
                encoding = codecs.lookup(name).name if name else ""
            except LookupError:
                continue
            encoding = "gb18030" if encoding in ("gb2312", "gbk", "hz") else encoding
            try:
                if encoding:
                    return data.decode(encoding), encoding
            except (UnicodeError, LookupError, AssertionError):
                continue  # it says so, and is not
    return textual.decode(data, whole=False)
