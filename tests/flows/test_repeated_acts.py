"""An act that was recorded before: the same one again, an earlier one after another, several of one sheet."""

from __future__ import annotations

from archive_schema.decisions import Decision
from archive_schema.words import DecisionAction, EvidenceKind
from flows import acts
from flows.decide import decide, new_id
from flows.ingest import new_run
from storage.index import Index
from tests.flows.acting import act, states
from tests.flows.house import NOW

DOC = EvidenceKind.DOCUMENT


def test_an_act_named_twice_in_one_go_is_recorded_once_and_one_undo_takes_it_back(archived) -> None:
    """As of two files of the same bytes in one folder."""
    house, _ = archived
    place = "市文明办/Ⅲ18-1) 红黑榜发布制度.txt"
    with house.open() as o:
        (_, first), (_, second) = acts.record(
            o, DecisionAction.RETURN, by="张三", reason="是草稿", files=(place, place), fields={}
        )
    assert (first.recorded, second.recorded) == (True, False) and first.decision == second.decision
    assert states(house)["III18-1", "规范文件"] == "unusable"
    act(house, "undo", decision=first.decision)
    assert states(house)["III18-1", "规范文件"] == "usable"


def test_a_long_sheet_asks_for_what_was_decided_before_no_oftener_than_a_short_one(archived, monkeypatch) -> None:
    house, sha = archived
    whole, asked = Index.decisions, []
    monkeypatch.setattr(Index, "decisions", lambda index: (asked.append(1), whole(index))[1])

    def made(rows: int) -> int:
        asked.clear()
        with house.open() as o:
            acts_of = [
                Decision(new_id(NOW), DecisionAction.RETURN, "张三", NOW, f"{rows}-{n}", sha256=sha) for n in range(rows)
            ]
            decide(o, acts_of, new_run(NOW))
        return len(asked)

    assert made(6) == made(1)


def test_who_goes_back_to_what_was_said_before_is_heard(archived) -> None:
    """Word for word, and with the same reason: that it was said already does not make it so."""
    house, sha = archived
    here, there = {"item": "III18-1", "kind": DOC}, {"item": "III11-2", "kind": DOC}

    def made(action: str, **fields: object) -> bool:
        [answer] = act(house, action, sha256=sha, **fields)
        return answer.recorded

    assert [made("move", **cell) for cell in (here, there, here, here)] == [True, True, True, False]
    assert states(house)["III18-1", "规范文件"] == "usable" and states(house)["III11-2", "规范文件"] == "missing"
    assert [made(verb, **here) for verb in ("reject", "move", "reject", "reject")] == [True, True, True, False]
    assert states(house)["III18-1", "规范文件"] == "missing"
    one, other = ({"fact": "issued_on", "value": f"2026-03-0{n}"} for n in (1, 2))
    assert [made("attest", **fact) for fact in (one, other, one, one)] == [True, True, True, False]


def test_a_sheet_in_which_one_row_overrules_another_is_safe_to_repeat(archived) -> None:
    house, sha = archived
    rows = [("accept", "III18-1"), ("move", "III11-2"), ("accept", "III18-1")]

    def made() -> list[bool]:
        with house.open() as o:
            acts_of = [
                Decision(new_id(NOW), DecisionAction(a), "张三", NOW, "试", sha256=sha, item=item, kind=DOC) for a, item in rows
            ]
            return [answer.recorded for answer in decide(o, acts_of, new_run(NOW))]

    assert made() == [True, True, True]
    before = house.head()
    assert made() == [False, False, False] and house.head() == before


def test_the_same_act_twice_is_recorded_once(archived) -> None:
    house, sha = archived
    first = act(house, "accept", sha256=sha)
    head, digest = house.head(), house.digest()
    second = act(house, "accept", sha256=sha)
    assert (second[0].recorded, second[0].decision) == (False, first[0].decision)
    assert (house.head(), house.digest()) == (head, digest)
