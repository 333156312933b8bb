"""Workspaces and inboxes for the tests of whole flows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import readied
from tests.flows import house


@pytest.fixture(scope="package", autouse=True)
def children_at_once(children: dict[str, readied.Readied]) -> Iterator[None]:
    with readied.at_once(children):
        yield


@pytest.fixture
def new_workspace(tmp_path: Path) -> Callable[..., house.House]:
    """``new_workspace(name, store=…)``: an initialised workspace with an empty inbox."""

    def make(name: str = "ws", **options: str) -> house.House:
        return house.House.build(tmp_path / name, **options)

    return make


STORES = ["folder", pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.xdist_group("s3")])]


@pytest.fixture(params=STORES)
def on_both(request: pytest.FixtureRequest, new_workspace) -> house.House:
    """An empty workspace on either store."""
    if request.param == "folder":
        return new_workspace()
    server = request.getfixturevalue("s3_server")
    return new_workspace(store=server.bucket_url(), env=server.env)


@pytest.fixture(scope="package")
def one_document(tmp_path_factory: pytest.TempPathFactory) -> tuple[house.House, str]:
    """A workspace with one good document, and its digest. Read only: who changes anything takes ``archived``."""
    made = house.House.build(tmp_path_factory.mktemp("one") / "ws")
    house.document(made.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    made.ingest()
    [line] = made.manifest().values()
    return made, line.sha256


@pytest.fixture
def archived(one_document: tuple[house.House, str], tmp_path: Path) -> tuple[house.House, str]:
    """A copy of ``one_document`` of one's own."""
    made, sha = one_document
    shutil.copytree(made.root, tmp_path / "ws")
    return house.House(tmp_path / "ws"), sha
