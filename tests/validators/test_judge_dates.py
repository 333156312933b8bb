"""The judgement of dates: which one counts, what is none, and the window of each kind."""

from __future__ import annotations

from datetime import date

import pytest

from archive_schema.cycle import RequirementRule, Window
from archive_schema.evidence import Fact
from archive_schema.words import DecisionAction, Outcome, Severity
from tests.validators.build import (
    DOCUMENT,
    OTHER,
    PHOTO,
    REPORT,
    TABLE,
    act,
    blocking,
    cycle,
    evidence,
    failed,
    form,
    judged,
    of,
    placement,
    source,
)

FAIL, UNCHECKED = Outcome.FAIL, Outcome.UNCHECKED
ATTEST, WAIVE, RETURN = DecisionAction.ATTEST, DecisionAction.WAIVE, DecisionAction.RETURN


def test_a_document_without_a_date_fails_and_the_window_only_waits_for_it():
    judgement = judged(of=evidence(without=("issued_on",)))
    assert blocking(judgement) == {("DATE", FAIL)}
    assert of(judgement, "WINDOW")[0].severity is Severity.NOTICE


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026年9月", "没有写日"),
        ("2026年 月 日", "没有写月和日"),
        ("二〇二六年二月三十日", "没有这一天"),
        ("二〇二六年一〇月三十二日", "没有这一天"),
        ("2026年13月5日", "没有这个月份"),
        ("二〇二六年十三月", "没有这个月份"),
        ("2026-00-05", "没有这个月份"),
    ],
)
def test_a_date_that_is_written_and_is_none_is_told_as_it_stands(written, why):
    document = evidence(without=("issued_on",), date_unread=Fact(written, method="docx@3/signature"))
    [said] = of(judged(of=document), "DATE")
    assert (said.outcome, said.severity) == (FAIL, Severity.BLOCKING)
    assert said.text.endswith(f"没有找到完整的成文日期(落款处写“{written}”,{why})")
    [none] = of(judged(of=document, decisions=(act(ATTEST, fact="issued_on", value="无"),)), "DATE")
    assert written not in none.text, "a person said that there is none"
    report = evidence(REPORT, without=("issued_on",), date_unread=Fact(written, method="docx@3/date-line"))
    assert f"(单独一行写“{written}”,{why})" in of(judged(REPORT, report), "DATE")[0].text


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
