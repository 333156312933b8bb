"""The records that follow from new facts, sources, proposals and decisions.

The one place where placements meet decisions and are judged: ingest, upkeep and the review desk all come through here,
so that the same things are held whatever the order in which they arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from archive_schema.decisions import Decision, addressed, in_force
from archive_schema.evidence import Evidence, Placement, Proposal, Source
from archive_schema.records import (
    DecisionRecord,
    EvidenceRecord,
    FindingRecord,
    PlacementRecord,
    Record,
    SourceRecord,
    SupersedeRecord,
    WithdrawalRecord,
)
from archive_schema.words import DecisionAction
from classification import decided
from flows import accepts, within
from flows.coverage import answering_now
from flows.crosswise import waived_again
from flows.rejections import Rejections
from flows.workspace import Opened
from validators import checks, judge

#: origin of the findings made here; the others are Great Expectations' ``validation``, and ``crosswise``
JUDGE = "judge"


def proposal_of(record: PlacementRecord) -> Proposal:
    """The machine's proposal inside a placement record."""
    return Proposal(
        sha256=record.sha256,
        unit=record.unit,
        kind=record.kind,
        placements=record.machine,
        candidates=record.candidates,
        classifier=record.classifier,
    )


def consequences(
    o: Opened,
    run: str,
    *,
    evidence: Mapping[str, Evidence] | None = None,
    sources: Sequence[Source] = (),
    proposals: Sequence[Proposal] = (),
    decisions: Sequence[Decision] = (),
    judge_again: Iterable[str] = (),
) -> list[Record]:
    """Everything to append, in the order in which a reader of the series wants it. Call it while the lease is held.

    Nothing is returned for what is held already: an act or a file that changes nothing appends nothing. What was destroyed
    before is neither placed nor judged again: nothing is known of it any more.
    """
    index = o.archive.index
    new_evidence = dict(evidence or {})
    held_decisions = index.decisions()
    by_id = {d.id: d for d in held_decisions}
    valid = in_force([*held_decisions, *decisions])
    touched = set(new_evidence) | {s.sha256 for s in sources} | {p.sha256 for p in proposals} | set(judge_again)
    meant: list[Decision] = []
    for d in decisions:
        target = by_id.get(d.decision, d) if d.action is DecisionAction.UNDO else d
        while target.action is DecisionAction.UNDO and target.decision in by_id:
            target = by_id[target.decision]
        touched |= {s for s in (target.sha256, target.by_sha256) if s}
        meant.append(target)
    touched |= within.below(within.contents(o, meant), {d.sha256 for d in meant if within.reaches(d)})
    if moved := {d.item for d in meant if d.action is DecisionAction.REASSIGN}:  # others answer for these now
        touched |= index.placed_under(moved)

    records: list[Record] = [DecisionRecord(decision=d, run=run) for d in decisions]
    records += [EvidenceRecord(evidence=e, run=run) for e in new_evidence.values()]
    records += [SourceRecord(source=s, run=run) for s in sources]

    shas = sorted(touched)
    destroyed = index.destroyed()
    held_evidence = {e.sha256: e for e in index.evidence(shas)} | new_evidence
    merged = {(s.folder, s.path, s.sha256): s for s in index.sources(shas)} | {(s.folder, s.path, s.sha256): s for s in sources}
    sources_of: dict[str, list[Source]] = defaultdict(list)
    for s in merged.values():
        sources_of[s.sha256].append(s)
    held_placements = {(r.sha256, r.unit): r for r in index.placement_records(shas)}
    proposed = {k: proposal_of(r) for k, r in held_placements.items()} | {(p.sha256, p.unit): p for p in proposals}
    about: dict[str, list[Decision]] = defaultdict(list)
    for d in accepts.spelled_out((d for d in valid if d.sha256), o.confirmed_then):
        about[d.sha256].append(d)
    senders = {sha: {s.unit for s in sources_of[sha]} for sha in shas}
    from_above = within.inherited(o, {sha: sources_of[sha] for sha in shas}, valid)
    order = {d.id: n for n, d in enumerate(valid)}
    means = Rejections(o, (d for d in valid if d.sha256 in touched), merged.values()).speaks_of
    of_sha = {sha: addressed(about[sha], senders[sha], o.units) for sha in shas}
    for sha, acts in from_above.items():
        of_sha[sha] = sorted([*of_sha[sha], *(d for of in acts.values() for d in of)], key=lambda d: order[d.id])

    placed: dict[str, list[Placement]] = defaultdict(list)
    for (sha, unit), proposal in sorted(proposed.items()):
        if sha in destroyed:
            continue
        if not any(s.unit == unit and not s.auxiliary for s in sources_of[sha]):
            proposal = Proposal(sha, unit, None, (), (), proposal.classifier)  # the units table says otherwise now
        effective = decided.apply(proposal, of_sha[sha], means) if unit in senders[sha] else ()
        placed[sha] += effective
        record = PlacementRecord(
            sha256=sha,
            unit=unit,
            placements=effective,
            candidates=proposal.candidates,
            kind=proposal.kind,
            classifier=proposal.classifier,
            run=run,
            machine=proposal.placements,
        )
        if not _same(record, held_placements.get((sha, unit))):
            records.append(record)

    superseded = {sha: _superseded(of_sha[sha], senders[sha]) for sha in shas}
    held_superseded = index.superseded()
    for sha in shas:
        by, decision = superseded[sha]
        if by != held_superseded.get(sha):
            records.append(SupersedeRecord(sha256=sha, by_sha256=by, decision=decision, run=run))
    records += _withdrawals(o, run, of_sha, shas)

    rules, basis, answering = checks.RULES, o.config.basis, answering_now(o, valid)
    judged = {f.sha256: f for f in index.findings(shas) if f.origin == JUDGE}
    for sha in shas:
        e = held_evidence.get(sha)
        if e is None or sha in destroyed:
            continue
        if e.auxiliary or all(s.auxiliary for s in sources_of[sha]):
            if sha not in judged:
                continue
            judgement = judge.Judgement((), ())  # it has become one that asks for nothing
        else:
            judgement = judge.judge(
                e,
                sorted(sources_of[sha], key=lambda s: (s.folder, s.path)),
                placed[sha],
                catalogue=o.catalogue,
                cycle=o.cycle,
                settings=o.settings,
                decisions=of_sha[sha],
                superseded_by=superseded[sha][0],
                answering=answering,
            )
        finding = FindingRecord(
            sha256=sha,
            origin=JUDGE,
            rules=rules,
            settings=basis,
            outcomes=judgement.outcomes,
            passed=judgement.passed,
            run=run,
        )
        last = judged.get(sha)
        if last is None or msgspec.structs.replace(last, run=run) != finding:
            records.append(finding)
    return records + waived_again(o, run, [sha for sha in shas if sha not in destroyed], of_sha, placed)


