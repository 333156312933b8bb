"""PDF: text page by page, and what the text says of the document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.words import ReadState
from intake import textual
from intake.gongwen import read_facts
from intake.textual import Line

NAME = "pdf"
VERSION = 1
_ME = f"{NAME}@{VERSION}"

_PAGES = 5_000
_PASSWORD, _SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY of fpdfview.h
_TAIL = 65_536
#: a page with fewer characters, of which an image covers this share, is a scan: its page number may be text (ours)
_SCAN_CHARS = 12
_SCAN_SHARE = 0.3


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as e:
        if e.err_code in (_PASSWORD, _SECURITY):
            return Reading(media_type, _ME, ReadState.ENCRYPTED, detail="PDF 有打开密码,内容未检;请去掉密码后重新提交")
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="PDF 打不开,文件不完整或已损坏;请重新导出后提交")
    try:
        return _read(document, path, media_type, pypdfium2.PdfiumError)
    finally:
        document.close()


def _read(document: Any, path: Path, media_type: str, broken: type[Exception]) -> Reading:
    count = len(document)
    if count == 0:
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="PDF 中没有任何页面;请重新导出后提交")
    pages: list[str] = []
    scans: list[int] = []
    bad: list[int] = []
    total = 0
    cut = 0
    for n in range(min(count, _PAGES)):
        try:
            text, scanned = _page(document, n)
        except broken:
            bad.append(n + 1)
            pages.append("")
            continue
        if scanned:
            scans.append(n + 1)
        pages.append(text)
        total += len(text)
        if total > textual.TEXT_LIMIT:
            cut = n + 1
            break
    text, _ = textual.capped("\f".join(pages))
    lines = [Line(s, n) for n, page in enumerate(pages, 1) for s in page.split("\n")]
    facts: Facts = {
        "pages": Fact(value=count, method=_ME),
        "text_chars": Fact(value=len("".join(text.split())), method=_ME),
    }
    ratio = textual.garbled(text)
    facts["garbled"] = Fact(value=ratio, method=_ME)
    notes = []
    if ratio < textual.GARBLED_LIMIT:
        facts |= read_facts(lines, method=_ME)
    else:
        notes.append("文字层是乱码,文字未识别")
    if scans:
        which = "" if len(scans) == count else f"第 {_ranges(scans)} 页是"
        notes.append(f"{which}扫描件,无文字层,未识别")
    if bad:
        notes.append(f"第 {_ranges(bad)} 页打不开")
    if cut:
        notes.append(f"文字过多,只读到第 {cut} 页")
    elif count > _PAGES:
        notes.append(f"页数过多,只读了前 {_PAGES} 页")
    if _cut_off(path):
        return Reading(media_type, _ME, ReadState.DAMAGED, facts, text, "PDF 缺少文件结尾,可能没有传完;请重新导出后提交")
    if len(bad) == count:
        return Reading(media_type, _ME, ReadState.DAMAGED, facts, text, "PDF 的页面都打不开,文件已损坏;请重新导出后提交")
    state = ReadState.PARTIAL if notes else ReadState.READ
    return Reading(media_type, _ME, state, facts, text, ";".join(notes))


def _page(document: Any, n: int) -> tuple[str, bool]:
    """Text of page ``n`` (from 0), and whether the page shows what its text layer does not say."""
    page = document[n]
    try:
        textpage = page.get_textpage()
        try:
            text = textual.clean(textpage.get_text_bounded())
        finally:
            textpage.close()
        chars = len("".join(text.split()))
        return text, chars < _SCAN_CHARS and _shows_more(page, chars)
    finally:
        page.close()


def _shows_more(page: Any, chars: int) -> bool:
    import pypdfium2.raw as raw

    if chars == 0:  # outlined letters (paths) are a picture of text as much as a scan is
        return next(iter(page.get_objects(max_depth=2)), None) is not None
    width, height = page.get_size()
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) >= _SCAN_SHARE * width * height:
            return True
    return False


def _cut_off(path: Path) -> bool:
    """True when neither end mark of ISO 32000-1 7.5.5 stands near the end: pdfium repairs such a file in silence."""
    with path.open("rb") as f:
        f.seek(0, 2)
        f.seek(max(0, f.tell() - _TAIL))
        tail = f.read()
    return b"%%EOF" not in tail and b"startxref" not in tail


def _ranges(numbers: list[int]) -> str:
    """``[1, 2, 3, 7]`` → ``1–3、7``."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n == spans[-1][1] + 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return "、".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)
