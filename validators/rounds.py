"""What an audit looks at tonight, and what its findings mean against those of the audit before. Pure; nothing is stored here.

轮查: objects fall into groups by the first two digits of their digest, which are as good as random, so groups are of one size.
Each night those groups are compared byte by byte whose last comparison is longest ago.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from archive_schema.audit import AuditReport, Difference, Verified
from archive_schema.outputs import AuditProblem
from validators.audit import Step, kinds

#: the time until the next nightly audit
_NIGHT = timedelta(days=1)


def due(
    groups: Sequence[str], verified: Mapping[str, datetime], *, began: datetime, now: datetime, days: int
) -> tuple[str, ...]:
    """Groups to compare now, so that with an audit every night none is older than ``days`` at any time.

    An even share, oldest first; and after nights without an audit whatever would otherwise become too old.

    :param verified: when a group was last compared.
    :param began: when the archive began; what it has stored since was compared when it was stored.
    :param days: at least 1.
    """
    began = min(began, now)
    # what was compared in the future was compared before the clock was set back, nobody knows when: it comes round at once
    last = {g: max(w, began) if (w := verified.get(g, began)) <= now else began for g in groups}
    oldest = sorted(groups, key=lambda g: (last[g], g))
    share = oldest[: math.ceil(len(groups) / days)]
    late = [g for g in groups if now + _NIGHT - last[g] > timedelta(days=days)]
    return tuple(sorted({*share, *late}))


def when_verified(report: AuditReport | None) -> dict[str, datetime]:
    """Group → when its bytes were last compared, as far as an audit remembers."""
    return {g: v.at for v in (report.verified if report else ()) for g in v.groups}


def remembered(verified: Mapping[str, datetime]) -> tuple[Verified, ...]:
    """``when_verified`` in the form in which a report keeps it, oldest first."""
    at: dict[datetime, list[str]] = defaultdict(list)
    for group, when in verified.items():
        at[when].append(group)
    return tuple(Verified(when, tuple(sorted(at[when]))) for when in sorted(at))


class Looked(msgspec.Struct, frozen=True):
    """What an audit looked at. ``groups`` and ``keys``: of what bytes were compared and files opened; ``groups`` None = of all."""

    steps: frozenset[Step]
    groups: frozenset[str] | None = None
    keys: frozenset[str] = frozenset()

    def at(self, p: AuditProblem) -> bool:
        """Would it have found this problem, were it there?"""
        kind = kinds().get(p.code)
        by = kind.by if kind else Step.FAST
        if by not in self.steps:
            return False
        if by not in _OF_BYTES or self.groups is None:
            return True
        return group_of(p.key) in self.groups or p.key in self.keys


_OF_BYTES = (Step.BYTES, Step.OPENING, Step.FACTS, Step.VIRUS)


def group_of(key: str) -> str:
    return key.rpartition("/")[2][:2]


def standing(report: AuditReport | None) -> list[AuditProblem]:
    """Every problem that an audit found or knew of without looking at it again."""
    if report is None:
        return []
    found = report.output.integrity.problems if report.output.integrity else []
    return [*found, *(report.difference.unseen if report.difference else ())]


def suspects(report: AuditReport | None) -> frozenset[str]:
    """Objects in which reading the bytes found something before: looked at again in every audit that reads bytes at all, so
    that a problem does not disappear from the report because tonight's share is another one."""
    return frozenset(p.key for p in standing(report) if (k := kinds().get(p.code)) and k.by in _OF_BYTES)


def difference(
    before: AuditReport | None, found: Iterable[AuditProblem], looked: Looked, *, complete: bool = True
) -> Difference | None:
    """What is new, what is gone, and what was not looked at again; None without an audit before.

    :param complete: completeness was looked at now.
    """
    if before is None:
        return None
    was, now = standing(before), list(found)
    known = {_same(p) for p in was}
    still = {_same(p) for p in now}
    absent = [p for p in was if _same(p) not in still]
    return Difference(
        since=before.at,
        depth=before.output.depth,
        new=tuple(p for p in now if _same(p) not in known),
        gone=tuple(p for p in absent if looked.at(p)),
        unseen=tuple(p for p in absent if not looked.at(p)),
        cells=before.output.completeness.totals if complete and before.output.completeness else None,
    )


def _same(p: AuditProblem) -> tuple[str, str]:
    """Two audits found the same problem; what it looks like in detail may have changed."""
    return p.code, p.key
