"""等级: what an item would be graded by its ladders, from figures that were read. Stands beside ``assess`` and is as pure.

A grade is given only where the catalogue has a ladder and a figure was found, in the window, in a unit that compares, and undisputed;
else there is none, and why (未检, never a pass and never the lowest grade). Nothing here is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.coverage import Assessment
from archive_schema.cycle import Cycle, Window
from archive_schema.ladders import Band, Grade, Ladder, Statistic, bands
from archive_schema.quantities import convert
from archive_schema.text import display
from archive_schema.words import CellState, EvidenceKind
from validators import indicators, periods
from validators.indicators import Reading, Table

#: at most so many places are named in one reason
_NAMED = 3

_Pair = tuple[Reading, Fraction]  # as read, and in the ladder's unit


class Graded(msgspec.Struct, frozen=True):
    """One ladder applied.

    grade    None = 未检, and ``why`` says why (Chinese)
    value    the figure that counts, in the ladder's unit; a mean where the ladder says so
    used     the readings it rests on
    gap      what is missing to the next better grade (Chinese), "" at the best or without a grade; ``better``: that grade
    """

    ladder: Ladder
    grade: Grade | None
    why: str = ""
    value: Fraction | None = None
    used: tuple[Reading, ...] = ()
    better: Grade | None = None
    gap: str = ""


class ItemGrade(msgspec.Struct, frozen=True):
    """An item is worth what the worst of its ladders gives (本项目默认); None while one of them is 未检."""

    item: str
    grade: Grade | None
    why: tuple[str, ...]
    ladders: tuple[Graded, ...]
    applicable: bool = True


def grade(ladder: Ladder, figures: Sequence[Reading], window: Window | None) -> Graded:
    """Apply a ladder to the figures of its indicator.

    :param window: of the requirement; a figure counts when its period shares a day with it, as for every other material.
    """
    if not figures:
        return Graded(ladder, None, f"没有找到“{ladder.indicator}”的数")
    comparable = [(r, v) for r in figures if (v := convert(r.value, r.measure, ladder.unit)) is not None]
    if not comparable and ladder.of_presence:
        comparable = [(r, r.value) for r in figures]  # none is none in whatever unit
    if not comparable:
        first = max(figures, key=lambda r: r.period.end if r.period else date.min)
        said = f"“{first.measure}”与“{ladder.unit or '无单位'}”不能比较" if first.measure else f"没有写单位,应为“{ladder.unit}”"
        return Graded(ladder, None, f"{first.where}: {said}", used=(first,))
    dated = [(r, v, r.period) for r, v in comparable if r.period is not None]
    if not dated:
        return Graded(ladder, None, f"{comparable[0][0].where}: 看不出是哪一年的数", used=(comparable[0][0],))
    inside = [(r, v, p) for r, v, p in dated if window is None or periods.overlap(p, window)]
    if not inside:
        last = max(dated, key=lambda d: d[2].end)
        why = f"{last[0].where}: {when(last[2])} 的数,不在测评时段 {window} 内"
        return Graded(ladder, None, why, used=(last[0],))
    by_period: dict[Window, list[_Pair]] = defaultdict(list)
    for r, v, p in inside:
        by_period[p].append((r, v))
    chosen = _years(by_period, window) if ladder.statistic is Statistic.MEAN else [_latest(by_period)]
    if isinstance(chosen, str):
        return Graded(ladder, None, chosen, used=tuple(r for r, _, _ in inside[:_NAMED]))
    values, used = [], []
    for period in chosen:
        pairs = sorted(by_period[period], key=_step)  # whole numbers and what is written the longest first
        if other := _disagreeing(pairs, bands(ladder.steps) if len(chosen) == 1 else ()):
            told = "、".join(f"{r.where} 为 {plain(v)}" for r, v in other)
            why = f"{when(period)} 的数不一致: {told} {ladder.unit}".rstrip() + ";请更正,或将旧的一份以新替旧"
            return Graded(ladder, None, why, used=tuple(r for r, _ in other))
        values.append(pairs[0][1])
        used.append(pairs[0][0])
    return _graded(ladder, sum(values, Fraction(0)) / len(values), tuple(used))


def present(ladder: Ladder, any_usable: Reading | None, *, handed_in: bool) -> Graded:
    """Apply a ladder of presence to the material itself: something usable is 有, nothing handed in at all is 无 (as things stand)."""
    if any_usable is not None:
        return _graded(ladder, Fraction(1), (any_usable,))
    if handed_in:
        return Graded(ladder, None, "交来的材料待复核或不可用,有无未定")
    got = _graded(ladder, Fraction(0), ())
    return msgspec.structs.replace(got, why="没有提交任何材料,照现有材料计为“无”")


def grades(
    catalogue: Catalogue,
    cycle: Cycle,
    assessment: Assessment,
    tables: Mapping[str, Sequence[Table]],
    usable: Mapping[str, Reading],
) -> tuple[ItemGrade, ...]:
    """The grade of every item that has a ladder, in the catalogue's order.

    :param tables: item → its usable tables, in a fixed order.
    :param usable: item → one usable piece of any kind, for ladders of presence.
    """
    ladders: dict[str, list[Ladder]] = defaultdict(list)
    for ladder in catalogue.ladders:
        ladders[ladder.item].append(ladder)
    states: dict[str, set[CellState]] = defaultdict(set)
    for cell in assessment.cells:
        states[cell.item].add(cell.state)
    of_tables = {c.item: c.state for c in assessment.cells if c.kind is EvidenceKind.TABLE}
    out = []
    for item in catalogue.material:
        if item.id not in ladders:
            continue
        applicable = states[item.id] - {CellState.NOT_APPLICABLE}
        if not applicable:
            out.append(ItemGrade(item.id, None, ("本项不适用",), (), applicable=False))
            continue
        window = cycle.window(item.id, EvidenceKind.TABLE)
        handed_in = applicable != {CellState.MISSING}
        graded = []
        for ladder in ladders[item.id]:
            found = [indicators.readings(ladder, t) for t in tables.get(item.id, ())]
            figures = [r for f in found for r in f.readings]
            if ladder.of_presence and not figures:
                graded.append(present(ladder, usable.get(item.id), handed_in=handed_in))
                continue
            got = grade(ladder, figures, window)
            if not figures:
                why = _not_found(got.why, [f.why for f in found], tables.get(item.id, ()), of_tables.get(item.id))
                got = msgspec.structs.replace(got, why=why)
            graded.append(got)
        worst = (
            None if any(g.grade is None for g in graded) else max((g.grade for g in graded if g.grade), key=lambda g: g.rank)
        )
        out.append(ItemGrade(item.id, worst, tuple(g.why for g in graded if g.grade is None), tuple(graded)))
    return tuple(out)


def plain(value: Fraction) -> str:
    """A figure as people write it, at most six decimals.

    >>> plain(Fraction(412)), plain(Fraction(2, 3))
    ('412', '0.666667')
    """
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


def when(period: Window) -> str:
    """``2016年`` for a whole year, else as findings show it."""
    return f"{period.start.year}年" if _whole_year(period) else periods.show(period)


def _not_found(why: str, others: Iterable[str], tables: Sequence[Table], state: CellState | None) -> str:
    said = [o for o in others if o]
    if said:
        return f"{why};{';'.join(said[:_NAMED])}"
    if not tables:
        return f"{why}: 统计表格{state.zh if state is not None else '不在本项应交材料之内'}"
    named = "、".join(display(t.path, 80) for t in tables[:_NAMED])
    return f"{why}: 已看 {named}{' 等' if len(tables) > _NAMED else ''}"


def _latest(by_period: Mapping[Window, object]) -> Window:
    """The latest whole year, else what ends last; of two that end together the longer."""
    whole = [p for p in by_period if _whole_year(p)]
    return max(whole or by_period, key=lambda p: (p.end, p.end - p.start))


def _whole_year(p: Window) -> bool:
    return (p.start.month, p.start.day, p.end.month, p.end.day) == (1, 1, 12, 31) and p.start.year == p.end.year


def _years(by_period: Mapping[Window, object], window: Window | None) -> list[Window] | str:
    """Every whole year there is; a sentence where the window asks for a year that nobody gives."""
    years = {p.start.year: p for p in by_period if _whole_year(p)}
    if window is not None:
        asked = range(window.start.year, window.end.year + 1)
        whole = [y for y in asked if window.start <= date(y, 1, 1) and date(y, 12, 31) <= window.end]
        if missing := [y for y in whole if y not in years]:
            return f"取各年平均,缺 {'、'.join(str(y) for y in missing)} 年的数"
        if whole:
            years = {y: p for y, p in years.items() if y in whole}
    return [years[y] for y in sorted(years)] or "取各年平均,没有整年的数"


def _disagreeing(pairs: Sequence[_Pair], line: Sequence[Band]) -> list[_Pair]:
    """Two figures of one period that differ by more than the digits of the shorter, or by a grade; or []."""
    first = pairs[0]
    for other in pairs[1:]:
        apart = abs(first[1] - other[1]) > max(_step(first), _step(other)) / 2
        if apart or any((first[1] in b) != (other[1] in b) for b in line):
            return [first, other]
    return []


def _step(pair: _Pair) -> Fraction:
    """What the last digit written is worth, in the ladder's unit; whole numbers are exact."""
    reading, converted = pair
    decimals = len(plain(reading.value).partition(".")[2])
    if not decimals or not reading.value:
        return Fraction(0)
    return Fraction(1, 10**decimals) * abs(converted / reading.value)


