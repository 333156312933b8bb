"""``python -m benchmarks.fit_kinds``: the weights of the wording of headlines; writes classification/headline_weights.tsv and headline_grams.tsv.

A multinomial logistic regression over the cues of classification/headlines.py and the runs of characters of headline_grams.py, fitted to the
labelled titles. Both labellers count, the first a little more, so that a title that two people read differently teaches no certainty.
Beside them, counting less, stand the titles written for the reference catalogue and made-up ones (tests/classification/kind_patterns.tsv: every
pattern with every-day subjects filled in, so that a subject is no cue). Titles that a rule or their word of form decides teach the runs too; what
decided them has a weight of its own that is not kept. ``--folds`` measures instead of writing: every title is judged with weights fitted without its
fold. The cues, rules and words of form were written with the labelled titles in view, so such a figure is still too good. Deterministic; needs
numpy and scipy, which nothing at run time does.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
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
from benchmarks.labelled import FOLDER, FOLDS, Labelled
from classification import headline_grams, headlines, kinds
from classification.form_words import bare, said

#: file of titles, file of the second labeller, "" = there was none
SETS = (
    ("titles.tsv", "second.tsv"),
    ("unseen.tsv", "unseen-second.tsv"),
    ("third.tsv", "third-second.tsv"),
    ("fourth.tsv", "fourth-second.tsv"),
    ("more.tsv", ""),
)
FIRST, SECOND = 0.6, 0.4  # what a label counts
WRITTEN = 0.1  # what a written or made-up title counts
PENALTY, GRAM_PENALTY = 1.0, 3.0
SEEN = 0.3  # labelled titles' worth a run must be seen in
KEPT = 3000  # runs, those that tell most
DRAWS = 3  # titles made of a pattern
ROUNDS = 150
BANDS = (0.0, 0.5, 0.6, headlines.HEADLINE, 0.7, 1.0)
_KINDS = [k.value for k in EvidenceKind]
_HERE = "here:"  # what stands before a feature of the wording that the cues and words of form show, and before what decided
_HEAD = """\
# Weights of the wording of headlines (classification/{}), by kind. Written by `python -m benchmarks.fit_kinds` from the
# labelled titles and those written for the purpose.
"""

Array = NDArray[np.float64]
Weights = dict[str, tuple[float, ...]]


class Title(msgspec.Struct, frozen=True):
    text: str
    kind: str
    second: str
    set: str = ""

    @property
    def fold(self) -> int:
        return Labelled(self.text, "", (), "").fold


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_kinds")
    parser.add_argument("--folds", action="store_true", help="measure in folds instead of writing the weights")
    parser.add_argument(
        "--without", action="append", default=[], metavar="SET", help="leave a set of titles out, e.g. more.tsv"
    )
    asked = parser.parse_args()
    titles = labelled(asked.without)
    if asked.folds:
        in_folds(titles)
        return 0
    folder = Path(headlines.__file__).parent
    for name, weights in zip(("headline_weights.tsv", "headline_grams.tsv"), fitted(titles), strict=True):
        lines = [_HEAD.format(name.replace("_weights.tsv", "s.py").replace(".tsv", ".py"))]
        lines += ["\t".join(["feature", *_KINDS]) + "\n"]
        lines += ["\t".join([f, *(f"{x:.2f}" for x in row)]) + "\n" for f, row in weights.items()]
        (folder / name).write_text("".join(lines), "utf-8")
        sys.stdout.write(f"{folder / name}: {len(weights)} features\n")
    return 0


def labelled(without: Sequence[str] = ()) -> list[Title]:
    out = []
    for first, second in SETS:
        if first not in without:
            again = {r["title"]: r["kind"] for r in _rows(second)} if second else {}
            out += [Title(r["title"], r["kind"], again.get(r["title"], r["kind"]), first) for r in _rows(first)]
    return out


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / "labelled" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def made_up() -> list[Title]:
    """The titles written for the reference catalogue, and those made of patterns."""
    rows = [
        line.split("\t") for line in (FOLDER / "kind_patterns.tsv").read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    fill = {name[1:]: words.split() for name, words in rows if name.startswith("=")}
    rng = random.Random("kinds")
    out = [Title(r.title, r.kind, r.kind) for r in reference()]
    for kind, pattern in rows:
        if kind.startswith("="):
            continue
        for _ in range(DRAWS if "{" in pattern else 1):
            text = re.sub(r"\{(.)\}", lambda m: rng.choice(fill[m[1]]), pattern)
            out.append(Title(text, kind, kind))
    return out


def shown(title: str) -> set[str]:
    """What the wording of a title shows; what the cues and words of form show, and what decided, is marked ``_HERE``."""
    text, words = bare(title), said(title)
    found = {_HERE + name for name, _ in headlines.features(text, words)}
    ruled = headlines.ruled(text, words)
    if ruled is None and headlines.is_headline(text, words):
        return found | {_HERE + "headline"} | headline_grams.grams(text, words)
    found = {
        name for name in found if not (name.startswith(_HERE + "form:") and name.endswith(":end"))
    }  # decides; is no object
    by = f"{ruled.name.name}:{ruled.reasons[0][:6]}" if ruled else f"{words.kind.name}:{words.word}" if words else "nothing"
    return found | {f"{_HERE}decided:{by}", f"{_HERE}decided:{by.partition(':')[0]}"} | headline_grams.grams(text, None)


def fitted(titles: Sequence[Title], more: Sequence[Title] | None = None) -> tuple[Weights, Weights]:
    """Weights of what the cues and words of form show, "always" first, and of the runs of characters."""
    rows = [*titles, *(made_up() if more is None else more)]
    counts = np.array([1.0] * len(titles) + [WRITTEN] * (len(rows) - len(titles)))
    found = [shown(t.text) for t in rows]
    seen, worth = Counter[str](), Counter[str]()
    for of_one, count in zip(found, counts, strict=True):
        seen.update(of_one)
        for name in of_one:
            worth[name] += count
    right = np.array([[FIRST * (t.kind == k) + SECOND * (t.second == k) for k in _KINDS] for t in rows])
    names = sorted(n for n, times in seen.items() if times > 1 and (n.startswith(_HERE) or worth[n] >= SEEN) and n[0] != "#")
    weights, _ = _minimum(_matrix(found, names), right, counts, names)
    tells = {n: float(np.ptp(w)) * worth[n] ** 0.5 for n, w in zip(names, weights, strict=True)}
    runs = sorted((n for n in names if not n.startswith(_HERE)), key=lambda n: (-tells[n], n))[:KEPT]
    names = [n for n in names if n.startswith(_HERE)] + sorted(runs)
    weights, always = _minimum(_matrix(found, names), right, counts, names)
    by = {n: tuple(round(float(x), 2) for x in w) for n, w in zip(names, weights, strict=True)}
    always = always + np.array(by[_HERE + "headline"])  # all titles that are weighed show it
    cues = {n.removeprefix(_HERE): w for n, w in by.items() if n.startswith(_HERE)}
    cues = {n: w for n, w in cues.items() if n != "headline" and not n.startswith("decided:") and any(w)}
    return {"always": tuple(round(float(x), 2) for x in always), **cues}, {n: by[n] for n in sorted(runs) if any(by[n])}


def _matrix(found: Sequence[set[str]], names: Sequence[str]) -> Any:
    place = {n: at for at, n in enumerate(names)}
    columns = [sorted(place[n] for n in of_one if n in place) for of_one in found]
    ends = np.cumsum([0, *(len(c) for c in columns)])
    return sparse.csr_matrix((np.ones(ends[-1]), [c for cs in columns for c in cs], ends), shape=(len(found), len(names)))


def _minimum(x: Any, right: Array, counts: Array, names: Sequence[str]) -> tuple[Array, Array]:
    """Weights (feature, kind) and constants of the least penalised negative log-likelihood (L-BFGS)."""
    size, turned = len(names), x.T.tocsr()
    penalty = np.array([[PENALTY if n.startswith(_HERE) else GRAM_PENALTY] for n in names])

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
    more = made_up()
    given: dict[str, KindGuess | None] = {}
    for fold in range(FOLDS):
        weights = fitted([t for t in titles if t.fold != fold], more)
        for t in titles:
            if t.fold == fold:
                given[t.text] = _guessed(t.text, weights)
    out = sys.stdout.write
    right = {t.text: (g := given[t.text]) is not None and g.name.value == t.kind for t in titles}
    out(f"{len(titles)} titles, {FOLDS} folds; right: {_share([right[t.text] for t in titles])}\n")
    for first, _ in SETS:
        if mine := [right[t.text] for t in titles if t.set == first]:
            out(f"  {first}: {_share(mine)}\n")
    for kind in _KINDS:
        out(f"  {kind}: {_share([right[t.text] for t in titles if t.kind == kind])}\n")
    for low, high in pairwise(BANDS):
        band = [t.text for t in titles if (g := given[t.text]) and low <= (g.score or 0.0) < high]
        out(f"  score {low:.2f} to {high:.2f}: {_share([right[t] for t in band])}\n")


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)}/{len(right)} ({sum(right) / max(1, len(right)):.1%})"


def _guessed(title: str, weights: tuple[Weights, Weights]) -> KindGuess | None:
    text, words = bare(title), said(title)
    if headlines.ruled(text, words) is None and headlines.is_headline(text, words):
        return headlines.weighed(text, words, *weights)
    return kinds.guess_kind(media_type="", name=title, title=None, facts={}, text="")


if __name__ == "__main__":
    raise SystemExit(main())
