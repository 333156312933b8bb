"""时间 地点 人物 主题 背景 事由 out of what people write under pictures."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.evidence import FACT_NAMES, Fact, FormRow
from intake.caption import caption
from intake.elements import KEYS, elements, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2026年4月5日示例市东示区和平社区志愿者参加网上祭英烈活动现场",
            {
                "time": ["2026-04-05"],
                "place": ["示例市东示区和平社区"],
                "people": ["志愿者"],
                "theme": ["网上祭英烈"],
                "reason": ["参加网上祭英烈活动"],
            },
        ),
        (
            "为迎接建党节,市教育局组织学校师生在人民广场举行“童心向党”主题活动",
            {
                "place": ["人民广场"],
                "people": ["学校师生", "市教育局"],
                "theme": ["童心向党"],
                "background": ["为迎接建党节"],
                "reason": ["举行“童心向党”主题活动"],
            },
        ),
        (
            "在重阳节来临之际,志愿者走进敬老院慰问老人",
            {
                "place": ["敬老院"],
                "people": ["志愿者"],
                "theme": ["老人"],
                "background": ["在重阳节来临之际"],
                "reason": ["慰问老人"],
            },
        ),
        (
            "交警在钢铁大街路口劝导行人",
            {"place": ["钢铁大街路口"], "people": ["交警"], "theme": ["行人"], "reason": ["劝导行人"]},
        ),
        (
            "2017年5月,昆都仑区友谊大街街道办事处工作人员在友谊社区检查环境卫生",
            {
                "time": ["2017-05"],
                "place": ["昆都仑区友谊大街街道办事处", "友谊社区"],
                "people": ["工作人员"],
                "theme": ["环境卫生"],
                "reason": ["检查环境卫生"],
            },
        ),
        ("二〇一七年八月一日道德讲堂", {"time": ["2017-08-01"], "theme": ["道德讲堂"]}),
        ("人民广场诚信红黑榜公示栏", {"place": ["人民广场"], "theme": ["诚信红黑榜公示栏"]}),
        ("市民广场志愿服务", {"place": ["市民广场"], "theme": ["志愿服务"]}),
        ("东河区图书馆", {"place": ["东河区图书馆"]}),
    ],
)
def test_a_caption_in_one_sentence_is_split_as_far_as_its_words_tell(text: str, expected: dict[str, list[str]]) -> None:
    assert {k.removeprefix("caption_"): list(v) for k, v in split(text).items()} == expected


def test_elements_under_their_labels_are_taken_as_they_stand() -> None:
    text = "时间:2017年5月3日 地点:人民广场、市民中心\n人物:志愿者;主题:文明交通\n背景:创建全国文明城市\n事由:劝导行人"
    assert {k: list(v) for k, v in split(text).items()} == {
        "caption_time": ["2017-05-03"],
        "caption_place": ["人民广场", "市民中心"],
        "caption_people": ["志愿者"],
        "caption_theme": ["文明交通"],
        "caption_background": ["创建全国文明城市"],
        "caption_reason": ["劝导行人"],
    }


@pytest.mark.parametrize(
    "text", ["创建全国文明城市", "以人民为中心的发展思想学习会", "民警小王帮助老人过马路", "文化科技卫生三下乡"]
)
def test_words_that_only_end_like_a_place_are_none(text: str) -> None:
    assert "caption_place" not in split(text)


def test_what_the_form_leaves_out_comes_from_the_name_and_a_contradiction_is_kept() -> None:
    said = caption("2017年5月3日人民广场志愿者.jpg", FormRow(file="a", title="市民中心志愿者打扫卫生"), None)
    assert said is not None
    found = elements(said)
    assert found["caption_time"].value == ["2017-05-03"] and found["caption_time"].method == "form/elements"
    assert found["caption_place"].value == ["市民中心"] and found["caption_place"].others == ("人民广场",)
    assert found["caption_people"].others == ()


def test_a_picture_in_a_document_has_the_documents_words_before_its_file_name() -> None:
    said = caption("word/media/文明交通.jpg", None, None, "图1 志愿者在人民广场劝导行人")
    assert said is not None and said.method == "document" and said.others == ("文明交通",)


@given(
    st.text(alphabet=st.sampled_from("时间地点:、,。2017年5月3日在人民广场志愿者参加活动“”为了之际市区\n -_a("), max_size=60)
    | st.text()
)
def test_any_text_is_split_without_fault_into_short_lists(text: str) -> None:
    for key, values in split(text).items():
        assert key in KEYS and key in FACT_NAMES and 0 < len(values) <= 8
        assert all(v and len(v) <= 80 and v == v.strip() for v in values)
    elements(Fact(value=text, raw=text, method="name"))


def test_time_and_people_of_all_captions_of_the_samples_are_found() -> None:
    from archive_schema import catalogue
    from samples import wording

    rng = random.Random(5)
    items = catalogue.load("national-2017").material
    captions = [wording.caption(i, i.units[0], date(2026, 4, 5), rng) for i in items]
    found = [split(c) for c in captions]
    assert all(f["caption_time"] == ("2026-04-05",) and f["caption_place"] for f in found)
    whole = sum({"caption_people", "caption_theme", "caption_reason"} <= set(f) for f in found)
    assert whole >= len(found) * 0.97


def test_a_long_caption_is_split_in_no_time() -> None:
    hard = ("市区" * 400 + "志愿" * 400 + "在为" * 200) * 3
    assert split(hard) is not None  # the time limit of the test run is the judge
