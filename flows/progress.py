"""责任单位进度: how far every unit is, from the assessed cells, what it sent, and what was sent back to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from archive_schema.coverage import Assessment, Cell
from archive_schema.decisions import Decision
from archive_schema.report import UnitProgress
from archive_schema.words import CellState, RemarkCode
from flows import returns
from flows.arrivals import arrivals
from flows.workspace import Opened

if TYPE_CHECKING:
    from flows.view import View

_OPEN = (CellState.MISSING, CellState.UNUSABLE, CellState.IN_REVIEW)


def progress(
    o: Opened,
    assessment: Assessment,
    led: Mapping[str, Sequence[str]],
    view: View,
    decisions: Sequence[Decision],
) -> tuple[UnitProgress, ...]:
    """By name of the unit.

    :param led: unit → items that it leads; of these units.
    """
    applicable: dict[str, list[Cell]] = defaultdict(list)
    for cell in assessment.cells:
        if cell.state is not CellState.NOT_APPLICABLE:
            applicable[cell.item].append(cell)
    sent = arrivals(o, view, assessment.cells)
    unasked = returns.unasked(view, assessment.cells)
    out = []
    for name, items in sorted(led.items()):
        cells = [c for item in items for c in applicable[item]]
        came = sent.get(name, {})
        out.append(
            UnitProgress(
                name=name,
                lead_of=len(items),
                applicable=len(cells),
                usable=sum(c.state is CellState.USABLE for c in cells),
                open=sum(c.state in _OPEN for c in cells),
                overdue=sum(any(r.code is RemarkCode.OVERDUE for r in c.remarks) for c in cells),
                arrived=len(came),
                late=sum(came.values()),
                returned=len(returns.still_out(decisions, name, view=view, unasked=unasked)),
            )
        )
    return tuple(out)
