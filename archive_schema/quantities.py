"""计量单位: which figures can be compared, and by how much one unit is another. The units are data (``data/quantities.toml``)."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.text import Expression, squeeze

DATA = Path(__file__).parent / "data" / "quantities.toml"

_SCALES = {
    "十": 10,
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
    "十亿": 1_000_000_000,
    "百亿": 10_000_000_000,
    "千亿": 100_000_000_000,
    "万亿": 1_000_000_000_000,
}
_SCALED = Expression(rf"({'|'.join(sorted(_SCALES, key=len, reverse=True))})(.+)")
_HAN = Expression(r"[\u3400-\u9fff]+(?:/[\u3400-\u9fff]+)*")


class Measure(msgspec.Struct, frozen=True):
    """``of``: what is measured, the same for all units that compare; ``factor``: how many of its first unit this one is."""

    of: str
    factor: Fraction


@cache
def _units() -> dict[str, Measure]:
    tables = tomllib.loads(DATA.read_text("utf-8"))["quantity"]
    return {squeeze(unit): Measure(of, Fraction(str(factor))) for of, units in tables.items() for unit, factor in units.items()}


def measure(unit: str) -> Measure:
    """What a unit measures. A unit that is not in the data measures something of its own; "" is a number without unit.

    >>> measure("万元").factor
    Fraction(10000, 1)
    """
    folded = squeeze(unit).replace("每", "/").replace("·", "")
    if folded in _units():
        return _units()[folded]
    if m := _SCALED.fullmatch(folded):
        base = _units().get(m[2]) or Measure(f"={m[2]}", Fraction(1))
        return Measure(base.of, base.factor * _SCALES[m[1]])
    return Measure(f"={folded}", Fraction(1))


def known(unit: str) -> bool:
    """Whether a unit is in the data, none at all, or a Chinese word such as a counter has; anything else is a slip of the pen."""
    return not squeeze(unit) or not measure(unit).of.startswith("=") or _HAN.fullmatch(squeeze(unit)) is not None


def convert(value: Fraction, unit: str, to: str) -> Fraction | None:
    """``value`` in ``unit`` as a number of ``to``, exactly; None when the two do not compare.

    >>> convert(Fraction(1, 25), "万元", "元")
    Fraction(400, 1)
    """
    here, there = measure(unit), measure(to)
    return value * here.factor / there.factor if here.of == there.of else None
