"""The manifest series: an append-only chain of segments in the store, and its head (laws 3 and 6).

A segment is a batch of records that was written by one commit, so it is read whole: its size is bounded by the batch.
Each header names the SHA-256 of the segment before; HEAD.json names the last one. So whoever knows the head knows
every byte of the series.

Codes of what can be wrong with it:

=========================  ==========================================================================
``series.gone``            there is no HEAD, though there are segments, or the index has seen one
``series.gap``             a seq is missing, or the segment that HEAD names
``series.two-segments``    two segments have one seq: two writers
``series.chain``           a segment is not the one that the next one (or HEAD) was written after
``series.header``          the first line is no header, or not the one of this key
``series.line``            a line is no record
``series.count``           more or fewer records than the header says
``series.total``           the running total of records does not add up
``series.head``            HEAD.json is unreadable or disagrees with the last segment
``series.beyond-head``     a whole segment after HEAD: a commit that was killed; the next one adopts it
``series.stray``           an object among the segments that is none
``series.rolled-back``     the series is not the one that was seen before (the index's head, or an anchor)
=========================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from archive_schema import canonical
from archive_schema.errors import ConflictError, IntegrityError
from archive_schema.records import Head, Record, SegmentHeader, decode_header, decode_record
from storage import keys
from storage.objects import ObjectMissing, ObjectStore

_ZH = {
    "series.gone": "清单之首 HEAD.json 不见了",
    "series.rolled-back": "清单不是先前见过的那一份,可能被换成旧的",
    "series.gap": "缺段",
    "series.chain": "前后摘要不衔接,内容被改动过",
    "series.header": "首行不对",
    "series.line": "有不合格式的行",
    "series.count": "记录数与首行不符",
    "series.total": "累计记录数不符",
    "series.head": "清单之首 HEAD.json 损坏或与末段不符",
}
_head: msgspec.json.Decoder[Head] = msgspec.json.Decoder(Head)


class SeriesProblem(msgspec.Struct, frozen=True):
    """Something wrong with the series; ``code`` as in the module's table."""

    code: str
    key: str
    expected: str
    found: str


class SeriesError(IntegrityError):
    """The series is not what was written."""

    def __init__(self, problem: SeriesProblem) -> None:
        super().__init__(
            f"{problem.code}: {problem.key}: expected {problem.expected}, found {problem.found}",
            zh=f"归档清单有误({_ZH[problem.code]}): {problem.key}",
            code=problem.code,
            path=problem.key,
            hint="没有写入任何内容;请运行 dangan audit 查明,并从备份恢复该对象",
        )
        self.problem = problem


class Segment(msgspec.Struct, frozen=True):
    """A segment whose header and number of lines are right. ``digest``: SHA-256 of its bytes."""

    key: str
    header: SegmentHeader
    digest: str
    lines: tuple[bytes, ...]

    @property
    def head(self) -> Head:
        """The head of a series that ends here."""
        return Head(self.header.seq, self.header.total, self.digest, self.key, self.header.index_id)

    def records(self) -> Iterator[Record]:
        """:raises IntegrityError: (``series.line``) a line is no record."""
        for n, line in enumerate(self.lines, 2):
            try:
                yield decode_record(line)
            except msgspec.MsgspecError as e:
                raise _wrong("series.line", self.key, "a record", f"line {n}: {e}") from e


def write_segment(store: ObjectStore, header: SegmentHeader, lines: Sequence[bytes]) -> tuple[str, str]:
    """Store a segment; (key, digest). ``lines`` are records as ``canonical.encode`` writes them."""
    data = b"".join(line + b"\n" for line in (canonical.encode(header), *lines))
    key = keys.segment_key(header.cycle, header.seq, header.run)
    store.put_bytes(key, data)
    return key, canonical.sha256(data)


def read_segment(store: ObjectStore, key: str) -> Segment:
    """Read a segment, its header and count verified; its records are decoded as they are asked for.

    :raises ObjectMissing: there is none.
    :raises IntegrityError: ``series.header``, ``series.count``.
    """
    data = store.get(key)
    first, *lines = data.split(b"\n")
    try:
        header = decode_header(first)
    except msgspec.MsgspecError as e:
        raise _wrong("series.header", key, "a segment header", str(e)) from e
    if keys.parse_segment_key(key) != (header.cycle, header.seq, header.run):
        raise _wrong("series.header", key, key, f"the header of {header.cycle}, seq {header.seq}, run {header.run}")
    whole = bool(lines) and lines.pop() == b""  # the last line is ended too
    if not whole or len(lines) != header.records:
        raise _wrong("series.count", key, f"{header.records} records", f"{len(lines)}{'' if whole else ', the last cut off'}")
    return Segment(key, header, canonical.sha256(data), tuple(lines))


