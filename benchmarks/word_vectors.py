"""Word vectors as an embedding model, for measuring: a file as word2vec writes it in binary, most frequent word first.

A text's vector is the mean of its words' unit vectors, frequent words weighing less (smooth inverse frequency, Arora et al. 2017, with the
frequencies that Zipf's law gives the ranks). Words are cut by the longest that the file knows. Such vectors are the least that a city can
get hold of that has learned from more text than ours; what they bring is what any better model should.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classification.vectors import comparable

if TYPE_CHECKING:
    from classification.vectors import Vector

SMOOTH = 1e-3
LONGEST = 8  # characters of a word


class WordVectors:
    """An ``Embedder`` over one file.

    :raises ValueError: the file is not what word2vec writes in binary.
    """

    exact = True

    def __init__(self, file: Path) -> None:
        import numpy as np

        self.name, self.place = file.stem, str(file)
        data = file.read_bytes()
        self.digest = hashlib.sha256(data).hexdigest()
        head, _, _ = data.partition(b"\n")
        number, self.dimension = map(int, head.split())
        at, size = len(head) + 1, 4 * self.dimension
        self._vectors: dict[str, Vector] = {}
        harmonic = math.log(number) + 0.5772
        for rank in range(1, number + 1):
            end = data.index(b" ", at)
            word = data[at:end].decode("utf-8", "replace").strip()
            vector = np.frombuffer(data, np.float32, self.dimension, end + 1)
            at = end + 1 + size
            length = float(np.linalg.norm(vector))
            weight = SMOOTH / (SMOOTH + 1 / (rank * harmonic))
            if word and length and word not in self._vectors:
                self._vectors[word] = vector * np.float32(weight / length)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        import numpy as np

        nothing = np.zeros(self.dimension, np.float32)
        rows = [sum((self._vectors[w] for w in self.words(t)), nothing) for t in texts]
        return comparable(rows, len(texts), dimension=self.dimension)

    def words(self, text: str) -> Iterator[str]:
        """The longest known word from the left on; what is unknown is passed over."""
        at = 0
        while at < len(text):
            word = next(
                (text[at:end] for end in range(min(len(text), at + LONGEST), at, -1) if text[at:end] in self._vectors), ""
            )
            if word:
                yield word
            at += len(word) or 1
