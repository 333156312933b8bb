"""``python -m benchmarks.fit_kinds``: the weights of the wording of headlines; writes classification/headline_weights.tsv.

A multinomial logistic regression over the cues of classification/headlines.py, fitted to the labelled titles that no word of
form decides. Both labellers count, the first a little more, so that a title that two people read differently teaches no certainty.
Beside them stand made-up titles (tests/classification/kind_patterns.tsv): every pattern with every-day subjects filled in, so
that a subject is no cue. ``--folds`` measures instead of writing: every title judged with weights fitted without its fold, the
folds drawn several times over. The cues and the words of form were written with these titles in view, so such a figure is still
too good. Deterministic; needs numpy, which nothing at run time does.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from archive_schema.words import EvidenceKind
from benchmarks.labelled import FOLDER
from classification import headlines, kinds
from classification.form_words import bare, said

SETS = (("titles.tsv", "second.tsv"), ("unseen.tsv", "unseen-second.tsv"), ("third.tsv", "third-second.tsv"))
FIRST, SECOND, MADE_UP = 0.6, 0.4, 0.3  # what a label and a made-up title count
PENALTY = 1.0
DRAWS = 3  # titles made of a pattern
FOLDS, TIMES = 10, 5
STEPS = 1500
_KINDS = [k.value for k in EvidenceKind]
_HEAD = """\
# Weights of the wording of headlines (classification/headlines.py), by kind. Written by `python -m benchmarks.fit_kinds` from the
# labelled titles and the made-up ones of tests/classification.
"""

Array = NDArray[np.float64]


class Title(msgspec.Struct, frozen=True):
    text: str
    kind: str
    second: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_kinds")
    parser.add_argument("--folds", action="store_true", help="measure in folds instead of writing the weights")
    titles = labelled()
    if parser.parse_args().folds:
        in_folds(titles)
        return 0
    names, w = fitted([t for t in titles if open_to_weighing(t.text)])
    lines = [_HEAD + "\t".join(["feature", *_KINDS])]
    lines += ["\t".join([name, *(f"{x:.2f}" for x in row)]) for name, row in zip(names, w, strict=True)]
    where = Path(headlines.__file__).parent / "headline_weights.tsv"
    where.write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write(f"{where}: {len(names)} features\n")
    return 0


def labelled() -> list[Title]:
    out = []
    for first, second in SETS:
        again = {r["title"]: r["kind"] for r in _rows(first=second)}
        out += [Title(r["title"], r["kind"], again[r["title"]]) for r in _rows(first=first)]
    return out


def _rows(first: str) -> list[dict[str, str]]:
    with (FOLDER / "labelled" / first).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def made_up() -> list[Title]:
    rows = [
        line.split("\t") for line in (FOLDER / "kind_patterns.tsv").read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    fill = {name[1:]: words.split() for name, words in rows if name.startswith("=")}
    rng = random.Random("kinds")
    out = []
    for kind, pattern in rows:
        if kind.startswith("="):
            continue
        for _ in range(DRAWS if "{" in pattern else 1):
            text = re.sub(r"\{(.)\}", lambda m: rng.choice(fill[m[1]]), pattern)
            out.append(Title(text, kind, kind))
    return out


def open_to_weighing(title: str) -> bool:
    """Does the wording decide, and not a rule or the word of form?"""
    text, words = bare(title), said(title)
    return headlines.ruled(text, words) is None and headlines.is_headline(text, words)


def _shown(title: str) -> set[str]:
    return {name for name, _ in headlines.features(bare(title), said(title))}


def fitted(titles: Sequence[Title]) -> tuple[list[str], Array]:
    """Names of the features, "always" first, and (feature, kind) weights."""
    more = [t for t in made_up() if open_to_weighing(t.text)]
    told = [(_shown(t.text), t.kind, FIRST) for t in titles] + [(_shown(t.text), t.second, SECOND) for t in titles]
    told += [(_shown(t.text), t.kind, MADE_UP) for t in more]
    seen = Counter(f for shown, _, _ in told for f in shown)
    names = ["always", *sorted(f for f, n in seen.items() if n > 1)]
    x = np.array([[float(n == "always" or n in shown) for n in names] for shown, _, _ in told])
    y = np.array([[float(k == kind) for k in _KINDS] for _, kind, _ in told])
    counts = np.array([w for _, _, w in told])[:, None]
    free = np.array([[0.0 if n == "always" else PENALTY] for n in names])
    w = np.zeros((len(names), len(_KINDS)))
    ahead, pace = w.copy(), 1.0
    rate = 1.0 / (0.5 * float(np.linalg.norm(x * np.sqrt(counts), 2)) ** 2 + PENALTY)
    for _ in range(STEPS):  # Nesterov's gradient method
        slope = x.T @ ((_chances(x @ ahead) - y) * counts) + free * ahead
        new, old = ahead - rate * slope, w
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead, w, pace = new + (pace - 1) / faster * (new - old), new, faster
    return names, w


def _chances(sums: Array) -> Array:
    odds: Array = np.exp(sums - sums.max(1, keepdims=True))
    chances: Array = odds / odds.sum(1, keepdims=True)
    return chances


def in_folds(titles: Sequence[Title]) -> None:
    """Prints how many kinds are right when the weights have not seen the title."""
    weighed = [t for t in titles if open_to_weighing(t.text)]
    ruled = {t.text: _ruled(t.text) for t in titles if t not in set(weighed)}
    shares, right = [], Counter[str]()
    for time in range(TIMES):
        order = random.Random(time).sample(weighed, len(weighed))
        given = dict(ruled)
        for fold_ in range(FOLDS):
            names, w = fitted([t for n, t in enumerate(order) if n % FOLDS != fold_])
            for t in order[fold_::FOLDS]:
                shown = _shown(t.text)
                sums = sum((w[n] for n, name in enumerate(names) if name == "always" or name in shown), np.zeros(len(_KINDS)))
                given[t.text] = _KINDS[int(np.argmax(sums))]
        shares.append(sum(given[t.text] == t.kind for t in titles) / len(titles))
        right.update(t.kind for t in titles if given[t.text] == t.kind)
    of = Counter(t.kind for t in titles)
    sys.stdout.write(f"{len(titles)} titles, {len(weighed)} weighed, {TIMES} times {FOLDS} folds\n")
    sys.stdout.write(f"right: {np.mean(shares):.1%} ({min(shares):.1%} to {max(shares):.1%})\n")
    for kind in _KINDS:
        sys.stdout.write(f"  {kind}: {right[kind] / TIMES:.1f} of {of[kind]}\n")


def _ruled(title: str) -> str | None:
    guess = kinds.guess_kind(media_type="", name=title, title=None, facts={}, text="")
    return guess.name.value if guess else None


if __name__ == "__main__":
    raise SystemExit(main())
