"""An embedding model under the same evaluation as the words: the answers with it, and what each weight would do.

Texts are embedded once for a run, however many folds, draws and weights ask for them. In folds the model knows the items by what the
words know them by: without the names that are like a title of the fold, and without those that are struck out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from archive_schema.catalogue import Catalogue
from archive_schema.errors import UsageError
from benchmarks.word_vectors import WordVectors
from classification.embedding import WEIGHT, Embedder, Embedding, open_embedder
from classification.knowledge import Known
from classification.semantics import Semantics
from classification.vectors import Vector

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)


class Remembering:
    """An embedder that asks another one for each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._held: dict[str, Vector] = {}
        self.name, self.digest, self.place, self.exact = embedder.name, embedder.digest, embedder.place, True

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        new = [t for t in dict.fromkeys(texts) if t not in self._held]
        self._held.update(zip(new, self._embedder.embed(new), strict=True))
        return [self._held[t] for t in texts]


class Lent:
    """A model lent to an evaluation.

    :param place: a folder, a file of word vectors (``word_vectors``), or the address of a service with the name of its ``model``
    :raises DanganError: it cannot be opened.
    """

    def __init__(self, place: str, model: str = "", weight: float = WEIGHT) -> None:
        self.weight = weight
        self._embedder = Remembering(_opened(place, model))
        self._embedder.embed(["试"])  # said now and not after a minute of fitting
        self._made: list[Semantics] = []

    @property
    def name(self) -> str:
        return f"{self._embedder.name}, weight {self.weight:g}"

    def over(
        self, catalogue: Catalogue, everything: Sequence[Known] | None = None, weight: float | None = None
    ) -> Semantics | None:
        """None for a weight of 0."""
        weight = self.weight if weight is None else weight
        if not weight:
            return None
        made = Semantics(lambda: self._embedder, catalogue, weight, everything=everything)
        if not made.ready() and made.fault is not None:
            raise made.fault
        self._made.append(made)
        return made

    def check(self) -> None:
        """:raises DanganError: the model failed on the way, so that figures were words' alone in part."""
        for made in self._made:
            if made.fault is not None:
                raise made.fault


def _opened(place: str, model: str) -> Embedder:
    if Path(place).is_file():
        return WordVectors(Path(place))
    remote = place.startswith(("http://", "https://"))
    wanted = Embedding(endpoint=place, model=model) if remote else Embedding(folder=place, model=model)
    if fault := wanted.wrong():
        raise UsageError("--embedding", zh=fault, hint="见 --help")
    return open_embedder(wanted, Path.cwd(), os.environ)


def by_weight(name: str, measured: Callable[[float], Sequence[str]], columns: Sequence[str]) -> str:
    """A row of figures for every weight.

    :param measured: weight → the figures as text
    """
    lines = [f"| {name} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for weight in WEIGHTS:
        mark = " (words alone)" if not weight else " (default)" if weight == WEIGHT else ""
        lines.append(f"| {weight:g}{mark} | {' | '.join(measured(weight))} |")
    return "\n".join(lines) + "\n"
