"""The labelled titles: the building set, the final set, and the made-up ones beside them.

The words, rules and weights of the classification are built on ``titles.tsv``; what is fitted to it is measured in folds. The final
set (``unseen.tsv``) is read by ``benchmarks.evaluation`` alone, and not when that is asked for the building set.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "tests" / "classification"
FOLDS = 5


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
    return _labelled([FOLDER / "labelled" / "titles.tsv"])


def final() -> list[Labelled]:
    return _labelled([FOLDER / "labelled" / "unseen.tsv"])


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
