"""Which placement an accept confirms that names no cell: the one that stood when it was made, whatever is proposed later.

``named`` writes the cell into a decision before it is recorded. Archives of earlier versions hold accepts without one; what these
confirmed stands in the series beside them, and ``spelled_out`` reads them by that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from archive_schema.decisions import Decision
from archive_schema.errors import IntegrityError
from archive_schema.evidence import Proposal
from archive_schema.records import DecisionRecord, PlacementRecord
from archive_schema.words import DecisionAction
from classification import decided
from classification.decided import Cell
from storage import series
from storage.archive import Archive

_TYPES = (b'"type":"placement"', b'"type":"decision"')


def bare(d: Decision) -> bool:
    """An accept that does not say of which cell."""
    return d.action is DecisionAction.ACCEPT and not (d.item and d.kind)


def named(d: Decision, proposals: Sequence[Proposal]) -> Decision:
    """A bare accept with the one cell that it confirms; as it is where there is none or more than one.

    :param proposals: of the units that it speaks of, with the placements in force.
    """
    cells = decided.accepted(d, proposals)
    return _of(d, *cells) if len(cells) == 1 else d


def _of(d: Decision, cell: Cell) -> Decision:
    unit, item, kind = cell
    return msgspec.structs.replace(d, unit=unit, item=item, kind=kind)


def confirmed_then(archive: Archive) -> dict[str, frozenset[Cell]]:
    """Id of every bare accept in the series → what it confirmed when it was recorded, or what was confirmed already.

    Those of a segment that cannot be read are left out.
    """
    wanted = {d.id: d for d in archive.index.decisions() if bare(d)}
    if not wanted:
        return {}
    shas = {d.sha256 for d in wanted.values()}
    placed: dict[str, dict[str, PlacementRecord]] = defaultdict(dict)
    out: dict[str, frozenset[Cell]] = {}
    for key in series.segment_keys(archive.store, archive.cycle):
        told: list[Decision] = []
        with suppress(IntegrityError):
            segment = series.read_segment(archive.store, key)
            lines = tuple(line for line in segment.lines if any(t in line for t in _TYPES))
            for r in msgspec.structs.replace(segment, lines=lines).records():
                if isinstance(r, PlacementRecord) and r.sha256 in shas:
                    placed[r.sha256][r.unit] = r
                elif isinstance(r, DecisionRecord) and r.decision.id in wanted:
                    told.append(r.decision)
            out |= {d.id: _confirmed(d, placed[d.sha256].values()) for d in told}
    return out


def spelled_out(decisions: Iterable[Decision], then: Mapping[str, frozenset[Cell]]) -> list[Decision]:
    """Every bare accept with the cell that it meant; one for each where these were several.

    :param then: of ``confirmed_then``; what is not in it is left as it is.
    """
    out: list[Decision] = []
    for d in decisions:
        out += [_of(d, cell) for cell in sorted(then[d.id])] if bare(d) and d.id in then else [d]
    return out


def _confirmed(d: Decision, records: Iterable[PlacementRecord]) -> frozenset[Cell]:
    """By this act; where it changed nothing, by those before it."""
    about = [r for r in records if d.unit in ("", r.unit)]
    mine = [p for r in about for p in r.placements if p.decision == d.id]
    stood = [Proposal(r.sha256, r.unit, r.kind, tuple(p for p in r.placements if not mine or p in mine)) for r in about]
    return frozenset(decided.accepted(d, stood))
