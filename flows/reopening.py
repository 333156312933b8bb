"""Every file opened again in the processes of the readers; and looked through by ClamAV where it is there.

At depth full each file is opened to its end (``intake.opener``); where that fails, the reader that took the file in has the word. In the
nightly share, which is small, every file is read again as at its ingest and its facts are compared. Text of scans is not
recognised again: that would take days. Of a store without files the objects are fetched, a batch at a time, and removed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec

from archive_schema import media
from archive_schema.audit import AuditStep
from archive_schema.evidence import Evidence, Reading
from archive_schema.outputs import AuditProblem
from archive_schema.words import ReadState
from flows import virus
from flows.derived import derived, kept_of
from flows.workspace import Opened
from intake import opener
from intake.pool import Job, ReaderPool, ReadResult
from storage import keys
from storage.objects import CHUNK, ObjectMissing
from validators import audit as checks

#: files after which the scanner runs, and bytes of fetched ones
_BATCH_FILES = 2_000
_BATCH_BYTES = 512 * 1024 * 1024
_WORKERS = 2
#: evidences asked of the index at one time
_SOME = 100
_OPENER = f"{opener.NAME}@{opener.VERSION}"
FACTS = "要素和读出的文字、表格(derived/)没有重新读取比对: 夜间轮查逐批进行"


class Reopened(msgspec.Struct, frozen=True):
    """``unchecked``: Chinese lines. ``scanned``: ClamAV looked through every file."""

    problems: list[AuditProblem]
    unchecked: list[str]
    steps: list[AuditStep]
    scanned: bool


def reopen(
    o: Opened,
    groups: Collection[str],
    also: Collection[str],
    *,
    facts: bool,
    leave_out: Collection[str],
    scratch: Path,
) -> Reopened:
    """Open the evidence of these groups and these keys.

    :param groups: first two digits of the SHA-256.
    :param facts: read every file in full and compare its facts; else open it.
    :param leave_out: keys whose bytes are known to be wrong: what a reader makes of them says nothing about the evidence.
    :param scratch: an empty folder.
    :raises InternalError: a reader process is broken; nothing was concluded about any file.
    """
    work = _Reopening(o, scratch, () if facts else also, compare=facts)
    began = time.perf_counter()
    limits = msgspec.structs.replace(o.settings.limits, ocr="off")
    wanted = _evidence(o, groups, also, leave_out)
    first = next(wanted, None)
    if first is not None:  # reader processes are not started for nothing
        with ReaderPool(limits, workers=_WORKERS, scratch=scratch, readers={} if facts else opener.READERS) as pool:
            for result in pool.read(work.jobs(first, wanted)):
                work.take(result)
            work.scan()
    if work.doubtful:
        with ReaderPool(limits, workers=_WORKERS, scratch=scratch) as pool:
            work.ask_again(pool)
    seconds = time.perf_counter() - began
    steps = [AuditStep("重新打开", work.files, work.size, seconds - work.scanning)]
    if work.scanned:
        steps.append(AuditStep("查毒", work.scanned, work.size, work.scanning))
    if not facts:
        work.scanner_says.append(FACTS)
    unchecked = [f"{n} 个文件没有重新打开: {why}" for why, n in sorted(work.ours.items())]
    if work.uncompared:
        unchecked.append(f"{work.uncompared} 个文件读出的文字(derived/)没有比对: 由文字识别读出,或不是现在的读取程序读出的")
    return Reopened(work.problems, [*unchecked, *work.scanner_says], steps, scanned=work.scanner is not None)


def _evidence(o: Opened, groups: Iterable[str], also: Iterable[str], leave_out: Collection[str]) -> Iterator[Evidence]:
    """A group at a time, so that no question to the index is open while files are opened."""
    index = o.archive.index
    destroyed = index.destroyed()
    others = [name for key in also if (name := key.rpartition("/")[2])[:2] not in groups]
    for shas in (*(index.find_sha256(g) for g in sorted(groups)), others):
        for e in list(index.evidence(shas)) if shas else ():
            if e.sha256 not in destroyed and _key(e) not in leave_out:
                yield e


def _key(e: Evidence) -> str:
    return e.object_key or keys.object_key(e.sha256)


class _Reopening:
    def __init__(self, o: Opened, scratch: Path, suspected: Collection[str], *, compare: bool) -> None:
        """:param compare: files are read in full: what was made of each is compared."""
        self._o, self._scratch, self._suspected, self._compare = o, scratch, suspected, compare
        self._under_way: deque[tuple[Evidence, Path]] = deque()
        self._done: list[tuple[Evidence, Path]] = []
        self.doubtful: list[Evidence] = []
        self._done_bytes = 0
        self.scanner = virus.scanner()
        self.scanner_says = [] if self.scanner else [virus.ABSENT]
        self.problems: list[AuditProblem] = []
        self.ours: dict[str, int] = {}
        self.files = self.size = self.scanned = self.uncompared = 0
        self.scanning = 0.0

    def jobs(self, first: Evidence, more: Iterator[Evidence]) -> Iterator[Job]:
        """What is to be opened, fetched as children become free; what an audit found before waits for its reader."""
        for some in _some(first, more):
            self.doubtful += [e for e in some if _key(e) in self._suspected]
            some = [e for e in some if _key(e) not in self._suspected]
            names = self._names(some)
            for e in some:
                path = self._fetch(e)
                if path is not None:
                    self._under_way.append((e, path))
                    yield Job(path=path, name=names[e.sha256])

    def take(self, result: ReadResult) -> None:
        e, path = self._under_way.popleft()
        if result.reading is not None and result.reading.reader == _OPENER and result.reading.state is not ReadState.PARTIAL:
            self.doubtful.append(e)
            self._remove(path)
            return
        self.files += 1
        self.size += e.size
        self._judge(e, result)
        self._done.append((e, path))
        self._done_bytes += e.size if path.parent == self._scratch else 0
        if len(self._done) >= _BATCH_FILES or self._done_bytes >= _BATCH_BYTES:
            self.scan()

    def scan(self) -> None:
        """Look through what was opened since the last time, and remove what was fetched for it."""
        if self.scanner is not None and self._done:
            began = time.perf_counter()
            try:
                found = virus.scan(self.scanner, [path for _, path in self._done], self._scratch)
                self.problems += [
                    checks.problem("object.virus", _key(e), None, found[str(path)])
                    for e, path in self._done
                    if str(path) in found
                ]
                self.scanned += len(self._done)
            except virus.ScanFailed as e:
                self.scanner, self.scanner_says = None, [f"没有查毒: {e}"]
            self.scanning += time.perf_counter() - began
        for _, path in self._done:
            self._remove(path)
        self._done, self._done_bytes = [], 0

    def ask_again(self, pool: ReaderPool) -> None:
        """What did not open, by the reader that took it in."""
        asked, self.doubtful, self._suspected = self.doubtful, [], ()
        for result in pool.read(self.jobs(asked[0], iter(asked[1:]))):
            self.take(result)
        self.scan()

    def _judge(self, e: Evidence, result: ReadResult) -> None:
        held = msgspec.structs.replace(e, object_key=_key(e))
        now = result.reading
        if result.digested is not None and result.digested.sha256 != e.sha256:
            self.problems.append(checks.problem("object.digest", held.object_key, e.sha256, result.digested.sha256))
        elif now is None:
            self.problems.append(checks.problem("evidence.unreadable", held.object_key, e.state.value, result.reason))
        elif result.disposition is not None:
            self._ours("按现行规则和限额,读取程序拒绝打开")
        elif checks.could_not_compare(held, now):
            self._ours(now.detail.split(",", 1)[0])
        else:
            self.problems += checks.reopened(held, now)
            if self._compare:
                self._compare_kept(held, now)

    def _compare_kept(self, held: Evidence, now: Reading) -> None:
        """What is kept of it below ``derived/``; what is no longer kept is read again when it is asked for, and nothing amiss."""
        kept = kept_of(self._o, held)
        if any(kept.values()) and not checks.comparable(held, now):
            self.uncompared += 1
        else:
            self.problems += checks.kept(held, kept, {b.key.rpartition("/")[2]: b.data for b in derived(held.sha256, now)})

    def _remove(self, path: Path) -> None:
        if path.parent == self._scratch:
            path.unlink(missing_ok=True)

    def _ours(self, why: str) -> None:
        self.ours[why] = self.ours.get(why, 0) + 1

    def _names(self, some: list[Evidence]) -> dict[str, str]:
        """What each was called when it came in: the extension tells apart what the bytes cannot (CSV and text)."""
        called: dict[str, list[str]] = {e.sha256: [] for e in some}
        for s in self._o.archive.index.sources(called):
            called[s.sha256].append(s.path.rpartition("!/")[2])
        names = {}
        for e in some:
            fitting = [n for n in called[e.sha256] if (t := media.of_name(n)) and t.media_type == e.media_type]
            extensions = media.of_type(e.media_type).extensions
            usual = f"{e.sha256}{extensions[0] if extensions else ''}"
            names[e.sha256] = next(iter([*fitting, *called[e.sha256]]), usual)
        return names

    def _fetch(self, e: Evidence) -> Path | None:
        """Where its bytes can be read; None = they are not there, which was said when the objects were listed."""
        store, key, form = self._o.archive.store, _key(e), media.of_type(e.media_type)
        if (path := store.local(key)) is not None:
            return path if store.stat(key) is not None else None
        path = self._scratch / f"{e.sha256}{form.extensions[0] if form.extensions else ''}"
        try:
            with store.open(key) as f, path.open("wb") as copy:
                while data := f.read(CHUNK):
                    copy.write(data)
        except ObjectMissing:
            path.unlink(missing_ok=True)
            return None
        return path


def _some(first: Evidence, more: Iterator[Evidence]) -> Iterator[list[Evidence]]:
    some = [first]
    for e in more:
        if len(some) == _SOME:
            yield some
            some = []
        some.append(e)
    yield some
