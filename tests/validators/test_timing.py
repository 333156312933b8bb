"""Deadlines and lateness, as they are when somebody looks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from archive_schema.catalogue import Catalogue, CatalogueHead
from archive_schema.cycle import RequirementRule, Settings
from archive_schema.words import Severity
from tests.validators.build import CATALOGUE, DOCUMENT, OTHER, REPORT, UNIT, cycle, item, source
from validators import timing

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEADLINE = date(2017, 7, 20)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "late"),
    [(at(2017, 7, 20, 15, 59), False), (at(2017, 7, 20, 16, 0), True), (at(2017, 7, 19, 16, 0), False)],
)
def test_the_day_is_the_configured_zones(moment, late):
    assert timing.late(source(first_seen_at=moment), DEADLINE, SHANGHAI) is late


def test_the_forms_time_of_submission_counts_before_ours():
    seen_late = source(first_seen_at=at(2017, 8, 1), submitted_at=at(2017, 7, 19))
    assert not timing.late(seen_late, DEADLINE, SHANGHAI)
    assert timing.late(source(first_seen_at=at(2017, 7, 1), submitted_at=at(2017, 8, 1)), DEADLINE, SHANGHAI)


def test_without_a_deadline_nothing_is_late_or_overdue():
    assert not timing.late(source(), None, SHANGHAI)
    assert not timing.overdue(None, date(2099, 1, 1))


def test_the_deadlines_own_day_is_in_time():
    assert not timing.overdue(DEADLINE, DEADLINE)
    assert timing.overdue(DEADLINE, date(2017, 7, 21))


def test_the_most_particular_deadline_holds():
    catalogue = Catalogue(CatalogueHead("t", "t"), (item("X1-1", deadline=date(2017, 3, 1)), item("X1-2")))
    rules = (
        RequirementRule("X1-1", None, deadline=date(2017, 2, 1)),
        RequirementRule("X1-1", DOCUMENT, deadline=date(2017, 1, 1)),
    )
    general = cycle(deadline=date(2017, 4, 1))
    assert timing.effective_deadline("X1-2", DOCUMENT, catalogue, cycle()) is None
    assert timing.effective_deadline("X1-2", DOCUMENT, catalogue, general) == date(2017, 4, 1)
    assert timing.effective_deadline("X1-1", DOCUMENT, catalogue, general) == date(2017, 3, 1)
    assert timing.effective_deadline("X1-1", REPORT, catalogue, cycle(*rules)) == date(2017, 2, 1)
    assert timing.effective_deadline("X1-1", DOCUMENT, catalogue, cycle(*rules)) == date(2017, 1, 1)


def outcomes(*sources, settings=None):
    return timing.timing_outcomes(
        sources, UNIT, "X1-1", DOCUMENT, catalogue=CATALOGUE, cycle=cycle(deadline=DEADLINE), zone=SHANGHAI, settings=settings
    )


def test_a_late_piece_is_a_warning_that_names_both_days():
    (late,) = outcomes(source(first_seen_at=at(2017, 7, 25)))
    assert (late.code, late.severity, late.unit, late.item, late.kind) == ("LATE", Severity.WARNING, UNIT, "X1-1", DOCUMENT)
    assert "通知.docx" in late.text and "2017-07-25" in late.text and "2017-07-20" in late.text


def test_a_piece_sent_again_later_is_not_late():
    assert outcomes(source("再次.docx", first_seen_at=at(2017, 7, 25)), source(first_seen_at=at(2017, 7, 1))) == ()


def test_the_other_units_arrival_does_not_make_ours_timely():
    assert outcomes(source(first_seen_at=at(2017, 7, 25)), source(unit=OTHER, first_seen_at=at(2017, 7, 1))) != ()
    assert outcomes(source(unit=OTHER, first_seen_at=at(2017, 7, 25))) == ()


def test_its_severity_is_a_setting():
    (late,) = outcomes(source(first_seen_at=at(2017, 7, 25)), settings=Settings(checks={"LATE": {"severity": "notice"}}))
    assert late.severity is Severity.NOTICE
