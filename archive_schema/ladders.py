"""等级阈值: which figure of an item is worth which grade. Data of a catalogue, in ``ladders.tsv``, one row per step; absent by default.

Rows of one item and one indicator are one ladder. Each step names a part of the number line: ``≥ 85 → A``, ``≥ 80 → B``,
``其余 → C``, or ``< 400 → B``, ``其余 → A``. Of steps that look the same way the narrowest that holds counts, so 90 is A and 82 B.
有 and 无 ask whether there is any at all. Nothing is read into a ladder: what no step says has no grade.

A ladder is refused when two of its steps hold for one figure and look different ways, when better and worse grades
alternate along the line, or when a step can never count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import msgspec

from archive_schema import quantities, tsv
from archive_schema.text import squeeze

#: column → Chinese heading in the spreadsheet
COLUMNS: dict[str, str] = {
    "id": "编号",
    "indicator": "指标名称",
    "direction": "方向",
    "value": "界值",
    "unit": "计量单位",
    "grade": "等级",
    "statistic": "取值",
    "aliases": "别名",
    "basis": "依据",
    "source": "出处",
}
NEEDED = ("id", "indicator", "direction", "value", "unit", "grade", "basis")


class Grade(StrEnum):
    """Best first."""

    A = "A"
    B = "B"
    C = "C"
    C_SHARP = "C#"

    @property
    def rank(self) -> int:
        """0 is the best."""
        return list(Grade).index(self)


class Direction(StrEnum):
    AT_LEAST = "≥"
    ABOVE = ">"
    AT_MOST = "≤"
    BELOW = "<"
    PRESENT = "有"
    ABSENT = "无"
    ELSE = "其余"

    @property
    def numeric(self) -> bool:
        return self in (Direction.AT_LEAST, Direction.ABOVE, Direction.AT_MOST, Direction.BELOW)

    @property
    def upward(self) -> bool:
        return self in (Direction.AT_LEAST, Direction.ABOVE, Direction.PRESENT)

    @property
    def strict(self) -> bool:
        return self in (Direction.ABOVE, Direction.BELOW, Direction.PRESENT)


_TYPED = {">=": Direction.AT_LEAST, "≧": Direction.AT_LEAST, "<=": Direction.AT_MOST, "≦": Direction.AT_MOST}


class Statistic(StrEnum):
    """LATEST: the latest whole year in the window, else the latest period. MEAN: the mean of the years in the window."""

    LATEST = "最新"
    MEAN = "平均"


class Basis(StrEnum):
    """Where a step, or a weight, comes from."""

    PUBLISHED = "published"
    OURS = "ours"

    @property
    def zh(self) -> str:
        return {"published": "公布", "ours": "自定"}[self.value]


class Step(msgspec.Struct, frozen=True):
    """``value`` in the ladder's unit; None for 有, 无, 其余."""

    direction: Direction
    value: Decimal | None
    grade: Grade

    def holds(self, x: Fraction) -> bool:
        """有 is more than nothing; 其余 never holds by itself."""
        if self.direction is Direction.ELSE:
            return False
        bound = Fraction(self.value or 0)
        return (x > bound if self.direction.upward else x < bound) or (x == bound and not self.direction.strict)

    def __str__(self) -> str:
        return f"{self.direction} {self.value:f}" if self.value is not None else str(self.direction)


class Band(msgspec.Struct, frozen=True):
    """A part of the number line with one grade (None: no step says). None as a bound = without end; ``at_low``: the bound is in it."""

    low: Fraction | None
    at_low: bool
    high: Fraction | None
    at_high: bool
    grade: Grade | None

    def __contains__(self, x: Fraction) -> bool:
        above = self.low is None or x > self.low or (x == self.low and self.at_low)
        below = self.high is None or x < self.high or (x == self.high and self.at_high)
        return above and below


class Ladder(msgspec.Struct, frozen=True):
    """``aliases``: other names under which tables carry the indicator. ``steps``: as written."""

    item: str
    indicator: str
    unit: str
    steps: tuple[Step, ...]
    basis: Basis
    source: str = ""
    statistic: Statistic = Statistic.LATEST
    aliases: tuple[str, ...] = ()

    @property
    def of_presence(self) -> bool:
        """Asks whether there is any at all."""
        return any(s.direction in (Direction.PRESENT, Direction.ABSENT) for s in self.steps)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.indicator, *self.aliases)

    def said(self) -> list[str]:
        """The steps as people read them: ``≥ 85 % → A``."""
        return [f"{' '.join(filter(None, [str(s), self.unit if s.value is not None else '']))} → {s.grade}" for s in self.steps]


