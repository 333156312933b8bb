"""One batch of files: read, classified, stored, judged, listed. It may be repeated at any time and adds nothing twice.

Bytes are stored outside the lease; decisions, judging and the commit of the records happen inside it, so that an archivist
can decide while a night's ingest works.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from pathlib import Path

import msgspec

from archive_schema import media
from archive_schema.dates import parse_date
from archive_schema.evidence import Evidence, Fact, FormRow, Proposal, Reading, Source
from archive_schema.records import EventRecord, Record
from archive_schema.text import nfc
from archive_schema.words import Disposition, EventType, ReadState
from flows.accounting import Place, Tally, container_of
from flows.consequences import consequences
from flows.proposing import propose, text_of
from flows.workspace import Opened
from intake.caption import caption, sidecar_names
from intake.discover import Found
from intake.elements import elements
from intake.forms import FormBook, is_form
from intake.pool import Job, ReaderPool, ReadResult
from intake.unpack import Unpacked
from storage import keys
from storage.archive import PutBytes, PutFile
from storage.objects import SourceChanged

#: seconds to wait for another writer's commit
WAIT = 120.0
_SIDECAR_BYTES = 20_000


@dataclass(kw_only=True)
class View:
    """What reading a file needs to know of the files around it."""

    pool: ReaderPool
    forms: FormBook
    founds: dict[Place, Found]
    texts: dict[Place, Found] = field(init=False)  # by NFC path
    pictures: set[Place] = field(init=False)  # what a text beside a picture is called, without .txt

    def __post_init__(self) -> None:
        self.texts = {(f.folder, nfc(f.path)): f for f in self.founds.values() if f.path.lower().endswith(".txt")}
        self.pictures = {(f.folder, base) for f in self.founds.values() for base in _picture_bases(f.path)}

    def auxiliary(self, f: Found) -> bool:
        """A file that only says something about other files: a 提交表, a text beside a picture."""
        return is_form(f.path) or (f.folder, _text_base(f.path)) in self.pictures


@dataclass(kw_only=True)
class Pass(View):
    """One run's view of the inbox, shared by its batches. ``held``: what the archive knows to stand at each place now."""

    o: Opened
    run: str
    held: dict[Place, Source]


@dataclass
class Batch:
    """Some files. What was read is kept here, so that a retry after a store error reads nothing twice."""

    number: int
    files: list[Found]
    parcels: list[Parcel] | None = None


@dataclass
class Parcel:
    """A file of the inbox with what came out of it. The first arrival is the file itself, the others its members.

    ``media_type`` is kept of a file that is refused, too; "" = it was not opened.
    """

    found: Found
    arrivals: list[Arrival] = field(default_factory=list)
    disposition: Disposition | None = None
    reason: str = ""
    sha256: str | None = None
    media_type: str = ""


@dataclass
class Arrival:
    """A file, or a member of one, that was read. ``file`` holds its bytes until the parcel is stored."""

    path: str
    file: Path
    mtime_ns: int
    sha256: str
    size: int
    reading: Reading
    member_of: str | None = None
    container: bool = False
    told: str | None = None  # text of the sidecar
    sidecar: bool = False  # a member that is a text beside a picture
    document: str | None = None  # of a picture out of a document: the document's path
    beside: str | None = None  # and what the document says of it


def work(view: Pass, batch: Batch) -> Tally:
    """Take in one batch.

    :raises UnavailableError: the store or the index did not answer; nothing of the batch counts as known.
    :raises ConflictError: another writer holds the archive.
    """
    if batch.parcels is None:
        batch.parcels = read(view, batch.files)
    while True:
        tally = Tally()
        accepted = [p for p in batch.parcels if p.disposition is None]
        try:
            _archive(view, accepted, [p for p in batch.parcels if p.disposition is Disposition.QUARANTINED])
            break
        except SourceChanged as e:
            for p in accepted:
                if any(str(a.file) == e.path for a in p.arrivals):
                    p.disposition, p.reason = Disposition.WAITING, f"{p.found.path}: 入库时发生变化,下次再收"
    for p in batch.parcels:
        if p.disposition is Disposition.WAITING:
            tally.wait(p.found, p.reason)
        elif p.disposition is Disposition.QUARANTINED:
            tally.quarantine(p.found, p.reason, p.sha256)
        else:
            before = view.held.get((p.found.folder, p.found.path))
            touched = before is not None and before.sha256 == p.arrivals[0].sha256
            tally.known += touched
            tally.new += not touched
            tally.members += len(p.arrivals) - 1
    return tally


