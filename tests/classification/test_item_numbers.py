from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import Catalogue
from classification.numbers import find_numbers, find_unknown, nearest

SPELLINGS = [
    *("Ⅲ18-1)", "III-18-1", "Ⅲ—18 1)", "III18-1", "Ⅲ18—1）", "Ⅲ１８－１", "iii18_1", "Ⅲ-18-1）", "III 18.1", "Ⅲ 18 - 1 )"),
    *("ⅠⅠⅠ18-1", "Ⅲ18–1", "Ⅲ18·1", "Ⅲ18-01", "ⅲ18-1", "Ⅲ18-(1)", "Ⅲ18-（1）", "III_18_1", "Ⅲ\u200b18-1", "ＩＩＩ18-1"),
]
_CATALOGUE = catalogues.load("national-2017")


def items(text: str, catalogue: Catalogue) -> list[str]:
    return [h.item for h in find_numbers(text, catalogue)]


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize("around", ["{}", "{}红黑榜", "附件{}", "【{}】发布制度", "03 {} 红黑榜 2017年", "2017{}"])
def test_every_spelling_is_found_wherever_it_stands(typed: str, around: str, catalogue: Catalogue) -> None:
    text = around.format(typed)
    hits = find_numbers(text, catalogue)
    assert [h.item for h in hits] == ["III18-1"]
    assert not hits[0].date_like and not hits[0].bare
    assert text[hits[0].start : hits[0].end] == hits[0].raw
    assert hits[0].raw in typed or typed in hits[0].raw


@pytest.mark.parametrize(
    "text", ["III18-12", "ⅩⅢ18-1", "XIII18-1", "Ⅲ18 2017年报告", "Ⅲ18 2个方案", "118-1", "附件18-1", "", "Ⅲ"]
)
def test_a_number_is_not_found_inside_another(text: str, catalogue: Catalogue) -> None:
    assert items(text, catalogue) == []


def test_the_section_may_be_left_out_only_at_the_start_of_a_name(catalogue: Catalogue) -> None:
    hit = find_numbers("18-1)红黑榜", catalogue)[0]
    assert (hit.item, hit.bare, hit.date_like, hit.raw) == ("III18-1", True, False, "18-1)")
    assert items("(18-1)红黑榜", catalogue) == ["III18-1"]
    assert items("红黑榜18-1)", catalogue) == []
    assert items("18-9)红黑榜", catalogue) == []


def test_eight_one_is_not_seen_in_eighteen_one(catalogue: Catalogue) -> None:
    assert "III8-1" not in items("18-1)", catalogue)
    assert "III8-1" not in items("Ⅲ18-1", catalogue)


@pytest.mark.parametrize(
    "text", ["2017-8-1 活动", "18-1月", "2017.18-1", "8-1", "8-1建军节", "8-1日", "18-1-5", "Ⅲ18-1月报", "Ⅲ8-1日"]
)
def test_what_may_be_a_date_is_flagged(text: str, catalogue: Catalogue) -> None:
    assert [h.date_like for h in find_numbers(text, catalogue)] == [True]


def test_a_whole_date_is_told_from_what_may_be_one(catalogue: Catalogue) -> None:
    assert find_numbers("2017-8-1 活动", catalogue)[0].full_date
    assert not find_numbers("2017.18-1", catalogue)[0].full_date
    assert not find_numbers("8-1)", catalogue)[0].date_like
    assert not find_numbers("Ⅲ18-1年度总结", catalogue)[0].date_like
    assert not find_numbers("Ⅲ18-1日照", catalogue)[0].date_like


@pytest.mark.parametrize(
    "text", ["Ⅲ18-1、Ⅲ18-2", "Ⅲ18-1、18-2", "Ⅲ18-1),Ⅲ18-2)", "Ⅲ18-1、2)", "Ⅲ18-1和Ⅲ18-2 惩戒", "18-1)、18-2)"]
)
def test_a_list_of_numbers_is_known_as_one(text: str, catalogue: Catalogue) -> None:
    hits = find_numbers(text, catalogue)
    assert [h.item for h in hits] == ["III18-1", "III18-2"]
    assert [h.listed for h in hits] == [False, True]


def test_numbers_that_only_stand_in_one_name_are_no_list(catalogue: Catalogue) -> None:
    assert [h.listed for h in find_numbers("Ⅲ18-1红黑榜Ⅲ19-1", catalogue)] == [False, False]
    assert items("Ⅲ18-1、2017年总结", catalogue) == ["III18-1"]


def test_a_number_under_no_material_review_is_still_a_hit(catalogue: Catalogue) -> None:
    assert not catalogue.by_id["III7-2"].under_material_review
    assert items("Ⅲ7-2", catalogue) == ["III7-2"]


def test_what_looks_like_a_number_and_is_none_is_told(catalogue: Catalogue) -> None:
    assert find_unknown("Ⅲ91-1红黑榜", catalogue) == ["Ⅲ91-1"]
    assert find_unknown("Ⅲ18-12 与 Ⅲ18-1", catalogue) == ["Ⅲ18-12"]
    assert find_unknown("Ⅲ18-1 2017年", catalogue) == []
    assert "III18-1" in nearest("Ⅲ18-12", catalogue)


@given(st.sampled_from([i.id for i in _CATALOGUE.items]), st.sampled_from(["Ⅲ{}-{})", "III-{}-{}", "iii{}_{}", "Ⅲ {}.{}）"]))
def test_every_id_of_the_catalogue_comes_back_as_itself(ident: str, spelling: str) -> None:
    content, standard = ident.removeprefix("III").split("-")
    assert items(spelling.format(content, standard) + "材料", _CATALOGUE) == [ident]


@given(st.text(alphabet="Ⅲ18-1)（）、.月日年2017 a甲IIIⅣ/\u200b", max_size=30))
def test_any_text_gives_hits_in_order_that_stand_where_they_say(text: str) -> None:
    hits = find_numbers(text, _CATALOGUE)
    assert all(text[h.start : h.end] == h.raw for h in hits)
    assert all(a.end <= b.start for a, b in pairwise(hits))


def test_another_catalogue_has_other_numbers(small: Catalogue) -> None:
    assert items("FJ3清运统计", small) == ["FJ3"]
    assert items("fj-03 清运", small) == ["FJ3"]
    assert items("ＦＪ３）", small) == ["FJ3"]
    assert items("FJ12、AQ3", small) == ["FJ12", "AQ3"]
    assert items("FJ1", small) == items("FJ31", small) == items("3)", small) == items("Ⅲ18-1", small) == []
    assert find_numbers("FJ3月报", small)[0].date_like
    assert find_unknown("FJ31", small) == ["FJ31"]
