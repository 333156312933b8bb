"""Rows of the frames that the suites of tables look at: a cell with a figure, a row of a 名册, a column that was declared. Pure.

One long frame per family holds all tables of it. Words of a list never stand in a frame: of an entry there is only a digest,
so that no result and no report can hold them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from archive_schema.declared import DeclaredTable
from archive_schema.grid import YEAR, Grid, GridRow, GridTable, RowSort, TableFamily, cell_name
from archive_schema.text import squeeze
from validators import families

#: share of blank cells up to which a column names the entries of a list (ours)
_BLANK = 0.34


class CellRow(msgspec.Struct, frozen=True):
    """A cell with a figure. What does not apply to it is None, and passed over by every expectation.

    sheet, cell, column  where it stands: sheet "" in a CSV, ``C7``, the path of its heading
    value       as written, 万 and 亿 in the cell worked in
    count       of a column that counts single things; ``unsigned``: and cannot fall below zero
    part        what is left of a count beyond the whole number
    sum_off     of a total: by what share of it the sum of its parts differs beyond rounding, 0 = it agrees
    share       of a ratio that cannot leave 0–100, in per cent
    ratio_off   of a ratio whose two columns are known: by how many points it differs from the quotient beyond rounding
    series      of a figure of a year: the table and the indicator; ``year``
    gap         years since the one before it in its table, only in the first column of each year
    jump        how many times the figures of the years beside it it is, or they are it
    declared    of a column that was declared: whether the table has it
    """

    sha256: str
    sheet: str
    cell: str
    column: str
    value: float | None = None
    count: float | None = None
    unsigned: float | None = None
    part: float | None = None
    summed: float | None = None
    sum_off: float | None = None
    share: float | None = None
    quotient: float | None = None
    ratio_off: float | None = None
    series: str | None = None
    year: int | None = None
    gap: int | None = None
    jump: float | None = None
    declared: bool | None = None


class EntryRow(msgspec.Struct, frozen=True):
    """A row of a 名册. ``entry``: digest of the table and of every cell but serial numbers; ``named``: no key cell is blank."""

    sha256: str
    sheet: str
    cell: str
    column: str
    entry: str | None = None
    named: bool | None = None
    declared: bool | None = None


Row = CellRow | EntryRow


class Framed(msgspec.Struct, frozen=True):
    """One file as frames see it: family → its rows. ``told``: of each table its family, and whether it was declared."""

    rows: dict[TableFamily, list[Row]]
    told: tuple[tuple[str, TableFamily, bool], ...]
    left: tuple[str, ...] = ()  # Chinese: what was not looked at


def frame(sha256: str, grid: Grid, declared: DeclaredTable | None = None) -> Framed:
    """All tables of one file. What a city declares holds for its first table, the main one; the others are told by themselves."""
    rows: dict[TableFamily, list[Row]] = defaultdict(list)
    told = []
    left = [f"工作表“{name}”" for name in grid.left]
    for n, table in enumerate(grid.tables):
        said = declared if n == 0 else None
        family = families.family(table, said)
        if family is None:
            left.append(f"工作表“{table.sheet}”(看不出是哪一类表格)" if table.sheet else "看不出是哪一类表格")
            continue
        told.append((table.sheet, family, said is not None and said.family is not None))
        made = entries(sha256, n, table, said) if family is TableFamily.LISTS else cells(sha256, n, table)
        rows[family] += made
        rows[family] += _declared(sha256, table, said, family)
        if table.left:
            left.append(f"{f'工作表“{table.sheet}”的' if table.sheet else ''}最后 {table.left} 行")
    return Framed(dict(rows), tuple(told), tuple(left))


def cells(sha256: str, number: int, table: GridTable) -> Iterator[CellRow]:
    """A row for every figure in a column of figures."""
    sums = {(s.row, s.column): s for s in table.sums}
    ratios = {(r.row, r.column): r for r in table.ratios}
    counts = {n for n, c in enumerate(table.columns) if families.is_count(c)}
    dated = _dated(number, table)
    for row in table.rows:
        for n, value in enumerate(row.cells):
            column = table.columns[n]
            if not isinstance(value, float) or not column.numeric or families.is_serial(column):
                continue
            total, ratio = sums.get((row.number, n)), ratios.get((row.number, n))
            series, year, gap, jump = dated.get((row.number, n), (None, None, None, None))
            yield CellRow(
                sha256=sha256,
                sheet=table.sheet,
                cell=cell_name(n, row.number),
                column=column.name,
                value=value,
                count=value if n in counts else None,
                unsigned=value if n in counts and not families.may_be_negative(column) else None,
                part=abs(value - round(value)) if n in counts else None,
                summed=total.summed if total else None,
                sum_off=(total.apart / abs(total.stated) if total.stated else float(bool(total.apart))) if total else None,
                share=ratio.percent if ratio and ratio.bounded else None,
                quotient=ratio.quotient if ratio else None,
                ratio_off=max(0.0, abs(ratio.quotient - ratio.percent) - ratio.slack)
                if ratio and ratio.quotient is not None
                else None,
                series=series,
                year=year,
                gap=gap,
                jump=jump,
            )


_Dated = tuple[str, int, int | None, float | None]


def _dated(number: int, table: GridTable) -> dict[tuple[int, int], _Dated]:
    """(row, column) → series, year, gap, jump of every figure whose year the table tells."""
    found: dict[tuple[str, str], list[tuple[int, int, int, float]]] = defaultdict(list)
    by_row = families.year_column(table)
    years = families.years_of(table.columns)
    data = [r for r in table.rows if r.sort is RowSort.DATA]
    for r in data if by_row is not None or len(set(years.values())) > 1 else []:
        group = _group(table, r, by_row) if by_row is not None else str(r.number)
        for n, value in enumerate(r.cells):
            column = table.columns[n]
            if not isinstance(value, float) or not column.numeric or n == by_row or families.is_serial(column):
                continue
            year = families.year_of(r, by_row) if by_row is not None else years.get(n)
            if year is not None:
                name = column.name if by_row is not None else _without_year(column.name)
                found[group, f"{number}#{name}"].append((year, r.number, n, value))
    out: dict[tuple[int, int], _Dated] = {}
    told: set[tuple[str, int]] = set()
    for (group, name), figures in found.items():
        figures.sort()
        jumps = _jumps([abs(value) for *_, value in figures])
        before: int | None = None
        for k, (year, row, n, _) in enumerate(figures):
            # of a column a year all rows have the same years: said once
            once = (group if by_row is not None else "", year)
            gap = year - before if before is not None and before != year and once not in told else None
            told.add(once)
            out[row, n] = (f"{name}#{group}", year, gap, jumps[k])
            before = year
    return out


def _jumps(values: Sequence[float]) -> list[float | None]:
    """Of each figure how many times it is what those beside it are. Where none of them is the odd one and yet all are others from
    one year on, the first of these."""
    out = [_odd(values, k) for k in range(len(values))]
    alone = [times or 1.0 for times in out]
    for k in range(1, len(values)):
        if values[k] and values[k - 1]:
            step = max(values[k] / values[k - 1], values[k - 1] / values[k]) / max(alone[k - 1], alone[k])
            out[k] = max(alone[k], step)
    return out


def _odd(values: Sequence[float], k: int) -> float | None:
    """How many times a figure is what its neighbours are, or they are it: against the middle one of three, so that the odd one is
    named and not those beside it. Of two figures the second."""
    if len(values) == 2:
        usual = values[0] if k else 0.0
    else:
        first = max(0, min(k - 1, len(values) - 3))
        usual = sorted(values[first : first + 3])[1] if len(values) > 2 else 0.0
    return max(values[k] / usual, usual / values[k]) if usual and values[k] else None


def _group(table: GridTable, row: GridRow, by_row: int) -> str:
    """Digest of what else than the year names a row, where the rows are years: 区 2015, 区 2016, 县 2015 …, and which part of it."""
    words = [
        _without_year(_word(row, n)) if families.says_when(c) else _word(row, n)
        for n, c in enumerate(table.columns)
        if n != by_row and not families.is_remark(c) and (not c.numeric or families.says_part(c))
    ]
    return hashlib.blake2b("\t".join(words).encode(), digest_size=8).hexdigest() if any(words) else ""


def _without_year(name: str) -> str:
    """What else stands there, other numbers too: 2015年1月 and 2015年2月 are two series."""
    return YEAR.sub("", squeeze(name))


def entries(sha256: str, number: int, table: GridTable, declared: DeclaredTable | None) -> Iterator[EntryRow]:
    """A row for every row of data of a 名册."""
    data = [r for r in table.rows if r.sort is RowSort.DATA]
    keys = families.keys_of(table, declared)
    if declared is None or not declared.keys:
        # a cell merged over several rows stands in the first of them only: no key, the name of a group
        keys = [n for n in keys if sum(1 for r in data if not _word(r, n)) <= _BLANK * len(data)]
    compared = [n for n, c in enumerate(table.columns) if not families.is_numbering(c)]
    above: list[str] = []
    for row in data:
        words = [_word(row, n) for n in compared]
        # one cell is a heading of a group of entries, no entry
        several = sum(1 for w in words if w) > 1
        first = next((n for n, w in enumerate(words) if w), len(words))
        words = above = [*above[:first], *words[first:]] if above else words
        digest = hashlib.blake2b("\t".join([sha256, str(number), *words]).encode(), digest_size=8).hexdigest()
        yield EntryRow(
            sha256=sha256,
            sheet=table.sheet,
            cell=f"第 {row.number} 行",
            column="、".join(table.columns[n].name for n in keys),
            entry=digest if several else None,
            named=all(_word(row, n) for n in keys) if keys and several else None,
        )


def _word(row: GridRow, column: int) -> str:
    cell = row.cells[column] if column < len(row.cells) else None
    return f"{cell:.12g}" if isinstance(cell, float) else squeeze(cell or "")


def _declared(sha256: str, table: GridTable, declared: DeclaredTable | None, family: TableFamily) -> Iterator[Row]:
    names = [squeeze(c.name) for c in table.columns]
    row = EntryRow if family is TableFamily.LISTS else CellRow
    for wanted in declared.columns if declared is not None else ():
        there = any(squeeze(wanted) in name for name in names)
        yield row(sha256=sha256, sheet=table.sheet, cell="表头", column=wanted, declared=there)
