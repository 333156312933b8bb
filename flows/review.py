"""The list of doubtful files: what an archivist settles in the morning."""

from __future__ import annotations

from archive_schema.outputs import ReviewEntry
from archive_schema.report import piece_key
from archive_schema.text import natural_key
from archive_schema.words import CellState, PlacementStatus
from flows.coverage import coverage_report
from flows.learned import offered, suggestions
from flows.workspace import Opened


def review_list(o: Opened, *, unit: str | None = None) -> list[ReviewEntry]:
    """Files in review and unplaced ones; first those that would fill a missing cell. A move that a person made on a sibling is
    offered as the first candidate; for that, files placed automatically are listed as well.

    :raises UsageError: no such unit.
    """
    report = coverage_report(o, unit=unit)
    offers = suggestions(o)
    shas_kind = {r.sha256: r.kind.name for r in o.archive.index.proposals() if r.kind}
    candidates = {(r.sha256, r.unit): list(r.candidates) for r in o.archive.index.proposals()}
    scored = {(p.sha256, p.unit, p.item, p.kind): p for r in o.archive.index.proposals() for p in r.placements}
    doubtful: list[tuple[tuple[object, ...], ReviewEntry]] = []
    for item in report.coverage.items:
        for cell in item.requirements:
            for e in cell.evidence:
                offer = e.status is PlacementStatus.AUTO and (e.sha256, e.unit) in offers
                if e.status is not PlacementStatus.IN_REVIEW and not offer:
                    continue
                p = scored[e.sha256, e.unit, item.id, cell.kind]
                found = report.findings.get(piece_key(e.sha256, e.unit, item.id, cell.kind), ())
                worth = 0 if cell.usable < cell.needed else 1
                entry = ReviewEntry(
                    number=0,
                    sha256=e.sha256,
                    unit=e.unit,
                    path=e.path,
                    title=e.title,
                    kind=cell.kind,
                    item=item.id,
                    status="auto" if offer else "in_review",
                    score=p.score,
                    reasons=list(p.reasons),
                    candidates=candidates.get((e.sha256, e.unit), []),
                    findings=[f.text for f in found if f.outcome == "fail"],
                )
                doubtful.append(((worth, natural_key(item.id), e.unit, natural_key(e.path)), entry))
    missing = {i.id for i in report.coverage.items if any(c.state is not CellState.USABLE for c in i.requirements)}
    for u in report.coverage.unplaced:
        worth = 2 if any(c.item in missing for c in u.candidates) else 3
        entry = ReviewEntry(
            number=0,
            sha256=u.sha256,
            unit=u.unit,
            path=u.path,
            title=None,
            kind=shas_kind.get(u.sha256),
            item=None,
            status="unplaced",
            score=None,
            reasons=[],
            candidates=u.candidates,
            findings=[f.text for f in report.findings.get(piece_key(u.sha256, u.unit), ()) if f.outcome == "fail"],
        )
        doubtful.append(((worth, natural_key(""), u.unit, natural_key(u.path)), entry))
    doubtful.sort(key=lambda d: (*d[0], d[1].sha256))
    return [_numbered(offered(e, offers.get((e.sha256, e.unit))), n) for n, (_, e) in enumerate(doubtful, 1)]


def _numbered(e: ReviewEntry, n: int) -> ReviewEntry:
    import msgspec

    return msgspec.structs.replace(e, number=n)
