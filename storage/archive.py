"""The archive: one object store, the series of one cycle in it, and the index that may write to it (laws 3, 4 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path

import msgspec

from archive_schema import canonical
from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.outputs import ManifestLine
from archive_schema.records import Head, Record
from archive_schema.signature import HeadSignature
from storage import editions, keys, series, signatures
from storage import index as rows
from storage.index import Index
from storage.lease import Holder, Lease
from storage.objects import ObjectMissing, ObjectStore
from storage.signing import SigningKey

#: seconds that a commit waits for another one to end; a commit holds the lease for its records only, not for its bytes
COMMIT_WAIT = 60.0
#: files stored at one time: most of the time goes into waiting for the disk or the network
_UPLOADS = 4

#: the steps of a commit, in order; a failpoint is called with each after it was done
STEPS = ("bytes", "staged", "segment", "head", "held")


class PutFile(msgspec.Struct, frozen=True):
    """Bytes to store from a file. ``replace``: also over other bytes that lie there."""

    key: str
    path: Path
    sha256: str
    size: int
    replace: bool = False


class PutBytes(msgspec.Struct, frozen=True):
    """Bytes to store from memory: configuration objects, derived text."""

    key: str
    data: bytes


def new_index(url: str) -> UsageError:
    """There is no archive in this index."""
    return UsageError(
        f"{url} is new",
        zh="索引是空的,还没有建立",
        code="index.new",
        hint="新档案库请用 dangan init;索引丢失请用 dangan restore --take-over 由存储重建",
    )


class Archive:
    """Made by ``Archive.open``."""

    def __init__(
        self,
        store: ObjectStore,
        index: Index,
        cycle: str,
        clock: Callable[[], datetime],
        program: str,
        failpoint: Callable[[str], None] | None,
        waiting: Callable[[Holder], None] | None,
        signer: SigningKey | None = None,
    ) -> None:
        self.store, self.index, self.cycle = store, index, keys.check_name(cycle)
        self._clock, self._program = clock, program
        self._failpoint = failpoint or (lambda step: None)
        self._lease = Lease(index.database, waiting=waiting)
        self.signer = signer
        self._vouched = False  # the series is the one that the signer vouched for before
        self._learned = False  # it was tried to learn which catalogue held when

    @classmethod
    def open(
        cls,
        store: ObjectStore,
        index: Index,
        *,
        cycle: str,
        clock: Callable[[], datetime],
        program: str,
        create: bool = False,
        failpoint: Callable[[str], None] | None = None,
        waiting: Callable[[Holder], None] | None = None,
        signer: SigningKey | None = None,
    ) -> Archive:
        """Open the archive of a cycle. Does not catch up: call ``catch_up`` before asking, ``commit`` does it itself.

        :param clock: the present time in UTC, for segment headers.
        :param program: name and version, for segment headers.
        :param create: make a new index the index of this cycle (``init`` and ``restore``).
        :param failpoint: for tests, called with each of ``STEPS`` after it was done.
        :param waiting: told who holds the lease when that has to be waited for.
        :param signer: signs every head that is written from now on.
        :raises UsageError: ``index.new`` (not created), ``index.other-cycle``.
        """
        archive = cls(store, index, cycle, clock, program, failpoint, waiting, signer)
        of = index.cycle()
        if of is None and not create:
            raise new_index(index.url)
        if of is None:
            index.begin(cycle)
        elif of != cycle:
            raise UsageError(
                f"{index.url} is of cycle {of}, not {cycle}",
                zh=f"索引属于周期“{of}”,不是“{cycle}”",
                code="index.other-cycle",
                hint="一个周期一个索引: 请改回 cycle.toml 的周期名,或在 dangan.toml 为新周期另设 index",
            )
        return archive

    def head(self) -> Head | None:
        """The applied head: what the index holds is the series up to it. None = nothing yet."""
        return self.index.head()

    def lease(self, holder: str, *, wait: float = 0.0) -> AbstractContextManager[None]:
        """The right to write. ``commit`` takes it by itself; hold it to read and commit with nothing in between.

        :param holder: what for, in Chinese: shown to whoever waits.
        :raises ConflictError: (``lease.held``) a living process holds it.
        """
        return self._lease.hold(holder, wait=wait)

    def catch_up(self) -> int:
        """Replay what the series has beyond the applied head, and complete or forget what a killed commit left; number of records applied.

        Done under the lease: when another process holds it, what is going on is that process's, and nothing is done.

        :raises IntegrityError: the series is damaged, or not the one that was seen before.
        :raises ConflictError: ``series.two-segments``.
        """
        applied, staged = self.index.head(), self.index.staged()  # before the store's head, which may only be later
        stored = series.read_head(self.store, self.cycle)
        series.check_seen(stored, applied, self.cycle)
        if _anchor(stored) == _anchor(applied) and not staged:
            return 0
        try:
            with self.lease("补齐索引"):
                count = self._catch_up()
                self._sign_unsigned()
                return count
        except ConflictError as e:
            if e.code == "lease.held":
                return 0
            raise

    def commit(
        self, run: str, records: Sequence[Record], *, files: Sequence[PutFile] = (), blobs: Sequence[PutBytes] = ()
    ) -> Head | None:
        """Store bytes, then append the records as one segment, in the order of law 4; the new head.

        Killed or failed anywhere, the next ``catch_up`` or ``commit`` completes or forgets it; then it may be repeated. Without
        records nothing is appended, and the present head is returned.

        :raises SourceChanged: a file is not what was announced; nothing was appended.
        :raises ConflictError: ``archive.other-index``, ``series.two-segments``, ``lease.held``, ``lease.lost``.
        :raises IntegrityError: the store holds other bytes under a key, the series is damaged, or it is not the one signed before.
        :raises UnavailableError: store or index cannot be reached.
        """
        keys.check_name(run)
        if files or blobs:
            self._refuse_other_index()
            self._put(files, blobs)
            self._failpoint("bytes")
        if not records:
            return self.head()
        lines = [canonical.encode(r) for r in records]
        with self.lease(f"运行 {run}", wait=COMMIT_WAIT):
            self._refuse_other_index()
            self._catch_up()
            self._refuse_altered()
            return self._append(run, records, lines)

    def take_over(self) -> Head | None:
        """Make this index the one that may write (``dangan restore --take-over``): replay everything, then name it in HEAD.json.

        Whole segments after the head, or without any head, are adopted, whichever index wrote them.

        :raises IntegrityError: the series is damaged.
        :raises ConflictError: ``series.two-segments``, ``lease.held``.
        """
        with self.lease("接管档案库", wait=COMMIT_WAIT):
            self._replay(series.read_head(self.store, self.cycle))
            while self._adopt(anyones=True):
                pass
            applied = self.head()
            if applied is None:
                return None
            ours = msgspec.structs.replace(applied, index_id=self.index.id)
            series.write_head(self.store, self.cycle, ours)
            with self.index.database.write() as c:
                self._lease.fence(c)
                rows.unstage(c)
                rows.hold(c, (), ours, count=0)
            return ours

    def sign(self) -> HeadSignature | None:
        """Sign the head where the signer has not signed it yet; None = there is no head or no signer, or it is signed already.

        :raises IntegrityError: (``signature.differs``) the series is not the one that this key signed before.
        :raises ConflictError: another index writes the archive, or another process is at it.
        """
        if self.signer is None:
            return None
        with self.lease("为清单之首签名", wait=COMMIT_WAIT):
            self._refuse_other_index()
            self._catch_up()
            return self._sign_unsigned()

    def state_digest(self) -> str:
        """See ``storage.state``."""
        return self.index.state_digest()

    def manifest_lines(self) -> Iterator[ManifestLine]:
        """A line per evidence, in order of SHA-256."""
        return self.index.manifest_lines()

    def inspect_series(self, each: series.Each | None = None) -> list[series.SeriesProblem]:
        """Everything that is wrong with the series, also against the applied head; changes nothing.

        :param each: called with every segment that can be read, and its records.
        """
        applied = self.head()
        return series.inspect_series(self.store, self.cycle, seen=[applied] if applied else [], each=each)

    def _refuse_other_index(self) -> None:
        stored = series.read_head(self.store, self.cycle)
        if stored is not None and stored.index_id != self.index.id:
            raise _other_index(stored.index_id, self.index.id)

    def _put(self, files: Sequence[PutFile], blobs: Sequence[PutBytes]) -> None:
        def put_file(f: PutFile) -> None:
            self.store.put_file(f.key, f.path, sha256=f.sha256, size=f.size, replace=f.replace)

        def put_bytes(b: PutBytes) -> None:
            self.store.put_bytes(b.key, b.data, replace=not keys.immutable(b.key))

        with ThreadPoolExecutor(_UPLOADS, thread_name_prefix="dangan-put") as pool:
            puts = [*(pool.submit(put_file, f) for f in files), *(pool.submit(put_bytes, b) for b in blobs)]
            try:
                for put in puts:
                    put.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # the rest would meet the same store
                raise

    def _catch_up(self) -> int:
        """``catch_up``, holding the lease."""
        stored = series.read_head(self.store, self.cycle)
        count = self._replay(stored)
        self._learn_editions()
        if stored is None or stored.index_id == self.index.id:  # else its next segment is its own index's to adopt
            if stored is not None:
                series.last_key(self.store, self.cycle, stored)
            count += self._adopt(anyones=False)
        if self.index.staged():
            with self.index.database.write() as c:
                self._lease.fence(c)
                rows.unstage(c)
        return count

    def _replay(self, stored: Head | None) -> int:
        """Apply the segments up to HEAD; number of records."""
        applied = self.head()
        series.check_seen(stored, applied, self.cycle)
        count = 0
        if stored is not None:
            for segment in series.walk(self.store, self.cycle, after=applied, upto=stored):
                self._hold(tuple(segment.records()), segment.head)
                count += segment.header.records
        return count

    def _learn_editions(self) -> None:
        """For an index that does not know which catalogue held when. Where the series cannot be read it goes on not knowing."""
        applied = self.head()
        if self._learned or applied is None:
            return
        self._learned = True
        with self.index.reading() as c:
            if editions.known(c) is not None:
                return
        with suppress(IntegrityError, ConflictError, ObjectMissing):
            found = list(editions.learned(series.walk(self.store, self.cycle, upto=applied)))
            with self.index.database.write() as c:
                self._lease.fence(c)
                editions.put(c, found)

    def _adopt(self, *, anyones: bool) -> int:
        """Complete a commit that was killed between its segment and its head; number of records.

        :raises ConflictError: the segment after the head is another index's.
        """
        applied = self.head()
        key = series.only_key(self.store, self.cycle, applied.seq + 1 if applied else 1)
        if key is None:
            return 0
        segment = series.read_segment(self.store, key)
        if segment.header.index_id != self.index.id and not anyones:
            raise _other_index(segment.header.index_id, self.index.id)
        series.follows(segment, applied)
        records = tuple(segment.records())
        series.write_head(self.store, self.cycle, segment.head)
        self._hold(records, segment.head)
        return len(records)

    def _append(self, run: str, records: Sequence[Record], lines: Sequence[bytes]) -> Head:
        header = series.new_header(
            cycle=self.cycle,
            run=run,
            after=self.head(),
            records=len(records),
            written_at=self._clock(),
            program=self._program,
            index_id=self.index.id,
        )
        with self.index.database.write() as c:
            self._lease.fence(c)
            rows.stage(c, run, lines)
        self._failpoint("staged")
        key, digest = series.write_segment(self.store, header, lines)
        series.only_key(self.store, self.cycle, header.seq)  # another index may have written one at this very moment
        self._failpoint("segment")
        head = Head(header.seq, header.total, digest, key, self.index.id)
        series.write_head(self.store, self.cycle, head)
        self._failpoint("head")
        if self.signer is not None:
            signatures.write(self.store, self.cycle, head, self.signer, self._clock())
        self._hold(records, head)
        self._failpoint("held")
        return head

    def _sign_unsigned(self) -> HeadSignature | None:
        """Sign the applied head where a commit was killed before it could, or was made without the key; None = there was nothing to do."""
        head = self.head()
        if self.signer is None or head is None or head.index_id != self.index.id:
            return None
        self._refuse_altered()
        if self.store.stat(keys.signature_key(self.cycle, head.seq, self.signer.public.id)) is not None:
            return None
        return signatures.write(self.store, self.cycle, head, self.signer, self._clock())

    def _refuse_altered(self) -> None:
        """Once for each archive opened: what follows is written by itself."""
        if self.signer is not None and not self._vouched:
            signatures.refuse_altered(self.store, self.cycle, self.signer)
            self._vouched = True

    def _hold(self, records: Sequence[Record], head: Head) -> None:
        """One transaction: nothing staged any more, everything held, the head applied."""
        with self.index.database.write() as c:
            self._lease.fence(c)
            rows.unstage(c)
            rows.hold(c, records, head, count=len(records))


def _anchor(head: Head | None) -> str:
    return head.anchor if head else ""


def _other_index(theirs: str, ours: str) -> ConflictError:
    return ConflictError(
        f"the archive is written by index {theirs}, this is {ours}",
        zh=f"这个档案库由另一个索引({theirs})写入,本索引({ours})只能读取",
        code="archive.other-index",
        hint="请在原来的工作区写入;原工作区确已不用时,运行 dangan restore --take-over 接管",
    )
