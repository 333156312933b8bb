"""``python -m benchmarks.evaluation [--building]`` (``make eval``): how well titles are classified.

By default the final set (``final.tsv``), which nothing was built on, with the weights as shipped. ``--building`` looks at the
building set alone and does not open the final one: every title is judged with weights fitted to the other folds
(``benchmarks.fit``), and without the names that are like a title of its fold. Words and rules were written with these titles in view,
so the figures flatter; therefore they stand there once more with half of the words struck out at random, as a title nobody has seen may find the vocabulary (kinds have no part
in that). Every share with its 95 % interval after Wilson; titles alone unless ``--units``. A title is placed automatically when ``classify`` chooses
an item for it. The plain baseline stands in the same table; its threshold is the least at which it was right in 98 % of the
titles of the building set that it would place. ``--embedding FOLDER`` (or a file of word vectors, or the address of a service, with ``--model NAME``) adds the
same with an embedding model asked besides, and with ``--building`` what each weight of it would do.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.errors import DanganError
from archive_schema.outputs import ClassifyOutput
from archive_schema.units import UnitTable
from benchmarks import lessons
from benchmarks.floors.cosine import Cosine
from benchmarks.labelled import FOLDS, Labelled, apart, building, final
from classification.classifier import Classifier
from classification.embedding import WEIGHT
from classification.idiom import Idiom
from classification.knowledge import Known, known
from classification.scorer import TextScorer, Weights
from classification.semantics import Semantics

STRUCK_DRAWS = 2
ASKED = {
    "item right at first place": "≥ 80 %",
    "item among the first three": "≥ 93 %",
    "automatic placements right": "≥ 98 %",
    "placed automatically": "≥ 55 %",
    "negatives placed automatically": "≤ 2 %",
    "kind right": "≥ 96 %",
}


_COLUMNS = ("first place", "first three", "placed", "of these right", "negatives placed")
_PLACED = ("item right at first place", "placed automatically", "automatic placements right")


class Answer(NamedTuple):
    items: tuple[str, ...]  # ranked
    chosen: str | None
    kind: str | None
    score: float | None


class Fold(NamedTuple):
    """What titles outside a fold gave."""

    weights: Weights
    idiom: Idiom | None


Answers = Sequence[tuple[Labelled, Answer]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--building", action="store_true", help="the building set in folds; the final set is not opened")
    parser.add_argument("--units", action="store_true", help="with the unit where the row names one")
    parser.add_argument(
        "--embedding", metavar="FOLDER|FILE|URL", help="an embedding model besides; to a URL the titles are sent"
    )
    parser.add_argument("--model", default="", metavar="NAME", help="what the service at the URL calls the model")
    parser.add_argument("--weight", type=float, default=WEIGHT, help="of the model (default: %(default)s)")
    asked = parser.parse_args(arguments)
    if asked.embedding:
        from benchmarks.semantics import Lent, by_weight  # numpy

        lent = Lent(asked.embedding, asked.model, asked.weight)
    catalogue = catalogues.load("national-2017")
    units = unit_tables.from_references(r for i in catalogue.items for r in i.units)
    began = time.process_time()
    scorer = TextScorer(catalogue)
    built = time.process_time() - began
    classifier = Classifier(catalogue, units, Margins(), scorer=scorer)
    try:
        rows = building() if asked.building else final()
    except FileNotFoundError as e:
        parser.error(str(e))
    if not asked.units:
        rows = [r._replace(unit="") for r in rows]
    folds = learned_in_folds() if asked.building else []
    answers = _in_folds(catalogue, units, rows, folds) if asked.building else _ask(classifier, rows)
    out = sys.stdout.write
    name = f"building set, weights fitted in {FOLDS} folds" if asked.building else "final set"
    out(f"# {len(rows)} titles of the {name}, {sum(not r.items for r in rows)} of them for no item\n\n")
    baseline = _baseline(catalogue, rows)
    if asked.embedding:
        with_it = (
            _in_folds(catalogue, units, rows, folds, lent=lent.over)
            if asked.building
            else _ask(Classifier(catalogue, units, Margins(), semantics=lent.over(catalogue)), rows)
        )
        out(_table(answers, baseline, with_it, lent.name))
        if asked.building:

            def measured(weight: float) -> list[str]:
                return _figures_of(_in_draws(catalogue, units, rows, folds, lent=partial(lent.over, weight=weight)))

            out("\n" + by_weight("half of the words struck out: weight of the model", measured, _COLUMNS))
        lent.check()
    else:
        out(_table(answers, baseline))
    if asked.building:
        out("\n" + _struck_out(catalogue, units, rows, folds))
    out("\n" + _provenance(catalogue, answers))
    out("\n" + _kinds(answers))
    out("\n" + _calibration(answers))
    out("\n" + _confusions(catalogue, answers))
    if not asked.building:
        out("\n" + lessons.table(lessons.curve(catalogue, units, rows)))
    out("\n" + _speed(classifier, built, rows))
    return 0


def learned_in_folds() -> list[Fold]:
    """What the titles of the other folds give, for each fold."""
    from benchmarks import fit, fit_titles  # numpy, scipy

    idioms = fit_titles.by_fold()
    return [Fold(w, i) for w, i in zip(fit.by_fold(idioms), idioms, strict=True)]


def _in_folds(
    catalogue: Catalogue,
    units: UnitTable,
    rows: Sequence[Labelled],
    folds: Sequence[Fold],
    everything: Sequence[Known] | None = None,
    margins: Margins = Margins(),  # noqa: B008 (frozen)
    lent: Callable[[Catalogue, Sequence[Known]], Semantics | None] | None = None,
) -> Answers:
    """Every title with the weights that the other folds give and the names of the other folds, in the order of ``rows``."""
    by_fold = []
    for n, fold in enumerate(folds):
        less = apart(everything or known(catalogue), [r.title for r in rows if r.fold == n])
        scorer = TextScorer(catalogue, everything=less, weighing=fold.weights, usual=fold.idiom)
        by_fold.append(
            Classifier(catalogue, units, margins, scorer=scorer, semantics=lent(catalogue, less) if lent is not None else None)
        )
    return [(r, _answer(by_fold[r.fold].classify_title(r.title, r.unit or None))) for r in rows]


def _struck_out(catalogue: Catalogue, units: UnitTable, rows: Sequence[Labelled], folds: Sequence[Weights]) -> str:
    """The same with half of the words struck out, for several thresholds of an automatic placement."""
    head = f"| half of the words struck out: automatic from | {' | '.join(_COLUMNS)} |"
    lines = [head, "|---|---|---|---|---|---|"]
    for auto in (0.8, 0.85, 0.88, 0.9, 0.92, 0.95):
        answers = _in_draws(catalogue, units, rows, folds, Margins(auto=auto))
        mark = " (as shipped)" if auto == Margins().auto else ""
        lines.append(f"| {auto}{mark} | {' | '.join(_figures_of(answers))} |")
    return (
        "\n".join(lines) + f"\n\nMean of {STRUCK_DRAWS} draws; no intervals, since every title counts {STRUCK_DRAWS} times.\n"
    )


def _in_draws(
    catalogue: Catalogue,
    units: UnitTable,
    rows: Sequence[Labelled],
    folds: Sequence[Fold],
    margins: Margins = Margins(),  # noqa: B008 (frozen)
    lent: Callable[[Catalogue, Sequence[Known]], Semantics | None] | None = None,
) -> Answers:
    from benchmarks import fit  # numpy

    everything = known(catalogue)
    draws = [fit.thinned(everything, fit.DRAWS + n) for n in range(STRUCK_DRAWS)]  # others than those fitted to
    return [a for known_ in draws for a in _in_folds(catalogue, units, rows, folds, known_, margins, lent)]


def _figures_of(answers: Answers) -> list[str]:
    f = figures(answers)
    names = [n for n in ASKED if n != "kind right"]
    return [f"{100 * f[n][0] / max(f[n][1], 1):.1f} %" for n in (names[0], names[1], names[3], names[2], names[4])]


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson, both ends 0 … 1."""
    if not of:
        return 0.0, 1.0
    z, p = 1.959964, right / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def figures(answers: Answers) -> dict[str, tuple[int, int]]:
    """Name → (how many, of how many)."""
    with_item = [(r, a) for r, a in answers if r.items]
    without = [(r, a) for r, a in answers if not r.items]
    placed = [(r, a) for r, a in answers if a.chosen]
    out = {
        "item right at first place": (sum(bool(a.items) and a.items[0] in r.items for r, a in with_item), len(with_item)),
        "item among the first three": (sum(bool(set(a.items[:3]) & set(r.items)) for r, a in with_item), len(with_item)),
        "automatic placements right": (sum(a.chosen in r.items for r, a in placed), len(placed)),
        "placed automatically": (sum(a.chosen is not None for _, a in with_item), len(with_item)),
        "negatives placed automatically": (sum(a.chosen is not None for _, a in without), len(without)),
    }
    if any(a.kind for _, a in answers):
        out["kind right"] = (sum(a.kind == r.kind for r, a in answers), len(answers))
    return out


