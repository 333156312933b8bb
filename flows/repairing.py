"""Objects that the archive has lost, or whose bytes are no longer theirs, laid back from a copy.

Only bytes with the SHA-256 that the series names are laid back, and only what it still holds: what was destroyed by decision stays
destroyed. Altered bytes are evidence of what happened: they are kept aside (``keys.aside_key``) before the right ones take their
place. Who had it done is an event of the series.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec

from archive_schema.copies import CopyDifference, CopyOutput
from archive_schema.records import CONFIGURATION, EventRecord
from archive_schema.words import EventType
from flows import audit_reports, destroy
from flows.copying import open_copy
from flows.ingest import new_run
from flows.scratch import scratch
from flows.workspace import Opened
from storage import keys, series
from storage.archive import PutFile
from storage.objects import CHUNK, ObjectMissing, ObjectStore, hash_stream
from validators import rounds

#: how the lines of these records are told without decoding the others
_CONFIG_LINES = tuple(f'"type":"{kind.__struct_config__.tag}"'.encode() for kind in CONFIGURATION)
#: objects, and bytes, that lie in passing files at one time before they are stored and recorded
_BATCH, _BATCH_BYTES = 64, 256 * 1024 * 1024


class _Damaged(msgspec.Struct, frozen=True):
    """``found``: digest of what lies there; None = nothing."""

    sha256: str
    found: str | None

    @property
    def key(self) -> str:
        return keys.object_key(self.sha256)

    def told(self, code: str, there: str | None) -> CopyDifference:
        return CopyDifference(code, self.key, self.found, there)


def repair(o: Opened, url: str, *, by: str = "", full: bool = False, env: Mapping[str, str] | None = None) -> CopyOutput:
    """Lay back from the copy at ``url`` what is missing or altered in the archive.

    Looked at is what the listing lacks or has in another size, and what the last audit found fault with.

    :param by: who has it done. "" = only say what could be laid back; nothing is changed.
    :param full: read every object of the archive, so that what no audit has found yet is found.
    :raises UsageError: (``copy.same``, ``store.absent``) see ``open_copy``.
    :raises ConflictError: another index writes this archive.
    :raises UnavailableError: one of the stores does not answer, or takes nothing; the next run goes on.
    """
    target = open_copy(o, url, env, must_exist=True)
    done: list[CopyDifference] = []
    left: list[CopyDifference] = []
    laid = kept = 0
    with scratch(o.workspace) as folder:
        batch = _Batch(o, target.url, by, folder)
        for sha in _doubtful(o, full=full):
            damaged = _Damaged(sha, _digest(o.archive.store, keys.object_key(sha)))
            if damaged.found == sha:
                kept += 1
                continue
            there = batch.fetch(damaged, target) if by else _digest(target, damaged.key)
            if there != sha:
                left.append(damaged.told("repair.copy-missing" if there is None else "repair.copy-damaged", there))
            elif by:
                done.append(damaged.told("repair.altered" if damaged.found else "repair.missing", there))
            else:
                left.append(damaged.told("repair.ready", there))
        laid = batch.finish()
    return CopyOutput(
        url=target.url,
        heads={name: head.anchor for name, head in series.cycles(target).items()},
        copied=len(done),
        bytes=laid,
        kept=kept,
        deleted=0,
        differences=left,
        repaired=done,
    )


class _Batch:
    """Objects fetched and verified, stored and recorded some at a time: killed in between, what is stored is recorded."""

    def __init__(self, o: Opened, url: str, by: str, folder: Path) -> None:
        self._o, self._url, self._by, self._folder = o, url, by, folder
        self._run = new_run(o.now())
        self._waiting: list[tuple[_Damaged, PutFile, PutFile | None]] = []
        self._bytes = self._laid = 0

    def fetch(self, damaged: _Damaged, target: ObjectStore) -> str | None:
        """The digest of what the copy has, which is laid back where it is the right one; None = the copy has nothing."""
        good = self._file(target, damaged.key)
        if good is None or good.sha256 != damaged.sha256:
            return good.sha256 if good else None
        aside = None
        if damaged.found is not None:
            altered = self._file(self._o.archive.store, damaged.key)
            if altered is not None:
                aside = msgspec.structs.replace(altered, key=keys.aside_key(damaged.sha256, altered.sha256))
        self._waiting.append((damaged, msgspec.structs.replace(good, replace=True), aside))
        self._bytes += good.size + (aside.size if aside else 0)
        if len(self._waiting) >= _BATCH or self._bytes >= _BATCH_BYTES:
            self.finish()
        return good.sha256

    def finish(self) -> int:
        """Store and record what waits; bytes laid back in all."""
        if not self._waiting:
            return self._laid
        archive = self._o.archive
        altered = [aside for _, _, aside in self._waiting if aside]
        archive.commit(self._run, (), files=altered)  # before anything takes its place
        events = [self._event(damaged, aside) for damaged, _, aside in self._waiting]
        archive.commit(self._run, events, files=[good for _, good, _ in self._waiting])
        self._laid += sum(f.size for _, f, _ in self._waiting)
        for _, good, aside in self._waiting:
            for f in (good, aside) if aside else (good,):
                f.path.unlink()
        self._waiting, self._bytes = [], 0
        return self._laid

    def _event(self, damaged: _Damaged, aside: PutFile | None) -> EventRecord:
        text = "缺失的字节由副本补回" if aside is None else f"被改动的字节由副本换回,换下的另存为 {aside.key}"
        detail = {"by": self._by, "copy": self._url, "found": damaged.found or "", "aside": aside.key if aside else ""}
        return EventRecord(EventType.RECOVERY, damaged.sha256, self._o.now(), text, self._run, detail)

    def _file(self, store: ObjectStore, key: str) -> PutFile | None:
        """What lies under the key as a passing file, named by its own digest; None = nothing."""
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as f:
            path = Path(f.name)
            try:
                sha, size = _save(store, key, f)
            except ObjectMissing:
                path.unlink()
                return None
        return PutFile(key, path, sha, size)


def _save(store: ObjectStore, key: str, into: IO[bytes]) -> tuple[str, int]:
    """(SHA-256, size) of what was written to ``into``."""
    h, size = hashlib.sha256(), 0
    with store.open(key) as stream:
        while chunk := stream.read(CHUNK):
            h.update(chunk)
            size += into.write(chunk)
    into.flush()
    os.fsync(into.fileno())
    return h.hexdigest(), size


def _digest(store: ObjectStore, key: str) -> str | None:
    try:
        with store.open(key) as f:
            return hash_stream(f)[0]
    except ObjectMissing:
        return None


def _doubtful(o: Opened, *, full: bool) -> list[str]:
    """Digests of what the archive must hold and may not hold as it should."""
    gone = destroy.gone(o)
    sizes: dict[str, int | None] = dict.fromkeys(_configs(o))
    sizes |= {e.sha256: e.size for e in o.archive.index.evidence()}
    if full:
        return sorted(sizes.keys() - gone)
    listed = {i.key: i.size for i in o.archive.store.list("objects/")}  # after the index: bytes come before it
    accused = {p.key for p in rounds.standing(audit_reports.last(o))}
    found = set()
    for sha, size in sizes.items():
        there = listed.get(key := keys.object_key(sha))
        if there is None or there != (there if size is None else size) or key in accused:
            found.add(sha)
    return sorted(found - gone)


def _configs(o: Opened) -> Iterator[str]:
    """Digests of the configuration objects that the series names, of today and of before."""
    for segment in series.walk(o.archive.store, o.archive.cycle, upto=o.archive.head()):
        lines = tuple(line for line in segment.lines if any(mark in line for mark in _CONFIG_LINES))
        yield from (r.digest for r in msgspec.structs.replace(segment, lines=lines).records() if isinstance(r, CONFIGURATION))
