"""The typed records of the manifest series (law 3): whatever can change coverage is one of these.

A segment is UTF-8 JSON Lines: a ``segment`` header, then ``records`` lines. Records are results, not instructions: a
``placement`` or ``finding`` record replaces what was held under its key, so that replaying needs no rule of any room.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from archive_schema.decisions import Decision
from archive_schema.evidence import Candidate, CheckOutcome, Evidence, KindGuess, Placement, Source
from archive_schema.words import EventType


class SegmentHeader(msgspec.Struct, frozen=True, tag="segment"):
    """First line of a segment. ``previous`` is the SHA-256 of the segment before ("" for seq 1)."""

    seq: int
    cycle: str
    run: str
    previous: str
    records: int
    total: int  # records in the series up to and with this segment
    written_at: datetime
    program: str
    index_id: str


class Head(msgspec.Struct, frozen=True):
    """HEAD.json. ``digest`` is the SHA-256 of the last segment's bytes; ``index_id`` names the one writing index."""

    seq: int
    total: int
    digest: str
    key: str
    index_id: str

    @property
    def anchor(self) -> str:
        """``SEQ:DIGEST``, as printed on reports and taken by ``audit --expect``."""
        return f"{self.seq}:{self.digest}"


class CycleRecord(msgspec.Struct, frozen=True, tag="cycle"):
    digest: str
    run: str


class CatalogueRecord(msgspec.Struct, frozen=True, tag="catalogue"):
    digest: str
    edition: str
    run: str


class SettingsRecord(msgspec.Struct, frozen=True, tag="settings"):
    digest: str
    run: str


class UnitsRecord(msgspec.Struct, frozen=True, tag="units"):
    digest: str
    run: str


class SourceRecord(msgspec.Struct, frozen=True, tag="source"):
    """Key (folder, path, sha256)."""

    source: Source
    run: str


class EvidenceRecord(msgspec.Struct, frozen=True, tag="evidence"):
    """Key sha256."""

    evidence: Evidence
    run: str


class PlacementRecord(msgspec.Struct, frozen=True, tag="placement"):
    """Everything placed for (sha256, unit), decisions already applied; replaces what was held under that key.

    ``machine``: the placements as classification proposed them, so that an undone decision brings them back.
    """

    sha256: str
    unit: str
    placements: tuple[Placement, ...]
    candidates: tuple[Candidate, ...]
    kind: KindGuess | None
    classifier: str
    run: str
    machine: tuple[Placement, ...] = ()


class FindingRecord(msgspec.Struct, frozen=True, tag="finding"):
    """Every outcome of one judgement of one evidence; replaces what was held under (sha256, origin).

    origin    ``judge`` (checks on the file), ``validation`` (Great Expectations over the frames) or ``crosswise`` (materials against
              each other)
    outcomes  fail and unchecked, waived ones marked; ``passed`` names the codes that passed
    """

    sha256: str
    origin: str
    rules: str  # version of the check catalogue
    settings: str  # digest of the settings object
    outcomes: tuple[CheckOutcome, ...]
    passed: tuple[str, ...]
    run: str


class DecisionRecord(msgspec.Struct, frozen=True, tag="decision"):
    decision: Decision
    run: str


class EventRecord(msgspec.Struct, frozen=True, tag="event"):
    """A PREMIS event. ``subject``: a SHA-256, ``folder/path`` or a run. ``detail`` holds no document text."""

    event: EventType
    subject: str
    at: datetime
    outcome: str
    run: str
    detail: dict[str, Any] = {}


class SupersedeRecord(msgspec.Struct, frozen=True, tag="supersede"):
    """``by_sha256`` replaces ``sha256``; None lifts it (an undone decision)."""

    sha256: str
    by_sha256: str | None
    decision: str
    run: str


class WithdrawalRecord(msgspec.Struct, frozen=True, tag="withdrawal"):
    """``unit`` "" = for every unit. ``in_force`` False lifts it. ``destroyed``: bytes removed, this is the tombstone."""

    sha256: str
    unit: str
    in_force: bool
    destroyed: bool
    basis: str
    decision: str
    run: str


Record = (
    CycleRecord
    | CatalogueRecord
    | SettingsRecord
    | UnitsRecord
    | SourceRecord
    | EvidenceRecord
    | PlacementRecord
    | FindingRecord
    | DecisionRecord
    | EventRecord
    | SupersedeRecord
    | WithdrawalRecord
)
#: those that name an object which says how the cycle is set up
CONFIGURATION = (CycleRecord, CatalogueRecord, SettingsRecord, UnitsRecord)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_record: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
_header = msgspec.json.Decoder(SegmentHeader)


def decode_record(line: bytes) -> Record:
    """:raises msgspec.ValidationError: the line is not a record."""
    record = _record.decode(line)
    if isinstance(record, EvidenceRecord) and not _DIGEST.fullmatch(record.evidence.sha256):
        raise msgspec.ValidationError("sha256 is no digest")  # files are fetched under it: it must not be a path
    return record


def decode_header(line: bytes) -> SegmentHeader:
    """:raises msgspec.ValidationError: the line is not a segment header."""
    return _header.decode(line)
