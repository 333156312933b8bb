"""Sentences set as Chinese is: full-width signs beside Chinese characters. For our own words and a city's notes, never for file names."""

from __future__ import annotations

import re

from archive_schema.text import Expression

_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_HAN = r"\u3400-\u9fff《》“”、。（）"
#: beside a Chinese character on either side; what stands between digits or letters is left (``1,234``, ``12:30``, ``a;b``)
_SIGN = Expression(rf"(?<=[{_HAN}])([,;:?!]) ?|([,;:?!]) ?(?=[{_HAN}])")
_QUOTED = re.compile("(“[^”]*”)")
_PAIR = Expression(rf"\(([^()]*[{_HAN}][^()]*)\)")


def chinese(text: str) -> str:
    """The same sentence with full-width signs; what stands in “ ” is somebody's word and stays as it is.

    >>> chinese("没有登记(未登记不等于没有发生);见 a.pdf, 12:30")
    '没有登记（未登记不等于没有发生）；见 a.pdf, 12:30'
    """
    parts = _QUOTED.split(text)
    return "".join(p if p.startswith("“") else _SIGN.sub(_wide, _PAIR.sub(r"（\1）", p)) for p in parts)


def _wide(sign: re.Match[str]) -> str:
    return _WIDE[sign[1] or sign[2]]
