"""The kind that a bare title is worded as: what is weighed, what the weights may speak of, what is given as the reason."""

from __future__ import annotations

import re

import pytest

from archive_schema.words import EvidenceKind as K
from classification import form_words, wording
from classification.form_words import bare, said


def test_the_runs_of_a_title_have_its_ends_and_all_numbers_are_alike() -> None:
    found = wording.runs("我市3月启动")
    assert {"run ^", "run $"}.isdisjoint(found) and {"run ^我市", "run 启动$", "run 0月", "run 市0月"} <= found
    assert not any("3" in g for g in found)


def test_runs_of_characters_decide_where_nothing_else_does() -> None:
    text = "甲乙丙丁戊己"
    for n, kind in enumerate(K):
        table = {"always": (0.0, 0.0, 0.0, 0.0), "run 丙丁": tuple(3.0 * (n == m) for m in range(4))}
        found = wording.weighed(text, None, table)
        assert (found.name, found.score, found.reasons) == (kind, wording.MOST, (f"写法像“{kind.value}”的标题",))
    assert wording.weighed(text, None, {"always": (0.0, 0.0, 0.0, 0.0)}).score == 0.25


def test_the_strongest_signs_are_the_reasons_and_weak_ones_none() -> None:
    text = "社区召开听证会"
    signs = [f for f, says in wording.features(text, None).items() if says]
    assert len(signs) > 2
    for least in (2.0, 0.1):
        table = {"always": (0.0,) * 4, **{f: (0.0, 0.0, least + n, 0.0) for n, f in enumerate(signs)}}
        says = wording.features(text, None)
        assert wording.weighed(text, None, table).reasons == tuple(dict.fromkeys(says[f] for f in reversed(signs)))[:2]
    weak = {"always": (0.0,) * 4, **dict.fromkeys(signs, (0.0, 0.0, 0.1, 0.0))}
    assert wording.weighed(text, None, weak).reasons == ("写法像“实景图片”的标题",)


def test_every_weight_belongs_to_something_a_title_can_show() -> None:
    names = {s.name for s in wording.signs()}
    assert len(names) == len(wording.signs())
    assert {s.beside for s in wording.signs()} == {"-", "form", "clause", "roll", "state"}
    runs = 0
    for feature, told in wording.weights().items():
        assert len(told) == len(K) and any(told)
        sort, _, rest = feature.partition(" ")
        if sort == "run":
            runs += 1
            title = ("" if rest.startswith("^") else "甲") + rest.strip("^$") + ("" if rest.endswith("$") else "乙")
            assert feature in wording.runs(title) and not re.search("[1-9]", rest), feature
        elif sort == "sign":
            assert rest.partition(" & ")[0] in names, feature
        elif sort == "word":
            assert rest.partition(":")[0] in {*form_words.words(), *form_words.NAMED}, feature
        else:
            assert sort in ("always", "form", "role", "length"), feature
    assert 1000 < runs <= 6000
    used = {f.removeprefix("sign ").partition(" & ")[0] for f in wording.weights() if f.startswith("sign ")}
    assert len(used) > 0.9 * len(names)


@pytest.mark.parametrize(
    ("title", "decides"),
    [
        ("道德模范候选人名单", True),
        ("晚报公布道德模范候选人名单", False),
        ("关于公布道德模范候选人名单", True),  # 关于 leaves it to its last word
        ("我区5个村入选示范村名单", False),
        ("我区5个村入选的通知", True),  # 入选 speaks against a roll only
        ("残疾人权益保障协调机制", True),
        ("完善残疾人权益保障协调机制", False),
        ("完善残疾人权益保障的通知", True),  # a verb at the head speaks against what may be its object only
        ("情况说明有关人员", True),
        ("通知里有什么", False),
    ],
)
def test_the_last_word_decides_but_for_the_signs_that_speak_against_it(title: str, decides: bool) -> None:
    words = said(title)
    assert words is not None and wording.decides(bare(title), words) is decides
