"""Passes that were killed: a pass over the inbox does more than commit records, and whatever it appended it must bring to its end.

A pass notes in the index that it goes on and where the series stood; at its end it takes the note away. A note whose process is
dead, with a series that has moved, means: validation, event and snapshot are still to be made. It is a hint of the cache, no record:
an index made anew knows of none.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import delete, insert, select

from storage import process, tables
from storage.index import Index

_PREFIX = "pass:"


class _Note(msgspec.Struct, frozen=True):
    process: process.Process
    head: str | None


def begin(index: Index, run: str) -> None:
    """Note that the pass ``run`` goes on in this process."""
    note = _Note(process.me(), _anchor(index))
    with index.database.write() as c:
        c.execute(insert(tables.meta).values(key=_PREFIX + run, value=msgspec.json.encode(note).decode()))


def left(index: Index) -> dict[str, bool]:
    """Passes that no living process but this one is at → did the series move since they began."""
    with index.reading() as c:
        found = c.execute(select(tables.meta.c.key, tables.meta.c.value).where(tables.meta.c.key.startswith(_PREFIX))).all()
    now, out = _anchor(index), {}
    for key, value in found:
        note = msgspec.json.decode(value, type=_Note)
        if note.process == process.me() or not process.alive(note.process):
            out[key.removeprefix(_PREFIX)] = note.head != now
    return out


def end(index: Index, runs: Iterable[str]) -> None:
    """These passes were brought to their end."""
    with index.database.write() as c:
        c.execute(delete(tables.meta).where(tables.meta.c.key.in_([_PREFIX + run for run in runs])))


def _anchor(index: Index) -> str | None:
    head = index.head()
    return head.anchor if head else None
