"""How a document is worded, as small facts for checks that never see the text: figures, measures, results, summary style, period.

Also what can only be told where the text is: which of the attachments it names are not in it, which page numbers are
skipped. The facts hold words of our own lists (``wording.toml``), counts, dates, and labels of at most some characters;
no sentence of the document.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.dates import parse_period
from archive_schema.evidence import Fact, Facts
from archive_schema.text import Expression, fold, squeeze

#: characters looked at: a report has some hundreds, and what stands later in a book is nobody's explanation (ours)
_LOOKED_AT = 60_000
_LISTED, _FIGURES = 8, 30

_NUMBER_OF_DOCUMENT = Expression(r"[〔\[(【]\s*(?:19|20)\d\d\s*[〕\])】]\s*第?\s*\d+\s*号")
# before alternatives stands a look at what they begin with: most places of a text are then passed over at once
_DATE = Expression(
    r"(?=\d)(?:(?:19|20)\d\d\s*(?:年\s*(?:\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]?)?)?|[-./]\s*\d{1,2}(?:\s*[-./]\s*\d{1,2})?)"
    r"|(?<!\d)\d{1,2}\s*月(?:份|\s*\d{1,2}\s*[日号])|(?<!\d)\d{1,2}\s*[日号](?![\u3400-\u9fff]*线))"
)
_NUMBERING = Expression(
    r"(?=[\s(（\d第附])(?:(?:^|(?<=\n))\s*[(（]?\d{1,2}\s*[.、．)）](?!\d)"
    r"|第\s*\d{1,4}\s*[章节条款页项届次批期号]|附\s*件\s*\d+|\d{1,4}\s*页)"
)
#: telephones, codes, identity numbers; seven digits and more count only with a unit behind
_LONG = Expression(r"(?=\d)(?:\d{3,4}-\d{7,8}|(?<!\d)\d{7,}(?![\d元人万亿吨])[xX]?)")
_FIGURE = Expression(
    r"(?=[\d一二三四五六七八九十百千万亿两])(?:(?<![\d.A-Za-z])\d[\d,，]*(?:\.\d+)?(?![\d.、])"
    r"|(?<![一二三四五六七八九十百千万亿两])[一二三四五六七八九十百千万亿两]{2,}(?:多|余)?(?=[个名人次户家件场期处条项所元篇类种张辆台亩吨倍])"
    r"|百分之[一二三四五六七八九十百点]+)"
)
_PERIOD = Expression(
    r"(?=[\d一二])(?:(?:19|20)\d\d\s*年?\s*[-—–~至到]+\s*(?:19|20)?\d\d\s*年(?:\d{1,2}\s*月)?|(?:19|20)\d\d\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\s*[上下]半年|\s*第?[一二三四1-4]季度)?"
    r"|[一二]〇[〇一二三四五六七八九]{2}年)"
)
_LABELLED = Expression(
    r"(?P<label>[\u3400-\u9fff]{1,8}(?:率|数|量|额|比例|比重|占比|面积|人口))(?:分别)?(?:达到了?|达|为|是|[:：])?约?\s*(?P<value>\d[\d,]*(?:\.\d+)?)\s*(?P<scale>[十百千万亿]{0,2})(?P<unit>%|‰|[\u3400-\u9fff])"
)
#: the middle of it, without which a line holds none: much sooner found than the label that begins anywhere
_LABELS = Expression(r"[率数量额例重比积口](?:分别)?(?:达到了?|达|为|是|[:：])?约?\s*\d")
#: of a span like 2015—2016年 both
_YEAR = Expression(r"(?<!\d)((?:19|20)\d\d)(?=\s*(?:年|[-—–~至到]\s*(?:19|20)?\d\d\s*年))")
#: a clause that names a year only to compare with it
_COMPARES = re.compile("比|较|同期|相比")
#: characters of a line beyond which it is neither date nor signature nor page number (ours)
_LONGEST_SIGNED = 120
_PAGE = Expression(
    r"[-—–·\s]*(?:第\s*)?(?P<n>\d{1,4})\s*(?:页)?(?:\s*[/,，]?\s*共\s*(?P<of>\d{1,4})\s*页|\s*/\s*(?P<of2>\d{1,4}))?[-—–·\s]*"
)
_PAGE_SIGN = Expression(r"^\s*[-—–]\s*\d|第\s*\d+\s*页|\d\s*/\s*\d|\d\s*[-—–]\s*$")


class Words(msgspec.Struct, frozen=True):
    """See ``wording.toml`` for what each list is and where it comes from."""

    measures: tuple[str, ...]
    results: tuple[str, ...]
    title: tuple[str, ...]
    text: tuple[str, ...]
    explains: tuple[str, ...]


@cache
def words() -> Words:
    data = tomllib.loads((Path(__file__).parent / "wording.toml").read_text("utf-8"))
    return msgspec.convert({"measures": data["measures"], "results": data["results"], **data["summary"]}, Words)


def facts(text: str, known: Facts, *, method: str = "", folded: str | None = None) -> Facts:
    """The wording of one document.

    :param text: all of it as read, pages separated by form feeds where it has pages.
    :param known: what the reader made of it; title, attachments and 成文日期 are looked at.
    :param method: ``reader@version`` that gave the text.
    :param folded: ``fold`` of the text, of whoever has it.
    """
    if not text.strip():
        return {}
    every = [line.strip() for line in re.split(r"[\n\f]", text) if line.strip()]
    pages = (fold(text[:_LOOKED_AT]) if folded is None else folded[:_LOOKED_AT]).split("\f")
    lines = [line.strip() for page in pages for line in page.split("\n") if line.strip()] or [fold(every[0])]
    title = str(known["title"].value) if "title" in known else ""
    plain = "\n".join(_body(lines, known))
    bare = _without_ordinals(plain)
    out: Facts = {}

    def put(key: str, value: object, others: tuple[str, ...] = ()) -> None:
        out[key] = Fact(value=value, method=f"{method}/wording", others=others)

    w = words()
    put("figures_count", len(_FIGURE.findall(bare)))
    put("figures", _labelled(bare)[:_FIGURES])
    if placed := placed_figures(pages)[:_FIGURES]:
        put("figures_at", placed)
    put("measures", _found(w.measures, plain))
    put("results", _found(w.results, plain))
    heading = title or (every[0] if len(every[0]) <= 60 else "")
    marks = [f"标题“{m}”" for m in w.title if m in heading]
    put("summary_style", marks + _found(w.text, plain))
    put("explains", _found(w.explains, f"{squeeze(heading)}\n{plain}"))
    if span := period(plain):
        put("period", span)
    if (named := known.get("attachments")) is not None and isinstance(named.value, list) and named.value:
        put("attachments_absent", _absent(named, every))
    if (skipped := skipped_pages(text)) is not None:
        put("pages_absent", [str(n) for n in skipped])
    return out


def _body(lines: Sequence[str], known: Facts) -> list[str]:
    """Folded lines without those that are only a date, a number or a signature: they say nothing of what the document speaks of."""
    signed = {squeeze(str(known[k].raw or "")) for k in ("issued_on", "document_number", "signer") if k in known}
    return [
        line
        for line in lines
        if len(line) > _LONGEST_SIGNED or ("".join(line.split()) not in signed and not _PAGE.fullmatch(line))
    ]


def _found(of: Iterable[str], text: str) -> list[str]:
    return [w for w in of if w in text][:_LISTED]


def _without_ordinals(text: str) -> str:
    """Text without the numbers that are no figures: dates, document numbers, numbering of parts, telephone numbers."""
    for pattern in (_LONG, _NUMBER_OF_DOCUMENT, _DATE, _NUMBERING):
        text = pattern.sub(" ", text)
    return text


def labelled_figures(text: str) -> list[str]:
    """``完成率=95.2%`` for every figure that stands right behind its name, in order, each once."""
    return _labelled(_without_ordinals(text))


def _labelled(text: str) -> list[str]:
    found: dict[str, None] = {}
    for m in _LABELLED.finditer(text) if _LABELS.search(text) else ():
        if m.start() and "\u3400" <= text[m.start() - 1] <= "\u9fff":
            continue  # the label goes on to the left: it is no name of its own
        found[f"{m['label']}={m['value'].replace(',', '')}{m['scale']}{m['unit']}"] = None
    return list(found)


def placed_figures(pages: Sequence[str]) -> list[str]:
    """``完成率=95.2%|2016|第 3 段``: the figures of ``labelled_figures`` with the year that their clause, or one before it in the same
    sentence, speaks of ("" where none or several do), and where they stand: by page where the text has pages, else by paragraph.

    :param pages: folded text of each.
    """
    found: dict[str, None] = {}
    for number, page in enumerate(pages, 1):
        for n, line in enumerate([line for line in page.split("\n") if line.strip()], 1):
            if _LABELS.search(line) is None:
                continue  # most lines hold no figure at all
            where = f"第 {number} 页" if len(pages) > 1 else f"第 {n} 段"
            for sentence in re.split("[。;!?]", line):
                if _LABELS.search(sentence) is None:
                    continue
                year = ""
                for clause in re.split(r"[,、](?!\d{3}(?!\d))", sentence):
                    years = _YEAR.findall(_NUMBER_OF_DOCUMENT.sub(" ", clause))
                    if years and not _COMPARES.search(clause):
                        year = years[0] if len(set(years)) == 1 else ""
                    if _LABELS.search(clause) is not None:
                        found |= dict.fromkeys(f"{figure}|{year}|{where}" for figure in labelled_figures(clause))
    return list(found)


def period(text: str) -> str | None:
    """First to last day of all years, months and days that the text names, as a window is written; None when it names none."""
    spans = [span for m in _PERIOD.finditer(_NUMBER_OF_DOCUMENT.sub(" ", text)) if (span := parse_period(m[0]))]
    if not spans:
        return None
    first, last = min(s.start for s in spans), max(s.end for s in spans)
    return f"{first.isoformat()} 至 {last.isoformat()}"


def _absent(named: Fact, lines: Sequence[str]) -> list[str]:
    """Names of the 附件说明 of which nothing is found behind it: neither the name nor a heading 附件 with its number."""
    last = squeeze((named.raw or "").split("\n")[-1])
    at = max((n for n, line in enumerate(lines) if last and squeeze(line) == last), default=None)
    if at is None:
        return []
    behind = [squeeze(line) for line in lines[at + 1 :]]
    whole = "".join(behind)
    headings = {m[1] for line in behind if (m := re.match(r"附件([0-9一二三四五六七八九十]{0,3})(?::|$|[^0-9:])", line))}
    names = [str(n) for n in named.value]
    out = []
    for n, name in enumerate(names, 1):
        key = re.sub(r"[《》“”\"]", "", squeeze(name))
        there = (
            key in re.sub(r"[《》“”\"]", "", whole)
            or str(n) in headings
            or "一二三四五六七八九十"[n - 1 : n] in headings - {""}
        )
        if not there and not (len(names) == 1 and headings):
            out.append(name[:60])
    return out


def skipped_pages(text: str) -> list[int] | None:
    """Printed page numbers that are left out; None when the pages carry no numbers that rise by themselves.

    Pages without a number between two numbered ones fill the gap (GB/T 9704-2012 7.5 leaves blank pages unnumbered).
    """
    pages = text.split("\f")
    printed: list[tuple[int, int]] = []
    total = 0
    for at, page in enumerate(pages):
        lines = [line for line in page.split("\n") if line.strip()]
        for line in dict.fromkeys([*lines[-2:], *lines[:1]]):
            m = _PAGE.fullmatch(line)
            if m is not None and _PAGE_SIGN.search(line):
                printed.append((at, int(m["n"])))
                total = max(total, int(m["of"] or m["of2"] or 0))
                break
    if len(printed) < 2 or any(b[1] <= a[1] for a, b in itertools.pairwise(printed)):
        return None
    out: list[int] = []
    before = (-1, 0)
    for at, number in [*printed, *([(len(pages), total + 1)] if total > printed[-1][1] else [])]:
        if number - before[1] > at - before[0]:
            out += range(before[1] + 1, number)
        before = (at, number)
    return out
