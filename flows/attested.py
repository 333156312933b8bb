"""What is known of a piece: what was read of it, with what named persons attested put over. Whatever shows facts asks here, so that no
list contradicts what the archive counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from archive_schema.decisions import Decision, addressed
from archive_schema.evidence import Evidence, Facts
from archive_schema.units import UnitTable
from archive_schema.words import DecisionAction
from validators.judge import with_attested


class Attested:
    """:param decisions: in force, about whatever."""

    def __init__(self, units: UnitTable, decisions: Iterable[Decision]) -> None:
        self._units = units
        self._acts: dict[str, list[Decision]] = defaultdict(list)
        for d in decisions:
            if d.action is DecisionAction.ATTEST:
                self._acts[d.sha256].append(d)

    def facts(self, e: Evidence, unit: str) -> Facts:
        """Of the evidence as ``unit`` sent it."""
        return with_attested(e.facts, addressed(self._acts.get(e.sha256, ()), [unit], self._units), unit)
