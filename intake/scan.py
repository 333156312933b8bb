"""The pages of a document that have no text layer, read by OCR: what is read first, and what it says of the document.

In order: the head band of the first page (the rest of it when the band gives no title or no end of the head); the first short
lines of every page, where a 密级 stands; the signature block, wherever it is, twice where a seal covers it; whole pages
only on request. No page is looked at beyond the time given.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from archive_schema.cycle import Limits
from archive_schema.dates import parse_date
from archive_schema.evidence import Fact, Facts
from archive_schema.text import Expression, squeeze
from intake import ocr
from intake.gongwen import read_facts
from intake.gongwen.head import marks_of
from intake.gongwen.words import organ_names
from intake.textual import Line

if TYPE_CHECKING:
    from intake.sheet import Said, Sheet

#: share of the first page that the head band is (the standard's red head ends well above it; a long title may not)
_BAND = 0.46
#: rows at the top of every page in which a 密级 may stand, and how wide such a row is at most
_TOP_ROWS, _TOP_WIDTH = 4, 0.45
#: rows read above a date: the organs that sign, the 附件说明
_ABOVE = 10
#: rows at the foot of the last page that are read in any case
_LAST_ROWS = 6
#: least mean score of a page whose every row was read for it to count as read, and of a first line to count as the title
_LEGIBLE = 0.8
_LEVEL = Expression(
    r"^(?P<level>绝密|机密|秘密)级?(?:[^\u4e00-\u9fff\d。,，]{1,3}|[\u4e00-\u9fff](?=\d))?(?P<term>\d{1,2}(?:年|个月)|长期|启用前|公布前)?$"
)

#: page number from 0 → pixels (height × width × 3, uint8, RGB), None when it cannot be opened
Render = Callable[[int], Any]


class Spoken(msgspec.Struct, frozen=True):
    """A row that was read."""

    text: str
    score: float
    other: str
    near_seal: bool


class Recognised(msgspec.Struct):
    """What OCR made of the pages; page numbers from 1.

    rows     page → its read rows from the top down
    secrecy  (level, as read, page)
    looked   pages that were looked at; ``whole`` those of which every row was read
    late     pages left out because the time was over
    broken   pages that cannot be opened; ``blank`` those on which no row was found
    sealed   page → number of red rings on it
    colour   some page had colour, so a seal would have been seen
    lines    rows that were found on all pages looked at
    signed   the page on which a date stands under the name of an organ
    full     every row was asked for
    """

    rows: dict[int, list[Spoken]] = {}
    secrecy: tuple[str, str, int] | None = None
    looked: list[int] = []
    whole: list[int] = []
    late: list[int] = []
    broken: list[int] = []
    blank: list[int] = []
    sealed: dict[int, int] = {}
    colour: bool = False
    lines: int = 0
    signed: int | None = None
    full: bool = False


def recognise(render: Render, scans: Sequence[int], count: int, limits: Limits) -> Recognised:
    """Look at the pages ``scans`` (from 1, ascending) of a document of ``count`` pages.

    Stops at once at a 密级: nothing more of such a document is read.
    """
    from intake.sheet import Sheet

    full = limits.ocr == "full"
    out = Recognised(full=full)
    end = time.monotonic() + limits.ocr_seconds * 0.8  # the rest is for the page in hand
    for page in _in_order(scans):
        if time.monotonic() > end:
            out.late = sorted(set(scans) - {*out.looked, *out.broken})
            break
        image = render(page - 1)
        if image is None:
            out.broken.append(page)
            continue
        sheet = Sheet(image)
        out.looked.append(page)
        if not sheet.rows:
            out.blank.append(page)
        out.lines += len(sheet.rows)
        out.colour = out.colour or not sheet.colourless
        if sheet.rings:
            out.sealed[page] = len(sheet.rings)
        if page == 1:
            _head(sheet)
        out.secrecy = out.secrecy or _secrecy(sheet, page)
        if out.secrecy is not None:
            return out
        kept: set[int] = set(sheet.read) if page == 1 else set()
        if full:
            sheet.say(range(len(sheet.rows)))
            kept = set(sheet.read)
        if out.signed is None or out.signed > page:
            kept |= _signature(sheet, last=page == count, first=page == 1)
            if _date_row(sheet, kept, with_organ=True) is not None:
                out.signed = page
        said = {n: sheet.said(n) for n in sorted(kept)}
        out.rows[page] = [Spoken(s.text, s.score, s.other, sheet.near_seal(n)) for n, s in said.items() if s and s.text]
        if len(sheet.read) == len(sheet.rows) and _mean([s.score for s in out.rows[page]]) >= _LEGIBLE:
            out.whole.append(page)
    out.looked.sort()
    out.whole.sort()
    return out


def document_facts(seen: Recognised, texts: Mapping[int, Sequence[str]], *, base: str) -> Facts:
    """Facts of a document whose pages come partly from a text layer (``texts``: page → lines) and partly from OCR.

    :param base: ``reader@version`` for what the text layer says; what OCR says has ``ocr@version``, with a confidence.
    """
    if seen.secrecy is not None:
        level, raw, page = seen.secrecy
        return {"secrecy": Fact(value=level, raw=raw, page=page, method=f"{ocr.LABEL}/head")}
    first = read_facts(_lines(seen, texts, other=False), method=base)
    second = read_facts(_lines(seen, texts, other=True), method=base)
    out: Facts = {}
    for key in first.keys() | second.keys():
        fact, again = first.get(key), second.get(key)
        if fact is None:
            assert again is not None
            fact, again = again, None
        others = list(fact.others)
        if again is not None and squeeze(str(again.value)) != squeeze(str(fact.value)):
            others.append(str(again.value))
        if fact.page in seen.rows:
            method = fact.method.replace(base, ocr.LABEL, 1)
            fact = msgspec.structs.replace(fact, method=method, confidence=_confidence(fact, seen.rows[fact.page]))
        out[key] = msgspec.structs.replace(fact, others=tuple(dict.fromkeys(others)))
    if _guessed(out.get("title")):
        del out["title"]
    _signed_together(out)
    if (pressed := _seal(seen, out)) is not None:
        out["seal"] = pressed
    return out


def text_of(seen: Recognised, texts: Mapping[int, Sequence[str]]) -> str:
    """The text as far as it was read, pages separated by form feeds."""
    last = max([*texts, *seen.rows], default=0)
    pages = []
    for page in range(1, last + 1):
        pages.append("\n".join(s.text for s in seen.rows[page]) if page in seen.rows else "\n".join(texts.get(page, ())))
    return "\f".join(pages)


def note(seen: Recognised) -> str:
    """How far the pages were read, as the reading's ``detail`` goes on (Chinese)."""
    left = "".join(
        f";第 {ranges(sorted(pages))} 页{why}"
        for pages, why in ((seen.late, "因识别时限未看"), (seen.broken, "打不开,未识别"), (seen.blank, "没有找到文字"))
        if pages
    )
    if seen.looked and len(seen.blank) == len(seen.looked):
        return f"没有识别出任何文字,可能是空白页{left};须由审核人员打开核对"
    done = "已识别全文" if seen.full else "已识别版头和落款,正文未识别"
    return f"{done}{left};识别可能有误,没有读到的要素须由审核人员核对"


