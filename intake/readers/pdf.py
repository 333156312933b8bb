"""PDF: text page by page, and what the text says of the document. Pages without a text layer are left to ``deepen``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.words import ReadState
from intake import ocr, scan, textual
from intake.gongwen import read_facts
from intake.readers import hollow, pdfrules, pdfseal, standin
from intake.readers.pdfpages import Pages, at_edge
from intake.scan import Recognised
from intake.textual import Line

NAME = "pdf"
VERSION = 3
_ME = f"{NAME}@{VERSION}"

_PAGES = 5_000
_PASSWORD, _SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY of fpdfview.h
_TAIL = 65_536
#: a page with fewer characters, of which an image covers this share, is a scan: its page number may be text (ours)
_SCAN_CHARS = 12
_SCAN_SHARE = 0.3
#: short side in pixels of a page rendered for OCR (A4 at 150 dpi), and the longest it may get
_OCR_SIDE, _OCR_LONGEST = 1240, 3600


class Survey(msgspec.Struct):
    """Text of every page, and the numbers (from 1) of those that are scans or cannot be opened. ``cut``: last page read, or 0.

    ``at_edge``: a letter stands so near an edge of its page that its shape decides whether it is on it.
    """

    count: int
    pages: list[str] = []
    scans: list[int] = []
    bad: list[int] = []
    cut: int = 0
    at_edge: bool = False


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    with standin.boxes():
        return _read(path, media_type, hollow.emptied(path))


def _read(path: Path, media_type: str, emptied: bytes | None) -> Reading:
    import pypdfium2

    given = standin.given()
    try:
        document = pypdfium2.PdfDocument(emptied or path)
    except pypdfium2.PdfiumError as e:
        if e.err_code in (_PASSWORD, _SECURITY):
            return Reading(media_type, _ME, ReadState.ENCRYPTED, detail="PDF 有打开密码,内容未检;请去掉密码后重新提交")
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="PDF 打不开,文件不完整或已损坏;请重新导出后提交")
    try:
        if len(document) == 0:
            return Reading(media_type, _ME, ReadState.DAMAGED, detail="PDF 中没有任何页面;请重新导出后提交")
        pages = Pages(document)
        survey = _survey(pages, pypdfium2.PdfiumError, boxed=emptied is not None)
        if survey.at_edge:
            return _read(path, media_type, None)
        reading = _tables(pages, survey, path, _compose(survey, path, media_type, None))
        signed = reading.facts.get("issued_on") or reading.facts.get("signer")
        if signed is not None and signed.page is not None and signed.method.endswith(("signature", "date-line")):
            boxed = path if emptied or standin.given() > given else None
            with suppress(pypdfium2.PdfiumError):
                if signed.page not in survey.scans:
                    sealed = pdfseal.facts(pages, signed, method=f"{_ME}/seal", boxed=boxed)
                    reading = msgspec.structs.replace(reading, facts=reading.facts | sealed)
        return reading
    finally:
        document.close()


def recognise(path: Path, media_type: str, limits: Limits) -> Reading:
    """The same with OCR of the pages that have no text layer; only for what ``read`` could open."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        pages = Pages(document)
        survey = _survey(pages, pypdfium2.PdfiumError)

        def render(n: int) -> Any:
            with pages.page(n) as page:
                width, height = page.get_size()
                scale = min(_OCR_SIDE / max(1.0, min(width, height)), _OCR_LONGEST / max(1.0, width, height))
                return page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]

        seen = scan.recognise(render, survey.scans, survey.count, limits)
        return _compose(survey, path, media_type, seen)
    finally:
        document.close()


def _survey(pages: Pages, broken: type[Exception], *, boxed: bool = False) -> Survey:
    """:param boxed: letters are boxes: look whether any stands at an edge."""
    survey = Survey(pages.count)
    total = 0
    for n in range(min(survey.count, _PAGES)):
        try:
            text, scanned, edge = _page(pages, n, boxed=boxed)
        except broken:
            survey.bad.append(n + 1)
            survey.pages.append("")
            continue
        if scanned:
            survey.scans.append(n + 1)
        survey.at_edge |= edge
        survey.pages.append(text)
        total += len(text)
        if total > textual.TEXT_LIMIT:
            survey.cut = n + 1
            break
    return survey


