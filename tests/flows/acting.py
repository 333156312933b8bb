"""Decisions of a person, and what they change."""

from __future__ import annotations

from datetime import datetime

from archive_schema.decisions import Decision
from archive_schema.outputs import DecisionOutput
from archive_schema.words import DecisionAction
from flows.coverage import coverage_report
from flows.decide import decide, new_id
from flows.ingest import new_run
from tests.flows.house import NOW, House


def act(house: House, action: str, *, at: datetime = NOW, **fields: object) -> list[DecisionOutput]:
    with house.open(at) as o:
        d = Decision(
            id=new_id(at),
            action=DecisionAction(action),
            by="张三",
            at=at,
            reason="试",
            **fields,  # type: ignore[arg-type]
        )
        return decide(o, [d], new_run(at))


def states(house: House) -> dict[tuple[str, str], str]:
    with house.open() as o:
        report = coverage_report(o).coverage
    return {(i.id, c.kind.value): c.state.value for i in report.items for c in i.requirements}
