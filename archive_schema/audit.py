"""What an audit shows beyond the JSON contract: the one argument of its renderers, kept as ``reports/audit/<time>.json``."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.outputs import AuditOutput, AuditProblem
from archive_schema.words import CellState, EvidenceKind


class AuditStep(msgspec.Struct, frozen=True):
    """A part of the audit that went through many objects: how many, their bytes, and how long it took in seconds."""

    name: str  # Chinese
    objects: int
    size: int
    seconds: float


class Verified(msgspec.Struct, frozen=True):
    """When the bytes under these first two hexadecimal digits of the SHA-256 were last read and compared."""

    at: datetime
    groups: tuple[str, ...]


class Difference(msgspec.Struct, frozen=True):
    """Against the audit before. ``gone``: looked at again and no longer there. ``unseen``: stands as it was found before, not
    looked at this time. ``cells``: cells by state at the audit before; None = one of the two did not look at completeness."""

    since: datetime
    depth: str
    new: tuple[AuditProblem, ...]
    gone: tuple[AuditProblem, ...]
    unseen: tuple[AuditProblem, ...]
    cells: dict[CellState, int] | None = None


class DrawnEvidence(msgspec.Struct, frozen=True):
    """A piece under a drawn item. ``bytes``: what reading them just now said. ``facts``: (Chinese name, value)."""

    sha256: str
    size: int
    unit: str
    path: str
    title: str | None
    media_type: str
    status: str
    bytes: str
    intact: bool
    facts: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]
    decisions: tuple[str, ...]


class DrawnRequirement(msgspec.Struct, frozen=True):
    kind: EvidenceKind
    state: CellState
    needed: int
    usable: int
    reasons: tuple[str, ...]
    evidence: tuple[DrawnEvidence, ...]


class DrawnItem(msgspec.Struct, frozen=True):
    id: str
    title: str
    state: CellState
    provenance: str
    units: tuple[str, ...]
    requirements: tuple[DrawnRequirement, ...]


class Draw(msgspec.Struct, frozen=True):
    """Items drawn at random: with the same seed and catalogue the same ones. ``of``: items that could be drawn."""

    seed: int
    of: int
    items: tuple[DrawnItem, ...]


class AuditReport(msgspec.Struct, frozen=True):
    """One audit.

    verified  of every group of objects when its bytes were last compared, by this audit or by one before
    grades    items by grade, 未检 among them; empty where the catalogue grades nothing, or was not asked
    records   in the series up to the head; 0 = not known
    share     the groups whose bytes this audit compared; None = it was not about bytes, all of them at depth full
    """

    cycle: str
    at: datetime
    output: AuditOutput
    steps: tuple[AuditStep, ...] = ()
    difference: Difference | None = None
    draw: Draw | None = None
    verified: tuple[Verified, ...] = ()
    share: tuple[str, ...] | None = None
    grades: dict[str, int] = {}
    records: int = 0
