"""Every room says what is in it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.needs import REPOSITORY

ROOMS = ["archive_schema", "intake", "classification", "validators", "storage", "reports", "samples", "flows", "dangan"]


@pytest.mark.parametrize("room", ROOMS)
def test_the_docstring_of_a_room_names_every_module_in_it(room: str) -> None:
    package = importlib.import_module(room)
    folder = Path(package.__path__[0])
    modules = {p.stem for p in folder.glob("*.py")} | {p.parent.name for p in folder.glob("*/__init__.py")}
    named = set(re.findall(r"``(?:\w+\.)?(\w+)``", package.__doc__ or ""))
    assert sorted(modules - named - {"__init__", "__main__"}) == []


def test_the_table_of_rules_names_what_is_there() -> None:
    guide = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    table = guide[guide.index("| rule | stands in |") :].split("\n\n")[0]
    places = re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`", table)
    assert len(places) > 20
    for place in places:
        room, module, *names = place.split(".")
        found: object = importlib.import_module(f"{room}.{module}")
        for name in names:
            assert hasattr(found, name), place
            found = getattr(found, name)
