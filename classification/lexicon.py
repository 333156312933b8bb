"""The words of the items and subjects, turned round: who has an n-gram, who a whole word, and what that is worth.

One weighs more the fewer have it, the longer it is, and the nearer its column is to the standard itself (``knowledge``).
"""

from __future__ import annotations

import gc
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from classification.knowledge import Known
from classification.vocabulary import SIZES, general, pieces, variants, weights

_LENGTH = {2: 1.0, 3: 1.3, 4: 1.6}
_CROWD = 0.15  # an item of many words meets more of any title by chance: its evidence is divided by (its size / mean) ** this
_LONGEST = 14  # characters of a word that is looked for as a whole

#: who has something and what it is worth there; whose place in the list of what is known is its number
Owners = Sequence[tuple[int, float]]
#: who has an n-gram, what that adds to the evidence, and its weight there
Holders = tuple[tuple[int, float, float], ...]


class Lexicon:
    """:ivar index: n-gram → who has it"""

    def __init__(self, everything: Sequence[Known]) -> None:
        every = [_grams_of(k) for k in everything]
        total = len(everything) or 1
        ceiling = math.log(1 + total)
        frequency = dict(Counter(chain.from_iterable(every)))
        rare = [0.0, *((math.log(1 + total / n) / ceiling) ** 2 for n in range(1, total + 1))]
        worth = {size: [r * long for r in rare] for size, long in _LENGTH.items()}
        mean = sum(map(len, every)) / total
        index: dict[str, Holders] = {}
        for n, grams in enumerate(every):
            crowd = (len(grams) / mean) ** _CROWD if grams else 1.0
            alike: dict[float, Holders] = {}  # of most n-grams the same is to be told: it is kept once
            for gram, weight in grams.items():
                adds = weight * worth[len(gram)][frequency[gram]]
                own = alike.get(adds)
                if own is None or own[0][2] != weight:
                    own = alike[adds] = ((n, adds / crowd, weight),)
                index[gram] = index[gram] + own if gram in index else own
        self.index = index
        self._words = _words_of(everything, frequency, total, ceiling)
        self._lengths: dict[str, tuple[int, ...]] = {}  # of the words that begin with two characters
        for word in self._words:
            length, known = len(word), self._lengths.get(word[:2], ())
            if length <= _LONGEST and length not in known:
                self._lengths[word[:2]] = (*known, length)

    def words_in(self, text: str) -> Iterator[tuple[int, int, Owners]]:
        """Every whole word within a run of letters: where it begins and ends, and whose it is."""
        for at in range(len(text) - 1):
            for length in self._lengths.get(text[at : at + 2], ()):
                end = at + length
                owners = self._words.get(text[at:end]) if end <= len(text) else None
                if owners is not None:
                    yield at, end, owners


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """Within, some hundred thousand small objects are made that all stay: to look for garbage among them takes a sixth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _grams_of(k: Known) -> dict[str, float]:
    """N-gram → its best weight. A phrase within one that weighs as much or more adds nothing and is left out."""
    best: dict[str, float] = {}
    for text, weight in k.phrases:
        for run in variants(text):
            if weight > best.get(run, 0.0):
                best[run] = weight
    out: dict[str, float] = {}
    seen = ""
    for run in sorted(best, key=lambda r: (-best[r], -len(r), r)):
        weight = best[run]
        if run in seen:
            continue
        seen = f"{seen}\n{run}"
        grams, spans = pieces(run), general(run)
        if not spans:
            for gram in grams:
                if weight > out.get(gram, 0.0):
                    out[gram] = weight
            continue
        for gram, telling in zip(grams, weights(len(run), SIZES, spans), strict=True):
            worth = weight * telling
            if worth > out.get(gram, 0.0):
                out[gram] = worth
    return out


def _words_of(
    everything: Iterable[Known], frequency: Mapping[str, int], total: int, ceiling: float
) -> dict[str, list[tuple[int, float]]]:
    """Word → who has it and what it is worth: more the fewer have it, as a word or within one, less when it speaks only beside others.

    :param frequency: n-gram → how many have it
    """
    found: dict[str, dict[int, float]] = {}
    for n, k in enumerate(everything):
        for word, weight in k.words:
            for run in variants(word):
                if len(run) > 1:
                    owners = found.get(run)
                    if owners is None:
                        found[run] = {n: weight}
                    elif weight > owners.get(n, 0.0):
                        owners[n] = weight
    rare = [0.0, *((math.log(1 + total / n) / ceiling) ** 1.5 for n in range(1, total + 1))]
    out = {}
    longest = SIZES[-1]
    for word, owners in found.items():
        have = within = len(owners)
        for at in range(max(1, len(word) - longest + 1)):
            count = frequency.get(word[at : at + longest], 1)
            within = count if not at else min(within, count)
            if within <= have:
                break
        out[word] = [(n, weight * rare[max(have, within)]) for n, weight in owners.items()]
    return out
