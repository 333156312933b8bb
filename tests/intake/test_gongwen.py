"""Elements of official documents (GB/T 9704-2012), from lines of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.gongwen import name_facts, read_facts
from intake.gongwen.number import read_number
from intake.textual import Line

DOCUMENT = """
000012
机密★1年
特急
包头市人民政府办公室文件
包府办发〔2017〕12号
包头市人民政府办公室关于印发
包头市文明城市创建工作方案的通知
各旗、县、区人民政府，市直各部门、单位：
    现将《包头市文明城市创建工作方案》印发给你们，请结合《关于做好工作的通知》（国办发〔2016〕8号）认真贯彻执行。
    附件：1.包头市文明城市创建工作方案
          2.责任分工一览
            表
包头市人民政府办公室
2017年3月1日
（此件公开发布）
附件1
包头市文明城市创建工作方案
市委宣传部
2016年1月1日
""".strip().split("\n")


def facts(lines: list[str] | str) -> dict[str, object]:
    texts = lines.split("\n") if isinstance(lines, str) else lines
    return {k: f.value for k, f in read_facts([Line(t, 1) for t in texts], method="t@1").items()}


def without(*words: str) -> list[str]:
    return [line for line in DOCUMENT if not line.strip().startswith(words)]


def test_every_element_of_a_document_is_read() -> None:
    assert facts(DOCUMENT) == {
        "copy_number": "000012",
        "secrecy": "机密",
        "secrecy_period": "1年",
        "urgency": "特急",
        "document_number": "包府办发〔2017〕12号",
        "title": "包头市人民政府办公室关于印发包头市文明城市创建工作方案的通知",
        "issuer": "包头市人民政府办公室",
        "addressee": "各旗、县、区人民政府，市直各部门、单位",
        "attachments": ["包头市文明城市创建工作方案", "责任分工一览表"],
        "signer": "包头市人民政府办公室",
        "issued_on": "2017-03-01",
    }


def test_facts_say_where_and_how_and_claim_no_confidence() -> None:
    read = read_facts([Line(t, n // 5 + 1) for n, t in enumerate(DOCUMENT)], method="pdf@1")
    assert read["document_number"].method == "pdf@1/head" and read["document_number"].page == 1
    assert read["issued_on"].method == "pdf@1/signature" and read["issued_on"].page == 3
    assert read["issued_on"].raw == "2017年3月1日"
    assert all(f.confidence is None for f in read.values())


@pytest.mark.parametrize(
    "raw",
    ["包府办发〔2017〕12号", "包府办发［2017］12号", "包府办发【2017】12号", "包府办发[2017]12号", "包府办发(2017)12号", "包府办发（2017）12号",
     "包府办发〔２０１７〕１２号", "包府办发 〔 2017 〕 12 号", "包府办发〔2017〕第12号", "包府办发〔2017〕012号", "包府办发字〔2017〕12号"],
)  # fmt: skip
def test_a_number_is_normalised_from_every_way_of_typing_it(raw: str) -> None:
    lines = [raw if line.startswith("包府办发") else line for line in DOCUMENT]
    read = read_facts([Line(t) for t in lines], method="t@1")["document_number"]
    assert (read.value, read.raw) == ("包府办发〔2017〕12号", raw)


@given(st.text("包府办发国函委文字", min_size=1, max_size=6), st.integers(1949, 2099), st.integers(1, 9999))
def test_a_normal_number_reads_as_itself(code: str, year: int, serial: int) -> None:
    number = f"{code.rstrip('字') or '发'}〔{year}〕{serial}号"
    read = read_number(number)
    assert read is not None and read.value == number


@pytest.mark.parametrize(
    "line", ["包头市人民政府文件  包府发〔2017〕3号", "包府发〔2017〕3号        签发人：张三", "包府发〔2017〕3号"]
)
def test_a_number_may_share_its_line_with_the_red_head_or_the_signer(line: str) -> None:
    read = facts([line, "关于做好创建工作的通知", "各区人民政府：", "正文。", "包头市人民政府", "2017年3月1日"])
    assert read["document_number"] == "包府发〔2017〕3号"
    assert read["title"] == "关于做好创建工作的通知" and read["issuer"] == "包头市人民政府"


def test_a_number_quoted_in_the_body_is_not_the_documents_own() -> None:
    assert "document_number" not in facts(without("包府办发"))
    assert "document_number" not in facts(["工作总结", "我局认真落实", "国办发〔2016〕8号", "文件精神，开展了工作。"])
    body = ["某局2017年工作总结", "一、总体情况", "国办发〔2016〕8号", "文件下发后，我局高度重视。"]
    assert "document_number" not in facts(body)
    for text in ("见国办发〔2016〕8号", "2017年12号", "第12号", "国办发〔2016〕", "〔2016〕8号文"):
        assert read_number(text) is None, text


@pytest.mark.parametrize("labels", [[], ["索 引 号：", "000014349/2019-00005", "发文机关：", "国务院", "成文日期：", "2019年01月24日", "标 题：",
    "某某标题", "发文字号：", "国发〔2019〕4号", "发布日期：", "2019年02月13日", "主 题 词：", "经济管理 考察 函"]])  # fmt: skip
def test_a_publishers_field_list_is_never_the_document(labels: list[str]) -> None:
    assert facts([*labels, *DOCUMENT]) == facts(DOCUMENT)


@pytest.mark.parametrize(
    ("line", "level"),
    [("绝密", "绝密"), ("机密★1年", "机密"), ("秘密★6个月", "秘密"), ("机 密 ★ 长 期", "机密"), ("密级：秘密", "秘密"), ("000001  机密★1年  特急", "机密"),
     ("秘密☆3年", "秘密"), ("××市委办公室    机密★3年", "机密"), ("机密★", "机密")],
)  # fmt: skip
def test_a_secrecy_mark_in_the_head_is_seen(line: str, level: str) -> None:
    assert facts([line, *without("机密", "0000", "特急")])["secrecy"] == level


@pytest.mark.parametrize(
    "line",
    [
        "国家保密局文件",
        "秘密级文件的管理",
        "机密工作人员名单",
        "本文件不涉及国家秘密",
        "密级：公开",
        "关于开展机密文件清理的通知",
        "保守国家秘密",
    ],
)
def test_words_about_secrecy_are_no_mark(line: str) -> None:
    assert "secrecy" not in facts([line, *without("机密", "0000", "特急")])


def test_in_the_body_only_a_starred_line_of_its_own_counts() -> None:
    body = without("机密")
    at = body.index("（此件公开发布）")
    assert "secrecy" not in facts([*body[:at], "秘密", *body[at:]])
    assert "secrecy" not in facts([*body[:at], "凡标有“机密★1年”字样的文件，不得外传。", *body[at:]])
    assert facts([*body[:at], "机密★1年", *body[at:]])["secrecy"] == "机密"


def test_the_first_signature_counts_not_those_of_attachments_or_the_printers_date() -> None:
    assert facts(DOCUMENT)["issued_on"] == "2017-03-01"
    printed = [*without("附件1", "市委", "2016年"), "抄送：市委办公室。", "包头市人民政府办公室  2017年3月5日印发"]
    assert facts(printed)["issued_on"] == "2017-03-01"
    unsigned = [line for line in printed if not line.startswith("2017年")]
    assert "issued_on" not in facts(unsigned)


@pytest.mark.parametrize("date", ["二〇一七年三月一日", "二○一七年三月一日", "2017 年 3 月 1 日", "２０１７年３月１日"])
def test_a_signature_date_is_read_in_every_writing(date: str) -> None:
    lines = [date if line == "2017年3月1日" else line for line in DOCUMENT]
    assert facts(lines)["issued_on"] == "2017-03-01"


def test_a_month_alone_is_no_date_of_issue() -> None:
    assert "issued_on" not in facts([("2017年3月" if line == "2017年3月1日" else line) for line in without("2016年")])


@pytest.mark.parametrize("written", ["2017年3月", "2017年3月  日", "二〇一七年二月三十日"])
def test_what_stands_in_the_place_of_the_date_and_is_none_is_kept_as_it_is_written(written: str) -> None:
    lines = [Line(written if line == "2017年3月1日" else line) for line in without("2016年")]
    read = read_facts(lines, method="pdf@1")
    assert "issued_on" not in read
    assert (read["date_unread"].value, read["date_unread"].method) == (written, "pdf@1/signature")
    assert "date_unread" not in facts(DOCUMENT)


def test_organ_and_date_on_one_line_and_a_seal_mark_are_a_signature() -> None:
    for signed in (["包头市公安局（盖章）", "2017年3月1日"], ["包头市公安局  2017年3月1日"], ["包头市公安局2017年3月1日"]):
        read = facts(["关于创建工作情况的报告", "市文明办：", "现报告如下。", *signed])
        assert (read["signer"], read["issued_on"], read["issuer"]) == ("包头市公安局", "2017-03-01", "包头市公安局")


def test_joint_issuers_are_all_named() -> None:
    read = facts(["中共包头市委办公室", "包头市人民政府办公室文件", "包办发〔2017〕3号", "关于加强创建工作的意见", "各区委：", "正文。",
                  "中共包头市委办公室  包头市人民政府办公室", "2017年3月1日"])  # fmt: skip
    assert read["issuer"] == read["signer"] == "中共包头市委办公室、包头市人民政府办公室"


def test_a_differing_signature_is_kept_beside_the_red_head() -> None:
    lines = [("包头市公安局" if line == "包头市人民政府办公室" else line) for line in DOCUMENT]
    read = read_facts([Line(t) for t in lines], method="t@1")["issuer"]
    assert read.value == "包头市人民政府办公室" and read.others == ("包头市公安局",)


def test_the_code_of_the_number_and_the_title_name_the_issuer_when_nothing_else_does() -> None:
    coded = read_facts(
        [Line(t) for t in ["国办发〔2019〕3号", "关于开展治理工作的通知", "各省人民政府：", "正文。"]], method="t@1"
    )["issuer"]
    assert (coded.value, coded.method) == ("国务院办公厅", "t@1/code")
    titled = read_facts([Line(t) for t in ["包头市教育局关于创建工作情况的说明", "一、情况", "正文。"]], method="t@1")["issuer"]
    assert (titled.value, titled.method) == ("包头市教育局", "t@1/title")


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (
            ["某区创建全国文明城区三年行动计划", "（2018—2020年）", "为了创建，制定本计划。"],
            "某区创建全国文明城区三年行动计划（2018—2020年）",
        ),
        (
            ["关于转发某市发展改革委关于", "促进消费若干意见", "的通知", "各区人民政府：", "正文。"],
            "关于转发某市发展改革委关于促进消费若干意见的通知",
        ),
        (["某 市 文 明 公 约", "爱国守法，明礼诚信。"], "某市文明公约"),
        (["社区志愿服务掠影", "今年以来，我社区开展了活动。"], "社区志愿服务掠影"),
        (["在全市动员大会上的讲话", "（2017年3月10日）", "同志们：", "今天召开大会。"], "在全市动员大会上的讲话"),
    ],
)
def test_a_title_is_found_without_a_number(lines: list[str], title: str) -> None:
    assert facts(lines)["title"] == title


def test_a_date_in_brackets_under_the_title_dates_a_speech() -> None:
    assert facts(["在全市动员大会上的讲话", "（2017年3月10日）", "同志们：", "今天召开大会。"])["issued_on"] == "2017-03-10"


def test_page_numbers_between_signature_and_date_do_not_matter() -> None:
    at = DOCUMENT.index("2017年3月1日")
    assert facts([*DOCUMENT[:at], "— 2 —", "", *DOCUMENT[at:]]) == facts(DOCUMENT)


def test_a_draft_mark_is_seen_in_title_head_and_name_but_not_of_a_quoted_document() -> None:
    assert facts(["某市文明行为条例", "（征求意见稿）", "第一条 为了。"])["draft_mark"] == "征求意见稿"
    assert facts(["送审稿", *DOCUMENT])["draft_mark"] == "送审稿"
    assert name_facts("方案(讨论稿).docx", method="n@1")["draft_mark"].value == "讨论稿"
    soliciting = ["关于公开征求《某市条例（征求意见稿）》意见的通知", "各单位：", "请提意见。"]
    assert "draft_mark" not in facts(soliciting)
    assert "draft_mark" not in name_facts("关于方案的通知.docx", method="n@1")


@pytest.mark.parametrize(("name", "level"), [("【机密】方案.pdf", "机密"), ("方案(秘密★1年).pdf", "秘密"), ("绝密★方案.pdf", "绝密"), ("保密局通知.pdf", None),
    ("秘密花园.jpg", None), ("机密文件管理办法.pdf", None)])  # fmt: skip
def test_a_secrecy_mark_in_a_name_needs_brackets_or_a_star(name: str, level: str | None) -> None:
    read = name_facts(name, method="n@1").get("secrecy")
    assert (read.value if read else None) == level


@pytest.mark.timeout(60)
def test_a_very_long_line_costs_no_more_than_its_length() -> None:
    for piece in ("5.0990195e-01 ", "2017年3月1日、", "《（", "机密★ "):
        read_facts([Line(piece * (400_000 // len(piece)))] * 2, method="t@1")


@given(st.lists(st.text(max_size=40), max_size=40))
def test_any_lines_are_read_without_fault(lines: list[str]) -> None:
    read_facts([Line(t) for t in lines], method="t@1")


@given(st.lists(st.sampled_from([*DOCUMENT, "", "　", "一、", "：", "文件", "附件：", "2017年3月1日", "（）"]), max_size=30))
def test_any_order_of_elements_is_read_without_fault(lines: list[str]) -> None:
    read = facts(lines)
    assert set(read) <= set(facts(DOCUMENT)) | {"draft_mark"}


FIELDS = ["索 引 号：", "000014349/2019-00005", "发文机关：", "国务院", "成文日期：", "2019年01月24日", "标 题：", "关于某事的通知", "发文字号：", "国发〔2019〕4号"]  # fmt: skip


def test_a_field_list_that_says_otherwise_is_kept_beside_the_document() -> None:
    read = read_facts([Line(t) for t in [*FIELDS, *DOCUMENT]], method="t@1")
    assert read["issued_on"].value == "2017-03-01" and read["issued_on"].others == ("2019-01-24",)
    assert read["document_number"].others == ("国发〔2019〕4号",) and "国务院" in read["issuer"].others
    same = [f if f != "2019年01月24日" else "2017-03-01" for f in FIELDS]
    assert read_facts([Line(t) for t in [*same, *DOCUMENT]], method="t@1")["issued_on"].others == ()


def test_a_field_list_speaks_where_the_document_is_silent() -> None:
    read = read_facts([Line(t) for t in [*FIELDS, "正文第一句，没有落款。"]], method="t@1")
    assert (read["issued_on"].value, read["issued_on"].method) == ("2019-01-24", "t@1/field-list")
    assert read["document_number"].value == "国发〔2019〕4号" and read["issuer"].value == "国务院"


@pytest.mark.parametrize(
    ("mark", "period"), [("机密★1年", "1年"), ("绝密★长期", "长期"), ("秘密★６个月", "6个月"), ("机密", None)]
)
def test_the_period_of_secrecy_is_read_with_its_level(mark: str, period: str | None) -> None:
    assert facts([mark, *without("机密", "0000", "特急")]).get("secrecy_period") == period
