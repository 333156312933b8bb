"""The other cycles of the same store: objects are shared by all; series, indexes and workspaces are not. They are read, never written."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from archive_schema.decisions import Decision
from archive_schema.records import DecisionRecord, EvidenceRecord, Record, SourceRecord, WithdrawalRecord
from flows.workspace import Opened
from storage import keys, series


class Said(msgspec.Struct):
    """What a cycle's series says of one file. ``units``: by folder and path, who sent it. ``containers``: digests of what it came out of.
    ``withdrawn``: for which units, "" = for every one. ``destroyed``: by which decision.
    """

    taken_in: bool = False
    units: dict[tuple[str, str], str] = {}
    containers: set[str] = set()
    withdrawn: set[str] = set()
    destroyed: Decision | None = None

    @property
    def holds(self) -> bool:
        """It was taken in, and not withdrawn for everyone who sent it."""
        return self.taken_in and self.destroyed is None and not let_go(self.units.values(), self.withdrawn)


def let_go(units: Collection[str], withdrawn: Collection[str]) -> bool:
    """Whether a file that these units sent is withdrawn for all of them."""
    return "" in withdrawn or (bool(units) and set(units) <= set(withdrawn))


def names(o: Opened) -> list[str]:
    """The other cycles whose series has begun."""
    found = {m[1] for info in o.archive.store.list("cycles/") if (m := keys.HEAD.fullmatch(info.key))}
    return sorted(found - {o.archive.cycle})


def said(o: Opened, cycle: str, shas: Collection[str]) -> dict[str, Said]:
    """What a cycle's series says of these files; one segment is in memory at a time.

    :raises IntegrityError: it is damaged. :raises ConflictError: two segments have one seq.
    """
    told = {sha: Said() for sha in shas}
    acts: dict[str, Decision] = {}
    marks = [sha.encode() for sha in told]
    store = o.archive.store
    for segment in series.walk(store, cycle, upto=series.read_head(store, cycle)):
        lines = tuple(line for line in segment.lines if any(m in line for m in marks))
        for record in msgspec.structs.replace(segment, lines=lines).records():
            _take(told, acts, record)
    return told


def _take(told: dict[str, Said], acts: dict[str, Decision], record: Record) -> None:
    match record:
        case EvidenceRecord(evidence=e) if e.sha256 in told:
            told[e.sha256].taken_in = True
        case SourceRecord(source=s) if s.sha256 in told:
            told[s.sha256].units[s.folder, s.path] = s.unit
            if s.member_of:
                told[s.sha256].containers.add(s.member_of)
        case DecisionRecord(decision=d):
            acts[d.id] = d
        case WithdrawalRecord() if record.sha256 in told:
            of = told[record.sha256]
            (of.withdrawn.add if record.in_force else of.withdrawn.discard)(record.unit)
            if record.destroyed and record.in_force:
                of.destroyed = acts.get(record.decision, of.destroyed)
        case _:
            pass