def _same(new: PlacementRecord, held: PlacementRecord | None) -> bool:
    return held is not None and (
        (new.placements, new.machine, new.candidates, new.kind, new.classifier)
        == (held.placements, held.machine, held.candidates, held.kind, held.classifier)
    )


def _superseded(acts: Sequence[Decision], senders: Collection[str]) -> tuple[str | None, str]:
    """(by, decision id) of the last supersede decision in force; none unless what every unit sent is superseded, by one version.

    Where that holds of some units only, or each has its own, their placements get the finding (``judge``), and no record is made.
    """
    found = [d for d in acts if d.action is DecisionAction.SUPERSEDE and (not d.unit or d.unit in senders)]
    last = [next((d for d in reversed(found) if d.unit in ("", unit)), None) for unit in senders]
    if not found or None in last or len({d.by_sha256 for d in last if d is not None}) > 1:
        return None, ""
    return found[-1].by_sha256, found[-1].id


def _withdrawals(o: Opened, run: str, of_sha: Mapping[str, list[Decision]], shas: Iterable[str]) -> list[Record]:
    """What is withdrawn now where it differs from what is held. What was destroyed counts for no unit, and for good."""
    held = {(w.sha256, w.unit): w.destroyed for w in o.archive.index.withdrawals()}
    records: list[Record] = []
    for sha in shas:
        acts = [d for d in of_sha.get(sha, ()) if d.action is DecisionAction.WITHDRAW]
        wanted = {d.unit: d for d in acts}
        wanted.update(("", d) for d in acts if d.destroy)
        was = {unit: destroyed for (s, unit), destroyed in held.items() if s == sha}
        for unit, d in sorted(wanted.items()):
            destroyed = d.destroy and unit == ""
            if unit not in was or (destroyed and not was[unit]):
                records.append(
                    WithdrawalRecord(
                        sha256=sha, unit=unit, in_force=True, destroyed=destroyed, basis=d.basis, decision=d.id, run=run
                    )
                )
        for unit in sorted(unit for unit in set(was) - set(wanted) if not was[unit]):
            records.append(
                WithdrawalRecord(sha256=sha, unit=unit, in_force=False, destroyed=False, basis="", decision="", run=run)
            )
    return records
