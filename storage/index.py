"""The index: what is held, for asking. A cache of the series (law 3), filled by ``storage.apply``, owned by an ``Archive``.

Law 4's *staged* and *held*: a commit first writes its records into the table ``staged`` and nowhere else; they come into the
tables that are asked only in the one transaction that also records the applied head and empties ``staged``. So whatever
a query sees is in the series up to the applied head, and nothing else is.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, delete, func, insert, inspect, select, text

from archive_schema.coverage import CellCount
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Proposal, Source
from archive_schema.outputs import ManifestLine
from archive_schema.records import EventRecord, FindingRecord, Head, PlacementRecord, Record, WithdrawalRecord
from storage import counts, editions, queries, state, tables
from storage.apply import apply
from storage.counts import PieceRow, PlacementRow, Shared
from storage.engine import Database
from storage.queries import KnownSource
from storage.redaction import redact

#: PostgreSQL's lock while tables are made; any number that nothing else uses
_MAKING = 0x64616E67

Shas = Iterable[str] | None


class Index:
    """:param url: ``sqlite:///FILE`` or ``postgresql+psycopg://…``; tables are made when there are none.

    Queries that take ``shas`` answer for these evidences, or for all when None, and stream in order of SHA-256.

    :raises UsageError: ``index.url``; ``index.schema`` (made by another version).
    :raises UnavailableError: it cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._pinned = threading.local()
        with self.database.write() as c:
            if not self.database.is_sqlite:
                c.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MAKING})
            made = inspect(c).has_table(tables.meta.name)
            schema = _get(c, "schema") if made and _get(c, "index_id") is not None else tables.SCHEMA
            if schema == tables.SCHEMA:  # else nothing of it is touched
                tables.metadata.create_all(c)
                if _get(c, "index_id") is None:
                    _set(c, "schema", tables.SCHEMA)
                    _set(c, "index_id", str(uuid.uuid4()))
                self.id = str(_get(c, "index_id"))
        if schema != tables.SCHEMA:
            self.close()
            away = "移走该文件(连同旁边的 -wal 和 -shm)" if self.database.is_sqlite else "给本程序换一个空的数据库"
            raise UsageError(
                f"{self.url}: tables of version {schema}, this program has {tables.SCHEMA}",
                zh=f"索引 {self.database.place} 由另一版本的程序建立",
                code="index.schema",
                hint=f"索引只是缓存: {away},再运行 dangan restore --take-over 由存储重建;或换回建立它的那一版程序",
            )

    @property
    def url(self) -> str:
        """To show a user; holds no password."""
        return self.database.url

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it, every query of this thread sees one and the same state, whatever is committed meanwhile."""
        with self.database.read() as c:
            self._pinned.connection = c
            try:
                yield
            finally:
                self._pinned.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection of this thread, within ``snapshot`` the one that is pinned."""
        pinned: Connection | None = getattr(self._pinned, "connection", None)
        if pinned is not None:
            yield pinned
        else:
            with self.database.read() as c:
                yield c

    # What is held

    def known(self) -> dict[tuple[str, str], KnownSource]:
        """The latest source of every (folder, path)."""
        with self.reading() as c:
            return queries.known(c)

    def sources(self, shas: Shas = None) -> Iterator[Source]:
        """Of one evidence in order of unit."""
        with self.reading() as c:
            yield from queries.sources(c, shas)

    def arrived(self, after: int) -> list[Source]:
        """Sources whose first record lies behind a position of the series, in its order."""
        with self.reading() as c:
            return queries.arrived(c, after)

    def came_after(self, source: Source, decision: str) -> bool:
        """Was the source first recorded after the decision with that id?"""
        with self.reading() as c:
            return queries.came_after(c, source, decision)

    def since(self, about: Mapping[str, str]) -> set[tuple[str, str, str]]:
        """(decision, folder, path) of every source of these bytes that was first recorded after the decision on them.

        :param about: id of a decision → SHA-256.
        """
        with self.reading() as c:
            return queries.since(c, about)

    def known_by(self, shas: Iterable[str], position: int) -> set[str]:
        """Which of these bytes some source had brought up to a position of the series."""
        with self.reading() as c:
            return queries.known_by(c, shas, position)

    def evidence(self, shas: Shas = None) -> Iterator[Evidence]:
        with self.reading() as c:
            yield from queries.evidence(c, shas)

    def proposals(self, shas: Shas = None) -> Iterator[Proposal]:
        """What was placed per (evidence, unit), with candidates, kind and classifier; decisions already applied."""
        with self.reading() as c:
            yield from queries.proposals(c, shas)

    def placement_records(self, shas: Shas = None) -> Iterator[PlacementRecord]:
        """The last placement record per (evidence, unit), with what the machine proposed."""
        with self.reading() as c:
            yield from queries.placement_records(c, shas)

    def find_sha256(self, beginning: str) -> list[str]:
        """Digests of held evidence that begin with these lower-case hexadecimal digits."""
        with self.reading() as c:
            return queries.find_sha256(c, beginning)

    def placements(self, shas: Shas = None) -> Iterator[Placement]:
        """Every placement, rejected ones too."""
        for proposal in self.proposals(shas):
            yield from proposal.placements

    def placed_under(self, items: Collection[str]) -> set[str]:
        """Digests of what has a placement under one of the items, rejected or not."""
        with self.reading() as c:
            return queries.placed_under(c, items)

    def findings(self, shas: Shas = None) -> Iterator[FindingRecord]:
        """The last judgement per (evidence, origin)."""
        with self.reading() as c:
            yield from queries.findings(c, shas)

    def outcomes(self, shas: Shas = None) -> Iterator[tuple[str, CheckOutcome]]:
        """(SHA-256, outcome) of every judgement held: failed and unchecked ones, waived ones among them."""
        for record in self.findings(shas):
            yield from ((record.sha256, o) for o in record.outcomes)

    def passed(self, sha256: str) -> frozenset[str]:
        """Codes of the checks that the evidence passed."""
        return frozenset(code for record in self.findings([sha256]) for code in record.passed)

    def judged(self, origin: str = "judge") -> dict[str, tuple[str, str]]:
        """SHA-256 → (rules, settings) under which it was last judged."""
        with self.reading() as c:
            return queries.judged(c, origin)

    def decisions(self) -> list[Decision]:
        """All, in the order of the series."""
        with self.reading() as c:
            return queries.decisions(c)

    def superseded(self) -> dict[str, str]:
        """SHA-256 → that of the evidence which replaces it."""
        with self.reading() as c:
            return queries.superseded(c)

    def replaced(self) -> set[tuple[str, str]]:
        """(SHA-256, unit) of what a newer version replaces; unit "" = for every unit."""
        with self.reading() as c:
            return counts.replaced(c)

    def withdrawals(self) -> list[WithdrawalRecord]:
        """Those in force, the tombstones of destroyed evidence among them."""
        with self.reading() as c:
            return queries.withdrawals(c)

    def withdrawn(self) -> set[tuple[str, str]]:
        """(SHA-256, unit) in force; unit "" = for every unit."""
        return {(w.sha256, w.unit) for w in self.withdrawals()}

    def destroyed(self) -> set[str]:
        """Evidence whose bytes were removed by decision."""
        return {w.sha256 for w in self.withdrawals() if w.destroyed}

    def quarantined(self, after: int = 0) -> dict[tuple[str, str], EventRecord]:
        """(folder, path) → the notice in force.

        :param after: only notices recorded behind this position of the series.
        """
        with self.reading() as c:
            return queries.quarantined(c, after)

    def run_events(self, after: int = 0) -> list[EventRecord]:
        """Events about whole runs (their subject is the run), in the order of the series."""
        with self.reading() as c:
            return queries.run_events(c, after)

    def config(self) -> dict[str, str]:
        """Digests of the objects in force: ``cycle``, ``catalogue``, ``settings``, ``units``, as far as recorded."""
        with self.reading() as c:
            return queries.config(c)

    def catalogues_at(self, decisions: Collection[str]) -> dict[str, str] | None:
        """See ``editions.at_decisions``."""
        with self.reading() as c:
            return editions.at_decisions(c, decisions)

    def cell_counts(self) -> list[CellCount]:
        with self.reading() as c:
            return counts.cell_counts(c)

    def pieces(self) -> list[PieceRow]:
        with self.reading() as c:
            return counts.pieces(c)

    def placement_rows(self) -> Iterator[PlacementRow]:
        with self.reading() as c:
            yield from counts.placement_rows(c)

    def same_bytes(self) -> list[Shared]:
        with self.reading() as c:
            return counts.same_bytes(c)

    def manifest_lines(self) -> Iterator[ManifestLine]:
        """The manifest, a line per evidence, in order of SHA-256."""
        with self.reading() as c:
            yield from state.manifest_lines(c)

    def state_digest(self) -> str:
        """The state digest (law 5), see ``storage.state``."""
        with self.reading() as c:
            return state.state_digest(c)

    def counts(self) -> dict[str, int]:
        """Rows held per table."""
        with self.reading() as c:
            return queries.counts(c)

    # For the archive

    def cycle(self) -> str | None:
        """The cycle that this index is of; None = not begun."""
        with self.reading() as c:
            return _get(c, "cycle")

    def begin(self, cycle: str) -> None:
        """Make this the index of a cycle."""
        with self.database.write() as c:
            _set(c, "cycle", cycle)

    def head(self) -> Head | None:
        """The applied head: all that is held is the series up to it."""
        with self.reading() as c:
            return head(c)

    def redact(self) -> int:
        """Forget what was read from destroyed evidence (``storage.redaction``); number of rows that still knew something."""
        with self.database.write() as c:
            return redact(c)

    def compact(self) -> None:
        """Free what deleted and replaced rows still take up, so that none of it can be read from the database's files either."""
        self.database.compact([*(t.name for t in tables.HELD), tables.staged.name])

    def staged(self) -> int:
        """Number of staged rows; more than none outside a commit = one was interrupted."""
        with self.database.read() as c:
            return c.scalar(select(func.count()).select_from(tables.staged)) or 0


def head(c: Connection) -> Head | None:
    """The applied head."""
    value = _get(c, "head")
    return msgspec.json.decode(value, type=Head) if value else None


def stage(c: Connection, run: str, lines: Sequence[bytes]) -> None:
    """Stage encoded records."""
    c.execute(insert(tables.staged), [{"run": run, "n": n, "data": line} for n, line in enumerate(lines)])


def unstage(c: Connection) -> int:
    """Forget everything staged; the number of rows."""
    return c.execute(delete(tables.staged)).rowcount


def hold(c: Connection, records: Iterable[Record], applied: Head, *, count: int) -> None:
    """Apply the ``count`` records with which the series came to ``applied``, and record that head."""
    apply(c, records, first=applied.total - count + 1)
    _set(c, "head", msgspec.json.encode(applied).decode())


def _get(c: Connection, key: str) -> str | None:
    return c.scalar(select(tables.meta.c.value).where(tables.meta.c.key == key))


def _set(c: Connection, key: str, value: str) -> None:
    c.execute(delete(tables.meta).where(tables.meta.c.key == key))
    c.execute(insert(tables.meta).values(key=key, value=value))
