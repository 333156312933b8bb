"""In which company and in which order the tests run when several processes share them (``pytest -n 2 --dist loadgroup``).

A file's tests stay together, so that what they share is made once and not once in every process; all that need the S3 server stay
together, so that one is started; and what costs most comes first, so that no process is left with a long file while the others have
nothing to do. Nothing that a test proves rests on it: each runs alone, and in any order.
"""

from __future__ import annotations

import json
import os
import tempfile
from functools import cached_property
from pathlib import Path

import pytest
from xdist.scheduler import LoadGroupScheduling

#: seconds of computing, roughly, of the groups that cost most; when the others come does not matter
SECONDS = {
    "s3": 130,
    "prefect": 105,
    "tests/benchmarks/test_benchmarks.py": 40,
    "tests/intake/test_hostile_corpus.py": 33,
    "tests/intake/test_scan.py": 37,
    "tests/faults/test_at_once.py": 30,
    "tests/faults/test_places.py": 27,
    "tests/flows/test_same_state.py": 25,
    "tests/faults/test_kills.py": 18,
    "tests/flows/test_main_job.py": 15,
    "tests/flows/test_decisions.py": 17,
    "tests/dangan/test_sheets.py": 15,
    "tests/flows/test_within.py": 12,
    "tests/flows/test_copy_and_restore.py": 15,
    "tests/benchmarks/test_hostile.py": 13,
    "tests/flows/test_audit.py": 12,
    "tests/validators/test_fixtures.py": 12,
    "tests/flows/test_assignments.py": 12,
    "tests/faults/test_changing.py": 11,
    "tests/samples/test_sample_inbox.py": 11,
    "tests/dangan/test_review.py": 10,
    "tests/flows/test_reread.py": 10,
    "tests/flows/test_destroy.py": 10,
}


#: names the file in which the processes that run tests tell the one that shares them out which groups the marks name
#: (pytest-xdist 3.8 would tell it in the tests' ids, and pytest 9.2 does not let it)
TOLD = "DANGAN_TEST_GROUPS"


def begin() -> None:
    """Before the processes are started."""
    if TOLD not in os.environ:
        handle, os.environ[TOLD] = tempfile.mkstemp(prefix="dangan-groups-", suffix=".json")
        os.close(handle)


def end() -> None:
    """Once they have ended."""
    if "PYTEST_XDIST_WORKER" not in os.environ and (told := os.environ.pop(TOLD, None)):
        Path(told).unlink(missing_ok=True)


def keep(items: list[pytest.Item]) -> None:
    """Say of every test that needs it that it belongs to the S3 server; in a process that shares the work, sort: dearest first."""
    for item in items:
        if item.get_closest_marker("s3") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("s3"))
    if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and TOLD in os.environ:
        items.sort(key=lambda item: -SECONDS.get(_named(item) or _file(item.nodeid), 0))
        told = Path(os.environ[TOLD])
        mine = told.with_suffix(f".{worker}")  # they all tell the same: whole, whoever is last
        mine.write_text(json.dumps({item.nodeid: name for item in items if (name := _named(item))}), "utf-8")
        mine.rename(told)


def _named(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else None


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class Together(LoadGroupScheduling):
    """Groups are what a mark names, else the files."""

    @cached_property
    def _groups(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(Path(os.environ[TOLD]).read_text("utf-8"))
        return found

    def _split_scope(self, nodeid: str) -> str:
        named = super()._split_scope(nodeid)
        return named if named != nodeid else self._groups.get(nodeid) or _file(nodeid)
