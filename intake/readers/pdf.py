"""PDF: text page by page, and what the text says of the document. Pages without a text layer are left to ``deepen``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.words import ReadState
from intake import ocr, scan, seal, textual
from intake.gongwen import read_facts
from intake.readers import pdfgrid, tables
from intake.scan import Recognised
from intake.textual import Line

NAME = "pdf"
VERSION = 3
_ME = f"{NAME}@{VERSION}"

_PAGES = 5_000
#: pages of a document that are left open for a second look; of longer ones each is closed at once (ours)
_LEFT_OPEN = 12
_PASSWORD, _SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY of fpdfview.h
_TAIL = 65_536
#: a page with fewer characters, of which an image covers this share, is a scan: its page number may be text (ours)
_SCAN_CHARS = 12
_SCAN_SHARE = 0.3
#: short side in pixels of a page rendered for OCR (A4 at 150 dpi), the longest it may get, and the width for a seal
_OCR_SIDE, _OCR_LONGEST, _SEAL_WIDTH = 1240, 3600, 640
#: points above and below a signature within which its seal lies (80 mm), and drawn around what may be one (2 mm)
_SEAL_REACH, _SEAL_MARGIN = 227.0, 6.0

Box = tuple[float, float, float, float]


class Survey(msgspec.Struct):
    """Text of every page, and the numbers (from 1) of those that are scans or cannot be opened. ``cut``: last page read, or 0.

    ``open``, ``texts``: by number from 0, pages and their text layers left open until the document, and with it they, is closed:
    to open one again costs as much as its text.
    """

    count: int
    pages: list[str] = []
    scans: list[int] = []
    bad: list[int] = []
    cut: int = 0
    open: dict[int, Any] = {}
    texts: dict[int, Any] = {}


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as e:
        if e.err_code in (_PASSWORD, _SECURITY):
            return Reading(media_type, _ME, ReadState.ENCRYPTED, detail="PDF 有打开密码,内容未检;请去掉密码后重新提交")
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="PDF 打不开,文件不完整或已损坏;请重新导出后提交")
    try:
        if len(document) == 0:
            return Reading(media_type, _ME, ReadState.DAMAGED, detail="PDF 中没有任何页面;请重新导出后提交")
        survey = _survey(document, pypdfium2.PdfiumError)
        reading = _tables(survey, path, _compose(survey, path, media_type, None))
        signed = reading.facts.get("issued_on") or reading.facts.get("signer")
        if signed is not None and signed.page is not None and signed.method.endswith(("signature", "date-line")):
            facts = reading.facts | _seal(document, signed, survey, pypdfium2.PdfiumError)
            reading = msgspec.structs.replace(reading, facts=facts)
        return reading
    finally:
        document.close()


def recognise(path: Path, media_type: str, limits: Limits) -> Reading:
    """The same with OCR of the pages that have no text layer; only for what ``read`` could open."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        survey = _survey(document, pypdfium2.PdfiumError)

        def render(n: int) -> Any:
            with _page_of(document, n, survey) as page:
                width, height = page.get_size()
                scale = min(_OCR_SIDE / max(1.0, min(width, height)), _OCR_LONGEST / max(1.0, width, height))
                return page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]

        seen = scan.recognise(render, survey.scans, survey.count, limits)
        return _compose(survey, path, media_type, seen)
    finally:
        document.close()


def _survey(document: Any, broken: type[Exception]) -> Survey:
    survey = Survey(len(document))
    total = 0
    for n in range(min(survey.count, _PAGES)):
        try:
            text, scanned = _page(document, n, survey)
        except broken:
            survey.bad.append(n + 1)
            survey.pages.append("")
            continue
        if scanned:
            survey.scans.append(n + 1)
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


def _tables(survey: Survey, path: Path, reading: Reading) -> Reading:
    """With the facts and the grid of the ruled tables that the document mainly consists of, as ``tables.within`` counts it."""
    pages = [n for n, page in enumerate(survey.pages, 1) if pdfgrid.may_hold(page)]
    chars = [len("".join(page.split())) for page in survey.pages]
    if not pages or 2 * sum(chars[n - 1] for n in pages) < sum(chars) or reading.state is ReadState.DAMAGED:
        return reading
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


def _partly(reading: Reading, note: str) -> Reading:
    return msgspec.structs.replace(reading, state=ReadState.PARTIAL, detail=";".join(filter(None, (reading.detail, note))))


@contextmanager
def _page_of(document: Any, n: int, survey: Survey) -> Iterator[Any]:
    if n in survey.open:
        yield survey.open[n]
        return
    page = document[n]
    if survey.count <= _LEFT_OPEN:
        survey.open[n] = page
        yield page
        return
    try:
        yield page
    finally:
        page.close()


@contextmanager
def _textpage_of(page: Any, n: int, survey: Survey) -> Iterator[Any]:
    if n in survey.texts:
        yield survey.texts[n]
        return
    textpage = page.get_textpage()
    if n in survey.open:
        survey.texts[n] = textpage
        yield textpage
        return
    try:
        yield textpage
    finally:
        textpage.close()


def _page(document: Any, n: int, survey: Survey) -> tuple[str, bool]:
    """Text of page ``n`` (from 0), and whether the page shows what its text layer does not say."""
    with _page_of(document, n, survey) as page:
        with _textpage_of(page, n, survey) as textpage:
            text = textual.clean(textpage.get_text_bounded())
        chars = len("".join(text.split()))
        return text, chars < _SCAN_CHARS and _shows_more(page, chars)


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


