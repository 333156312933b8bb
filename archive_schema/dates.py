"""Dates and periods as documents, forms, captions and file names write them: the one grammar for both.

Arabic and Chinese numerals, full width, spaces between the parts, ``2017.08.01``, ``20170801``, ``2016—2017年``,
``二〇一七年上半年``. A date is what was written: a month without a day is never filled up. A period is a first and a last day;
what is written to the month or the year is the whole of it. Years 1900…2099.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date

import msgspec

from archive_schema.cycle import Window
from archive_schema.text import Expression, fold


class DateRead(msgspec.Struct, frozen=True):
    """``value`` is ``YYYY-MM-DD`` (precision day) or ``YYYY-MM`` (precision month); ``start``/``end`` index the text searched."""

    value: str
    precision: str  # day | month
    raw: str
    start: int
    end: int

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.value) if self.precision == "day" else None


_ZH = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "◯": 0, "Ο": 0, "О": 0, "O": 0, "o": 0, "元": 1}
_ZHD = "〇零○◯ΟОOo一二三四五六七八九"
_ARABIC_YEAR = r"(?<!\d)(?:19|20)\d\d"
_CHINESE_YEAR = rf"(?<![{_ZHD}十])[一二][{_ZHD}]{{3}}"
_YEAR = rf"(?:{_ARABIC_YEAR}|{_CHINESE_YEAR})"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|[二廿]?十?[一二三四五六七八九]|二十|十|廿)"
_TO = r"\s*[-~—–至到]+\s*"
_PATTERNS = (
    # a day without 日 is one only where the writing ends there
    Expression(
        rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_MONTH})\s*月\s*(?P<d>{_DAY})(?:\s*[日号]|(?=\s*(?:$|[-~—–至到()（）、,，;；])))"
    ),
    Expression(r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?(?P<sep>[-./])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<d>\d{1,2})(?!\d|\.\d)"),
    Expression(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?=(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?!\d)|(?!\d))"),
    Expression(rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_MONTH})\s*月(?:份)?(?!\s*{_DAY}\s*[日号])"),
)
_MONTH_ONLY = Expression(r"((?:19|20)\d\d)\s?[-./]\s?(\d{1,2})")
#: written as a day would be, whether or not there is such a day; the day, or month and day, may have been left open (``2026年9月  日``)
_WRITTEN = Expression(
    rf"(?P<y>{_YEAR})\s*年\s*(?P<m>[\d〇零一二三四五六七八九十]{{0,3}})\s*月(?:份|\s*(?P<d>[\d〇零一二三四五六七八九十廿]{{0,4}})\s*(?P<day>[日号])?)"
    r"|(?<!\d)(?P<y2>(?:19|20)\d\d)\s?(?P<sep>[-./])\s?(?P<m2>\d{1,2})\s?(?P=sep)\s?(?P<d2>\d{1,2})"
)
_TIME = Expression(r"[\sT]*(?:\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}秒?)?(?:\.\d+)?分?)?(?:[+Z][\d:]*)?")

# -- periods: these are read on folded text, where every dash is ``-``
_LOOSE_MONTH = Expression(r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[-./]\s*(?P<m>\d{1,2})(?!\d)\s*月?(?:份)?")
_NO_MONTH = Expression(rf"{_YEAR}\s*年\s*\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*日?)?")
_MONTHS = Expression(rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_MONTH})\s*月?{_TO}(?P<m2>{_MONTH})\s*月")
_QUARTERS = Expression(
    rf"(?P<y>{_YEAR})\s*年?(?:度)?\s*(?:第?\s*(?P<q>[1-4一二三四])(?:{_TO}(?P<q2>[1-4一二三四]))?\s*季度"
    r"|前\s*(?P<first>[1-4一二三四])\s*个?季度|(?P<h>[上下])半年)"
)
_WHOLE_YEAR = Expression(rf"(?P<y>{_ARABIC_YEAR})(?!\d)\s*(?:年度?)?|(?P<zh>{_CHINESE_YEAR})\s*年度?")
_TO_SHORT_YEAR = Expression(rf"({_ARABIC_YEAR})年?\s*[-~至到]\s*(\d\d)\s*年")
_TO_SAME_YEAR = Expression(rf"({_YEAR}\s*年)(\s*{_MONTH}\s*月\s*{_DAY}\s*日?){_TO}({_MONTH}\s*月\s*{_DAY}\s*日?)")
_TO_SAME_MONTH = Expression(rf"({_YEAR}\s*年\s*{_MONTH}\s*月\s*)({_DAY})\s*日?{_TO}({_DAY}\s*日)")


def parse_date(text: str) -> DateRead | None:
    """The date that ``text`` as a whole is (a time of day may follow), or None: also for an impossible one."""
    plain = _plain(text).strip()
    for found in _find(plain):
        if found.start == 0 and _TIME.fullmatch(plain, found.end):
            return msgspec.structs.replace(found, raw=text.strip())
    if m := _MONTH_ONLY.fullmatch(plain):
        return _read(m, text.strip(), m[1], m[2], None)
    return None


def parse_day(text: str) -> date | None:
    """The day that ``text`` as a whole names, or None: also for a month."""
    read = parse_date(text)
    return read.day if read is not None else None


def not_a_day(text: str) -> tuple[str, str, str] | None:
    """Of text that ends in what is written as a date and is no whole one: what stands before it, the date as written, and in
    Chinese why it is none.

    >>> not_a_day("包头市公安局 二〇二六年二月三十日")
    ('包头市公安局', '二〇二六年二月三十日', '没有这一天')
    """
    plain = _plain(text).rstrip()
    m = next((m for m in _WRITTEN.finditer(plain) if m.end() == len(plain)), None)
    if m is None or ((read := parse_date(m[0])) is not None and read.precision == "day"):
        return None
    if not m["y2"] and not m["m"]:
        why = "没有写月和日"
    elif not _is_month(m["m"] or m["m2"]):
        why = "没有这个月份"
    elif read is not None or not (m["d"] or m["d2"]):
        why = "没有写日"
    else:
        why = "没有这一天"
    return text[: m.start()].strip(), text[m.start() : m.end()].strip(), why


def _is_month(text: str) -> bool:
    """Is there a month of that number, though not written as one is (``一〇``)?"""
    if "十" not in text:
        text = "".join(str(_ZH.get(c, c)) for c in text)
    try:
        return 1 <= _number(text) <= 12
    except (KeyError, ValueError):
        return False


def find_dates(text: str) -> list[DateRead]:
    """Every possible date within ``text``, in order, none overlapping."""
    plain = _plain(text)
    return [msgspec.structs.replace(d, raw=text[d.start : d.end]) for d in _find(plain)]


def parse_period(text: str) -> Window | None:
    """First to last day that ``text`` names, or None when it names none (or a day that does not exist).

    >>> str(parse_period("2016—2017年度"))
    '2016-01-01 至 2017-12-31'
    """
    t = fold(text)
    t = _TO_SHORT_YEAR.sub(lambda m: f"{m[1]}年至{m[1][:2]}{m[2]}年", t)
    t = _TO_SAME_YEAR.sub(r"\1\2至\1\3", t)
    t = _TO_SAME_MONTH.sub(r"\1\2日至\1\3", t)
    found: list[Window] = []
    for pattern in (_MONTHS, *_PATTERNS[:3], _QUARTERS, _PATTERNS[3], _LOOSE_MONTH, _NO_MONTH, _WHOLE_YEAR):
        if pattern is not _NO_MONTH:
            found += [span for m in pattern.finditer(t) if (span := _span(m.groupdict())) is not None]
        t = pattern.sub(" ", t)  # what a finer pattern took is not read again by a coarser one, even if no such day exists
    if not found:
        return None
    return Window(min(w.start for w in found), max(w.end for w in found))


def parse_moment(text: str) -> Window | None:
    """The first day, else the first month, that running text names; a bare year ("2008年建成") says nothing of the moment."""
    t = fold(text)
    for pattern in (*_PATTERNS, _LOOSE_MONTH):
        for m in pattern.finditer(t):
            span = _span(m.groupdict())
            if span is not None:
                return span
    return None


def _find(plain: str) -> list[DateRead]:
    found: list[DateRead] = []
    taken = bytearray(len(plain) + 1)
    for pattern in _PATTERNS:
        for m in pattern.finditer(plain):
            if any(taken[m.start() : m.end()]):
                continue
            read = _read(m, m[0], m["y"], m["m"], m.groupdict().get("d"))
            if read is not None:
                found.append(read)
                taken[read.start : read.end] = b"\1" * (read.end - read.start)
    return sorted(found, key=lambda f: f.start)


def _read(m: re.Match[str], raw: str, year: str, month: str, day: str | None) -> DateRead | None:
    try:
        value = date(_year(year), _number(month), 1 if day is None else _number(day))
    except ValueError:
        return None
    if not 1900 <= value.year <= 2099:
        return None
    if day is None:
        return DateRead(f"{value:%Y-%m}", "month", raw, m.start(), m.end())
    return DateRead(value.isoformat(), "day", raw, m.start(), m.end())


def _span(g: dict[str, str | None]) -> Window | None:
    year = _year(g.get("y") or g.get("zh") or "0")
    if not 1900 <= year <= 2099:
        return None
    part = {k: _number(v) for k in ("m", "m2", "d", "q", "q2", "first") if (v := g.get(k))}
    try:
        if "d" in part:
            day = date(year, part["m"], part["d"])
            return Window(day, day)
        if "first" in part:
            return _months(year, 1, 3 * part["first"])
        if "q" in part:
            return _months(year, 3 * part["q"] - 2, 3 * part.get("q2", part["q"]))
        if g.get("h"):
            return _months(year, 1, 6) if g["h"] == "上" else _months(year, 7, 12)
        if "m" in part:
            return _months(year, part["m"], part.get("m2", part["m"]))
        return _months(year, 1, 12)
    except ValueError:
        return None


def _months(year: int, first: int, last: int) -> Window | None:
    if not 1 <= first <= last <= 12:
        return None
    return Window(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _year(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else int("".join(str(_ZH[c]) for c in text))


def _number(text: str) -> int:
    """``24``, ``十``, ``二十四``, ``廿四``, ``三十一``."""
    if text.isascii() and text.isdigit():
        return int(text)
    text = text.replace("廿", "二十")
    if "十" in text:
        tens, ones = text.split("十")
        return 10 * (_ZH[tens] if tens else 1) + (_ZH[ones] if ones else 0)
    return _ZH[text]


def _plain(text: str) -> str:
    """Full width and radical forms to their plain characters, one for one, so that positions stay."""
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return text
    return "".join(n if c > "\x7f" and len(n := unicodedata.normalize("NFKC", c)) == 1 else c for c in text)
