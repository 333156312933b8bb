"""One batch of files: read, classified, stored, judged, listed. It may be repeated at any time and adds nothing twice.

Bytes are stored outside the lease; decisions, judging and the commit of the records happen inside it, so that an archivist
can decide while a night's ingest works.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from archive_schema.evidence import Evidence, Proposal, Source
from archive_schema.records import EventRecord, Head, Record
from archive_schema.words import Disposition, EventType, ReadState
from flows.accounting import Place, Tally, container_of
from flows.consequences import consequences
from flows.derived import derived
from flows.derived import texts as kept_texts
from flows.destroy import gone
from flows.lost import not_there
from flows.parcels import Arrival, Parcel, View, evidence_of, read, source_of, with_members
from flows.proposing import expect, propose
from flows.workspace import Opened
from intake.discover import Found
from storage import keys
from storage.archive import PutBytes, PutFile
from storage.objects import SourceChanged

#: seconds to wait for another writer's commit
WAIT = 120.0


@dataclass(kw_only=True)
class Pass(View):
    """One run's view of the inbox, shared by its batches. ``held``: what the archive knew to stand at each place at ``head``."""

    o: Opened
    run: str
    held: dict[Place, Source]
    head: Head | None

    def keep_up(self) -> Head | None:
        """Look again when another has written since; the head of now."""
        head = self.o.archive.head()
        if head != self.head:
            self.held = {(s.folder, s.path): s for s in self.o.archive.index.sources() if s.present}
            self.head = head
        return head


@dataclass
class Batch:
    """Some files. What was read is kept here, so that a retry after a store error reads nothing twice."""

    number: int
    files: list[Found]
    parcels: list[Parcel] | None = None


def read_batch(view: Pass, batch: Batch) -> list[Parcel]:
    """Its files, read. Touches nothing that :func:`store_batch` changes: the next batch may be read while one is stored.

    :raises UnavailableError: the inbox's server, the store or the index did not answer.
    """
    return read(view, batch.files)


def store_batch(view: Pass, parcels: list[Parcel]) -> Tally:
    """Take in one batch that was read.

    :raises UnavailableError: the store or the index did not answer; nothing of the batch counts as known.
    :raises ConflictError: another writer holds the archive.
    """
    while True:
        tally = Tally()
        accepted = [p for p in parcels if p.disposition is None]
        try:
            known = _archive(view, accepted, [p for p in parcels if p.disposition is Disposition.QUARANTINED])
            break
        except SourceChanged as e:
            for p in accepted:
                if any(str(a.file) == e.path for a in p.arrivals):
                    p.disposition, p.reason = Disposition.WAITING, f"{p.found.path}: 入库时发生变化,下次再收"
    for p in parcels:
        if p.disposition is Disposition.WAITING:
            tally.wait(p.found, p.reason)
        elif p.disposition is Disposition.QUARANTINED:
            tally.quarantine(p.found, p.reason, p.sha256)
        else:
            touched = (p.found.folder, p.found.path) in known
            tally.known += touched
            tally.new += not touched
            tally.members += len(p.arrivals) - 1
    return tally


def _archive(view: Pass, accepted: list[Parcel], refused: list[Parcel]) -> set[Place]:
    """Store bytes and texts, then commit every record of the batch as one segment; the places where the same bytes stood before."""
    o = view.o
    arrivals = [(p.found, a) for p in accepted for a in p.arrivals]
    _store(view, [a for _, a in arrivals])
    prepared = _prepare(view, accepted, refused, arrivals)
    known = prepared.known
    with o.archive.lease(f"收件 {view.run}", wait=WAIT):
        o.archive.catch_up()
        head = o.archive.head()
        if head != prepared.head:  # another wrote meanwhile, or a commit of ours that had got no answer was there all the same
            prepared = _prepare(view, accepted, refused, arrivals)
            parsed = keys.parse_segment_key(head.key) if head else None
            known = known if parsed is not None and parsed[2] == view.run else prepared.known
        records: list[Record] = consequences(
            o,
            view.run,
            evidence=prepared.evidence,
            sources=[*prepared.changed, *prepared.gone],
            proposals=prepared.proposals,
        )
        records += _notices(view, accepted, refused)
        view.head = o.archive.commit(view.run, records)
    return known


def _store(view: Pass, arrivals: list[Arrival]) -> None:
    """The bytes that are not held, or that the store has lost since; the texts that were not read before."""
    held, fresh = _fresh(view, arrivals)
    files: dict[str, PutFile] = {}
    blobs: dict[str, PutBytes] = {}
    for a in fresh.values():
        blobs |= {b.key: b for b in derived(a.sha256, a.reading)}
    missed = {sha for sha in held if not_there(view.o, sha)}
    missed -= gone(view.o) if missed else set()
    for a in arrivals:
        if (a.sha256 in fresh and a.sha256 not in held) or a.sha256 in missed:
            key = keys.object_key(a.sha256)
            files[key] = PutFile(key, a.file, a.sha256, a.size)
    view.o.archive.commit(view.run, (), files=list(files.values()), blobs=list(blobs.values()))


