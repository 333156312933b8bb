"""Pictures of earlier cycles in the same store, to compare the present ones with: read from those cycles' series, not from their indexes.

A store holds any number of cycles (``cycles/<cycle>/…``), each with a workspace and an index of its own. Another cycle is an *earlier* one
when its window for pictures ends before the present one's does (ours: two evaluations of one period may use one picture). Its
series is read once and what is needed of it kept in this index, until its head moves.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import msgspec

from archive_schema.cycle import Cycle
from archive_schema.errors import ConflictError, IntegrityError
from archive_schema.records import (
    CatalogueRecord,
    CycleRecord,
    EvidenceRecord,
    Head,
    PlacementRecord,
    Record,
    SourceRecord,
    SupersedeRecord,
    WithdrawalRecord,
)
from archive_schema.words import EvidenceKind, PlacementStatus
from flows import other_cycles
from flows.workspace import Opened
from storage import kept, keys, series
from storage.objects import ObjectMissing
from validators.crosswise import Piece

log = logging.getLogger(__name__)

#: raise it when more or something else is kept of a picture
_VERSION = 1


class _Picture(msgspec.Struct, frozen=True, array_like=True):
    sha256: str
    unit: str
    item: str
    fingerprint: str
    path: str


class _Kept(msgspec.Struct, frozen=True):
    """Of one cycle. ``ends``: the last day of its window for pictures, None = nobody knows."""

    version: int
    head: str
    ends: date | None
    catalogue: str
    pictures: tuple[_Picture, ...]


def earlier_pieces(o: Opened) -> list[Piece]:
    """A piece for every picture and requirement of the earlier cycles, as their series hold them now.

    A series that cannot be read is told to the log, and what was last read of it stands.

    :raises UnavailableError: the store does not answer.
    """
    ends = o.cycle.windows[EvidenceKind.PHOTO].end
    catalogue = o.config.digests["catalogue"]
    out = []
    for name in other_cycles.names(o):
        held = _held(o, name)
        if held is None or held.ends is None or held.ends >= ends:
            continue
        same = held.catalogue == catalogue  # else an id may mean another standard
        for p in held.pictures:
            item = o.catalogue.by_id.get(p.item) if same else None
            out.append(
                Piece(
                    sha256=p.sha256,
                    unit=p.unit,
                    item=p.item,
                    kind=EvidenceKind.PHOTO,
                    names=(p.path,) if p.path else (),
                    title=item.content if item is not None else "",
                    fingerprint=int(p.fingerprint, 16),
                    cycle=name,
                )
            )
    return out


def _held(o: Opened, name: str) -> _Kept | None:
    """What is kept of a cycle, brought up to its head."""
    index, before = o.archive.index, None
    note = kept.get(index, f"pictures:{name}")
    if note is not None:
        before = msgspec.json.decode(note, type=_Kept)
        if before.version != _VERSION:
            before = None
    try:
        head = series.read_head(o.archive.store, name)
        if head is None or (before is not None and before.head == head.anchor):
            return before
        now = _read(o, name, head)
    except (IntegrityError, ConflictError, ObjectMissing) as e:
        log.warning("cycle %s could not be compared with: %s", name, e)
        return before
    kept.put(index, f"pictures:{name}", msgspec.json.encode(now).decode())
    return now


def _read(o: Opened, name: str, head: Head) -> _Kept:
    """Go through the whole series; one segment is in memory at a time.

    :raises IntegrityError: it is damaged. :raises ConflictError: two segments have one seq.
    """
    told = _Told()
    for segment in series.walk(o.archive.store, name, upto=head):
        told.take(segment.records())
    ends = None
    if told.cycle:
        try:
            cycle = msgspec.json.decode(o.archive.store.get(keys.config_key(told.cycle)), type=Cycle)
        except msgspec.MsgspecError as e:
            log.warning("the settings of cycle %s are not understood: %s", name, e)
        else:
            ends = cycle.windows[EvidenceKind.PHOTO].end if EvidenceKind.PHOTO in cycle.windows else None
    return _Kept(_VERSION, head.anchor, ends, told.catalogue, tuple(told.pictures()))


class _Told:
    """What the records told so far: the last of each kind and key holds."""

    def __init__(self) -> None:
        self.cycle = self.catalogue = ""
        self._prints: dict[str, str] = {}
        self._items: dict[tuple[str, str], tuple[str, ...]] = {}
        self._paths: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._gone: set[tuple[str, str]] = set()

    def take(self, records: Iterable[Record]) -> None:
        for r in records:
            match r:
                case CycleRecord():
                    self.cycle = r.digest
                case CatalogueRecord():
                    self.catalogue = r.digest
                case EvidenceRecord():
                    print_ = r.evidence.facts.get("fingerprint")
                    if print_ is not None and isinstance(print_.value, str) and len(print_.value) == 16:
                        self._prints[r.evidence.sha256] = print_.value
                    else:
                        self._prints.pop(r.evidence.sha256, None)
                case SourceRecord():
                    self._paths[r.source.sha256, r.source.unit].add(r.source.path)
                case PlacementRecord():
                    held = (
                        p for p in r.placements if p.kind is EvidenceKind.PHOTO and p.status is not PlacementStatus.REJECTED
                    )
                    self._items[r.sha256, r.unit] = tuple(p.item for p in held)
                case SupersedeRecord():
                    self._set(("superseded", r.sha256), r.by_sha256 is not None)
                case WithdrawalRecord():
                    self._set((r.unit, r.sha256), r.in_force)
                case _:
                    pass

    def _set(self, key: tuple[str, str], there: bool) -> None:
        (self._gone.add if there else self._gone.discard)(key)

    def pictures(self) -> Iterable[_Picture]:
        for (sha, unit), items in sorted(self._items.items()):
            if sha not in self._prints or self._gone & {("superseded", sha), ("", sha), (unit, sha)}:
                continue
            path = min(self._paths.get((sha, unit), ()), default="")
            for item in dict.fromkeys(items):
                yield _Picture(sha, unit, item, self._prints[sha], path)
