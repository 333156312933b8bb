"""Which rows a total is the sum of, and what they make. Pure.

A row of 合计 is the sum of all rows of data, or of the 小计, or, where a table has several, of the rows since another; a 小计 is
the sum of the rows above it from some total on, or of those below it up to the next. It is right when one of these readings is.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive_schema.grid import GridSum
from intake.figures import Figure, is_nothing

Row = tuple[int, tuple[str, ...]]
Figures = Sequence[Figure | None]
#: rows of totals that are looked at (ours)
_TOTALS = 60


def sums(
    data: Sequence[Row],
    figures: Sequence[Figures],
    totals: Sequence[tuple[int, bool, Figures]],
    columns: Sequence[int],
) -> tuple[GridSum, ...]:
    """Every total that has parts to compare it with.

    :param data: rows of data in order; ``figures[column][k]`` belongs to ``data[k]``.
    :param totals: (row number, is it a 小计, its figures by column) in order.
    :param columns: those that add up.
    """
    out = []
    totals = totals[:_TOTALS]
    for at, (number, part, stated) in enumerate(totals):
        blocks = _blocks(data, totals, at)
        others = [[f for n, p, f in totals if p], [f for n, p, f in totals if not p and n != number]] if not part else []
        for column in columns:
            total = stated[column] if column < len(stated) else None
            if total is None:
                continue
            found = [_added(data, figures[column], column, block, least=1 if part else 2) for block in blocks]
            found += [_added_totals(of, column) for of in others]
            if made := [_against(number, column, total, *f) for f in found if f is not None]:
                out.append(next((s for s in made if not s.apart), made[0]))
    return tuple(out)


def _blocks(data: Sequence[Row], totals: Sequence[tuple[int, bool, Figures]], at: int) -> list[list[int]]:
    """The runs of rows that the total may stand for, the likeliest first."""
    number, part, _ = totals[at]
    if part:
        edges = [n for n, _, _ in totals[:at]]
        after = totals[at + 1][0] if at + 1 < len(totals) else None
        return [*(_between(data, e, number) for e in (*reversed(edges), 0)), _between(data, number, after)]
    wholes = [n for n, p, _ in totals if not p]
    if len(wholes) == 1:
        return [list(range(len(data)))]
    here = wholes.index(number)
    before, after = wholes[here - 1] if here else 0, wholes[here + 1] if here + 1 < len(wholes) else None
    return [_between(data, before, number), _between(data, number, after), list(range(len(data)))]


def _between(data: Sequence[Row], after: int, before: int | None) -> list[int]:
    return [k for k, (number, _) in enumerate(data) if number > after and (before is None or number < before)]


def _added(
    data: Sequence[Row], figures: Figures, column: int, block: Sequence[int], *, least: int
) -> tuple[float, float] | None:
    """(sum, steps of rounding in it); None where a cell is neither a figure nor empty, or there are too few."""
    read = [f for k in block if (f := figures[k]) is not None]
    blanks = sum(1 for k in block if column >= len(data[k][1]) or is_nothing(data[k][1][column]))
    if len(read) < least or len(read) + blanks < len(block):
        return None
    return _sum(read)


def _added_totals(totals: Sequence[Figures], column: int) -> tuple[float, float] | None:
    read = [f for of in totals if column < len(of) and (f := of[column]) is not None]
    return _sum(read) if len(read) > 1 and len(read) == len(totals) else None


def _sum(read: Sequence[Figure]) -> tuple[float, float]:
    return sum(f.value for f in read), sum(f.step for f in read if f.step != 1)


def _against(row: int, column: int, total: Figure, summed: float, steps: float) -> GridSum:
    """Half a step of slack for each figure that was rounded; whole numbers were not."""
    steps += total.step if total.step != 1 else 0
    return GridSum(row, column, total.value, summed, 0.51 * steps + 1e-9 * abs(total.value))
