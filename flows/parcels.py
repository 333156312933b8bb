"""What the inbox delivers, read: a file with its members, as evidence and as a source. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from pathlib import Path

import msgspec

from archive_schema import media
from archive_schema.dates import parse_date
from archive_schema.evidence import Evidence, Fact, FormRow, Reading, Source
from archive_schema.text import nfc
from archive_schema.words import Disposition, ReadState
from flows.accounting import Place
from intake import names
from intake.caption import caption, sidecar_names
from intake.discover import Found
from intake.elements import elements
from intake.forms import FormBook, is_form, is_read
from intake.forms import Place as FormPlace
from intake.formsheet import Form
from intake.pool import Job, ReaderPool, ReadResult
from intake.unpack import Unpacked

_SIDECAR_BYTES = 20_000


@dataclass(kw_only=True)
class View:
    """What reading a file needs to know of the files around it."""

    pool: ReaderPool
    forms: FormBook
    founds: dict[Place, Found]
    #: makes sure that the bytes of a file lie where they can be read
    bring: Callable[[Found], Found] = lambda found: found
    texts: dict[Place, Found] = field(init=False)  # by NFC path
    pictures: set[Place] = field(init=False)  # what a text beside a picture is called, without .txt

    def __post_init__(self) -> None:
        self.texts = {(f.folder, nfc(f.path)): f for f in self.founds.values() if f.path.lower().endswith(".txt")}
        self.pictures = {(f.folder, base) for f in self.founds.values() for base in _picture_bases(f.path)}

    def auxiliary(self, f: Found) -> bool:
        """A file that only says something about other files: a 提交表, a text beside a picture."""
        return is_form(f.path) or (f.folder, _text_base(f.path)) in self.pictures


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
    sm3: str = ""  # where it is asked for
    container: bool = False
    told: str | None = None  # text of the sidecar
    sidecar: bool = False  # a member that is a text beside a picture
    document: str | None = None  # of a picture out of a document: the document's path
    beside: str | None = None  # and what the document says of it
    form: Form | None = None  # of a member of an archive that is read as a 提交表


def read(view: View, files: list[Found]) -> list[Parcel]:
    """Read the files, then the members that came out of them."""
    files = [view.bring(f) for f in files]
    readable = [f for f in files if f.disposition is None]
    results = dict(
        zip(
            ((f.folder, f.path) for f in readable),
            view.pool.read(Job(path=f.file, name=f.path, unpack=True, pictures=not is_form(f.path)) for f in readable),
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
    if not d.size:  # when it was found it held something: whoever saves it has begun by emptying it
        parcel.disposition, parcel.reason = Disposition.WAITING, f"{f.path}: 文件正在变化,等待写完后再收"
        return
    unpacked = result.unpacked
    whole = unpacked is not None and bool(unpacked.members) and reading.state is ReadState.READ and of_archive(reading)
    told = _sidecar(view, f) if media.of_type(reading.media_type).family == "picture" else None
    parcel.arrivals.append(
        Arrival(f.path, f.file, d.mtime_ns, d.sha256, d.size, reading, sm3=d.sm3, container=whole, told=told)
    )


def of_archive(read: Reading | Evidence) -> bool:
    """What is inside are files that somebody packed, not the pictures of a document."""
    return media.of_type(read.media_type).family == "archive"


def came_in_part(e: Evidence) -> bool:
    """An archive of which something did not come out. What did come out is material; the archive only tells what is wanting."""
    return of_archive(e) and e.state is ReadState.PARTIAL


def _members(view: View, parcel: Parcel, outer: Arrival, unpacked: Unpacked) -> None:
    """Read the members of one archive, or the pictures of one document, then the pictures of those members.

    One that must not be archived keeps out the whole file: it holds the same bytes.
    """
    members = [m for m in unpacked.members if m.size]
    documents: list[tuple[Arrival, Unpacked]] = []
    digests = {"": outer.sha256}
    texts: dict[str, str] = {}
    arrivals = []
    in_archive = of_archive(outer.reading)
    jobs = (
        Job(path=m.file, name=m.path, pictures=in_archive and not is_form(m.path), form=in_archive and is_read(m.path))
        for m in members
    )
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
            names.of_member(parcel.found.folder, outer.path, m.path),
            m.file,
            outer.mtime_ns,
            r.digested.sha256,
            r.digested.size,
            r.reading,
            member_of=digests.get(m.inside, outer.sha256),
            sm3=r.digested.sm3,
            container=nested,
            form=r.form,
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
            there = view.bring(beside)
            if there.disposition is not None:
                return None
            for r in view.pool.read([Job(path=there.file, name=there.path)]):
                return r.reading.text if r.reading and r.disposition is None else None
    return None


# -- what an arrival comes to -----------------------------------------------------------------------------------------


def with_members(forms: FormBook, arrivals: Sequence[tuple[Found, Arrival]]) -> FormBook:
    """The forms, and those among the members of archives, set against these members, too, which nobody finds in the inbox.

    No form names a picture in a document.
    """
    members = [(FormPlace(f.folder, a.path), a.form) for f, a in arrivals if a.member_of and a.document is None]
    return forms.with_files((place for place, _ in members), ((place, form) for place, form in members if form is not None))


def evidence_of(a: Arrival, run: str, key: str, held: Evidence | None = None) -> Evidence:
    """The arrival as evidence. :param held: the same bytes as they are held, read by another reader: they are not new."""
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
        run=held.run if held else run,
        sm3=a.sm3 or (held.sm3 if held else msgspec.UNSET),
    )


def source_of(view: View, forms: FormBook, f: Found, a: Arrival, *, first_seen_at: datetime, zone: tzinfo) -> Source:
    """The arrival as delivered: whose it is, what its form row and its caption say."""
    row = forms.row_for(FormPlace(f.folder, a.document or a.path))
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
