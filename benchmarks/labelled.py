"""The labelled titles: the building set, the final set, and the made-up ones beside them.

The words, rules and weights of the classification are built on ``BUILDING`` (but for the last, final sets once); what is fitted to
them is measured in folds. The titles themselves are shipped as names of typical material, so a title of a fold is classified by
what is known without the titles of its fold and all that are like them (``apart``). The final set (``final.tsv``) is read by
``benchmarks.evaluation`` alone, and not when that is asked for the building set.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from classification.knowledge import Known
from classification.learning import ALIKE, pairs

FOLDER = Path(__file__).parents[1] / "tests" / "classification"
BUILDING = (
    "titles.tsv",
    "unseen.tsv",
    "third.tsv",
    "fourth.tsv",
    "more.tsv",
    "fifth.tsv",
    "sixth.tsv",
    "seventh.tsv",
    "eighth.tsv",
    "borders.tsv",
    "ninth.tsv",
    "tenth.tsv",
    "eleventh.tsv",
)
FOLDS = 5
WITHIN = 0.8  # from so many of its character pairs on a name counts as one that stands within a title


class Labelled(NamedTuple):
    """``items``: the accept set, () = belongs to no item."""

    title: str
    kind: str
    items: tuple[str, ...]
    unit: str

    @property
    def fold(self) -> int:
        """0 … FOLDS - 1, by the hash of the title, so that it never changes."""
        return int(hashlib.sha256(self.title.encode()).hexdigest()[1:9], 16) % FOLDS


def building() -> list[Labelled]:
    return _labelled([FOLDER / "labelled" / name for name in BUILDING])


def final() -> list[Labelled]:
    """:raises FileNotFoundError: the final set is not there; what to do is said."""
    file = FOLDER / "labelled" / "final.tsv"
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} is missing: there is no final set, only the building set can be measured (--building). "
            "A final set has the columns of unseen.tsv, and a second labeller in final-second.tsv; nothing may be built on it."
        )
    return _labelled([file])


def apart(everything: Sequence[Known], titles: Iterable[str]) -> list[Known]:
    """What is known without the names that are like one of the titles, or stand within one."""
    asked = [p for p in map(pairs, titles) if p]
    holding: dict[str, list[int]] = {}
    for n, held in enumerate(asked):
        for pair in held:
            holding.setdefault(pair, []).append(n)

    def like(name: str) -> bool:
        own = pairs(name)
        shared: dict[int, int] = {}
        for pair in own:
            for n in holding.get(pair, ()):
                shared[n] = shared.get(n, 0) + 1
        return any(both >= ALIKE * (len(own) + len(asked[n]) - both) or both >= WITHIN * len(own) for n, both in shared.items())

    judged = {name: like(name) for k in everything for name in k.names}
    out = []
    for k in everything:
        gone = {name for name in k.names if judged[name]}
        out.append(
            msgspec.structs.replace(
                k,
                names=tuple(n for n in k.names if n not in gone),
                phrases=tuple(p for p in k.phrases if p[0] not in gone),
                words=tuple(w for w in k.words if w[0] not in gone),
            )
        )
    return out


def made_up() -> list[Labelled]:
    """Titles as departments write them, each for one item; kinds not labelled."""
    return [Labelled(title, "", (item,), unit) for item, unit, title in _rows("titles.tsv")]


def near_misses() -> list[Labelled]:
    """Titles that speak a word of some item and belong to none."""
    return [Labelled(title, "", (), unit) for unit, title in _rows("near_misses.tsv")]


def _labelled(files: Iterable[Path]) -> list[Labelled]:
    out = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for r in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                items = tuple(filter(None, r["items"].split(";")))
                out.append(Labelled(r["title"], r["kind"], items, r["unit"]))
    return out


def _rows(name: str) -> list[list[str]]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]
