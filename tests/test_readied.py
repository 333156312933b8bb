"""Readers that are forked instead of started are readers like any other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from intake.pool import Job, ReaderPool
from samples.spoilt import good_files
from tests import readied


def test_they_read_the_same_under_the_same_limits_and_end_with_their_pool(
    children: dict[str, readied.Readied], tmp_path: Path
) -> None:
    files = [p for p in good_files(tmp_path / "good") if p.suffix in (".pdf", ".docx", ".xlsx", ".jpeg")]
    with ReaderPool(Limits(), scratch=tmp_path / "scratch") as pool:
        started, isolated = list(pool.read(map(Job, files))), pool.isolated
    with readied.at_once(children), ReaderPool(Limits(), scratch=tmp_path / "scratch") as pool:
        forked = list(pool.read(map(Job, files)))
        processes = [w.process for w in pool._workers]
        assert all(isinstance(p, readied.Forked) for p in processes) and pool.isolated == isolated
        limits = Path(f"/proc/{processes[0].pid}/limits").read_text("ascii")
        assert "unlimited" not in next(line for line in limits.splitlines() if line.startswith("Max address space"))
        assert os.readlink(f"/proc/{processes[0].pid}/cwd") == "/"
    assert [(r.reading, r.digested) for r in forked] == [(r.reading, r.digested) for r in started]
    for process in processes:
        assert process.poll() is not None
        with pytest.raises(OSError):
            os.readlink(f"/proc/{process.pid}/exe")


def test_what_is_started_keeps_what_it_compiles() -> None:
    """Else each ``dangan`` compiles a hundred modules of its own again, and each process that shares the tests all tests."""
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ and not sys.dont_write_bytecode
