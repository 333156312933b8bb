"""Dates as documents, forms and file names write them.

Arabic and Chinese numerals, full width, spaces between the parts, ``2017.08.01``, ``20170801``. A month without a day is
returned as what it is, never filled up. Years 1900…2099.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import msgspec


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


_ZH = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "◯": 0, "Ο": 0, "О": 0, "O": 0, "元": 1}
_ZHD = "〇零○◯ΟОO一二三四五六七八九"
_YEAR = rf"(?:(?<!\d)(?:19|20)\d\d|(?<![{_ZHD}十])[一二][{_ZHD}]{{3}})"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|[二廿]?十?[一二三四五六七八九]|二十|十|廿)"
_PATTERNS = (
    re.compile(rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_MONTH})\s*月\s*(?P<d>{_DAY})\s*[日号]"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?(?P<sep>[-./])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<d>\d{1,2})(?!\d|\.\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?=(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?!\d)|(?!\d))"),
    re.compile(rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_MONTH})\s*月(?:份)?(?!\s*{_DAY}\s*[日号])"),
)
_MONTH_ONLY = re.compile(r"((?:19|20)\d\d)\s?[-./]\s?(\d{1,2})")
_TIME = re.compile(r"[\sT]*(?:\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}秒?)?(?:\.\d+)?分?)?(?:[+Z][\d:]*)?")


def parse_date(text: str) -> DateRead | None:
    """The date that ``text`` as a whole is (a time of day may follow), or None: also for an impossible one."""
    plain = _plain(text).strip()
    for found in _find(plain):
        if found.start == 0 and _TIME.fullmatch(plain, found.end):
            return msgspec.structs.replace(found, raw=text.strip())
    if m := _MONTH_ONLY.fullmatch(plain):
        return _read(m, text.strip(), m[1], m[2], None)
    return None


def find_dates(text: str) -> list[DateRead]:
    """Every possible date within ``text``, in order, none overlapping."""
    plain = _plain(text)
    return [msgspec.structs.replace(d, raw=text[d.start : d.end]) for d in _find(plain)]


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
    return "".join(n if c > "\x7f" and len(n := unicodedata.normalize("NFKC", c)) == 1 else c for c in text)
