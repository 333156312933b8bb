"""A finding as one unit is told of it: under its own name of the file, and never under another unit's."""

from __future__ import annotations

import pytest

from archive_schema.evidence import CheckOutcome, Source
from archive_schema.words import Outcome, Severity
from flows import told
from tests.flows.house import NOW

OURS, THEIRS = "市文明办", "市妇联"
SHA = "f" * 64


def source(unit: str, path: str) -> Source:
    return Source(unit, path, unit, True, SHA, 10, 1_000, NOW)


def said(text: str, sources: list[Source]) -> str:
    return told.said(CheckOutcome("OPEN", Outcome.FAIL, Severity.BLOCKING, text), OURS, sources)


MINE, OTHER = source(OURS, "三月/甲.pdf"), source(THEIRS, "转来/李四.pdf")
TWICE = source(OURS, "四月/乙.pdf")


@pytest.mark.parametrize(
    ("head", "sources", "shown"),
    [
        ("三月/甲.pdf", [MINE], "三月/甲.pdf"),
        ("李四.pdf、甲.pdf", [MINE, OTHER], "三月/甲.pdf"),
        ("三月/甲.pdf 等 2 处", [MINE, TWICE], "三月/甲.pdf 等 2 处"),
        ("乙.pdf、李四.pdf 等 3 处", [OTHER, MINE, TWICE], "三月/甲.pdf 等 2 处"),
    ],
)
def test_a_finding_of_the_bytes_begins_with_the_units_own_name_of_them(head: str, sources: list[Source], shown: str) -> None:
    assert said(f"{head}: 打不开", sources) == f"{shown}: 打不开"


def test_what_was_judged_when_the_unit_alone_had_sent_it_is_told_in_the_same_way() -> None:
    assert said("三月/甲.pdf: 打不开", [MINE, OTHER]) == "三月/甲.pdf: 打不开"
    assert told.without_file("三月/甲.pdf: 打不开", OURS, [MINE, OTHER]) == "打不开"


def test_what_is_of_one_unit_or_names_no_file_at_its_head_or_was_sent_by_others_stays_as_it_is() -> None:
    text = "李四.pdf、甲.pdf: 打不开"
    found = CheckOutcome("RETURNED", Outcome.FAIL, Severity.BLOCKING, text, unit=OURS)
    assert told.said(found, OURS, [MINE, OTHER]) == text
    assert said("目录无此项", [MINE]) == "目录无此项"
    assert said("转来/李四.pdf: 打不开", [OTHER]) == "转来/李四.pdf: 打不开"


def test_only_what_came_now_is_named_where_only_that_is_to_be_shown() -> None:
    found = CheckOutcome("OPEN", Outcome.FAIL, Severity.BLOCKING, "三月/甲.pdf 等 2 处: 打不开")
    assert told.said(found, OURS, [MINE, TWICE], [TWICE]) == "四月/乙.pdf: 打不开"


def test_a_text_that_may_name_another_units_file_is_not_told() -> None:
    both = [MINE, OTHER]
    assert told.without_file("与“李四.pdf”相同", OURS, both) == ""
    assert told.without_file("与“甲.pdf”相同", OURS, both) == "与“甲.pdf”相同"
    same = source(THEIRS, "甲.pdf")
    assert told.without_file("与“甲.pdf”相同", OURS, [MINE, same]) == "与“甲.pdf”相同", "the unit calls its own file so"
    long = source(THEIRS, "李四" * 50 + ".pdf")
    assert told.without_file(f"与“{'李四' * 40}…”相同", OURS, [MINE, long]) == "", "cut off it is a name all the same"
    assert told.without_file("与甲.pdf相同", THEIRS, [source(OURS, "甲.pdf")]) == ""


def test_a_unit_is_asked_only_for_what_it_can_do() -> None:
    assert told.for_unit("请改正；请重报") == "请改正；请重报"
    assert told.for_unit("请改正;确无问题的,由审核人豁免") == f"请改正；{told.EXPLAIN}"
    assert told.for_unit("请改正；确无问题的，由审核人豁免") == f"请改正；{told.EXPLAIN}"
    assert told.for_unit("由审核人豁免；请看 cycle.toml") == told.EXPLAIN


def test_bytes_that_a_unit_never_sent_have_no_name_for_it() -> None:
    assert told.own_path(OURS, SHA, [OTHER, MINE]) == "三月/甲.pdf"
    assert told.own_path("市教育局", SHA, [OTHER, MINE]) == f"{SHA[:12]}…"