def _fresh(view: Pass, arrivals: list[Arrival]) -> tuple[dict[str, Evidence], dict[str, Arrival]]:
    """(evidence that is held, arrivals to be taken in as new or better read evidence, by digest).

    What was destroyed by decision is neither: its bytes and its text do not come back.
    """
    index = view.o.archive.index
    held = {e.sha256: e for e in index.evidence({a.sha256 for a in arrivals})}
    destroyed, fresh = index.destroyed(), dict[str, Arrival]()
    for a in arrivals:
        before = held.get(a.sha256)
        if a.sha256 in fresh:
            read = fresh[a.sha256].reading
            better = _reads_better(a, read.reader, read.state)
        else:
            better = before is None or _reads_better(a, before.reader, before.state)
        if better and a.sha256 not in destroyed:
            fresh[a.sha256] = a
    return held, fresh


@dataclass(frozen=True)
class _Prepared:
    """What a batch comes to as long as the series ends in ``head``; made outside the lease, and again inside where it has moved.

    ``known``: places where the same bytes stand already; ``changed``: its sources as far as they differ from the held ones.
    """

    head: Head | None
    known: set[Place]
    evidence: dict[str, Evidence]
    changed: list[Source]
    gone: list[Source]
    proposals: list[Proposal]


def _prepare(view: Pass, accepted: list[Parcel], refused: list[Parcel], arrivals: list[tuple[Found, Arrival]]) -> _Prepared:
    o, index = view.o, view.o.archive.index
    head = view.keep_up()
    known_evidence, fresh = _fresh(view, [a for _, a in arrivals])
    evidence = {sha: evidence_of(a, view.run, keys.object_key(sha), known_evidence.get(sha)) for sha, a in fresh.items()}
    forms = with_members(view.forms, arrivals)
    known = {(s.folder, s.path, s.sha256): s for s in index.sources({a.sha256 for _, a in arrivals})}
    now = o.now()
    sources = []
    for f, a in arrivals:
        seen = known.get((f.folder, a.path, a.sha256))
        sources.append(source_of(view, forms, f, a, first_seen_at=seen.first_seen_at if seen else now, zone=o.zone))
    gone = _replaced(view.held, [*accepted, *refused], sources)
    texts = {sha: a.reading.text for sha, a in fresh.items()}
    proposals = _proposals(view, known_evidence | evidence, texts, sources, gone)
    changed = [s for s in sources if known.get((s.folder, s.path, s.sha256)) != s]
    before = ((s, known.get((s.folder, s.path, s.sha256))) for s in sources)
    standing = {(s.folder, s.path) for s, held in before if held is not None}
    return _Prepared(head, standing, evidence, changed, gone, proposals)


def _reads_better(a: Arrival, reader: str, state: ReadState) -> bool:
    """The bytes are known; what was read of them is taken anew when another reader read them, or the first try gave up."""
    return a.reading.reader != reader or (state is ReadState.GAVE_UP and a.reading.state is not ReadState.GAVE_UP)


def _replaced(held: Mapping[Place, Source], came: list[Parcel], sources: list[Source]) -> list[Source]:
    """What stood at the places of this batch before and no longer does: other bytes, refused ones too, members that an archive lost."""
    now = {(s.folder, s.path): s.sha256 for s in sources}
    fresh = {(p.found.folder, p.found.path) for p in came}
    return [
        msgspec.structs.replace(s, present=False)
        for place, s in held.items()
        if (s.folder, container_of(s, held)) in fresh and now.get(place) != s.sha256
    ]


def _proposals(
    view: Pass, evidence: dict[str, Evidence], texts: dict[str, str], sources: list[Source], gone: list[Source]
) -> list[Proposal]:
    """For every (evidence, unit) of the batch, from all its sources, held and new."""
    o = view.o
    touched = {(s.sha256, s.unit) for s in [*sources, *gone]}
    shas = {sha for sha, _ in touched}
    evidence = evidence | {e.sha256: e for e in o.archive.index.evidence(shas - set(evidence))}
    merged = {(s.folder, s.path, s.sha256): s for s in o.archive.index.sources(shas)}
    merged |= {(s.folder, s.path, s.sha256): s for s in [*gone, *sources]}
    by_unit: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for s in merged.values():
        if not s.auxiliary:
            by_unit[s.sha256, s.unit].append(s)
    expect(o, ((evidence[sha], unit, by_unit[sha, unit]) for sha, unit in sorted(touched)))
    asked = [(sha, unit) for sha, unit in sorted(touched) if not evidence[sha].auxiliary and by_unit[sha, unit]]
    held = (evidence[sha] for sha in sorted({sha for sha, _ in asked} - texts.keys()))
    texts = texts | {e.sha256: text for e, text in kept_texts(o, held)}
    return [propose(o, evidence[sha], unit, by_unit[sha, unit], texts[sha]) for sha, unit in asked]


def _notices(view: Pass, accepted: list[Parcel], refused: list[Parcel]) -> list[EventRecord]:
    """Quarantine notices for what is refused, lifted ones for what is accepted now. No bytes, no text of the file."""
    held = view.o.archive.index.quarantined()
    now = view.o.now()
    out = []
    for p in refused:
        f = p.found
        detail = {
            "folder": f.folder,
            "path": f.path,
            "unit": f.unit,
            "size": f.size,
            "mtime_ns": f.mtime_ns,
            "sha256": p.sha256,
            "reason": p.reason,
        }
        before = held.get((f.folder, f.path))
        if before is None or before.detail != detail:
            out.append(EventRecord(EventType.QUARANTINE, f"{f.folder}/{f.path}", now, "quarantined", view.run, detail))
    for p in accepted:
        f = p.found
        if (f.folder, f.path) in held:
            detail = {"folder": f.folder, "path": f.path}
            out.append(EventRecord(EventType.QUARANTINE, f"{f.folder}/{f.path}", now, "lifted", view.run, detail))
    return out
