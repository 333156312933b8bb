from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.cycle import Window
from archive_schema.dates import find_dates, parse_date, parse_moment, parse_period

DIGITS = "〇一二三四五六七八九"
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def chinese(n: int) -> str:
    tens, ones = divmod(n, 10)
    return (("" if tens == 1 else DIGITS[tens]) + "十" if tens else "") + (DIGITS[ones] if ones else "")


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


@given(DAYS)
def test_a_day_is_read_in_every_way_of_writing_it(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    year = "".join(DIGITS[int(c)] for c in str(y))
    for text in (
        f"{y}年{m}月{d}日",
        f"{y}年{m:02}月{d:02}日",
        f"{y} 年 {m} 月 {d} 日",
        full_width(f"{y}年{m}月{d}日"),
        f"{year}年{chinese(m)}月{chinese(d)}日",
        f"{year.replace('〇', '○')}年{chinese(m)}月{chinese(d)}日",
        f"{y}-{m:02}-{d:02}",
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d} 09:30",
        f"{y}{m:02}{d:02}",
    ):
        read = parse_date(text)
        assert read is not None and read.day == day, text
        assert [f.value for f in find_dates(f"于{text}印发")] == [day.isoformat()], text


@given(DAYS)
def test_a_month_stays_a_month(day: date) -> None:
    for text in (f"{day.year}年{day.month}月", f"{day.year}年{day.month}月份", f"{day.year}.{day.month:02}"):
        read = parse_date(text)
        assert read is not None and (read.value, read.precision, read.day) == (f"{day:%Y-%m}", "month", None), text


@given(st.text())
def test_any_text_is_searched_without_fault_and_raw_is_what_stood_there(text: str) -> None:
    ends = 0
    for read in find_dates(text):
        assert read.raw == text[read.start : read.end] and read.start >= ends
        ends = read.end
    parse_date(text)


@given(st.integers(1900, 2099), st.integers(0, 99), st.integers(0, 99))
def test_no_impossible_date_is_ever_read(y: int, m: int, d: int) -> None:
    read = parse_date(f"{y}-{m}-{d}")
    try:
        expected = date(y, m, d).isoformat()
    except ValueError:
        expected = None
    assert (read.value if read else None) == expected


@pytest.mark.parametrize(
    "text", ["2017年2月30日", "2017年13月1日", "20171332", "8月1日", "第2017号", "1817年8月1日", "2018-2020", "", "二十一日"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    assert parse_date(text) is None


def test_dates_within_file_names_are_found() -> None:
    names = {
        "IMG_20170801_123456.jpg": "2017-08-01",
        "20170801123456.jpg": "2017-08-01",
        "1.2017.08.01方案.pdf": "2017-08-01",
        "⼆〇⼀七年⼋⽉⼀⽇": "2017-08-01",
    }
    for name, day in names.items():
        assert [d.value for d in find_dates(name)] == [day], name


def test_several_dates_come_in_order() -> None:
    text = "2016年8月1日至2017年7月31日,2017年9月公布"
    assert [(d.value, d.precision) for d in find_dates(text)] == [
        ("2016-08-01", "day"),
        ("2017-07-31", "day"),
        ("2017-09", "month"),
    ]
    assert date(2016, 8, 1) + timedelta(364) == date(2017, 7, 31)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("二〇一七年一月至六月", "2017-01-01", "2017-06-30"),
        ("2017年前三季度", "2017-01-01", "2017-09-30"),
        ("2017年1—2季度", "2017-01-01", "2017-06-30"),
        ("2017年5月1日至3日", "2017-05-01", "2017-05-03"),
        ("二〇一六年", "2016-01-01", "2016-12-31"),
        ("截至2017年6月30日", "2017-06-30", "2017-06-30"),
        ("2017年5月12", "2017-05-12", "2017-05-12"),
    ],
)
def test_a_period_is_read_in_either_numerals(text: str, first: str, last: str) -> None:
    assert parse_period(text) == Window(date.fromisoformat(first), date.fromisoformat(last))


@given(DAYS)
def test_a_day_is_the_same_day_as_a_date_as_a_period_and_as_a_moment(day: date) -> None:
    year = "".join(DIGITS[int(c)] for c in str(day.year))
    for text in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{year}年{chinese(day.month)}月{chinese(day.day)}日",
        day.isoformat(),
        f"{day:%Y%m%d}",
    ):
        read = parse_date(text)
        assert read is not None and read.day == day
        assert parse_period(text) == parse_moment(f"摄于{text}") == Window(day, day), text


@given(st.text())
def test_any_text_is_searched_for_periods_without_fault(text: str) -> None:
    for read in (parse_period(text), parse_moment(text)):
        assert read is None or read.start <= read.end


@pytest.mark.parametrize("text", ["一二三四年", "2017年13月", "二〇一七年二月三十日", "9999年", "第十二号"])
def test_what_names_no_period_is_none(text: str) -> None:
    assert parse_period(text) is None
