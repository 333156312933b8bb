"""cycle.toml: windows per kind, rules per requirement, and errors that name line or key."""

from __future__ import annotations

from datetime import date

import pytest

from archive_schema.cycle import Window, default_window, parse, parse_window
from archive_schema.errors import DataError
from archive_schema.words import EvidenceKind

TEXT = """
[cycle]
name = "2026"
catalogue = "national-2017"
deadline = 2026-09-30

[windows]
default = "2025-11-01..2026-10-31"
"统计表格" = "2024-11-01..2026-10-31"

[[requirement]]
item = "III2-2"
kind = "实景图片"
needed = 3
window = "2026-01-01..2026-06-30"

[[requirement]]
item = "III2-2"
needed = 2
person = "张三"

[checks.PIXELS]
min_long_side = 800
"""


def test_the_published_example_of_2017_gives_its_window() -> None:
    assert default_window(date(2017, 8, 15)) == Window(date(2016, 8, 1), date(2017, 7, 31))


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2025, 1, 1), date(2025, 12, 31), date(2026, 3, 1)])
def test_the_default_window_is_a_year_that_ends_before_this_month(today: date) -> None:
    w = default_window(today)
    assert w.end < today.replace(day=1)
    assert (w.end.toordinal() - w.start.toordinal()) in (364, 365)
    assert w.start.day == 1


def test_windows_are_per_kind_and_a_requirement_may_override_them() -> None:
    cycle, settings = parse(TEXT)
    assert cycle.window("III1-1", EvidenceKind.TABLE).start == date(2024, 11, 1)
    assert cycle.window("III1-1", EvidenceKind.PHOTO).start == date(2025, 11, 1)
    assert cycle.window("III2-2", EvidenceKind.PHOTO).end == date(2026, 6, 30)
    assert settings.checks["PIXELS"]["min_long_side"] == 800


def test_the_rule_of_a_kind_beats_the_rule_of_its_item() -> None:
    cycle, _ = parse(TEXT)
    assert cycle.rule("III2-2", EvidenceKind.PHOTO, "needed") == 3
    assert cycle.rule("III2-2", EvidenceKind.TABLE, "needed") == 2
    assert cycle.rule("III2-2", EvidenceKind.PHOTO, "person") == "张三"
    assert cycle.rule("III1-1", EvidenceKind.PHOTO, "needed") is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "2026"', 'name = "2026', "line 3"),
        ("[windows]", "[window]", "window"),
        ('"统计表格"', '"统计图"', "统计图"),
        ("2025-11-01..2026-10-31", "2026-11-01..2025-10-31", "2026-11-01"),
        ("2025-11-01..2026-10-31", "去年", "去年"),
        ('kind = "实景图片"', 'kind = "录像"', "录像"),
        ("deadline = 2026-09-30", 'dealine = "x"', "dealine"),
        ("needed = 3", "needed = 0", "needed"),
        ("needed = 3", "neded = 3", "neded"),
        ("needed = 3", 'needed = "3"', "needed"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(DataError) as e:
        parse(TEXT.replace(old, new, 1))
    assert words in e.value.zh


def test_a_window_includes_both_its_days() -> None:
    w = parse_window("2025-11-01..2026-10-31")
    assert date(2025, 11, 1) in w and date(2026, 10, 31) in w
    assert date(2025, 10, 31) not in w and date(2026, 11, 1) not in w
