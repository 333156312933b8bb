"""Whose delivery a decision speaks of, by the units table of today."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from archive_schema.decisions import Decision, addressed, speaks_at, speaks_of
from archive_schema.units import Unit, UnitTable
from archive_schema.words import DecisionAction, EvidenceKind

UNITS = UnitTable(units=(Unit("市委文明办", aliases=("精神文明处",), former_names=("市文明办",)), Unit("市教育局")))


def said(unit: str, ident: str = "d") -> Decision:
    return Decision(
        id=ident, action=DecisionAction.RETURN, by="张三", at=datetime(2026, 1, 1, tzinfo=UTC), reason="x", unit=unit
    )


def test_a_decision_speaks_of_the_unit_by_all_its_names_and_without_one_of_every_unit() -> None:
    for name in ("市文明办", "精神文明处", "市委文明办", "委文明办"):
        assert speaks_of(said(name), "市委文明办", UNITS) and speaks_of(said("市委文明办"), name, UNITS)
        assert not speaks_of(said(name), "市教育局", UNITS)
    assert speaks_of(said(""), "市教育局", UNITS) and speaks_of(said(""), "没有这个局", UNITS)
    assert speaks_of(said("没有这个局"), "没有这个局", UNITS) and not speaks_of(said("没有这个局"), "", UNITS)


def test_a_decision_that_names_no_item_or_kind_speaks_of_every_place() -> None:
    def at(item: str, kind: EvidenceKind | None) -> list[bool]:
        d = msgspec.structs.replace(said(""), item=item, kind=kind)
        return [speaks_at(d, *place) for place in (("I1-1", "规范文件"), ("I1-1", "说明报告"), ("I1-2", "规范文件"), ("", ""))]

    assert at("", None) == [True, True, True, True]
    assert at("I1-1", None) == [True, True, False, False]
    assert at("I1-1", EvidenceKind.DOCUMENT) == [True, False, False, False]
    assert at("", EvidenceKind.DOCUMENT) == [True, False, True, False]


def test_a_decision_is_addressed_to_those_who_hold_in_their_names() -> None:
    acts = [said("市文明办", "a"), said("", "b"), said("市教育局", "c"), said("没有这个局", "d")]
    held = {"市委文明办", "精神文明处", "市教育局"}
    assert [(d.id, d.unit) for d in addressed(acts, held, UNITS)] == [
        ("a", "市委文明办"),
        ("a", "精神文明处"),
        ("b", ""),
        ("c", "市教育局"),
        ("d", "没有这个局"),
    ]
    assert addressed(acts, (), UNITS) == acts
