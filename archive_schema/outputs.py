"""The JSON shapes of every command (the contract): keys and states in English, kinds by their Chinese names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from archive_schema.evidence import Candidate, Fact
from archive_schema.words import CellState, DecisionAction, EventType, EvidenceKind, PlacementMethod, PlacementStatus, Severity


class IngestOutput(msgspec.Struct, frozen=True):
    """``dangan ingest --format json``. found = new + known + quarantined + waiting + ignored; members are counted apart."""

    found: int
    new: int
    known: int
    quarantined: int
    waiting: int
    ignored: int
    members: int
    run: str
    state_digest: str


class CoverageEvidence(msgspec.Struct, frozen=True):
    sha256: str
    unit: str
    path: str
    title: str | None
    status: PlacementStatus


class AdriftDecision(msgspec.Struct, frozen=True):
    """A decision that goes on holding though its standard reads otherwise since another edition of the catalogue came in.

    ``text``: how it read and how it reads. ``remedy``: the command that settles it. Chinese.
    """

    decision: str
    action: DecisionAction
    by: str
    item: str
    kind: EvidenceKind | None
    text: str
    remedy: str


class CoverageRequirement(msgspec.Struct, frozen=True):
    """``adrift``: left out where there is none."""

    kind: EvidenceKind
    state: CellState
    needed: int
    usable: int
    reasons: list[str]
    evidence: list[CoverageEvidence]
    adrift: list[AdriftDecision] | msgspec.UnsetType = msgspec.UNSET


class CoverageItem(msgspec.Struct, frozen=True):
    id: str
    title: str
    provenance: str
    units: list[str]
    state: CellState
    requirements: list[CoverageRequirement]


class CoverageUnit(msgspec.Struct, frozen=True):
    """``lead_of``: ids of the items the unit leads; ``totals``: cells of those items by state."""

    name: str
    lead_of: list[str]
    totals: dict[CellState, int]


class CoverageUnplaced(msgspec.Struct, frozen=True):
    sha256: str
    unit: str
    path: str
    candidates: list[Candidate]  # each with the kind of the file where the item asks for it


class CoverageElsewhere(msgspec.Struct, frozen=True):
    """What the unit of an extract sent, where it stands at an item that only others answer for. ``title`` and ``units``: the item's."""

    item: str
    title: str
    units: list[str]
    kind: EvidenceKind
    evidence: CoverageEvidence


class CoverageCatalogue(msgspec.Struct, frozen=True):
    edition: str
    items: int
    requirements: int


class CoverageSettled(msgspec.Struct, frozen=True):
    """How many pieces, each as sent by one unit, stand in no requirement and wait for nobody, and why.

    withdrawn   or destroyed by decision
    rejected    a person said that they belong nowhere
    superseded  replaced by decision or where they lay, without a place of their own
    answered    sent back without a place, and mended since
    """

    withdrawn: int = 0
    rejected: int = 0
    superseded: int = 0
    answered: int = 0


class CoverageOutput(msgspec.Struct, frozen=True):
    """``dangan coverage --format json``. ``head``: ``SEQ:DIGEST`` of the series, or null when it is empty; ``elsewhere``: of an extract only.

    ``sent_back`` (without a place, out with their unit) and ``settled`` are left out where there is none.
    """

    cycle: str
    generated_at: datetime
    head: str | None
    catalogue: CoverageCatalogue
    totals: dict[CellState, int]
    item_totals: dict[CellState, int]
    items: list[CoverageItem]
    units: list[CoverageUnit]
    unplaced: list[CoverageUnplaced]
    elsewhere: list[CoverageElsewhere] | msgspec.UnsetType = msgspec.UNSET
    sent_back: list[CoverageUnplaced] | msgspec.UnsetType = msgspec.UNSET
    settled: CoverageSettled | msgspec.UnsetType = msgspec.UNSET


class ManifestSource(msgspec.Struct, frozen=True):
    unit: str
    path: str
    submitted_at: datetime | None
    first_seen_at: datetime
    present: bool


class ManifestPlacement(msgspec.Struct, frozen=True):
    item: str
    kind: EvidenceKind
    method: PlacementMethod
    score: float | None
    status: PlacementStatus


class ManifestFinding(msgspec.Struct, frozen=True):
    code: str
    severity: Severity


class ManifestWithdrawal(msgspec.Struct, frozen=True):
    """``unit`` "" = whichever units sent it. ``destroyed``: its bytes are gone, this is the tombstone. ``decision``: of the review log."""

    unit: str
    destroyed: bool
    decision: str


class ManifestLine(msgspec.Struct, frozen=True):
    """A line of ``dangan manifest --format jsonl``. ``withdrawn``: only where something of it is."""

    sha256: str
    size: int
    media_type: str
    sources: list[ManifestSource]
    kind: EvidenceKind | None
    facts: dict[str, Fact]
    placements: list[ManifestPlacement]
    findings: list[ManifestFinding]
    unchecked: list[str]
    superseded_by: str | None
    object_key: str | None
    run: str
    withdrawn: list[ManifestWithdrawal] | msgspec.UnsetType = msgspec.UNSET


class DigestOutput(msgspec.Struct, frozen=True):
    """``dangan manifest --digest --format json``."""

    state_digest: str
    head: str | None


class ClassifyKind(msgspec.Struct, frozen=True):
    name: EvidenceKind
    score: float | None


