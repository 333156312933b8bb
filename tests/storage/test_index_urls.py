"""Which indexes can be opened, and what is said of the others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from archive_schema.errors import UnavailableError, UsageError
from storage import tables
from storage.index import Index


def test_tables_that_change_get_another_version() -> None:
    columns = sorted(
        f"{t.name}.{c.name} {c.type!r} {c.primary_key} {c.nullable}" for t in tables.metadata.tables.values() for c in t.c
    )
    digest = hashlib.sha256("\n".join(columns).encode()).hexdigest()[:12]
    assert (tables.SCHEMA, digest) == ("2", "371949343e88"), (
        "other columns: raise SCHEMA, so that older files are told, and then this line"
    )


def test_a_damaged_file_and_a_server_that_is_away_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"this is no database" * 500)
    with pytest.raises(UnavailableError) as e:
        Index(f"sqlite:///{tmp_path}/x.sqlite")
    assert e.value.code == "index.damaged"
    (tmp_path / "file").write_bytes(b"")
    for url in (f"sqlite:///{tmp_path}", f"sqlite:///{tmp_path}/file/x", "postgresql+psycopg://u:geheim@127.0.0.1:1/x"):
        with pytest.raises(UnavailableError) as e:
            Index(url)
        assert e.value.code == "index.unavailable"
        assert "geheim" not in f"{e.value} {e.value.zh}"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x", "sqlite://", "sqlite:///:memory:", "oracle://x"])
def test_what_is_no_index_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError) as e:
        Index(url)
    assert e.value.code == "index.url"
