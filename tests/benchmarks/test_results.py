"""Rows say their ratio to the floor, in the table and in JSON."""

from __future__ import annotations

import json

import pytest

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.results import Machine, Part, Report, Row, as_json, as_text, table
from benchmarks.spent import Spent, median

MACHINE = Machine("2026-11-21", 2, "a processor", 24.0, "3.11.7", "Linux", "ext4")
ROWS = [Row("ingest", "600 files", 9.0, 4.5, figures={"files/s": 66.67}), Row("classify", "标题", 1234.0, None, "MB")]


def report() -> Report:
    return Report(MACHINE, 600, 12.0, [Part("ingest", 10.0, 0.25, ROWS)])


def test_a_ratio_is_the_value_by_the_floor_and_none_without_a_floor() -> None:
    assert [r.ratio for r in ROWS] == [2.0, None]


def test_the_table_shows_value_floor_ratio_figures_and_how_busy_the_machine_was() -> None:
    text = as_text(report())
    ingest = next(line for line in text.splitlines() if line.startswith("| ingest "))
    assert [cell.strip() for cell in ingest.strip("|").split("|")] == [
        *("ingest", "600 files", "9 s", "4.5 s", "2.00", "files/s 66.7"),
    ]
    assert "| 1,234 MB |" in text and "ingest 25%" in text and "24 GiB" in text


def test_columns_of_a_table_line_up_where_a_chinese_character_takes_two_cells() -> None:
    heading, rule, first, second = table([["what", "value"], ["标题", "1"], ["ab", "22"]])
    assert heading == "| what | value |"
    assert rule == "|------|-------|"
    assert first == "| 标题 | 1     |"
    assert second == "| ab   | 22    |"


def test_json_holds_every_row_with_its_ratio() -> None:
    read = json.loads(as_json(report()))
    assert [row["ratio"] for row in read["parts"][0]["rows"]] == [2.0, None]
    assert read["machine"]["cores"] == 2 and read["parts"][0]["rows"][0]["figures"] == {"files/s": 66.67}


def test_the_median_is_taken_of_each_number_apart() -> None:
    assert median([Spent(1, 9, 5, "a"), Spent(2, 8, 7, "b"), Spent(9, 7, 6, "c")]) == Spent(2, 8, 6, "c")


@pytest.mark.parametrize("words", [["ingst"], ["classify", "--files", "1"]])
def test_a_name_that_is_none_or_too_few_files_are_refused_before_anything_runs(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as e:
        main(words)
    assert e.value.code == 2
    assert ", ".join(BENCHMARKS) in capsys.readouterr().err or "--files" in words