def _seal(document: Any, signed: Fact, survey: Survey, broken: type[Exception]) -> Facts:
    """A red ring on the page of the signature, near it; only what can be a seal and can reach it is drawn."""
    assert signed.page is not None
    if signed.page in survey.scans:
        return {}
    method = f"{_ME}/seal"
    try:
        with _page_of(document, signed.page - 1, survey) as page:
            reddish = _reddish(page)
            if not reddish:
                return {"seal": Fact(value=False, page=signed.page, method=method)}
            width, height = page.get_size()
            scale = _SEAL_WIDTH / max(1.0, width)
            if height * scale > 4 * _SEAL_WIDTH:
                return {}
            plain = page.get_rotation() == 0 and page.get_bbox()[:2] == (0, 0)  # else places are not those of the picture
            places = _places(page, signed.page - 1, survey, (signed.raw or "").split("\n")[0]) if plain else []
            left, bottom, right, top = _reached(reddish, places, width, height) if plain else (0.0, 0.0, width, height)
            if right <= left or top <= bottom:
                return {"seal": Fact(value=False, page=signed.page, method=method)}
            crop = (left, bottom, width - right, height - top)
            image = page.render(scale=scale, crop=crop, rev_byteorder=True).to_numpy()[:, :, :3]
            found = seal.rings(image, across_mm=(right - left) * 25.4 / 72)
            there = (
                any(r.near((x - left) * scale, (top - y) * scale) for r in found for x, y in places) if places else bool(found)
            )
            return {"seal": Fact(value=there, page=signed.page, method=method)}
    except broken:
        return {}


def _reached(boxes: list[Box], places: list[tuple[float, float]], width: float, height: float) -> Box:
    """The part of the page, in points, that holds those of ``boxes`` which a seal beside one of ``places`` can touch; of no extent: none."""
    low = max(0.0, min((y for _, y in places), default=0.0) - _SEAL_REACH)
    high = min(height, max((y for _, y in places), default=height) + _SEAL_REACH)
    near = [b for b in boxes if b[3] >= low and b[1] <= high]
    if not near:
        return 0.0, 0.0, 0.0, 0.0
    return (
        max(0.0, min(b[0] for b in near) - _SEAL_MARGIN),
        max(low, min(b[1] for b in near) - _SEAL_MARGIN),
        min(width, max(b[2] for b in near) + _SEAL_MARGIN),
        min(high, max(b[3] for b in near) + _SEAL_MARGIN),
    )


def _places(page: Any, n: int, survey: Survey, text: str) -> list[tuple[float, float]]:
    """Middles of the places where ``text`` stands on page ``n`` (from 0), in points from the lower left."""
    with _textpage_of(page, n, survey) as textpage:
        searcher = textpage.search(text) if text else None
        out: list[tuple[float, float]] = []
        while searcher is not None and (hit := searcher.get_next()) is not None and len(out) < 20:
            boxes = [textpage.get_charbox(k) for k in range(hit[0], hit[0] + hit[1])]
            across = (min(b[0] for b in boxes) + max(b[2] for b in boxes)) / 2
            out.append((across, (min(b[1] for b in boxes) + max(b[3] for b in boxes)) / 2))
        return out


def _reddish(page: Any) -> list[Box]:
    """Where whatever could be a seal lies: an annotation, a picture, a shading, a path in red. Left, bottom, right, top in points."""
    import pypdfium2.raw as raw

    if raw.FPDFPage_GetAnnotCount(page) > 0:
        return [(0.0, 0.0, *page.get_size())]
    return [box for item in page.get_objects(max_depth=1) if _may_be_red(page, item) and not _is_rule(box := item.get_bounds())]


def _may_be_red(page: Any, item: Any, depth: int = 3) -> bool:
    import ctypes

    import pypdfium2.raw as raw

    if item.type == raw.FPDF_PAGEOBJ_FORM:  # what is within has coordinates of its own: the form stands for it
        return depth > 1 and any(_may_be_red(page, inner, depth - 1) for inner in page.get_objects(form=item, max_depth=1))
    if item.type != raw.FPDF_PAGEOBJ_PATH:
        return item.type in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING)
    colour = [ctypes.c_uint() for _ in range(4)]
    return any(
        colour_of(item, *colour) and colour[0].value > max(colour[1].value, colour[2].value) + 40
        for colour_of in (raw.FPDFPageObj_GetStrokeColor, raw.FPDFPageObj_GetFillColor)
    )


def _is_rule(box: Box) -> bool:
    """A line wider or higher than any seal, as the red one under the head of a document."""
    across, down = box[2] - box[0], box[3] - box[1]
    return min(across, down) < _SEAL_MARGIN and max(across, down) > seal.LARGEST_MM * 72 / 25.4


def _cut_off(path: Path) -> bool:
    """True when neither end mark of ISO 32000-1 7.5.5 stands near the end: pdfium repairs such a file in silence."""
    with path.open("rb") as f:
        f.seek(0, 2)
        f.seek(max(0, f.tell() - _TAIL))
        tail = f.read()
    return b"%%EOF" not in tail and b"startxref" not in tail
