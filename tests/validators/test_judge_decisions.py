"""What a person's word changes in a judgement: attested facts, waivers, returns, by unit and requirement."""

from __future__ import annotations

from datetime import date

import pytest

from archive_schema.words import DecisionAction, Outcome, ReadState, Severity
from tests.validators.build import (
    DOCUMENT,
    OTHER,
    PHOTO,
    REPORT,
    UNIT,
    act,
    blocking,
    evidence,
    failed,
    judged,
    of,
    placement,
    source,
    unread,
)
from validators import checks
from validators.judge import not_attestable, with_attested

FAIL, UNCHECKED = Outcome.FAIL, Outcome.UNCHECKED
ATTEST, WAIVE, RETURN = DecisionAction.ATTEST, DecisionAction.WAIVE, DecisionAction.RETURN


def test_an_attested_fact_beats_the_read_one_and_keeps_it():
    judgement = judged(of=evidence(issued_on="2012-03-01"), decisions=(act(ATTEST, fact="issued_on", value="2017-03-01"),))
    assert judgement.outcomes == ()
    assert {"DATE", "WINDOW"} <= set(judgement.passed)
    read = evidence(issued_on="2012-03-01").facts
    both = with_attested(read, [act(ATTEST, fact="issued_on", value="2017-03-01")], UNIT)["issued_on"]
    assert (both.value, both.others) == ("2017-03-01", ("2012-03-01",))


def test_a_place_that_the_catalogue_has_left_behind_is_no_second_use():
    report = judged(of=evidence(REPORT), placements=(placement(kind=REPORT), placement("III99-9", kind=REPORT)))
    assert "SINGLE" in report.passed and not of(report, "SINGLE")
    photo = judged(of=evidence(PHOTO), placements=(placement(kind=PHOTO), placement("III99-9", kind=PHOTO)))
    assert "SAME" in photo.passed and not of(photo, "SAME")


def test_an_attested_date_outside_the_window_fails_the_window():
    judgement = judged(
        PHOTO, evidence(PHOTO, without=("taken_on",)), decisions=(act(ATTEST, fact="taken_on", value="2010-01-01"),)
    )
    assert blocking(judgement) == {("WINDOW", FAIL)}


def test_the_last_attestation_holds_and_an_undone_one_does_not():
    first, second = (
        act(ATTEST, "d1", fact="issued_on", value="2017-03-01"),
        act(ATTEST, "d2", fact="issued_on", value="2010-03-01"),
    )
    undo = act(DecisionAction.UNDO, "d3", decision="d2")
    assert "WINDOW" in failed(judged(decisions=(first, second)))
    assert "WINDOW" in judged(decisions=(first, second, undo)).passed


def test_to_attest_that_there_is_none_makes_it_a_failure():
    judgement = judged(of=unread(), decisions=(act(ATTEST, fact="document_number", value="无"),))
    assert ("NUMBER", FAIL) in blocking(judgement)
    undated = judged(of=unread(), decisions=(act(ATTEST, fact="issued_on", value="无"),))
    assert ("DATE", FAIL) in blocking(undated) and ("DATE", UNCHECKED) in blocking(judged(of=unread()))
    assert "MACRO" in judged(of=unread(), decisions=(act(ATTEST, fact="macros", value="无"),)).passed


def test_a_person_can_settle_a_file_that_nobody_reads():
    decisions = (
        act(WAIVE, "d1", code="FORMAT"),
        act(ATTEST, "d2", fact="issued_on", value="2017年3月1日"),
        act(ATTEST, "d3", fact="document_number", value="示教发〔2017〕3号"),
    )
    assert blocking(judged(of=unread(), decisions=decisions)) == set()
    for n in range(3):
        assert blocking(judged(of=unread(), decisions=decisions[:n] + decisions[n + 1 :])) != set()


def test_attested_numbers_count_as_numbers():
    judgement = judged(
        PHOTO,
        unread(PHOTO),
        decisions=(act(ATTEST, "a", fact="width", value="4000"), act(ATTEST, "b", fact="height", value="3000")),
    )
    assert "PIXELS" in judgement.passed


