"""What is typed on the command line is read as what is written in the sheet: one grammar for days and for facts."""

from __future__ import annotations

from datetime import date

import pytest

from archive_schema.errors import UsageError
from archive_schema.evidence import fact_said
from dangan.commands.acts import day_of
from tests.dangan.line import dangan


@pytest.mark.parametrize(
    "typed", ["2026-09-03", "2026-9-3", "2026.9.3", "2026/09/03", "20260903", "2026年9月3日", " 2026-09-03 "]
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert day_of(typed) == date(2026, 9, 3)


@pytest.mark.parametrize("typed", ["", "年底", "2026-09", "2026-02-30", "2026-09-03起"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(UsageError) as e:
        day_of(typed)
    assert e.value.zh == f"“{typed}”不是日期" and e.value.hint


def test_no_option_is_no_day() -> None:
    assert day_of(None) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("成文日期=2026-03-01", ("issued_on", "2026-03-01")),
        ("成文日期 ＝ 2026-03-01", ("issued_on", "2026-03-01")),
        ("title=一＝二", ("title", "一＝二")),
        ("title＝a=b", ("title", "a=b")),
        ("成文日期=", ("issued_on", "")),
        ("成文日期", ("issued_on", "")),
        ("颜色=红", ("", "红")),
        ("=红", ("", "红")),
    ],
)
def test_a_fact_is_read_with_either_sign(typed: str, said: tuple[str, str]) -> None:
    assert fact_said(typed) == said


@pytest.mark.parametrize("verb", ["review return", "review withdraw", "withdraw"])
@pytest.mark.parametrize("unit", ["", "  "])
def test_an_empty_unit_is_not_every_unit(verb: str, unit: str) -> None:
    refused = dangan(*verb.split(), "3fa1b2c4", "--unit", unit, "--by", "张三", "--reason", "误送")
    assert refused.code == 2 and "--unit 没有写出单位" in refused.err
