"""Each benchmark runs from beginning to end at a small size and says what it measured; no test looks at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import classify, digests, spent, start_up, validation
from benchmarks.__main__ import main
from benchmarks.ground import Ground, ingest


def test_ingest_memory_and_start_up_stand_on_the_same_workspaces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANGAN_STORE", "s3://somebody/elses-archive")
    monkeypatch.setattr(start_up, "_TIMES", 2)
    assert main(["memory", "start-up", "--files", "4", "--json", "--work", str(tmp_path)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [p["benchmark"] for p in report["parts"]] == ["memory", "start-up"]
    rows = [r for p in report["parts"] for r in p["rows"]]
    assert {r["what"] for r in rows} == {
        *("2 files", "8 files", "dangan --help", "dangan coverage --format json, 4 files"),
    }
    assert all(r["value"] > 0 and r["floor"] > 0 for r in rows)
    assert list(tmp_path.iterdir()) == [], "the work folder is removed"


def test_an_ingest_that_does_not_take_in_what_was_expected_gives_no_figure(tmp_path: Path) -> None:
    ground = Ground(tmp_path, 2)
    workspace = ground.fresh("workspace", 3)
    with pytest.raises(RuntimeError, match="5 new files expected"):
        ingest(workspace, 5, validation=False)
    assert ground.filled(2) is ground.filled(2)
    ground.add(ground.filled(2).folder, 2, 4)
    assert ingest(ground.filled(2).folder, 2, validation=False).peak > 1_000_000


def test_great_expectations_and_pandas_must_find_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "ROWS", 300)
    nothing, some = validation.run(Ground(tmp_path, 2))
    assert nothing.figures["unexpected rows"] == 0
    assert some.figures["unexpected rows"] > 0


def test_the_titles_are_those_of_items_and_the_placed_ones_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify, "TITLES", 300)
    (row,) = classify.run(Ground(tmp_path, 2))
    assert 0 < row.figures["of these right"] <= row.figures["chosen"] <= 300


def test_a_process_that_fails_gives_no_figure() -> None:
    with pytest.raises(RuntimeError, match=r"exit 3: .*broken"):
        spent.run(["-c", "import sys; sys.stderr.write('broken'); sys.exit(3)"])


def test_two_digests_are_measured_beside_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "SIZE", 8 * 1024**2)
    (row,) = digests.run(Ground(tmp_path, 2))
    assert row.floor and row.value > 0 and not list(tmp_path.rglob("*.bin"))
