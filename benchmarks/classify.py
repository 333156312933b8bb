"""Titles placed per second, on one core: 10,000 titles made from the words of the catalogue.

Floor: the best item by counting the groups of two to four characters that a title shares with each item's text. That ranks,
and does nothing else; what is above it pays for weights, numbers, kinds, units, reasons and the doubt that abstains. The
titles are done in portions, floor and product in turn.
"""

from __future__ import annotations

import random
import time
from datetime import date, timedelta

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from benchmarks.floors.ranking import BareRanking
from benchmarks.ground import Ground
from benchmarks.results import Row
from classification.classifier import Classifier
from samples import wording

TITLES = 10_000
_PORTION = 2_500


def run(ground: Ground) -> list[Row]:
    catalogue = catalogues.load("national-2017")
    told = _titles(catalogue)
    began = time.perf_counter()
    classifier = Classifier(catalogue, unit_tables.from_references(r for i in catalogue.items for r in i.units), Margins())
    built = time.perf_counter() - began
    bare = BareRanking({i.id: "\n".join((i.standard, i.content, i.indicator, i.project)) for i in catalogue.items})
    took = least = 0.0
    chosen = right = 0
    for n in range(0, len(told), _PORTION):
        portion = told[n : n + _PORTION]
        began = time.perf_counter()
        for title, _, _ in portion:
            bare.best(title)
        least += time.perf_counter() - began
        began = time.perf_counter()
        answers = [classifier.classify_title(title, unit).chosen for title, unit, _ in portion]
        took += time.perf_counter() - began
        chosen += sum(a is not None for a in answers)
        right += sum(a == item for a, (_, _, item) in zip(answers, portion, strict=True))
    figures = {"titles/s": len(told) / took, "built in s": built, "chosen": float(chosen), "of these right": float(right)}
    return [Row("classify", f"{len(told):,} titles with units", took, least, figures=figures)]


def _titles(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """(title, unit, id of the item it was made for)."""
    rng = random.Random("titles")
    out = []
    for n in range(TITLES):
        item = catalogue.material[n % len(catalogue.material)]
        unit = rng.choice(item.units)
        match n % 3:
            case 0:
                title = wording.document_title(item, unit, rng)
            case 1:
                title = wording.report_title(item, unit, rng)
            case _:
                title = wording.caption(item, unit, date(2025, 1, 1) + timedelta(days=rng.randrange(600)), rng)
        out.append((title, unit, item.id))
    return out
