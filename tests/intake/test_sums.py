"""Which rows a total is the sum of: all, the subtotals, those of its block; and never a total that is right in one of these ways."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intake.tabular import Description, differing, take_apart


def apart(*rows: tuple[object, ...]) -> Description:
    return take_apart("表", [(n, tuple(str(c) for c in r)) for n, r in enumerate((("区县", "数量", "完成率(%)"), *rows), 1)])


def differ(*rows: tuple[object, ...]) -> list[str]:
    return [said for said, _ in differing(apart(*rows))]


def test_a_subtotal_that_is_wrong_is_named_by_its_cell_and_the_total_of_all_rows_is_not() -> None:
    rows = [("东", 1, 50), ("西", 2, 60), ("小计", 4, 55), ("南", 4, 70), ("北", 5, 80), ("小计", 9, 75), ("合计", 12, 65)]
    assert differ(*rows) == ["B4 数量: 小计 4,各行相加 3"]


def test_a_subtotal_may_stand_above_its_parts() -> None:
    assert differ(("小计", 3, 1), ("东", 1, 1), ("西", 2, 1), ("小计", 9, 1), ("南", 4, 1), ("北", 5, 1), ("合计", 12, 1)) == []


def test_a_subtotal_may_be_that_of_several_groups() -> None:
    rows = [
        ("东", 1, 1),
        ("西", 2, 1),
        ("城区小计", 3, 1),
        ("南", 4, 1),
        ("郊区小计", 4, 1),
        ("市区小计", 7, 1),
        ("北", 5, 1),
        ("合计", 12, 1),
    ]
    assert differ(*rows) == []


def test_blocks_with_totals_of_their_own_add_up_each_for_itself() -> None:
    rows = [("东", 1, 1), ("西", 2, 1), ("合计", 3, 1), ("南", 4, 1), ("北", 5, 1), ("合计", 9, 1)]
    assert differ(*rows) == [] and differ(*rows[:-1], ("合计", 8, 1)) == ["B7 数量: 合计 8,各行相加 9"]
    assert differ(*rows, ("总计", 12, 1)) == []


def test_a_column_of_percentages_does_not_add() -> None:
    assert differ(("东", 1, 50), ("西", 2, 60), ("合计", 3, 55)) == []


def test_how_far_it_is_out_is_told_as_a_share_of_the_total() -> None:
    ((_, share),) = differing(apart(("东", 100, 50), ("西", 100, 60), ("合计", 210, 55)))
    assert abs(share - 10 / 210) < 1e-6


@given(
    st.lists(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), min_size=2, max_size=6), st.integers(1, 5), st.booleans()
)
def test_a_false_total_is_always_reported_and_a_true_one_with_true_subtotals_never(
    groups: list[list[int]], off: int, false: bool
) -> None:
    rows: list[tuple[object, ...]] = []
    for g in groups:
        rows += [*(("区", n, 1) for n in g), ("小计", sum(g), 1)]
    total = sum(map(sum, groups))
    # a total below every sum can stand for nothing
    found = differ(*rows, ("合计", -off if false else total, 1))
    assert len(found) == false
