"""SM3 of what was archived before it was asked for: computed from the bytes in the store, recorded with the evidence.

A bounded share a night, so that switching it on does not hold up what departments sent; ``dangan reassess --all`` does all of it.
An evidence is recorded as it was, with one fact more: nothing is read, placed or judged again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from archive_schema import sm3
from archive_schema.records import EvidenceRecord, Record
from flows.workspace import Opened
from storage import keys
from storage.objects import CHUNK, ObjectMissing, ObjectStore

#: evidences in one night, unless all are asked for
SHARE = 500
_BATCH = 64
UNAVAILABLE = "SM3 未检: 这台机器的 Python(OpenSSL)不会算 SM3"


def lacking(o: Opened) -> list[str]:
    """Digests of the evidence that has no SM3 and should; destroyed ones left out."""
    if not o.workspace.sm3:
        return []
    destroyed = o.archive.index.destroyed()
    return [e.sha256 for e in o.archive.index.evidence() if e.sm3 is msgspec.UNSET and e.sha256 not in destroyed]


def complete(o: Opened, run: str, shas: Sequence[str]) -> int:
    """Compute and record the SM3 of these; how many were recorded. Safe to repeat.

    Bytes that are gone, or are not what their SHA-256 says, get none: they are the audit's to report.

    :raises UsageError: (``digests.sm3``) this Python has none. :raises UnavailableError: the store does not answer.
    """
    done = 0
    for n in range(0, len(shas), _BATCH):
        part = shas[n : n + _BATCH]
        found = {sha: d for sha in part if (d := of_object(o.archive.store, sha)) is not None}
        if not found:
            continue
        with o.archive.lease(f"补算 SM3 {run}", wait=60):
            o.archive.catch_up()
            held = o.archive.index.evidence(found)  # as it is now: another may have read it again meanwhile
            records: list[Record] = [
                EvidenceRecord(msgspec.structs.replace(e, sm3=found[e.sha256]), run) for e in held if e.sm3 is msgspec.UNSET
            ]
            o.archive.commit(run, records)
            done += len(records)
    return done


def of_object(store: ObjectStore, sha256: str) -> str | None:
    """SM3 of an object whose bytes are those of its name; None = they are not, or it is gone."""
    first, second = hashlib.sha256(), sm3.new()
    try:
        with store.open(keys.object_key(sha256)) as f:
            while chunk := f.read(CHUNK):
                first.update(chunk)
                second.update(chunk)
    except ObjectMissing:
        return None
    return second.hexdigest() if first.hexdigest() == sha256 else None


def expected(o: Opened) -> tuple[dict[str, str], list[str]]:
    """For the audit: SHA-256 → SM3 that the bytes must have, and what cannot be checked of it, in Chinese. Nothing where nobody asks for SM3."""
    if not o.workspace.sm3:
        return {}, []
    if not sm3.available():
        return {}, [UNAVAILABLE]
    recorded = {e.sha256: e.sm3 for e in o.archive.index.evidence() if isinstance(e.sm3, str)}
    without = len(lacking(o))
    return recorded, [
        f"SM3 未检 {without} 件: 归档时没有算 SM3,夜间收件逐夜补算,dangan reassess --all 一次补齐"
    ] if without else []
