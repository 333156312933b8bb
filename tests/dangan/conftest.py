"""The command line as a user meets it, and one workspace that is ingested once and copied for every test that changes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import readied
from tests.dangan import town
from tests.dangan.line import Line


@pytest.fixture(scope="package", autouse=True)
def children_at_once(children: dict[str, readied.Readied]) -> Iterator[None]:
    with readied.at_once(children):
        yield


@pytest.fixture(autouse=True)
def no_places_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's environment says of store and index is none of these tests' business."""
    for name in ("STORE", "INDEX", "INBOX", "ZONE", "DEBUG"):
        monkeypatch.delenv(f"DANGAN_{name}", raising=False)


@pytest.fixture(scope="package")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A workspace with a dozen files, ingested. Read only: tests that change anything take ``ws``."""
    root = tmp_path_factory.mktemp("town") / "ws"
    line = Line(root)
    line("init", str(root), "--cycle", "c1", "--window", town.WINDOW, here=False)
    with (root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write("\n[margins]\nauto = 1.0\n")  # this town trusts no words alone: what has no number is doubtful
    town.fill(root / "inbox")
    line("ingest", "--no-validation")
    return line


@pytest.fixture
def ws(settled: Line, tmp_path: Path) -> Line:
    """A copy of ``settled`` of one's own."""
    shutil.copytree(settled.root, tmp_path / "ws")
    return Line(tmp_path / "ws")


@pytest.fixture
def empty(tmp_path: Path) -> Callable[..., Line]:
    """``empty("--window", …)``: a new workspace with nothing in it."""

    def make(*options: str, name: str = "new") -> Line:
        line = Line(tmp_path / name)
        line("init", str(line.root), *options, here=False)
        return line

    return make
