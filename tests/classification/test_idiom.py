"""How titles are usually worded: what was learned for the reference catalogue, read and added up; nothing of it holds for another."""

from __future__ import annotations

import math
import re
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.units import UnitTable
from archive_schema.words import EvidenceKind
from benchmarks import fit_titles
from benchmarks.labelled import Labelled, building, final
from classification import idiom, scorer
from classification.classifier import Classifier
from classification.idiom import LEAST, NOBODY, Idiom
from classification.scorer import Query, TextScorer

UNSAID, ITEM = "环卫工人清晨清扫积雪", "III79-2"  # words that others have, too


@pytest.fixture(scope="module")
def shipped(catalogue: Catalogue) -> Idiom:
    found = idiom.shipped(catalogue)
    assert found is not None
    return found


def test_the_weights_are_those_of_the_catalogue_as_it_stands(catalogue: Catalogue, shipped: Idiom) -> None:
    assert shipped.items == {i.id for i in catalogue.material}


def test_what_an_item_asked_before_its_standard_was_changed_is_not_held_for_it(catalogue: Catalogue) -> None:
    changed = [msgspec.structs.replace(i, standard="古树名木挂牌保护") if n == 0 else i for n, i in enumerate(catalogue.items)]
    first = catalogue.items[0].id
    found = idiom.shipped(msgspec.structs.replace(catalogue, items=tuple(changed)))
    assert found is not None and first not in found.items
    logs = found.logs("党委理论学习中心组学习计划")
    assert found.log(logs, first) == pytest.approx(-math.log(len(found.items) + 2)), "as if nothing were known"


def test_another_catalogue_has_no_idiom_and_is_weighed_by_words_alone(small: Catalogue) -> None:
    assert idiom.shipped(small) is None
    assert TextScorer(small).weights == scorer.weights(learned=False) != scorer.weights(learned=True)