def bands(steps: Iterable[Step]) -> tuple[Band, ...]:
    """The number line from low to high, cut where the grade changes.

    :raises ValueError: with the steps that contradict each other, as ``args[0]``: a pair, or one that never counts.
    """
    steps = tuple(steps)
    others = tuple(s for s in steps if s.direction is Direction.ELSE)
    if len(others) > 1:
        raise ValueError(others[:2])
    rest = others[0].grade if others else None
    cuts = sorted({Fraction(s.value or 0) for s in steps if s.direction is not Direction.ELSE})
    used: set[Step] = set()
    out: list[Band] = []
    for piece, inside in _pieces(cuts):
        step = _narrowest(steps, inside)
        if step is not None:
            used.add(step)
        elif rest is not None:
            used.update(others)
        grade = step.grade if step is not None else rest
        if out and out[-1].grade == grade:
            out[-1] = msgspec.structs.replace(out[-1], high=piece.high, at_high=piece.at_high)
        else:
            out.append(msgspec.structs.replace(piece, grade=grade))
    if unused := [s for s in steps if s not in used]:
        raise ValueError((unused[0],))
    grades = [b.grade for b in out if b.grade is not None]
    ranks = [g.rank for g in grades]
    if ranks not in (sorted(ranks), sorted(ranks, reverse=True)) or len(set(grades)) != len(grades):
        raise ValueError(steps[:2])
    return tuple(out)


def _pieces(cuts: list[Fraction]) -> Iterator[tuple[Band, Fraction]]:
    """Every open stretch between the cuts and every cut by itself, from low to high, with a number inside."""
    low: Fraction | None = None
    for cut in cuts:
        yield Band(low, False, cut, False, None), cut - 1 if low is None else (low + cut) / 2
        yield Band(cut, True, cut, True, None), cut
        low = cut
    yield Band(low, False, None, False, None), (cuts[-1] + 1 if cuts else Fraction(0))


def _narrowest(steps: tuple[Step, ...], x: Fraction) -> Step | None:
    """:raises ValueError: steps hold that look different ways, or two that are the same."""
    holding = [s for s in steps if s.holds(x)]
    up = sorted((s for s in holding if s.direction.upward), key=lambda s: (Fraction(s.value or 0), s.direction.strict))
    down = sorted((s for s in holding if not s.direction.upward), key=lambda s: (-Fraction(s.value or 0), s.direction.strict))
    if up and down:
        raise ValueError((up[-1], down[-1]))
    both = up or down
    if len(both) > 1 and (both[-1].direction, both[-1].value) == (both[-2].direction, both[-2].value):
        raise ValueError((both[-2], both[-1]))
    return both[-1] if both else None


# -- from and to a table -----------------------------------------------------------------------------------------------


def build(
    header: list[str],
    rows: Iterable[tuple[int, list[str]]],
    ids: Mapping[str, bool],
    problems: list[str],
) -> tuple[Ladder, ...]:
    """Ladders from rows as (row number, cells as text), in the order of ``ids``; faults are added to ``problems``.

    :param ids: the catalogue's items → whether material is reviewed for them.
    """
    keyed = tsv.keyed(header, rows, COLUMNS, problems, required=NEEDED)
    if problems:
        return ()
    known = {squeeze(i): i for i in ids}
    groups: dict[tuple[str, str], list[_Row]] = {}
    for n, cells in keyed:
        row = _row(n, cells, known, ids, problems)
        if row is not None:
            groups.setdefault((row.item, squeeze(row.indicator)), []).append(row)
    built = [_ladder(group, problems) for group in groups.values()]
    order = {i: n for n, i in enumerate(ids)}
    return tuple(sorted((b for b in built if b is not None), key=lambda b: order[b.item]))


class _Row(msgspec.Struct, frozen=True):
    n: int
    item: str
    indicator: str
    step: Step
    said: dict[str, str]  # what must be the same in all rows of a ladder


def _at(n: int, column: str, why: str) -> str:
    return f"第 {n} 行“{COLUMNS[column]}”: {why}"


