"""The index against the series: what replaying the series gives, row by row, and what the index holds.

The replay goes into a SQLite file of its own, so memory does not grow with the archive; both are then read in the order of
their keys. Nothing of the archive is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import Connection, Select, Table, collate, select

from archive_schema.records import Record
from storage import tables
from storage.apply import apply
from storage.engine import Database
from storage.index import Index
from storage.queries import CHUNK

#: tables that name an evidence, and must not name one that is not there
_OF_EVIDENCE = (tables.source, tables.proposal, tables.finding, tables.supersede, tables.withdrawal)


class RowDiffers(msgspec.Struct, frozen=True):
    """A row that is not what the series says. ``columns``: those that differ, of JSON columns the keys within; () = the whole
    row is only on one side. Values of ``data`` are not told: they may hold what was read from a document."""

    table: str
    key: tuple[str, ...]
    in_series: bool
    in_index: bool
    columns: tuple[str, ...] = ()
    expected: str = ""
    found: str = ""


class Replay:
    """An index made anew from records. ``add`` them in order, then ``finish``, then ask. A context manager.

    :param folder: an empty folder for its file.
    """

    def __init__(self, folder: Path) -> None:
        self.index = Index(f"sqlite:///{folder / 'replay.sqlite'}")
        self._open = ExitStack()
        self._writing: Connection | None = None

    def __enter__(self) -> Self:
        self._writing = self._open.enter_context(self.index.database.write())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.__exit__(kind, error, trace)
        self.index.close()

    def add(self, records: Iterable[Record], *, first: int) -> None:
        """:param first: position in the series of the first record."""
        assert self._writing is not None
        apply(self._writing, records, first=first)

    def finish(self) -> None:
        """Everything was added."""
        self._open.close()
        self._writing = None

    def differences(self, other: Index) -> Iterator[RowDiffers]:
        """Every row of ``other`` that is not as the series says, table by table, in order of keys."""
        with self.index.database.read() as ours, other.reading() as theirs:
            for table in tables.HELD:
                yield from _compare(table, _rows(ours, table, self.index.database), _rows(theirs, table, other.database))

    def strays(self) -> Iterator[tuple[str, str]]:
        """(table, SHA-256) of what the series says about an evidence that it does not hold."""
        with self.index.database.read() as c:
            for table in _OF_EVIDENCE:
                known = select(tables.evidence.c.sha256)
                query = select(table.c.sha256).where(table.c.sha256.not_in(known)).distinct().order_by(table.c.sha256)
                yield from ((table.name, sha) for sha in c.scalars(query))


def _rows(c: Connection, table: Table, database: Database) -> Iterator[tuple[Any, ...]]:
    """All rows in the order of the bytes of their keys, whatever the database's own order of texts."""
    keys = [
        k if database.is_sqlite or not isinstance(k.type.python_type(), str) else collate(k, "C") for k in table.primary_key
    ]
    query: Select[Any] = select(table).order_by(*keys).execution_options(yield_per=CHUNK)
    return (tuple(row) for row in c.execute(query))


def _compare(table: Table, series: Iterator[tuple[Any, ...]], index: Iterator[tuple[Any, ...]]) -> Iterator[RowDiffers]:
    """Two streams of rows in the order of their keys."""
    names = [c.name for c in table.columns]
    at = [names.index(k.name) for k in table.primary_key]

    def key(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(v.encode() if isinstance(v := row[n], str) else v for n in at)

    def shown(row: tuple[Any, ...]) -> tuple[str, ...]:
        return tuple(str(row[n]) for n in at)

    ours, theirs = next(series, None), next(index, None)
    while ours is not None or theirs is not None:
        if ours == theirs:
            ours, theirs = next(series, None), next(index, None)
        elif theirs is None or (ours is not None and key(ours) < key(theirs)):
            assert ours is not None
            yield RowDiffers(table.name, shown(ours), in_series=True, in_index=False)
            ours = next(series, None)
        elif ours is None or key(theirs) < key(ours):
            yield RowDiffers(table.name, shown(theirs), in_series=False, in_index=True)
            theirs = next(index, None)
        else:
            changed = [(n, a, b) for n, a, b in zip(names, ours, theirs, strict=True) if a != b]
            columns = tuple(name for n, a, b in changed for name in (_inside(a, b) if n == "data" else (n,)))
            plain = [(n, a, b) for n, a, b in changed if n != "data"]
            yield RowDiffers(
                table.name,
                shown(ours),
                in_series=True,
                in_index=True,
                columns=columns,
                expected="、".join(f"{n}={a}" for n, a, _ in plain),
                found="、".join(f"{n}={b}" for n, _, b in plain),
            )
            ours, theirs = next(series, None), next(index, None)


def _inside(ours: bytes, theirs: bytes) -> tuple[str, ...]:
    """Which top-level keys of two JSON objects differ."""
    try:
        a, b = msgspec.json.decode(ours, type=dict[str, Any]), msgspec.json.decode(theirs, type=dict[str, Any])
    except msgspec.MsgspecError:
        return ("data",)
    differing = {k for k in {*a, *b} if k not in a or k not in b or a[k] != b[k]}
    return tuple(f"data.{k}" for k in sorted(differing)) or ("data",)