def _compose(survey: Survey, path: Path, media_type: str, seen: Recognised | None) -> Reading:
    """The reading of what the text layer says, and of what OCR saw where that was done."""
    texts = {n: page.split("\n") for n, page in enumerate(survey.pages, 1) if seen is None or n not in seen.rows}
    text, _ = textual.capped("\f".join(survey.pages) if seen is None else scan.text_of(seen, texts))
    facts: Facts = {"pages": Fact(value=survey.count, method=_ME)}
    if seen is None or set(survey.scans) <= set(seen.whole):
        how = _ME if seen is None else ocr.LABEL
        facts["text_chars"] = Fact(value=len("".join(text.split())), method=how)
    layer = "\f".join(survey.pages)
    ratio = textual.garbled(layer)
    facts["garbled"] = Fact(value=ratio, method=_ME)
    notes = []
    if ratio >= textual.GARBLED_LIMIT:
        notes.append("文字层是乱码,文字未识别")
    elif seen is None:
        facts |= read_facts([Line(s, n) for n, page in texts.items() for s in page], method=_ME)
    else:
        facts |= scan.document_facts(seen, texts, base=_ME)
    if survey.scans:
        which = "" if len(survey.scans) == survey.count else f"第 {scan.ranges(survey.scans)} 页是"
        notes.append(f"{which}扫描件,无文字层,{'未识别' if seen is None else scan.note(seen)}")
    if survey.bad:
        notes.append(f"第 {scan.ranges(survey.bad)} 页打不开")
    if survey.cut:
        notes.append(f"文字过多,只读到第 {survey.cut} 页")
    elif survey.count > _PAGES:
        notes.append(f"页数过多,只读了前 {_PAGES} 页")
    label = _ME
    if survey.scans:
        label += ocr.suffix("off" if seen is None else "full" if seen.full else "auto")
    state, detail = ReadState.PARTIAL if notes else ReadState.READ, ";".join(notes)
    if _cut_off(path):
        state, detail = ReadState.DAMAGED, "PDF 缺少文件结尾,可能没有传完;请重新导出后提交"
    elif len(survey.bad) == survey.count:
        state, detail = ReadState.DAMAGED, "PDF 的页面都打不开,文件已损坏;请重新导出后提交"
    return Reading(media_type, label, state, facts, text, detail, volatile=bool(survey.scans))


def _tables(open_pages: Pages, survey: Survey, path: Path, reading: Reading) -> Reading:
    """With the facts and the grid of the ruled tables that the document mainly consists of, as ``tables.within`` counts it."""
    pages = [n for n, page in enumerate(survey.pages, 1) if pdfrules.may_hold(page)]
    if not pages or reading.state is ReadState.DAMAGED:
        return reading
    chars = [len("".join(page.split())) for page in survey.pages]
    if 2 * sum(chars[n - 1] for n in pages) < sum(chars):
        return reading
    pages = [n for n in pages if _ruled(open_pages, n - 1)]
    if not pages or 2 * sum(chars[n - 1] for n in pages) < sum(chars):
        return reading
    from intake.readers import pdfgrid, tables

    try:
        found = pdfgrid.tables(path, pages)
    except Exception as e:  # noqa: BLE001 - a second library, stricter than the first: what the first read stays
        return _partly(reading, f"表格未能识别({type(e).__name__})")
    if 2 * found.characters < sum(chars[n - 1] for n in pages if n not in found.left):
        return reading
    facts, grid = tables.describe(found.sheets, method=f"{_ME}/table")
    kept = {k: f for k, f in facts.items() if k not in ("title", "sheets")}
    reading = msgspec.structs.replace(reading, facts=kept | reading.facts, grid=grid)
    return _partly(reading, f"第 {scan.ranges(list(found.left))} 页的表格未识别") if found.left else reading


def _ruled(pages: Pages, n: int) -> bool:
    with pages.page(n) as page:
        return pdfrules.ruled(page)


def _partly(reading: Reading, note: str) -> Reading:
    return msgspec.structs.replace(reading, state=ReadState.PARTIAL, detail=";".join(filter(None, (reading.detail, note))))


def _page(pages: Pages, n: int, *, boxed: bool) -> tuple[str, bool, bool]:
    """Text of page ``n`` (from 0), whether the page shows what its text layer does not say, and whether letters stand at an edge."""
    with pages.page(n) as page:
        with pages.text(page, n) as textpage:
            shown = textpage.get_text_bounded()
            edge = boxed and at_edge(page, textpage, len(shown))
            text = textual.clean(shown)
        chars = len("".join(text.split()))
        return text, chars < _SCAN_CHARS and _shows_more(page, chars), edge


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
