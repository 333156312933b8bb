"""What the index holds, gathered once for one report: every piece with its sources, its placements that count, what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

import msgspec

from archive_schema import outputs
from archive_schema.decisions import Decision
from archive_schema.evidence import Candidate, CheckOutcome, Facts, Placement, Source
from archive_schema.records import PlacementRecord
from archive_schema.report import ShownFinding
from archive_schema.text import natural_key
from archive_schema.words import PlacementStatus
from flows import returns, told
from flows.attested import Attested
from flows.in_place import InPlace
from flows.rejections import Rejections
from flows.workspace import Opened
from validators import checks, remedies


def title_of(facts: Facts, source: Source | None) -> str | None:
    """What to call a piece: its title, else what the form or the caption says.

    :param facts: as attested (``flows.attested``).
    """
    fact = facts.get("title")
    if fact is not None and fact.value:
        return str(fact.value)
    if source is not None and source.form is not None and source.form.title:
        return source.form.title
    if source is not None and source.caption is not None and source.caption.value:
        return str(source.caption.value)
    return None


class View:
    """What the index holds, gathered once for one report."""

    def __init__(self, o: Opened, decisions: list[Decision]) -> None:
        index = o.archive.index
        self.o = o
        self.catalogue = checks.load()
        self.evidence = {e.sha256: e for e in index.evidence()}
        self._attested = Attested(o.units, decisions)
        self._sources: dict[str, list[Source]] = defaultdict(list)
        for s in index.sources():
            self._sources[s.sha256].append(s)
        for group in self._sources.values():
            group.sort(key=lambda s: (not s.present, s.unit, natural_key(s.path)))
        self.withdrawn = index.withdrawn()
        self._asked = set(o.catalogue.cells)
        self.proposals = list(index.placement_records())
        self.settled = Rejections(o, decisions).nowhere({r.unit for r in self.proposals})
        self.outcomes: dict[str, list[CheckOutcome]] = defaultdict(list)
        for sha, outcome in index.outcomes():
            self.outcomes[sha].append(outcome)
        self.placements = sorted(
            (p for r in self.proposals for p in r.placements if self._counts(p)),
            key=lambda p: (natural_key(p.item), p.kind, p.unit, p.sha256),
        )

    def _counts(self, p: Placement) -> bool:
        return self._places(p) and not self.is_withdrawn(p.sha256, p.unit)

    def _places(self, p: Placement) -> bool:
        """Does it stand there: a person may have put it where another edition of the catalogue asks for nothing."""
        return p.status is not PlacementStatus.REJECTED and (p.item, p.kind) in self._asked

    def is_withdrawn(self, sha256: str, unit: str) -> bool:
        return bool({(sha256, unit), (sha256, "")} & self.withdrawn)

    @cached_property
    def replaced(self) -> set[tuple[str, str]]:
        """(SHA-256, unit) of what a decision has put a newer version in the place of; unit "" = for every unit."""
        return self.o.archive.index.replaced()

    def is_replaced(self, sha256: str, unit: str) -> bool:
        """By decision."""
        return bool({(sha256, unit), (sha256, "")} & self.replaced)

    def stands(self, sha256: str, unit: str) -> bool:
        """Has no newer version replaced what the unit sent, by decision or where it lay?"""
        return not self.is_replaced(sha256, unit) and not self.corrected(sha256, unit)

    @cached_property
    def _in_place(self) -> InPlace:
        return InPlace(
            self.o,
            self._sources,
            self.withdrawn,
            auxiliary=lambda sha: sha in self.evidence and self.evidence[sha].auxiliary,
        )

    def facts_of(self, sha256: str, unit: str) -> Facts:
        return self._attested.facts(self.evidence[sha256], unit)

    def sources_of(self, sha256: str, unit: str | None = None) -> list[Source]:
        return [s for s in self._sources[sha256] if unit is None or s.unit == unit]

    def corrected(self, sha256: str, unit: str, after: Decision | None = None) -> bool:
        """See ``InPlace.corrected``."""
        return self._in_place.corrected(sha256, unit, after)

    def shown_path(self, source: Source | None) -> str:
        return source.path if source else ""

    def remedy(self, c: CheckOutcome, sha256: str) -> str:
        """What to do about an outcome of these bytes."""
        return remedies.remedy(c, self.outcomes[sha256], self.catalogue)

    def show(self, c: CheckOutcome, sha256: str, unit: str) -> ShownFinding:
        """An outcome as it is said of what the unit sent."""
        return ShownFinding(
            code=c.code,
            severity=c.severity,
            outcome=c.outcome.value,
            text=told.said(c, unit, self.sources_of(sha256)),
            remedy=self.remedy(c, sha256),
            waived=c.waived,
        )

    def findings(self, p: Placement) -> tuple[ShownFinding, ...]:
        """Of the file, and of this placement."""
        return tuple(self.show(c, p.sha256, p.unit) for c in self.outcomes[p.sha256] if c.about(p.unit, p.item, p.kind))

    def file_findings(self, sha256: str, unit: str) -> tuple[ShownFinding, ...]:
        """Of the file as the unit sent it, wherever it is placed or nowhere."""
        return tuple(self.show(c, sha256, unit) for c in self.outcomes[sha256] if c.unit in ("", unit) and not c.item)

    def unplaced(self, *, aside: bool = False) -> list[outputs.CoverageUnplaced]:
        """Evidence as sent by a unit that has no placement, that nobody has said belongs nowhere and in whose place nothing else lies.

        :param aside: instead, what of it a person sent back or replaced: nobody is to place that.
        """
        out = []
        for r in self.proposals:
            e = self.evidence.get(r.sha256)
            gone = self.is_withdrawn(r.sha256, r.unit)
            placed = any(map(self._places, r.placements))
            settled = (r.sha256, r.unit) in self.settled
            if e is None or e.auxiliary or gone or placed or settled:
                continue
            if returns.set_aside(self.outcomes[r.sha256], r.unit) is not aside:
                continue
            if not aside and self.corrected(r.sha256, r.unit):
                continue
            sources = [s for s in self.sources_of(r.sha256, r.unit) if not s.auxiliary]
            if not sources:
                continue
            out.append(
                outputs.CoverageUnplaced(
                    sha256=r.sha256,
                    unit=r.unit,
                    path=self.shown_path(sources[0]),
                    candidates=self._candidates(r),
                )
            )
        return sorted(out, key=lambda u: (u.unit, natural_key(u.path), u.sha256))

    def laid_aside(self, out: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """(SHA-256, unit) of every piece that is in no requirement and waits for nobody → why, a field of ``CoverageSettled``.

        :param out: what has no place and is still out with its unit.
        """
        found = {}
        for r in self.proposals:
            key, e = (r.sha256, r.unit), self.evidence.get(r.sha256)
            if e is None or e.auxiliary or all(s.auxiliary for s in self.sources_of(*key)):
                continue
            if self.is_withdrawn(*key):
                found[key] = "withdrawn"
            elif any(map(self._places, r.placements)):
                continue
            elif key in self.settled:
                found[key] = "rejected"
            elif returns.set_aside(self.outcomes[r.sha256], r.unit):
                if key not in out:
                    found[key] = "superseded" if self.is_replaced(*key) else "answered"
            elif self.corrected(*key):
                found[key] = "superseded"
        return found

    def _candidates(self, r: PlacementRecord) -> list[Candidate]:
        """Those that the machine names, with the kind of the file where the item asks for it."""
        asked = {item for item, kind in self._asked if r.kind and kind is r.kind.name}
        return [msgspec.structs.replace(c, kind=r.kind.name if r.kind and c.item in asked else None) for c in r.candidates]
