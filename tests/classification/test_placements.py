from __future__ import annotations

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.evidence import FormRow
from archive_schema.units import UnitTable, from_references
from archive_schema.words import EvidenceKind as K
from archive_schema.words import PlacementMethod
from classification.classifier import Classifier
from classification.subject import Subject
from intake.caption import caption
from tests.classification.sent import AUTO, JPEG, PDF, REVIEW, XLSX, cells, only, row, subject

RULES = "红黑榜发布制度"  # what III18-1 is about


# form and number taken at their word


def test_a_number_in_the_file_name_places_the_file(classifier: Classifier) -> None:
    p = only(classifier.propose(subject(f"材料/Ⅲ18-1){RULES}.pdf")))
    assert (p.item, p.kind, p.method, p.score, p.status) == ("III18-1", K.DOCUMENT, PlacementMethod.NUMBER, None, AUTO)
    assert (
        any("Ⅲ18-1)" in r for r in p.reasons) and any("红黑榜" in r for r in p.reasons) and any("牵头" in r for r in p.reasons)
    )


def test_a_number_in_a_folder_name_places_what_lies_in_it(classifier: Classifier) -> None:
    for path in ("Ⅲ18-1红黑榜/制度.pdf", "Ⅲ18-1红黑榜/2017年/制度.pdf", "Ⅲ18-1红黑榜.zip!/制度.pdf"):
        assert cells(classifier.propose(subject(path))) == [("III18-1", K.DOCUMENT, AUTO)]


def test_a_count_at_the_start_of_a_photo_name_is_no_number(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("Ⅲ18-1红黑榜/3-2.jpg", media_type=JPEG)))
    assert (p.item, p.kind, p.status) == ("III18-1", K.PHOTO, AUTO)


def test_a_form_places_the_file_with_the_kind_it_names(classifier: Classifier) -> None:
    out = classifier.propose(subject("a.pdf", forms=(row("Ⅲ18-1)", "统计表格"),)))
    p = only(out)
    assert (p.item, p.kind, p.method, p.score, p.status) == ("III18-1", K.TABLE, PlacementMethod.FORM, None, AUTO)
    assert out.kind is not None and out.kind.name is K.TABLE
    assert any("第 4 行" in r for r in p.reasons)


def test_a_form_may_leave_the_section_out(classifier: Classifier) -> None:
    assert cells(classifier.propose(subject("a.pdf", forms=(row("8-1", "说明报告"),)))) == [("III8-1", K.REPORT, AUTO)]


def test_form_and_number_that_agree_both_stand_in_the_reasons(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("Ⅲ18-1).pdf", forms=(row("III18-1"),))))
    assert p.status is AUTO and p.method is PlacementMethod.FORM
    assert any("提交表" in r for r in p.reasons) and any("文件名含编号" in r for r in p.reasons)


def test_a_list_of_numbers_places_the_file_under_each(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ18-1、Ⅲ18-2 红黑榜与联合奖惩制度.pdf"))
    assert cells(out) == [("III18-1", K.DOCUMENT, AUTO), ("III18-2", K.DOCUMENT, AUTO)]


def test_the_same_bytes_in_two_numbered_folders_serve_both(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ18-1/制度.pdf", "Ⅲ18-2/制度.pdf"))
    assert cells(out) == [("III18-1", K.DOCUMENT, AUTO), ("III18-2", K.DOCUMENT, AUTO)]


# law 8, branch by branch


def test_text_for_another_item_sends_a_number_to_review(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("Ⅲ18-1)2016年无偿献血与临床用血统计表.xlsx", media_type=XLSX)))
    assert (p.item, p.status) == ("III18-1", REVIEW)
    assert any("文件名含编号" in r for r in p.reasons) and any("III68-2" in r and "献血" in r for r in p.reasons)


def test_text_for_another_item_sends_a_form_to_review(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("a.pdf", forms=(row("III18-1"),), title="关于保障农民工工资支付的意见")))
    assert (p.item, p.method, p.status) == ("III18-1", PlacementMethod.FORM, REVIEW)
    assert any("III40-2" in r for r in p.reasons)


