"""The plain way: character TF-IDF over the catalogue's words, cosine, nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

_SIZES = (2, 3)


def _grams(text: str) -> Counter[str]:
    return Counter(text[at : at + size] for size in _SIZES for at in range(len(text) - size + 1))


class Cosine:
    """:param texts: item id → everything the catalogue says of it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        counts = {item: _grams(text) for item, text in texts.items()}
        frequency: Counter[str] = Counter(g for c in counts.values() for g in c)
        self._idf = {g: math.log((1 + len(counts)) / (1 + n)) + 1 for g, n in frequency.items()}
        self._index: dict[str, list[tuple[str, float]]] = {}
        for item, c in counts.items():
            weights = {g: n * self._idf[g] for g, n in c.items()}
            norm = math.sqrt(math.fsum(w * w for w in weights.values())) or 1.0
            for g, w in weights.items():
                self._index.setdefault(g, []).append((item, w / norm))

    def rank(self, title: str) -> list[tuple[str, float]]:
        """(item, cosine), best first."""
        weights = {g: n * self._idf[g] for g, n in _grams(title).items() if g in self._idf}
        norm = math.sqrt(math.fsum(w * w for w in weights.values())) or 1.0
        out: dict[str, float] = {}
        for g, w in weights.items():
            for item, v in self._index[g]:
                out[item] = out.get(item, 0.0) + w * v / norm
        return sorted(out.items(), key=lambda r: (-r[1], r[0]))
