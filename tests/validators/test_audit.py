"""The audit's comparisons: every disagreement found, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.outputs import AuditCompleteness, AuditIntegrity, AuditOutput
from archive_schema.records import Head
from archive_schema.words import Nature
from validators import audit
from validators.audit import ExpectedObject, SeriesProblem

A, B, C = (f"objects/sha256/{c * 2}/{c * 64}" for c in "abc")
HEAD = Head(seq=3, total=40, digest="d" * 64, key="cycles/2017/manifest/00000003-r.jsonl", index_id="i")


def codes(problems):
    return [p.code for p in problems]


def test_a_store_that_is_what_the_manifest_says_has_no_problem():
    expected = [ExpectedObject(A, 10), ExpectedObject(B, 0), ExpectedObject(C, 5, destroyed=True)]
    problems = audit.fast(store_head=HEAD, index_head=HEAD, series_problems=(), listing={A: 10, B: 0}, expected=expected)
    assert problems == []
    assert audit.integrity(problems) == AuditIntegrity(ok=True, problems=[])


def test_missing_and_altered_objects_are_named_with_both_sizes():
    missing, size = audit.objects({B: 9}, [ExpectedObject(A, 10), ExpectedObject(B, 10)])
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
    assert audit.objects({}, [ExpectedObject(A, 10, destroyed=True)]) == []
    (there,) = audit.objects({A: 10}, [ExpectedObject(A, 10, destroyed=True)])
    assert (there.code, there.nature, there.expected) == ("object.not-destroyed", Nature.SECURITY, "依决定销毁")


def test_an_unexpected_object_is_told_and_does_not_block():
    problems = audit.objects({A: 10, B: 3, C: 4}, [ExpectedObject(A, 10)], staged={C})
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
    anchors = {2: "c" * 64, 3: "d" * 64}
    assert audit.anchor(HEAD, anchors, HEAD.anchor) == []
    assert audit.anchor(HEAD, anchors, f"2:{'c' * 64}") == []
    assert audit.anchor(HEAD, anchors, None) == []


@pytest.mark.parametrize("expect", [f"2:{'d' * 64}", f"9:{'d' * 64}", "x:y"])
def test_a_series_put_back_behind_its_anchor_is_found(expect):
    (found,) = audit.anchor(HEAD, {2: "c" * 64, 3: "d" * 64}, expect)
    assert (found.code, found.expected) == ("head.anchor", expect)


def test_the_series_own_problems_keep_their_codes_and_an_unknown_code_blocks():
    cut, torn = audit.series([SeriesProblem("series.beyond-head", "k"), SeriesProblem("series.chain", "k", "x", "y")])
    assert (cut.nature, torn.nature) == ("完整性", "真实性")
    assert audit.integrity([cut]).ok and not audit.integrity([torn]).ok


def test_counts_that_differ_are_a_problem():
    assert audit.counts(4, 4) == []
    assert codes(audit.counts(4, 5)) == ["count.objects"]


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
    expected = [ExpectedObject(k, size, gone) for k, (size, gone) in manifest.items()]
    agree = listing == {k: size for k, (size, gone) in manifest.items() if not gone}
    assert (audit.objects(listing, expected) == []) is agree
