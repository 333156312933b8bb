"""cycle.toml: windows per kind, rules per requirement, and errors that name line or key."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from archive_schema.cycle import Limits, Window, default_window, load, parse, parse_window
from archive_schema.errors import DataError
from archive_schema.words import EvidenceKind

#: of sentences in English, none of which may reach a user
ENGLISH = re.compile("Expected|Invalid|missing|got|at line|codec|decode|Errno|RFC")

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
        ('name = "2026"', 'name = "2026', "第 3 行"),
        ("[windows]", "[window]", "window"),
        ('"统计表格"', '"统计图"', "统计图"),
        ("2025-11-01..2026-10-31", "2026-11-01..2025-10-31", "2026-11-01"),
        ("2025-11-01..2026-10-31", "去年", "去年"),
        ('kind = "实景图片"', 'kind = "录像"', "录像"),
        ("deadline = 2026-09-30", 'dealine = "x"', "dealine"),
        ("needed = 3", "needed = 0", "needed"),
        ("needed = 3", "neded = 3", "neded"),
        ("needed = 3", 'needed = "3"', "needed"),
        ('name = "2026"', "name = 2026", "[cycle] 的 name 应为文字,写的是整数"),
        ('name = "2026"', "", "[cycle] 缺少 name"),
        ("deadline = 2026-09-30", 'deadline = "去年"', "[cycle] 的 deadline 应为日期"),
        ("deadline = 2026-09-30", "deadline = 2026-09-31", "第 5 行第"),
        ('kind = "实景图片"', 'kind = "录像"', "第 1 个 [[requirement]] 的 kind 不认识“录像”"),
        ('person = "张三"', "person = 3", "第 2 个 [[requirement]] 的 person 应为文字,写的是整数"),
        ("[windows]", "[windows", "第 7 行"),
        ("[checks.PIXELS]", "[limits]\nfile_bytes = 1.5\n[checks.PIXELS]", "[limits] 的 file_bytes 应为整数,写的是数"),
        ("[checks.PIXELS]", "[limits]\nocr = true\n[checks.PIXELS]", "[limits] 的 ocr 应为文字,写的是true 或 false"),
        ("[checks.PIXELS]\nmin_long_side", "[checks]\nPIXELS", "checks 应为一节,写的是整数"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(DataError) as e:
        parse(TEXT.replace(old, new, 1))
    assert words in e.value.zh
    assert not ENGLISH.search(e.value.zh), "the parsers' own words"


@pytest.mark.parametrize("section", ["cycle", "windows", "requirement", "margins", "limits", "checks", "rolling", "reminders"])
@pytest.mark.parametrize("value", ["3", "[3]"])
def test_a_section_that_is_none_is_named(section: str, value: str) -> None:
    with pytest.raises(DataError) as e:
        parse(f"{section} = {value}\n")
    assert f"{section} 应写成" in e.value.zh


@pytest.mark.parametrize("name", ["auto", "lead", "floor", "against"])
@pytest.mark.parametrize("number", ["2.5", "-0.1", "nan", "inf"])
def test_a_margin_beyond_any_score_is_refused(name: str, number: str) -> None:
    with pytest.raises(DataError) as e:
        parse(f"{TEXT}\n[margins]\n{name} = {number}\n")
    assert f"[margins] 的 {name} 应在 0 和 1 之间" in e.value.zh


@pytest.mark.parametrize("name", [n for n in Limits.__struct_fields__ if n != "ocr"])
def test_a_limit_that_nothing_could_keep_is_refused(name: str) -> None:
    least = 0 if name in ("settle_seconds", "archive_depth") else 1
    with pytest.raises(DataError) as e:
        parse(f"{TEXT}\n[limits]\n{name} = {least - 1}\n")
    assert f"[limits] 的 {name} 应为 {least} 或更大的整数" in e.value.zh
    assert getattr(parse(f"{TEXT}\n[limits]\n{name} = {least}\n")[1].limits, name) == least


@pytest.mark.parametrize("data", [TEXT.encode("gb18030"), None])
def test_a_file_that_cannot_be_read_is_named_in_chinese(data: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "cycle.toml"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(DataError) as e:
        load(file)
    assert str(file) in e.value.zh and e.value.hint
    assert not ENGLISH.search(e.value.zh.replace(str(file), ""))


def test_a_window_includes_both_its_days() -> None:
    assert parse_window("2026-05-01..2026-05-01") == Window(date(2026, 5, 1), date(2026, 5, 1)), "one day is a window"
    w = parse_window("2025-11-01..2026-10-31")
    assert date(2025, 11, 1) in w and date(2026, 10, 31) in w
    assert date(2025, 10, 31) not in w and date(2026, 11, 1) not in w
