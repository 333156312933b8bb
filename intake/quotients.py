"""What the figures of a table say of each other: ratios and the columns they come of, ratios out of range, years, totals by name.

Which two columns a ratio comes of is not told by its name but by the rows themselves: a pair of columns whose quotient most
rows show. Rows that show another value are then named. Without such a pair nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import msgspec

from archive_schema.evidence import Fact, Facts
from archive_schema.grid import GridRatio, cell_name
from intake.figures import Figure, is_nothing, read_figure
from intake.tabular import Column, Description, Row

_RATE = re.compile("率|比例|比重|占比|百分比")
_NO_SHARE = re.compile("增|减|降|同比|环比|变化|幅|毛|超额|完成|达成|负债|指数|杠杆|比值|满足|上座|利用|周转|回报|性别")
_LABEL = re.compile(r"[(（].*?[)）]|[,，、](?:%|‰).*$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年?(?!\d)")
#: of the rows with all three figures, this share must show the quotient, and at least so many (ours)
_SHARE, _LEAST = 0.7, 3
_COLUMNS, _ROWS, _LISTED, _PLACED = 24, 2_000, 20, 60


class Ratios(msgspec.Struct, frozen=True):
    """``pairs``: column of a ratio → the columns (part, whole) whose quotient most rows of it show."""

    found: tuple[GridRatio, ...]
    pairs: dict[int, tuple[int, int]]


def facts(d: Description, *, method: str, known: Ratios | None = None) -> Facts:
    """``ratios_differ``, ``ratios_odd``, ``table_years``, ``figures``, ``figures_at`` as far as the table has ratios, years, totals.

    :param known: what ``ratios`` says of the same table, where it was asked before.
    """
    d = msgspec.structs.replace(d, data=d.data[:_ROWS])
    out: Facts = {}

    def put(key: str, value: list[str], most: int = _LISTED) -> None:
        out[key] = Fact(value=value[:most], raw=f"{len(value)}" if value else None, method=f"{method}/quotients")

    known = known or ratios(d)
    if any(c.numeric and _RATE.search(c.name) for c in d.columns):
        put("ratios_odd", [_said_odd(d, r) for r in known.found if is_odd(r)])
        if known.pairs:
            put("ratios_differ", [_said_differs(d, r, known.pairs[r.column]) for r in known.found if differs(r)])
    years = sorted({m[1] for c in d.columns for m in _YEAR.finditer(c.name)})
    if years:
        put("table_years", years)
    if totals := _named_totals(d):
        put("figures", [figure for figure, _ in totals])
    if placed := [f"{figure}||{cell}" for figure, cell in totals] + dated_figures(d):
        put("figures_at", placed, _PLACED)
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


def ratios(d: Description) -> Ratios:
    """Every ratio that is a share in per cent, row by row, with the quotient of its columns where the rows tell which they are."""
    d = msgspec.structs.replace(d, data=d.data[:_ROWS])
    rates = [n for n, c in enumerate(d.columns) if c.numeric and _RATE.search(c.name)]
    pairs = {n: pair for n in rates if (pair := _pair(d, n)) is not None}
    out = []
    for n in rates:
        bounded = not _NO_SHARE.search(d.columns[n].name)
        for row in d.data:
            if (value := _percent(d, n, row)) is not None:
                quotient = _quotient(d, pairs[n], row) if n in pairs else None
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


def _named_totals(d: Description) -> list[tuple[str, str]]:
    """``完成率=95.2%`` and its cell for every figure in the row of totals."""
    if d.totals is None:
        return []
    row = (d.totals.row, d.totals.cells)
    out = []
    for n, column in enumerate(d.columns):
        figure = _figure(row, n)
        label = _label(column.name)
        if figure is not None and column.numeric and len(label) >= 2 and "序" not in label:
            out.append((_written(label, figure, column.unit), cell_name(n, row[0])))
    return out


def dated_figures(d: Description) -> list[str]:
    """``完成率=95.2%|2016|C7`` for every figure whose year the table says: a row a year, or a column a year.

    What has several figures of one year, one for each district or so, has none that a report could mean.
    """
    found: dict[tuple[str, str], list[str]] = {}

    def put(label: str, figure: Figure, unit: str, year: str, n: int, row: Row) -> None:
        if len(label) >= 2 and "序" not in label:
            found.setdefault((label, year), []).append(f"{_written(label, figure, unit)}|{year}|{cell_name(n, row[0])}")

    years = {n: m[1] for n, c in enumerate(d.columns) if (m := _YEAR.search(c.name))}
    by_row = year_column(d.columns, d.data)
    if by_row is not None:
        for row in d.data:
            m = _YEAR.search(row[1][by_row]) if by_row < len(row[1]) else None
            for n, column in enumerate(d.columns):
                figure = _figure(row, n) if m is not None and n != by_row and column.numeric else None
                if figure is not None and m is not None:
                    put(_label(column.name), figure, column.unit, m[1], n, row)
        return [of[0] for of in found.values() if len(of) == 1]
    # a column a year: named by the row, where the table is one of indicators, or by the header in the row of totals
    named = next((n for n, c in enumerate(d.columns) if not c.numeric and re.search("指标|项目|名称|内容", c.name)), None)
    rows = d.data if named is not None else ((d.totals.row, d.totals.cells),) if d.totals is not None else ()
    for row in rows[:_ROWS]:
        for n, year in years.items():
            column = d.columns[n]
            figure = _figure(row, n) if column.numeric else None
            words = _label(row[1][named]) if named is not None and named < len(row[1]) else _label(_YEAR.sub("", column.name))
            if figure is not None:
                put(words, figure, column.unit or (_unit_of_row(d, row) if named is not None else ""), year, n, row)
    return [of[0] for of in found.values() if len(of) == 1]


def year_column(columns: Sequence[Column], data: Sequence[Row]) -> int | None:
    """The column that names a year in every row, where the rows are years."""
    for n, column in enumerate(columns[:3]):
        cells = [cells[n] for _, cells in data[:_ROWS] if n < len(cells) and not is_nothing(cells[n])]
        named = re.fullmatch(r".{0,4}(?:年份|年度|年|时间|时期)", column.name) and len(cells) > 1
        if named and all(_YEAR.fullmatch(re.sub(r"[度末底\s]", "", c)) for c in cells):
            return n
    return None


def _unit_of_row(d: Description, row: Row) -> str:
    at = next((n for n, c in enumerate(d.columns) if c.name.endswith("单位")), None)
    return row[1][at] if at is not None and at < len(row[1]) and len(row[1][at]) <= 6 else ""


def _label(name: str) -> str:
    return re.sub(r"[\s|=/]", "", _LABEL.sub("", name.split("/")[-1]))[:20]


def _written(label: str, figure: Figure, unit: str) -> str:
    return f"{label}={figure.value:.12g}{figure.unit or unit}"