# -- reading -----------------------------------------------------------------------------------------------------------


def read(view: View, files: list[Found]) -> list[Parcel]:
    """Read the files, then the members that came out of them."""
    readable = [f for f in files if f.disposition is None]
    results = dict(
        zip(
            ((f.folder, f.path) for f in readable),
            view.pool.read(Job(path=f.file, name=f.path, unpack=True, pictures=True) for f in readable),
            strict=True,
        )
    )
    parcels = []
    inner: list[tuple[Parcel, ReadResult]] = []
    for f in files:
        parcel = Parcel(f)
        parcels.append(parcel)
        if f.disposition is not None:
            parcel.disposition, parcel.reason = f.disposition, f.reason
            continue
        result = results[f.folder, f.path]
        _unwrap(view, parcel, result)
        if parcel.disposition is None and result.unpacked is not None and result.unpacked.members:
            inner.append((parcel, result))
    for parcel, result in inner:
        assert result.unpacked is not None
        _members(view, parcel, parcel.arrivals[0], result.unpacked)
    return parcels


def _unwrap(view: View, parcel: Parcel, result: ReadResult) -> None:
    f = parcel.found
    parcel.sha256 = result.digested.sha256 if result.digested else None
    parcel.media_type = result.reading.media_type if result.reading else ""
    if result.disposition is not None:
        parcel.disposition, parcel.reason = result.disposition, result.reason
        return
    assert result.digested is not None and result.reading is not None
    d, reading = result.digested, result.reading
    unpacked = result.unpacked
    if unpacked is not None and unpacked.damaged and reading.state is ReadState.READ:
        names = "、".join(unpacked.damaged[:5])
        detail = f"压缩包中 {len(unpacked.damaged)} 个文件已损坏,没有取出: {names};请重新压缩后提交"
        reading = msgspec.structs.replace(reading, state=ReadState.PARTIAL, detail=detail)
    whole = unpacked is not None and bool(unpacked.members) and reading.state is ReadState.READ and _is_archive(reading)
    told = _sidecar(view, f) if media.of_type(reading.media_type).family == "picture" else None
    parcel.arrivals.append(Arrival(f.path, f.file, d.mtime_ns, d.sha256, d.size, reading, container=whole, told=told))


def _is_archive(reading: Reading) -> bool:
    return media.of_type(reading.media_type).family == "archive"


def _members(view: View, parcel: Parcel, outer: Arrival, unpacked: Unpacked) -> None:
    """Read the members of one archive, or the pictures of one document, then the pictures of those members.

    One that must not be archived keeps out the whole file: it holds the same bytes.
    """
    members = [m for m in unpacked.members if m.size]
    documents: list[tuple[Arrival, Unpacked]] = []
    digests = {"": outer.sha256}
    texts: dict[str, str] = {}
    arrivals = []
    in_archive = _is_archive(outer.reading)
    jobs = (Job(path=m.file, name=m.path, pictures=in_archive) for m in members)
    for m, r in zip(members, view.pool.read(jobs), strict=True):
        if r.disposition is not None or r.digested is None or r.reading is None:
            parcel.disposition = Disposition.QUARANTINED
            parcel.reason = f"{'压缩包' if in_archive else '文件'}内“{m.path}”: {r.reason}"
            parcel.arrivals = []
            return
        digests[m.path] = r.digested.sha256
        texts[nfc(m.path)] = r.reading.text
        nested = any(other.inside == m.path for other in members)
        arrival = Arrival(
            f"{outer.path}!/{m.path}",
            m.file,
            outer.mtime_ns,
            r.digested.sha256,
            r.digested.size,
            r.reading,
            member_of=digests.get(m.inside, outer.sha256),
            container=nested,
        )
        if not in_archive:
            arrival.document, arrival.beside = outer.path, m.caption or _title(outer.reading)
        arrivals.append(arrival)
        if r.unpacked is not None and r.unpacked.members:
            documents.append((arrival, r.unpacked))
    pictures = {base for m in members for base in _picture_bases(m.path)}
    for a, m in zip(arrivals, members, strict=True):
        a.sidecar = _text_base(m.path) in pictures
        if in_archive and media.of_type(a.reading.media_type).family == "picture":
            a.told = next((texts[nfc(n)] for n in sidecar_names(m.path) if texts.get(nfc(n))), None)
    parcel.arrivals += arrivals
    for arrival, held in documents:
        if parcel.disposition is None:
            _members(view, parcel, arrival, held)


