"""What would count if the inspection were on another day: the same judgement of the same facts, under that day's windows.

What is stored says how material stands in the windows of ``cycle.toml``. Here only what rests on the window is judged again, by
the very rules that judged it (``judge``), and put in the place of what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.decisions import Decision, speaks_at
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.words import DecisionAction, EvidenceKind, PlacementStatus
from validators.assess import CellKey, PlacedEvidence
from validators.checks import CheckCatalogue
from validators.dating import Dated, form_date, own_date
from validators.judge import judge, with_attested
from validators.rules import WINDOWED
from validators.seen import Seen

#: acts by which a person has looked at a piece
LOOKS = frozenset(
    {
        DecisionAction.ACCEPT,
        DecisionAction.MOVE,
        DecisionAction.REJECT,
        DecisionAction.RETURN,
        DecisionAction.ATTEST,
        DecisionAction.WAIVE,
        DecisionAction.SUPERSEDE,
    }
)


class Standing(msgspec.Struct, frozen=True):
    """One evidence with everything that decides whether it counts.

    outcomes   as stored, of every origin
    decisions  in force, about it, each naming the unit as the sources do
    withdrawn  units for which it is withdrawn; "" = all
    """

    evidence: Evidence
    sources: Sequence[Source]
    placements: Sequence[Placement]
    outcomes: Sequence[CheckOutcome] = ()
    decisions: Sequence[Decision] = ()
    superseded_by: str | None = None
    withdrawn: frozenset[str] = frozenset()

    def counts(self, p: Placement) -> bool:
        return p.status is not PlacementStatus.REJECTED and not self.withdrawn & {"", p.unit}


def placed(s: Standing, outcomes: Iterable[CheckOutcome] | None = None) -> Iterator[PlacedEvidence]:
    """Its placements as ``assess_slowly`` takes them.

    :param outcomes: in place of the stored ones.
    """
    held = tuple(s.outcomes if outcomes is None else outcomes)
    for p in s.placements:
        if s.counts(p):
            yield PlacedEvidence(
                item=p.item,
                kind=p.kind,
                sha256=p.sha256,
                status=p.status,
                outcomes=tuple(o for o in held if o.about(p.unit, p.item, p.kind)),
                superseded=s.superseded_by is not None,
                unit=p.unit,
            )


def outcomes_on(s: Standing, *, catalogue: Catalogue, cycle: Cycle, rules: CheckCatalogue) -> tuple[CheckOutcome, ...]:
    """The stored outcomes, those that rest on the window judged again.

    :param cycle: as it is on the day in question (``Cycle.on``). :param rules: the check catalogue under the city's settings.
    """
    if not any(s.counts(p) for p in s.placements):
        return tuple(s.outcomes)
    others = tuple(o for o in s.outcomes if o.code not in WINDOWED)
    again = judge(
        s.evidence,
        s.sources,
        s.placements,
        catalogue=catalogue,
        cycle=cycle,
        settings=Settings(),
        check_catalogue=rules,
        decisions=s.decisions,
        superseded_by=s.superseded_by,
        only=WINDOWED,
        beside=others,
    )
    return (*others, *again.outcomes)


def usable_on(
    standings: Iterable[Standing], *, catalogue: Catalogue, cycle: Cycle, rules: CheckCatalogue
) -> set[tuple[str, EvidenceKind, str]]:
    """(item, kind, SHA-256) of every piece that counts under ``cycle``, as it is on the day in question."""
    return {
        (p.item, p.kind, p.sha256)
        for s in standings
        for p in placed(s, outcomes_on(s, catalogue=catalogue, cycle=cycle, rules=rules))
        if p.counts
    }


def speaks_for(s: Standing, p: Placement, catalogue: Catalogue) -> Dated | None:
    """The period that a piece speaks for where it is placed, as WINDOW reads it; None = the date is unknown."""
    seen = Seen(
        evidence=s.evidence,
        facts=with_attested(s.evidence.facts, s.decisions, p.unit),
        sources=[x for x in s.sources if x.unit == p.unit],
        placements=[p],
        counting=[p],
        catalogue=catalogue,
        garbled=1.0,
        placement=p,
    )
    return own_date(seen, p.kind) or form_date(seen)


def looked(decisions: Iterable[Decision], key: CellKey, days: dict[str, date]) -> date | None:
    """The last day on which a person decided something about a piece that bears on this cell.

    :param days: decision id → day of the act in the configured zone.
    """
    return max(
        (days[d.id] for d in decisions if d.action in LOOKS and speaks_at(d, *key)),
        default=None,
    )