def ranges(numbers: Sequence[int]) -> str:
    """``[1, 2, 3, 7]`` → ``1–3、7``."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n == spans[-1][1] + 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return "、".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)


def _in_order(scans: Sequence[int]) -> list[int]:
    """The first pages and the last ones before those in the middle, should time run out."""
    return [*scans[:20], *scans[20:][-5:], *scans[20:][:-5]]


def _head(sheet: Sheet) -> None:
    """Read the head band; more of the page when the head does not end in it, or has no title."""
    sheet.say(n for n, row in enumerate(sheet.rows) if row.middle <= _BAND)
    facts = read_facts([Line(_text(sheet, n), 1) for n in sheet.read], method="")
    if "title" in facts and "addressee" in facts:
        return
    sheet.say(range(len(sheet.rows)))


def _secrecy(sheet: Sheet, page: int) -> tuple[str, str, int] | None:
    """A 密级 on one of the first rows of the page; only rows whose parts are as short as such a mark are read for it."""
    top = [n for n, row in enumerate(sheet.rows[:_TOP_ROWS]) if sheet.widest(row) <= _TOP_WIDTH]
    sheet.say(top)
    lines = [Line(part, page) for n in range(min(_TOP_ROWS, len(sheet.rows))) for part in _marked(_text(sheet, n))]
    found = marks_of(lines)
    return (found[0], found[1], page) if found is not None else None


def _marked(text: str) -> list[str]:
    """The parts of a row; what looks like a 密级 whose star was not recognised is written with one."""
    out = []
    for part in [*re.split(r"\s{2,}", text), text]:
        m = _LEVEL.match(re.sub(r"\s", "", part))
        out.append(f"{m['level']}★{m['term'] or ''}" if m else part)
    return out


def _signature(sheet: Sheet, *, last: bool, first: bool) -> set[int]:
    """Read the rows that may sign the document; the rows to be kept, in which a date stands, else none of them."""
    rows = sheet.rows
    wanted = {n for n in range(len(rows)) if sheet.near_seal(n)}
    if rows:
        wide = [r for r in rows if r.width > 0.6 * max(x.width for x in rows)]
        left, right = min(r.left for r in wide), max(r.right for r in wide)
        across = right - left
        start = 0.3 if first else 0.0
        wanted |= {n for n, r in enumerate(rows) if r.left > left + 0.3 * across and r.width < 0.62 * across and r.top > start}
    if last:
        wanted |= set(range(len(rows) - _LAST_ROWS, len(rows)))
    sheet.say(wanted)
    at = _date_row(sheet, wanted, with_organ=False)
    if at is None:
        return wanted & set(range(len(rows))) if last or first else set()
    block = set(range(max(0, at - _ABOVE), at + 1))
    sheet.say(block)
    return (block | {n for n in wanted if n > at}) & set(range(len(rows)))


def _date_row(sheet: Sheet, rows: set[int], *, with_organ: bool) -> int | None:
    """The first row that is a date, with ``with_organ`` one that stands under the name of an organ."""
    for n in sorted(rows):
        said = sheet.said(n)
        if said is None or not any(_is_date(t) for t in (said.text, said.other)):
            continue
        above = sheet.said(n - 1)
        if not with_organ or (above is not None and any(organ_names(t) for t in (above.text, above.other))):
            return n
    return None


def _is_date(text: str) -> bool:
    read = parse_date(text) if text else None
    return read is not None and read.precision == "day"


def _text(sheet: Sheet, n: int) -> str:
    said: Said | None = sheet.said(n)
    return said.text if said is not None else ""


def _lines(seen: Recognised, texts: Mapping[int, Sequence[str]], *, other: bool) -> list[Line]:
    out: list[Line] = []
    for page in sorted({*texts, *seen.rows}):
        if page in seen.rows:
            out += [Line(s.other if other and s.other else s.text, page) for s in seen.rows[page]]
        else:
            out += [Line(t, page) for t in texts[page]]
    return out


def _confidence(fact: Fact, rows: Sequence[Spoken]) -> float | None:
    """Of the least sure row that the fact was read from."""
    raw = squeeze(fact.raw or str(fact.value))
    scores = [
        s.score
        for s in rows
        for t in {squeeze(s.text), squeeze(s.other)} - {""}
        if (len(t) > 1 and t in raw) or (len(raw) > 1 and raw in t)
    ]
    return round(min(scores), 3) if scores else None


def _guessed(title: Fact | None) -> bool:
    """Nothing but its place makes a first line the title: where OCR is not sure what it says (writing in a photograph), it names nothing."""
    return title is not None and title.method == f"{ocr.LABEL}/first-line" and (title.confidence or 0.0) < _LEGIBLE


def _seal(seen: Recognised, facts: Facts) -> Fact | None:
    """Present: a ring near what signs. Absent: the signature was found, in colour, without one. Else nobody knows."""
    signed = facts.get("issued_on") or facts.get("signer")
    page = signed.page if signed is not None and signed.method.endswith(("signature", "date-line")) else None
    if page is not None and page in seen.rows:
        if page in seen.sealed and any(s.near_seal for s in seen.rows[page]):
            return Fact(value=True, page=page, method=f"{ocr.LABEL}/seal")
        return Fact(value=False, page=page, method=f"{ocr.LABEL}/seal") if seen.colour and seen.signed == page else None
    if seen.sealed and page is None:
        return Fact(value=True, page=max(seen.sealed), method=f"{ocr.LABEL}/seal-unsigned")
    return None


def _signed_together(facts: Facts) -> None:
    """Names of organs that sign side by side, read as one word, are told apart where another place separates them."""
    issuer = facts.get("issuer")
    if issuer is None:
        return
    apart = next((t for t in (issuer.value, *issuer.others) if "、" in t), "")
    glued = apart.replace("、", "")
    for key in ("issuer", "signer"):
        fact = facts.get(key)
        if apart and fact is not None:
            value = apart if fact.value == glued else fact.value
            others = tuple(o for o in fact.others if o not in (glued, value))
            facts[key] = msgspec.structs.replace(fact, value=value, others=others)


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 1.0