def _title(reading: Reading) -> str | None:
    title = reading.facts.get("title")
    return str(title.value) if title is not None else None


def _sidecar(view: View, f: Found) -> str | None:
    """The text beside a picture, read in a child like any other file."""
    for name in sidecar_names(f.path):
        beside = view.texts.get((f.folder, nfc(name)))
        if beside is not None and beside.disposition is None and beside.size <= _SIDECAR_BYTES:
            for r in view.pool.read([Job(path=beside.file, name=beside.path)]):
                return r.reading.text if r.reading and r.disposition is None else None
    return None


# -- archiving ---------------------------------------------------------------------------------------------------------


def _archive(view: Pass, accepted: list[Parcel], refused: list[Parcel]) -> None:
    """Store bytes and texts, then commit every record of the batch as one segment."""
    o, index = view.o, view.o.archive.index
    arrivals = [(p.found, a) for p in accepted for a in p.arrivals]
    held = {e.sha256: e for e in index.evidence({a.sha256 for _, a in arrivals})}
    files: dict[str, PutFile] = {}
    blobs: dict[str, PutBytes] = {}
    evidence: dict[str, Evidence] = {}
    texts: dict[str, str] = {}
    destroyed = index.destroyed()
    for _, a in arrivals:
        if a.sha256 in destroyed:
            continue  # destroyed by decision: neither its bytes nor its text come back
        key = keys.object_key(a.sha256)
        before = held.get(a.sha256) or evidence.get(a.sha256)
        if before is None or _reads_better(a, before):
            evidence[a.sha256] = evidence_of(a, view.run, key)
            texts[a.sha256] = a.reading.text
            if a.reading.text:
                text_key = keys.derived_key(a.sha256, a.reading.reader)
                blobs[text_key] = PutBytes(text_key, a.reading.text.encode("utf-8", "replace"))
        if a.sha256 not in held:
            files.setdefault(key, PutFile(key, a.file, a.sha256, a.size))
    o.archive.commit(view.run, (), files=list(files.values()), blobs=list(blobs.values()))

    forms = with_members(view.forms, arrivals)
    known = {(s.folder, s.path, s.sha256): s for s in index.sources({a.sha256 for _, a in arrivals})}
    now = o.now()
    sources = []
    for f, a in arrivals:
        seen = known.get((f.folder, a.path, a.sha256))
        sources.append(source_of(view, forms, f, a, first_seen_at=seen.first_seen_at if seen else now, zone=o.zone))
    gone = _replaced(view, accepted, sources)
    proposals = _proposals(view, held | evidence, texts, sources, gone)
    with o.archive.lease(f"收件 {view.run}", wait=WAIT):
        o.archive.catch_up()
        changed = [s for s in sources if known.get((s.folder, s.path, s.sha256)) != s]
        records: list[Record] = consequences(o, view.run, evidence=evidence, sources=[*changed, *gone], proposals=proposals)
        records += _notices(view, accepted, refused)
        o.archive.commit(view.run, records)


