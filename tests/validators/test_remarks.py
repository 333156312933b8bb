"""及时整理、限时归档、专人负责、定期审查: what is said of a cell on a given day, and that its state never depends on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue, CatalogueHead
from archive_schema.coverage import Adrift, CellCount, Piece, Watched
from archive_schema.cycle import Reminders, RequirementRule
from archive_schema.decisions import Decision
from archive_schema.words import CellState, DecisionAction, PlacementStatus, RemarkCode
from tests.validators.build import DOCUMENT, REPORT, cycle, item
from validators.assess import assess
from validators.remarks import Asked, remarks

TODAY = date(2017, 6, 1)
CATALOGUE = Catalogue(CatalogueHead("t", "t"), (item("X1-1", (DOCUMENT, REPORT)),))


def piece(sha: str = "a", *, usable: bool = True, kind=DOCUMENT, **more) -> Piece:
    return Piece("X1-1", kind, sha * 64, usable, **more)


def asked(state: CellState = CellState.USABLE, needed: int = 1, **more) -> Asked:
    return Asked(state=state, needed=needed, today=TODAY, **more)


def codes(a: Asked) -> list[RemarkCode]:
    return [r.code for r in remarks(a)]


@pytest.mark.parametrize(
    ("deadline", "expected", "said"),
    [
        (date(2017, 5, 31), RemarkCode.OVERDUE, "逾期 1 天"),
        (date(2017, 6, 1), RemarkCode.DUE, "今天到期"),
        (date(2017, 6, 8), RemarkCode.DUE, "还有 7 天到期"),
        (date(2017, 6, 9), None, ""),
        (None, None, ""),
    ],
)
def test_an_open_requirement_is_due_and_then_overdue(deadline, expected, said):
    found = remarks(asked(CellState.MISSING, deadline=deadline, due_days=7))
    assert [r.code for r in found] == ([expected] if expected else [])
    assert all(r.text.startswith(said) and str(deadline) in r.text and r.day == deadline for r in found)


@pytest.mark.parametrize(
    ("state", "said"), [(CellState.MISSING, "未交"), (CellState.UNUSABLE, "不可用"), (CellState.IN_REVIEW, "待复核")]
)
def test_what_was_sent_and_does_not_count_is_overdue_all_the_same(state, said):
    [overdue] = remarks(asked(state, deadline=date(2017, 5, 20)))
    assert (overdue.code, overdue.days) == (RemarkCode.OVERDUE, 12)
    assert said in overdue.text


def test_what_is_usable_or_does_not_apply_has_no_deadline_any_more():
    past = date(2017, 5, 1)
    assert codes(asked(CellState.USABLE, deadline=past)) == []
    everything = asked(
        CellState.NOT_APPLICABLE, deadline=past, person="", interval=1, pieces=(piece(arrived=date(2017, 5, 2)),)
    )
    assert codes(everything) == []
    assert codes(msgspec.structs.replace(everything, state=CellState.UNUSABLE)) != []


def said_then(n: int, *, kind=None, why="标准文字已变", standing=True) -> Adrift:
    at = datetime(2016, 5, n, tzinfo=UTC)
    return Adrift(Decision(f"D{n}", DecisionAction.REVIEWED, "张三", at, "试", item="X1-1", kind=kind), why, standing)


def test_what_was_said_of_another_standard_is_remarked_of_a_cell_that_does_not_apply_too():
    [one] = remarks(asked(CellState.NOT_APPLICABLE, adrift=(said_then(1),)))
    assert one.code is RemarkCode.ADRIFT and "dangan review undo D1;" in one.text and "1 条审核意见" in one.text
    [many] = remarks(asked(adrift=[said_then(n) for n in range(1, 6)]))
    assert "5 条审核意见" in many.text and "定期审查 D3 等" in many.text and "D4" not in many.text
    assert many.text.count("标准文字已变") == 1


def test_it_is_remarked_of_the_cells_that_the_decision_speaks_of_and_only_where_it_goes_on_holding():
    def marks(*adrift: Adrift) -> list[int]:
        cells = assess(CATALOGUE, cycle(), [], not_applicable=(), today=TODAY, watched=Watched(adrift=adrift)).cells
        assert all(sum(r.code is RemarkCode.ADRIFT for r in c.remarks) == bool(c.adrift) for c in cells)
        return [len(c.adrift) for c in cells]

    assert marks(said_then(1), said_then(2, kind=REPORT)) == [1, 2]
    assert marks(said_then(1, standing=False)) == [0, 0]


def test_late_pieces_are_counted_by_the_day_of_their_arrival():
    due = date(2017, 5, 1)
    pieces = (
        piece("a", arrived=due),
        piece("b", arrived=due + timedelta(1)),
        piece("c", usable=False, arrived=date(2017, 5, 9)),
    )
    [late] = remarks(asked(deadline=due, pieces=pieces))
    assert (late.code, late.count, late.text) == (RemarkCode.LATE, 2, "迟交 2 件(期限 2017-05-01)")
    assert codes(asked(pieces=pieces)) == []
    left = (pieces[0], *(msgspec.structs.replace(p, replaced=True) for p in pieces[1:]))
    assert codes(asked(deadline=due, pieces=left)) == [], "the newer version is late or not"


def test_a_cell_that_will_be_short_on_the_day_looked_ahead_to_is_leaving():
    horizon = date(2017, 7, 1)
    pieces = (piece("a", ahead=True), piece("b", ahead=False), piece("c", usable=False, ahead=False))
    assert codes(asked(needed=1, horizon=horizon, pieces=pieces)) == []
    [leaving] = remarks(asked(needed=2, horizon=horizon, pieces=pieces))
    assert (leaving.code, leaving.day, leaving.count) == (RemarkCode.LEAVING, horizon, 1)
    assert "1/2" in leaving.text
    assert codes(asked(CellState.UNUSABLE, needed=2, horizon=horizon, pieces=pieces)) == []
    assert codes(asked(needed=2, pieces=pieces)) == [], "nobody looked ahead"


def test_a_piece_that_enters_the_window_makes_up_for_one_that_leaves():
    pieces = (piece("a", ahead=False), piece("b", usable=False, ahead=True))
    assert codes(asked(horizon=date(2017, 7, 1), pieces=pieces)) == []


def test_a_review_is_due_when_arrival_decision_and_review_are_all_too_long_ago():
    long_ago, lately = date(2017, 1, 1), date(2017, 5, 1)
    due = RemarkCode.REVIEW_DUE
    assert codes(asked(interval=90, pieces=(piece(arrived=long_ago),))) == [due]
    assert codes(asked(interval=90, pieces=(piece(arrived=lately),))) == []
    assert codes(asked(interval=90, pieces=(piece(arrived=long_ago, looked=lately),))) == []
    assert codes(asked(interval=90, reviewed=lately, pieces=(piece(arrived=long_ago),))) == []
    assert codes(asked(interval=90, reviewed=long_ago, pieces=(piece(arrived=long_ago, looked=long_ago),))) == [due]
    assert codes(asked(interval=90, pieces=(piece(arrived=long_ago, usable=False),))) == [], (
        "what does not count is not reviewed"
    )
    assert codes(asked(pieces=(piece(arrived=long_ago),))) == [], "no interval, no review"


def test_the_last_day_of_the_interval_is_still_in_time():
    arrived = TODAY - timedelta(days=90)
    assert codes(asked(interval=90, pieces=(piece(arrived=arrived),))) == []
    [due] = remarks(asked(interval=89, pieces=(piece(arrived=arrived), piece("b", arrived=arrived - timedelta(5)))))
    assert (due.count, due.day, due.days) == (2, TODAY - timedelta(6), 6)


def test_nobody_in_charge_is_remarked_only_when_somebody_looked_for_one():
    assert codes(asked(person="")) == [RemarkCode.NO_PERSON]
    assert codes(asked(person=" ")) == [RemarkCode.NO_PERSON]
    assert codes(asked(person="张三")) == []
    assert codes(asked(person=None)) == []


def assessed(*rules: RequirementRule, watched: Watched | None = None, catalogue: Catalogue = CATALOGUE, **more):
    counts = [CellCount("X1-1", DOCUMENT, PlacementStatus.AUTO, "", None, 1)]
    return assess(
        catalogue,
        msgspec.structs.replace(cycle(*rules), **more),
        counts,
        not_applicable=(),
        today=TODAY,
        watched=watched,
    )


def test_who_is_in_charge_is_the_cycles_then_the_catalogues_then_the_units_table():
    table = Watched(persons={"X1-1": "联络员"})
    named = Catalogue(CatalogueHead("t", "t"), (item("X1-1", (DOCUMENT, REPORT), person="目录"),))
    ruled = RequirementRule("X1-1", REPORT, person="周期")
    assert [c.person for c in assessed(ruled, watched=table).cells] == ["联络员", "周期"]
    assert [c.person for c in assessed(ruled, watched=table, catalogue=named).cells] == ["目录", "周期"]
    nobody = assessed(ruled, watched=Watched()).cells
    assert [[r.code for r in c.remarks] for c in nobody] == [[RemarkCode.NO_PERSON], []]


def test_the_interval_is_the_cells_then_the_items_then_the_cycles():
    old = Watched(persons={"X1-1": "甲"}, pieces=tuple(piece(kind=k, arrived=date(2017, 5, 1)) for k in (DOCUMENT, REPORT)))

    def due(**more):
        return [bool(c.remarks) for c in assessed(watched=old, **more).cells]

    yearly = Catalogue(CatalogueHead("t", "t"), (item("X1-1", (DOCUMENT, REPORT), review_days=365),))
    often = Reminders(review_days=7)
    assert due() == [False, False]
    assert due(reminders=often) == [True, True]
    assert due(reminders=often, catalogue=yearly) == [False, False]
    assert due(rules=(RequirementRule("X1-1", REPORT, review_days=30),), catalogue=yearly) == [False, True]


def test_a_review_of_the_item_is_one_of_each_of_its_cells():
    old = tuple(piece(kind=k, arrived=date(2017, 1, 1)) for k in (DOCUMENT, REPORT))

    def due(reviewed):
        w = Watched(persons={"X1-1": "甲"}, reviewed=reviewed, pieces=old)
        return [bool(c.remarks) for c in assessed(watched=w, reminders=Reminders(review_days=30)).cells]

    assert due({}) == [True, True]
    assert due({("X1-1", None): date(2017, 5, 20)}) == [False, False]
    assert due({("X1-1", REPORT): date(2017, 5, 20)}) == [True, False]
    assert due({("X1-1", None): date(2017, 5, 20), ("X1-1", REPORT): date(2017, 1, 2)}) == [False, False], "the later counts"


@pytest.mark.parametrize(
    ("needed", "stand", "replaced", "said"),
    [(2, 1, 1, "其中 1 件在原处已换成新材料,不算它们则为 1/2 件"), (1, 0, 2, "其中 2 件"), (1, 1, 1, ""), (2, 2, 0, "")],
)
def test_pieces_replaced_where_they_lay_are_told_where_the_rest_would_not_do(needed, stand, replaced, said):
    pieces = [*(piece(c) for c in "ab"[:stand]), *(piece(c, replaced=True) for c in "cd"[:replaced])]
    pieces.append(piece("e", usable=False, replaced=True))
    found = remarks(asked(needed=needed, pieces=tuple(pieces)))
    assert [(r.code, r.count) for r in found] == ([(RemarkCode.REPLACED, replaced)] if said else [])
    assert all(r.text.startswith(said) and r.text.endswith("取代与否由审核人定") for r in found)
    assert codes(asked(CellState.UNUSABLE, 9, pieces=tuple(pieces))) == []


days = st.dates(date(2016, 1, 1), date(2018, 12, 31))
pieces = st.lists(
    st.builds(
        Piece,
        item=st.just("X1-1"),
        kind=st.sampled_from([DOCUMENT, REPORT]),
        sha256=st.text("abc", min_size=1, max_size=3),
        usable=st.booleans(),
        arrived=st.none() | days,
        looked=st.none() | days,
        ahead=st.none() | st.booleans(),
        replaced=st.booleans(),
    ),
    max_size=6,
)


@given(pieces, st.none() | days, st.none() | days, st.none() | st.integers(1, 400))
def test_no_remark_ever_changes_a_state(some, horizon, deadline, interval):
    watched = Watched(pieces=tuple(some), horizon=horizon)
    plain = assessed()
    told = assessed(watched=watched, deadline=deadline, reminders=Reminders(review_days=interval))
    assert [(c.state, c.usable, c.needed) for c in told.cells] == [(c.state, c.usable, c.needed) for c in plain.cells]
    assert (told.totals, told.item_totals) == (plain.totals, plain.item_totals)
    for c in told.cells:
        order = [list(RemarkCode).index(r.code) for r in c.remarks]
        assert order == sorted(set(order)), "one of a sort, in order"