def _row(n: int, row: Mapping[str, str], known: Mapping[str, str], ids: Mapping[str, bool], problems: list[str]) -> _Row | None:
    before = len(problems)

    def bad(column: str, why: str) -> None:
        problems.append(_at(n, column, why))

    item = known.get(squeeze(row.get("id", "")), "")
    if not item:
        bad("id", f"目录中没有标准“{row.get('id', '')}”")
    elif not ids[item]:
        bad("id", f"{item} 不在材料审核之列,没有可读的数")
    indicator = row.get("indicator", "")
    if not squeeze(indicator):
        bad("indicator", "不能为空")
    direction = _direction(row.get("direction", ""))
    if direction is None:
        bad("direction", f"不认识“{row.get('direction', '')}”,只能是 {'、'.join(Direction)}")
    value = _number(row.get("value", ""))
    if direction is not None and direction.numeric and value is None:
        bad("value", f"应为一个数(万、亿、%写到“{COLUMNS['unit']}”列),现为“{row.get('value', '')}”")
    if direction is not None and not direction.numeric and row.get("value"):
        bad("value", f"方向为“{direction}”时不写界值,现为“{row['value']}”")
    grade = next((g for g in Grade if g == _typed_grade(row.get("grade", ""))), None)
    if grade is None:
        bad("grade", f"不认识“{row.get('grade', '')}”,只能是 {'、'.join(Grade)}")
    if not quantities.known(row.get("unit", "")):
        bad("unit", f"不认识“{row['unit']}”")
    if row.get("statistic") and row["statistic"] not in set(Statistic):
        bad("statistic", f"不认识“{row['statistic']}”,只能是 {'、'.join(Statistic)}")
    if row.get("basis") and _basis(row["basis"]) is None:
        bad("basis", f"不认识“{row['basis']}”,只能是 {'、'.join(b.zh for b in Basis)}")
    if len(problems) > before or direction is None or grade is None:
        return None
    said = {c: row.get(c, "") for c in ("unit", "statistic", "aliases", "basis", "source")}
    return _Row(n, item, indicator, Step(direction, value if direction.numeric else None, grade), said)


def _ladder(group: list[_Row], problems: list[str]) -> Ladder | None:
    """One ladder of its rows: a cell left empty is as in another row of the same indicator, never otherwise."""
    before = len(problems)
    first = group[0]
    said: dict[str, str] = {}
    at: dict[str, int] = {}
    for row in group:
        for column, text in row.said.items():
            same = squeeze(text) == squeeze(said.get(column, "")) or not text
            if not same and said.get(column):
                problems.append(_at(row.n, column, f"“{text}”与第 {at[column]} 行同一指标的“{said[column]}”不符"))
            elif text and not said.get(column):
                said[column], at[column] = text, row.n
    if "basis" not in said:
        problems.append(_at(first.n, "basis", f"不能为空,应写 {'、'.join(b.zh for b in Basis)}"))
    sorts = {r.step.direction in (Direction.PRESENT, Direction.ABSENT) for r in group if r.step.direction is not Direction.ELSE}
    if len(sorts) > 1:
        row = next(r for r in group if r.step.direction in (Direction.PRESENT, Direction.ABSENT))
        problems.append(_at(row.n, "direction", f"“{row.step.direction}”不能与界值用在同一指标上"))
    elif not sorts:
        problems.append(_at(first.n, "direction", "只有“其余”,没有别的一档"))
    if len(problems) > before:
        return None
    try:
        bands(r.step for r in group)
    except ValueError as e:
        problems.append(_contradiction(group, e.args[0]))
        return None
    return Ladder(
        item=first.item,
        indicator=first.indicator,
        unit=said.get("unit", ""),
        steps=tuple(r.step for r in group),
        basis=_basis(said["basis"]) or Basis.OURS,
        source=said.get("source", ""),
        statistic=Statistic(said.get("statistic", Statistic.LATEST)),
        aliases=tsv.words(said.get("aliases", "")),
    )


def _contradiction(group: list[_Row], steps: tuple[Step, ...]) -> str:
    rows = [next(r for r in reversed(group) if r.step == s) for s in steps]
    if len(rows) == 1:
        return _at(rows[0].n, "value", f"“{rows[0].step} → {rows[0].step.grade}”永远用不上,已被同一指标的其他各档占满")
    if rows[0].n == rows[1].n:
        rows[0] = next(r for r in group if r.step == steps[0])
    one, other = sorted(rows, key=lambda r: r.n)
    told = f"“{one.step} → {one.step.grade}”(第 {one.n} 行)与“{other.step} → {other.step.grade}”"
    return _at(other.n, "value", f"{told}重叠或互相矛盾: 每个数只能属于一档,且数越大等级只能一路更高或一路更低")


def _direction(text: str) -> Direction | None:
    folded = squeeze(text)
    return _TYPED.get(folded) or next((d for d in Direction if squeeze(d) == folded), None)


def _typed_grade(text: str) -> str:
    return squeeze(text).upper()


def _basis(text: str) -> Basis | None:
    return next((b for b in Basis if text.strip() in (b.value, b.zh)), None)


def _number(text: str) -> Decimal | None:
    """The exact decimal, without needless zeros."""
    plain = squeeze(text).replace(",", "")
    if not re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,9})?", plain):
        return None
    value = Decimal(plain)
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def rows(ladders: Iterable[Ladder]) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells as text, such that ``build`` gives the same ladders back."""
    cells = [
        [
            b.item,
            b.indicator,
            str(s.direction),
            f"{s.value:f}" if s.value is not None else "",
            b.unit,
            str(s.grade),
            str(b.statistic),
            ";".join(b.aliases),
            b.basis.zh,
            b.source,
        ]
        for b in ladders
        for s in b.steps
    ]
    return list(COLUMNS), cells
