"""Records into held rows. A dumb cache: a record replaces what was held under its key, and no rule is applied but two: what was
destroyed by decision is redacted (``storage.redaction``), and a source keeps the position of its first record.

Keys are those of ``archive_schema.records``. Of several records with one key in a batch only the last counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select

from archive_schema import canonical
from archive_schema.records import (
    CatalogueRecord,
    CycleRecord,
    DecisionRecord,
    EventRecord,
    EvidenceRecord,
    FindingRecord,
    PlacementRecord,
    Record,
    SettingsRecord,
    SourceRecord,
    SupersedeRecord,
    UnitsRecord,
    WithdrawalRecord,
)
from archive_schema.words import EventType
from storage import editions, redaction, tables
from storage.queries import CHUNK, chunked

#: outcome of a quarantine event that lifts the notice of the same folder and path
LIFTED = "lifted"

Key = tuple[str | int, ...]
Row = dict[str, Any]


class Batch:
    """The rows that a run of records comes to: per table, key → the rows now held under it (none = removed)."""

    def __init__(self) -> None:
        self._held: dict[Table, dict[Key, list[Row]]] = {t: {} for t in tables.HELD}

    def add(self, record: Record, pos: int) -> None:
        """:param pos: the record's position in the series."""
        match record:
            case EvidenceRecord(evidence=e):
                self._put(tables.evidence, (e.sha256,), {"volatile": e.volatile, "pos": pos, "data": canonical.encode(e)})
            case SourceRecord(source=s):
                place = (s.folder, s.path, s.sha256)
                row = {"unit": s.unit, "size": s.size, "mtime_ns": s.mtime_ns, "present": s.present, "pos": pos}
                first = next((r["first"] for r in self._held[tables.source].get(place, ())), pos)
                self._put(tables.source, place, {**row, "first": first, "data": canonical.encode(s)})
            case PlacementRecord():
                key = (record.sha256, record.unit)
                self._put(tables.proposal, key, {"data": canonical.encode(record)})
                placed = {(p.item, p.kind): p for p in record.placements}
                rows = [{"item": p.item, "kind": p.kind.value, "status": p.status.value} for p in placed.values()]
                self._put(tables.placement, key, *rows)
            case FindingRecord():
                key = (record.sha256, record.origin)
                about = {"rules": record.rules, "settings": record.settings}
                self._put(tables.finding, key, {**about, "data": canonical.encode(record)})
                self._put(tables.outcome, key, *_outcomes(record))
            case DecisionRecord(decision=d):
                self._put(tables.decision, (d.id,), {"pos": pos, "data": canonical.encode(d)})
            case EventRecord():
                self._event(record, pos)
            case SupersedeRecord(sha256=old, by_sha256=new):
                self._put(tables.supersede, (old,), *([] if new is None else [{"by_sha256": new}]))
            case WithdrawalRecord(destroyed=destroyed):
                row = {"destroyed": destroyed, "data": canonical.encode(record)}
                self._put(tables.withdrawal, (record.sha256, record.unit), *([row] if record.in_force else []))
            case CycleRecord():
                self._put(tables.config, ("cycle",), {"digest": record.digest})
            case CatalogueRecord():
                self._put(tables.config, ("catalogue",), {"digest": record.digest})
            case SettingsRecord():
                self._put(tables.config, ("settings",), {"digest": record.digest})
            case UnitsRecord():
                self._put(tables.config, ("units",), {"digest": record.digest})

    def write(self, connection: Connection) -> None:
        """Replace what is held by what was added."""
        self._keep_first(connection)
        for table, held in self._held.items():
            if not held:
                continue
            names = _KEYS[table]
            condition = [table.c[name] == bindparam(f"key_{name}") for name in names]
            connection.execute(
                delete(table).where(*condition), [{f"key_{n}": v for n, v in zip(names, key, strict=True)} for key in held]
            )
            rows = [{**dict(zip(names, key, strict=True)), **row} for key, rows in held.items() for row in rows]
            if rows:
                connection.execute(insert(table), rows)

    def named(self) -> set[str]:
        """SHA-256 of every evidence that a record was about."""
        return {str(key[_KEYS[t].index("sha256")]) for t, held in self._held.items() if "sha256" in _KEYS[t] for key in held}

    def _keep_first(self, connection: Connection) -> None:
        """Of sources that are held already."""
        held, s = self._held[tables.source], tables.source.c
        for some in chunked(sorted({str(sha) for _, _, sha in held}), CHUNK):
            for r in connection.execute(select(s.folder, s.path, s.sha256, s.first).where(s.sha256.in_(some))):
                for row in held.get((r.folder, r.path, r.sha256), ()):
                    row["first"] = r.first

    def _put(self, table: Table, key: Key, *rows: Row) -> None:
        self._held[table][key] = list(rows)

    def _event(self, record: EventRecord, pos: int) -> None:
        if record.event is EventType.QUARANTINE:
            folder, path = record.detail.get("folder"), record.detail.get("path")
            if isinstance(folder, str) and isinstance(path, str):
                rows = [] if record.outcome == LIFTED else [{"pos": pos, "data": canonical.encode(record)}]
                self._put(tables.quarantine, (folder, path), *rows)
        elif record.subject == record.run:
            self._put(tables.event, (pos,), {"run": record.run, "data": canonical.encode(record)})


def _outcomes(record: FindingRecord) -> list[Row]:
    return [
        {
            "n": n,
            "code": o.code,
            "outcome": o.outcome.value,
            "severity": o.severity.value,
            "unit": o.unit,
            "item": o.item,
            "kind": o.kind,
            "waived": o.waived,
        }
        for n, o in enumerate(record.outcomes)
    ]


#: the columns of a record's key, per table
_KEYS: dict[Table, tuple[str, ...]] = {
    tables.evidence: ("sha256",),
    tables.source: ("folder", "path", "sha256"),
    tables.proposal: ("sha256", "unit"),
    tables.placement: ("sha256", "unit"),
    tables.finding: ("sha256", "origin"),
    tables.outcome: ("sha256", "origin"),
    tables.decision: ("id",),
    tables.event: ("pos",),
    tables.quarantine: ("folder", "path"),
    tables.supersede: ("sha256",),
    tables.withdrawal: ("sha256", "unit"),
    tables.config: ("name",),
}


def apply(connection: Connection, records: Iterable[Record], *, first: int) -> None:
    """Apply records in order.

    :param first: position in the series of the first one.
    """
    records = tuple(records)
    editions.note(connection, records, first)
    batch = Batch()
    for pos, record in enumerate(records, first):
        batch.add(record, pos)
    batch.write(connection)
    redaction.redact(connection, batch.named())
