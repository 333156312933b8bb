"""数: one figure of a table with what stands around it, as the fact ``table_figures`` lists it.

``C5 社会事业/人均教育经费 | 2016年/完成数 = 412 元``: the cell (``表2!C5`` on another sheet), the words of its row, the path of its column, value and unit. 万 and
亿 written in the cell are worked in; the unit is that of the cell, of the row, of the column, or of the table, "" = none said.
"""

from __future__ import annotations

import re
from fractions import Fraction

import msgspec

_SAID = re.compile(
    r"(?:(?P<cell>(?:\S+!)?[A-Z]{1,3}\d{1,7}) )?(?P<row>.*?) ?\| ?(?P<column>.*?) = (?P<value>[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?) ?(?P<unit>.*)"
)
#: as a person types it: ``人均教育经费 2016年 = 412 元``
_TYPED = re.compile(r"(?P<row>.+?)\s*[=＝]\s*(?P<value>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>.*)")


class Figure(msgspec.Struct, frozen=True):
    """``row`` and ``column``: words between ``/``. ``cell`` "" = attested by a person, not read."""

    cell: str
    row: str
    column: str
    value: Fraction
    unit: str = ""


def write(cell: str, row: str, column: str, value: float, unit: str) -> str:
    """What ``read`` reads."""
    return f"{cell} {_plain(row)} | {_plain(column)} = {value:.12g} {unit}".rstrip()


def read(said: str) -> Figure | None:
    """None for what is no figure."""
    if m := _SAID.fullmatch(said):
        return Figure(m["cell"] or "", m["row"], m["column"], Fraction(m["value"]), m["unit"])
    if m := _TYPED.fullmatch(said.strip()):
        return Figure("", m["row"].replace(" ", "/"), "", Fraction(m["value"]), m["unit"].strip())
    return None


def _plain(words: str) -> str:
    """Without the signs that part the words from each other."""
    return words.replace("|", "｜").replace(" = ", " ＝ ")
