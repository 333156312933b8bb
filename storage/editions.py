"""Which catalogue was in force from which record of the series on, kept in the index so that nobody has to read the whole series for it.

``apply`` notes it as the records come by, so an index made anew from the store knows the same. It stands among the metadata: the index of an
earlier version has none of it and stays as it is until its next commit reads the series once (``learned``).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Iterable, Iterator

import msgspec
from sqlalchemy import Connection, delete, insert, select

from archive_schema.records import CatalogueRecord, Record
from storage import tables
from storage.queries import CHUNK, chunked
from storage.series import Segment

_KEY = "editions"
_LINE = b'"type":"catalogue"'

#: (position in the series, digest of the catalogue), in order
Editions = list[tuple[int, str]]


def known(c: Connection) -> Editions | None:
    """None = this index was not told from the beginning, or not of the last one: a program of another version wrote to it."""
    value: str | None = c.scalar(select(tables.meta.c.value).where(tables.meta.c.key == _KEY))
    editions = msgspec.json.decode(value, type=Editions) if value is not None else None
    now: str | None = c.scalar(select(tables.config.c.digest).where(tables.config.c.name == "catalogue"))
    return editions if editions is not None and (editions[-1][1] if editions else None) == now else None


def put(c: Connection, editions: Editions) -> None:
    c.execute(delete(tables.meta).where(tables.meta.c.key == _KEY))
    c.execute(insert(tables.meta).values(key=_KEY, value=msgspec.json.encode(editions).decode()))


def note(c: Connection, records: Iterable[Record], first: int) -> None:
    """Of records that are about to be applied. :param first: position in the series of the first one; before 1 there is nothing to know."""
    new = [(pos, r.digest) for pos, r in enumerate(records, first) if isinstance(r, CatalogueRecord)]
    before = [] if first == 1 else known(c) if new else None
    if before is not None:
        put(c, [*before, *new])


def learned(segments: Iterable[Segment]) -> Iterator[tuple[int, str]]:
    """The same from the series itself; of its records only those are decoded that it is about."""
    for segment in segments:
        before = segment.header.total - segment.header.records
        for n, line in enumerate(segment.lines, 1):
            if _LINE in line:
                [record] = msgspec.structs.replace(segment, lines=(line,)).records()
                if isinstance(record, CatalogueRecord):
                    yield before + n, record.digest


def at_decisions(c: Connection, ids: Collection[str]) -> dict[str, str] | None:
    """Id of a decision → digest of the catalogue in force when it was recorded, "" = none was; None = see ``known``."""
    editions = known(c)
    if editions is None:
        return None
    begins = [pos for pos, _ in editions]
    d = tables.decision.c
    rows = (r for some in chunked(sorted(ids), CHUNK) for r in c.execute(select(d.id, d.pos).where(d.id.in_(some))))
    return {r.id: editions[at - 1][1] if (at := bisect(begins, r.pos)) else "" for r in rows}
