"""Every kind of store and every kind of index that the room supports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.factory import index_url, open_store
from storage.folder import FolderStore
from storage.index import Index
from storage.objects import ObjectStore


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store; the folder, and a prefix in a bucket of a real S3 server."""
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    server = request.getfixturevalue("s3_server")
    return open_store(f"{server.bucket_url()}/有/prefix", base=tmp_path, env=server.env)


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Index]]:
    """Makes new empty indexes."""
    made: list[Index] = []

    def make() -> Index:
        if request.param == "sqlite":
            url = index_url(f"index-{len(made)}.sqlite", base=tmp_path)
        else:
            url = request.getfixturevalue("postgres_server").database()
        made.append(Index(url))
        return made[-1]

    yield make
    for index in made:
        index.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """A new SQLite index."""
    made = Index(index_url("index.sqlite", base=tmp_path))
    yield made
    made.close()
