"""A forecast arranged for people, once for all its renderers: what is lost, by unit, and what cannot be foretold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from archive_schema.forecast import ForecastCell, ForecastOutput, ForecastPiece
from archive_schema.text import natural_key, place
from archive_schema.words import CellState
from reports.coverage_view import KINDS, NO_UNIT

FIXED = "cycle.toml 没有 [rolling]：测评时段是固定的，换一天检查不改变哪些材料在时段内。"
CAUTION = "只看已入库的材料，按现行设置和意见；日期未知的材料不能预测，单列于后。"


@dataclass(frozen=True)
class UnitForecast:
    """Cells that a lead unit loses, in order of item."""

    name: str
    cells: tuple[ForecastCell, ...]


def units(f: ForecastOutput) -> list[UnitForecast]:
    """Units that lose a cell, most first."""
    led: dict[str, list[ForecastCell]] = defaultdict(list)
    for c in f.cells:
        if c.lost:
            led[lead(c)].append(c)
    return [UnitForecast(n, tuple(in_order(cs))) for n, cs in sorted(led.items(), key=lambda x: (-len(x[1]), x[0]))]


def lead(cell: ForecastCell) -> str:
    return cell.units[0] if cell.units else NO_UNIT


def in_order(cells: Iterable[ForecastCell]) -> list[ForecastCell]:
    return sorted(cells, key=lambda c: (natural_key(c.item), KINDS.index(c.kind)))


def thinner(f: ForecastOutput) -> list[ForecastCell]:
    """Cells that lose pieces and have enough left."""
    return in_order(c for c in f.cells if c.leaves and c.state_then is CellState.USABLE)


def undated(f: ForecastOutput) -> list[ForecastCell]:
    """Cells that hold a piece of which nobody knows the date."""
    return in_order(c for c in f.cells if c.undated)


def windows(f: ForecastOutput) -> list[str]:
    """A line per kind: the window on the day, and how it moves."""
    return [
        f"{k} {w.start} 至 {w.end}（{'随检查日期移动，' + w.rolling if w.rolling else '固定'}）"
        for k in KINDS
        if (w := f.windows.get(k)) is not None
    ]


def piece(p: ForecastPiece) -> str:
    """A piece with the date for which it leaves."""
    when = f"{p.fact} {p.period}" if p.period else "日期未知，现计为可用" if p.counts else "日期未知"
    return f"{place(p.unit, p.path)}（{when}{f'，{p.leaves_on} 起不计' if p.leaves_on else ''}）"
