"""The audit's comparisons: every disagreement found, nothing else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.evidence import Evidence, Fact, Reading
from archive_schema.outputs import AuditCompleteness, AuditIntegrity, AuditOutput
from archive_schema.records import Head
from archive_schema.words import Nature, ReadState
from validators import audit
from validators.audit import ExpectedObject, SeriesProblem

A, B, C = (f"objects/sha256/{c * 2}/{c * 64}" for c in "abc")
HEAD = Head(seq=3, total=40, digest="d" * 64, key="cycles/2017/manifest/00000003-r.jsonl", index_id="i")


def codes(problems):
    return [p.code for p in problems]


def test_a_store_that_is_what_the_manifest_says_has_no_problem():
    expected = [ExpectedObject(A, 10), ExpectedObject(B, 0), ExpectedObject(C, 5, destroyed=True)]
    problems = list(audit.objects([(A, 10), (B, 0)], expected))
    assert problems == [] == audit.heads(HEAD, HEAD)
    assert audit.integrity(problems) == AuditIntegrity(ok=True, problems=[])


def test_missing_and_altered_objects_are_named_with_both_sizes():
    missing, size = audit.objects([(B, 9)], [ExpectedObject(A, 10), ExpectedObject(B, 10)])
    assert (missing.code, missing.nature, missing.key, missing.expected, missing.found) == (
        "object.missing",
        "完整性",
        A,
        "10 字节",
        None,
    )
    assert (size.code, size.nature, size.key, size.expected, size.found) == ("object.size", "真实性", B, "10 字节", "9 字节")
    assert not audit.integrity([missing]).ok and not audit.integrity([size]).ok


def test_an_object_destroyed_by_decision_is_never_missing_but_must_be_gone():
    assert list(audit.objects([], [ExpectedObject(A, 10, destroyed=True)])) == []
    (there,) = audit.objects([(A, 10)], [ExpectedObject(A, 10, destroyed=True)])
    assert (there.code, there.nature, there.expected) == ("object.not-destroyed", Nature.SECURITY, "依决定销毁")


def test_an_unexpected_object_is_told_and_does_not_block():
    problems = list(audit.objects([(A, 10), (B, 3), (C, 4)], [ExpectedObject(A, 10)], staged={C}))
    assert [(p.code, p.key) for p in problems] == [("object.unexpected", B)]
    assert audit.integrity(problems).ok


@pytest.mark.parametrize(
    ("store", "index"),
    [
        (HEAD, None),
        (None, HEAD),
        (HEAD, Head(3, 40, "e" * 64, HEAD.key, "i")),
        (HEAD, Head(3, 41, "d" * 64, HEAD.key, "i")),
    ],
)
def test_two_heads_that_differ_are_a_problem(store, index):
    (found,) = audit.heads(store, index)
    assert (found.code, found.key) == ("head.differs", HEAD.key)
    for told, head in ((found.expected, index), (found.found, store)):
        assert told is None if head is None else head.anchor in told and str(head.total) in told
    assert not audit.integrity([found]).ok


def test_no_series_at_all_is_no_problem():
    assert audit.heads(None, None) == []


def test_an_anchor_holds_when_the_series_has_that_segment():
    assert audit.anchor(HEAD, "d" * 64, HEAD.anchor) == []
    assert audit.anchor(HEAD, "c" * 64, f"2:{'c' * 64}") == []
    assert audit.anchor(HEAD, None, None) == []


@pytest.mark.parametrize(("expect", "found"), [(f"2:{'d' * 64}", "c" * 64), (f"9:{'d' * 64}", None), ("x:y", None)])
def test_a_series_put_back_behind_its_anchor_is_found(expect, found):
    (problem,) = audit.anchor(HEAD, found, expect)
    assert (problem.code, problem.expected) == ("head.anchor", expect)
    assert problem.found == (f"2:{found}" if found else HEAD.anchor)


def test_the_series_own_problems_keep_their_codes_and_an_unknown_code_blocks():
    cut, torn = audit.series([SeriesProblem("series.beyond-head", "k"), SeriesProblem("series.chain", "k", "x", "y")])
    assert (cut.nature, torn.nature) == ("完整性", "真实性")
    assert audit.integrity([cut]).ok and not audit.integrity([torn]).ok


def test_counts_that_differ_are_a_problem():
    assert audit.counts(4, 4, what="records") == []
    assert codes(audit.counts(4, 5, what="records")) == ["count.records"]


@pytest.mark.parametrize(
    ("integrity", "completeness", "expected"),
    [
        (AuditIntegrity(True, []), AuditCompleteness(True, {}), False),
        (AuditIntegrity(False, []), None, True),
        (None, AuditCompleteness(False, {}), True),
        (AuditIntegrity(True, []), AuditCompleteness(False, {}), True),
        (AuditIntegrity(True, []), None, False),
    ],
)
def test_only_what_was_looked_at_can_block(integrity, completeness, expected):
    assert audit.blocking(AuditOutput(None, "fast", integrity, completeness, [])) is expected


def test_every_kind_of_problem_says_what_it_is_and_what_to_do():
    assert all(k.text and k.remedy for k in audit.kinds().values())


keys = st.sampled_from([A, B, C])


@given(st.dictionaries(keys, st.integers(0, 3)), st.dictionaries(keys, st.tuples(st.integers(0, 3), st.booleans())))
def test_there_is_no_problem_exactly_when_listing_and_manifest_agree(listing, manifest):
    expected = [ExpectedObject(k, size, gone) for k, (size, gone) in sorted(manifest.items())]
    agree = listing == {k: size for k, (size, gone) in manifest.items() if not gone}
    assert (list(audit.objects(sorted(listing.items()), expected)) == []) is agree


@given(st.dictionaries(keys, st.integers(0, 3)), st.dictionaries(keys, st.integers(0, 3)))
def test_each_object_that_differs_is_named_once(listing, manifest):
    found = list(audit.objects(sorted(listing.items()), [ExpectedObject(k, n) for k, n in sorted(manifest.items())]))
    assert [p.key for p in found] == sorted(k for k in {*listing, *manifest} if listing.get(k) != manifest.get(k))


def held(state=ReadState.READ, reader="pdf@2", volatile=False, **facts):
    return Evidence("a" * 64, 3, "application/pdf", reader, state, facts, volatile=volatile, object_key=A)


def read(state=ReadState.READ, reader="pdf@2", **facts):
    return Reading("application/pdf", reader, state, facts, detail="说明")


def test_a_file_that_could_be_read_and_no_longer_can_is_found():
    for lost in (ReadState.DAMAGED, ReadState.ENCRYPTED):
        assert codes(audit.reopened(held(), read(lost))) == ["evidence.unreadable"]
        assert audit.reopened(held(lost), read(lost)) == [] == audit.reopened(held(lost), read())
    assert audit.could_not_compare(held(), read(ReadState.UNSUPPORTED)), "its reader is not here"
    assert audit.could_not_compare(held(), read(ReadState.GAVE_UP)) and audit.reopened(held(), read(ReadState.GAVE_UP)) == []


def test_facts_are_compared_where_one_reader_read_both_times_and_are_never_told():
    before, now = Fact("甲", method="pdf@2/head"), Fact("乙", method="pdf@2/head")
    (p,) = audit.reopened(held(title=before), read(title=now))
    assert (p.code, "标题" in (p.found or "")) == ("facts.differ", True)
    assert "甲" not in f"{p}" and "乙" not in f"{p}"
    assert codes(audit.reopened(held(title=before), read())) == ["facts.differ"]
    assert audit.reopened(held(title=before), read(title=before)) == []
    assert audit.reopened(held(title=before), read(reader="pdf@3", title=now)) == []
    assert audit.reopened(held(volatile=True, title=before), read(title=now)) == []
    assert audit.reopened(held(title=before), msgspec.structs.replace(read(title=now), volatile=True)) == []
    assert audit.reopened(held(document_number=Fact("1", method="name@1")), read()) == [], "the bytes have no name"


def test_a_problem_that_the_table_does_not_know_blocks():
    assert not audit.integrity([audit.problem("not.known", A)]).ok


def test_an_anchor_noted_in_part_that_does_not_agree_leaves_nothing_half_checked():
    assert audit.beyond_anchor("3:dddd", [])
    assert audit.beyond_anchor("3:cccc", audit.anchor(HEAD, "d" * 64, "3:cccc")) == []
    assert audit.beyond_anchor(HEAD.anchor, []) == []


def test_what_is_kept_beside_the_bytes_and_is_not_made_any_more_differs():
    e = Evidence("a" * 64, 10, "application/pdf", "pdf@1", ReadState.READ, {})
    assert codes(audit.kept(e, {"pdf@1": b"text"}, {})) == ["derived.differs"]
    assert audit.kept(e, {"pdf@1": b"text"}, {"pdf@1": b"text"}) == []


def test_what_was_read_in_part_and_opens_no_more_is_unreadable():
    held = Evidence("a" * 64, 10, "application/pdf", "pdf@1", ReadState.PARTIAL, {})
    now = Reading("application/pdf", "pdf@1", ReadState.DAMAGED, {})
    assert codes(audit.reopened(held, now)) == ["evidence.unreadable"]
