"""Titles cut into weighed n-grams, and who has them: the short ways tell what the long ones do."""

from __future__ import annotations

import pytest

from archive_schema.catalogue import Catalogue
from classification.knowledge import Known
from classification.lexicon import Lexicon
from classification.numbers import find_numbers
from classification.vocabulary import GENERIC, GENERIC_PAIR, head, runs


@pytest.mark.parametrize(
    ("title", "left"),
    [("文明村镇", ["文明村镇"]), ("第三批文明村镇", ["文明村镇"]), ("文明 村镇", ["文明村镇"]), ("村", []), ("", [])],
)
def test_a_plain_title_is_cut_as_any_other(title: str, left: list[str]) -> None:
    assert [run.text for run in runs(title)] == left


@pytest.mark.parametrize(
    ("title", "left"),
    [("市教育局关于文明校园", "文明校园"), ("市教育局2016年总结", "2016年总结"), ("市教育局总结", "市教育局总结")],
)
def test_the_issuer_is_left_out_by_either_of_its_signs(title: str, left: str) -> None:
    assert head(title) == left


def test_an_ngram_weighs_least_within_a_general_word_and_less_where_two_meet() -> None:
    (run,) = runs("河长服务设施")
    assert {(gram, at): weight for gram, at, weight in run.grams if weight < 1} == {
        ("服务", 2): GENERIC,
        ("务设", 3): GENERIC_PAIR,
        ("设施", 4): GENERIC,
        ("服务设", 2): GENERIC_PAIR,
        ("务设施", 3): GENERIC_PAIR,
        ("服务设施", 2): GENERIC_PAIR,
    }


def test_what_is_alike_of_many_ngrams_is_kept_once() -> None:
    """A hundred thousand of them would take twenty megabytes more, and longer to go through."""
    index = Lexicon([Known("a", "", (("垃圾焚烧", 1.0), ("河长", 0.5)), ()), Known("b", "", (("垃圾", 1.0),), ())]).index
    assert index["圾焚"] is index["焚烧"] != index["河长"]
    assert [(n, weight) for n, _, weight in index["垃圾"]] == [(0, 1.0), (1, 1.0)]


@pytest.mark.parametrize(("title", "items"), [("Ⅲ１－１文件", ["III1-1"]), ("Ⅲ①—①", ["III1-1"]), ("Ⅲ文件", [])])
def test_digits_of_every_sort_are_looked_for(title: str, items: list[str], catalogue: Catalogue) -> None:
    assert [hit.item for hit in find_numbers(title, catalogue)] == items
