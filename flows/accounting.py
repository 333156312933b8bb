"""Every file found is accounted for (law 2): found = new + known + quarantined + waiting + ignored, members apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from archive_schema.evidence import Source
from archive_schema.records import EventRecord
from archive_schema.report import InboxNote
from archive_schema.words import Disposition
from intake.discover import Found

Place = tuple[str, str]  # (folder, path)


@dataclass
class Tally:
    """What became of the files of one pass, or of one batch of it; the notes say why some were not archived.

    ``gone``: archived files that were taken out of the inbox since the pass before, by unit; they are none of those found.
    """

    new: int = 0
    known: int = 0
    quarantined: int = 0
    waiting: int = 0
    ignored: int = 0
    members: int = 0
    notes: list[InboxNote] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return self.new + self.known + self.quarantined + self.waiting + self.ignored

    def add(self, other: Tally) -> None:
        for name in ("new", "known", "quarantined", "waiting", "ignored", "members"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.notes += other.notes

    def wait(self, f: Found, reason: str) -> None:
        self.waiting += 1
        self.notes.append(_note(f, Disposition.WAITING, reason))

    def quarantine(self, f: Found, reason: str, sha256: str | None) -> None:
        self.quarantined += 1
        self.notes.append(_note(f, Disposition.QUARANTINED, reason, sha256))


def _note(f: Found, disposition: Disposition, reason: str, sha256: str | None = None) -> InboxNote:
    return InboxNote(unit=f.unit, path=f.path, disposition=disposition.value, reason=reason, size=f.size, sha256=sha256)


def places_of(path: str) -> list[str]:
    """Its own, then what it may have come in: for ``a.zip!/b.zip!/c.pdf`` also ``a.zip!/b.zip`` and ``a.zip``."""
    return [path, *(path[:n] for n in range(len(path) - 1, 0, -1) if path.startswith("!/", n))]


def container_of(s: Source, held: Mapping[Place, Source]) -> str:
    """The path of the file of the inbox that it came in: its own, or for ``a.zip!/b/c.pdf`` out of it ``a.zip``.

    A folder's name, too, may end in ``!`` (but ``intake.names.apart``), so the text alone does not say where the file ends.
    """
    if s.member_of is None:
        return s.path
    ends = [n for n in range(len(s.path)) if s.path.startswith("!/", n)]
    outer = (held.get((s.folder, s.path[:n])) for n in reversed(ends))
    return next((o.path for o in outer if o is not None and o.member_of is None), s.path.split("!/", 1)[0])


def sort_out(
    founds: Mapping[Place, Found], held: Mapping[Place, Source], kept_out: Mapping[Place, EventRecord], tally: Tally
) -> tuple[list[Found], list[Found]]:
    """(to be read, known); the rest is counted here. No file is opened.

    :param held: what the archive knows to stand at a place now.
    :param kept_out: quarantine notices in force; a file that has not changed since is not opened again.
    """
    todo, known = [], []
    for place, f in founds.items():
        source, notice = held.get(place), kept_out.get(place)
        if f.disposition is Disposition.IGNORED:
            tally.ignored += 1
        elif f.disposition is Disposition.WAITING:
            tally.wait(f, f.reason)
        elif source is not None and stands(source, f):
            known.append(f)
        elif notice is not None and _as_noted(f, notice):
            tally.quarantine(f, str(notice.detail.get("reason", "")), notice.detail.get("sha256"))
        else:
            todo.append(f)
    return todo, known


def stands(source: Source, f: Found) -> bool:
    """The file is as it was when it was taken in, by size and time."""
    return f.disposition is None and (source.size, source.mtime_ns) == (f.size, f.mtime_ns)


def _as_noted(f: Found, notice: EventRecord) -> bool:
    """Nothing about the file has changed since it was kept out. One that could not be read is tried again: a permission that was
    given changes neither size nor time. So is one that had gone.
    """
    if notice.detail.get("gone"):
        return False
    same = (notice.detail.get("size"), notice.detail.get("mtime_ns")) == (f.size, f.mtime_ns)
    return same and (f.disposition is not None or notice.detail.get("sha256") is not None)


def count_known(known: Iterable[Found], held: Mapping[Place, Source], tally: Tally) -> None:
    """Count files that stay as they are, and the members that came in them."""
    members: dict[Place, int] = defaultdict(int)
    for s in held.values():
        if s.member_of is not None:
            members[s.folder, container_of(s, held)] += 1
    for f in known:
        tally.known += 1
        tally.members += members[f.folder, f.path]
