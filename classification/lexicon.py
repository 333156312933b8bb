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
from classification.vocabulary import SIZES, cut, variants

_LENGTH = {2: 1.0, 3: 1.3, 4: 1.6}
_CROWD = 0.15  # an item of many words meets more of any title by chance: its evidence is divided by (its size / mean) ** this
_LONGEST = 14  # characters of a word that is looked for as a whole

#: who has something and what it is worth there; whose place in the list of what is known is its number
Owners = Sequence[tuple[int, float]]


class Lexicon:
    """:ivar grams: per item or subject n-gram → its weight there
    :ivar index: n-gram → who has it, and what it adds to the evidence"""

    def __init__(self, everything: Sequence[Known]) -> None:
        self.grams = [_grams_of(k) for k in everything]
        total = len(everything) or 1
        ceiling = math.log(1 + total)
        frequency = Counter(chain.from_iterable(self.grams))
        rare = [0.0, *((math.log(1 + total / n) / ceiling) ** 2 for n in range(1, total + 1))]
        worth = {gram: rare[count] * _LENGTH[len(gram)] for gram, count in frequency.items()}
        mean = sum(map(len, self.grams)) / total
        self.index: dict[str, list[tuple[int, float]]] = {gram: [] for gram in worth}
        for n, grams in enumerate(self.grams):
            crowd = (len(grams) / mean) ** _CROWD if grams else 1.0
            for gram, weight in grams.items():
                self.index[gram].append((n, weight * worth[gram] / crowd))
        self._words = _words_of(everything, frequency, total, ceiling)
        self._lengths: dict[str, set[int]] = {}  # of the words that begin with two characters
        for word in self._words:
            if len(word) <= _LONGEST:
                self._lengths.setdefault(word[:2], set()).add(len(word))

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
    """N-gram → its best weight. A phrase within a longer one that weighs as much adds nothing and is left out."""
    best: dict[str, float] = {}
    for text, weight in k.phrases:
        for run in variants(text):
            best[run] = max(best.get(run, 0.0), weight)
    out: dict[str, float] = {}
    seen: dict[float, str] = {}
    for run in sorted(best, key=lambda r: (-best[r], -len(r), r)):
        weight = best[run]
        if any(run in longer for longer in seen.values()):
            continue
        seen[weight] = f"{seen.get(weight, '')}\n{run}"
        for gram, _, telling in cut(run).grams:
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
                    owners = found.setdefault(run, {})
                    owners[n] = max(owners.get(n, 0.0), weight)
    out = {}
    for word, owners in found.items():
        longest = SIZES[-1]
        parts = [word] if len(word) <= longest else [word[at : at + longest] for at in range(len(word) - longest + 1)]
        within = min([frequency.get(part, 1) for part in parts])
        rare = (math.log(1 + total / max(len(owners), within)) / ceiling) ** 1.5
        out[word] = [(n, weight * rare) for n, weight in owners.items()]
    return out
