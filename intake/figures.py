"""Numbers as tables write them, to a value with its unit.

Full width, thousands separated by commas or spaces, 万 and 亿 (also ``1亿2000万``), %, ‰, a sign before, brackets for a negative,
a unit behind (``3.5万人``) or a currency sign before. What is no single number, a range, a fraction, a date, a word, is None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from archive_schema.text import Expression

_SCALES = {
    "": 1.0,
    "十": 1e1,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "十亿": 1e9,
    "百亿": 1e10,
    "千亿": 1e11,
    "万亿": 1e12,
}
_SCALE = "|".join(sorted(filter(None, _SCALES), key=len, reverse=True))
_DIGITS = r"(?:\d{1,3}(?:[,，' ]\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_WHOLE = Expression(
    rf"(?P<open>\()?(?P<sign>[-+])?(?P<money>[¥￥$])?(?P<sign2>[-+])?(?P<n>{_DIGITS})(?P<e>[eE][-+]?\d{{1,3}})?"
    rf"\s*(?P<scale>{_SCALE})?(?:(?P<n2>{_DIGITS})(?P<scale2>{_SCALE}))?\s*(?P<unit>[%‰°℃]|[A-Za-z]{{1,5}}[23]?|[\u3400-\u9fff][\u3400-\u9fff/·]{{0,7}})?(?(open)\))"
)
_NOT_UNITS = re.compile("^(?:年|月|日|号|时|分$|点|至|到|或|多|余|左右|以上|以下|第|和|比)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－─﹣", "-"))
#: what stands in a cell that holds no figure on purpose
NOTHING = frozenset({"", "-", "--", "/", "\\", "无", "—", "——", "…", "...", "n/a", "不适用", "空", "*", "×"})


class Figure(msgspec.Struct, frozen=True):
    """``value`` in ``unit``: 万 and 亿 are worked in (``3.5万人`` is 35000 人), % and ‰ are units (``45.6%`` is 45.6 %).

    ``step``: the least change that the way of writing could show, in the same unit.
    """

    value: float
    unit: str = ""
    step: float = 1.0


def read_figure(text: str) -> Figure | None:
    """The one number that ``text`` as a whole is."""
    if len(text) > 40:
        return None
    if text.isascii() and text.isdigit():  # nine of ten
        return Figure(float(text))
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().lstrip("≈约")
    m = _WHOLE.fullmatch(plain)
    if m is None or (m["unit"] and _NOT_UNITS.match(m["unit"])):
        return None
    digits = re.sub("[,，' ]", "", m["n"])
    scale = _SCALES[m["scale"] or ""]
    step = scale * 10.0 ** -len(digits.partition(".")[2])
    value = float(digits + (m["e"] or "")) * scale
    if m["e"]:
        step = 0.0
    if m["n2"]:
        if not m["scale"]:
            return None
        value += float(re.sub("[,，' ]", "", m["n2"])) * _SCALES[m["scale2"]]
        step = _SCALES[m["scale2"]]
    if m["open"] or "-" in (m["sign"], m["sign2"]):
        value = -value
    unit = m["unit"] or ("元" if m["money"] in ("¥", "￥") else m["money"] or "")
    return Figure(value, unit, step)


def figure_in(cells: Sequence[str], n: int) -> Figure | None:
    """Of one cell of a row; None also where the row ends before it."""
    return read_figure(cells[n]) if n < len(cells) and cells[n] else None


def is_nothing(text: str) -> bool:
    """True for a cell that is empty or says that there is no figure."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip().lower() in NOTHING
