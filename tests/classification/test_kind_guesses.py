from __future__ import annotations

import pytest

from archive_schema.evidence import Fact, KindGuess
from archive_schema.words import EvidenceKind as K
from classification.kinds import NUMBERED_REPORT, guess_kind, typed

PDF, JPEG = "application/pdf", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def guess(media_type: str, name: str, title: str | None = None, text: str = "", **facts: object) -> KindGuess | None:
    return guess_kind(media_type=media_type, name=name, title=title, facts={k: Fact(v) for k, v in facts.items()}, text=text)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于印发《红黑榜发布制度》的通知", K.DOCUMENT),
        ("关于印发《志愿者统计办法》的通知", K.DOCUMENT),
        ("关于公布文明单位名单的通知", K.DOCUMENT),
        ("包头市市民公约", K.DOCUMENT),
        ("关于编制的批复", K.DOCUMENT),
        ("2017年志愿服务工作总结", K.REPORT),
        ("创建工作综述", K.REPORT),
        ("道德讲堂开展情况说明", K.REPORT),
        ("道德讲堂情况统计表", K.TABLE),
        ("12315受理一览表(2017年1-7月)", K.TABLE),
        ("志愿者台账", K.TABLE),
        ("文明单位名单", K.TABLE),
        ("城镇登记失业率", K.TABLE),
        ("道德讲堂现场照片", K.PHOTO),
        ("红黑榜发布截图", K.PHOTO),
    ],
)
def test_the_last_word_of_form_of_a_title_decides(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind and found.reasons


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("市长公开电话九月情况通报", K.REPORT),
        ("文明城市创建督查通报", K.DOCUMENT),
        ("2016年文化馆服务情况", K.TABLE),  # a state of things
        ("2016年文化馆免费开放工作情况", K.REPORT),  # work that was done
        ("街道举办身边好人事迹报告会", K.PHOTO),
        ("关于举办身边好人事迹报告会的通知", K.DOCUMENT),
        ("区妇联修订《家庭文明公约》", K.PHOTO),
        ("区妇联关于修订《家庭文明公约》的通知", K.DOCUMENT),
        ("社区志愿者向游客发放文明旅游倡议书", K.PHOTO),
        ("文明旅游倡议书", K.DOCUMENT),
        ("全市累计建成农家书屋412家", K.REPORT),
        ("切实抓好老旧小区改造各项工作", K.REPORT),
        ("主要年份公共图书馆藏书", K.TABLE),
    ],
)
def test_headlines_and_states_of_things_are_told_from_documents(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind and found.reasons


@pytest.mark.parametrize("title", ["市人大代表", "道德讲堂", "IMG_0123", ""])
def test_no_word_of_form_is_no_guess(title: str) -> None:
    assert guess("", title) is None


def test_the_format_decides_before_the_words() -> None:
    assert guess(JPEG, "义务植树.jpg").name is K.PHOTO  # type: ignore[union-attr]
    assert guess(XLSX, "关于上报的通知.xlsx").name is K.TABLE  # type: ignore[union-attr]
    assert guess(PDF, "情况统计表.pdf").name is K.TABLE  # type: ignore[union-attr]


def test_a_picture_with_a_document_number_is_a_scan() -> None:
    found = guess(JPEG, "a.jpg", document_number="包府发〔2017〕3号")
    assert found is not None and found.name is K.DOCUMENT and found.score is not None and found.score < 0.8


def test_a_title_as_read_beats_the_file_name() -> None:
    assert guess(PDF, "统计表.pdf", "关于表彰的决定").name is K.DOCUMENT  # type: ignore[union-attr]


def test_a_numbered_report_stays_a_report_but_a_doubtful_one() -> None:
    found = guess(PDF, "a.pdf", "关于志愿服务情况的报告", document_number="包文明办〔2017〕3号")
    assert found is not None and (found.name, found.score) == (K.REPORT, NUMBERED_REPORT)
    assert any("发文字号" in r for r in found.reasons)


def test_layout_speaks_where_words_do_not() -> None:
    assert guess(PDF, "a.pdf", document_number="包府发〔2017〕3号").name is K.DOCUMENT  # type: ignore[union-attr]
    assert guess(PDF, "a.pdf", table_rows=12).name is K.TABLE  # type: ignore[union-attr]
    long = guess(PDF, "a.pdf", text="我市坚持" * 60)
    assert long is not None and long.name is K.REPORT and long.score is not None and long.score < 0.5
    assert guess("application/octet-stream", "a.bin") is None


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("规范文件", K.DOCUMENT),
        ("正式发文", K.DOCUMENT),
        ("图片", K.PHOTO),
        ("数据表格", K.TABLE),
        ("情况说明", K.REPORT),
        ("", None),
        ("其他", None),
    ],
)
def test_the_form_names_kinds_in_several_words(cell: str, kind: K | None) -> None:
    assert typed(cell) is kind


def test_a_form_that_names_two_kinds_names_none() -> None:
    assert typed("规范文件、实景图片") is None
