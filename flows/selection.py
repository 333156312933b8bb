"""Which material goes into an export, and why the rest does not. Every evidence as sent by every unit is in one of the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from archive_schema.copies import LeftOut
from archive_schema.decisions import in_force
from archive_schema.evidence import CheckOutcome, Evidence, Facts, Source
from archive_schema.text import natural_key
from archive_schema.words import EvidenceKind, Outcome, PlacementStatus, Severity
from flows import returns, told
from flows.attested import Attested
from flows.in_place import InPlace
from flows.rejections import Rejections
from flows.workspace import Opened
from storage.counts import PlacementRow

Key = tuple[str, EvidenceKind, str]  # item, kind, SHA-256

#: reasons for which ``everything`` still takes a placed piece
_DOUBTFUL = frozenset({"in_review", "unusable", "superseded"})


@dataclass(frozen=True)
class Piece:
    """One evidence for one requirement. ``sources``: of the units whose placement is taken, those still present first. ``facts``: as read,
    with what was attested of the delivery that counts, of the first where none does."""

    item: str
    kind: EvidenceKind
    evidence: Evidence
    sources: tuple[Source, ...]
    usable: bool
    facts: Facts


@dataclass(frozen=True)
class Selection:
    pieces: tuple[Piece, ...]  # in order of item, kind, unit and path
    left_out: tuple[LeftOut, ...]


class _Held:
    """What the index holds, gathered once."""

    def __init__(self, o: Opened) -> None:
        index = o.archive.index
        self.evidence = {e.sha256: e for e in index.evidence()}
        self._sources: dict[str, list[Source]] = defaultdict(list)
        for s in index.sources():
            self._sources[s.sha256].append(s)
        for group in self._sources.values():
            group.sort(key=lambda s: (not s.present, natural_key(s.path), s.folder))
        self.destroyed, self.withdrawn, self.replaced = index.destroyed(), index.withdrawn(), index.replaced()
        self.in_place = InPlace(
            o, self._sources, self.withdrawn, auxiliary=lambda sha: sha in self.evidence and self.evidence[sha].auxiliary
        )
        decisions = in_force(index.decisions())
        self.attested = Attested(o.units, decisions)
        self.arrivals = sorted({(s.sha256, s.unit) for of in self._sources.values() for s in of})
        self.nowhere = Rejections(o, decisions).nowhere({unit for _, unit in self.arrivals})
        self.asked = {(item, kind) for item, kind in o.catalogue.cells}

    def sources(self, sha: str, unit: str) -> list[Source]:
        return [s for s in self._sources[sha] if s.unit == unit]

    def left(
        self, sha: str, unit: str, reason: str, text: str, item: str | None = None, kind: EvidenceKind | None = None
    ) -> LeftOut:
        first = next(iter(self.sources(sha, unit)), None)
        size = self.evidence[sha].size if sha in self.evidence else 0
        return LeftOut(sha, unit, first.path if first else "", item, kind, size, reason, text)

    def gone(self, sha: str, unit: str) -> tuple[str, str] | None:
        if sha in self.destroyed:
            return "destroyed", "依决定销毁"
        if {(sha, ""), (sha, unit)} & self.withdrawn:
            return "withdrawn", "已撤回"
        return None

    def why_not(self, r: PlacementRow) -> tuple[str, str] | None:
        """(reason, text) why a placement does not make its evidence usable; None = it does (law 1)."""
        p = r.placement
        if gone := self.gone(p.sha256, p.unit):
            return gone
        if any(c.code == "SECRET" and c.outcome is Outcome.FAIL for c in r.outcomes):
            return "secret", "疑似涉密(由人认定),请立即联系保密办"
        if (p.item, p.kind) not in self.asked:
            return "not_asked", f"现行目录的 {p.item} 不要求“{p.kind}”"
        if r.superseded_by:
            return "superseded", f"已由 {r.superseded_by[:12]} 取代"
        if {(p.sha256, p.unit), (p.sha256, "")} & self.replaced:
            return "superseded", "已由新版本取代"
        if p.status is PlacementStatus.IN_REVIEW:
            return "in_review", "待复核: " + (";".join(p.reasons) or "归类未确认")
        blocking = [
            f"{told.said(c, p.unit, self._sources[p.sha256]) or c.code}{'(未检)' if c.outcome is Outcome.UNCHECKED else ''}"
            for c in r.outcomes
            if c.severity is Severity.BLOCKING and c.outcome is not Outcome.PASS and not c.waived
        ]
        return ("unusable", "不可用: " + ";".join(blocking)) if blocking else None


def select(
    o: Opened,
    *,
    items: Collection[str] | None = None,
    unit: str | None = None,
    everything: bool = False,
    max_bytes: int | None = None,
) -> Selection:
    """Usable material, or whatever is placed and not withdrawn.

    :param items: only these items; then what is placed nowhere is not listed either.
    :param unit: only what this unit sent.
    :param everything: also what is in review, unusable or superseded.
    :param max_bytes: what is larger is left out, whole; nothing is made smaller.
    """
    held = _Held(o)
    rows: dict[Key, list[PlacementRow]] = defaultdict(list)
    rejected: set[tuple[str, str]] = set()
    for r in o.archive.index.placement_rows():
        p = r.placement
        if unit is not None and p.unit != unit:
            continue
        if p.status is PlacementStatus.REJECTED:
            rejected.add((p.sha256, p.unit))
        elif items is None or p.item in items:
            rows[p.item, p.kind, p.sha256].append(r)
    pieces, left = [], []
    for (item, kind, sha), group in rows.items():
        judged = [(r, held.why_not(r)) for r in group]
        usable = any(why is None for _, why in judged)
        taken = [r for r, why in judged if why is None or (everything and why[0] in _DOUBTFUL)]
        if max_bytes is not None and held.evidence[sha].size > max_bytes:
            text = f"{held.evidence[sha].size} 字节,超过每件 {max_bytes} 字节的上限;请责任单位另报较小的版本"
            left += [held.left(sha, r.placement.unit, "too_large", text, item, kind) for r in taken]
        elif taken:
            sources = tuple(s for r in taken for s in held.sources(sha, r.placement.unit) if not s.auxiliary)
            counts = next((r for r, why in judged if why is None), taken[0]).placement
            facts = held.attested.facts(held.evidence[sha], counts.unit)
            pieces.append(Piece(item, kind, held.evidence[sha], sources, usable, facts))
        left += [held.left(sha, r.placement.unit, *why, item, kind) for r, why in judged if why and r not in taken]
    if items is None:
        spoken_for = {(s.sha256, s.unit) for p in pieces for s in p.sources} | {(x.sha256, x.unit) for x in left}
        rest = [a for a in held.arrivals if a not in spoken_for and unit in (None, a[1])]
        outcomes: dict[str, list[CheckOutcome]] = defaultdict(list)
        for sha, c in o.archive.index.outcomes({sha for sha, _ in rest}):
            outcomes[sha].append(c)
        left += [held.left(sha, of, *_unplaced(held, sha, of, rejected, outcomes[sha])) for sha, of in rest]
    return Selection(pieces=tuple(sorted(pieces, key=_order)), left_out=tuple(sorted(left, key=_left_order)))


def _unplaced(
    held: _Held, sha: str, unit: str, rejected: Collection[tuple[str, str]], outcomes: Iterable[CheckOutcome]
) -> tuple[str, str]:
    if gone := held.gone(sha, unit):
        return gone
    e = held.evidence.get(sha)
    if (e is not None and e.auxiliary) or all(s.auxiliary for s in held.sources(sha, unit)):
        return "auxiliary", "提交表、图片旁的文字、已取出成员的压缩包等,不单独作材料"
    if (sha, unit) in rejected or (sha, unit) in held.nowhere:
        return "rejected", "归类已由审核意见否定"
    if {(sha, unit), (sha, "")} & held.replaced:
        return "superseded", "已由新版本取代"
    if returns.set_aside(outcomes, unit):
        return "returned", "已退回责任单位"
    if held.in_place.corrected(sha, unit):
        return "superseded", "原处已换成别的材料"
    return "unplaced", "未归类"


def _order(p: Piece) -> tuple[object, ...]:
    first = p.sources[0] if p.sources else None
    place = (first.unit, natural_key(first.path)) if first else ("", ())
    return natural_key(p.item), list(EvidenceKind).index(p.kind), place, p.evidence.sha256


def _left_order(x: LeftOut) -> tuple[object, ...]:
    return natural_key(x.item or "~"), x.kind or "", x.unit, natural_key(x.path), x.sha256


def numbered(pieces: Iterable[Piece]) -> list[tuple[int, Piece]]:
    """Each piece with its number within item and kind, from 1."""
    count: dict[tuple[str, EvidenceKind], int] = defaultdict(int)
    out = []
    for p in pieces:
        count[p.item, p.kind] += 1
        out.append((count[p.item, p.kind], p))
    return out