def _ask(classifier: Classifier, rows: Iterable[Labelled]) -> Answers:
    return [(r, _answer(classifier.classify_title(r.title, r.unit or None))) for r in rows]


def _answer(out: ClassifyOutput) -> Answer:
    items = tuple(c.item for c in out.candidates)
    score = next((c.score for c in out.candidates if c.score is not None), None)
    return Answer(items, out.chosen, out.kind.name.value if out.kind else None, score)


def _baseline(catalogue: Catalogue, rows: Iterable[Labelled]) -> Answers:
    cosine = Cosine({i.id: f"{i.standard} {i.content} {i.indicator}" for i in catalogue.material})
    tried = sorted(
        ((ranked[0][1], ranked[0][0] in r.items) for r in building() if (ranked := cosine.rank(r.title))), reverse=True
    )
    threshold, right = 2.0, 0
    for n, (score, ok) in enumerate(tried, 1):
        right += ok
        if right >= 0.98 * n:
            threshold = score
    out = []
    for r in rows:
        ranked = cosine.rank(r.title)
        chosen = ranked[0][0] if ranked and ranked[0][1] >= threshold else None
        out.append((r, Answer(tuple(i for i, _ in ranked), chosen, None, ranked[0][1] if ranked else None)))
    return out


def _table(answers: Answers, baseline: Answers, with_it: Answers | None = None, model: str = "") -> str:
    """:param with_it: the answers with the embedding model called ``model``"""
    plain, more = figures(baseline), figures(with_it) if with_it is not None else None
    extra = f" with {model} |" if more is not None else ""
    lines = [f"| figure | asked | classification |{extra} plain TF-IDF cosine |", "|---|---|---|---|" + "---|" * bool(extra)]
    for name, (right, of) in figures(answers).items():
        beside = f" {_share(*more[name])} |" if more is not None else ""
        floor = _share(*plain[name]) if name in plain else "–"
        lines.append(f"| {name} | {ASKED[name]} | {_share(right, of)} |{beside} {floor} |")
    return "\n".join(lines) + "\n"