def test_where_half_of_the_items_are_others_there_is_none(catalogue: Catalogue) -> None:
    material = [i.id for i in catalogue.material]
    for kept, there in ((len(material) // 2 + 1, True), (len(material) // 2 - 1, False)):
        own = set(material[:kept])
        items = tuple(i if i.id in own else msgspec.structs.replace(i, standard=f"另立 {i.id}") for i in catalogue.items)
        assert (idiom.shipped(msgspec.structs.replace(catalogue, items=items)) is not None) is there


@given(st.text("志愿者服务队在社区开展清洁家园活动统计表2017 ,。abc", max_size=40))
def test_what_is_told_are_probabilities(shipped: Idiom, title: str) -> None:
    logs = shipped.logs(title)
    assert all(LEAST < v <= 1e-9 for v in logs.values())
    assert sum(map(math.exp, logs.values())) <= 1 + 1e-6
    assert bool(logs) is bool(re.search("[\u3400-\u9fff]", title))
    assert shipped.logs(title) == logs


def test_a_text_in_place_of_a_title_is_looked_at_in_its_beginning(shipped: Idiom) -> None:
    long = "志愿者清扫积雪" * 100_000
    assert shipped.logs(long) == shipped.logs(long[: idiom.LONGEST]) != {}


def test_the_words_it_goes_by_stand_in_the_title(shipped: Idiom) -> None:
    logs = shipped.logs(UNSAID)
    best = max((i for i in logs if i != NOBODY), key=lambda i: logs[i])
    spoke = shipped.spoke(UNSAID, best)
    assert spoke and all(len(w) > 1 and w in UNSAID for w in spoke)
    assert shipped.spoke("今天天气不错", best) == ()


def test_it_knows_what_no_word_of_the_catalogue_says(catalogue: Catalogue, units: UnitTable) -> None:
    without = TextScorer(catalogue, usual=None)
    assert without.weights == scorer.weights(learned=False)
    words, learned = (s.rank(Query(title=UNSAID))[0] for s in (without, TextScorer(catalogue)))
    assert words.item != ITEM and words.score < 0.5
    assert learned.item == ITEM and learned.score > 0.8 and (learned.idiom or LEAST) > math.log(0.5)
    out = Classifier(catalogue, units, Margins()).classify_title(UNSAID)
    assert any("名称的写法像这一标准的材料" in r for r in out.candidates[0].reasons)


def test_a_text_without_a_title_is_weighed_without_it(catalogue: Catalogue) -> None:
    found = TextScorer(catalogue)
    body, title = (found.measure(Query(**{where: "失信被执行人曝光与执行"})) for where in ("body", "title"))
    assert found.weights_for(body) == scorer.weights(learned=False)
    assert found.weights_for(title) == scorer.weights(learned=True)
    assert all(f.idiom is None for _, f, _ in body.items) and all(f.idiom is not None for _, f, _ in title.items)


_GRAM = st.text("志愿服务队文明", min_size=1, max_size=3)
_WEIGHTS = st.lists(
    st.tuples(st.integers(0, 2), st.floats(-9, 9).map(lambda w: round(w, 2)).filter(bool)), min_size=1, max_size=3
)


@given(st.dictionaries(_GRAM, _WEIGHTS, max_size=8))
def test_what_is_written_is_read_again(told: dict[str, list[tuple[int, float]]]) -> None:
    classes, always = ["A-1:0", "A-2:1", NOBODY], [0.5, -1.25, 0.0]
    again = idiom.parse(idiom.lines(classes, always, told))
    assert again[:2] == (classes, always)
    assert {g: [(int(n), float(w)) for n, _, w in (p.partition("=") for p in ws.split())] for g, ws in again[2].items()} == told


def test_what_is_fitted_to_titles_tells_them_apart_and_is_the_same_every_time(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = "III16-1", "III68-2"
    rows = [
        Labelled(f"{place}{what}", "", items, "")
        for place in ("东街", "西城", "南关")
        for what, items in (("志愿者清扫积雪", (one,)), ("市民踊跃无偿献血", (two,)), ("渔船网具检验", ()))
    ]
    classes, always, told = fit_titles.fit(rows, rows[:3])
    assert fit_titles.fit(rows, rows[:3]) == (classes, always, told)
    fitted = Idiom(classes, always, idiom.parse(idiom.lines(classes, always, told))[2])
    for title, right in (("北门志愿者清扫积雪", one), ("北门市民踊跃无偿献血", two), ("北门渔船网具检验", NOBODY)):
        logs = fitted.logs(title)
        assert max(logs, key=lambda i: logs[i]) == right


def test_the_reference_titles_are_well_formed(catalogue: Catalogue) -> None:
    place = {i.id: n for n, i in enumerate(catalogue.material)}
    rows = [*fit_titles.reference(), *fit_titles.borders()]
    assert all(set(r.items) <= place.keys() and list(r.items) == sorted(r.items, key=place.__getitem__) for r in rows)
    assert {r.kind for r in rows} == {k.value for k in EvidenceKind}
    counts = Counter(i for r in rows for i in r.items)
    assert min(counts[i] for i in place) >= 40 and sum(not r.items for r in rows) > 1500
    folded = Counter(re.sub(r"[\W_]", "", r.title) for r in rows)
    assert [t for t, n in folded.items() if n > 1] == []


def test_no_title_of_a_fold_is_among_what_the_others_teach(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, asked = building()[:60], []

    def noted(
        written: list[Labelled], real: list[Labelled]
    ) -> tuple[list[str], list[float], dict[str, list[tuple[int, float]]]]:
        asked.append({r.title for r in real} | {r.title for r in written if not r.kind})
        return [NOBODY], [0.0], {}

    monkeypatch.setattr(fit_titles, "building", lambda: rows)
    monkeypatch.setattr(fit_titles, "fit", noted)
    fit_titles.by_fold()
    assert len(asked) == 5
    for fold, taught in enumerate(asked):
        assert not taught & {r.title for r in rows if r.fold == fold} and len(taught) > 30


def test_no_title_of_the_final_set_is_a_reference_title() -> None:
    written = {re.sub(r"[\W_]", "", r.title) for r in (*fit_titles.reference(), *fit_titles.borders())}
    titles = [r.title for r in final()]
    same = [t for t in titles if re.sub(r"[\W_]", "", t) in written]
    assert len(same) <= len(titles) // 50, "written without having seen it: names of laws and a few plain titles may coincide"