def _graded(ladder: Ladder, value: Fraction, used: tuple[Reading, ...]) -> Graded:
    line = bands(ladder.steps)
    at = next(n for n, band in enumerate(line) if value in band)
    if line[at].grade is None:
        said = "、".join(ladder.said())
        return Graded(ladder, None, f"{plain(value)} {ladder.unit} 不在所列各档内({said})", value, used)
    got = line[at].grade
    assert got is not None
    better = [(n, b) for n, b in enumerate(line) if b.grade is not None and b.grade.rank < got.rank]
    if not better:
        return Graded(ladder, got, "", value, used)
    n, band = min(better, key=lambda b: abs(b[0] - at))
    return Graded(ladder, got, "", value, used, band.grade, _gap(ladder, value, band, up=n > at))


def _gap(ladder: Ladder, value: Fraction, band: Band, *, up: bool) -> str:
    """How far it is to the near end of a better band."""
    if ladder.of_presence:
        return f"有可用的材料即到 {band.grade}" if up else f"没有即到 {band.grade}"
    edge, included = (band.low, band.at_low) if up else (band.high, band.at_high)
    assert edge is not None
    sign = ("≥" if included else ">") if up else ("≤" if included else "<")
    bound, unit = f"{sign} {plain(edge)}", f" {ladder.unit}" if ladder.unit else ""
    points = " 个百分点" if ladder.unit == "%" else unit
    points += " " if not points or points[-1].isascii() else ""
    apart = abs(edge - value)
    if not apart:
        return f"到 {band.grade} 须 {bound}{unit},现正在界上"
    return f"{'再高' if up else '再低'} {plain(apart)}{points}到 {band.grade}(须 {bound}{unit})"
