"""Can every decision be traced, forwards and back: pure checks over the records of the series, for the audit's complete depth.

What a person decided rests on a decision record (who, when, why), and that record stands in the series not after what follows
from it. Memory grows with the number of decisions, not of files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from archive_schema.decisions import Decision
from archive_schema.outputs import AuditProblem
from archive_schema.records import DecisionRecord, PlacementRecord, Record, SupersedeRecord, WithdrawalRecord
from archive_schema.words import DecisionAction
from validators.audit import problem


class Tracer:
    """Give it the segments in order; ``problems`` collects what cannot be traced."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self.problems: list[AuditProblem] = []

    def add(self, segment: str, records: Sequence[Record]) -> None:
        """:param segment: key of the segment, to name it."""
        for r in records:
            if isinstance(r, DecisionRecord):
                self._decision(segment, r.decision)
                self._known.add(r.decision.id)
        for r in records:
            for what, decision in _rests_on(r):
                if decision not in self._known:
                    self.problems.append(problem("decision.untraceable", segment, decision or "审核意见", what))

    def _decision(self, segment: str, d: Decision) -> None:
        lacking = [zh for zh, value in (("署名", d.by), ("理由", d.reason)) if not value.strip()]
        if lacking:
            self.problems.append(problem("decision.unsigned", segment, "、".join(lacking), f"{d.action.zh} {d.id}"))
        if d.action is DecisionAction.UNDO and d.decision not in self._known:
            self.problems.append(problem("decision.untraceable", segment, d.decision, f"{d.action.zh} {d.id}"))


def _rests_on(r: Record) -> Iterator[tuple[str, str]]:
    """(what, id of the decision that it names as its reason)."""
    if isinstance(r, PlacementRecord):
        for p in r.placements:
            if p.decision is not None:
                yield f"{r.sha256} 归类 {p.item} {p.kind.value}", p.decision
    elif isinstance(r, SupersedeRecord):
        if r.by_sha256 is not None:
            yield f"{r.sha256} 以新替旧", r.decision
    elif isinstance(r, WithdrawalRecord) and r.in_force:
        yield f"{r.sha256} {'销毁' if r.destroyed else '撤回'}", r.decision


def targets(decisions: Iterable[Decision]) -> set[str]:
    """SHA-256 of every evidence that a decision is about."""
    return {sha for d in decisions for sha in (d.sha256, d.by_sha256) if sha}


def without_evidence(decisions: Iterable[Decision], held: Collection[str]) -> list[AuditProblem]:
    """Decisions about evidence that the series does not hold.

    :param held: those of ``targets`` that it holds.
    """
    return [
        problem("decision.no-evidence", sha, f"{d.action.zh} {d.id}", None)
        for d in decisions
        for sha in (d.sha256, d.by_sha256)
        if sha and sha not in held
    ]
