"""负面清单 as the series has it now."""

from __future__ import annotations

from collections.abc import Sequence

from archive_schema import negative
from archive_schema.decisions import Decision, in_force, speaks_of
from archive_schema.negative import NegativeEvidence, NegativeOutput, Sanction, Standing
from archive_schema.words import DecisionAction
from flows import resting
from flows.attested import Attested
from flows.workspace import Opened


def negative_list(o: Opened, decisions: Sequence[Decision] | None = None) -> NegativeOutput:
    """:param decisions: those in force, where they are at hand."""
    acts = in_force(o.archive.index.decisions()) if decisions is None else decisions
    known = negative.load(o.catalogue.head.id)
    found = negative.entries(known, acts, _evidence(o, acts))
    head = o.archive.head()
    return NegativeOutput(
        cycle=o.cycle.name,
        total=known.total,
        areas=list(known.areas),
        sanctions=list(Sanction),
        events=sum(len(e.events) for e in found),
        entries=found,
        known=[k.text for k in known.known],
        head=head.anchor if head else None,
    )


def _evidence(o: Opened, decisions: Sequence[Decision]) -> dict[str, NegativeEvidence]:
    """Decision id → the material that it names, by the path under which it was sent (what is still present first)."""
    named = {d.id: d for d in decisions if d.action is DecisionAction.NEGATIVE_EVENT and d.sha256}
    shas = {d.sha256 for d in named.values()}
    if not shas:
        return {}
    index = o.archive.index
    sources = sorted(index.sources(shas), key=lambda s: (not s.present, s.unit, s.path))
    held, attested = {e.sha256: e for e in index.evidence(shas)}, Attested(o.units, decisions)
    destroyed, withdrawn = index.destroyed(), index.withdrawn()
    found = {}
    for ident, d in named.items():
        mine = [s for s in sources if s.sha256 == d.sha256 and speaks_of(d, s.unit, o.units)]
        unit = mine[0].unit if mine else d.unit
        title = attested.facts(held[d.sha256], unit).get("title") if d.sha256 in held else None
        gone = (d.sha256, o.units.named(d.unit)) in withdrawn or resting.counts_for_nobody(o, d.sha256)
        found[ident] = NegativeEvidence(
            sha256=d.sha256,
            unit=unit,
            path=mine[0].path if mine else "",
            title=str(title.value) if title is not None and title.value else None,
            standing=Standing.DESTROYED if d.sha256 in destroyed else Standing.WITHDRAWN if gone else Standing.HELD,
        )
    return found
