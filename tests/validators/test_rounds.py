"""轮查: every group in its time, whatever nights are missed; and the difference between two audits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.audit import AuditReport
from archive_schema.outputs import AuditCompleteness, AuditOutput, AuditProblem
from archive_schema.words import CellState
from validators import audit, rounds
from validators.audit import Step

GROUPS = tuple(f"{n:02x}" for n in range(256))
BEGAN = datetime(2026, 1, 1, 2, tzinfo=UTC)
NIGHT = timedelta(days=1)


def test_a_night_takes_an_even_share_and_all_are_done_in_the_days_given():
    verified: dict[str, datetime] = {}
    shares = []
    for n in range(1, 31):
        now = BEGAN + n * NIGHT
        share = rounds.due(GROUPS, verified, began=BEGAN, now=now, days=30)
        shares.append(len(share))
        verified |= dict.fromkeys(share, now)
    assert set(verified) == set(GROUPS)
    assert max(shares) <= 10, "no night does much more than its share"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 45),
    st.lists(st.tuples(st.integers(0, 20), st.integers(-60, 60)), min_size=1, max_size=60),
)
def test_after_every_audit_nothing_is_too_old_before_the_next_night(days, nights):
    """:param nights: nights missed before each audit, and by how many minutes it starts off its hour."""
    verified: dict[str, datetime] = {}
    now = BEGAN
    for missed, minutes in nights:
        now = max(now + timedelta(hours=1), now + (1 + missed) * NIGHT + timedelta(minutes=minutes))
        share = rounds.due(GROUPS, verified, began=BEGAN, now=now, days=days)
        verified |= dict.fromkeys(share, now)
        oldest = min(verified.get(g, BEGAN) for g in GROUPS)
        assert now + NIGHT - oldest <= max(NIGHT, timedelta(days=days))


def test_the_oldest_come_first():
    verified = {g: BEGAN + timedelta(hours=n) for n, g in enumerate(reversed(GROUPS))}
    share = rounds.due(GROUPS, verified, began=BEGAN, now=BEGAN + timedelta(hours=300), days=100)
    assert share == ("fd", "fe", "ff")


@given(st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 5)))
def test_what_is_remembered_is_what_was_verified(hours):
    verified = {g: BEGAN + timedelta(hours=h) for g, h in hours.items()}
    assert rounds.when_verified(report(verified=rounds.remembered(verified))) == verified


KEY = "objects/sha256/ab/ab" + "0" * 62
OTHER = "objects/sha256/cd/cd" + "0" * 62


def report(*problems: AuditProblem, **more) -> AuditReport:
    return AuditReport("c1", BEGAN, AuditOutput(None, "fast", audit.integrity(problems), None, []), **more)


def looked(*steps: Step, groups=None, keys=()) -> rounds.Looked:
    return rounds.Looked(frozenset(steps), groups if groups is None else frozenset(groups), frozenset(keys))


def test_problems_are_new_gone_or_still_there():
    a, b, c = (audit.problem("object.missing", k) for k in "abc")
    d = rounds.difference(report(a, b), [b, c], looked(Step.FAST))
    assert d is not None and (d.new, d.gone, d.unseen) == ((c,), (a,), ())
    assert rounds.difference(None, [a], looked(Step.FAST)) is None


def test_cells_are_compared_only_when_both_audits_counted_them():
    cells = {CellState.USABLE: 10, CellState.MISSING: 3}
    counted = AuditReport("c1", BEGAN, AuditOutput(None, "fast", None, AuditCompleteness(False, cells), []))
    for before, complete, kept in ((counted, True, cells), (counted, False, None), (report(), True, None)):
        d = rounds.difference(before, [], looked(Step.FAST), complete=complete)
        assert d is not None and d.cells == kept


@pytest.mark.parametrize(
    ("seen", "gone"),
    [
        (looked(Step.FAST), False),
        (looked(Step.FAST, Step.BYTES), True),
        (looked(Step.FAST, Step.BYTES, groups=["ab"]), True),
        (looked(Step.FAST, Step.BYTES, groups=["cd"]), False),
        (looked(Step.FAST, Step.BYTES, groups=["cd"], keys=[KEY]), True),
    ],
)
def test_an_altered_byte_is_gone_only_when_it_was_looked_at_again(seen, gone):
    altered = audit.problem("object.digest", KEY, "x", "y")
    d = rounds.difference(report(altered), [], seen)
    assert d is not None and (d.gone, d.unseen) == (((altered,), ()) if gone else ((), (altered,)))


def test_what_was_not_looked_at_stays_known_and_suspect_over_any_number_of_audits():
    altered, missing = audit.problem("object.digest", KEY), audit.problem("object.missing", OTHER)
    first = report(altered, missing)
    d = rounds.difference(first, [], looked(Step.FAST))
    second = report(difference=d)
    assert rounds.standing(second) == [altered]
    assert rounds.suspects(second) == rounds.suspects(first) == {KEY}


def test_what_was_compared_before_the_archive_began_or_after_now_is_no_proof():
    """A clock set back, or a store taken over: nobody knows when those bytes were compared."""
    now = BEGAN + 10 * NIGHT
    ahead = dict.fromkeys(GROUPS, now) | {"7f": now + NIGHT}
    assert "7f" in rounds.due(GROUPS, ahead, began=BEGAN, now=now, days=10)
    before = dict.fromkeys(GROUPS[:128], BEGAN - 400 * NIGHT) | dict.fromkeys(GROUPS[128:], BEGAN)
    assert len(rounds.due(GROUPS, before, began=BEGAN, now=BEGAN + NIGHT, days=30)) <= 10
