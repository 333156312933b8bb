"""负面清单: what is shipped, what may be entered, and what the register comes to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from archive_schema import negative
from archive_schema.decisions import Decision, in_force
from archive_schema.errors import UsageError
from archive_schema.negative import KnownList, Sanction
from archive_schema.words import DecisionAction

TODAY = date(2026, 11, 22)
KNOWN = negative.load("national-2017")


def decision(ident: str = "d1", **fields: Any) -> Decision:
    given: dict[str, Any] = {"action": DecisionAction.NEGATIVE_EVENT, "entry": "G15", "text": "爆炸", "on": date(2026, 5, 3)}
    return Decision(id=ident, by="张三", at=datetime(2026, 11, 1, tzinfo=UTC), reason="通报", **(given | fields))


def test_only_the_published_entry_is_shipped() -> None:
    assert KNOWN.total == 30 and [e.id for e in KNOWN.entry] == ["G15"]
    assert len(KNOWN.areas) == 6 and len(Sanction) == 4
    assert negative.load("fujian-county") == KnownList() == negative.load("../national-2017")


@pytest.mark.parametrize(
    ("typed", "ident"), [("G15", "G15"), ("g 15", "G15"), ("Ｇ－１５", "G15"), ("7", "G7"), ("G030", "G30")]
)
def test_an_id_may_be_typed_in_any_way(typed: str, ident: str) -> None:
    assert KNOWN.resolve(typed) == ident


@pytest.mark.parametrize("typed", ["G0", "G31", "H3", "", "G", "G1-2x"])
def test_an_id_that_the_list_does_not_have_is_none(typed: str) -> None:
    assert KNOWN.resolve(typed) is None


def test_a_list_of_which_nothing_is_known_takes_the_citys_own_ids() -> None:
    assert KnownList().resolve(" 一票否决-2 ") == "一票否决-2"
    assert KnownList().resolve("") is None and KnownList().resolve("长" * 21) is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"entry": "G31"}, "G31"),
        ({"entry": "g15"}, "g15"),
        ({"sanction": "罚款"}, "罚款"),
        ({"on": date(2026, 11, 23)}, "2026-11-23"),
        ({"action": DecisionAction.NEGATIVE_ENTRY, "on": None, "area": "体育"}, "体育"),
    ],
)
def test_what_the_list_has_no_room_for_is_refused(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as e:
        negative.check(decision(**fields), KNOWN, today=TODAY)
    assert named in e.value.zh and e.value.hint


def test_what_it_has_room_for_and_other_acts_are_let_through() -> None:
    negative.check(decision(sanction="停牌一年", on=TODAY), KNOWN, today=TODAY)
    negative.check(decision(action=DecisionAction.ACCEPT, entry=""), KNOWN, today=TODAY)


def test_the_register_holds_published_own_and_unworded_entries_in_order() -> None:
    acts = [
        decision("d1"),
        decision("d2", entry="G9", on=date(2026, 1, 1)),
        decision("d3", action=DecisionAction.NEGATIVE_ENTRY, entry="G2", text="旧文", area="诚信建设"),
        decision("d4", action=DecisionAction.NEGATIVE_ENTRY, entry="G2", text="新文"),
        decision("d5", on=date(2026, 2, 1), sanction="扣分"),
    ]
    found = negative.entries(KNOWN, acts)
    assert [(e.id, e.wording) for e in found] == [("G2", "own"), ("G9", "absent"), ("G15", "published")]
    assert found[0].text == "新文" and found[1].text == ""
    assert [(v.decision, v.sanction) for v in found[2].events] == [("d5", Sanction.POINTS), ("d1", None)]
    undone = in_force([*acts, decision("d6", action=DecisionAction.UNDO, decision="d4")])
    assert negative.entries(KNOWN, undone)[0].text == "旧文"
    assert [e.id for e in negative.entries(KNOWN, [])] == ["G15"]


def test_the_citys_wording_beats_the_published_and_keeps_what_is_known_of_its_consequence() -> None:
    [e] = negative.entries(KNOWN, [decision(action=DecisionAction.NEGATIVE_ENTRY, text="本市手册原文", area="安全生产")])
    assert (e.text, e.wording, e.area) == ("本市手册原文", "own", "安全生产") and "停牌一年" in e.consequence
