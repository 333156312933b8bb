"""``python -m benchmarks.fit_kinds``: what the wording of a title says of its kind; writes classification/kind_weights.tsv.

A multinomial logistic regression over the features of ``classification/wording.py``: signs, words of form, runs of characters. It is fitted to the
titles that their last word does not decide: the labelled ones of the building set (both labellers count, the first a little more) and, counting
less, those written for the reference catalogue (classification/reference_titles.tsv) and close to the border of two kinds
(classification/reference_headlines.tsv). ``--folds`` measures instead of writing: every labelled title is judged with weights fitted without its fold. The signs
and words of form were written with the labelled titles in view, so such a figure is still too good. Deterministic; needs numpy and scipy, which
nothing at run time does.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.optimize import minimize

from archive_schema.evidence import KindGuess
from archive_schema.words import EvidenceKind
from benchmarks.fit_titles import reference
from benchmarks.labelled import BUILDING, FOLDER, FOLDS, Labelled
from classification import wording
from classification.form_words import bare, said

HEADLINES = Path(wording.__file__).parent / "reference_headlines.tsv"
FIRST, SECOND = 0.6, 0.4  # what a label counts
WRITTEN = 0.25  # what a written title counts
PENALTY, RUN_PENALTY = 0.2, 8.0
SEEN = 2  # titles a feature must be seen in
KEPT = 6000  # runs, those that tell most
ROUNDS = 200
BANDS = (0.0, 0.5, 0.6, 0.7, wording.MOST, 1.0)
_KINDS = [k.value for k in EvidenceKind]
_HEAD = """\
# What a title shows, and what it says for each kind (classification/wording.py). Written by `python -m benchmarks.fit_kinds` from the labelled titles
# and those written for the purpose.
"""

Array = NDArray[np.float64]
Weights = dict[str, tuple[float, ...]]


class Title(msgspec.Struct, frozen=True):
    text: str
    kind: str
    second: str
    counts: float = 1.0
    set: str = ""

    @property
    def fold(self) -> int:
        return Labelled(self.text, "", (), "").fold


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_kinds")
    parser.add_argument("--folds", action="store_true", help="measure in folds instead of writing the weights")
    asked = parser.parse_args()
    titles = labelled()
    if asked.folds:
        in_folds(titles)
        return 0
    where = Path(wording.__file__).parent / "kind_weights.tsv"
    found = fitted([*titles, *written()])
    lines = [_HEAD, "\t".join(["feature", *_KINDS]) + "\n"]
    lines += ["\t".join([f, *(f"{x:.2f}" for x in row)]) + "\n" for f, row in found.items()]
    where.write_text("".join(lines), "utf-8")
    sys.stdout.write(f"{where}: {len(found)} features\n")
    return 0


def labelled() -> list[Title]:
    """The building set, with what the second labeller said where there was one."""
    out = []
    for name in BUILDING:
        second = FOLDER / "labelled" / ("second.tsv" if name == "titles.tsv" else name.replace(".tsv", "-second.tsv"))
        again = {r["title"]: r["kind"] for r in _rows(second)} if second.is_file() else {}
        out += [
            Title(r["title"], r["kind"], again.get(r["title"], r["kind"]), set=name) for r in _rows(FOLDER / "labelled" / name)
        ]
    return out


def written() -> list[Title]:
    """The titles written for the reference catalogue, and those close to a border."""
    rows = [(r.title, r.kind) for r in reference()] + [(r["title"], r["kind"]) for r in _rows(HEADLINES)]
    return [Title(title, kind, kind, WRITTEN) for title, kind in rows]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def fitted(titles: Sequence[Title]) -> Weights:
    """Weights by feature, "always" first, runs of characters last; of titles that their word of form decides nothing is learned."""
    titles = [t for t in titles if (words := said(t.text)) is None or not wording.decides(bare(t.text), words)]
    counts = np.array([t.counts for t in titles])
    found = [set(wording.features(bare(t.text), said(t.text))) for t in titles]
    seen = Counter(name for of_one in found for name in of_one)
    right = np.array([[FIRST * (t.kind == k) + SECOND * (t.second == k) for k in _KINDS] for t in titles])
    names = sorted(n for n, times in seen.items() if times >= SEEN)
    weights, _ = _minimum(_matrix(found, names), right, counts, names)
    tells = {n: float(np.ptp(w)) * seen[n] ** 0.5 for n, w in zip(names, weights, strict=True)}
    kept = sorted((n for n in names if n.startswith("run ")), key=lambda n: (-tells[n], n))[:KEPT]
    names = [*(n for n in names if not n.startswith("run ")), *sorted(kept)]
    weights, always = _minimum(_matrix(found, names), right, counts, names)
    by = {n: tuple(round(float(x), 2) for x in w) for n, w in zip(names, weights, strict=True)}
    return {"always": tuple(round(float(x), 2) for x in always), **{n: w for n, w in by.items() if any(w)}}


def _matrix(found: Sequence[set[str]], names: Sequence[str]) -> Any:
    place = {n: at for at, n in enumerate(names)}
    columns = [sorted(place[n] for n in of_one if n in place) for of_one in found]
    ends = np.cumsum([0, *(len(c) for c in columns)])
    return sparse.csr_matrix((np.ones(ends[-1]), [c for cs in columns for c in cs], ends), shape=(len(found), len(names)))


def _minimum(x: Any, right: Array, counts: Array, names: Sequence[str]) -> tuple[Array, Array]:
    """Weights (feature, kind) and constants of the least penalised negative log-likelihood (L-BFGS)."""
    size, turned = len(names), x.T.tocsr()
    penalty = np.array([[RUN_PENALTY if n.startswith("run ") else PENALTY] for n in names])

    def loss(p: Array) -> tuple[float, Array]:
        w, always = p[: size * len(_KINDS)].reshape(size, -1), p[size * len(_KINDS) :]
        sums = x @ w + always
        sums -= sums.max(axis=1, keepdims=True)
        logs = sums - np.log(np.exp(sums).sum(axis=1, keepdims=True))
        off = (np.exp(logs) - right) * counts[:, None]
        slope = turned @ off + penalty * w
        value = -(counts[:, None] * right * logs).sum() + (penalty * w * w).sum() / 2
        return float(value), np.concatenate([slope.ravel(), off.sum(axis=0)])

    start = np.zeros((size + 1) * len(_KINDS))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return best[: size * len(_KINDS)].reshape(size, -1), best[size * len(_KINDS) :]


def in_folds(titles: Sequence[Title]) -> None:
    """Prints how many kinds are right when the weights have not seen the title, and what the scores are worth."""
    more = written()
    given: dict[str, KindGuess | None] = {}
    for fold in range(FOLDS):
        weights = fitted([*(t for t in titles if t.fold != fold), *more])
        for t in titles:
            if t.fold == fold:
                given[t.text] = wording.told(t.text, weights)
    out = sys.stdout.write
    right = {t.text: (g := given[t.text]) is not None and g.name.value == t.kind for t in titles}
    out(f"{len(titles)} titles, {FOLDS} folds; right: {_share([right[t.text] for t in titles])}\n")
    for name in BUILDING:
        out(f"  {name}: {_share([right[t.text] for t in titles if t.set == name])}\n")
    for kind in _KINDS:
        out(f"  {kind}: {_share([right[t.text] for t in titles if t.kind == kind])}\n")
    for low, high in pairwise(BANDS):
        band = [t.text for t in titles if (g := given[t.text]) and low <= (g.score or 0.0) < high]
        out(f"  score {low:.2f} to {high:.2f}: {_share([right[t] for t in band])}\n")


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)}/{len(right)} ({sum(right) / max(1, len(right)):.1%})"


if __name__ == "__main__":
    raise SystemExit(main())
