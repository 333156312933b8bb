"""How titles of each item are usually worded: a linear model over character n-grams, beside the words that ``scorer`` counts.

``reference_titles.tsv`` and ``reference_borders.tsv`` hold some twenty thousand titles as departments write them, written for the reference catalogue; with the real ones of the building set a
logistic regression was fitted to them (``python -m benchmarks.fit_titles``), and ``idiom_weights.tsv`` is what came of it: for each n-gram what it
says for and against each item, and nobody's. At run time it is read and added up; nothing is learned.

The weights speak of the items of that catalogue. Of another one only those count that have the same id and the same standard; where that is less
than half of the items there is no idiom, and the words decide alone with weights of their own. A city's own knowledge goes into
``terms.tsv`` and its decisions, which are heard beside this.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import dropwhile
from operator import methodcaller
from pathlib import Path

from archive_schema.catalogue import Catalogue, Item
from archive_schema.text import fold
from classification.vocabulary import head

SIZES = (1, 2, 3)
NOBODY = "-"
#: least log-probability told: what is less is as good as nothing
LEAST = -8.0
LONGEST = 400  # characters of a title that are looked at
#: n-grams that every title counts as having at least, and the power of their number by which a title's sum is divided
SHORT, POWER = 6, 0.35
_MATCHED = 0.5  # share of the items from which the weights are for this catalogue
_RUN = re.compile(r"[^\W_]+")
_CHINESE = re.compile("[\u3400-\u9fff]")
_FIGURES = re.compile(r"\d+")
_SPOKE, _TELLS = 3, 0.8
#: weights have two decimals; bits of a class in a number that holds all, and what makes every sum positive
_PARTS, _FIELD, _MIDDLE = 100, 32, 1 << 31


def grams(title: str) -> set[str]:
    """N-grams of the runs of a title without its issuer; every number is 0."""
    return _grams(_runs(title))


def divisor(number: int) -> float:
    """By which the sum over so many n-grams is divided."""
    return float(max(number, SHORT) ** POWER)


def mark(item: Item) -> str:
    """What the weights know an item by: its id and the first digits of the SHA-256 of its standard."""
    return f"{item.id}:{hashlib.sha256(fold(item.standard).encode()).hexdigest()[:8]}"


class Idiom:
    """The weights, as they concern one catalogue.

    :param classes: marks of the items, and ``NOBODY``
    :param always: what is added for each class
    :param told: n-gram → ``class=weight`` parted by spaces, the class by its number; taken apart when the n-gram is met
    :param catalogue: None: every class counts
    """

    def __init__(
        self, classes: Sequence[str], always: Sequence[float], told: Mapping[str, str], catalogue: Catalogue | None = None
    ) -> None:
        self._always = list(always)
        self._told = told
        self._packed = _Packed(told, len(self._always))
        self._bias = sum(_MIDDLE << at for at in range(0, _FIELD * len(classes), _FIELD))
        known = {mark(i) for i in catalogue.items} if catalogue is not None else set(classes)
        self._item = {c.partition(":")[0]: n for n, c in enumerate(classes) if c in known or c == NOBODY}
        self._neutral = -math.log(len(classes))

    @property
    def items(self) -> frozenset[str]:
        """Ids that the weights speak of."""
        return frozenset(self._item) - {NOBODY}

    def logs(self, title: str) -> dict[str, float]:
        """Item, or ``NOBODY`` → log-probability that a title so worded is its, those above ``LEAST``. Empty for a title that has no Chinese."""
        runs = _runs(title)
        if not _CHINESE.search(" ".join(runs)):
            return {}
        found = _grams(runs)
        sums = sum(map(self._packed.__getitem__, found & self._told.keys()), self._bias)
        # without the bit that made it positive, each field is the sum in two's complement
        told = array("i", (sums ^ self._bias).to_bytes(_FIELD // 8 * len(self._always), sys.byteorder))
        by = divisor(len(found)) * _PARTS
        strength = [a + t / by for a, t in zip(self._always, told, strict=True)]
        top = max(strength)
        norm = top + math.log(math.fsum([math.exp(s - top) for s in strength]))
        least = norm + LEAST
        return {item: strength[n] - norm for item, n in self._item.items() if strength[n] > least}

    def log(self, logs: Mapping[str, float], item: str) -> float:
        """What ``logs`` told of an item; of one that the weights do not speak of, as if nothing were known."""
        return logs.get(item, LEAST if item in self._item else self._neutral)

    def spoke(self, title: str, item: str) -> tuple[str, ...]:
        """Words of the title that speak for the item, most telling first."""
        own = self._item.get(item)
        words: dict[str, float] = {}
        if own is None:
            return ()
        for run in _runs(title):
            worth = [0.0] * len(run)
            for n in SIZES:
                for at in range(len(run) - n + 1):
                    w = self._weight(run[at : at + n], own)
                    for i in range(at, at + n):
                        worth[i] += w / n
            start = None
            for i, w in enumerate([*worth, 0.0]):
                if w >= _TELLS and start is None:
                    start = i
                elif w < _TELLS and start is not None:
                    if i - start > 1:
                        words[run[start:i]] = max(words.get(run[start:i], 0.0), sum(worth[start:i]))
                    start = None
        return tuple(sorted(words, key=lambda w: (-words[w], w))[:_SPOKE])

    def _weight(self, gram: str, own: int) -> float:
        """Of one n-gram for one class."""
        _, found, behind = f" {self._told.get(gram, '')}".partition(f" {own}=")
        return float(behind.partition(" ")[0]) if found else 0.0


class _Packed(dict[str, int]):
    """Of each n-gram that was met the weights of all classes side by side in one number: to add up such numbers adds all classes up at
    once, and exactly."""

    def __init__(self, told: Mapping[str, str], classes: int) -> None:
        self._told = told
        at = range(0, _FIELD * classes, _FIELD)
        self._at = at if sys.byteorder == "little" else at[::-1]

    def __missing__(self, gram: str) -> int:
        cells = self._told[gram].replace("=", " ").split()
        parts = zip(map(int, cells[::2]), map(float, cells[1::2]), strict=True)
        self[gram] = packed = sum([round(w * _PARTS) << self._at[n] for n, w in parts])
        return packed


def shipped(catalogue: Catalogue) -> Idiom | None:
    """The weights for a catalogue, None where they are not for it."""
    classes, always, told = _read()
    idiom = Idiom(classes, always, told, catalogue)
    return idiom if len(idiom.items) >= _MATCHED * max(1, len(list(catalogue.material))) else None


def lines(classes: Sequence[str], always: Sequence[float], told: Mapping[str, Iterable[tuple[int, float]]]) -> list[str]:
    """What ``idiom_weights.tsv`` holds, without its remarks."""
    out = ["\t".join(["", *classes]), "\t".join(["", *(f"{a:g}" for a in always)])]
    return out + [f"{gram}\t{' '.join(f'{n}={w:g}' for n, w in told[gram])}" for gram in sorted(told)]


def parse(text: Iterable[str]) -> tuple[list[str], list[float], dict[str, str]]:
    """The reverse of ``lines``."""
    rows = iter(text)
    classes, always = next(rows).split("\t")[1:], [float(a) for a in next(rows).split("\t")[1:]]
    return classes, always, dict(map(methodcaller("split", "\t"), rows))


@cache
def _read() -> tuple[list[str], list[float], dict[str, str]]:
    text = (Path(__file__).parent / "idiom_weights.tsv").read_text("utf-8")
    return parse(dropwhile(lambda line: line.startswith("#"), text.splitlines()))


def _grams(runs: Iterable[str]) -> set[str]:
    return {run[at : at + n] for run in runs for n in SIZES for at in range(len(run) - n + 1)}


def _runs(title: str) -> list[str]:
    return _RUN.findall(_FIGURES.sub("0", fold(head(title[:LONGEST]))))
