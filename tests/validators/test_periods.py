"""Dates and periods as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.cycle import Window
from validators import periods


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017-05-12", "2017-05-12", "2017-05-12"),
        ("2017年5月12日", "2017-05-12", "2017-05-12"),
        ("２０１７．５．１２", "2017-05-12", "2017-05-12"),
        ("20170512", "2017-05-12", "2017-05-12"),
        ("二〇一七年五月十二日", "2017-05-12", "2017-05-12"),
        ("二○一七年十二月三十一日", "2017-12-31", "2017-12-31"),
        ("2017-05", "2017-05-01", "2017-05-31"),
        ("2016年2月", "2016-02-01", "2016-02-29"),
        ("2017年1—6月", "2017-01-01", "2017-06-30"),
        ("2016年12月至2017年3月", "2016-12-01", "2017-03-31"),
        ("2016年7月1日至12月31日", "2016-07-01", "2016-12-31"),
        ("2017年上半年", "2017-01-01", "2017-06-30"),
        ("2017年第三季度", "2017-07-01", "2017-09-30"),
        ("2017年度", "2017-01-01", "2017-12-31"),
        ("2016—2017年", "2016-01-01", "2017-12-31"),
        ("2016-17年", "2016-01-01", "2017-12-31"),
        ("2015、2016年", "2015-01-01", "2016-12-31"),
    ],
)
def test_a_period_is_its_first_and_its_last_day(text, first, last):
    assert periods.parse(text) == Window(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["", "第12号", "2017-13-40", "2017年2月30日", "电话 13920170512", "近两年"])
def test_what_names_no_period_is_none(text):
    assert periods.parse(text) is None


@given(
    st.dates(date(1950, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["{0:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}", "{0.year}.{0.month}.{0.day}"]),
)
def test_every_day_in_every_form_is_read_back(day, form):
    assert periods.parse(form.format(day)) == Window(day, day)


def test_the_moment_of_a_caption_is_its_day_not_a_year_of_its_story():
    assert periods.parse_moment("2008年建成的广场,2017年5月3日摄") == Window(date(2017, 5, 3), date(2017, 5, 3))
    assert periods.parse_moment("2008年建成的广场") is None


dates = st.dates(date(2000, 1, 1), date(2030, 1, 1))
windows = st.tuples(dates, dates).map(lambda d: Window(min(d), max(d)))


@given(windows, windows)
def test_periods_overlap_when_they_share_a_day(a, b):
    shared = max(a.start, b.start) <= min(a.end, b.end)
    assert periods.overlap(a, b) is shared is periods.overlap(b, a)


def test_a_period_is_shown_as_one_day_or_from_to():
    day = date(2017, 5, 1)
    assert periods.show(Window(day, day)) == "2017-05-01"
    assert periods.show(Window(day, date(2017, 5, 31))) == "2017-05-01 至 2017-05-31"
