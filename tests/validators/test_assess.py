"""Law 1, word by word, and its two implementations against each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue, CatalogueHead
from archive_schema.coverage import Awaited, CellCount, Piece, Watched
from archive_schema.cycle import Reminders, RequirementRule
from archive_schema.evidence import CheckOutcome
from archive_schema.words import (
    CellState,
    DecisionAction,
    EvidenceKind,
    Outcome,
    PlacementStatus,
    RemarkCode,
    ReviewMethod,
    Severity,
)
from tests.validators.build import CATALOGUE, DOCUMENT, REPORT, act, cycle, item
from validators.assess import (
    OVERDUE,
    REVIEW,
    SHORT,
    PlacedEvidence,
    assess,
    assess_slowly,
    not_applicable_cells,
    reassigned,
    worst,
)

AUTO, IN_REVIEW, CONFIRMED, REJECTED = PlacementStatus
FAIL, UNCHECKED = Outcome.FAIL, Outcome.UNCHECKED
TODAY = date(2017, 6, 1)
SMALL = Catalogue(
    CatalogueHead("t", "t"), (item("X1-1", (DOCUMENT, REPORT)), item("X1-2", (DOCUMENT,), min_count={DOCUMENT: 2}))
)


def row(status=AUTO, code="", outcome=None, count=1, item="X1-1", kind=DOCUMENT):
    return CellCount(item, kind, status, code, outcome, count)


def assessed(*rows, not_applicable=(), catalogue=SMALL, cycle_=None, today=TODAY):
    return assess(catalogue, cycle_ or cycle(), rows, not_applicable=not_applicable, today=today)


def cell(assessment, item="X1-1", kind=DOCUMENT):
    (found,) = [c for c in assessment.cells if (c.item, c.kind) == (item, kind)]
    return found


def state(*rows, **more):
    return cell(assessed(*rows, **more)).state


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), CellState.MISSING),
        ((row(),), CellState.USABLE),
        ((row(CONFIRMED),), CellState.USABLE),
        ((row(IN_REVIEW),), CellState.IN_REVIEW),
        ((row(AUTO, "WINDOW", FAIL),), CellState.UNUSABLE),
        ((row(CONFIRMED, "WINDOW", FAIL),), CellState.UNUSABLE),
        ((row(AUTO, "DATE", UNCHECKED),), CellState.IN_REVIEW),
        ((row(AUTO, "SUPERSEDED", FAIL),), CellState.UNUSABLE),
        ((row(REJECTED),), CellState.MISSING),
        ((row(count=0),), CellState.MISSING),
        # the first that holds
        ((row(), row(IN_REVIEW), row(AUTO, "WINDOW", FAIL)), CellState.USABLE),
        ((row(IN_REVIEW), row(AUTO, "WINDOW", FAIL)), CellState.IN_REVIEW),
        ((row(AUTO, "WINDOW", FAIL), row(AUTO, "DATE", UNCHECKED)), CellState.IN_REVIEW),
        ((row(IN_REVIEW, "WINDOW", FAIL),), CellState.IN_REVIEW),
    ],
)
def test_the_state_is_the_first_that_holds(rows, expected):
    assert state(*rows) is expected


def test_not_applicable_comes_before_everything():
    assert state(row(), not_applicable=[("X1-1", DOCUMENT)]) is CellState.NOT_APPLICABLE
    assert state(row(), not_applicable=[("X1-1", None)]) is CellState.NOT_APPLICABLE
    assert state(row(), not_applicable=[("X1-1", REPORT), ("X1-2", None)]) is CellState.USABLE


def test_too_few_usable_pieces_are_unusable_and_counted():
    short = cell(assessed(row(item="X1-2")), "X1-2")
    assert (short.state, short.usable, short.needed) == (CellState.UNUSABLE, 1, 2)
    assert [(r.code, r.text, r.count) for r in short.reasons] == [(SHORT, "数量不足 1/2", 1)]
    assert cell(assessed(row(item="X1-2", count=2)), "X1-2").state is CellState.USABLE


def test_needed_is_the_cycles_then_the_catalogues_then_one():
    rules = (RequirementRule("X1-1", DOCUMENT, needed=3), RequirementRule("X1-2", None, needed=1))
    ruled = assessed(cycle_=cycle(*rules))
    assert [cell(ruled).needed, cell(ruled, kind=REPORT).needed, cell(ruled, "X1-2").needed] == [3, 1, 1]
    assert [c.needed for c in assessed().cells] == [1, 1, 2]


def test_reasons_name_the_checks_in_chinese_with_counts():
    found = cell(
        assessed(row(AUTO, "WINDOW", FAIL, 2), row(CONFIRMED, "WINDOW", FAIL), row(AUTO, "DATE", UNCHECKED), row(IN_REVIEW))
    )
    assert [(r.code, r.text, r.count) for r in found.reasons] == [
        (REVIEW, "归类待复核(1 件)", 1),
        ("WINDOW", "不在测评时段内(3 件)", 3),
        ("DATE", "日期未检(1 件)", 1),
    ]


def test_how_many_are_in_review_is_said_as_far_as_it_is_known():
    two_codes = cell(assessed(row(IN_REVIEW, "WINDOW", FAIL, 2), row(IN_REVIEW, "NUMBER", FAIL), row(IN_REVIEW)))
    assert (two_codes.reasons[0].text, two_codes.reasons[0].count) == ("归类待复核(至少 3 件)", 3)
    one_code = cell(assessed(row(IN_REVIEW, "WINDOW", FAIL, 2), row(IN_REVIEW)))
    assert one_code.reasons[0].text == "归类待复核(3 件)"


def test_what_was_sent_back_is_not_said_to_wait_for_a_review():
    rows = (row(IN_REVIEW, "ENCRYPTED", FAIL), row(IN_REVIEW, "RETURNED", FAIL))

    def told(waiting, *dues):
        away = {("X1-1", DOCUMENT): Awaited(waiting, tuple(date(2017, 7, d) for d in dues))}
        found = cell(assess(SMALL, cycle(), rows, not_applicable=(), today=TODAY, watched=Watched(awaited=away)))
        assert found.state is CellState.IN_REVIEW
        return [r.text for r in found.reasons]

    assert told(0, 1) == ["文件加密(1 件)", "已退回,等责任单位补正(1 件,期限 2017-07-01)"]
    assert told(0, 1, 9)[-1].endswith("(1 件,最迟 2017-07-09)") and told(0)[-1] == "已退回,等责任单位补正(1 件)"
    assert told(1)[0] == "归类待复核(1 件)"


def test_an_old_piece_that_nobody_is_to_look_at_any_more_is_not_said_to_wait_for_a_review():
    def told(waiting, replaced):
        away = {("X1-1", DOCUMENT): Awaited(waiting, replaced=replaced)}
        found = assess(SMALL, cycle(), [row(IN_REVIEW)], not_applicable=(), today=TODAY, watched=Watched(awaited=away))
        return [r.text for r in cell(found).reasons]

    assert told(0, 1) == ["待复核的旧件在原处已换成新材料,等新材料合格(1 件)"]
    assert told(1, 1) == ["归类待复核(1 件)"]


def test_a_missing_piece_is_overdue_after_its_deadline_and_nothing_else_is():
    due = cycle(deadline=date(2017, 5, 31))
    overdue = assessed(row(AUTO, "WINDOW", FAIL, kind=REPORT), cycle_=due)
    assert [r.code for r in cell(overdue).reasons] == [OVERDUE]
    assert "2017-05-31" in cell(overdue).reasons[0].text
    assert OVERDUE not in [r.code for r in cell(overdue, kind=REPORT).reasons]
    assert cell(assessed(cycle_=cycle(deadline=TODAY))).reasons == ()


def test_a_usable_or_not_applicable_cell_has_no_reasons():
    rows = (row(), row(AUTO, "WINDOW", FAIL), row(IN_REVIEW))
    assert cell(assessed(*rows)).reasons == ()
    assert cell(assessed(*rows[1:], not_applicable=[("X1-1", None)])).reasons == ()


def test_person_and_deadline_are_the_most_particular():
    catalogue = Catalogue(CatalogueHead("t", "t"), (item("X1-1", (DOCUMENT, REPORT), person="张", deadline=date(2017, 3, 1)),))
    ruled = assessed(catalogue=catalogue, cycle_=cycle(RequirementRule("X1-1", REPORT, person="李")))
    assert [(c.person, c.deadline) for c in ruled.cells] == [("张", date(2017, 3, 1)), ("李", date(2017, 3, 1))]


def test_an_item_takes_the_worst_of_its_applicable_cells():
    assert worst([CellState.USABLE, CellState.UNUSABLE, CellState.MISSING]) is CellState.MISSING
    assert worst([CellState.IN_REVIEW, CellState.UNUSABLE]) is CellState.UNUSABLE
    assert worst([CellState.USABLE, CellState.IN_REVIEW]) is CellState.IN_REVIEW
    assert worst([CellState.NOT_APPLICABLE, CellState.USABLE]) is CellState.USABLE
    assert worst([CellState.NOT_APPLICABLE]) is CellState.NOT_APPLICABLE


def test_totals_hold_every_state_also_with_nought():
    a = assessed(row(), not_applicable=[("X1-2", None)])
    assert a.totals == {"missing": 1, "unusable": 0, "in_review": 0, "usable": 1, "not_applicable": 1}
    assert a.item_totals == {"missing": 1, "unusable": 0, "in_review": 0, "usable": 0, "not_applicable": 1}
    assert a.item_states == {"X1-1": CellState.MISSING, "X1-2": CellState.NOT_APPLICABLE}


def test_only_items_under_material_review_and_kinds_asked_for_are_assessed():
    catalogue = Catalogue(CatalogueHead("t", "t"), (*SMALL.items, item("X1-9", (), methods=(ReviewMethod.FIELD,))))
    a = assessed(row(item="X1-9"), row(kind=EvidenceKind.TABLE), catalogue=catalogue)
    assert [(c.item, c.kind) for c in a.cells] == [("X1-1", DOCUMENT), ("X1-1", REPORT), ("X1-2", DOCUMENT)]
    assert "X1-9" not in a.item_states
    assert a.totals["missing"] == 3


def test_decisions_say_what_does_not_apply_and_who_leads():
    na = DecisionAction.NOT_APPLICABLE
    decisions = [
        act(na, "d1", item="X1-1"),
        act(na, "d2", item="X1-2", kind=DOCUMENT),
        act(DecisionAction.UNDO, "d3", decision="d1"),
        act(DecisionAction.REASSIGN, "d4", item="X1-1", to_unit="甲"),
        act(DecisionAction.REASSIGN, "d5", item="X1-1", to_unit="乙"),
    ]
    assert not_applicable_cells(decisions) == {("X1-2", DOCUMENT)}
    assert reassigned(decisions) == {"X1-1": "乙"}
    assert reassigned([*decisions, act(DecisionAction.UNDO, "d6", decision="d5")]) == {"X1-1": "甲"}


# ---- the grouped query and single placements agree


def grouped(placements):
    """The counts as the index delivers them: each evidence once per cell, in one row per code that holds it up."""
    cells = defaultdict(lambda: defaultdict(list))
    for p in placements:
        if not p.withdrawn and p.status is not REJECTED:
            cells[p.item, p.kind][p.sha256].append(p)
    counts = Counter()
    for (item_, kind), pieces in cells.items():
        for placed in pieces.values():
            free = [p for p in placed if p.status in (AUTO, CONFIRMED) and not p.blocking()]
            status = free[0].status if free else IN_REVIEW if any(p.status is IN_REVIEW for p in placed) else placed[0].status
            codes = set() if free else set().union(*(p.blocking() for p in placed))
            for code, outcome in codes or {("", None)}:
                counts[item_, kind, status, code, outcome] += 1
    return [CellCount(*key, count) for key, count in counts.items()]


def pieces_of(placements):
    """Single pieces as the flows gather them, by another way than the reference."""
    held = [p for p in placements if not p.withdrawn and p.status is not REJECTED]
    found = []
    for key in dict.fromkeys((p.item, p.kind, p.sha256) for p in held):
        mine = [p for p in held if (p.item, p.kind, p.sha256) == key]
        seen = [p.ahead for p in mine if p.ahead is not None]
        gone = all(p.replaced for p in mine)
        found.append(
            Piece(
                *key,
                usable=not all(p.status is IN_REVIEW or p.blocking() for p in mine),
                arrived=min(filter(None, (p.arrived for p in mine if not p.replaced or gone)), default=None),
                replaced=gone,
                looked=max(filter(None, (p.looked for p in mine)), default=None),
                ahead=True in seen if seen else None,
            )
        )
    return tuple(found)


outcomes = st.builds(
    CheckOutcome,
    code=st.sampled_from(["WINDOW", "DATE", "NUMBER", "PIXELS"]),
    outcome=st.sampled_from(Outcome),
    severity=st.sampled_from(Severity),
    waived=st.booleans(),
)
placed_evidence = st.builds(
    PlacedEvidence,
    item=st.sampled_from(["X1-1", "X1-2", "X1-3"]),
    kind=st.sampled_from(EvidenceKind),
    sha256=st.sampled_from([c * 64 for c in "abcdef"]),
    status=st.sampled_from(PlacementStatus),
    outcomes=st.lists(outcomes, max_size=3).map(tuple),
    superseded=st.booleans(),
    withdrawn=st.booleans(),
    arrived=st.none() | st.dates(date(2017, 1, 1), date(2017, 6, 30)),
    replaced=st.booleans(),
    looked=st.none() | st.dates(date(2017, 1, 1), date(2017, 6, 30)),
    ahead=st.none() | st.booleans(),
)
not_applicable = st.lists(st.tuples(st.sampled_from(["X1-1", "X1-3"]), st.sampled_from([None, *EvidenceKind])), max_size=2)
rules = st.lists(
    st.builds(
        RequirementRule,
        item=st.sampled_from(["X1-1", "X1-2"]),
        kind=st.sampled_from([None, DOCUMENT]),
        needed=st.integers(1, 3),
    ),
    max_size=2,
)


@given(st.lists(placed_evidence, max_size=25), not_applicable, rules, st.booleans())
def test_the_fast_way_and_the_slow_way_agree(placements, na, cycle_rules, overdue):
    c = cycle(*cycle_rules, deadline=date(2017, 5, 1) if overdue else None)
    fast = assess(CATALOGUE, c, grouped(placements), not_applicable=na, today=TODAY)
    slow = assess_slowly(CATALOGUE, c, placements, not_applicable=na, today=TODAY)
    assert (fast.item_states, fast.totals, fast.item_totals) == (slow.item_states, slow.totals, slow.item_totals)
    for quick, plain in zip(fast.cells, slow.cells, strict=True):
        assert (quick.item, quick.kind, quick.state, quick.needed, quick.usable) == (
            plain.item,
            plain.kind,
            plain.state,
            plain.needed,
            plain.usable,
        )
        for a, b in zip(quick.reasons, plain.reasons, strict=True):
            assert a == b or (a.code == b.code == REVIEW and 1 <= a.count <= b.count and "至少" in a.text)


@given(
    st.lists(placed_evidence, max_size=25),
    rules,
    st.none() | st.dates(date(2017, 3, 1), date(2017, 8, 1)),
    st.none() | st.integers(1, 200),
    st.booleans(),
)
def test_the_fast_way_and_the_slow_way_remark_the_same(placements, cycle_rules, deadline, interval, looking_ahead):
    c = msgspec.structs.replace(cycle(*cycle_rules, deadline=deadline), reminders=Reminders(review_days=interval))
    around = Watched(
        persons={"X1-1": "张三"},
        reviewed={("X1-2", None): date(2017, 2, 1), ("X1-1", DOCUMENT): date(2017, 5, 1)},
        horizon=date(2017, 7, 1) if looking_ahead else None,
    )
    watched = msgspec.structs.replace(around, pieces=pieces_of(placements))
    fast = assess(CATALOGUE, c, grouped(placements), not_applicable=(), today=TODAY, watched=watched)
    slow = assess_slowly(CATALOGUE, c, placements, not_applicable=(), today=TODAY, watched=around)
    assert [(q.remarks, q.person, q.reviewed) for q in fast.cells] == [(p.remarks, p.person, p.reviewed) for p in slow.cells]


@given(st.lists(placed_evidence, max_size=25))
def test_totals_always_count_every_cell_and_every_item(placements):
    a = assess_slowly(CATALOGUE, cycle(), placements, not_applicable=(), today=TODAY)
    assert sum(a.totals.values()) == len(CATALOGUE.cells)
    assert sum(a.item_totals.values()) == len(CATALOGUE.material)


@given(st.lists(placed_evidence, max_size=12), placed_evidence)
def test_one_more_sound_piece_never_makes_a_cell_worse(placements, more):
    sound = PlacedEvidence(more.item, more.kind, "9" * 64, CONFIRMED)
    order = [CellState.MISSING, CellState.UNUSABLE, CellState.IN_REVIEW, CellState.USABLE]

    def states(of):
        a = assess_slowly(CATALOGUE, cycle(), of, not_applicable=(), today=TODAY)
        return {(c.item, c.kind): order.index(c.state) for c in a.cells}

    before, after = states(placements), states([*placements, sound])
    assert all(after[k] >= before[k] for k in before)


@pytest.mark.parametrize(
    ("outcome", "severity", "waived", "counts"),
    [
        (FAIL, Severity.BLOCKING, False, False),
        (UNCHECKED, Severity.BLOCKING, False, False),
        (Outcome.PASS, Severity.BLOCKING, False, True),
        (UNCHECKED, Severity.BLOCKING, True, True),
        (FAIL, Severity.WARNING, False, True),
    ],
)
def test_a_piece_counts_when_every_blocking_check_has_passed_or_is_waived(outcome, severity, waived, counts):
    said = CheckOutcome("WINDOW", outcome, severity, waived=waived)
    assert PlacedEvidence("X1-2", DOCUMENT, "a" * 64, AUTO, (said,)).counts is counts


def test_what_holds_up_the_copy_of_a_usable_piece_is_no_reason():
    two = [
        PlacedEvidence("X1-2", DOCUMENT, "a" * 64, AUTO),
        PlacedEvidence("X1-2", DOCUMENT, "a" * 64, IN_REVIEW, superseded=True),
    ]
    of = cycle(RequirementRule("X1-2", None, needed=2))
    assert [r.code for r in cell(assess_slowly(SMALL, of, two, not_applicable=(), today=TODAY), "X1-2").reasons] == [SHORT]


def test_the_same_bytes_from_two_units_came_with_the_first_and_were_looked_at_by_the_last():
    early, late = date(2017, 5, 1), date(2017, 5, 20)
    two = [
        PlacedEvidence("X1-2", DOCUMENT, "a" * 64, AUTO, arrived=early, looked=late, ahead=False),
        PlacedEvidence("X1-2", DOCUMENT, "a" * 64, AUTO, arrived=late, looked=early, ahead=True),
    ]

    def codes(deadline, interval):
        c = msgspec.structs.replace(
            cycle(RequirementRule("X1-2", None, needed=1), deadline=deadline), reminders=Reminders(review_days=interval)
        )
        around = Watched(persons={"X1-2": "张三"}, horizon=date(2017, 7, 1))
        return [
            r.code for r in cell(assess_slowly(SMALL, c, two, not_applicable=(), today=TODAY, watched=around), "X1-2").remarks
        ]

    assert codes(early, 12) == []
    assert codes(date(2017, 4, 30), 11) == [RemarkCode.REVIEW_DUE, RemarkCode.LATE]


def test_a_delivery_that_was_replaced_does_not_say_when_the_bytes_came():
    """One unit's late delivery stands, the other's was replaced by a newer version."""
    early, late = date(2017, 5, 1), date(2017, 5, 20)

    def remarked(*replaced):
        two = [
            PlacedEvidence("X1-2", DOCUMENT, "a" * 64, AUTO, arrived=day, replaced=r)
            for day, r in zip((early, late), replaced, strict=True)
        ]
        c = cycle(RequirementRule("X1-2", None, needed=1), deadline=early)
        around = Watched(persons={"X1-2": "张三"})
        found = cell(assess_slowly(SMALL, c, two, not_applicable=(), today=TODAY, watched=around), "X1-2").remarks
        return [r.code for r in found]

    assert remarked(True, False) == [RemarkCode.LATE]
    assert remarked(False, True) == []
    assert remarked(True, True) == [RemarkCode.REPLACED]


def test_the_same_bytes_from_two_units_are_one_piece():
    two = [PlacedEvidence("X1-2", DOCUMENT, "a" * 64, AUTO), PlacedEvidence("X1-2", DOCUMENT, "a" * 64, CONFIRMED)]
    assert cell(assess_slowly(SMALL, cycle(), two, not_applicable=(), today=TODAY), "X1-2").usable == 1
