"""How the tests are shared out among processes; that they run in any order is theirs to keep."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from tests import order
from tests.needs import REPOSITORY

FILE = "tests/flows/test_audit.py"


def test_every_file_that_is_said_to_cost_much_is_there() -> None:
    files = [name for name in order.SECONDS if "/" in name]
    assert files and [name for name in files if not (REPOSITORY / name).is_file()] == []
    assert all(name.isidentifier() for name in order.SECONDS if name not in files), "the others are groups that tests name"


class Item:
    """As much of a test as is asked for its group."""

    def __init__(self, name: str, **marks: str | None) -> None:
        self.nodeid = f"{FILE}::{name}"
        self.marks = {m: getattr(pytest.mark, m)(*([arg] if arg else [])).mark for m, arg in marks.items()}

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return self.marks.get(name)

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        self.marks[mark.name] = mark.mark


def test_a_test_belongs_to_the_group_that_it_names_or_to_the_servers_else_to_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(order.TOLD, str(tmp_path / "groups.json"))
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    items = [Item("plain"), Item("plain[a@b::c]"), Item("server[s3-x]", s3=None), Item("both", s3=None, xdist_group="prefect")]
    order.keep(items)  # type: ignore[arg-type]
    assert [i.nodeid.partition("::")[2] for i in items][:2] == ["server[s3-x]", "both"], "the dearest group first"
    scheduler = order.Together.__new__(order.Together)
    groups = {i.nodeid.partition("::")[2]: scheduler._split_scope(i.nodeid) for i in items}
    assert groups == {"plain": FILE, "plain[a@b::c]": FILE, "server[s3-x]": "s3", "both": "prefect"}
    assert scheduler._split_scope(f"{FILE}::server[s3-x]@s3") == "s3", "as told in the id, where that works"
    assert [p.name for p in tmp_path.iterdir()] == ["groups.json"]


def test_what_was_collected_is_not_looked_through_for_garbage_and_what_tests_leave_is() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
