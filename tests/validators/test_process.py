"""The validating process started before its job is there."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive_schema.errors import InternalError
from tests.validators.build import CATALOGUE, UNIT
from tests.validators.test_validation import BAD, GOOD, manifest_row, source_row
from validators import expectations, suites
from validators.expectations import Job
from validators.process import Validator
from validators.validation import run_validation

IDS = [i.id for i in CATALOGUE.material]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_process_started_early_does_its_job_in_its_own_folder(tmp_path: Path) -> None:
    manifest, sources = [manifest_row(GOOD), manifest_row(BAD, size=0)], [source_row(GOOD)]
    with Validator(tmp_path) as started:
        early = run_validation(
            manifest, sources, catalogue_ids=IDS, unit_names=[UNIT], workdir=tmp_path / "unused", validator=started
        )
    assert early.error is None and not (tmp_path / "unused").exists()
    assert {sha: [o.code for o in of] for sha, of in early.findings.items()} == {BAD: ["RECORD"]}
    assert len(early.results) == sum(len(s.expectation) for s in suites.load())


def test_one_that_gets_no_job_is_gone_when_it_is_not_needed_any_more(tmp_path: Path) -> None:
    with Validator(tmp_path) as started:
        assert started._process is not None
        pid = started._process.pid
        assert not gone(pid)
    assert gone(pid)


def test_one_whose_starter_dies_ends_by_itself_without_a_word(tmp_path: Path) -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "validators.expectations"], input=b"", cwd=Path(__file__).parents[2], capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("program", ["false", "no-such-program"])
def test_one_that_is_dead_before_its_job_comes_is_our_failure(program: str, tmp_path: Path) -> None:
    with Validator(tmp_path, python=(program,)) as started, pytest.raises(InternalError) as e:
        started.run(Job({}, {}, str(tmp_path / "result.json")))
    assert e.value.code == "validation.failed"


@pytest.mark.parametrize("broken", [False, True])
def test_while_it_imports_nobody_looks_for_garbage(monkeypatch: pytest.MonkeyPatch, broken: bool) -> None:
    looked: list[bool] = []

    def context(mode: str) -> Any:
        looked.append(gc.isenabled())
        if broken:
            raise ImportError
        return SimpleNamespace(enable_analytics=lambda _: None, variables=SimpleNamespace())

    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "False")
    monkeypatch.setitem(sys.modules, "great_expectations", SimpleNamespace(get_context=context))
    try:
        with pytest.raises(ImportError) if broken else contextlib.nullcontext():
            expectations.prepare()
        assert looked == [False] and gc.isenabled() and gc.get_freeze_count()
    finally:
        gc.unfreeze()
