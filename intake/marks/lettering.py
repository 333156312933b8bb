"""What the lettering in a picture says, as OCR read it: a watermark, a date that was printed on. Words as data in ``lettering.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.dates import parse_date
from archive_schema.text import display, fold

#: least score of a line that is believed (ours: digits of stamps that were read right scored 0.9 and more)
SURE = 0.85
#: shares of the picture's height in which printed-on lines stand, from the top and from the bottom; their height at most
_TOP, _BOTTOM, _HIGH = 0.16, 0.78, 0.09
#: rise of a line over its length: what hangs in the scene is seldom so level
_LEVEL = 0.03
#: lines of labels: they begin below each other, within this share of the width
_FLUSH = 0.02
_LABELS_WANTED = 2
_SEPARATED = r"[\s./,:年月\-]+"
_YEAR_FIRST = re.compile(rf"((?:19|20)\d\d){_SEPARATED}(\d{{1,2}}){_SEPARATED}(\d{{1,2}})日?")
_SHORT_YEAR = re.compile(rf"['’‘`′](\d\d){_SEPARATED}(\d{{1,2}}){_SEPARATED}(\d{{1,2}})")
_YEAR_LAST = re.compile(rf"(\d{{1,2}}){_SEPARATED}(\d{{1,2}}){_SEPARATED}((?:19|20)\d\d)")
_SEVEN = re.compile(r"((?:19|20)\d\d)([1-9]\d[1-9]|[1-9][1-9]\d)")
_TIME = re.compile(r"(?:(?:星期|周)[一二三四五六日天]|[ap]m|\d{1,2}[:：时]\d{2}(?:[:：分]\d{2}秒?)?分?)", re.IGNORECASE)


class Line(msgspec.Struct, frozen=True):
    """A line of lettering. Places as shares of the upright picture's width and height; ``rise``: of its length."""

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float
    rise: float = 0.0

    @property
    def printed_on(self) -> bool:
        """Where and as lettering is that was put on: small, level, at the upper or the lower edge."""
        inside = self.bottom <= _TOP or self.top >= _BOTTOM
        return inside and self.bottom - self.top <= _HIGH and abs(self.rise) <= _LEVEL


class Words(msgspec.Struct, frozen=True):
    anywhere: re.Pattern[str]
    edge: re.Pattern[str]
    label: re.Pattern[str]


@cache
def words() -> Words:
    data = tomllib.loads((Path(__file__).parent / "lettering.toml").read_text("utf-8"))
    anywhere, edge = "|".join(data["anywhere"]), "|".join(data["edge"])
    labels = "|".join(sorted(map(re.escape, data["labels"]), key=len, reverse=True))
    return Words(re.compile(anywhere), re.compile(f"^(?:{edge})"), re.compile(f"^(?:{labels})\\s*[::]"))


def watermarks(lines: Sequence[Line]) -> list[Line]:
    """The lines that are watermarks, in reading order; what an application labelled gives its first line."""
    w = words()
    found, labelled = [], []
    for line in _in_order(lines):
        text = re.sub(r"\s", "", fold(line.text)).lower()
        if line.score < SURE or len(text) < 2:
            continue
        if w.anywhere.search(text) or (line.printed_on and w.edge.search(text)):
            found.append(line)
        elif line.top >= 0.5 and abs(line.rise) <= _LEVEL and w.label.search(text):
            labelled.append(line)
    for first in labelled:
        below = [o for o in labelled if abs(o.left - first.left) <= _FLUSH]
        if len(below) >= _LABELS_WANTED:
            found.append(first)
            break
    return found


def stamp(lines: Sequence[Line]) -> tuple[date, Line] | None:
    """The date that was printed on, and the line it stands in; None also when two lines say two dates."""
    found: dict[date, Line] = {}
    for line in _in_order(lines):
        level = abs(line.rise) <= _LEVEL and line.bottom - line.top <= _HIGH
        labelled = words().label.search(re.sub(r"\s", "", fold(line.text)))
        if line.score >= SURE and level and (line.printed_on or labelled) and (day := stamped_day(line.text)) is not None:
            found.setdefault(day, line)
    return next(iter(found.items())) if len(found) == 1 else None


def stamped_day(text: str) -> date | None:
    """The day that a line consists of, a label before it and a time after it left out; None for other text and for what may be two days.

    >>> stamped_day("'17  6 12")
    datetime.date(2017, 6, 12)
    >>> stamped_day("06/12/2017") is None
    True
    """
    plain = fold(text).strip()
    plain = words().label.sub("", plain).strip()
    plain = _TIME.sub(" ", plain).strip(" ,.;-|")
    if m := _YEAR_FIRST.fullmatch(plain):
        return _day(int(m[1]), int(m[2]), int(m[3]))
    if m := _SHORT_YEAR.fullmatch(plain):
        year = int(m[1])
        return _day(1900 + year if year >= 70 else 2000 + year, int(m[2]), int(m[3]))
    if m := _YEAR_LAST.fullmatch(plain):
        first, second, year = int(m[1]), int(m[2]), int(m[3])
        if first == second or second > 12:
            return _day(year, first, second)
        return _day(year, second, first) if first > 12 else None
    digits = re.sub(r"(?<=\d)\s+(?=\d)", "", plain)  # blanks between digits are often lost, and all of them then
    if m := _SEVEN.fullmatch(digits):
        days = [_day(int(m[1]), int(m[2][:n]), int(m[2][n:])) for n in (1, 2)]
        return None if all(days) else days[0] or days[1]
    read = parse_date(digits)
    return read.day if read is not None else None


def shown(line: Line) -> str:
    return display(line.text, 40)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_order(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda o: (o.top, o.left))
