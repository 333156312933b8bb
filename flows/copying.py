"""A second copy of the archive in another store: verified, incremental, the heads last; and where the two differ.

What is content-addressed is verified by its SHA-256, the series by its chain. An object that is already in the copy is not
read again (``differences(…, full=True)`` does that). What was destroyed by decision is removed from the copy, too.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from archive_schema import canonical
from archive_schema.copies import CopyDifference, CopyOutput
from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.records import Head, WithdrawalRecord
from flows import destroy, guard, unfinished
from flows.scratch import scratch
from flows.workspace import Opened
from storage import keys, series
from storage.factory import folder_of, open_store
from storage.objects import CHUNK, ObjectInfo, ObjectMissing, ObjectStore, hash_stream
from storage.protection import ObjectLocked, erase, remains

#: objects copied so far, objects that were there already
Progress = Callable[[int, int], None]

#: up to this size in bytes an object goes through memory, above it through a temporary file
_SMALL = 8 * 1024 * 1024
_THREADS, _CHUNK = 4, 64
#: what an environment may say of the copy otherwise than of the store
_PREFIX = "DANGAN_COPY_S3_"
_OBJECTS, _OTHERS = "objects/", ("derived/", "reports/")


def open_copy(o: Opened, url: str, env: Mapping[str, str] | None = None, *, must_exist: bool = False) -> ObjectStore:
    """The store of the copy. For it, ``DANGAN_COPY_S3_…`` in the environment beats ``DANGAN_S3_…``.

    :raises UsageError: (``copy.same``, ``output.kept``) it is, or lies within, the archive's own store, or its inbox; (``store.absent``)
        it must be there and is not.
    """
    env = os.environ if env is None else env
    here = o.archive.store.url
    if (folder := folder_of(url, base=o.workspace.path)) is not None:
        guard.refuse_kept(folder, o.workspace, copy=True)
    target = open_store(url, base=o.workspace.path, env=env, own=_PREFIX, must_exist=must_exist)
    elsewhere = any(name.startswith(_PREFIX) for name in env)
    if (target.url == here or f"{target.url}/".startswith(f"{here}/")) and not elsewhere:
        raise UsageError(
            f"{target.url} is within {here}",
            zh=f"{target.url} 就是(或就在)档案库自己的存储",
            code="copy.same",
            hint="第二副本应在另一块磁盘或另一个存储服务上",
        )
    return target


def copy(
    o: Opened,
    url: str,
    *,
    derived: bool = True,
    env: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> CopyOutput:
    """Bring the copy at ``url`` up to the present heads of every cycle of the store.

    Objects that are lost or damaged in the archive are named in the answer and everything else is copied.

    :param derived: also the texts that were read, and the reports kept in the store.
    :raises ConflictError: (``copy.other-archive``) another archive lies there, or one that has gone on by itself.
    :raises SeriesError: the archive's series is damaged; the copy stays at its heads.
    :raises UnavailableError: one of the stores does not answer; the next run goes on.
    """
    source, target = o.archive.store, open_copy(o, url, env)
    heads = series.cycles(source)  # before the objects: whatever the heads vouch for is there by now
    there = series.cycles(target)
    _refuse_other(source, target, heads, there)
    gone = o.archive.index.destroyed()
    for name, head in heads.items():
        gone |= _destroyed(source, name, there.get(name), head)
    gone = {sha for sha in gone if source.stat(keys.object_key(sha)) is None}
    with scratch(o.workspace) as folder:
        run = _Run(source, target, folder, progress)
        for prefix in (_OBJECTS, *(_OTHERS if derived else ())):
            run.below(prefix, gone)
    run.problems += _lost(o, target)
    for sha in sorted(gone):
        run.remove(sha)
    unfinished.clear(target, gone)
    for name, head in heads.items():
        for segment in series.walk(source, name, after=there.get(name), upto=head):
            run.segment(segment)
        series.write_head(target, name, head)
        run.signatures(name, head)
    return CopyOutput(
        url=target.url,
        heads={name: head.anchor for name, head in heads.items()},
        copied=run.copied,
        bytes=run.bytes,
        kept=run.kept,
        deleted=run.deleted,
        differences=run.problems,
    )


class _Run:
    """One run of ``copy``: the counts, and what could not be copied."""

    def __init__(self, source: ObjectStore, target: ObjectStore, folder: Path, progress: Progress | None) -> None:
        self._source, self._target, self._folder, self._progress = source, target, folder, progress
        self._lock = threading.Lock()
        self.copied = self.bytes = self.kept = self.deleted = 0
        self.problems: list[CopyDifference] = []

    def below(self, prefix: str, gone: Collection[str]) -> None:
        """Copy whatever lies below a prefix and is not there, or (where it may change) not there as it is."""
        pairs = _both(_ours(self._source, prefix), self._target.list(prefix))
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="dangan-copy") as pool:
            while some := list(islice(pairs, _CHUNK)):
                todo = []
                for key, here, there in some:
                    if here is None or _digest_in(key) in gone:
                        continue
                    if there is None or (not keys.immutable(key) and _changed(here, there)):
                        todo.append(here)
                    elif there.size != here.size:
                        self.problems.append(CopyDifference("copy.size", key, f"{here.size} 字节", f"{there.size} 字节"))
                    else:
                        self.kept += 1
                list(pool.map(self._one, todo))
                if self._progress:
                    self._progress(self.copied, self.kept)

    def segment(self, segment: series.Segment) -> None:
        data = self._source.get(segment.key)
        if canonical.sha256(data) != segment.digest:
            raise series.SeriesError(series.SeriesProblem("series.chain", segment.key, segment.digest, canonical.sha256(data)))
        self._count(self._target.put_bytes(segment.key, data), len(data))

    def signatures(self, cycle: str, upto: Head) -> None:
        """Those of the heads that the copy has; a later one would say of the copy that it was cut off."""
        for info in self._source.list(keys.signature_prefix(cycle)):
            parsed = keys.parse_signature_key(info.key)
            if parsed is not None and parsed[1] <= upto.seq:
                data = self._source.get(info.key)
                self._count(self._target.put_bytes(info.key, data, replace=True), len(data))

    def remove(self, sha: str) -> None:
        """What was destroyed in the archive is destroyed in the copy."""
        for key in [*remains(self._target, keys.object_key(sha)), *remains(self._target, keys.derived_prefix(sha))]:
            try:
                erase(self._target, key)
                self.deleted += 1
            except ObjectLocked as e:  # the rest is copied all the same; every later run tries again
                self.problems.append(CopyDifference("copy.not-destroyed", key, None, e.message))

    def _one(self, info: ObjectInfo) -> None:
        try:
            written = self._small(info) if info.size <= _SMALL else self._large(info)
        except (IntegrityError, ObjectMissing) as e:
            with self._lock:
                self.problems.append(CopyDifference("source.damaged", info.key, e.message, None))
            return
        self._count(written, info.size)

    def _small(self, info: ObjectInfo) -> bool:
        data = self._source.get(info.key)
        _check(info.key, canonical.sha256(data))
        return self._target.put_bytes(info.key, data, replace=not keys.immutable(info.key))

    def _large(self, info: ObjectInfo) -> bool:
        h = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=self._folder) as f:
            with self._source.open(info.key) as stream:
                while chunk := stream.read(CHUNK):
                    h.update(chunk)
                    f.write(chunk)
            f.flush()
            _check(info.key, h.hexdigest())
            return self._target.put_file(info.key, Path(f.name), sha256=h.hexdigest(), size=f.tell())

    def _count(self, written: bool, size: int) -> None:
        with self._lock:
            self.copied += written
            self.bytes += size if written else 0
            self.kept += not written


def differences(
    source: ObjectStore, target: ObjectStore, *, destroyed: Collection[str] = (), full: bool = False
) -> list[CopyDifference]:
    """Where the copy is not what the archive is; nothing is changed. [] = the same.

    Fast: heads, and every object and segment by name and size. ``copy.behind`` names a cycle whose copy ends earlier; the
    segments that it lacks are not named again.

    :param destroyed: what was destroyed by decision and must not be in the copy.
    :param full: also read the copy's bytes: objects against their SHA-256, segments against the archive's.
    """
    out: list[CopyDifference] = []
    heads, there = series.cycles(source), series.cycles(target)
    behind: dict[str, int] = {}
    for name in sorted({*heads, *there}):
        ours, theirs = heads.get(name), there.get(name)
        if (ours.anchor if ours else None) != (theirs.anchor if theirs else None):
            out.append(CopyDifference("copy.behind", keys.head_key(name), _anchor(ours), _anchor(theirs)))
            behind[name] = theirs.seq if theirs else 0
    for prefix in (_OBJECTS, "cycles/"):
        for key, here, copied in _both(_ours(source, prefix), target.found(prefix)):
            part = keys.parse_segment_key(key) or keys.parse_signature_key(key)
            if keys.HEAD.fullmatch(key) or (part and part[1] > behind.get(part[0], part[1])):
                continue
            out += _difference(target, source, key, here, copied, destroyed, full)
    return out


def compare(o: Opened, url: str, *, full: bool = False, env: Mapping[str, str] | None = None) -> CopyOutput:
    """The archive against its copy at ``url``, which is not changed, nor made; for ``--check`` and for the audit."""
    source, target = o.archive.store, open_copy(o, url, env, must_exist=True)
    found = differences(source, target, destroyed=destroy.gone(o), full=full)
    named = {d.key for d in found}
    found += [d for d in _lost(o, target) if d.key not in named]
    return CopyOutput(
        url=target.url,
        heads={name: head.anchor for name, head in series.cycles(target).items()},
        copied=0,
        bytes=0,
        kept=0,
        deleted=0,
        differences=found,
    )


def _lost(o: Opened, target: ObjectStore) -> list[CopyDifference]:
    """Objects that the archive must hold and has not: no listing names them, so a copy without them would seem whole."""
    gone = destroy.gone(o)
    wanted = {e.object_key or keys.object_key(e.sha256) for e in o.archive.index.evidence() if e.sha256 not in gone}
    wanted -= {i.key for i in o.archive.store.list(_OBJECTS)}  # listed last: bytes come before the index
    out = []
    for key in sorted(wanted):
        there = target.stat(key)
        out.append(CopyDifference("source.damaged", key, None, f"{there.size} 字节" if there else None))
    return out


def _difference(
    target: ObjectStore,
    source: ObjectStore,
    key: str,
    here: ObjectInfo | None,
    there: ObjectInfo | None,
    destroyed: Collection[str],
    full: bool,
) -> list[CopyDifference]:
    sha = _digest_in(key)
    if there is not None and sha in destroyed:
        return [CopyDifference("copy.not-destroyed", key, "依决定销毁", f"{there.size} 字节")]
    if there is None:
        gone = here is None or sha in destroyed
        return [] if gone else [CopyDifference("copy.missing", key, f"{here.size} 字节" if here else None, None)]
    if here is None:
        return [CopyDifference("copy.extra", key, None, f"{there.size} 字节")]
    if here.size != there.size:
        return [CopyDifference("copy.size", key, f"{here.size} 字节", f"{there.size} 字节")]
    if not full:
        return []
    expected = sha or canonical.sha256(source.get(key))
    with target.open(key) as f:
        found, _ = hash_stream(f)
    return [] if found == expected else [CopyDifference("copy.content", key, expected, found)]


def _refuse_other(source: ObjectStore, target: ObjectStore, heads: Mapping[str, Head], there: Mapping[str, Head]) -> None:
    """:raises ConflictError: what lies at the copy's place is not an earlier state of this archive."""
    for name, theirs in there.items():
        if name not in heads or series.digest_at(source, name, theirs.seq) != theirs.digest:
            raise ConflictError(
                f"{target.url}: cycle {name} at {theirs.anchor} is not part of {source.url}",
                zh=f"{target.url} 里的周期“{name}”不是本档案库先前的状态,可能是另一个档案库,或副本已另行写入",
                code="copy.other-archive",
                path=keys.head_key(name),
                hint="没有写入任何内容;请核对地址,或换一个空的位置",
            )


