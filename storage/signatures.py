"""The signatures kept beside a series, and what each of them is worth against it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from archive_schema import canonical
from archive_schema.errors import IntegrityError, UsageError
from archive_schema.records import Head
from archive_schema.signature import HeadSignature, PublicKey, SignedHead, parse_public
from storage import keys, series, signing
from storage.objects import ObjectMissing, ObjectStore
from storage.signing import SigningKey

_decoder: msgspec.json.Decoder[HeadSignature] = msgspec.json.Decoder(HeadSignature)

#: seq → (digest, total) of the segments that are there
Segments = Mapping[int, tuple[str, int]]


class Worth(StrEnum):
    """What a signature says.

    GOOD      a trusted key vouches for the segment as it is
    UNKNOWN   so does a key that nobody trusts
    BAD       it is no signature of what it says, or lies under a name that is not its own
    DIFFERS   a trusted key vouched for another segment than the one that is there: the series was altered
    BEYOND    a trusted key vouched for a segment that is not there (any more): the series was cut off
    """

    GOOD = "good"
    UNKNOWN = "unknown"
    BAD = "bad"
    DIFFERS = "differs"
    BEYOND = "beyond"


class Verdict(msgspec.Struct, frozen=True):
    """``key`` None = not readable; of a trusted key with the name that it is trusted under."""

    object_key: str
    worth: Worth
    seq: int
    key: PublicKey | None = None
    head: SignedHead | None = None


def listed(store: ObjectStore, cycle: str) -> list[str]:
    """Keys of all signatures of a cycle, by seq."""
    return [i.key for i in store.list(keys.signature_prefix(cycle)) if keys.parse_signature_key(i.key)]


def write(store: ObjectStore, cycle: str, head: Head, key: SigningKey, at: datetime) -> HeadSignature:
    """Sign a head and keep the signature; one by this key for the same seq is replaced."""
    signed = SignedHead(cycle, head.seq, head.total, head.digest, at)
    public = PublicKey(key.public.raw).line
    signature = HeadSignature(signed, public, base64.b64encode(key.sign(signed.to_bytes())).decode())
    store.put_bytes(keys.signature_key(cycle, head.seq, key.public.id), canonical.encode(signature), replace=True)
    return signature


def judged(store: ObjectStore, object_key: str, segments: Segments, trusted: Collection[PublicKey]) -> Verdict | None:
    """What the signature under a key is worth; None = it is gone since it was listed.

    :raises UsageError: (``signing.library``) ``cryptography`` is not installed.
    """
    parsed = keys.parse_signature_key(object_key)
    assert parsed is not None, object_key
    cycle, seq, _ = parsed
    try:
        made = _decoder.decode(store.get(object_key))
        key = parse_public(made.key)
        raw = base64.b64decode(made.signature, validate=True)
    except ObjectMissing:
        return None
    except (msgspec.MsgspecError, UsageError, binascii.Error, ValueError):
        return Verdict(object_key, Worth.BAD, seq)
    head = made.head
    named = keys.signature_key(cycle, head.seq, key.id) if head.cycle == cycle else ""
    if named != object_key or not signing.verify(key, raw, head.to_bytes()):
        return Verdict(object_key, Worth.BAD, seq, key, head)
    known = next((t for t in trusted if t.raw == key.raw), None)
    if known is None:
        return Verdict(object_key, Worth.UNKNOWN, seq, key, head)
    there = segments.get(seq)
    if there is None:
        return Verdict(object_key, Worth.BEYOND, seq, known, head)
    worth = Worth.GOOD if there == (head.digest, head.total) else Worth.DIFFERS
    return Verdict(object_key, worth, seq, known, head)


def refuse_altered(store: ObjectStore, cycle: str, key: SigningKey) -> None:
    """That what this key vouched for last is still so: signing again would cover up that the series was altered.

    :raises IntegrityError: ``signature.differs``.
    """
    ours = [(k, p[1]) for k in listed(store, cycle) if (p := keys.parse_signature_key(k)) and p[2] == key.public.id]
    if not ours:
        return
    name, seq = ours[-1]
    segment_key = series.only_key(store, cycle, seq)
    segment = series.read_segment(store, segment_key) if segment_key is not None else None
    there = {seq: (segment.digest, segment.header.total)} if segment is not None else {}
    last = judged(store, name, there, [key.public])
    if last is not None and last.worth is not Worth.GOOD:
        raise IntegrityError(
            f"{name}: {last.worth.value}: what this key signed last is not the series that is there",
            zh=f"归档清单不是这把私钥先前签过名的那一份: {name}",
            code="signature.differs",
            path=name,
            hint="没有签名,也没有写入任何内容;请运行 dangan audit --depth complete 查明,从备份恢复",
        )