NAMED_48 = "义务教育均衡发展文件与督导结果"  # what III48-1 is about
ABOUT_18 = "关于印发诚信红黑榜发布制度的通知"


@pytest.mark.parametrize(
    "sent",
    [
        subject(f"Ⅲ48-1 {NAMED_48}.pdf", unit="市教育局", title=ABOUT_18),
        subject(f"Ⅲ48-1 {NAMED_48}/附件1.pdf", unit="市教育局", title=ABOUT_18),
        subject("附件1.pdf", forms=(row("III48-1", title=NAMED_48),), unit="市教育局", title=ABOUT_18),
    ],
)
def test_a_right_name_on_a_wrong_attachment_is_no_witness_for_itself(sent: Subject, classifier: Classifier) -> None:
    p = only(classifier.propose(sent))
    assert (p.item, p.status) == ("III48-1", REVIEW)
    assert any("更像 III18-1" in r for r in p.reasons)


@pytest.mark.parametrize("title", ["", "附件", "关于做好有关工作的通知", "关于做好义务教育均衡发展督导工作的通知"])
def test_a_text_that_speaks_for_nothing_else_leaves_the_claim_at_its_word(title: str, classifier: Classifier) -> None:
    for sent in (
        subject(f"Ⅲ48-1 {NAMED_48}的通知.pdf", unit="市教育局", title=title),
        subject("附件1.pdf", forms=(row("III48-1", title=NAMED_48),), unit="市教育局", title=title),
    ):
        assert cells(classifier.propose(sent)) == [("III48-1", K.DOCUMENT, AUTO)]


def test_a_picture_speaks_by_the_text_beside_it_and_not_by_its_own_name(classifier: Classifier) -> None:
    picture = subject(f"Ⅲ48-1 {NAMED_48}.jpg", unit="市教育局", media_type=JPEG)
    said = "诚信红黑榜发布制度上墙"
    for ways, against in (
        ((f"{said}.jpg", None, None), False),
        (("1.jpg", FormRow("1.jpg", title=said), None), False),
        (("1.jpg", None, said), True),
        (("1.jpg", None, None, said), True),
    ):
        fact = caption(*ways)
        assert fact is not None and fact.value == said
        facts = {"caption": fact}
        p = only(classifier.propose(msgspec.structs.replace(picture, facts=facts)))
        assert any("更像 III18-1" in r for r in p.reasons) is against, fact.method


@pytest.mark.parametrize("name", ["微信图片_20161010.jpg", "mmexport1476.jpg", "扫描件(2).jpg", "屏幕截图 20161010.jpg"])
def test_a_name_that_a_telephone_or_messenger_gave_says_nothing_of_the_subject(name: str, classifier: Classifier) -> None:
    """微信 is no subject, and 屏幕 none of an electronic display."""
    camera = classifier.propose(subject("照片/道德讲堂/IMG_0123.jpg", unit="市教育局", media_type=JPEG))
    assert camera.candidates
    assert (
        classifier.propose(subject(f"照片/道德讲堂/{name}", unit="市教育局", media_type=JPEG)).candidates == camera.candidates
    )


def test_the_margin_says_how_far_text_must_speak(catalogue: Catalogue, units: UnitTable) -> None:
    deaf = Classifier(catalogue, units, Margins(against=1.0))
    assert only(deaf.propose(subject("Ⅲ18-1)2016年无偿献血与临床用血统计表.xlsx", media_type=XLSX))).status is AUTO


def test_a_kind_that_the_item_does_not_ask_for_waits_on_the_nearest(classifier: Classifier, catalogue: Catalogue) -> None:
    assert catalogue.by_id["III68-2"].kinds == (K.TABLE,)
    p = only(classifier.propose(subject("Ⅲ68-2 献血照片.jpg", media_type=JPEG)))
    assert (p.item, p.kind, p.status) == ("III68-2", K.TABLE, REVIEW)
    assert any("实景图片" in r and "只要求统计表格" in r for r in p.reasons)


def test_a_kind_nobody_knows_waits_too(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("Ⅲ18-1).bin", media_type="application/octet-stream")))
    assert (p.item, p.status) == ("III18-1", REVIEW)
    assert any("看不出材料类型" in r for r in p.reasons)


