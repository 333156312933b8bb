"""What a unit sent came late or in time once, however often it was sent and whatever it is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from archive_schema.coverage import Cell
from archive_schema.evidence import Placement, Source
from archive_schema.words import CellState, EvidenceKind, PlacementMethod, PlacementStatus
from flows.arrivals import arrivals

UNIT, SHA, KIND = "市文明办", "a" * 64, EvidenceKind.DOCUMENT


def cell(item: str, deadline: date | None, state: CellState = CellState.USABLE) -> Cell:
    return Cell(item, KIND, state, needed=1, usable=1, deadline=deadline)


EARLY, LATER = cell("III1-1", date(2026, 9, 1)), cell("III2-2", date(2026, 9, 9))


@pytest.mark.parametrize(
    ("days", "cells", "late"),
    [
        ((1,), [EARLY], False),
        ((2,), [EARLY], True),
        ((2, 1), [EARLY], False),  # sent again elsewhere: it had come in time
        ((3, 2), [EARLY], True),
        ((5,), [EARLY, LATER], True),  # for one of them
        ((5,), [LATER, EARLY], True),
        ((5,), [LATER, cell("III3-3", None)], False),
        ((5,), [LATER, cell("III1-1", date(2026, 9, 1), CellState.NOT_APPLICABLE)], False),
        ((5,), [cell("III3-3", None)], None),
    ],
)
def test_late_is_what_was_never_there_in_time_for_one_of_its_cells(
    days: Sequence[int], cells: list[Cell], late: bool | None
) -> None:
    sources = [
        Source(UNIT, f"{d}.pdf", UNIT, True, SHA, 10, 1_000, datetime(2026, 9, d, 4, tzinfo=UTC), present=d == max(days))
        for d in days
    ]
    view: Any = SimpleNamespace(
        placements=[Placement(SHA, UNIT, c.item, KIND, PlacementMethod.FORM, None, PlacementStatus.AUTO) for c in cells],
        sources_of=lambda *_: sources,
        stands=lambda *_: True,
    )
    o: Any = SimpleNamespace(zone=UTC)
    assert arrivals(o, view, cells) == ({} if late is None else {UNIT: {SHA: late}})
