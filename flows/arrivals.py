"""What counts as having come in time or late: the one answer for 责任单位进度 and 交办单."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from archive_schema.coverage import Cell
from archive_schema.words import CellState
from flows.workspace import Opened
from validators import timing

if TYPE_CHECKING:
    from flows.view import View


def arrivals(o: Opened, view: View, cells: Iterable[Cell]) -> dict[str, dict[str, bool]]:
    """Unit → SHA-256 of what it sent for a cell that applies and has a deadline → whether it came late for one of them.

    What a newer version of the unit has replaced is not counted: that one is.
    """
    due = {(c.item, c.kind): c.deadline for c in cells if c.state is not CellState.NOT_APPLICABLE}
    out: dict[str, dict[str, bool]] = defaultdict(dict)
    for p in view.placements:
        deadline = due.get((p.item, p.kind))
        sources = view.sources_of(p.sha256, p.unit)
        if deadline is not None and sources and view.stands(p.sha256, p.unit):
            late = all(timing.late(s, deadline, o.zone) for s in sources)
            out[p.unit][p.sha256] = out[p.unit].get(p.sha256, False) or late
    return out
