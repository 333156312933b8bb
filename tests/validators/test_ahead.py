"""Another day's windows: only what rests on the window is judged again, by the same rules, with the same result as judging all."""

from __future__ import annotations

import inspect
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.cycle import RequirementRule, Rolling, Settings, Window
from archive_schema.evidence import CheckOutcome
from archive_schema.words import DecisionAction, EvidenceKind, Outcome, ReadState, Severity
from tests.validators.build import (
    CATALOGUE,
    DOCUMENT,
    OTHER,
    PHOTO,
    REPORT,
    TABLE,
    UNIT,
    act,
    cycle,
    evidence,
    form,
    placement,
    source,
)
from validators import ahead, checks
from validators.ahead import Standing
from validators.judge import judge
from validators.rules import RULES, WINDOWED

MONTHS = Rolling(12, "月")


def test_the_checks_that_rest_on_the_window_are_all_known():
    assert {code for code, rule in RULES.items() if "seen.window" in inspect.getsource(rule)} == WINDOWED


def standing(kind=DOCUMENT, *, decisions=(), sources=None, **facts) -> Standing:
    e = evidence(kind, **facts)
    of = sources or (source("a.docx"),)
    p = (placement(kind=kind),)
    stored = judge(e, of, p, catalogue=CATALOGUE, cycle=cycle(), settings=Settings(), decisions=decisions)
    return Standing(e, of, p, stored.outcomes, decisions)


def usable(s: Standing, day: date, *rules: RequirementRule) -> bool:
    on = msgspec.structs.replace(cycle(*rules), rolling=dict.fromkeys(EvidenceKind, MONTHS)).on(day)
    return bool(ahead.usable_on([s], catalogue=CATALOGUE, cycle=on, rules=checks.load()))


@pytest.mark.parametrize(
    ("day", "counts"),
    [(date(2017, 8, 15), True), (date(2018, 3, 31), True), (date(2018, 4, 1), False), (date(2017, 3, 31), False)],
)
def test_a_piece_of_march_2017_counts_until_march_2018(day, counts):
    assert usable(standing(issued_on="2017-03-01"), day) is counts


def test_an_attested_date_counts_as_it_does_today():
    attested = act(DecisionAction.ATTEST, fact="issued_on", value="2017-06-01")
    s = standing(decisions=(attested,), issued_on="2017-03-01")
    assert usable(s, date(2018, 6, 30)) and not usable(s, date(2018, 7, 1))
    assert ahead.speaks_for(s, s.placements[0], CATALOGUE).period.start == date(2017, 6, 1)


def test_a_waived_window_stays_waived():
    s = standing(decisions=(act(DecisionAction.WAIVE, code="WINDOW"),), issued_on="2010-03-01")
    assert usable(s, date(2018, 7, 1))


def test_a_fixed_window_of_one_requirement_does_not_move():
    fixed = RequirementRule("X1-1", DOCUMENT, window=Window(date(2017, 1, 1), date(2017, 12, 31)))
    assert usable(standing(issued_on="2017-03-01"), date(2030, 1, 1), fixed)


def test_what_no_one_can_date_is_told_apart():
    s = standing(PHOTO, without=("taken_on",), sources=(source("x.jpg"),))
    assert ahead.speaks_for(s, s.placements[0], CATALOGUE) is None
    claimed = standing(PHOTO, without=("taken_on",), sources=(source("x.jpg", form=form(date="2017-04-05")),))
    assert ahead.speaks_for(claimed, claimed.placements[0], CATALOGUE).claim


def test_what_is_withdrawn_for_every_unit_or_for_its_own_counts_on_no_day():
    s = standing(issued_on="2017-03-01")
    for units, counts in (({""}, False), ({UNIT}, False), ({OTHER}, True)):
        withdrawn = msgspec.structs.replace(s, withdrawn=frozenset(units))
        assert usable(withdrawn, date(2017, 8, 15)) is counts
    assert not usable(msgspec.structs.replace(s, superseded_by="f" * 64), date(2017, 8, 15))


def test_what_is_found_of_one_unit_does_not_hold_up_the_other():
    found = CheckOutcome("NUMBER", Outcome.FAIL, Severity.BLOCKING, "没有文号", UNIT, "X1-1", DOCUMENT.value)
    both = (placement(), placement(unit=OTHER), placement(item="X1-2"))
    s = Standing(evidence(), (source("a.docx"), source("a.docx", OTHER)), both, (found,))
    assert [(p.item, p.counts) for p in ahead.placed(s)] == [("X1-1", False), ("X1-1", True), ("X1-2", True)]


def test_who_decides_about_a_piece_has_looked_at_it_there():
    day, cell = date(2017, 7, 20), ("X1-1", DOCUMENT)
    for a in DecisionAction:
        about = a in ("accept", "move", "reject", "return", "attest", "waive", "supersede")
        assert ahead.looked([act(a)], cell, {"d1": day}) == (day if about else None), a
    accepted = [act(DecisionAction.ACCEPT, item="X1-1", kind=DOCUMENT)]
    for key in (("X1-2", DOCUMENT), ("X1-1", REPORT)):
        assert ahead.looked(accepted, key, {"d1": day}) is None
    twice = [act(DecisionAction.ACCEPT), act(DecisionAction.RETURN, "d2")]
    assert ahead.looked(twice, cell, {"d1": day, "d2": date(2017, 7, 1)}) == day


dates = st.dates(date(2014, 1, 1), date(2018, 12, 31))


@given(
    kind=st.sampled_from([DOCUMENT, REPORT, PHOTO, TABLE]),
    spoken=dates,
    start=dates,
    length=st.integers(0, 900),
    missing=st.booleans(),
    returned=st.booleans(),
    severity=st.sampled_from(["blocking", "warning"]),
    of_date=st.sampled_from(["blocking", "warning"]),
    state=st.sampled_from([ReadState.READ, ReadState.PARTIAL, ReadState.GAVE_UP, ReadState.DAMAGED]),
)
def test_judging_again_only_what_rests_on_the_window_is_judging_everything_again(
    kind, spoken, start, length, missing, returned, severity, of_date, state
):
    window = Window(start, date.fromordinal(start.toordinal() + length))
    moved = msgspec.structs.replace(cycle(), windows=dict.fromkeys(EvidenceKind, window))
    severities = {"PERIOD": severity, "YEARS": severity, "DATE": of_date}
    settings = Settings(checks={code: {"severity": s} for code, s in severities.items()})
    keys = ("issued_on", "taken_on", "table_date", "period")
    own = {k: spoken.isoformat() for k in keys}
    e = evidence(kind, without=keys if missing else (), state=state, **({} if missing else own))
    decisions = (act(DecisionAction.RETURN),) if returned else ()
    sources, placements = (source("a.docx"),), (placement(kind=kind),)

    def whole(c):
        return judge(e, sources, placements, catalogue=CATALOGUE, cycle=c, settings=settings, decisions=decisions).outcomes

    s = Standing(e, sources, placements, whole(cycle()), decisions)
    again = ahead.outcomes_on(s, catalogue=CATALOGUE, cycle=moved, rules=checks.load().under(settings))
    assert sorted(again, key=lambda o: o.code) == sorted(whole(moved), key=lambda o: o.code)