def test_a_kind_that_speaks_against_the_form_sends_it_to_review(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("a.jpg", forms=(row("III18-1", "规范文件"),), media_type=JPEG)))
    assert (p.kind, p.status) == (K.DOCUMENT, REVIEW)
    assert any("实景图片" in r for r in p.reasons)


def test_a_kind_that_is_not_sure_says_nothing_against_the_form(classifier: Classifier) -> None:
    p = only(classifier.propose(subject(f"Ⅲ18-1){RULES} 情况.pdf", forms=(row("III18-1", "统计表格"),))))
    assert (p.kind, p.status) == (K.TABLE, AUTO), "it ends like a report's title, and that is all"


def test_a_kind_that_is_a_mere_guess_is_reviewed(classifier: Classifier, catalogue: Catalogue) -> None:
    item = next(i for i in catalogue.material if K.REPORT in i.kinds)
    prose = msgspec.structs.replace(subject(f"{item.id}).pdf"), text="我市" * 100)
    p = only(classifier.propose(prose))
    assert (p.item, p.kind, p.status) == (item.id, K.REPORT, REVIEW)
    assert any("材料类型只是猜测" in r for r in p.reasons)


def test_a_kind_cell_that_means_nothing_sends_the_form_to_review(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("制度.pdf", forms=(row("III18-1", "其他"),))))
    assert p.status is REVIEW and any("其他" in r for r in p.reasons)


@pytest.mark.parametrize(
    "named", [{"paths": ("Ⅲ7-2 宣传场景.jpg",)}, {"paths": ("a.jpg",), "forms": (row("III7-2", "实景图片"),)}]
)
def test_an_item_under_no_material_review_leaves_the_file_unplaced(named: dict, classifier: Classifier) -> None:  # type: ignore[type-arg]
    out = classifier.propose(subject(*named["paths"], forms=named.get("forms", ()), media_type=JPEG))
    assert out.placements == ()
    assert out.candidates[0].item == "III7-2"
    assert any("不属于材料审核" in r for r in out.candidates[0].reasons)


def test_beside_an_item_under_no_material_review_the_other_is_reviewed(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ7-1、Ⅲ7-2 媒体宣传截图.jpg", media_type=JPEG))
    assert cells(out) == [("III7-1", K.PHOTO, REVIEW)]
    assert any("不属于材料审核" in r for r in out.placements[0].reasons)


@pytest.mark.parametrize("name", ["Ⅲ18-1月红黑榜发布制度.pdf", "18-1月红黑榜发布制度.pdf", "2017.18-1红黑榜发布制度.pdf"])
def test_a_number_that_may_be_a_date_is_reviewed(name: str, classifier: Classifier) -> None:
    p = only(classifier.propose(subject(name)))
    assert (p.item, p.method, p.status) == ("III18-1", PlacementMethod.NUMBER, REVIEW)
    assert any("含编号" in r for r in p.reasons) and any("可能是日期" in r for r in p.reasons)


def test_a_whole_date_is_no_number(classifier: Classifier) -> None:
    assert classifier.propose(subject("2017-8-1.jpg", media_type=JPEG)).placements == ()
    out = classifier.propose(subject("Ⅲ18-1/2017-8-1.jpg", media_type=JPEG))
    assert cells(out) == [("III18-1", K.PHOTO, AUTO)]


def test_a_date_that_a_spreadsheet_made_of_a_number_is_reviewed(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("a.pdf", forms=(row("2017-8-1", "说明报告"),))))
    assert (p.item, p.status) == ("III8-1", REVIEW)
    assert any("像日期" in r for r in p.reasons)


def test_form_and_number_that_disagree_are_reviewed(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ18-2)制度.pdf", forms=(row("III18-1"),)))
    assert cells(out) == [("III18-1", K.DOCUMENT, REVIEW)]
    assert any("III18-2" in r and "III18-1" in r for r in out.placements[0].reasons)
    assert out.candidates[0].item == "III18-2"


