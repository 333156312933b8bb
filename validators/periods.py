"""Dates and periods as people write them: ``2017-05-12``, ``2017年5月12日``, ``2017.5``, ``2016—2017年``, ``二〇一七年上半年``.

A period is a first and a last day. What is written to the month or the year is the whole of it, and two periods agree
with each other, or a period with a window, when they share a day: a precision the writer did not give is never held
against the material.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from archive_schema.cycle import Window
from archive_schema.text import fold, zeros

_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_HAN = re.compile(r"[〇一二三四五六七八九]{4}(?=年)")
_HAN_SMALL = re.compile(r"(?<=[年月])[一二三四五六七八九十]{1,3}(?=[月日])")
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_DAY = re.compile(rf"(?<!\d){_YEAR}\s*(?:年|[-./])\s*(?P<m>\d{{1,2}})\s*(?:月|[-./])\s*(?P<d>\d{{1,2}})(?!\d)\s*日?")
_COMPACT = re.compile(rf"(?<!\d){_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?!\d)")
_MONTH = re.compile(rf"(?<!\d){_YEAR}\s*(?:年|[-./])\s*(?P<m>\d{{1,2}})(?!\d)\s*月?(?:份)?")
_PART = re.compile(rf"(?<!\d){_YEAR}\s*年?(?:度)?\s*(?:第?\s*(?P<q>[1-4一二三四])\s*季度|(?P<h>[上下])半年)")
_YEAR_ONLY = re.compile(rf"(?<!\d){_YEAR}(?!\d)\s*(?:年度?)?")
_TO_SHORT = re.compile(r"((?:19|20)\d\d)年?\s*[-~至到]\s*(\d\d)\s*年")
_TO_DAY = re.compile(r"((?:19|20)\d\d年)(\d{1,2}月\d{1,2}日?)\s*[-~至到]\s*(\d{1,2}月\d{1,2}日?)")
_TO_MONTH = re.compile(rf"(?<!\d){_YEAR}\s*年\s*(?P<m>\d{{1,2}})\s*月?\s*[-~至到]\s*(?P<m2>\d{{1,2}})\s*月")


def parse(text: str) -> Window | None:
    """First to last day that ``text`` names, or None when it names none (or a day that does not exist).

    >>> str(parse("2016—2017年度"))
    '2016-01-01 至 2017-12-31'
    """
    t = _plain(text)
    t = _TO_SHORT.sub(lambda m: f"{m[1]}年至{m[1][:2]}{m[2]}年", t)
    t = _TO_DAY.sub(r"\1\2至\1\3", t)
    found: list[Window] = []
    for pattern in (_TO_MONTH, _DAY, _COMPACT, _PART, _MONTH, _YEAR_ONLY):
        found += [span for m in pattern.finditer(t) if (span := _span(m.groupdict())) is not None]
        t = pattern.sub(" ", t)  # what a finer pattern took is not read again by a coarser one, even if no such day exists
    if not found:
        return None
    return Window(min(w.start for w in found), max(w.end for w in found))


def parse_moment(text: str) -> Window | None:
    """The first day, else the first month, that running text names; a bare year ("2008年建成") says nothing of the moment."""
    t = _plain(text)
    for pattern in (_DAY, _COMPACT, _MONTH):
        for m in pattern.finditer(t):
            span = _span(m.groupdict())
            if span is not None:
                return span
    return None


def _plain(text: str) -> str:
    """Half width, Arabic numerals."""
    t = _HAN.sub(lambda m: m[0].translate(_DIGITS), zeros(fold(text)))
    return _HAN_SMALL.sub(lambda m: str(_small(m[0])), t)


def _small(han: str) -> int:
    tens, ten, ones = han.rpartition("十")
    if not ten:
        return int(han.translate(_DIGITS))
    return (int(tens.translate(_DIGITS)) if tens else 1) * 10 + (int(ones.translate(_DIGITS)) if ones else 0)


def _span(g: dict[str, str | None]) -> Window | None:
    year = int(g["y"] or 0)
    try:
        if g.get("d"):
            day = date(year, int(g["m"] or 0), int(g["d"] or 0))
            return Window(day, day)
        if g.get("q"):
            last = 3 * int((g["q"] or "").translate(_DIGITS))
            return _months(year, last - 2, last)
        if g.get("h"):
            return _months(year, 1, 6) if g["h"] == "上" else _months(year, 7, 12)
        if g.get("m"):
            return _months(year, int(g["m"] or 0), int(g.get("m2") or g["m"] or 0))
        return _months(year, 1, 12)
    except ValueError:
        return None


def _months(year: int, first: int, last: int) -> Window | None:
    if not 1 <= first <= last <= 12:
        return None
    return Window(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def overlap(a: Window, b: Window) -> bool:
    """Do they share a day."""
    return a.start <= b.end and b.start <= a.end


def show(period: Window) -> str:
    """As shown in a finding: one day, or first 至 last."""
    return period.start.isoformat() if period.start == period.end else str(period)
