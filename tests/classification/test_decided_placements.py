from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.evidence import Placement, Proposal
from archive_schema.words import DecisionAction as Act
from archive_schema.words import EvidenceKind as K
from archive_schema.words import PlacementMethod, PlacementStatus
from classification.decided import accepted, apply, check

SHA, OTHER = "a" * 64, "b" * 64
AUTO, REVIEW = PlacementStatus.AUTO, PlacementStatus.IN_REVIEW
CONFIRMED, REJECTED = PlacementStatus.CONFIRMED, PlacementStatus.REJECTED
CELLS = [("III18-1", K.DOCUMENT), ("III18-1", K.TABLE), ("III18-2", K.DOCUMENT), ("III40-2", K.TABLE)]


def decide(ident: str, action: Act, **more: Any) -> Decision:
    day = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=len(ident))
    return Decision(
        id=ident,
        action=action,
        by="王芳",
        at=day,
        reason="核对原件",
        **({"sha256": SHA} if action is not Act.UNDO else {}) | more,
    )


def placed(item: str, kind: K, status: PlacementStatus = REVIEW, unit: str = "市文明办") -> Placement:
    return Placement(SHA, unit, item, kind, PlacementMethod.NUMBER, None, status, ("文件名含编号",))


def proposal(*cells: tuple[str, K], status: PlacementStatus = REVIEW, unit: str = "市文明办") -> Proposal:
    return Proposal(SHA, unit, None, tuple(placed(i, k, status, unit) for i, k in cells))


def states(placements: Sequence[Placement]) -> dict[tuple[str, K], PlacementStatus]:
    return {(p.item, p.kind): p.status for p in placements}


def test_accept_confirms_and_keeps_the_machines_reasons() -> None:
    (p,) = apply(proposal(CELLS[0]), [decide("d1", Act.ACCEPT)])
    assert (p.status, p.method, p.decision, p.reasons) == (CONFIRMED, PlacementMethod.DECISION, "d1", ("文件名含编号",))


def test_accept_with_a_cell_makes_a_placement_where_none_was() -> None:
    (p,) = apply(proposal(), [decide("d1", Act.ACCEPT, item="III18-1", kind=K.TABLE)])
    assert (p.item, p.kind, p.status, p.decision, p.unit) == ("III18-1", K.TABLE, CONFIRMED, "d1", "市文明办")


def test_move_rejects_the_others_and_confirms_the_target() -> None:
    out = apply(proposal(CELLS[0], CELLS[2]), [decide("d1", Act.MOVE, item="III40-2", kind=K.TABLE)])
    assert states(out) == {CELLS[0]: REJECTED, CELLS[2]: REJECTED, CELLS[3]: CONFIRMED}
    assert {p.decision for p in out} == {"d1"}


def test_reject_names_one_or_all() -> None:
    machine = proposal(CELLS[0], CELLS[2], status=AUTO)
    assert states(apply(machine, [decide("d1", Act.REJECT, item="III18-1")])) == {CELLS[0]: REJECTED, CELLS[2]: AUTO}
    assert set(states(apply(machine, [decide("d1", Act.REJECT)])).values()) == {REJECTED}


def test_reject_leaves_the_kinds_that_it_does_not_name() -> None:
    machine = proposal(*CELLS[:2], status=AUTO)
    out = apply(machine, [decide("d1", Act.REJECT, item="III18-1", kind=K.TABLE)])
    assert states(out) == {CELLS[0]: AUTO, CELLS[1]: REJECTED}


def test_accept_of_no_cell_confirms_what_is_open_and_nothing_that_was_rejected() -> None:
    acts = [decide("d1", Act.REJECT, item="III18-1"), decide("d2", Act.ACCEPT)]
    for status in (AUTO, REVIEW):
        assert states(apply(proposal(CELLS[0], CELLS[2], status=status), acts)) == {CELLS[0]: REJECTED, CELLS[2]: CONFIRMED}


def test_the_later_decision_wins() -> None:
    both = [decide("d1", Act.REJECT), decide("d2", Act.ACCEPT, item="III18-1", kind=K.DOCUMENT)]
    (p,) = apply(proposal(CELLS[0]), both)
    assert (p.status, p.decision) == (CONFIRMED, "d2")
    (p,) = apply(proposal(CELLS[0]), both[::-1])
    assert (p.status, p.decision) == (REJECTED, "d1")


def test_a_decision_is_for_its_file_and_its_unit() -> None:
    machine = proposal(CELLS[0])
    for foreign in (
        decide("d1", Act.ACCEPT, sha256=OTHER),
        decide("d1", Act.ACCEPT, unit="市商务局"),
        decide("d1", Act.RETURN),
    ):
        assert apply(machine, [foreign]) == machine.placements
    assert states(apply(machine, [decide("d1", Act.ACCEPT, unit="市文明办")])) == {CELLS[0]: CONFIRMED}
    assert states(apply(machine, [decide("d1", Act.ACCEPT, unit="")])) == {CELLS[0]: CONFIRMED}


