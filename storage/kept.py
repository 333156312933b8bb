"""What a room keeps in the index between runs so as not to read it again. A hint of the cache, no record: an index made anew has none of it."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from storage import tables
from storage.index import Index

_PREFIX = "kept:"


def get(index: Index, name: str) -> str | None:
    """What was kept under ``name``, or None."""
    with index.reading() as c:
        found: str | None = c.scalar(select(tables.meta.c.value).where(tables.meta.c.key == _PREFIX + name))
    return found


def put(index: Index, name: str, value: str) -> None:
    """Keep ``value`` under ``name``, in place of what was kept there."""
    with index.database.write() as c:
        c.execute(delete(tables.meta).where(tables.meta.c.key == _PREFIX + name))
        c.execute(insert(tables.meta).values(key=_PREFIX + name, value=value))