@pytest.mark.parametrize(
    ("fact", "value", "told"),
    [
        ("issued_on", "去年春天", "日期"),
        ("issued_on", " 2017年3月 ", ""),
        ("pages", "三页", "整数"),
        ("pages", "12", ""),
        ("secrecy", "内部", "绝密"),
        ("secrecy", "机密★1年", ""),
        ("title", "随便", ""),
        ("issued_on", "无", ""),
        ("pages", "没有", ""),
    ],
)
def test_what_nothing_could_be_judged_by_cannot_be_attested(fact, value, told):
    why = not_attestable(fact, value)
    assert told in why and bool(told) == bool(why)


def test_a_waived_finding_is_marked_and_kept():
    outcome = of(judged(of=evidence(without=("document_number",)), decisions=(act(WAIVE, code="NUMBER"),)), "NUMBER")[0]
    assert outcome.waived and outcome.outcome is FAIL


def test_a_waived_decision_decides_nothing_and_what_it_covered_is_open_again():
    nothing = evidence(REPORT, text_chars=0, without=("issued_on",))
    assert blocking(judged(REPORT, nothing)) == {("BLANK", FAIL)}
    assert blocking(judged(REPORT, nothing, decisions=(act(WAIVE, code="BLANK"),))) == {("DATE", UNCHECKED)}


@pytest.mark.parametrize("state", [ReadState.ENCRYPTED, ReadState.DAMAGED])
def test_no_waiver_makes_an_unreadable_file_usable(state):
    decisions = tuple(act(WAIVE, c, code=c) for c in checks.load().by_code)
    assert blocking(judged(of=unread(state=state), decisions=decisions)) != set()


def test_a_waiver_of_one_unit_leaves_the_other_units_finding():
    e = evidence(issued_on="2012-01-01")
    both = (placement(), placement(unit=OTHER))
    sources = (source(), source(unit=OTHER))
    judgement = judged(of=e, sources=sources, placements=both, decisions=(act(WAIVE, code="WINDOW", unit=UNIT),))
    assert {o.unit: o.waived for o in of(judgement, "WINDOW")} == {UNIT: True, OTHER: False}


def test_a_waiver_of_one_requirement_leaves_the_other():
    e = evidence(issued_on="2012-01-01")
    two = (placement("X1-1"), placement("X1-2"))
    judgement = judged(of=e, placements=two, decisions=(act(WAIVE, code="WINDOW", item="X1-2"),))
    assert {o.item: o.waived for o in of(judgement, "WINDOW")} == {"X1-1": False, "X1-2": True}


def test_what_is_about_the_bytes_is_waived_when_it_is_for_every_unit():
    both = (placement(), placement(unit=OTHER))
    sources = (source(), source(unit=OTHER))
    one = (act(WAIVE, "d1", code="FORMAT", unit=UNIT),)
    two = (*one, act(WAIVE, "d2", code="FORMAT", unit=OTHER))
    waived = [of(judged(of=unread(), sources=sources, placements=both, decisions=d), "FORMAT")[0].waived for d in (one, two)]
    assert waived == [False, True]


def test_a_waiver_for_one_kind_leaves_the_other():
    e = evidence(issued_on="2012-01-01")
    two = (placement(kind=DOCUMENT), placement(kind=REPORT))
    judgement = judged(of=e, placements=two, decisions=(act(WAIVE, code="WINDOW", item="X1-1", kind=REPORT),))
    assert {o.kind: o.waived for o in of(judgement, "WINDOW")} == {DOCUMENT: False, REPORT: True}


def test_what_is_placed_nowhere_is_waived_for_all_or_not_at_all():
    """A waiver for one unit or one standard covers nothing where nothing is placed."""

    def waived(**limits):
        return of(judged(of=unread(), placements=(), decisions=(act(WAIVE, code="FORMAT", **limits),)), "FORMAT")[0].waived

    assert waived()
    assert not waived(unit=UNIT) and not waived(item="X1-1")


