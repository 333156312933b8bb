"""Full-width signs beside Chinese characters, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.punctuation import chinese


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("目录(地级以上城市)2017 年,155 项", "目录（地级以上城市）2017 年，155 项"),
        ("请核对: 一次活动的照片只用一次;确是两项", "请核对：一次活动的照片只用一次；确是两项"),
        ("III18-1,规范文件", "III18-1，规范文件"),
        ("cycle.toml:没有写", "cycle.toml：没有写"),
        ("12:30 收到 1,234 件 (a;b)", "12:30 收到 1,234 件 (a;b)"),
        ("压缩包内“方案,终稿(1).pdf”,打不开", "压缩包内“方案,终稿(1).pdf”，打不开"),
        ("", ""),
    ],
)
def test_signs_beside_chinese_are_wide_and_others_and_quoted_names_stay(typed: str, set_: str) -> None:
    assert chinese(typed) == set_


@given(st.text("甲乙a1,;:()“” ", max_size=30))
def test_no_word_is_lost(text: str) -> None:
    assert [c for c in chinese(text) if c in "甲乙a1"] == [c for c in text if c in "甲乙a1"]
