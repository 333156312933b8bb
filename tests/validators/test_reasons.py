"""Every published reason for return has a check, or says why it cannot; every check is documented."""

from __future__ import annotations

import pytest

from validators import checks, handbook, reasons

#: the list of published reasons, as collected from the notices (2012–2020)
PUBLISHED = [
    "超出测评时段",
    "没有日期",
    "没有发文字号",
    "是草稿",
    "复印件没有盖章",
    "附件缺失",
    "打不开、加密、空文件、扩展名错误、含宏",
    "不是本条的材料",
    "写成总结式",
    "没有数据",
    "过长或过短",
    "图片模糊",
    "有水印",
    "压缩过度",
    "图片说明要素不全",
    "图片重复使用",
    "拼图",
    "人口口径不对",
    "单位或口径缺失",
    "合计错误",
    "报告与表格不一致",
    "以县级数据代替市级",
    "逾期",
    "不是本部门的材料",
    "旧版本仍在计数",
]


def test_every_published_reason_stands_in_the_table_once():
    assert sorted(r.text for r in reasons.load()) == sorted(PUBLISHED)


@pytest.mark.parametrize("reason", reasons.load(), ids=lambda r: r.text)
def test_a_reason_has_checks_or_says_why_no_program_can(reason):
    assert all(checks.load().get(code) for code in reason.codes)
    assert reason.codes or (len(reason.rest) > 20 and "审核人" in reason.rest)


def test_the_handbook_is_as_the_catalogue_has_it():
    assert handbook.FILE.read_text("utf-8") == handbook.text(), "run: python -m validators.handbook"


def test_the_handbook_explains_every_check():
    text = handbook.text()
    for check in checks.load().checks:
        assert f"\n### {check.code}\n" in text
        for part in (check.said, check.remedy, check.basis):
            assert part in text
