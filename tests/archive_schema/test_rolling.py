"""Windows that move with the day of the inspection, reminders, and what of ``cycle.toml`` no judgement rests on."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema import canonical
from archive_schema import cycle as cycles
from archive_schema.cycle import Cycle, Reminders, Rolling, Window, default_window, parse, parse_rolling, render
from archive_schema.errors import DataError
from archive_schema.words import EvidenceKind

TEXT = """
[cycle]
name = "2026"
catalogue = "national-2017"

[windows]
default = "2025-11-01..2026-10-31"
"""
ROLLING = """
[rolling]
default = "12个月"
"统计表格" = "2年"

[reminders]
due_days = 7
review_days = 90

[[requirement]]
item = "III2-2"
kind = "实景图片"
rolling = "15 个月"

[[requirement]]
item = "III2-3"
window = "2024-01-01..2026-12-31"
"""
PHOTO, TABLE, DOCUMENT = EvidenceKind.PHOTO, EvidenceKind.TABLE, EvidenceKind.DOCUMENT
rolling = st.builds(Rolling, st.integers(1, 99), st.sampled_from(["月", "年"]))
days = st.dates(date(2000, 1, 1), date(2199, 12, 31))


def test_the_published_rule_of_2017_gives_its_window() -> None:
    assert Rolling(12, "月").window(date(2017, 8, 20)) == Window(date(2016, 8, 1), date(2017, 7, 31))
    assert Rolling(2, "年").window(date(2020, 9, 1)) == Window(date(2018, 1, 1), date(2019, 12, 31))
    assert default_window(date(2017, 8, 1)) == Rolling(12, "月").window(date(2017, 8, 31))


@given(rolling, days, days)
def test_a_material_leaves_on_the_first_day_whose_window_begins_after_it(r: Rolling, last: date, day: date) -> None:
    out = r.leaves(last)
    assert (r.window(day).start > last) is (day >= out)
    assert r.window(out).start > last >= r.window(out - timedelta(days=1)).start


@given(rolling, days)
def test_a_window_ends_before_the_day_and_is_as_long_as_it_says(r: Rolling, day: date) -> None:
    w = r.window(day)
    months = (w.end.year - w.start.year) * 12 + w.end.month - w.start.month + 1
    assert w.end < day and months == r.count * (12 if r.unit == "年" else 1)
    assert w.start.day == 1 and (w.end + timedelta(days=1)).day == 1


def test_only_what_moves_is_moved() -> None:
    cycle, _ = parse(TEXT + ROLLING)
    on = cycle.on(date(2027, 3, 15))
    assert cycle.rolls and cycle.windows[DOCUMENT] == Window(date(2025, 11, 1), date(2026, 10, 31))
    assert on.window("III1-1", DOCUMENT) == Window(date(2026, 3, 1), date(2027, 2, 28))
    assert on.window("III1-1", TABLE) == Window(date(2025, 1, 1), date(2026, 12, 31))
    assert on.window("III2-2", PHOTO) == Window(date(2025, 12, 1), date(2027, 2, 28))
    assert on.window("III2-3", PHOTO) == Window(date(2024, 1, 1), date(2026, 12, 31))
    moves = [str(cycle.moves(*cell)) for cell in (("III1-1", TABLE), ("III2-2", PHOTO), ("III2-3", PHOTO))]
    assert moves == ["2年", "15个月", "None"]


def test_without_a_rule_nothing_moves() -> None:
    cycle, _ = parse(TEXT)
    assert not cycle.rolls and cycle.on(date(2030, 1, 1)) == cycle
    assert cycle.reminders == Reminders(due_days=14, ahead_days=30, review_days=None)


@pytest.mark.parametrize("text", [TEXT, TEXT + ROLLING])
def test_what_is_written_reads_back(text: str) -> None:
    read = parse(text)
    assert parse(render(*read)) == read


@pytest.mark.parametrize("text", ["", "0个月", "12", "一年", "12个月左右", "100年"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(DataError) as e:
        parse_rolling(text)
    assert "12个月" in e.value.hint


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ('[rolling]\n"录像" = "12个月"\n', "录像"),
        ('[rolling]\ndefault = "一年"\n', "一年"),
        ("[reminders]\ndue = 3\n", "due"),
        ("[reminders]\ndue_days = -1\n", "due_days"),
        ("[reminders]\nreview_days = 0\n", "review_days"),
        ('[[requirement]]\nitem = "III1-1"\nreview_days = 0\n', "review_days"),
        ("[reminders]\nahead_days = true\n", "ahead_days"),
    ],
)
def test_a_wrong_line_is_named(more: str, named: str) -> None:
    with pytest.raises(DataError) as e:
        parse(TEXT + more)
    assert named in e.value.zh


def test_what_only_reminds_leaves_every_judgement_as_it_is() -> None:
    plain, moving = parse(TEXT)[0], parse(TEXT + '[rolling]\ndefault = "12个月"\n[reminders]\ndue_days = 3\n')[0]
    assert plain != moving
    assert cycles.judged_by("cycle", canonical.encode(plain)) == cycles.judged_by("cycle", canonical.encode(moving))
    other = msgspec.structs.replace(plain, deadline=date(2026, 9, 30))
    assert cycles.judged_by("cycle", canonical.encode(other)) != cycles.judged_by("cycle", canonical.encode(plain))


def test_a_cycle_recorded_before_there_were_such_rules_is_read_and_judged_by_as_before() -> None:
    cycle, _ = parse(TEXT + '[[requirement]]\nitem = "III2-2"\nneeded = 2\n')
    told = msgspec.json.decode(canonical.encode(cycle))
    del told["rolling"], told["reminders"], told["rules"][0]["rolling"]
    recorded = canonical.encode(told)
    assert msgspec.json.decode(recorded, type=Cycle) == cycle
    assert cycles.judged_by("cycle", canonical.encode(cycle)) == recorded


def test_a_cycle_rolls_when_one_requirement_does() -> None:
    rule = '\n[[requirement]]\nitem = "III1-1"\n'
    assert [parse(TEXT + rule + more)[0].rolls for more in ("needed = 2\n", 'rolling = "2年"\n')] == [False, True]