def test_an_undone_undo_brings_the_decision_back() -> None:
    machine = proposal(CELLS[0])
    history = [decide("d1", Act.REJECT), decide("d2", Act.UNDO, decision="d1"), decide("d3", Act.UNDO, decision="d2")]
    assert apply(machine, history[:2]) == machine.placements
    assert apply(machine, history) == apply(machine, history[:1])


_cell = st.sampled_from(CELLS)
_machine = st.tuples(
    st.lists(_cell, unique=True, max_size=3), st.sampled_from([AUTO, REVIEW])
).map(lambda t: proposal(*t[0], status=t[1]))  # fmt: skip


@st.composite
def _acts(draw: st.DrawFn) -> list[Decision]:
    out = []
    for n in range(draw(st.integers(0, 6))):
        act = draw(st.sampled_from([Act.ACCEPT, Act.MOVE, Act.REJECT]))
        item, kind = draw(_cell)
        named = act is Act.MOVE or draw(st.booleans())
        more: dict[str, Any] = {"item": item, "kind": kind} if named else {}
        out.append(decide(f"d{n}", act, unit=draw(st.sampled_from(["", "市文明办", "市商务局"])), **more))
    return out


@given(_machine, _acts())
def test_applying_is_idempotent(machine: Proposal, acts: list[Decision]) -> None:
    once = apply(machine, acts)
    assert apply(msgspec.structs.replace(machine, placements=once), acts) == once


@given(_machine, _machine, _acts(), _cell)
def test_what_a_person_named_stands_whatever_the_machine_says(
    one: Proposal, two: Proposal, acts: list[Decision], cell: tuple[str, K]
) -> None:
    last = [*acts, decide("last", Act.MOVE, item=cell[0], kind=cell[1])]
    for machine in (one, two):
        out = apply(machine, last)
        assert [(p.item, p.kind) for p in out if p.status is CONFIRMED] == [cell]
        assert all(p.status is REJECTED for p in out if (p.item, p.kind) != cell)
        assert all((p.method, p.decision) == (PlacementMethod.DECISION, "last") for p in out)


@given(_machine, _acts(), st.data())
def test_undo_restores_exactly_what_was(machine: Proposal, acts: list[Decision], data: st.DataObject) -> None:
    before = apply(machine, acts)
    new = decide("new", Act.MOVE, item="III40-2", kind=K.TABLE)
    assert apply(machine, [*acts, new, decide("undo", Act.UNDO, decision="new")]) == before
    if acts:
        gone = data.draw(st.sampled_from(acts))
        rest = [a for a in acts if a is not gone]
        assert apply(machine, [*acts, decide("undo", Act.UNDO, decision=gone.id)]) == apply(machine, rest)


# check


def lookup(*held: Proposal) -> Any:
    return lambda sha, unit: [p for p in held if p.sha256 == sha and unit in ("", p.unit)]


ONE = proposal(CELLS[0])
TWO = proposal(CELLS[0], CELLS[2])


@pytest.mark.parametrize(
    ("code", "decision", "held"),
    [
        ("by", msgspec.structs.replace(decide("d", Act.ACCEPT), by=" "), ONE),
        ("reason", msgspec.structs.replace(decide("d", Act.ACCEPT), reason=""), ONE),
        ("reason", msgspec.structs.replace(decide("d", Act.ACCEPT), reason=" \t"), ONE),
        ("needs-sha256", decide("d", Act.ACCEPT, sha256=""), ONE),
        ("needs-item", decide("d", Act.MOVE, kind=K.TABLE), ONE),
        ("needs-kind", decide("d", Act.MOVE, item="III18-1"), ONE),
        ("needs-fact", decide("d", Act.ATTEST, value="x"), ONE),
        ("needs-value", decide("d", Act.ATTEST, fact="title"), ONE),
        ("needs-code", decide("d", Act.WAIVE), ONE),
        ("needs-by_sha256", decide("d", Act.SUPERSEDE), ONE),
        ("needs-to_unit", decide("d", Act.REASSIGN, sha256="", item="III18-1"), ONE),
        ("needs-item", decide("d", Act.NOT_APPLICABLE, sha256=""), ONE),
        ("needs-decision", decide("d", Act.UNDO), ONE),
        ("unknown-decision", decide("d", Act.UNDO, decision="nix"), ONE),
        ("already-undone", decide("d", Act.UNDO, decision="d1"), ONE),
        ("unknown-item", decide("d", Act.MOVE, item="III99-1", kind=K.TABLE), ONE),
        ("not-reviewed", decide("d", Act.MOVE, item="III7-2", kind=K.PHOTO), ONE),
        ("kind-not-asked", decide("d", Act.MOVE, item="III68-2", kind=K.PHOTO), ONE),
        ("unknown-evidence", decide("d", Act.ACCEPT, sha256=OTHER), ONE),
        ("unknown-evidence", decide("d", Act.ACCEPT, unit="市商务局"), ONE),
        ("unknown-evidence", decide("d", Act.SUPERSEDE, by_sha256=OTHER), ONE),
        ("same-evidence", decide("d", Act.SUPERSEDE, by_sha256=SHA), ONE),
        ("nothing-to-accept", decide("d", Act.ACCEPT), proposal()),
        ("nothing-to-accept", decide("d", Act.ACCEPT, item="III18-2"), ONE),
        ("nothing-to-accept", decide("d", Act.ACCEPT), proposal(CELLS[0], status=REJECTED)),
        ("nothing-to-accept", decide("d", Act.ACCEPT, item="III18-2"), proposal(CELLS[0], status=CONFIRMED)),
        ("ambiguous", decide("d", Act.ACCEPT), TWO),
        ("ambiguous", decide("d", Act.ACCEPT, item="III18-1"), proposal(*CELLS[:2])),
        ("nothing-to-reject", decide("d", Act.REJECT, item="III40-2"), proposal()),
        ("nothing-to-reject", decide("d", Act.REJECT, item="III40-2"), ONE),
    ],
)
def test_nonsense_is_refused_in_chinese(code: str, decision: Decision, held: Proposal, catalogue: Catalogue) -> None:
    known = [decide("d1", Act.REJECT), decide("d2", Act.UNDO, decision="d1")]
    with pytest.raises(UsageError) as caught:
        check(decision, catalogue, lookup(held), known)
    assert caught.value.code == f"decision.{code}"
    assert any("一" <= c <= "鿿" for c in caught.value.zh) and caught.value.hint