def test_a_number_beyond_what_the_form_lists_is_reviewed(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ18-1、Ⅲ18-2 制度.pdf", forms=(row("III18-1"),)))
    assert cells(out) == [("III18-1", K.DOCUMENT, AUTO), ("III18-2", K.DOCUMENT, REVIEW)]


def test_a_form_number_that_does_not_exist_is_never_passed_over(classifier: Classifier) -> None:
    with_number = only(classifier.propose(subject("Ⅲ18-1)制度.pdf", forms=(row("III18-12"),))))
    assert with_number.status is REVIEW and any("不存在" in r for r in with_number.reasons)
    with_text = only(classifier.propose(subject("a.pdf", forms=(row("III99-1", "统计表格"),), title="城镇登记失业率统计表")))
    assert (with_text.item, with_text.status) == ("III69-1", REVIEW)
    alone = classifier.propose(subject("a.pdf", forms=(row("III18-12"),)))
    assert alone.placements == ()
    assert any(c.item == "III18-1" and "III18-12" in c.reasons[0] for c in alone.candidates)


def test_a_number_in_a_name_that_does_not_exist_is_reviewed_too(classifier: Classifier) -> None:
    p = only(classifier.propose(subject("Ⅲ99-1 城镇登记失业率统计表.xlsx", media_type=XLSX, title="城镇登记失业率统计表")))
    assert (p.item, p.status) == ("III69-1", REVIEW)
    assert any("Ⅲ99-1" in r for r in p.reasons)


def test_file_and_folder_that_contradict_are_reviewed_under_the_files_number(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ19-1诚信/Ⅲ18-1)制度.pdf"))
    assert cells(out) == [("III18-1", K.DOCUMENT, REVIEW)]
    assert any("III19-1" in r for r in out.placements[0].reasons)
    assert out.candidates[0].item == "III19-1"


def test_two_numbers_that_are_no_list_are_reviewed(classifier: Classifier) -> None:
    out = classifier.propose(subject("Ⅲ18-1制度Ⅲ19-1附件.pdf"))
    assert [p.status for p in out.placements] == [REVIEW] * len(out.placements)
    assert {p.item for p in out.placements} == {"III18-1", "III19-1"}


def test_a_number_without_its_section_needs_words(classifier: Classifier) -> None:
    assert only(classifier.propose(subject(f"18-1){RULES}.pdf"))).status is AUTO
    p = only(classifier.propose(subject("18-1)制度.pdf")))
    assert p.status is REVIEW and any("省略了版块" in r for r in p.reasons)


# what always holds


def test_two_units_have_two_proposals(classifier: Classifier) -> None:
    one, two = (classifier.propose(subject("Ⅲ18-1)制度.pdf", unit=u)) for u in ("市文明办", "市商务局"))
    assert (one.unit, two.unit) == ("市文明办", "市商务局")
    assert one.placements[0].unit == "市文明办" and two.placements[0].unit == "市商务局"


def test_the_order_of_paths_and_forms_does_not_matter(classifier: Classifier) -> None:
    paths = ("Ⅲ18-1/制度.pdf", "Ⅲ19-1诚信/Ⅲ18-2)红黑榜.pdf", "3-2.pdf", "2017-8-1.pdf")
    forms = (row("III18-1"), row("III18-2", "说明报告", row=5), row("III99-9", row=6))
    expected = classifier.propose(subject(*paths, forms=forms))
    for p in permutations(paths):
        for f in permutations(forms):
            assert classifier.propose(subject(*p, forms=f)) == expected


_CATALOGUE = catalogues.load("national-2017")
_CLASSIFIER = Classifier(_CATALOGUE, from_references(u for i in _CATALOGUE.items for u in i.units), Margins())
_WORDS = st.sampled_from(
    ["Ⅲ18-1)", "18-1", "Ⅲ7-2", "Ⅲ99-1", "2017-8-1", "红黑榜", "失业率", "统计表", "照片", "、Ⅲ18-2", "月", "/", "!/"]
)
_NAMES = st.lists(_WORDS, min_size=1, max_size=5).map("".join)


@given(
    paths=st.lists(_NAMES, min_size=1, max_size=3),
    items=st.lists(st.sampled_from(["III18-1", "18-2", "III7-2", "III99-1", ""]), max_size=2),
    kind=st.sampled_from(["规范文件", "实景图片", ""]),
    media_type=st.sampled_from([PDF, JPEG, XLSX, "application/octet-stream"]),
    data=st.data(),
)
def test_every_proposal_is_lawful(paths: list[str], items: list[str], kind: str, media_type: str, data: st.DataObject) -> None:
    forms = tuple(row(i, kind, row=n) for n, i in enumerate(items))
    out = _CLASSIFIER.propose(subject(*paths, forms=forms, media_type=media_type))
    shuffled = subject(
        *data.draw(st.permutations(paths)), forms=tuple(data.draw(st.permutations(forms))), media_type=media_type
    )
    assert _CLASSIFIER.propose(shuffled) == out
    keys = [(p.item, p.kind) for p in out.placements]
    assert len(keys) == len(set(keys)) and set(keys) <= set(_CATALOGUE.cells)
    assert not {p.item for p in out.placements} & {c.item for c in out.candidates}
    assert len({c.item for c in out.candidates}) == len(out.candidates)
    for p in out.placements:
        assert p.status in (AUTO, REVIEW) and p.reasons and p.decision is None
        assert (p.score is None) == (p.method is not PlacementMethod.TEXT)
        if p.status is AUTO:
            assert not any("不存在" in r or "不一致" in r or "可能是日期" in r or "更像" in r for r in p.reasons)


def test_the_version_names_the_rules_and_the_catalogue(classifier: Classifier, units: UnitTable, small: Catalogue) -> None:
    name, _, digest = classifier.version.partition("/")
    assert name.startswith("terms@") and len(digest) == 12
    assert Classifier(catalogues.load("national-2017"), units, Margins(auto=0.9)).version == classifier.version
    assert Classifier(small, units, Margins()).version != classifier.version
    assert classifier.propose(subject("a.pdf")).classifier == classifier.version


def test_another_catalogue_works_by_its_own_words_and_numbers(small: Catalogue) -> None:
    small_ = Classifier(small, from_references(u for i in small.items for u in i.units), Margins())
    assert cells(small_.propose(subject("FJ3清运统计表.pdf", unit="市城管局"))) == [("FJ3", K.TABLE, AUTO)]
    assert cells(small_.propose(subject("AQ-3)/值守.jpg", media_type=JPEG))) == [("AQ3", K.PHOTO, AUTO)]
    assert small_.propose(subject("FJ20 读书角.jpg", media_type=JPEG)).placements == ()
    p = only(small_.propose(subject("FJ3 读书角随手拍.xlsx", unit="市城管局", media_type=XLSX)))
    assert p.status is REVIEW and any("FJ20" in r for r in p.reasons), "what takes no material may be what it is about"
    assert small_.classify_title("微型消防站值守巡查照片").candidates[0].item == "AQ3"
    assert small_.classify_title("Ⅲ18-1)红黑榜").candidates == []


# bare titles


def test_a_bare_title_is_chosen_for_or_abstained_from(classifier: Classifier) -> None:
    plain = classifier.classify_title("2016年城镇登记失业率统计表", "人社局")
    assert plain.chosen == "III69-1" and plain.also == [] and plain.kind is not None and plain.kind.name is K.TABLE
    assert plain.candidates[0].score is not None and plain.candidates[0].reasons
    assert classifier.classify_title("今天天气不错").chosen is None
    assert classifier.classify_title("关于印发实施方案的通知", "没有的单位").chosen is None


def test_a_number_in_a_bare_title_is_weighed_like_one_in_a_name(classifier: Classifier) -> None:
    out = classifier.classify_title("Ⅲ18-1、Ⅲ18-2 红黑榜与联合奖惩")
    assert (out.chosen, out.also) == ("III18-1", ["III18-2"])
    for doubtful in (
        "Ⅲ18-1 无偿献血与临床用血统计表",
        "Ⅲ18-1月红黑榜",
        "Ⅲ7-2 宣传",
        "Ⅲ99-1 城镇登记失业率统计表",
        "Ⅲ68-2 现场照片",
        "18-1)制度",
    ):
        assert classifier.classify_title(doubtful).chosen is None, doubtful
