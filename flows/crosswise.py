"""Materials against each other: findings of origin ``crosswise``, made anew from all that is held, replacing the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from archive_schema.decisions import Decision, addressed, in_force
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.records import FindingRecord, PlacementRecord, Record, SupersedeRecord, WithdrawalRecord
from archive_schema.words import DecisionAction
from flows.earlier import earlier_pieces
from flows.gone import gone
from flows.workspace import Opened
from validators import checks, crosswise, judge

#: origin of the findings made here
CROSSWISE = "crosswise"
#: origins of all findings that are made at the end of a run, over everything that is held
AFTERWARDS = ("validation", CROSSWISE, "tables")


def crosswise_records(
    o: Opened,
    run: str,
    evidence: Sequence[Evidence],
    placements: Mapping[str, Sequence[Placement]],
    sources: Mapping[str, Sequence[Source]],
) -> list[Record]:
    """What differs from the findings held; an evidence with nothing any more gets an empty record.

    What no longer counts is compared with nothing.
    """
    index = o.archive.index
    out = gone(o)
    placed = {sha: [p for p in of if not {(sha, p.unit), (sha, "")} & out] for sha, of in placements.items()}
    given = [e for e in evidence if not e.auxiliary]
    found = crosswise.compare(
        [*crosswise.pieces(given, placed, sources), *earlier_pieces(o)],
        crosswise.delivered(given, sources),
        catalogue=o.catalogue,
        settings=o.settings,
        numbers=crosswise.numbered(given, sources, out),
    )
    held = {f.sha256: f for f in index.findings() if f.origin == CROSSWISE}
    of_sha: dict[str, list[Decision]] = defaultdict(list)
    for d in in_force(index.decisions()):
        of_sha[d.sha256].append(d)
    records: list[Record] = []
    for sha in sorted({*found, *held}):
        new = _record(o, run, sha, with_waivers(o, found.get(sha, ()), of_sha[sha], placed.get(sha, ())))
        if sha not in held or held[sha].outcomes != new.outcomes:
            records.append(new)
    return records


def to_compare(o: Opened, acts: Iterable[Decision], records: Iterable[Record]) -> bool:
    """Must what people did be followed by ``compared_again`` at once? So it is where another's finding may name what they touched.

    What stands beside nothing else is compared with the next ingest; whatever an undo brings back is, at once.

    :param records: what follows from ``acts``.
    """
    if any(d.destroy or d.action is DecisionAction.UNDO for d in acts):
        return True
    counted = (PlacementRecord, SupersedeRecord, WithdrawalRecord)
    shas = {
        r.sha256 for r in records if isinstance(r, counted) or (isinstance(r, FindingRecord) and r.origin not in AFTERWARDS)
    }
    return any(f.origin == CROSSWISE and f.outcomes for f in o.archive.index.findings(shas))


def compared_again(o: Opened, run: str) -> list[Record]:
    """``crosswise_records`` of what is held now, outside of a validation: findings that name what counts no more go at once."""
    index = o.archive.index
    placements: dict[str, list[Placement]] = defaultdict(list)
    for p in index.placements():
        placements[p.sha256].append(p)
    sources: dict[str, list[Source]] = defaultdict(list)
    for s in index.sources():
        sources[s.sha256].append(s)
    destroyed = index.destroyed()
    return crosswise_records(o, run, [e for e in index.evidence() if e.sha256 not in destroyed], placements, sources)


def with_waivers(
    o: Opened, outcomes: Iterable[CheckOutcome], decisions: Sequence[Decision], placements: Sequence[Placement]
) -> tuple[CheckOutcome, ...]:
    """The outcomes with those marked that a person waived, and no others."""
    plain = [msgspec.structs.replace(x, waived=False) for x in outcomes]
    acts = addressed(decisions, {p.unit for p in placements} | {x.unit for x in plain}, o.units)
    return tuple(judge.waive(plain, checks.load().under(o.settings), acts, placements))


def waived_again(
    o: Opened,
    run: str,
    shas: Sequence[str],
    decisions: Mapping[str, Sequence[Decision]],
    placements: Mapping[str, Sequence[Placement]],
) -> list[Record]:
    """Findings made once a run, not by judging the file, marked by what was decided since."""
    records: list[Record] = []
    for held in o.archive.index.findings(shas):
        if held.origin in AFTERWARDS:
            sha = held.sha256
            outcomes = with_waivers(o, held.outcomes, decisions.get(sha, ()), placements.get(sha, ()))
            if outcomes != held.outcomes:
                records.append(msgspec.structs.replace(held, outcomes=outcomes, run=run))
    return records


def _record(o: Opened, run: str, sha: str, outcomes: tuple[CheckOutcome, ...]) -> FindingRecord:
    return FindingRecord(
        sha256=sha, origin=CROSSWISE, rules=checks.RULES, settings=o.config.basis, outcomes=outcomes, passed=(), run=run
    )