def _destroyed(source: ObjectStore, cycle: str, after: Head | None, upto: Head) -> set[str]:
    """What the segments that the copy does not have yet say was destroyed."""
    return {
        r.sha256
        for segment in series.walk(source, cycle, after=after, upto=upto)
        for r in segment.records()
        if isinstance(r, WithdrawalRecord) and r.in_force and r.destroyed
    }


def _both(
    ours: Iterator[ObjectInfo], theirs: Iterator[ObjectInfo]
) -> Iterator[tuple[str, ObjectInfo | None, ObjectInfo | None]]:
    """Two listings, each sorted by key, as one: (key, here, there)."""
    a, b = next(ours, None), next(theirs, None)
    while a is not None or b is not None:
        if b is None or (a is not None and a.key < b.key):
            assert a is not None
            yield a.key, a, None
            a = next(ours, None)
        elif a is None or b.key < a.key:
            yield b.key, None, b
            b = next(theirs, None)
        else:
            yield a.key, a, b
            a, b = next(ours, None), next(theirs, None)


def _ours(source: ObjectStore, prefix: str) -> Iterator[ObjectInfo]:
    """What belongs to the archive; of anything else the audit tells."""
    return (i for i in source.list(prefix) if keys.ours(i.key))


def _digest_in(key: str) -> str | None:
    """The SHA-256 that a key of ``objects/`` or ``derived/`` names."""
    parts = key.split("/")
    return parts[3] if parts[0] == "objects" and len(parts) == 4 else parts[1] if parts[0] == "derived" else None


def _check(key: str, found: str) -> None:
    if key.startswith(_OBJECTS) and _digest_in(key) != found:
        raise IntegrityError(f"{key}: its bytes are {found}", zh=f"存储中的 {key} 已损坏", code="store.differs", path=key)


def _changed(here: ObjectInfo, there: ObjectInfo) -> bool:
    return here.size != there.size or here.modified > there.modified


def _anchor(head: Head | None) -> str | None:
    return head.anchor if head else None
