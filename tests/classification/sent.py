"""Files as units send them, for tests of where they are placed."""

from __future__ import annotations

import msgspec

from archive_schema.evidence import Fact, FormRow, Placement, Proposal
from archive_schema.words import EvidenceKind as K
from archive_schema.words import PlacementStatus
from classification.subject import Subject

PDF, JPEG = "application/pdf", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AUTO, REVIEW = PlacementStatus.AUTO, PlacementStatus.IN_REVIEW


def row(item: str, kind: str = "规范文件", **more: str | int) -> FormRow:
    return msgspec.convert({"file": "a.pdf", "item": item, "kind": kind, "form_path": "提交表.xlsx", "row": 4, **more}, FormRow)


def subject(
    *paths: str,
    forms: tuple[FormRow, ...] = (),
    unit: str = "市文明办",
    media_type: str = PDF,
    known: bool = True,
    **facts: str,
) -> Subject:
    return Subject("a" * 64, unit, known, paths, forms, media_type, {k: Fact(v) for k, v in facts.items()})


def only(proposal: Proposal) -> Placement:
    assert len(proposal.placements) == 1, proposal.placements
    return proposal.placements[0]


def cells(proposal: Proposal) -> list[tuple[str, K, PlacementStatus]]:
    return [(p.item, p.kind, p.status) for p in proposal.placements]
