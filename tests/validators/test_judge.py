"""The judgement of one evidence: what counts as known, whose word holds, and what an 未检 means."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.cycle import RequirementRule, Window
from archive_schema.errors import DataError
from archive_schema.evidence import Fact
from archive_schema.words import DecisionAction, EvidenceKind, Outcome, PlacementStatus, ReadState, Severity
from tests.validators.build import (
    DOCUMENT,
    OTHER,
    PHOTO,
    REPORT,
    TABLE,
    UNIT,
    USUAL,
    act,
    cycle,
    evidence,
    form,
    judged,
    placement,
    source,
    unread,
)
from validators import checks

FAIL, UNCHECKED = Outcome.FAIL, Outcome.UNCHECKED
ATTEST, WAIVE, RETURN = DecisionAction.ATTEST, DecisionAction.WAIVE, DecisionAction.RETURN


def of(judgement, code):
    return [o for o in judgement.outcomes if o.code == code]


def failed(judgement):
    return {o.code for o in judgement.outcomes if o.outcome is FAIL}


def blocking(judgement):
    return {(o.code, o.outcome) for o in judgement.outcomes if o.severity is Severity.BLOCKING and not o.waived}


@pytest.mark.parametrize("kind", EvidenceKind)
def test_an_ordinary_piece_passes_everything(kind):
    judgement = judged(kind)
    assert judgement.outcomes == ()
    assert {"OPEN", "EMPTY", "ENCRYPTED", "FORMAT", "TYPE", "UNIT", "DATE", "WINDOW", "SAME"} <= set(judgement.passed)


# ---- nothing that was not read counts as absent


CONTENT = {"DATE", "WINDOW", "NUMBER", "TEXT", "PIXELS", "TABLE", "BLANK", "DRAFT", "GARBLED"}


@pytest.mark.parametrize("state", [ReadState.UNSUPPORTED, ReadState.GAVE_UP])
@pytest.mark.parametrize("kind", EvidenceKind)
def test_a_file_that_nobody_reads_fails_nothing_and_passes_no_check_on_content(kind, state):
    judgement = judged(kind, unread(kind, state))
    assert failed(judgement) == set()
    assert not CONTENT & set(judgement.passed)
    assert ("FORMAT", UNCHECKED) in blocking(judgement)
    assert ("DATE", UNCHECKED) in blocking(judgement)


@pytest.mark.parametrize(("state", "code"), [(ReadState.ENCRYPTED, "ENCRYPTED"), (ReadState.DAMAGED, "OPEN")])
@pytest.mark.parametrize("kind", EvidenceKind)
def test_a_file_that_cannot_be_opened_is_settled_by_that_alone(kind, state, code):
    judgement = judged(kind, unread(kind, state))
    assert blocking(judgement) == {(code, FAIL)}
    assert of(judgement, "DATE")[0].outcome is UNCHECKED
    assert of(judgement, "DATE")[0].severity is Severity.NOTICE


def test_a_scan_without_text_layer_is_unchecked_where_text_matters():
    scan = evidence(state=ReadState.PARTIAL, without=("issued_on", "document_number"), text_chars=0, detail="扫描件,没有文字层")
    judgement = judged(of=scan)
    assert failed(judgement) == set()
    assert {"DATE", "NUMBER", "TEXT", "DRAFT"} <= {o.code for o in judgement.outcomes if o.outcome is UNCHECKED}
    assert "扫描件" in of(judgement, "DATE")[0].text


def test_a_picture_of_a_document_is_unchecked_too():
    picture = evidence(PHOTO, width=2000, height=3000, without=("taken_on",))
    judgement = judged(DOCUMENT, picture, sources=(source("通知.jpg"),))
    assert failed(judgement) == set()
    assert {("DATE", UNCHECKED), ("NUMBER", UNCHECKED)} <= blocking(judgement)


def test_a_spreadsheet_handed_in_as_a_document_was_not_read_as_one():
    sheet = evidence(TABLE, without=("table_date",))
    judgement = judged(DOCUMENT, sheet, sources=(source("通知.xlsx"),))
    assert blocking(judgement) == {("DATE", UNCHECKED), ("NUMBER", UNCHECKED)}


def test_a_placement_without_a_unit_sees_every_units_sources():
    anyone = placement(unit="")
    judgement = judged(
        of=evidence(without=("issued_on",)), sources=(source(form=form(date="2017-03-01")),), placements=(anyone,)
    )
    assert "DATE" in judgement.passed


def test_what_was_found_in_a_partly_read_file_is_judged():
    old = evidence(state=ReadState.PARTIAL, issued_on="2012-01-01", detail="后 3 页是扫描页")
    judgement = judged(of=old)
    assert failed(judgement) == {"WINDOW"}
    assert "NUMBER" in judgement.passed


def test_a_garbled_text_proves_no_absence():
    garbled = evidence(without=("issued_on", "document_number"), garbled=0.6)
    assert failed(judged(of=garbled)) == {"GARBLED"}
    assert {("DATE", UNCHECKED), ("NUMBER", UNCHECKED)} == blocking(judged(of=garbled))


STATES = st.sampled_from(ReadState)
FACTS = {
    "issued_on": st.sampled_from(["2017-03-01", "2012-03-01", "2017-03", None, "不详"]),
    "taken_on": st.sampled_from(["2017-03-01", "2030-01-01", None]),
    "table_date": st.sampled_from(["2016年", "2010年", None]),
    "document_number": st.sampled_from(["示教发〔2017〕3号", "", None]),
    "text_chars": st.integers(0, 900),
    "width": st.integers(1, 5000),
    "height": st.integers(1, 5000),
    "table_rows": st.integers(0, 3),
    "garbled": st.floats(0, 1),
    "draft_mark": st.sampled_from(["送审稿", None]),
    "macros": st.booleans(),
    "formula_errors": st.integers(0, 2),
}


@given(
    STATES,
    st.sampled_from(EvidenceKind),
    st.fixed_dictionaries({}, optional=FACTS),
    st.lists(st.sampled_from(["DATE", "NUMBER", "FORMAT", "OPEN", "WINDOW"]), max_size=2),
    st.integers(0, 1),
)
def test_every_judgement_keeps_the_laws(state, kind, facts, waived, size):
    """No code both passed and open; no pass on content of a file never read; only what may be waived is; a text in each."""
    e = evidence(kind, without=tuple(USUAL[kind][2]), state=state, size=size, **facts)
    decisions = tuple(act(WAIVE, f"w{n}", code=c) for n, c in enumerate(waived))
    judgement = judged(kind, e, decisions=decisions)
    catalogue = checks.load()
    assert not set(judgement.passed) & {o.code for o in judgement.outcomes}
    assert all(o.outcome is not Outcome.PASS and o.text.strip() for o in judgement.outcomes)
    assert all(catalogue.by_code[o.code].waivable and o.code in waived for o in judgement.outcomes if o.waived)
    if state in (ReadState.UNSUPPORTED, ReadState.GAVE_UP, ReadState.ENCRYPTED, ReadState.DAMAGED):
        decisive = of(judgement, "FORMAT") + of(judgement, "OPEN") + of(judgement, "ENCRYPTED") + of(judgement, "EMPTY")
        assert decisive
        assert "BLANK" not in judgement.passed
    if kind is DOCUMENT and "issued_on" not in facts:
        assert "DATE" not in judgement.passed
    assert judged(kind, e, decisions=decisions) == judgement


# ---- the date, and the window of its kind


def test_a_document_without_a_date_fails_and_the_window_only_waits_for_it():
    judgement = judged(of=evidence(without=("issued_on",)))
    assert blocking(judgement) == {("DATE", FAIL)}
    assert of(judgement, "WINDOW")[0].severity is Severity.NOTICE


@pytest.mark.parametrize(("kind", "key"), [(REPORT, "issued_on"), (PHOTO, "taken_on"), (TABLE, "table_date")])
def test_an_unknown_date_of_the_other_kinds_is_for_a_person_to_say(kind, key):
    assert blocking(judged(kind, evidence(kind, without=(key,)))) == {("DATE", UNCHECKED)}


def test_which_kinds_fail_without_a_date_is_a_setting():
    report = evidence(REPORT, without=("issued_on",))
    assert blocking(judged(REPORT, report, settings={"DATE": {"absent_fails": ["说明报告"]}})) == {("DATE", FAIL)}


def test_a_date_that_is_none_is_not_known():
    assert ("DATE", FAIL) in blocking(judged(of=evidence(issued_on="不详")))


@pytest.mark.parametrize("day", ["2016-08-01", "2017-07-31", "2016-08", "2017-07"])
def test_the_window_holds_its_first_and_last_day_and_months_that_reach_into_it(day):
    assert "WINDOW" in judged(of=evidence(issued_on=day)).passed


@pytest.mark.parametrize("day", ["2016-07-31", "2017-08-01", "2016-07"])
def test_a_day_outside_the_window_fails_and_both_are_named(day):
    outcome = of(judged(of=evidence(issued_on=day)), "WINDOW")[0]
    assert day[:7] in outcome.text and "2016-08-01 至 2017-07-31" in outcome.text and "成文日期" in outcome.text


@pytest.mark.parametrize(
    ("period", "inside"),
    [
        ("2015年", True),
        ("2016—2017年", True),
        ("2014—2015年", True),
        ("2010—2020年", True),
        ("2014年", False),
        ("2017年上半年", False),
    ],
)
def test_a_table_is_in_its_own_window_when_its_period_overlaps(period, inside):
    judgement = judged(TABLE, evidence(TABLE, table_date=period))
    assert ("WINDOW" in judgement.passed) is inside


def test_a_table_without_a_period_is_judged_by_its_date_of_issue():
    table = evidence(TABLE, without=("table_date",), issued_on="2016-05-01")
    assert "WINDOW" in judged(TABLE, table).passed


def test_a_requirement_may_have_a_window_of_its_own():
    own = cycle(RequirementRule("X1-1", DOCUMENT, window=Window(date(2010, 1, 1), date(2010, 12, 31))))
    assert "WINDOW" in failed(judged(cycle_=own))
    assert "WINDOW" in judged(cycle_=own, placements=(placement("X1-2"),)).passed


def test_a_photo_takes_its_date_from_the_units_own_caption():
    photo = evidence(PHOTO, without=("taken_on",))
    captioned = source("现场.jpg", caption=Fact("2017年3月5日 广场升旗", method="caption@1"))
    bare = source("现场.jpg", OTHER)
    placements = (placement(kind=PHOTO), placement(kind=PHOTO, unit=OTHER))
    judgement = judged(PHOTO, photo, sources=(captioned, bare), placements=placements)
    assert [o.unit for o in of(judgement, "DATE")] == [OTHER]
    assert [o.unit for o in of(judgement, "WINDOW")] == [OTHER]


def test_the_forms_date_counts_where_the_file_shows_none_and_is_named_as_such():
    e = evidence(without=("issued_on",))
    assert "DATE" in judged(of=e, sources=(source(form=form(date="2017.3.1")),)).passed
    outcome = of(judged(of=e, sources=(source(form=form(date="2011.3.1")),)), "WINDOW")[0]
    assert "提交表" in outcome.text


def test_the_forms_date_never_beats_the_files():
    judgement = judged(of=evidence(issued_on="2012-03-01"), sources=(source(form=form(date="2017-03-01")),))
    assert failed(judgement) == {"WINDOW", "FORMDATE"}


# ---- a person's word


def test_an_attested_fact_beats_the_read_one_and_keeps_it():
    judgement = judged(of=evidence(issued_on="2012-03-01"), decisions=(act(ATTEST, fact="issued_on", value="2017-03-01"),))
    assert judgement.outcomes == ()
    assert {"DATE", "WINDOW"} <= set(judgement.passed)


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


def test_a_return_names_who_why_and_by_when_and_holds_until_undone():
    back = act(RETURN, reason="照片模糊", due=date(2017, 9, 1))
    text = of(judged(decisions=(back,)), "RETURNED")[0].text
    assert "王审核" in text and "照片模糊" in text and "2017-09-01" in text
    assert judged(decisions=(back, act(DecisionAction.UNDO, "d2", decision="d1"))).outcomes == ()


def test_a_return_to_one_unit_leaves_the_others_placement():
    both = (placement(), placement(unit=OTHER))
    judgement = judged(sources=(source(), source(unit=OTHER)), placements=both, decisions=(act(RETURN, unit=OTHER),))
    assert [(o.unit, o.item) for o in of(judgement, "RETURNED")] == [(OTHER, "X1-1")]


def test_decisions_about_other_evidence_change_nothing():
    assert judged(decisions=(act(RETURN, sha256="e" * 64),)).outcomes == ()


def test_a_returned_or_superseded_piece_waits_for_nobody():
    for judgement in (judged(of=unread(), decisions=(act(RETURN),)), judged(of=unread(), superseded_by="f" * 64)):
        assert {outcome for _, outcome in blocking(judgement)} == {FAIL}


# ---- scope


def test_kind_decides_which_checks_apply():
    assert {"NUMBER", "TEXT"} <= set(judged(DOCUMENT).passed)
    assert not {"NUMBER", "TEXT", "TABLE"} & set(judged(PHOTO).passed)
    assert "PIXELS" not in judged(DOCUMENT).passed


def test_unplaced_evidence_is_judged_as_a_file_only():
    judgement = judged(of=evidence(without=("issued_on", "document_number")), placements=())
    assert judgement.outcomes == ()
    assert "DATE" not in judgement.passed


def test_rejected_placements_are_not_judged():
    rejected = placement(status=PlacementStatus.REJECTED)
    assert "DATE" not in judged(of=evidence(issued_on="2012-01-01"), placements=(rejected,)).passed


def test_an_unknown_unit_is_found_for_each_of_its_placements_and_without_any():
    sources = (source(unit="教育", folder="教育", unit_known=False),)
    two = (placement("X1-1", unit="教育"), placement("X1-2", unit="教育"))
    assert [o.item for o in of(judged(sources=sources, placements=two), "UNIT")] == ["X1-1", "X1-2"]
    (alone,) = of(judged(sources=sources, placements=()), "UNIT")
    assert (alone.unit, alone.item) == ("教育", "") and "教育" in alone.text


def test_the_same_bytes_from_two_units_are_told_to_both():
    both = (placement(), placement(unit=OTHER))
    outcomes = of(judged(sources=(source(), source(unit=OTHER)), placements=both), "SAME")
    assert [(o.unit, o.severity) for o in outcomes] == [(OTHER, Severity.NOTICE), (UNIT, Severity.NOTICE)]
    assert UNIT in outcomes[0].text and OTHER in outcomes[1].text


def test_one_requirement_served_under_two_kinds_is_no_reuse():
    assert "SAME" in judged(placements=(placement(), placement(kind=REPORT))).passed


@pytest.mark.parametrize("path", ["通知.DOCX", "通知", "通知.abc", "包.zip!/通知.docm"])
def test_a_name_that_claims_nothing_else_is_no_mismatch(path):
    assert "TYPE" in judged(sources=(source(path),)).passed


def test_plain_text_named_csv_is_no_mismatch_but_a_picture_named_pdf_is():
    assert "TYPE" in judged(TABLE, evidence(TABLE, media_type="text/csv"), sources=(source("统计.txt"),)).passed
    outcome = of(judged(PHOTO, evidence(PHOTO), sources=(source("现场.pdf"),)), "TYPE")[0]
    assert "PDF 文件" in outcome.text and "JPEG 图片" in outcome.text


def test_the_wrong_name_of_one_unit_is_not_found_of_the_other():
    both = (placement(), placement(unit=OTHER))
    judgement = judged(sources=(source(), source("通知.pdf", OTHER)), placements=both)
    assert [o.unit for o in of(judgement, "TYPE")] == [OTHER]


def test_outcomes_stand_in_the_order_of_the_check_catalogue():
    e = evidence(REPORT, issued_on="2012-01-01", text_chars=3, macros=True)
    codes = [o.code for o in judged(REPORT, e, superseded_by="f" * 64).outcomes]
    assert codes == ["MACRO", "WINDOW", "TEXT", "SUPERSEDED"]


def test_the_order_of_sources_and_placements_changes_nothing():
    sources = (source(), source("a.pdf"), source(unit=OTHER))
    placements = (placement("X1-2"), placement("X1-1"), placement(unit=OTHER))
    assert judged(sources=sources, placements=placements) == judged(sources=sources[::-1], placements=placements[::-1])


def test_a_setting_turns_a_warning_into_a_blocking_finding():
    small = evidence(PHOTO, width=900, height=600)
    assert blocking(judged(PHOTO, small)) == set()
    assert blocking(judged(PHOTO, small, settings={"PIXELS": {"severity": "blocking"}})) == {("PIXELS", FAIL)}
    assert judged(PHOTO, small, settings={"PIXELS": {"min_long_side": 900}}).outcomes == ()


def test_an_unknown_setting_stops_the_judgement():
    with pytest.raises(DataError, match="PIXLES"):
        judged(settings={"PIXLES": {}})


def test_control_characters_in_a_file_name_do_not_reach_a_finding():
    text = of(judged(sources=(source("通\u202eknown\n.pdf"),)), "TYPE")[0].text
    assert "\u202e" not in text and "\n" not in text


def test_persons_are_told_masked_to_each_unit_that_sent_the_file_and_to_none_besides():
    e = evidence(persons=["身份证号 2 个(如 110**************X)"])
    both = (source(), source("转来.docx", OTHER))
    outcomes = of(judged(of=e, sources=both, placements=(placement(),)), "PERSONS")
    assert {(o.unit, o.item) for o in outcomes} == {(UNIT, "X1-1"), (OTHER, "")}
    assert all("110**************X" in o.text and o.severity is Severity.WARNING for o in outcomes)
    mine = next(o for o in outcomes if o.unit == UNIT)
    assert "转来" not in mine.text


def test_an_attested_seal_or_issuer_settles_the_check():
    unsealed = evidence(seal=False, issuer=Fact("示例市教育局", method="pdf@1/signature"))
    assert failed(judged(of=unsealed)) == {"SEAL"}
    assert failed(judged(of=unsealed, decisions=(act(ATTEST, fact="seal", value="有"),))) == set()
    headed = evidence(seal=False, issuer=Fact("示例市教育局", method="pdf@1/red-head"))
    assert failed(judged(of=headed)) == set()  # 红头 goes without (GB/T 9704-2012 7.3.5.1)


@pytest.mark.parametrize(
    ("issuer", "right"),
    [
        ("中共示例市委员会", True),
        ("中共示例市委办公室", True),
        ("示例市精神文明建设指导委员会", True),
        ("示例市文明委", True),
        ("中共示例市委宣传部", False),
        ("共青团示例市委员会", False),
        ("示例市人民政府", False),
    ],
)
def test_a_document_of_a_deployment_is_the_party_committees_own(issuer, right):
    judgement = judged(of=evidence(issuer=issuer), placements=(placement("X1-4"),))
    assert ("ISSUER" in judgement.passed) is right


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("示教发〔2017〕3号", ""),
        ("示教发 〔2017〕 3 号", ""),
        ("示教发〔２０１７〕３号", ""),
        ("示教发[2017]3号", "六角括号"),
        ("示教发【2017】3号", "六角括号"),
        ("示教发〔2017〕第3号", "第"),
        ("示教发〔2017〕03号", "0 开头"),
        ("示教发〔17〕3号", "四位"),
    ],
)
def test_the_number_is_judged_as_it_stands_in_the_file(raw, why):
    judgement = judged(of=evidence(document_number=Fact("示教发〔2017〕3号", raw=raw, method="pdf@1/head")))
    assert ("NUMBERFORM" in judgement.passed) is (not why)
    assert not why or why in of(judgement, "NUMBERFORM")[0].text
