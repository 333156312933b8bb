"""The list of doubtful files: what an archivist settles in the morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from archive_schema import outputs
from archive_schema.decisions import in_force
from archive_schema.evidence import CheckOutcome
from archive_schema.outputs import ReviewEntry
from archive_schema.report import CoverageReport, ShownFinding, piece_key
from archive_schema.text import natural_key
from archive_schema.words import CellState, DecisionAction, Outcome, PlacementStatus, Severity
from flows import in_place, returns, within
from flows.coverage import coverage_report
from flows.learned import offered, suggestions
from flows.view import title_of
from flows.workspace import Opened


class Placed(msgspec.Struct, frozen=True):
    """``waits``: it is in review, or what nobody could check of it keeps its cell there. ``offer``: it was placed automatically, and a
    person has moved a sibling of it."""

    item: outputs.CoverageItem
    cell: outputs.CoverageRequirement
    evidence: outputs.CoverageEvidence
    findings: tuple[ShownFinding, ...]
    waits: bool
    offer: bool


class Waiting:
    """What of a report waits for an archivist. What a person sent back or replaced waits for nobody here, nor does what its unit put
    other material in the place of (see ``in_place.looked_at_still``).
    """

    def __init__(self, o: Opened, report: CoverageReport) -> None:
        self.report = report
        self.offers = suggestions(o)
        of = (DecisionAction.RETURN, DecisionAction.SUPERSEDE)
        acts = [d for d in in_force(o.archive.index.decisions()) if d.action in of]
        shas = {d.sha256 for d in acts}
        shas |= within.below(within.contents(o, acts), shas)
        self._outcomes: dict[str, list[CheckOutcome]] = defaultdict(list)
        for sha, c in o.archive.index.outcomes(sorted(shas)):
            self._outcomes[sha].append(c)

    def settled(self, sha256: str, unit: str) -> bool:
        """A person sent it back, or replaced it."""
        return returns.set_aside(self._outcomes.get(sha256, ()), unit)

    def placed(self) -> Iterator[Placed]:
        """Every placement of the report."""
        for item in self.report.coverage.items:
            for cell in item.requirements:
                told = [self._placed(item, cell, e) for e in cell.evidence]
                standing = [
                    p for p in told if not self._replaced(p.evidence) and not self.settled(p.evidence.sha256, p.evidence.unit)
                ]
                held = [(p.evidence.unit, p.waits) for p in standing]
                for p in told:
                    if self.settled(p.evidence.sha256, p.evidence.unit):
                        p = msgspec.structs.replace(p, waits=False, offer=False)
                    elif self._replaced(p.evidence):
                        alone = cell.state is CellState.IN_REVIEW and in_place.looked_at_still(p.evidence.unit, held)
                        p = msgspec.structs.replace(p, waits=p.waits and alone, offer=False)
                    yield p

    def _placed(self, item: outputs.CoverageItem, cell: outputs.CoverageRequirement, e: outputs.CoverageEvidence) -> Placed:
        found = self.report.findings.get(piece_key(e.sha256, e.unit, item.id, cell.kind), ())
        unchecked = cell.state is CellState.IN_REVIEW and any(_holds_up(f) for f in found)
        waits = e.status is PlacementStatus.IN_REVIEW or unchecked
        offer = e.status is PlacementStatus.AUTO and (e.sha256, e.unit) in self.offers
        return Placed(item, cell, e, found, waits, offer)

    def _replaced(self, e: outputs.CoverageEvidence) -> bool:
        return piece_key(e.sha256, e.unit) in self.report.replaced

    def pieces(self) -> set[tuple[str, str]]:
        """(SHA-256, unit) of what is placed and waits."""
        return {(p.evidence.sha256, p.evidence.unit) for p in self.placed() if p.waits}

    def offered(self) -> set[tuple[str, str]]:
        """(SHA-256, unit) of what is settled, and to be looked at again because of a sibling."""
        return {(p.evidence.sha256, p.evidence.unit) for p in self.placed() if p.offer} - self.pieces()


def review_list(o: Opened, *, unit: str | None = None) -> list[ReviewEntry]:
    """Files that wait for an archivist; first those that would fill a missing cell. A move that a person made on a sibling is
    offered as the first candidate; for that, files placed automatically are listed as well.

    :raises UsageError: no such unit.
    """
    report = coverage_report(o, unit=unit)
    waiting = Waiting(o, report)
    proposals = list(o.archive.index.proposals())
    candidates = {(r.sha256, r.unit): list(r.candidates) for r in proposals}
    scored = {(p.sha256, p.unit, p.item, p.kind): p for r in proposals for p in r.placements}
    doubtful: list[tuple[tuple[object, ...], ReviewEntry]] = []
    for placed in waiting.placed():
        item, cell, e = placed.item, placed.cell, placed.evidence
        if not placed.waits and not placed.offer:
            continue
        p = scored[e.sha256, e.unit, item.id, cell.kind]
        worth = 0 if cell.usable < cell.needed else 1
        entry = ReviewEntry(
            number=0,
            sha256=e.sha256,
            unit=e.unit,
            path=e.path,
            title=e.title,
            kind=cell.kind,
            item=item.id,
            status=e.status.value,
            score=p.score,
            reasons=list(p.reasons),
            candidates=candidates.get((e.sha256, e.unit), []),
            findings=_told(placed.findings),
        )
        doubtful.append(((worth, natural_key(item.id), e.unit, natural_key(e.path)), entry))
    missing = {i.id for i in report.coverage.items if any(c.state is not CellState.USABLE for c in i.requirements)}
    titles = {e.sha256: title_of(e.facts, None) for e in o.archive.index.evidence({u.sha256 for u in report.coverage.unplaced})}
    for u in report.coverage.unplaced:
        worth = 2 if any(c.item in missing for c in u.candidates) else 3
        found = report.findings.get(piece_key(u.sha256, u.unit), ())
        entry = ReviewEntry(
            number=0,
            sha256=u.sha256,
            unit=u.unit,
            path=u.path,
            title=None if any(f.code == "SECRET" for f in found) else titles.get(u.sha256),
            kind=report.kinds.get(piece_key(u.sha256, u.unit)),
            item=None,
            status="unplaced",
            score=None,
            reasons=[],
            candidates=u.candidates,
            findings=_told(found),
        )
        doubtful.append(((worth, natural_key(""), u.unit, natural_key(u.path)), entry))
    doubtful.sort(key=lambda d: (*d[0], d[1].sha256))
    return [
        msgspec.structs.replace(offered(e, waiting.offers.get((e.sha256, e.unit))), number=n)
        for n, (_, e) in enumerate(doubtful, 1)
    ]


def _holds_up(f: ShownFinding) -> bool:
    """未检, and not usable before a reader or a person settles it."""
    return f.outcome == Outcome.UNCHECKED.value and f.severity is Severity.BLOCKING and not f.waived


def _told(found: tuple[ShownFinding, ...]) -> list[str]:
    """With the codes by which they are waived; what was waived is settled."""
    return [f"{f.code} {f.text}" for f in found if (f.outcome == Outcome.FAIL.value and not f.waived) or _holds_up(f)]
