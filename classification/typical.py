"""How near a title is to the names of typical material: of each item, and of what is nobody's.

A paper is seldom called by the words of the standard it serves; it is called as such papers are called everywhere. The nearness to one name
is the cosine of the character pairs that tell something, a rare pair weighing more. An item's nearness is that to its nearest name, half of
that to the next one, a quarter of that to a third: one alike name may be chance, three are not.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from classification.vocabulary import Run, head, runs

_PAIRS = (2,)  # sizes of the n-grams that count
_TELLS = 0.3  # least weight of a pair that counts: not within one general word
_FADES = (1.0, 0.5, 0.25)
_LEAST = 6.0  # pairs that every name counts as having at least: a mere word is near to everything that holds it
_USUAL = 0.75  # weight of a usual pair beside that of one that no name has
_FAINT = 0.05  # a nearness below it is chance


class TypicalNames:
    """:param owners: for each owner, whose place in the list is its number, the names"""

    def __init__(self, owners: Iterable[Sequence[str]]) -> None:
        self._owner: list[int] = []
        found: list[dict[str, float]] = []
        cut: dict[str, dict[str, float]] = {}  # one name may stand with several items
        for n, names in enumerate(owners):
            for name in names:
                if name not in cut:
                    cut[name] = _pairs(runs(head(name), _PAIRS) or runs(name, _PAIRS))
                if cut[name]:
                    self._owner.append(n)
                    found.append(cut[name])
        frequency = Counter(chain.from_iterable(found))
        total = 1 + len(found)
        self._rare = {pair: 1.0 + math.log(total / (1 + n)) for pair, n in frequency.items()}
        self._strange = 1.0 + math.log(total)
        #: pair → names that have it, and what it weighs in each, side by side in memory
        self._index = {pair: (array("I"), array("d")) for pair in frequency}
        for n, pairs in enumerate(found):
            for pair, weight in self._weighed(pairs, _LEAST).items():
                those, weights = self._index[pair]
                those.append(n)
                weights.append(weight)

    def near(self, title: Iterable[Run]) -> dict[int, float]:
        """Number of the owner → nearness, 0 … 1.75; those that share nothing are left out."""
        cosine: dict[int, float] = {}
        for pair, weight in self._weighed(_pairs(title)).items():
            if pair in self._index:
                for n, w in zip(*self._index[pair], strict=True):
                    cosine[n] = cosine.get(n, 0.0) + weight * w
        owned: dict[int, list[float]] = {}
        for n, c in cosine.items():
            if c >= _FAINT:
                owned.setdefault(self._owner[n], []).append(c)
        return {owner: _faded(all_of) if len(all_of) > 1 else all_of[0] for owner, all_of in owned.items()}

    def _weighed(self, pairs: dict[str, float], least: float = 0.0) -> dict[str, float]:
        weighed = {pair: weight * self._rare.get(pair, self._strange) for pair, weight in pairs.items()}
        square = max(math.fsum(w * w for w in weighed.values()), least * (_USUAL * self._strange) ** 2)
        length = math.sqrt(square) or 1.0
        return {pair: w / length for pair, w in weighed.items()}


def _faded(nearnesses: Iterable[float]) -> float:
    return sum([c * fade for c, fade in zip(sorted(nearnesses, reverse=True), _FADES, strict=False)])


def _pairs(title: Iterable[Run]) -> dict[str, float]:
    out: dict[str, float] = {}
    for run in title:
        for gram, _, weight in run.grams:
            if len(gram) in _PAIRS and weight >= _TELLS and weight > out.get(gram, 0.0):
                out[gram] = weight
    return out
