"""What a rejection speaks of that names no item: what had been sent when it was made, in the order of the series.

A unit that had sent nothing then is not meant, and neither is what a later delivery of the same unit says by a number or a 提交表 of its
own: both go to a person again. The record says nothing of this; it is read so, in archives of earlier versions too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec

from archive_schema.decisions import Decision, addressed
from archive_schema.evidence import Placement, Source
from archive_schema.words import DecisionAction
from flows.workspace import Opened


def bare(d: Decision) -> bool:
    """A rejection that says: belongs nowhere."""
    return d.action is DecisionAction.REJECT and not d.item


class Rejections:
    """:param decisions: in force. :param fresh: sources that are about to be recorded, after all of these."""

    def __init__(self, o: Opened, decisions: Iterable[Decision], fresh: Iterable[Source] = ()) -> None:
        self._o = o
        index = o.archive.index
        self._made = [d for d in decisions if bare(d)]
        about = {d.id: d.sha256 for d in self._made}
        since = index.since(about)
        shas = set(about.values())
        held = {(s.folder, s.path, s.sha256): s for s in (index.sources(sorted(shas)) if shas else ())}
        new = {(s.folder, s.path, s.sha256): s for s in fresh if s.sha256 in shas}
        of_sha: dict[str, list[Source]] = defaultdict(list)
        for s in (held | new).values():
            of_sha[s.sha256].append(s)
        self._then: dict[str, list[Source]] = {}
        self._since: dict[str, list[Source]] = {}
        for d in self._made:
            then, after = self._then.setdefault(d.id, []), self._since.setdefault(d.id, [])
            for s in of_sha[d.sha256]:
                later = (s.folder, s.path, s.sha256) not in held or (d.id, s.folder, s.path) in since
                (after if later else then).append(s)

    def nowhere(self, units: Collection[str]) -> set[tuple[str, str]]:
        """(SHA-256, unit) of what a person said belongs nowhere. :param units: under whose names anything is held."""
        one_each = [
            msgspec.structs.replace(d, unit=unit) for d in self._made for unit in ([d.unit] if d.unit else self._units(d))
        ]
        return {(d.sha256, d.unit) for d in addressed(one_each, units, self._o.units)}

    def speaks_of(self, d: Decision, p: Placement) -> bool:
        """Is this placement one that the rejection means?"""
        unit = self._o.units.named(p.unit)
        if not d.unit and unit not in {self._o.units.named(u) for u in self._units(d)}:
            return False
        return p.item not in self._named(self._since[d.id], unit) - self._named(self._then[d.id], unit)

    def overtaken(self, d: Decision) -> bool:
        """Did more of the same come since, from whom it speaks of: then to say it again says more."""
        meant = self._o.units.named(d.unit)
        return any(not meant or self._o.units.named(s.unit) == meant for s in self._since.get(d.id, ()))

    def _units(self, d: Decision) -> list[str]:
        return sorted({s.unit for s in self._then[d.id]})

    def _named(self, sources: Iterable[Source], unit: str) -> set[str]:
        """Items that a unit's deliveries name themselves."""
        from classification.named import named  # with what tells kinds apart; few archives hold such a rejection

        mine = [s for s in sources if not s.auxiliary and self._o.units.named(s.unit) == unit]
        forms = [s.form for s in mine if s.form is not None]
        return {c.item for c in named(forms, [f"{s.folder}/{s.path}" for s in mine], self._o.catalogue).claims}
