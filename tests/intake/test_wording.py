"""The wording of a document as small facts; persons found and masked; what the figures of a table say of each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.evidence import FACT_NAMES, Fact
from intake import indicators, persons, quotients, wording
from intake.tabular import take_apart

IDENTITY = "11010519491231002X"  # the example number of GB 11643-1999


def said(text: str, **known: Fact) -> dict[str, object]:
    return {k: f.value for k, f in wording.facts(text, known).items()}


# ---- figures


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("完成率95.2%,培训24期,覆盖七十二个社区", 3),
        ("2017年3月5日,市府发〔2017〕12号,第3条,电话13800138000,0591-87654321", 0),
        ("1.健全制度\n2.经常活动\n(3)落实", 0),
        ("投入1,200万元,比上年增长12%", 2),
        ("投入12345678元,编号12345678", 1),
        ("3月5日至4月6日在8个区开展", 1),
        ("百分之九十五的群众满意", 1),
        ("", None),
    ],
)
def test_figures_are_counted_without_dates_numbers_and_numbering(text, count):
    assert said(text).get("figures_count") == count


def test_labelled_figures_are_short_names_with_values():
    assert wording.labelled_figures("完成率达到95.2%,参加人数为3.5万人。对发现的31个问题整改") == [
        "完成率=95.2%",
        "参加人数=3.5万人",
    ]


# ---- measures, results, style


def test_a_summary_is_told_by_its_title_and_its_turns_of_phrase():
    assert said("志愿服务工作总结\n在局党组的正确领导下,圆满完成了任务,存在的不足")["summary_style"] == [
        "标题“总结”",
        "在局党组的正确领导下",
        "圆满完成",
        "存在的不足",
    ]
    assert said("志愿服务情况说明\n制定计划,完成率95%")["summary_style"] == []


def test_no_sentence_of_the_document_becomes_a_fact():
    secret = "张三同志家住某某街道某某小区八号楼,因故未能参加"
    facts = wording.facts(f"情况说明\n{secret}。完成率95%,制定方案。", {})
    assert not any(word in str(facts) for word in ("张三", "八号楼", "某某小区"))
    assert set(facts) <= set(FACT_NAMES)


# ---- period


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2016年8月至2017年2月共开展", "2016-08-01 至 2017-02-28"),
        ("自2014年以来,2015年上半年", "2014-01-01 至 2015-06-30"),
        ("按照市府发〔2019〕3号,共有2016项", None),
        ("二〇一六年完成", "2016-01-01 至 2016-12-31"),
    ],
)
def test_the_period_is_of_the_years_and_months_that_are_named(text, span):
    assert wording.period(text) == span


# ---- attachments and pages


def attached(*names: str) -> Fact:
    raw = "附件:" + names[0] if len(names) == 1 else "\n".join(f"{n}.{a}" for n, a in enumerate(names, 1))
    return Fact(list(names), raw=raw)


@pytest.mark.parametrize(
    ("behind", "absent"),
    [
        ("", ["安排表"]),
        ("附件\n《安排表》\n一、活动", []),
        ("附件1\n活动一览", []),
        ("安 排 表\n一、活动", []),
        ("抄送:市委办公室", ["安排表"]),
    ],
)
def test_an_attachment_is_looked_for_behind_the_note_that_names_it(behind, absent):
    text = f"通知\n请遵照执行。\n附件:安排表\n市教育局\n2017年3月1日\n{behind}"
    assert said(text, attachments=attached("安排表"))["attachments_absent"] == absent


def test_each_of_several_attachments_is_looked_for():
    text = "通知\n请执行。\n附件:1.安排表\n2.联系表\n市教育局\n附件1\n活动一览"
    known = attached("安排表", "联系表")
    assert said(text, attachments=known)["attachments_absent"] == ["联系表"]


@pytest.mark.parametrize(
    ("pages", "absent"),
    [
        (["— 1 —", "— 2 —", "— 4 —"], [3]),
        (["- 1 -", "", "- 3 -"], []),  # an unnumbered page between
        (["第1页 共3页", "第2页 共3页"], [3]),
        (["— 2 —", "— 3 —"], [1]),
        (["2016", "2018"], None),  # years alone on a line
        (["— 1 —", "— 2 —", "— 1 —"], None),  # an attachment begins anew
        (["— 1 —"], None),
    ],
)
def test_skipped_page_numbers_are_named(pages, absent):
    assert wording.skipped_pages("\f".join(f"正文\n{p}" for p in pages)) == absent


# ---- persons


def test_the_check_digit_decides_what_is_an_identity_number():
    assert persons.identity_holds(IDENTITY)
    assert not any(persons.identity_holds(IDENTITY[:17] + c) for c in "0123456789")


@given(st.integers(100000, 999999), st.dates(), st.integers(0, 999))
def test_exactly_one_check_character_holds(area, day, serial):
    body = f"{area}{day:%Y%m%d}".rjust(14, "0")[:14] + f"{serial:03d}"
    assert sum(persons.identity_holds(body + c) for c in "0123456789X") == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"身份证号:{IDENTITY}", ["身份证号 1 个(如 110**************X)"]),
        (f"编号{IDENTITY[:-1]}1", []),
        ("王某 13800138000", ["手机号 1 个(如 138******00)"]),
        ("联系人:王某,联系电话:13800138000", []),
        ("联系电话\t13800138000\n电话\t13800138001\n电话\t13800138002\n电话\t13800138003", ["手机号 4 个(如 138******00)"]),
        ("卡号 6222 0200 0000 0000 004", []),  # wrong check digit
        ("热线0591-87654321,项目编号20170301000123", []),
        ("产值138001380001元", []),
    ],
)
def test_persons_are_found_and_shown_masked(text, found):
    assert persons.facts(text)["persons"].value == found


def test_a_bank_card_counts_with_its_check_digit():
    card = next(f"622202000000000{n:04d}" for n in range(10) if persons.card_holds(f"622202000000000{n:04d}"))
    assert persons.facts(f"开户行账号 {card}")["persons"].value == [f"银行卡号 1 个(如 62{'*' * 15}{card[-2:]})"]


def test_a_list_of_minors_is_told_by_its_columns_or_its_heading():
    rows = "\n".join(f"{n}\t王小{c}\t三年级{n}班" for n, c in enumerate("明红华", 1))
    assert persons.facts(f"序号\t姓名\t班级\n{rows}")["persons"].value == ["未成年人名单 约 3 人"]
    assert persons.facts("留守儿童花名册\n王小明\n李小红\n赵小华")["persons"].value == ["未成年人名单 约 3 人"]
    assert persons.facts("为保护未成年人,建立留守儿童台账,逐一走访。")["persons"].value == []


def test_no_number_and_no_name_is_in_the_fact():
    text = f"学生名单\n姓名\t班级\t身份证号\n王小明\t一班\t{IDENTITY}\n李小红\t一班\t{IDENTITY}\n赵小华\t二班\t{IDENTITY}"
    fact = persons.facts(text)["persons"]
    assert "王小明" not in str(fact) and IDENTITY not in str(fact) and IDENTITY[6:14] not in str(fact)
    assert len(fact.value) == 2


# ---- quotients


def table(
    *rows: tuple[object, ...], header: tuple[str, ...] = ("区", "任务数(项)", "完成数(项)", "完成率(%)")
) -> dict[str, object]:
    lines = [(n, tuple(str(c) for c in row)) for n, row in enumerate([header, *rows], 1)]
    d = take_apart("", lines)
    return {k: f.value for k, f in (quotients.facts(d, method="t@1") | indicators.named(d, method="t@1")).items()}


GOOD = (("东", 200, 180, 90.0), ("西", 400, 300, 75.0), ("南", 300, 200, 66.7), ("北", 300, 294, 98.0))


def test_a_ratio_is_compared_with_the_columns_that_most_rows_show_it_to_come_of():
    assert table(*GOOD)["ratios_differ"] == []
    (differ,) = table(*GOOD[:3], ("北", 300, 294, 89.0))["ratios_differ"]  # type: ignore[misc]
    assert differ.startswith("D5 完成率(%) 写 89") and "98.00" in differ
    assert "ratios_differ" not in table(
        ("东", 200, 180, 11), ("西", 400, 300, 22), ("南", 300, 200, 33)
    )  # of nothing in this table


def test_a_last_digit_cut_off_is_no_difference():
    assert table(*GOOD[:2], ("南", 300, 200, 66.6), GOOD[3])["ratios_differ"] == []


def test_a_share_beyond_all_is_odd_and_a_growth_is_not():
    head = ("区", "任务数(项)", "完成数(项)", "覆盖率(%)", "增长率(%)")
    rows = [("东", 200, 180, 90.0, -12.0), ("西", 400, 300, 175.0, 130.0), ("南", 300, 200, 66.7, 5.0)]
    assert table(*rows, header=head)["ratios_odd"] == ["D3 覆盖率(%) 175%"]


def test_years_and_named_totals():
    facts = table(("东", 1, 2), ("西", 3, 4), ("合计", 4, 6), header=("区", "2016年(项)", "2017年(项)"))
    assert facts["table_years"] == ["2016", "2017"]
    assert table(*GOOD, ("合计", 1200, 974, 81.2))["figures"] == ["任务数=1200项", "完成数=974项", "完成率=81.2%"]