@pytest.mark.parametrize(
    "decision",
    [
        decide("d", Act.ACCEPT, item="III18-1", kind=K.DOCUMENT),
        decide("d", Act.ACCEPT, item="III40-2", kind=K.TABLE),
        decide("d", Act.MOVE, item="III40-2", kind=K.TABLE),
        decide("d", Act.REJECT),
        decide("d", Act.REJECT, item="III18-2"),
        decide("d", Act.RETURN),
        decide("d", Act.WAIVE, code="PIX"),
        decide("d", Act.ATTEST, fact="issued_on", value="2026-01-02"),
        decide("d", Act.REASSIGN, sha256="", item="III18-1", to_unit="市商务局"),
        decide("d", Act.NOT_APPLICABLE, sha256="", item="III18-1"),
        decide("d", Act.UNDO, decision="d1"),
    ],
)
def test_what_means_something_passes(decision: Decision, catalogue: Catalogue) -> None:
    check(decision, catalogue, lookup(TWO), [decide("d1", Act.REJECT)])


def test_what_has_no_placement_may_be_said_to_belong_nowhere(catalogue: Catalogue) -> None:
    check(decide("d", Act.REJECT), catalogue, lookup(proposal()))


def test_accepting_again_is_no_error(catalogue: Catalogue) -> None:
    check(decide("d", Act.ACCEPT), catalogue, lookup(ONE))
    check(decide("d", Act.ACCEPT), catalogue, lookup(proposal(CELLS[0], status=CONFIRMED)))

    check(decide("d", Act.ACCEPT, item="III18-1"), catalogue, lookup(proposal(CELLS[0], status=CONFIRMED)))


def test_two_units_are_confirmed_at_once_only_where_they_are_of_one_mind(catalogue: Catalogue) -> None:
    d, one, other = decide("d", Act.ACCEPT), proposal(CELLS[0]), proposal(CELLS[2], unit="市商务局")
    with pytest.raises(UsageError) as e:
        check(d, catalogue, lookup(one, other))
    assert e.value.code == "decision.ambiguous"
    same, apart = proposal(CELLS[0], unit="市商务局"), proposal(CELLS[2], status=REJECTED, unit="市教育局")
    assert accepted(d, [one, same]) == {("", *CELLS[0])}
    assert accepted(d, [one, same, apart]) == {("市文明办", *CELLS[0]), ("市商务局", *CELLS[0])}
    assert accepted(d, [proposal(CELLS[0], status=CONFIRMED)]) == {("市文明办", *CELLS[0])}, "confirmed already"


def test_a_placement_that_the_catalogue_has_left_behind_can_be_rejected(catalogue: Catalogue) -> None:
    for cell in (("III7-2", K.PHOTO), ("III68-2", K.PHOTO)):
        check(decide("d", Act.REJECT, item=cell[0], kind=cell[1]), catalogue, lookup(proposal(cell)))


def test_another_units_newer_version_makes_no_circle(catalogue: Catalogue) -> None:
    theirs = decide("d1", Act.SUPERSEDE, sha256=OTHER, by_sha256=SHA, unit="市商务局")
    held = lookup(ONE, Proposal(OTHER, "市文明办", None, ()))
    check(decide("d", Act.SUPERSEDE, by_sha256=OTHER, unit="市文明办"), catalogue, held, [theirs])
    with pytest.raises(UsageError):
        check(decide("d", Act.SUPERSEDE, by_sha256=OTHER), catalogue, held, [theirs])


def test_an_undo_can_be_undone_once(catalogue: Catalogue) -> None:
    history = [decide("d1", Act.REJECT), decide("d2", Act.UNDO, decision="d1")]
    again = decide("d3", Act.UNDO, decision="d2")
    check(again, catalogue, lookup(ONE), history)
    with pytest.raises(UsageError):
        check(decide("d4", Act.UNDO, decision="d2"), catalogue, lookup(ONE), [*history, again])
