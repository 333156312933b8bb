"""``python -m benchmarks.fit_titles``: fits the idiom of titles (``classification/idiom.py``); writes classification/idiom_weights.tsv.

A logistic regression over the n-grams of titles, one class for each item of the reference catalogue and one for nobody's: from
``classification/reference_titles.tsv``, written for it, ``reference_borders.tsv`` (captions, names of tables and plain papers, a third of them close to a
neighbouring standard), ``classification/other_titles.txt``, the made-up near misses of the tests and the building set of the labelled titles. A title with several items may be any of them. N-grams of one title only
are left out, rare ones weigh more, and what ends up small is dropped. Deterministic; needs numpy and scipy, which nothing at run time does.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.optimize import minimize

from archive_schema import catalogue as catalogues
from benchmarks.labelled import FOLDS, Labelled, building, near_misses
from classification import idiom
from classification.idiom import NOBODY, Idiom
from classification.knowledge import known
from classification.learning import ALIKE, pairs

REFERENCE = Path(idiom.__file__).parent / "reference_titles.tsv"
BORDERS = Path(idiom.__file__).parent / "reference_borders.tsv"
LEAST_SEEN = 2  # titles with an n-gram
LOOSENESS = 10.0  # inverse of the penalty on large weights
ROUNDS = 60
SMALL = 0.3  # weights below it are dropped
REAL = 1.5  # what a real title counts beside one that was written
_USUAL = 6.5  # rarity of a usual n-gram: values are about 1
_HEAD = """\
# How titles are worded (classification/idiom.py). Written by `python -m benchmarks.fit_titles` from classification/reference_titles.tsv, reference_borders.tsv and the building
# set of the labelled titles; no row of the final set has a part in it. First line: items of the reference catalogue with a digest of the standard; second: what is
# added for each; then each n-gram with what it says for an item (by its number in the first line, from 0).
"""

Array = NDArray[np.float64]


def main() -> int:
    fitted = fit([*reference(), *borders(), *nobodys()], building())
    where = Path(idiom.__file__).parent / "idiom_weights.tsv"
    where.write_text(_HEAD + "\n".join(idiom.lines(*fitted)) + "\n", "utf-8")
    sys.stdout.write(f"{where}: {len(fitted[2])} n-grams\n")
    return 0


def by_fold() -> list[Idiom]:
    """For every fold of the building set what all other titles give, those left out that are like one of the fold's."""
    rows, out = building(), []
    written = [*reference(), *borders()]
    for fold in range(FOLDS):
        asked = [p for p in (pairs(r.title) for r in rows if r.fold == fold) if p]
        others = [r for r in rows if r.fold != fold and not _like(r.title, asked)]
        classes, always, told = fit([*written, *(r for r in nobodys() if not _like(r.title, asked))], others)
        out.append(Idiom(classes, always, {g: " ".join(f"{n}={w:g}" for n, w in ws) for g, ws in told.items()}))
    return out


def reference() -> list[Labelled]:
    """The titles written for the reference catalogue."""
    return _written(REFERENCE)


def borders() -> list[Labelled]:
    """Those written close to neighbouring standards; for the items alone."""
    return _written(BORDERS)


def _written(file: Path) -> list[Labelled]:
    with file.open(encoding="utf-8", newline="") as lines:
        found = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Labelled(r["title"], r["kind"], tuple(filter(None, r["items"].split(";"))), "") for r in found]


def nobodys() -> list[Labelled]:
    """More titles that belong to no item; many of ``other_titles.txt`` come from the building set."""
    known_ = next(k for k in known(catalogues.load("national-2017")) if not k.item and not k.name)
    return [*(Labelled(name, "", (), "") for name in known_.names), *near_misses()]


def fit(
    written: Sequence[Labelled], real: Sequence[Labelled]
) -> tuple[list[str], list[float], dict[str, list[tuple[int, float]]]]:
    """Classes, what is added for each, and for each n-gram its weights, as ``idiom.lines`` writes them."""
    rows = [*written, *real]
    catalogue = catalogues.load("national-2017")
    classes = [*(i.id for i in catalogue.material), NOBODY]
    number = {c: n for n, c in enumerate(classes)}
    cut = [idiom.grams(r.title) for r in rows]
    seen = Counter(g for grams in cut for g in grams)
    kept = sorted(g for g, n in seen.items() if n >= LEAST_SEEN)
    rare = [math.log((1 + len(rows)) / (1 + seen[g])) + 1 for g in kept]
    place = {g: n for n, g in enumerate(kept)}
    columns = [sorted(place[g] for g in grams if g in place) for grams in cut]
    values = [rare[c] / _USUAL / idiom.divisor(len(grams)) for grams, cs in zip(cut, columns, strict=True) for c in cs]
    ends = np.cumsum([0, *(len(cs) for cs in columns)])
    x: Any = sparse.csr_matrix((values, [c for cs in columns for c in cs], ends), shape=(len(rows), len(kept)))
    right = np.zeros((len(rows), len(classes)))
    for n, row in enumerate(rows):
        right[n, [number[i] for i in row.items or (NOBODY,)]] = 1
    counts = np.array([1.0] * len(written) + [REAL] * len(real))
    weights, always = _minimum(x, right, counts)
    marks = [*(idiom.mark(i) for i in catalogue.material), NOBODY]
    told = {}
    for n, gram in enumerate(kept):
        row = [(c, round(float(w) * rare[n] / _USUAL, 2)) for c, w in enumerate(weights[n]) if abs(w) >= SMALL]
        if row:
            told[gram] = row
    return marks, [round(float(a), 3) for a in always], told


def _minimum(x: Any, right: Array, counts: Array) -> tuple[Array, Array]:
    """Weights (n-gram, class) and constants of the least penalised negative log-likelihood (L-BFGS)."""
    size, classes = x.shape[1], right.shape[1]
    turned = x.T.tocsr()

    def loss(p: Array) -> tuple[float, Array]:
        w, always = p[: size * classes].reshape(size, classes), p[size * classes :]
        z = x @ w + always
        z -= z.max(axis=1, keepdims=True)
        chances = np.exp(z)
        chances /= chances.sum(axis=1, keepdims=True)
        theirs = chances * right
        hit = theirs.sum(axis=1, keepdims=True)
        off = (chances - theirs / hit) * counts[:, None]
        slope = turned @ off + w / LOOSENESS
        return float(-(counts * np.log(hit[:, 0])).sum() + (w * w).sum() / (2 * LOOSENESS)), np.concatenate(
            [slope.ravel(), off.sum(axis=0)]
        )

    found = minimize(
        loss, np.zeros(size * classes + classes), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxcor": 6}
    )
    return found.x[: size * classes].reshape(size, classes), found.x[size * classes :]


def _like(title: str, asked: Sequence[set[str] | frozenset[str]]) -> bool:
    own = pairs(title)
    return any(len(own & other) >= ALIKE * len(own | other) for other in asked)


if __name__ == "__main__":
    sys.exit(main())
