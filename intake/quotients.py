"""What the figures of a table say of each other: ratios and the columns they come of, ratios out of range, years, totals by name.

Which two columns a ratio comes of is not told by its name but by the rows themselves: a pair of columns whose quotient most
rows show. Rows that show another value are then named. Without such a pair nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations

import msgspec

from archive_schema.evidence import Fact, Facts
from intake.figures import Figure, read_figure
from intake.tabular import Column, Description, Row, column_letters

_RATE = re.compile("率|比例|比重|占比|百分比")
_NO_SHARE = re.compile("增|减|降|同比|环比|变化|幅|毛|超额|完成|达成|负债|指数|杠杆|比值|满足|上座|利用|周转|回报|性别")
_LABEL = re.compile(r"[(（].*?[)）]|[,，、](?:%|‰).*$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年?(?!\d)")
#: of the rows with all three figures, this share must show the quotient, and at least so many (ours)
_SHARE, _LEAST = 0.7, 3
_COLUMNS, _ROWS, _LISTED = 24, 2_000, 20


def facts(d: Description, *, method: str) -> Facts:
    """``ratios_differ``, ``ratios_odd``, ``table_years``, ``figures`` as far as the table has ratios, years, totals."""
    d = msgspec.structs.replace(d, data=d.data[:_ROWS])
    out: Facts = {}

    def put(key: str, value: list[str]) -> None:
        out[key] = Fact(value=value[:_LISTED], raw=f"{len(value)}" if value else None, method=f"{method}/quotients")

    rates = [n for n, c in enumerate(d.columns) if c.numeric and _RATE.search(c.name)]
    if rates:
        put("ratios_odd", [o for n in rates for o in _odd(d, n)])
        compared = {n: pair for n in rates if (pair := _pair(d, n)) is not None}
        if compared:
            put("ratios_differ", [o for n, pair in compared.items() for o in _differ(d, n, pair)])
    years = sorted({m[1] for c in d.columns for m in _YEAR.finditer(c.name)})
    if years:
        put("table_years", years)
    if totals := _named_totals(d):
        put("figures", totals)
    return out


def _figure(row: Row, n: int) -> Figure | None:
    return read_figure(row[1][n]) if n < len(row[1]) and row[1][n] else None


def _percent(d: Description, n: int, row: Row) -> tuple[float, float] | None:
    """(value in per cent, half of the last digit written) of a ratio; None when it is in no unit of shares."""
    figure = _figure(row, n)
    unit = (figure.unit or d.columns[n].unit) if figure else ""
    if figure is None or unit not in ("%", ""):
        return None
    scale = 1.0 if unit == "%" or _written_in_percent(d.columns[n]) else 100.0 if abs(figure.value) <= 1 else 1.0
    return figure.value * scale, max(figure.step, 1e-9) * scale / 2


def _written_in_percent(column: Column) -> bool:
    return column.unit == "%" or "%" in column.name


def _odd(d: Description, n: int) -> list[str]:
    name = d.columns[n].name
    if _NO_SHARE.search(name):
        return []
    return [
        f"{column_letters(n)}{row[0]} {name} {value[0]:g}%"
        for row in d.data
        if (value := _percent(d, n, row)) is not None and not -1e-9 <= value[0] <= 100 + 1e-9
    ]


def _pair(d: Description, n: int) -> tuple[int, int] | None:
    """(part, whole): the columns whose quotient most rows of ratio ``n`` show."""
    plain = [c for c, column in enumerate(d.columns[:_COLUMNS]) if column.numeric and not _RATE.search(column.name)]
    best: Counter[tuple[int, int]] = Counter()
    for part, whole in permutations(plain, 2):
        fits = [f for row in d.data if (f := _fits(d, n, (part, whole), row)) is not None]
        if len(fits) >= _LEAST and sum(fits) >= _SHARE * len(fits):
            best[part, whole] = sum(fits)
    return best.most_common(1)[0][0] if best else None


def _fits(d: Description, n: int, pair: tuple[int, int], row: Row) -> bool | None:
    quotient = _quotient(d, pair, row)
    stated = _percent(d, n, row)
    if quotient is None or stated is None:
        return None
    return abs(quotient - stated[0]) <= max(1.02 * stated[1], 1e-6)


def _quotient(d: Description, pair: tuple[int, int], row: Row) -> float | None:
    part, whole = _figure(row, pair[0]), _figure(row, pair[1])
    return 100 * part.value / whole.value if part is not None and whole is not None and whole.value else None


def _differ(d: Description, n: int, pair: tuple[int, int]) -> list[str]:
    """Rows that show another value than the quotient: by more than twice the last digit, as cut-off digits differ by one."""
    names = [re.sub(r"\s", "", d.columns[c].name) for c in pair]
    out = []
    for row in d.data:
        quotient, stated = _quotient(d, pair, row), _percent(d, n, row)
        if quotient is not None and stated is not None and abs(quotient - stated[0]) > 4 * stated[1] + 1e-6:
            out.append(
                f"{column_letters(n)}{row[0]} {d.columns[n].name} 写 {stated[0]:g},{names[0]}÷{names[1]} 为 {quotient:.2f}"
            )
    return out


def _named_totals(d: Description) -> list[str]:
    """``完成率=95.2%`` for every figure in the row of totals."""
    if d.totals is None:
        return []
    row = (d.totals.row, d.totals.cells)
    out = []
    for n, column in enumerate(d.columns):
        figure = _figure(row, n)
        label = _LABEL.sub("", column.name.split("/")[-1])
        if figure is not None and column.numeric and len(label) >= 2 and "序" not in label:
            out.append(f"{label}={figure.value:.12g}{figure.unit or column.unit}")
    return out
