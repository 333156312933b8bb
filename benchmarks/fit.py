"""``python -m benchmarks.fit``: the weights of the score, fitted to the building set; writes classification/weights.toml.

A conditional logit: each title chooses among its closest items and "nobody's"; the likelihood of its accept set is made as
large as it gets, with a small penalty on large weights. Words of ``terms.tsv`` were written with the building set in view,
so a fit on all of them would trust words too much. Therefore half of the words of every item and subject are struck out at
random, several times over, and the weights are fitted to what is left: a title then meets as many gaps in the vocabulary as one
nobody has seen. Nor does it meet itself or its like among the names of typical material (``labelled.apart``). The unit weights are
not fitted (made-up titles always come from the right unit), nor is the temperature: it needs titles that had no part in the words. Deterministic; needs numpy, which nothing at run time does.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from benchmarks import fit_titles
from benchmarks.labelled import FOLDS, Labelled, apart, building, made_up, near_misses
from classification import scorer
from classification.idiom import Idiom, mark
from classification.kinds import guess_kind
from classification.knowledge import Known, asked_beside, known
from classification.scorer import Query, TextScorer, Weights

STRUCK_OUT = 0.5  # share of the words
DRAWS = 5
PENALTY = 0.0005
OWN_PENALTY = 0.0008  # of the constants of single standards, chosen in folds
MADE_UP, NEAR_MISS = 0.3, 0.4  # what a made-up title counts beside a real one
STEPS, RATE = 4000, 0.05
TOP = 15
ITEM = ("evidence", "words", "share", "named", "idiom", "kind_not_asked", "kind_asked_beside", "no_material")
NOBODY = ("always", "unknown", "evidence", "words", "share", "named", "idiom", "length")
_HEAD = """\
# Weights of the score (classification/scorer.py). Written by `python -m benchmarks.fit` from the building set of the
# labelled titles and the made-up ones of tests/classification; no row of the final set has a part in them.
# The three unit weights are not fitted but ours: 本项目默认(可改). The temperatures were chosen
# on titles for which no words had been written: 1.3 on 752 of fourth.tsv and more.tsv, 1.4 on 390 of third.tsv.
"""

Array = NDArray[np.float64]


class Cases(msgspec.Struct, frozen=True):
    """``items`` (case, place, feature), ``standard`` (case, place; number of the item, the last one = none), ``there`` and ``right``
    (case, place; last place of right = nobody's) …"""

    items: Array
    standard: NDArray[np.intp]
    offset: Array
    there: Array
    right: Array
    nobody: Array
    counts: Array
    folds: Array  # -1 = of no fold

    def without(self, fold: int) -> Cases:
        kept = self.folds != fold
        return Cases(*(getattr(self, name)[kept] for name in self.__struct_fields__))


def main() -> int:
    idioms, without = fit_titles.by_fold(), [None] * FOLDS
    lines = [_HEAD]
    for table, learned in (("with_idiom", True), ("without_idiom", False)):
        w = _weights(_fit(_cases(idioms if learned else without), own=learned), learned=learned)
        lines += [f"[{table}]", f"temperature = {w.temperature}", ""]
        lines += [f"[{table}.item]", *(f"{name} = {value}" for name, value in w.item.items()), ""]
        lines += [f"[{table}.nobody]", *(f"{name} = {value}" for name, value in w.nobody.items()), ""]
        if w.standards:
            lines += [f"[{table}.standards]", *(f'"{mark}" = {value}' for mark, value in w.standards.items()), ""]
    lines.pop()
    where = Path(scorer.__file__).parent / "weights.toml"
    where.write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write(f"{where}\n" + "\n".join(lines[1:]) + "\n")
    return 0


def by_fold(idioms: Sequence[Idiom | None]) -> list[Weights]:
    """For every fold the weights that the titles of the other folds give.

    :param idioms: of each fold, or None for each: the weights without
    """
    cases = _cases(idioms)
    learned = idioms[0] is not None
    return [_weights(_fit(cases.without(fold), own=learned), learned=learned) for fold in range(FOLDS)]


def _weights(p: Array, *, learned: bool) -> Weights:
    fitted = [round(float(x), 2) for x in p]
    shipped = scorer.weights(learned=learned)
    units = {name: shipped.item[name] for name in ("lead", "contributor", "stranger")}
    item = dict(zip(ITEM, fitted[: len(ITEM)], strict=True))
    nobody = dict(zip(NOBODY, fitted[len(ITEM) : len(ITEM) + len(NOBODY)], strict=True))
    own = fitted[len(ITEM) + len(NOBODY) :]
    standards = dict(zip(map(mark, catalogues.load("national-2017").items), own, strict=True)) if own else {}
    return Weights(item | units, nobody, shipped.temperature, {m: c for m, c in standards.items() if c})


def _cases(idioms: Sequence[Idiom | None]) -> Cases:
    catalogue = catalogues.load("national-2017")
    units = unit_tables.from_references(r for i in catalogue.items for r in i.units)
    told: list[tuple[TextScorer, Labelled, float]] = []
    rows = [(row, 1.0) for row in building()] + [(row, NEAR_MISS) for row in near_misses()]
    for draw, fold in itertools.product(range(DRAWS), range(FOLDS)):
        mine = [*rows, *(((row, MADE_UP) for row in made_up()) if draw == 0 else ())]
        mine = [(row, count) for row, count in mine if row.fold == fold]
        less = apart(thinned(known(catalogue), draw), [row.title for row, _ in mine])
        thin = TextScorer(catalogue, everything=less, usual=idioms[fold])
        told += [(thin, row, count) for row, count in mine]
    n = len(told)
    items, offset, there = np.zeros((n, TOP, len(ITEM))), np.zeros((n, TOP)), np.zeros((n, TOP))
    number = {item.id: at for at, item in enumerate(catalogue.items)}
    standard = np.full((n, TOP), len(number), np.intp)
    right, nobody = np.zeros((n, TOP + 1)), np.zeros((n, len(NOBODY)))
    weigh, beside = scorer.weights(learned=idioms[0] is not None).item, asked_beside(catalogue)
    for at, (thin, row, _) in enumerate(told):
        m = thin.measure(Query(title=row.title))
        kind = guess_kind(media_type="", name=row.title, title=None, facts={}, text="")
        unit = units.match(row.unit).unit if row.unit else None
        strongest = sorted(
            m.items, key=lambda i: -(i[1].evidence + i[1].words + i[1].share + 2 * i[1].named + (i[1].idiom or 0.0))
        )[:TOP]
        for place, (id_, f, _) in enumerate(strongest):
            item = catalogue.by_id[id_]
            off = kind is not None and item.kinds and kind.name not in item.kinds
            belief = (kind.score or 0.0) if kind is not None and off else 0.0
            kinds = (belief, belief if kind is not None and kind.name in beside[id_] else 0.0)
            items[at, place] = (f.evidence, f.words, f.share, f.named, f.idiom or 0.0, *kinds, not item.under_material_review)
            if unit is not None:
                position = units.answers_for(unit.name, item.units)
                name = "stranger" if position is None else "contributor" if position else "lead"
                offset[at, place] = weigh[name]
            there[at, place], standard[at, place] = 1, number[id_]
            right[at, place] = id_ in row.items
        right[at, TOP] = not right[at].any()  # an item out of reach: better to abstain
        n_ = m.nobody
        nobody[at] = (1, m.unknown, n_.evidence, n_.words, n_.share, n_.named, n_.idiom or 0.0, m.length)
    folds = np.array([row.fold if row.kind else -1 for _, row, _ in told])  # made-up titles have no kind
    return Cases(items, standard, offset, there, right, nobody, np.array([w for _, _, w in told]), folds)


def thinned(everything: Iterable[Known], draw: int) -> Sequence[Known]:
    """What is known without a random share ``STRUCK_OUT`` of its words; every draw strikes out others."""
    rng = random.Random(f"words {draw}")
    out = []
    for k in everything:
        struck = {w for w, _ in k.words if rng.random() < STRUCK_OUT}
        phrases = tuple(p for p in k.phrases if p[0] not in struck)
        words = tuple(w for w in k.words if w[0] not in struck)
        names = tuple(n for n in k.names if n not in struck)
        out.append(msgspec.structs.replace(k, phrases=phrases, words=words, names=names))
    return out


def _fit(c: Cases, *, own: bool) -> Array:
    """Adam on the mean negative log-likelihood; the weights of items, of "nobody's", and with ``own`` the constants of the standards."""
    main = len(ITEM) + len(NOBODY)
    standards = len(catalogues.load("national-2017").items) if own else 0
    p = np.zeros(main + standards)
    penalty = np.array([PENALTY] * main + [OWN_PENALTY] * standards)
    mean, spread = np.zeros_like(p), np.zeros_like(p)
    for step in range(1, STEPS + 1):
        chances = _chances(p, c)
        target = chances * c.right
        target /= np.maximum(target.sum(1, keepdims=True), 1e-12)
        off = (chances - target) * c.counts[:, None]
        at_items = off[:, :-1] * c.there
        slope = np.concatenate([np.einsum("nk,nkf->f", at_items, c.items), off[:, -1] @ c.nobody])
        if own:
            by_standard = np.bincount(c.standard.ravel(), at_items.ravel(), minlength=standards + 1)
            slope = np.concatenate([slope, by_standard[:standards]])
        slope = slope / c.counts.sum() + penalty * p
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope * slope
        rate = RATE if step < STEPS * 0.6 else RATE * 0.3
        p -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return p


def _chances(p: Array, c: Cases) -> Array:
    main = len(ITEM) + len(NOBODY)
    strength = c.items @ p[: len(ITEM)] + c.offset
    if len(p) > main:
        strength = strength + np.append(p[main:], 0.0)[c.standard]
    strength = np.where(c.there > 0, strength, -1e9)
    every = np.concatenate([strength, (c.nobody @ p[len(ITEM) : main])[:, None]], axis=1)
    every = np.exp(every - every.max(axis=1, keepdims=True))
    chances: Array = every / every.sum(axis=1, keepdims=True)
    return chances


if __name__ == "__main__":
    sys.exit(main())
