"""A high score is held against the rest of the title and against the other items once more."""

from __future__ import annotations

import copy

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue
from classification.doubts import LIKELY, SURER, floored, of_the_words, superior
from classification.scorer import Query, Ranked, TextScorer, Weights

SURE = Ranked("III15-2", 0.99, ("注册志愿者",), share=0.9, named=0.8)


def told(doubts: list[str]) -> str:
    [doubt] = doubts
    return doubt


def test_an_item_that_explains_the_title_and_is_called_so_is_not_doubted() -> None:
    assert of_the_words([SURE]) == []
    assert of_the_words([SURE, Ranked("III15-3", 0.01, ("志愿者",), share=0.4, named=0.3)]) == []


def test_one_word_in_a_title_that_says_much_else_is_doubted() -> None:
    thin = Ranked("III90-1", 0.99, ("光明日报",), share=0.38, named=0.34)
    assert "只凭“光明日报”" in told(of_the_words([thin]))
    assert "只凭个别词语" in told(of_the_words([msgspec.structs.replace(thin, spoke=())]))
    assert of_the_words([msgspec.structs.replace(thin, named=0.5)]) == []
    assert of_the_words([msgspec.structs.replace(thin, share=0.5)]) == []


def test_words_alone_are_doubted_where_no_known_material_is_called_anything_like_it() -> None:
    alone = Ranked("III69-1", 0.99, ("从业人数",), share=0.7, named=0.2)
    assert "没有名称与它相近的已知材料" in told(of_the_words([alone]))


def test_a_model_that_finds_it_near_in_meaning_is_the_second_voice() -> None:
    assert of_the_words([Ranked("III90-1", 0.99, ("光明日报",), near=0.7, share=0.3, named=0.1)]) == []


@pytest.mark.parametrize(
    ("other", "said"), [("III15-3", "与同一内容的 III15-3 难分"), ("III16-1", "与 III16-1 难分"), ("III1-3", "与 III1-3 难分")]
)
def test_another_item_that_explains_as_much_of_the_title_makes_it_doubtful(other: str, said: str) -> None:
    assert said in told(of_the_words([SURE, Ranked(other, 0.01, (), share=0.9, named=0.6)]))
    mere_chance = of_the_words([SURE, Ranked(other, 0.001, (), share=0.9, named=0.6)])
    assert bool(mere_chance) is other.startswith("III15-")


def test_who_is_called_just_so_may_share_all_words_with_another() -> None:
    other = Ranked("III15-3", 0.01, ("志愿者",), share=0.95, named=0.4)
    assert of_the_words([SURE, other]) == []
    assert of_the_words([msgspec.structs.replace(SURE, named=0.65), other]) != []


def test_a_title_worded_as_the_item_usually_is_needs_no_words_that_are_its_alone() -> None:
    rival = Ranked("III15-3", 0.01, ("志愿者",), share=0.95, named=0.7)
    thin = Ranked("III15-2", 0.99, ("注册",), share=0.2, named=0.1)
    for best in (SURE, thin):
        worded = msgspec.structs.replace(best, idiom=LIKELY)
        assert of_the_words([worded, msgspec.structs.replace(rival, idiom=LIKELY - 1)]) == []
        less = msgspec.structs.replace(best, idiom=LIKELY - 0.01)
        assert any("难分" in d for d in of_the_words([less, msgspec.structs.replace(rival, idiom=LIKELY - 1)]))
        assert "写法却更像 III15-3" in told(of_the_words([worded, msgspec.structs.replace(rival, idiom=LIKELY + 0.1)]))


def test_only_the_next_three_are_looked_at() -> None:
    far = Ranked("III15-3", 0.001, (), share=1.0, named=0.8)
    between = [Ranked(f"III{n}-1", 0.001, ()) for n in (1, 2, 3)]
    assert of_the_words([SURE, *between, far]) == []
    assert of_the_words([SURE, *between[:2], far]) != []


def test_a_document_of_a_highest_organ_needs_surer_words() -> None:
    assert "国务院的文件, 涉及面广, 文字得分 0.96 不到" in told(
        superior(["会议纪要", " 国务院关于取消行政审批项目的决定"], SURER - 0.001)
    )
    assert superior(["国务院关于取消行政审批项目的决定"], SURER) == []
    assert superior(["学习国务院文件的通知"], 0.9) == []


def test_a_score_is_never_told_as_more_than_it_is() -> None:
    assert [floored(s) for s in (0.879, 0.88, 0.87, 0.29, 0.57, 0.995, 0.0)] == [
        "0.87",
        "0.88",
        "0.87",
        "0.29",
        "0.57",
        "0.99",
        "0.00",
    ]


@pytest.fixture(scope="module")
def scorer(catalogue: Catalogue) -> TextScorer:
    return TextScorer(catalogue)


@given(
    st.sampled_from(("志愿者注册情况统计表", "党风廉政建设责任制", "全市道德讲堂活动", "污水处理", "小麦")), st.floats(1.0, 3.0)
)
def test_cooling_changes_no_order_and_makes_nothing_surer(scorer: TextScorer, title: str, more: float) -> None:
    measured = scorer.measure(Query(title=title))
    ranked = scorer.judge(measured)
    weights = msgspec.structs.replace(scorer.weights, temperature=scorer.weights.temperature * more)
    cooler = _with(scorer, weights).judge(measured)
    assert [r.item for r in cooler][: len(ranked)] == [r.item for r in ranked]
    assert all(cooler[0].score <= r.score for r in ranked[:1] if r.score > 0.5)


def test_the_scores_as_shipped_are_cooled(scorer: TextScorer) -> None:
    measured = scorer.measure(Query(title="中秋节活动照片"))
    shipped = scorer.judge(measured)[0].score
    hot = msgspec.structs.replace(scorer.weights, temperature=1.0)
    assert 0.5 < shipped < _with(scorer, hot).judge(measured)[0].score


def _with(scorer: TextScorer, weights: Weights) -> TextScorer:
    other = copy.copy(scorer)
    other.weights = weights
    return other
