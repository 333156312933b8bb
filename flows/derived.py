"""What is kept beside the bytes of an evidence, and may be deleted: its text, and a table cell by cell.

Whatever is asked for and no longer there is read again from the object, in a child as at its ingest, and kept once more: nothing that is
held depends on whether ``derived/`` is there.
"""

from __future__ import annotations

import logging
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from archive_schema.cycle import OcrMode
from archive_schema.evidence import Evidence, Reading
from archive_schema.grid import GRID
from archive_schema.words import ReadState
from flows.scratch import scratch
from flows.workspace import Opened
from storage import keys
from storage.archive import PutBytes
from storage.objects import CHUNK, ObjectMissing

if TYPE_CHECKING:
    from intake.pool import ReaderPool, ReadResult

log = logging.getLogger(__name__)

#: evidences fetched at one time to be read again
_BATCH = 64


def derived(sha256: str, reading: Reading) -> list[PutBytes]:
    """To be stored before the records of the evidence are."""
    out = []
    if reading.text:
        out.append(PutBytes(keys.derived_key(sha256, reading.reader), reading.text.encode("utf-8", "replace")))
    if reading.grid:
        out.append(PutBytes(keys.derived_key(sha256, GRID), reading.grid))
    return out


def kept_of(o: Opened, evidence: Evidence) -> dict[str, bytes]:
    """What is kept of an evidence as it is held, by the label of what made it: its reader, and ``GRID``.

    :raises UnavailableError: the store does not answer.
    """
    found = {label: _kept(o, evidence, label) for label in (evidence.reader, GRID) if label}
    return {label: data for label, data in found.items() if data is not None}


def kept_text(o: Opened, evidence: Evidence) -> str | None:
    """The text that was read, as far as it is kept.

    :raises UnavailableError: the store does not answer.
    """
    data = _kept(o, evidence, evidence.reader) if evidence.reader else None
    return data.decode("utf-8", "replace") if data is not None else None


def texts(o: Opened, evidence: Iterable[Evidence]) -> Iterator[tuple[Evidence, str]]:
    """Each with the text that was read of it, one at a time and those last that are read again; "" where there was none, or where
    the object is gone (the audit tells).

    :raises UnavailableError: the store does not answer.
    """
    lost = {}
    for e in evidence:
        text = kept_text(o, e)
        if text is None and _had_text(e):
            lost[e.sha256] = e
        else:
            yield e, text or ""
    for e, reading in _read_again(o, list(lost.values()), ""):
        del lost[e.sha256]
        yield e, reading.text
    for e in lost.values():
        yield e, ""


def keep_grids(o: Opened, evidence: Iterable[Evidence]) -> None:
    """See to it that the cells which a reader told apart are kept for each.

    :raises UnavailableError: the store does not answer.
    """
    lost = [e for e in evidence if _had_rows(e) and o.archive.store.stat(keys.derived_key(e.sha256, GRID)) is None]
    for e, _ in _read_again(o, lost, GRID):
        log.info("the cells of %s were read again", e.sha256)


def fetch(o: Opened, evidence: Iterable[Evidence], folder: Path) -> Iterator[tuple[str, Path]]:
    """The bytes of each as a file, by SHA-256; what is gone from the store is left out."""
    for e in evidence:
        path = folder / e.sha256
        try:
            with o.archive.store.open(e.object_key or keys.object_key(e.sha256)) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK)
        except ObjectMissing:
            path.unlink(missing_ok=True)
            continue
        yield e.sha256, path


def _kept(o: Opened, evidence: Evidence, label: str) -> bytes | None:
    try:
        return o.archive.store.get(keys.derived_key(evidence.sha256, label))
    except ObjectMissing:
        return None


def _had_text(e: Evidence) -> bool:
    """There was text, or nobody counted it: of scans of which only a part was recognised."""
    chars = e.facts.get("text_chars")
    if chars is not None:
        return bool(chars.value)
    from intake import deepen

    return deepen.depth(e.reader) != "off"


def _had_rows(e: Evidence) -> bool:
    rows = e.facts.get("table_rows")
    return rows is not None and bool(rows.value)


def _read_again(o: Opened, lost: Sequence[Evidence], label: str) -> Iterator[tuple[Evidence, Reading]]:
    """These, read as far as they were read before, each kept where the same reader read it.

    :param label: of what was asked for, "" = of the reader: kept also where there is nothing, so that it is not looked for again.
    """
    if not lost:
        return
    from intake import deepen  # with all that reads; most who ask for what is kept find it
    from intake.pool import ReaderPool

    destroyed = o.archive.index.destroyed()  # a lock may still hold its bytes
    by_depth: dict[OcrMode, list[Evidence]] = defaultdict(list)
    for e in lost:
        if e.sha256 not in destroyed:
            by_depth[deepen.depth(e.reader)].append(e)
    for mode, some in by_depth.items():
        limits = msgspec.structs.replace(o.settings.limits, ocr=mode)
        with scratch(o.workspace) as folder, ReaderPool(limits, scratch=folder) as pool:
            for n in range(0, len(some), _BATCH):
                for e, reading in _some(o, some[n : n + _BATCH], pool, folder):
                    if reading.reader == e.reader:
                        nothing = PutBytes(keys.derived_key(e.sha256, label or e.reader), b"")
                        for blob in {b.key: b for b in (nothing, *derived(e.sha256, reading))}.values():
                            o.archive.store.put_bytes(blob.key, blob.data, replace=True)
                    yield e, reading


def _some(o: Opened, some: Sequence[Evidence], pool: ReaderPool, folder: Path) -> Iterator[tuple[Evidence, Reading]]:
    from intake.pool import Job

    held = {e.sha256: e for e in some}
    names = {s.sha256: s.path for s in o.archive.index.sources(held)}
    fetched = dict(fetch(o, some, folder))
    try:
        jobs = [Job(path=path, name=names.get(sha, "")) for sha, path in fetched.items()]
        for sha, result in zip(fetched, pool.read(jobs), strict=True):
            reading = _whole(sha, result)
            if reading is None:
                log.warning("what was read of %s is no longer kept, and it could not be read again: %s", sha, result.reason)
            else:
                yield held[sha], reading
    finally:
        for path in fetched.values():
            path.unlink(missing_ok=True)


def _whole(sha256: str, result: ReadResult) -> Reading | None:
    r = result.reading
    refused = result.disposition is not None or result.digested is None or result.digested.sha256 != sha256
    return None if refused or r is None or r.state is ReadState.GAVE_UP else r