def _share(right: int, of: int) -> str:
    low, high = wilson(right, of)
    return f"{100 * right / of:.1f} % ({right}/{of}, {100 * low:.0f}–{100 * high:.0f})" if of else "– (0/0)"


def _kinds(answers: Answers) -> str:
    names = sorted({r.kind for r, _ in answers})
    lines = [
        "| 材料类型 labelled | first place | placed | of these right | kind right | kinds given |",
        "|---|---|---|---|---|---|",
    ]
    for kind in names:
        mine = [(r, a) for r, a in answers if r.kind == kind]
        f = figures(mine)
        given = Counter(a.kind or "none" for _, a in mine)
        cells = [_share(*f[n]) if n in f else "–" for n in (*_PLACED, "kind right")]
        lines.append(f"| {kind} | {' | '.join(cells)} | {', '.join(f'{k} {n}' for k, n in sorted(given.items()))} |")
    return "\n".join(lines) + "\n"


def _provenance(catalogue: Catalogue, answers: Answers) -> str:
    """By how well the item's row in the catalogue is documented; a title with two items counts by the first."""
    lines = ["| provenance of the item | first place | first three | placed | of these right |", "|---|---|---|---|---|"]
    for provenance in sorted({i.provenance for i in catalogue.material}):
        mine = [(r, a) for r, a in answers if r.items and catalogue.by_id[r.items[0]].provenance is provenance]
        f = figures(mine)
        names = (
            "item right at first place",
            "item among the first three",
            "placed automatically",
            "automatic placements right",
        )
        lines.append(f"| {provenance} | " + " | ".join(_share(*f[n]) for n in names) + " |")
    return "\n".join(lines) + "\n"


def _calibration(answers: Answers) -> str:
    lines = ["| score of the best | titles | mean score | right |", "|---|---|---|---|"]
    edges = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)
    for low, high in itertools.pairwise(edges):
        mine = [(r, a) for r, a in answers if a.score is not None and low <= a.score < high]
        if mine:
            mean = sum(a.score or 0.0 for _, a in mine) / len(mine)
            right = sum(bool(a.items) and a.items[0] in r.items for r, a in mine)
            lines.append(f"| {low:.1f}–{min(high, 1.0):.1f} | {len(mine)} | {mean:.2f} | {right / len(mine):.2f} |")
    return "\n".join(lines) + "\n"


def _confusions(catalogue: Catalogue, answers: Answers) -> str:
    """Which 内容 is taken for which, counted over first places; titles are not shown."""
    wrong: Counter[tuple[str, str]] = Counter()
    for r, a in answers:
        if r.items and not (a.items and a.items[0] in r.items):
            wrong[_content(catalogue, r.items[0]), _content(catalogue, a.items[0]) if a.items else "none"] += 1
        elif not r.items and a.chosen:
            wrong["no item", _content(catalogue, a.chosen)] += 1
    lines = ["| 内容 labelled | taken for | titles |", "|---|---|---|"]
    lines += [f"| {a} | {b if a != b else 'another standard of it'} | {n} |" for (a, b), n in sorted(wrong.items())]
    return "\n".join(lines) + "\n"


def _content(catalogue: Catalogue, item: str) -> str:
    i = catalogue.by_id[item]
    return f"{i.content_no} {i.content}"


def _speed(classifier: Classifier, built: float, rows: Sequence[Labelled]) -> str:
    titles = [rows[n % len(rows)] for n in range(2000)]
    ask: Callable[[str, str | None], ClassifyOutput] = classifier.classify_title
    began = time.process_time()
    for r in titles:
        ask(r.title, r.unit or None)
    took = (time.process_time() - began) / len(titles)
    learned = "sklearn" in sys.modules
    return f"model built in {built:.2f} CPU s; {1000 * took:.2f} CPU s per thousand titles on one core; scikit-learn imported: {learned}\n"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DanganError as e:  # a model that cannot be used
        sys.exit(f"{e.zh}; {e.hint}")