def with_members(forms: FormBook, arrivals: Sequence[tuple[Found, Arrival]]) -> FormBook:
    """The forms set against members of archives, too, which nobody finds in the inbox. No form names a picture in a document."""
    return forms.with_files(_At(f.folder, a.path) for f, a in arrivals if a.member_of and a.document is None)


@dataclass(frozen=True)
class _At:
    folder: str
    path: str


def _reads_better(a: Arrival, before: Evidence) -> bool:
    """The bytes are known; what was read of them is taken anew when another reader read them, or the first try gave up."""
    return a.reading.reader != before.reader or (before.state is ReadState.GAVE_UP and a.reading.state is not ReadState.GAVE_UP)


def evidence_of(a: Arrival, run: str, key: str) -> Evidence:
    r = a.reading
    return Evidence(
        sha256=a.sha256,
        size=a.size,
        media_type=r.media_type,
        reader=r.reader,
        state=r.state,
        facts=r.facts,
        detail=r.detail,
        volatile=r.volatile,
        auxiliary=a.container,
        object_key=key,
        run=run,
    )


def source_of(view: View, forms: FormBook, f: Found, a: Arrival, *, first_seen_at: datetime, zone: tzinfo) -> Source:
    """The arrival as delivered: whose it is, what its form row and its caption say."""
    row = forms.row_for(_At(f.folder, a.document or a.path))
    if row is not None and a.document is not None:  # what was said of the document says which item it is for, and when it came
        row = msgspec.structs.replace(row, kind="", title="", date="", conclusion="")
    said = _caption(a, row)
    return Source(
        folder=f.folder,
        path=a.path,
        unit=f.unit,
        unit_known=f.unit_known,
        sha256=a.sha256,
        size=a.size,
        mtime_ns=f.mtime_ns if a.member_of is None else a.mtime_ns,
        first_seen_at=first_seen_at,
        submitted_at=submitted_at(row, zone),
        form=row,
        member_of=a.member_of,
        auxiliary=a.container or a.sidecar or (a.member_of is None and view.auxiliary(f)) or is_form(a.path),
        caption=said,
        caption_facts=elements(said) if said is not None else {},
    )


def submitted_at(row: FormRow | None, zone: tzinfo) -> datetime | None:
    """The day that a form states, as the beginning of that day in the configured zone."""
    stated = parse_date(row.submitted_at) if row and row.submitted_at else None
    if stated is None or stated.day is None:
        return None
    return datetime.combine(stated.day, time(), zone)


def _caption(a: Arrival, row: FormRow | None) -> Fact | None:
    if media.of_type(a.reading.media_type).family != "picture":
        return None
    return caption(a.path, row, a.told, a.beside)


def _picture_bases(path: str) -> tuple[str, ...]:
    """What a text that belongs to the picture at ``path`` is called, without its ``.txt``; () for what is no picture."""
    claimed = media.of_name(path)
    if claimed is None or claimed.family != "picture":
        return ()
    return tuple(nfc(name[: -len(".txt")]) for name in sidecar_names(path))


def _text_base(path: str) -> str:
    return nfc(path[: -len(".txt")]) if path.lower().endswith(".txt") else ""


def _replaced(view: Pass, accepted: list[Parcel], sources: list[Source]) -> list[Source]:
    """What stood at the places of this batch before and no longer does: other bytes, members that an archive lost."""
    now = {(s.folder, s.path): s.sha256 for s in sources}
    fresh = {(p.found.folder, p.found.path) for p in accepted}
    return [
        msgspec.structs.replace(s, present=False)
        for place, s in view.held.items()
        if (place[0], container_of(place[1])) in fresh and now.get(place) != s.sha256
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
    out = []
    for sha, unit in sorted(touched):
        e = evidence[sha]
        if e.auxiliary or not by_unit[sha, unit]:
            continue
        if sha not in texts:
            texts[sha] = text_of(o, e)
        out.append(propose(o, e, unit, by_unit[sha, unit], texts[sha]))
    return out


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