def read_head(store: ObjectStore, cycle: str) -> Head | None:
    """None = the series has not begun.

    :raises IntegrityError: (``series.head``) HEAD.json is not readable.
    """
    key = keys.head_key(cycle)
    try:
        return _head.decode(store.get(key))
    except ObjectMissing:
        return None
    except msgspec.MsgspecError as e:
        raise _wrong("series.head", key, "a head", str(e)) from e


def write_head(store: ObjectStore, cycle: str, head: Head) -> None:
    store.put_bytes(keys.head_key(cycle), canonical.encode(head), replace=True)


def cycles(store: ObjectStore) -> dict[str, Head]:
    """Every cycle whose series has begun in the store, with its head.

    :raises SeriesError: (``series.head``) one of the heads is not readable.
    """
    names = {m[1] for info in store.list("cycles/") if (m := keys.HEAD.fullmatch(info.key))}
    return {name: head for name in sorted(names) if (head := read_head(store, name)) is not None}


def segment_keys(store: ObjectStore, cycle: str, seq: int | None = None) -> list[str]:
    """Keys of all segments, or of those with one ``seq``, in order."""
    found = [info.key for info in store.list(keys.manifest_prefix(cycle, seq))]
    return [k for k in found if keys.parse_segment_key(k)]


def only_key(store: ObjectStore, cycle: str, seq: int) -> str | None:
    """Key of the segment with ``seq``; None = there is none.

    :raises ConflictError: (``series.two-segments``) there are two.
    """
    found = segment_keys(store, cycle, seq)
    if len(found) > 1:
        raise ConflictError(
            f"segments with one seq: {', '.join(found)}",
            zh=f"归档清单第 {seq} 段有两份: {'、'.join(found)}",
            code="series.two-segments",
            path=found[0],
            hint="两处程序同时写过这个档案库,写入已停止;请运行 dangan audit,确定以哪一处为准后再继续",
        )
    return found[0] if found else None


def last_key(store: ObjectStore, cycle: str, head: Head) -> str:
    """Key of the segment that HEAD names; asked before anything is appended after it.

    :raises IntegrityError: (``series.gap``) it is gone. :raises ConflictError: as ``only_key``.
    """
    key = only_key(store, cycle, head.seq)
    if key is None:
        raise _wrong("series.gap", head.key, "the segment that HEAD names", "none")
    return key


def follows(segment: Segment, after: Head | None) -> None:
    """That a segment continues the series that ended in ``after``.

    :raises IntegrityError: ``series.chain``, ``series.total``.
    """
    previous, total = (after.digest, after.total) if after else ("", 0)
    if segment.header.previous != previous:
        raise _wrong(
            "series.chain",
            after.key if after else segment.key,
            segment.header.previous or "the beginning",
            previous or "the beginning",
        )
    if segment.header.total != total + segment.header.records:
        raise _wrong("series.total", segment.key, str(total + segment.header.records), str(segment.header.total))


def walk(store: ObjectStore, cycle: str, *, after: Head | None = None, upto: Head | None = None) -> Iterator[Segment]:
    """The segments after ``after`` (from the beginning when None), each only once its bytes are vouched for by the one that follows.

    :param upto: the head that vouches for the last one. None = as far as there are segments; the last is then taken as it is.
    :raises SeriesError: ``series.gap``, ``series.chain``, ``series.total``, ``series.header``, ``series.count``.
    :raises ConflictError: ``series.two-segments``.
    """
    seq = after.seq if after else 0
    pending: Segment | None = None
    while upto is None or seq < upto.seq:
        seq += 1
        key = only_key(store, cycle, seq)
        if key is None and upto is None:
            break
        if key is None:
            raise _wrong("series.gap", keys.manifest_prefix(cycle, seq), f"segment {seq}", "nothing")
        segment = read_segment(store, key)
        follows(segment, after)
        if pending:
            yield pending
        pending, after = segment, segment.head
    if pending:
        if upto and pending.digest != upto.digest:
            raise _wrong("series.chain", pending.key, upto.digest, pending.digest)
        yield pending


def check_seen(stored: Head | None, seen: Head | None, cycle: str) -> None:
    """That the series has not gone back behind a head that was seen before.

    :raises SeriesError: ``series.gone``, ``series.rolled-back``.
    """
    if seen is None:
        return
    if stored is None:
        raise _wrong("series.gone", keys.head_key(cycle), seen.anchor, "nothing")
    if stored.seq < seen.seq or (stored.seq == seen.seq and stored.digest != seen.digest):
        raise _wrong("series.rolled-back", keys.head_key(cycle), seen.anchor, stored.anchor)


def digest_at(store: ObjectStore, cycle: str, seq: int) -> str | None:
    """Digest of the segment with ``seq``, for comparing with an anchor; None = there is none.

    :raises ConflictError: ``series.two-segments``.
    """
    key = only_key(store, cycle, seq)
    return None if key is None else canonical.sha256(store.get(key))


#: what is done with each segment that could be read, and with its records
Each = Callable[[Segment, Sequence[Record]], None]


