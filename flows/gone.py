"""What counts no more for a unit: it makes no other material suspect, whatever is compared."""

from __future__ import annotations

from collections import defaultdict

from archive_schema.decisions import addressed, in_force
from archive_schema.evidence import Source
from archive_schema.words import DecisionAction
from flows import returns
from flows.in_place import InPlace
from flows.view import View
from flows.workspace import Opened


def gone(o: Opened) -> set[tuple[str, str]]:
    """(SHA-256, unit) of what is replaced, by decision or in its place, withdrawn, or was sent back and has been answered; unit "" =
    for every unit.
    """
    index = o.archive.index
    decisions = in_force(index.decisions())
    withdrawn = index.withdrawn()
    sources: dict[str, list[Source]] = defaultdict(list)
    for s in index.sources():
        sources[s.sha256].append(s)
    there = InPlace(o, sources, withdrawn, auxiliary=lambda sha: any(e.auxiliary for e in index.evidence([sha])))
    out = index.replaced() | withdrawn | there.all_corrected()
    back = [d for d in decisions if d.action is DecisionAction.RETURN]
    if not back:
        return out
    view = View(o, decisions)
    for unit in sorted({s.unit for s in index.sources({d.sha256 for d in back})}):
        acts = [d for d in addressed(back, [unit], o.units) if d.unit in ("", unit) and view.sources_of(d.sha256, unit)]
        still = returns.still_out(acts, unit, view=view, unasked=())
        out |= {(d.sha256, unit) for d in acts if d.sha256 not in still}
    return out