class ClassifyCandidate(msgspec.Struct, frozen=True):
    item: str
    score: float | None
    reasons: list[str]


class ClassifyOutput(msgspec.Struct, frozen=True):
    """A line of ``dangan classify --format jsonl``. ``chosen`` null = abstained; ``also``: further items it serves as well."""

    title: str
    kind: ClassifyKind | None
    candidates: list[ClassifyCandidate]
    chosen: str | None
    also: list[str]


class InspectFinding(msgspec.Struct, frozen=True):
    code: str
    severity: Severity
    text: str
    remedy: str


class InspectPlacement(msgspec.Struct, frozen=True):
    item: str
    kind: EvidenceKind
    method: PlacementMethod
    score: float | None
    status: PlacementStatus
    reasons: list[str]


class InspectOutput(msgspec.Struct, frozen=True):
    """One file of ``dangan inspect --format json`` (a list)."""

    path: str
    media_type: str
    facts: dict[str, Fact]
    kind: ClassifyKind | None
    placements: list[InspectPlacement]
    findings: list[InspectFinding]
    unchecked: list[str]


class AuditProblem(msgspec.Struct, frozen=True):
    code: str
    nature: str
    key: str
    expected: str | None
    found: str | None


class AuditIntegrity(msgspec.Struct, frozen=True):
    ok: bool
    problems: list[AuditProblem]


class AuditCompleteness(msgspec.Struct, frozen=True):
    """``adrift``: for a person to settle, whatever ``ok`` says; left out where there is none."""

    ok: bool
    totals: dict[CellState, int]
    adrift: list[AdriftDecision] | msgspec.UnsetType = msgspec.UNSET


class AuditOutput(msgspec.Struct, frozen=True):
    """``dangan audit --format json``; a part that ``--only`` left out is null."""

    head: str | None
    depth: str
    integrity: AuditIntegrity | None
    completeness: AuditCompleteness | None
    unchecked: list[str]


class ReviewEntry(msgspec.Struct, frozen=True):
    """One line of ``dangan review list --format json``: a doubtful file. ``number`` only orders the list;
    ``findings``: code and text of what failed and of a blocking 未检."""

    number: int
    sha256: str
    unit: str
    path: str
    title: str | None
    kind: EvidenceKind | None
    item: str | None
    status: str  # in_review | unplaced | auto, confirmed (a blocking 未检 holds it up; auto also where the move of a sibling is offered)
    score: float | None
    reasons: list[str]
    candidates: list[Candidate]
    findings: list[str]


class DecisionOutput(msgspec.Struct, frozen=True):
    """Answer of every ``dangan review`` act. ``recorded`` False = the same decision already holds. ``remarks``: what else the act
    leaves to be done, Chinese. ``units``: whose deliveries it speaks of, where it is about a file.
    """

    decision: str
    recorded: bool
    head: str | None
    remarks: list[str] = []
    units: list[str] = []


class Probe(msgspec.Struct, frozen=True):
    """One probe of ``dangan doctor``; ``ok`` None = not probed here (未检)."""

    name: str
    ok: bool | None
    text: str


class CheckOutput(msgspec.Struct, frozen=True):
    """One line of ``dangan checks list --format json``."""

    code: str
    severity: Severity
    text: str
    remedy: str
    basis: str
    nature: str
    params: dict[str, Any]


class HistoryEvent(msgspec.Struct, frozen=True):
    """A PREMIS event, derived from the series. ``agent``: program and version, or the person whose act it was.

    outcome: success, fail, unchecked; ``text`` says in Chinese what happened.
    """

    at: datetime
    event: EventType
    outcome: str
    text: str
    agent: str
    run: str
    seq: int | None
    detail: dict[str, Any] = {}


class HistoryOutput(msgspec.Struct, frozen=True):
    """``dangan history --format json``. Of an evidence, of a file that was kept out (``sha256`` as far as known), or of an item."""

    subject: str
    sha256: str | None
    item: str | None
    events: list[HistoryEvent]


class KeyOutput(msgspec.Struct, frozen=True):
    """``dangan keys new|show --format json``. ``public_key``: the line for ``[signing] trusted``; ``file`` None = known by its public half only."""

    fingerprint: str
    public_key: str
    file: str | None


class SignOutput(msgspec.Struct, frozen=True):
    """``dangan sign --format json``. ``head``: ``SEQ:DIGEST``, None = the archive is empty; ``new`` False = signed before by this key."""

    head: str | None
    fingerprint: str
    new: bool
    records: int = 0  # in the series up to the head; 0 = not known


class AssignedUnit(msgspec.Struct, frozen=True):
    """One unit's 交办单 in numbers. ``files``: its sheets, relative to the folder; ``done``: nothing is asked of it;
    ``unchecked``: files that are not counted before somebody has settled what is 未检 of them."""

    unit: str
    files: list[str]
    done: bool
    wanted: int
    contributing: int
    overdue: int
    returned: int
    mend: int
    doubts: int
    unchecked: int
    kept_out: int


class AssignmentsOutput(msgspec.Struct, frozen=True):
    """``dangan assignments --format json``. ``unresolved``: folders of the inbox that are no unit's → their number of files."""

    folder: str
    cycle: str
    head: str | None
    index: str
    units: list[AssignedUnit]
    unresolved: dict[str, int]