def test_a_waiver_may_write_the_code_in_small_letters():
    assert of(judged(of=unread(), decisions=(act(WAIVE, code="format"),)), "FORMAT")[0].waived


def test_a_return_names_who_why_and_by_when_and_holds_until_undone():
    back = act(RETURN, reason="照片模糊", due=date(2017, 9, 1))
    text = of(judged(decisions=(back,)), "RETURNED")[0].text
    assert "王审核" in text and "照片模糊" in text and "2017-09-01" in text
    assert judged(decisions=(back, act(DecisionAction.UNDO, "d2", decision="d1"))).outcomes == ()


def test_a_return_to_one_unit_leaves_the_others_placement():
    both = (placement(), placement(unit=OTHER))
    judgement = judged(sources=(source(), source(unit=OTHER)), placements=both, decisions=(act(RETURN, unit=OTHER),))
    assert [(o.unit, o.item) for o in of(judgement, "RETURNED")] == [(OTHER, "X1-1")]


def test_a_newer_version_of_one_units_leaves_the_others_placement():
    both, sources = (placement(), placement(unit=OTHER)), (source(), source(unit=OTHER))
    by = act(DecisionAction.SUPERSEDE, by_sha256="f" * 64, unit=OTHER)
    judgement = judged(sources=sources, placements=both, decisions=(by,))
    assert [(o.unit, o.item) for o in of(judgement, "SUPERSEDED")] == [(OTHER, "X1-1")]
    whole = judged(sources=sources, placements=both, decisions=(by,), superseded_by="f" * 64)
    assert [(o.unit, o.item) for o in of(whole, "SUPERSEDED")] == [("", "")]


def test_what_is_attested_of_one_units_delivery_says_nothing_of_the_others():
    both, sources = (placement(), placement(unit=OTHER)), (source(), source(unit=OTHER))
    told = act(ATTEST, fact="issued_on", value="2010-03-01", unit=OTHER)
    judgement = judged(sources=sources, placements=both, decisions=(told,))
    assert [(o.unit, o.outcome) for o in of(judgement, "WINDOW")] == [(OTHER, FAIL)]
    macro = act(ATTEST, "d2", fact="macros", value="有", unit=UNIT)
    assert [o.unit for o in of(judged(sources=sources, placements=both, decisions=(macro,)), "MACRO")] == [UNIT]


def test_a_secrecy_mark_is_on_the_bytes_whosever_delivery_it_was_seen_on():
    mark = act(DecisionAction.ATTEST, fact="secrecy", value="机密", unit=OTHER)
    two = judged(sources=(source(), source(unit=OTHER)), placements=(placement(), placement(unit=OTHER)), decisions=(mark,))
    assert [(o.unit, o.item, o.severity) for o in of(two, "SECRET")] == [("", "", Severity.BLOCKING)]
    waived = judged(decisions=(mark, act(DecisionAction.WAIVE, "d2", code="SECRET")))
    assert not of(waived, "SECRET")[0].waived


def test_what_is_attested_of_every_unit_is_about_the_bytes():
    both, sources = (placement(), placement(unit=OTHER)), (source(), source(unit=OTHER))
    told = tuple(act(ATTEST, f"d{n}", fact="macros", value="有", unit=u) for n, u in enumerate((UNIT, OTHER)))
    assert [o.unit for o in of(judged(sources=sources, placements=both, decisions=told), "MACRO")] == [""]
    assert [o.unit for o in of(judged(decisions=told[:1]), "MACRO")] == [""], "the only unit that sent it"


def test_decisions_about_other_evidence_change_nothing():
    assert judged(decisions=(act(RETURN, sha256="e" * 64),)).outcomes == ()


def test_a_returned_or_superseded_piece_waits_for_nobody():
    for judgement in (judged(of=unread(), decisions=(act(RETURN),)), judged(of=unread(), superseded_by="f" * 64)):
        assert {outcome for _, outcome in blocking(judgement)} == {FAIL}
