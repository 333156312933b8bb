"""What the figures of a table say of each other: ratios and the columns they come of, ratios out of range.

Which two columns a ratio comes of is not told by its name but by the rows themselves: a pair of columns whose quotient most
rows show. Rows that show another value are then named. Without such a pair nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations

import msgspec

from archive_schema.evidence import Fact, Facts
from archive_schema.grid import SHARE, GridRatio, cell_name
from intake.figures import figure_in
from intake.tabular import Column, Description, Row

_NO_SHARE = re.compile("增|减|降|同比|环比|变化|幅|毛|超额|完成|达成|负债|指数|杠杆|比值|满足|上座|利用|周转|回报|性别")
#: of the rows with all three figures, this share must show the quotient, and at least so many (ours)
_SHARE, _LEAST = 0.7, 3
_COLUMNS, _ROWS, _LISTED = 24, 2_000, 20


class Ratios(msgspec.Struct, frozen=True):
    """``pairs``: column of a ratio → the columns (part, whole) whose quotient most rows of it show."""

    found: tuple[GridRatio, ...]
    pairs: dict[int, tuple[int, int]]


def facts(d: Description, *, method: str, known: Ratios | None = None) -> Facts:
    """``ratios_differ`` and ``ratios_odd`` as far as the table has ratios.

    :param known: what ``ratios`` says of the same table, where it was asked before.
    """
    d = msgspec.structs.replace(d, data=d.data[:_ROWS])
    out: Facts = {}

    def put(key: str, value: list[str]) -> None:
        out[key] = Fact(value=value[:_LISTED], raw=f"{len(value)}" if value else None, method=f"{method}/quotients")

    known = known or ratios(d)
    if any(c.numeric and SHARE.search(c.name) for c in d.columns):
        put("ratios_odd", [_said_odd(d, r) for r in known.found if is_odd(r)])
        if known.pairs:
            put("ratios_differ", [_said_differs(d, r, known.pairs[r.column]) for r in known.found if differs(r)])
    return out


def _percent(d: Description, n: int, row: Row) -> tuple[float, float] | None:
    """(value in per cent, half of the last digit written) of a ratio; None when it is in no unit of shares."""
    figure = figure_in(row[1], n)
    unit = (figure.unit or d.columns[n].unit) if figure else ""
    if figure is None or unit not in ("%", ""):
        return None
    scale = 1.0 if unit == "%" or _written_in_percent(d.columns[n]) else 100.0 if abs(figure.value) <= 1 else 1.0
    return figure.value * scale, max(figure.step, 1e-9) * scale / 2


def _written_in_percent(column: Column) -> bool:
    return column.unit == "%" or "%" in column.name


def ratios(d: Description) -> Ratios:
    """Every ratio that is a share in per cent, row by row, with the quotient of its columns where the rows tell which they are."""
    d = msgspec.structs.replace(d, data=d.data[:_ROWS])
    rates = [n for n, c in enumerate(d.columns) if c.numeric and SHARE.search(c.name)]
    pairs = {n: pair for n in rates if (pair := _pair(d, n)) is not None}
    out = []
    for n in rates:
        bounded = not _NO_SHARE.search(d.columns[n].name)
        for row in d.data:
            if (value := _percent(d, n, row)) is not None:
                quotient = _quotient(pairs[n], row) if n in pairs else None
                # twice the last digit: cut-off digits differ by one
                out.append(GridRatio(row[0], n, value[0], bounded, quotient, 4 * value[1] + 1e-6))
    return Ratios(tuple(out), pairs)


def is_odd(r: GridRatio) -> bool:
    return r.bounded and not -1e-9 <= r.percent <= 100 + 1e-9


def differs(r: GridRatio) -> bool:
    return r.quotient is not None and abs(r.quotient - r.percent) > r.slack


def _said_odd(d: Description, r: GridRatio) -> str:
    return f"{cell_name(r.column, r.row)} {d.columns[r.column].name} {r.percent:g}%"


def _said_differs(d: Description, r: GridRatio, pair: tuple[int, int]) -> str:
    part, whole = (re.sub(r"\s", "", d.columns[c].name) for c in pair)
    return f"{cell_name(r.column, r.row)} {d.columns[r.column].name} 写 {r.percent:g},{part}÷{whole} 为 {r.quotient:.2f}"


def _pair(d: Description, n: int) -> tuple[int, int] | None:
    """(part, whole): the columns whose quotient most rows of ratio ``n`` show."""
    plain = [c for c, column in enumerate(d.columns[:_COLUMNS]) if column.numeric and not SHARE.search(column.name)]
    best: Counter[tuple[int, int]] = Counter()
    for part, whole in permutations(plain, 2):
        fits = [f for row in d.data if (f := _fits(d, n, (part, whole), row)) is not None]
        if len(fits) >= _LEAST and sum(fits) >= _SHARE * len(fits):
            best[part, whole] = sum(fits)
    return best.most_common(1)[0][0] if best else None


def _fits(d: Description, n: int, pair: tuple[int, int], row: Row) -> bool | None:
    quotient = _quotient(pair, row)
    stated = _percent(d, n, row)
    if quotient is None or stated is None:
        return None
    return abs(quotient - stated[0]) <= max(1.02 * stated[1], 1e-6)


def _quotient(pair: tuple[int, int], row: Row) -> float | None:
    part, whole = figure_in(row[1], pair[0]), figure_in(row[1], pair[1])
    return 100 * part.value / whole.value if part is not None and whole is not None and whole.value else None
