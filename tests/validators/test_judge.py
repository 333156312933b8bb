"""The judgement of one evidence: what counts as known, whose word holds, and what an 未检 means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.errors import DataError
from archive_schema.evidence import Fact
from archive_schema.media import FORMATS
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
    blocking,
    evidence,
    failed,
    form,
    judged,
    of,
    placement,
    source,
    unread,
)
from validators import checks

FAIL, UNCHECKED = Outcome.FAIL, Outcome.UNCHECKED
ATTEST, WAIVE, RETURN = DecisionAction.ATTEST, DecisionAction.WAIVE, DecisionAction.RETURN


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


# ---- an 未检 that blocks is settled by nothing that passed


FOLLOWS = [(c.code, code, kind) for c in checks.load().checks for code in c.follows for kind in c.kinds or tuple(EvidenceKind)]


def settled_together(outcome, judgement, check) -> bool:
    """Does a check that it follows, or one that decides, hold up the same placement or the bytes?"""
    by_code = checks.load().by_code
    near = [o for o in judgement.outcomes if (o.unit, o.item) in (("", ""), (outcome.unit, outcome.item))]
    near = [o for o in near if o.severity is Severity.BLOCKING]
    return any(o.code in check.follows or (o.outcome is FAIL and by_code[o.code].decides) for o in near)


@given(
    STATES,
    st.sampled_from(FOLLOWS),
    st.sampled_from(Severity),
    st.fixed_dictionaries({}, optional=FACTS),
    st.sets(st.sampled_from(sorted({k for of_kind in USUAL.values() for k in of_kind[2]})), max_size=4),
)
def test_what_a_city_lets_block_is_unchecked_for_a_person_unless_what_it_follows_blocks_too(
    state, followed, severity, facts, missing
):
    code, other, kind = followed
    check, first = checks.load().by_code[code], checks.load().by_code[other]
    settings = {code: {"severity": "blocking"}} | ({other: {"severity": severity.value}} if first.waivable else {})
    e = evidence(kind, without=tuple(missing), state=state, reader="test@1", **facts)
    judgement = judged(kind, e, settings=settings)
    for o in of(judgement, code):
        if o.outcome is UNCHECKED:
            together = settled_together(o, judgement, check)
            assert o.severity is (Severity.NOTICE if together else Severity.BLOCKING)


def test_a_seal_that_nobody_could_look_for_and_a_watermark_nobody_read_for_hold_up_where_they_block():
    unread_seal, unread_picture = evidence(without=("seal",)), evidence(PHOTO, reader="test@1")
    assert blocking(judged(of=unread_seal)) == set() == blocking(judged(PHOTO, unread_picture))
    assert blocking(judged(of=unread_seal, settings={"SEAL": {"severity": "blocking"}})) == {("SEAL", UNCHECKED)}
    marked = {"WATERMARK": {"severity": "blocking"}}
    assert blocking(judged(PHOTO, unread_picture, settings=marked)) == {("WATERMARK", UNCHECKED)}
    assert blocking(judged(PHOTO, unread_picture, settings=marked, decisions=(act(WAIVE, code="WATERMARK"),))) == set()


def test_an_unknown_date_that_only_warns_leaves_the_window_to_a_person():
    undated = evidence(PHOTO, without=("taken_on",))
    assert blocking(judged(PHOTO, undated, settings={"DATE": {"severity": "warning"}})) == {("WINDOW", UNCHECKED)}
    assert blocking(judged(PHOTO, undated, decisions=(act(WAIVE, code="DATE"),))) == set(), "settled by a named person"


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


def test_what_lies_in_no_folder_is_not_told_of_a_folder():
    (alone,) = of(judged(sources=(source(unit="", folder="", unit_known=False),), placements=()), "UNIT")
    assert "直接放在收件箱里" in alone.text and "文件夹“" not in alone.text


def test_the_same_bytes_from_two_units_are_told_to_both():
    both = (placement(), placement(unit=OTHER))
    outcomes = of(judged(sources=(source(), source(unit=OTHER)), placements=both), "SAME")
    assert [(o.unit, o.severity) for o in outcomes] == [(OTHER, Severity.NOTICE), (UNIT, Severity.NOTICE)]
    assert UNIT in outcomes[0].text and OTHER in outcomes[1].text


def test_who_was_put_in_the_lead_answers_and_who_was_put_out_no_longer():
    moved = {"X1-1": (OTHER, "市文联")}
    by_other = {"sources": (source(unit=OTHER),), "placements": (placement("X1-1", unit=OTHER),)}
    assert of(judged(**by_other), "DEPARTMENT") and not of(judged(placements=(placement("X1-1"),)), "DEPARTMENT")
    assert "DEPARTMENT" in judged(**by_other, answering=moved).passed
    [outcome] = of(judged(placements=(placement("X1-1"),), answering=moved), "DEPARTMENT")
    assert UNIT in outcome.text and f"({OTHER}、市文联)" in outcome.text


@pytest.mark.parametrize("what", [DecisionAction.WITHDRAW, DecisionAction.SUPERSEDE])
def test_what_no_longer_counts_is_no_reuse(what):
    both, sent = (placement(), placement(unit=OTHER)), (source(), source(unit=OTHER))
    for units in ([OTHER], [""], [UNIT]):
        acts = tuple(act(what, f"d{n}", unit=u, by_sha256="f" * 64) for n, u in enumerate(units))
        assert "SAME" in judged(sources=sent, placements=both, decisions=acts).passed
    undone = (act(what, unit=OTHER, by_sha256="f" * 64), act(DecisionAction.UNDO, "d2", decision="d1"))
    assert len(of(judged(sources=sent, placements=both, decisions=undone), "SAME")) == 2


def test_one_requirement_served_under_two_kinds_is_no_reuse():
    assert "SAME" in judged(placements=(placement(), placement(kind=REPORT))).passed


@pytest.mark.parametrize("path", ["通知.DOCX", "通知", "通知.abc", "包.zip!/通知.docm"])
def test_a_name_that_claims_nothing_else_is_no_mismatch(path):
    assert "TYPE" in judged(sources=(source(path),)).passed


@pytest.mark.parametrize(
    "detail",
    ["第 2 页是扫描件,无文字层,未识别;第 3、5–7 页打不开", "文件页的图片,已识别全文;第 3、5–7 页打不开,未识别;识别可能有误"],
)
def test_a_file_of_which_pages_do_not_open_is_no_file_that_opens(detail):
    """Nor one that does not: another program may open them, so a person looks, and says so."""
    part = evidence(state=ReadState.PARTIAL, detail=detail)
    judgement = judged(of=part)
    assert blocking(judgement) == {("FORMAT", UNCHECKED)} and "OPEN" not in judgement.passed
    [said] = of(judgement, "FORMAT")
    assert said.text.endswith("文件内容未检,第 3、5–7 页打不开")
    assert not blocking(judged(of=part, decisions=(act(WAIVE, code="FORMAT"),)))
    other = judged(of=evidence(state=ReadState.PARTIAL, detail="第 2 页是扫描件,无文字层,未识别"))
    assert {"OPEN", "FORMAT"} <= set(other.passed)


@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.media_type)
def test_every_format_has_its_own_extensions_and_no_other(format):
    e = evidence(DOCUMENT, media_type=format.media_type)
    for extension in format.extensions:
        assert not of(judged(DOCUMENT, e, sources=(source(f"文件{extension.upper()}"),)), "TYPE")
    other = ".png" if ".pdf" in format.extensions else ".pdf"
    assert of(judged(DOCUMENT, e, sources=(source(f"文件{other}"),)), "TYPE")


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
