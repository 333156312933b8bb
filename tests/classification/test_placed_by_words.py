"""What places a file that bears no number and that no form names: its words, as far as they are sure, its kind and its unit."""

from __future__ import annotations

import pytest

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.units import Unit, UnitTable
from archive_schema.words import EvidenceKind as K
from archive_schema.words import PlacementMethod
from classification.classifier import Classifier
from tests.classification.sent import AUTO, JPEG, REVIEW, XLSX, only, subject


def test_plain_words_place_by_themselves_with_a_score(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("失业率.xlsx", media_type=XLSX, unit="市人社局", title="2016年城镇登记失业率统计表")))
    assert (p.item, p.kind, p.method, p.status) == ("III69-1", K.TABLE, PlacementMethod.TEXT, AUTO)
    assert p.score is not None and p.score >= Margins().auto


def test_words_between_floor_and_auto_are_reviewed(classifier: Classifier) -> None:
    out = classifier.propose(subject("社区宣讲活动.jpg", media_type=JPEG))
    p = only(out)
    assert (
        p.item in ("III3-2", "III27-2")
        and p.status is REVIEW
        and p.score is not None
        and Margins().floor <= p.score < Margins().auto
    )


def test_a_name_of_few_characters_is_reviewed_however_well_it_fits(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("猜灯谜.jpg", media_type=JPEG)))
    assert (p.item, p.kind, p.status) == ("III29-2", K.PHOTO, REVIEW)
    assert any("名称太短" in r for r in p.reasons)


def test_a_short_name_that_is_worded_as_such_material_is_placed(classifier: Classifier) -> None:
    """All of it but 文明单位 are general words, and nobody would wonder where it belongs."""
    out = classifier.classify_title("2019年文明单位创建工作方案")
    assert (out.chosen, out.candidates[0].item) == ("III86-1", "III86-1")
    p = only(classifier.propose(subject("方案.pdf", title="2019年文明单位创建工作方案", known=False)))
    assert (p.item, p.status) == ("III86-1", AUTO)


def test_a_document_of_the_state_council_is_placed_where_the_words_leave_no_doubt(classifier: Classifier) -> None:
    """That a city only passes it on is said by the check SUPERIOR."""
    sure, unsure = "国务院办公厅关于全面治理拖欠农民工工资问题的意见", "国务院办公厅关于印发国家粮食应急预案的函"
    p = only(classifier.propose(subject("通知.pdf", title=sure)))
    assert (p.item, p.status) == ("III40-2", AUTO) and classifier.classify_title(sure).chosen == "III40-2"
    p = only(classifier.propose(subject("通知.pdf", title=unsure)))
    assert p.status is REVIEW and any("国务院" in r for r in p.reasons) and classifier.classify_title(unsure).chosen is None


@pytest.fixture
def generous(classifier: Classifier) -> Classifier:
    """Words of two items take from one another's score: with less asked of an automatic placement."""
    return Classifier(classifier.catalogue, classifier.units, Margins(auto=0.85))


def test_what_serves_two_items_is_placed_once_and_offered_for_the_other(generous: Classifier) -> None:
    out = generous.propose(subject("通知.pdf", title="关于开展街头无偿献血和农民工工资清欠工作的通知", known=False))
    assert {(p.item, p.status) for p in out.placements} == {("III40-2", AUTO), ("III68-2", REVIEW)}
    assert any("一份材料可归几处" in r for p in out.placements if p.status is REVIEW for r in p.reasons)


def test_of_a_bare_title_of_two_halves_none_is_chosen_below_the_threshold(classifier: Classifier) -> None:
    title = "关于开展“扫黄打非”和文化遗产保护工作的通知"
    out = classifier.classify_title(title)
    assert (out.chosen, out.also) == (None, []), "a person is asked, as for a file of that title"
    assert {c.item for c in out.candidates[:2]} == {"III52-1", "III61-2"}
    plain = classifier.classify_title("关于开展食品安全和文化遗产保护工作的通知")
    assert (plain.chosen, plain.also) == ("III52-1", ["III72-1"]), "the rest of the words speaks as plainly for the other"
    table_only = classifier.classify_title("关于开展街头无偿献血和农民工工资清欠工作的通知")  # III68-2 takes no notice
    assert (table_only.chosen, table_only.also) == ("III40-2", [])
    assert classifier.classify_title("关于做好农民工工资清欠工作的通知").also == []


def test_the_lead_over_the_next_is_among_the_reasons(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("失业率.xlsx", media_type=XLSX, unit="市人社局", title="2016年城镇登记失业率统计表")))
    assert any(r.startswith(("比其次的 III", "没有别的标准")) for r in p.reasons)


def test_a_number_of_a_yearbook_stands_behind_plain_words(classifier: Classifier) -> None:
    out = classifier.classify_title("9-1 社会消防与安全生产事故死亡人数统计表")
    assert out.candidates[0].item == "III73-1" and out.chosen is None
    assert "III9-1" in [c.item for c in out.candidates]


def test_a_lead_too_small_is_reviewed(catalogue: Catalogue, units: UnitTable) -> None:
    doubtful = subject("关于复查推荐全国文明单位的通知.pdf")  # III86-1 and III86-2 share nearly every word
    for lead, status in ((0.0, AUTO), (0.99, REVIEW)):
        p = only(Classifier(catalogue, units, Margins(auto=0.1, lead=lead)).propose(doubtful))
        assert (p.item, p.status) == ("III86-2", status)
    assert any("III86-1" in r and "相差不足" in r for r in p.reasons)


def test_too_few_words_are_left_unplaced_with_guesses(classifier: Classifier) -> None:
    out = classifier.propose(subject("活动剪影.jpg", media_type=JPEG))
    assert out.placements == () and 0 < len(out.candidates) <= 3
    assert all(c.reasons and c.score is not None for c in out.candidates)
    assert classifier.propose(subject("IMG_0123.jpg", media_type=JPEG)).candidates == ()


def test_a_strong_form_of_words_on_an_unasked_kind_is_not_automatic(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("城镇登记失业率.jpg", media_type=JPEG, title="城镇登记失业率")))
    assert p.status is REVIEW


def test_the_unit_is_evidence_only_when_it_is_known(classifier: Classifier) -> None:
    def best(unit: str, known: bool) -> tuple[str, float | None]:
        first = classifier.propose(subject("维权投诉统计.xlsx", media_type=XLSX, unit=unit, known=known))
        all_ = [(p.item, p.score) for p in first.placements] + [(c.item, c.score) for c in first.candidates]
        return dict(all_).get("III46-1"), all_[0][0]  # type: ignore[return-value]

    assert best("市工商局", True)[0] > best("市气象局", True)[0]  # type: ignore[operator]
    assert best("市工商局", False) == best("市气象局", False)


def test_a_member_answers_for_its_group(catalogue: Catalogue) -> None:
    table = UnitTable(units=(Unit("包头日报社"), Unit("市属媒体", members=("包头日报社",))))
    out = Classifier(catalogue, table, Margins()).propose(subject("Ⅲ5-1 报样.jpg", unit="包头日报社", media_type=JPEG))
    assert any("牵头单位" in r for r in only(out).reasons)