def inspect_series(
    store: ObjectStore, cycle: str, *, seen: Iterable[Head] = (), each: Each | None = None
) -> list[SeriesProblem]:
    """Everything that is wrong with the series; reads all of it, one segment at a time, and changes nothing.

    :param seen: heads that were seen before (the one that the index applied): the series must still hold them.
    :param each: called with every segment that can be read, in order, whatever is wrong elsewhere.
    """
    return list(_Inspection(store, cycle, seen, each).problems())


class _Inspection:
    """One pass over the series."""

    def __init__(self, store: ObjectStore, cycle: str, seen: Iterable[Head], each: Each | None) -> None:
        self._store, self._cycle, self._each = store, cycle, each
        self._seen = {h.seq: h for h in seen}
        self._last: Head | None = None  # what the next segment should follow
        self._intact = True  # the segment before could be read, so that its digest and total mean something

    def problems(self) -> Iterator[SeriesProblem]:
        by_seq: dict[int, list[str]] = {}
        for info in self._store.found(keys.manifest_prefix(self._cycle)):
            parsed = keys.parse_segment_key(info.key)
            if parsed:
                by_seq.setdefault(parsed[1], []).append(info.key)
            else:
                yield SeriesProblem("series.stray", info.key, "a segment", "another object")
        head: Head | None = None
        head_key = keys.head_key(self._cycle)
        try:
            head = read_head(self._store, self._cycle)
        except SeriesError as e:
            yield _problem(e)
        else:
            if head is None and (by_seq or self._seen):
                yield SeriesProblem("series.gone", head_key, "a head", "nothing")
        expected = 1
        for seq, found in sorted(by_seq.items()):
            if seq > expected:
                missing = f"segment {expected}" if seq == expected + 1 else f"segments {expected}–{seq - 1}"
                yield SeriesProblem("series.gap", keys.manifest_prefix(self._cycle, expected), missing, "nothing")
                self._intact = False
            expected = seq + 1
            if len(found) > 1:
                yield SeriesProblem("series.two-segments", found[0], f"one segment {seq}", ", ".join(found))
            chosen = head.key if head and head.key in found else found[0]
            yield from self._segment(chosen)
            if head and seq == head.seq:
                yield from self._against(head)
            elif head and seq > head.seq:
                yield SeriesProblem("series.beyond-head", chosen, f"the end at {head.seq}", f"segment {seq}")
            if seq in self._seen and self._intact and self._last and self._last.digest != self._seen[seq].digest:
                yield SeriesProblem("series.rolled-back", chosen, self._seen[seq].digest, self._last.digest)
        if head and head.seq >= expected:
            yield SeriesProblem("series.gap", head.key, f"segment {head.seq}", f"the end at {expected - 1}")
        for seq, before in sorted(self._seen.items()):
            if seq >= expected:
                yield SeriesProblem("series.rolled-back", head_key, before.anchor, f"the end at {expected - 1}")

    def _segment(self, key: str) -> Iterator[SeriesProblem]:
        try:
            segment = read_segment(self._store, key)
        except (SeriesError, ObjectMissing) as e:
            yield _problem(e)
            self._intact = False
            return
        if self._intact:
            try:
                follows(segment, self._last)
            except SeriesError as e:
                yield _problem(e)
        try:
            records = tuple(segment.records())
        except SeriesError as e:
            yield _problem(e)
        else:
            if self._each is not None:
                self._each(segment, records)
        self._last, self._intact = segment.head, True

    def _against(self, head: Head) -> Iterator[SeriesProblem]:
        last = self._last
        if not self._intact or last is None:
            return  # told already
        if last.digest != head.digest:
            yield SeriesProblem("series.chain", last.key, head.digest, last.digest)
        elif (last.seq, last.total, last.key) != (head.seq, head.total, head.key):
            yield SeriesProblem(
                "series.head",
                keys.head_key(self._cycle),
                f"{last.seq}, {last.total}, {last.key}",
                f"{head.seq}, {head.total}, {head.key}",
            )


def new_header(
    *, cycle: str, run: str, after: Head | None, records: int, written_at: datetime, program: str, index_id: str
) -> SegmentHeader:
    """Header of the segment that continues a series which ends in ``after``."""
    return SegmentHeader(
        seq=after.seq + 1 if after else 1,
        cycle=cycle,
        run=run,
        previous=after.digest if after else "",
        records=records,
        total=(after.total if after else 0) + records,
        written_at=written_at,
        program=program,
        index_id=index_id,
    )


def _wrong(code: str, key: str, expected: str, found: str) -> SeriesError:
    return SeriesError(SeriesProblem(code, key, expected, found))


def _problem(e: SeriesError | ObjectMissing) -> SeriesProblem:
    return e.problem if isinstance(e, SeriesError) else SeriesProblem(e.code, e.path, "the object", "nothing")
