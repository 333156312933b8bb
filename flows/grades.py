"""Grades from what the index holds: the one way for report, command and audit. Nothing of it is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

import msgspec

from archive_schema.coverage import Assessment
from archive_schema.decisions import in_force
from archive_schema.evidence import Source
from archive_schema.graded import GradeFigure, GradeItem, GradeLadder, GradeScore, GradesOutput
from archive_schema.ladders import Grade
from archive_schema.text import natural_key
from archive_schema.words import EvidenceKind, PlacementStatus
from flows.attested import Attested
from flows.workspace import Opened
from storage.index import Index
from validators import grading, indicators
from validators.assess import PlacedEvidence
from validators.grading import Graded, ItemGrade
from validators.indicators import Reading, Table
from validators.scoring import Score, score

UNCHECKED, NOT_APPLICABLE = "unchecked", "not_applicable"


class Grades(msgspec.Struct, frozen=True):
    items: tuple[ItemGrade, ...] = ()
    score: Score | None = None


def grades_now(o: Opened, assessment: Assessment, *, index: Index | None = None) -> Grades:
    """:func:`validators.grading.grades` on what an index holds; asks nothing of it where the catalogue has no ladders.

    :param assessment: of the same index. :param index: another than the workspace's, as an audit makes one.
    """
    if not o.catalogue.ladders:
        return Grades()
    tables, usable = _material(o, index or o.archive.index)
    items = grading.grades(o.catalogue, o.cycle, assessment, tables, usable)
    return Grades(items, score(o.catalogue, items, [i for i, s in assessment.item_states.items() if s.value == NOT_APPLICABLE]))


def grades_output(o: Opened, found: Grades, units_of: Mapping[str, list[str]], *, only: str | None = None) -> GradesOutput:
    """What is shown, of all items or of those that unit ``only`` answers for; a score is only of all."""
    by_id = o.catalogue.by_id
    shown = [g for g in found.items if only is None or o.units.answers_for(only, units_of[g.item]) is not None]
    items = [
        GradeItem(
            id=g.item,
            title=by_id[g.item].standard,
            units=units_of[g.item],
            grade=g.grade,
            applicable=g.applicable,
            why=list(g.why),
            ladders=[_ladder(x) for x in g.ladders],
        )
        for g in shown
    ]
    head = o.archive.head()
    return GradesOutput(
        cycle=o.cycle.name,
        generated_at=o.now(),
        head=head.anchor if head else None,
        edition=o.catalogue.head.edition,
        totals=item_totals(shown),
        items=items,
        score=_score(found.score) if only is None else None,
        records=head.total if head else 0,
    )


def item_totals(items: tuple[ItemGrade, ...] | list[ItemGrade]) -> dict[str, int]:
    """Items by grade, 未检 and 不适用; empty where nothing is graded."""
    counted = dict.fromkeys([*(g.value for g in Grade), UNCHECKED, NOT_APPLICABLE], 0) if items else {}
    for i in items:
        counted[i.grade.value if i.grade else UNCHECKED if i.applicable else NOT_APPLICABLE] += 1
    return counted


def _material(o: Opened, index: Index) -> tuple[dict[str, list[Table]], dict[str, Reading]]:
    """Item → its usable tables, and one usable piece of any kind; of the items that have ladders."""
    items = {ladder.item for ladder in o.catalogue.ladders}
    asked = {cell for cell in o.catalogue.cells if cell[0] in items}
    counting: dict[tuple[str, EvidenceKind], set[tuple[str, str]]] = defaultdict(set)
    for r in index.placement_rows():
        p = r.placement
        if (p.item, p.kind) not in asked or r.withdrawn or p.status is PlacementStatus.REJECTED:
            continue
        placed = PlacedEvidence(p.item, p.kind, p.sha256, p.status, r.outcomes, superseded=r.superseded_by is not None)
        if placed.counts:
            counting[p.item, p.kind].add((p.sha256, p.unit))
    senders = {pair for pairs in counting.values() for pair in pairs}
    shas = {sha for sha, _ in senders}
    evidence = {e.sha256: e for e in index.evidence(shas)}
    attested = Attested(o.units, in_force(index.decisions()))
    paths: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for s in index.sources(shas):
        paths[s.sha256, s.unit].append(s)
    tables: dict[str, list[Table]] = defaultdict(list)
    usable: dict[str, Reading] = {}
    for item in sorted(items):
        for kind in EvidenceKind:
            seen: set[str] = set()
            for unit, path, sha in sorted(
                ((unit, _path(paths[sha, unit]), sha) for sha, unit in counting[item, kind]),
                key=lambda x: (x[0], natural_key(x[1]), x[2]),
            ):
                if sha in seen:
                    continue
                seen.add(sha)
                usable.setdefault(item, Reading(Fraction(1), "", None, "", unit, path, sha))
                if kind is EvidenceKind.TABLE:
                    tables[item].append(indicators.table(sha, unit, path, attested.facts(evidence[sha], unit)))
    return tables, usable


def _path(sources: list[Source]) -> str:
    best = min(sources, key=lambda s: (not s.present, natural_key(s.path)), default=None)
    return best.path if best else ""


def _ladder(g: Graded) -> GradeLadder:
    return GradeLadder(
        indicator=g.ladder.indicator,
        grade=g.grade,
        why=g.why,
        steps=g.ladder.said(),
        statistic=g.ladder.statistic.value,
        basis=g.ladder.basis,
        source=g.ladder.source,
        value=None if g.value is None else round(float(g.value), 9),
        measure=g.ladder.unit,
        figures=[
            GradeFigure(
                value=round(float(r.value), 9),
                measure=r.measure,
                period=grading.when(r.period) if r.period else None,
                sha256=r.sha256,
                unit=r.unit,
                path=r.path,
                cell=r.cell,
            )
            for r in g.used
        ],
        better=g.better,
        gap=g.gap,
    )


def _score(s: Score | None) -> GradeScore | None:
    if s is None:
        return None
    return GradeScore(
        points=None if s.points is None else round(float(s.points), 4),
        possible=round(float(s.possible), 4),
        total=round(float(s.total), 4),
        graded=s.graded,
        items=s.items,
        basis=s.weights.basis,
        source=s.weights.source,
    )
