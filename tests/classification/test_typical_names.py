"""A title is held against the names of typical material, each as a whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.units import UnitTable
from archive_schema.words import EvidenceKind as K
from classification.classifier import Classifier
from classification.knowledge import asked_beside, known
from classification.scorer import Query, TextScorer
from classification.subject import Subject
from classification.typical import TypicalNames
from classification.vocabulary import runs

BOATS = "渔船年末拥有量及功率"
HERO = "见义勇为人员奖励和抚恤办法"


def near(names: list[list[str]], title: str) -> dict[int, float]:
    return TypicalNames(names).near(runs(title))


def test_the_title_itself_is_nearest_and_what_shares_nothing_is_left_out() -> None:
    found = near([[BOATS], [HERO], ["渔船修造企业名录"]], BOATS)
    assert set(found) == {0, 2} and found[0] > 3 * found[2] > 0
    assert near([[BOATS], []], "排球联赛") == near([], BOATS) == near([[BOATS]], "") == {}


def test_three_alike_names_say_more_than_one_and_a_fourth_nothing() -> None:
    several = [f"渔船{what}" for what in ("检验证书", "抛锚海域", "油耗标定", "涂装色号")]
    one, three, four = (near([several[:n], [HERO]], "渔船")[0] for n in (1, 3, 4))
    assert one < three and abs(three - four) < 0.1 * three


def test_a_mere_word_is_not_as_near_as_a_whole_name() -> None:
    found = near([["渔船"], [BOATS]], BOATS)
    assert found[1] > 2 * found[0]


def test_numbers_years_and_the_issuing_office_do_not_count() -> None:
    asked = f"2023年{BOATS}"
    assert near([[f"临江市海洋局关于2016年{BOATS}"]], asked) == near([[BOATS]], asked)


@given(
    st.lists(st.text("渔船网具检验甲乙丙丁戊己庚辛壬癸", max_size=12), max_size=6), st.text("渔船网具检验甲乙丙丁", max_size=12)
)
def test_nearness_lies_between_nothing_and_the_sum_of_its_shares(names: list[str], title: str) -> None:
    for value in near([names, names[:2]], title).values():
        assert 0 < value <= 1.75 + 1e-9


def test_a_name_in_the_words_of_a_city_places_its_like(small: Catalogue, units: UnitTable) -> None:
    header, name = ["编号", "实有题名"], "石榴籽共富工坊挂牌剪影与台账"
    taught = catalogues.with_terms(small, header, [(2, ["FJ12", name])])
    assert taught.terms[0].titles == (name,)
    assert TextScorer(small).rank(Query(title=f"第二批{name}")) == ()
    best = TextScorer(taught).rank(Query(title=f"第二批{name}"))[0]
    assert best.item == "FJ12"
    assert Classifier(taught, units, Margins()).version != Classifier(small, units, Margins()).version


def test_titles_that_belong_nowhere_speak_for_nobody(catalogue: Catalogue) -> None:
    nobody = [n for k in known(catalogue) if not k.item for n in k.names]
    assert len(nobody) >= 300 and len(set(nobody)) == len(nobody)
    scorer = TextScorer(catalogue)
    assert scorer.measure(Query(title="全国渔船年末拥有量")).nobody.named > 0.8
    assert all(t.titles for t in catalogue.terms)


def test_a_kind_that_only_a_sibling_asks_for_is_known(catalogue: Catalogue, classifier: Classifier) -> None:
    beside = asked_beside(catalogue)
    for i in catalogue.items:
        siblings = [o for o in catalogue.items if o.content_no == i.content_no]
        assert beside[i.id] == {k for o in siblings for k in o.kinds if k not in i.kinds}
    plan, photos = "III29-1", "III29-2"
    assert K.PHOTO in beside[plan] and K.DOCUMENT in beside[photos]

    def first(name: str, media_type: str) -> str:
        return classifier.propose(Subject("a" * 64, "", False, (name,), (), media_type)).placements[0].item

    assert first("端午节主题活动.jpg", "image/jpeg") == photos
    assert first("关于开展端午节主题活动的通知.pdf", "application/pdf") == plan
