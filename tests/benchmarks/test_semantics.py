"""The evaluation with an embedding model: the same titles, the same figures, one more column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.errors import DanganError, UsageError
from benchmarks import evaluation
from benchmarks.labelled import near_misses
from benchmarks.semantics import WEIGHTS, Lent, by_weight
from benchmarks.word_vectors import WordVectors
from classification.embedding import WEIGHT
from classification.knowledge import known
from classification.scorer import weights
from tests.classification import models

CATALOGUE = catalogues.load("national-2017")
UNITS = unit_tables.from_references(r for i in CATALOGUE.items for r in i.units)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.model_folder(tmp_path_factory.mktemp("little"), models.characters(CATALOGUE))


def test_the_table_has_the_model_beside_the_words(folder: Path) -> None:
    rows = [r._replace(unit="", kind="") for r in near_misses() if r.fold == 0]
    lent = Lent(str(folder))
    folds = [evaluation.Fold(weights(learned=False), None)]
    words = evaluation._in_folds(CATALOGUE, UNITS, rows, folds)
    with_it = evaluation._in_folds(CATALOGUE, UNITS, rows, folds, lent=lent.over)
    lent.check()
    assert [r for r, _ in words] == [r for r, _ in with_it] == rows and words != with_it
    head, _, first, *_ = evaluation._table(words, words, with_it, lent.name).splitlines()
    assert f"| with {folder.name}, weight 0.5 |" in head and first.count("|") == head.count("|") == 6
    assert "with" not in evaluation._table(words, words)
    assert evaluation._in_folds(CATALOGUE, UNITS, rows, folds, lent=lambda c, k: lent.over(c, k, 0.0)) == words


def test_a_text_is_embedded_once_however_often_it_is_asked_for() -> None:
    with models.service(models.by_characters()) as s:
        lent = Lent(s.url, "m")
        everything = known(CATALOGUE)
        for weight in (0.25, 0.5):
            one = lent.over(CATALOGUE, everything, weight)
            less = lent.over(CATALOGUE, everything[:50], weight)
            assert one is not None and less is not None and one.near("垃圾分类") and less.near("垃圾分类")
        assert len(s.texts) == len(set(s.texts))


def test_a_model_that_fails_stops_the_evaluation(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DanganError):
        Lent(str(tmp_path / "nowhere"))
    with models.service(lambda asked, n: (404, b"", {})) as s, pytest.raises(DanganError):
        Lent(s.url, "m")  # said before anything is fitted
    with pytest.raises(UsageError, match="--embedding"):
        Lent("http://127.0.0.1:9/v1")  # without the name of a model
    broken = models.by_characters()
    with models.service(lambda asked, n: (400, b"", {}) if asked["input"] == ["垃圾"] else broken(asked, n)) as s:
        lent = Lent(s.url, "m")
        one = lent.over(CATALOGUE)
        assert one is not None and one.near("垃圾") is None
        with pytest.raises(DanganError):
            lent.check()


def test_every_weight_has_a_row_and_the_default_is_among_them() -> None:
    asked: list[float] = []
    text = by_weight("weight", lambda w: (asked.append(w), ["1 %"])[1], ["right"])  # type: ignore[func-returns-value]
    assert asked == list(WEIGHTS) and 0.0 in WEIGHTS and WEIGHT in WEIGHTS
    assert "| 0 (words alone) | 1 % |" in text and f"| {WEIGHT:g} (default) | 1 % |" in text


def test_word_vectors_are_lent_by_their_file_and_the_rarer_word_says_more(tmp_path: Path) -> None:
    words = {"的": (1.0, 0.0, 0.0), "垃圾": (0.0, 2.0, 0.0), "分类": (0.0, 0.0, 3.0), "垃圾分类": (0.0, 1.0, 1.0)}
    file = tmp_path / "made.vector"
    rows = b"\n".join(w.encode() + b" " + np.array(v, np.float32).tobytes() for w, v in words.items())
    file.write_bytes(f"{len(words)} 3\n".encode() + rows)
    vectors = WordVectors(file)
    assert [*vectors.words("垃圾分类的好,分类")] == ["垃圾分类", "的", "分类"]
    long, common, none = vectors.embed(["垃圾分类", "的分类", "好"])
    assert np.allclose(long, (0.0, 0.5**0.5, 0.5**0.5)) and not none.any()
    assert 0 < common[0] < common[2] and abs(float(common @ common) - 1) < 1e-6
    lent = Lent(str(file))
    assert lent.name == "made, weight 0.5" and lent.over(CATALOGUE) is not None
