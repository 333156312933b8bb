"""分值: points of the items that have a grade, by the weights that the catalogue gives; nothing where it gives none. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

import msgspec

from archive_schema.catalogue import Catalogue, Item
from archive_schema.weights import Weights
from validators.grading import ItemGrade


class Score(msgspec.Struct, frozen=True):
    """``points`` None = nothing has a grade: not measured, which is not 0."""

    points: Fraction | None
    possible: Fraction
    total: Fraction
    graded: int
    items: int
    weights: Weights


def score(catalogue: Catalogue, grades: Iterable[ItemGrade], not_applicable: Iterable[str] = ()) -> Score | None:
    """Points of ``grades``; None where the catalogue has no weights or nothing that is graded.

    :param not_applicable: items that do not count.
    """
    weights = catalogue.head.weights
    if weights is None or not catalogue.ladders:
        return None
    left = set(not_applicable)
    worth = _weight([i for i in catalogue.material if i.id not in left], weights)
    given = [(worth[g.item], Fraction(weights.grades[g.grade])) for g in grades if g.grade is not None and g.item in worth]
    return Score(
        points=sum((w * v / 100 for w, v in given), Fraction(0)) if given else None,
        possible=sum((w for w, _ in given), Fraction(0)),
        total=sum(worth.values(), Fraction(0)),
        graded=len(given),
        items=len(worth),
        weights=weights,
    )


def _weight(items: list[Item], weights: Weights) -> dict[str, Fraction]:
    """Item → its share of the whole; items without a weight count alike."""
    own = {i.id: Fraction(i.weight) if i.weight is not None else Fraction(1) for i in items}
    if not weights.sections:
        return own
    sections: dict[str, Fraction] = defaultdict(Fraction)
    for i in items:
        sections[i.section] += own[i.id]
    return {i.id: Fraction(weights.sections[i.section]) * own[i.id] / sections[i.section] for i in items}
