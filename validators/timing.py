"""Deadlines and lateness. Everything here depends on arrival or on today, is computed when it is read, and never stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.evidence import CheckOutcome, Source
from archive_schema.text import display
from archive_schema.words import EvidenceKind, Outcome
from validators import checks


def effective_deadline(item: str, kind: EvidenceKind, catalogue: Catalogue, cycle: Cycle) -> date | None:
    """限时归档 of a cell: the cycle's rule for it, else the catalogue's for the item, else the cycle's for all, else none."""
    rule: date | None = cycle.rule(item, kind, "deadline")
    own = catalogue.by_id[item].deadline if item in catalogue.by_id else None
    return rule or own or cycle.deadline


def review_interval(item: str, kind: EvidenceKind, catalogue: Catalogue, cycle: Cycle) -> int | None:
    """定期审查 of a cell in days: the cycle's rule for it, else the catalogue's for the item, else the cycle's for all, else none."""
    rule: int | None = cycle.rule(item, kind, "review_days")
    own = catalogue.by_id[item].review_days if item in catalogue.by_id else None
    return rule or own or cycle.reminders.review_days


def arrived(source: Source, zone: tzinfo) -> date:
    """The day a file counts as submitted: by its form, else when we first saw it, in ``zone``."""
    return (source.submitted_at or source.first_seen_at).astimezone(zone).date()


def late(source: Source, deadline: date | None, zone: tzinfo) -> bool:
    """Submitted after the deadline; the deadline's own day is in time."""
    return overdue(deadline, arrived(source, zone))


def overdue(deadline: date | None, today: date) -> bool:
    """The deadline has passed; its own day is still in time."""
    return deadline is not None and today > deadline


def timing_outcomes(
    sources: Sequence[Source],
    unit: str,
    item: str,
    kind: EvidenceKind,
    *,
    catalogue: Catalogue,
    cycle: Cycle,
    zone: tzinfo,
    settings: Settings | None = None,
) -> tuple[CheckOutcome, ...]:
    """LATE, when not one of the unit's sources of one evidence came in time for the cell.

    :param sources: that hold the evidence's bytes; those of other units are passed over.
    """
    deadline = effective_deadline(item, kind, catalogue, cycle)
    mine = [s for s in sources if s.unit == unit]
    if deadline is None or not mine:
        return ()
    first = min(mine, key=lambda s: (arrived(s, zone), s.path))
    if not late(first, deadline, zone):
        return ()
    check = checks.load().under(settings or Settings()).by_code["LATE"]
    text = check.text.format(file=display(first.path, 120), found=arrived(first, zone), wanted=deadline)
    return (CheckOutcome(check.code, Outcome.FAIL, check.severity, text, unit, item, kind.value),)
