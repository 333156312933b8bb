"""What two snapshots of the coverage say of what lay between them."""

from __future__ import annotations

from typing import Any

import pytest

from archive_schema.words import CellState
from flows.coverage import Snapshot, _between, dropped, reset
from tests.flows.house import NOW

HELD = {"catalogue": "c", "cycle": "y", "settings": "s", "units": "u"}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (HELD, HELD, ()),
        (HELD, HELD | {"units": "v", "settings": "t"}, ("settings", "units")),
        (HELD, HELD | {"cycle": "z"}, ("cycle",)),
        ({}, HELD, ()),  # kept by an earlier version, which said nothing of them
        (HELD, {}, ()),
    ],
)
def test_what_was_set_otherwise_is_told_in_one_order_and_not_where_it_is_not_known(
    before: dict[str, str], now: dict[str, str], told: tuple[str, ...]
) -> None:
    nothing: Any = None
    then = Snapshot("r1", NOW, "1:a", {}, before)
    assert reset(nothing, then, now) == reset(nothing, then, Snapshot("r2", NOW, "2:b", {}, now)) == told


def test_only_a_run_that_began_between_two_others_lies_between_them() -> None:
    first, middle, last = (f"20261121T04000{n}Z-{n}abc" for n in range(3))
    assert _between(first, middle, last)
    assert not _between(first, first, last) and not _between(first, last, last) and not _between(middle, first, last)
    assert not _between(first, f"{last.partition('-')[0]}-0000", last), "of one second are not told apart"


def test_cells_that_are_asked_for_no_more_are_counted_by_the_state_they_had() -> None:
    usable, missing = CellState.USABLE, CellState.MISSING
    before = {"1|规范文件": usable, "2|规范文件": missing, "3|规范文件": missing, "4|规范文件": usable}
    assert dropped(before, ["4|规范文件", "5|规范文件"]) == {missing: 2, usable: 1}
    assert dropped(before, [*before, "5|规范文件"]) == {}
