"""Numbers as tables write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.figures import Figure, is_nothing, read_figure


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("１２３", 123, ""),
        ("１，２３４．５", 1234.5, ""),
        ("1 234 567", 1234567, ""),
        ("45.6%", 45.6, "%"),
        ("４５．６％", 45.6, "%"),
        ("12.5‰", 12.5, "‰"),
        ("3.5万人", 35_000, "人"),
        ("0.1亿", 10_000_000, ""),
        ("1亿2000万元", 120_000_000, "元"),
        ("￥3万", 30_000, "元"),
        ("(1,234)", -1234, ""),
        ("（5）", -5, ""),
        ("－5", -5, ""),
        ("—5", -5, ""),
        ("+3", 3, ""),
        ("1.2e5", 120_000, ""),
        ("约3万", 30_000, ""),
        ("10 个", 10, "个"),
        ("12㎡", 12, "m2"),
        ("5平方公里", 5, "平方公里"),
    ],
)
def test_a_figure_is_read_with_its_unit(text: str, value: float, unit: str) -> None:
    figure = read_figure(text)
    assert figure is not None and (figure.value, figure.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    "text",
    ["", "若干", "2017年", "5月", "3-5", "1/2", "12,34", "第3", "20余人", "2017-01-02", "1.2.3", "十二", "35万余", "3号", "#REF!", "1" * 50],
)  # fmt: skip
def test_what_is_no_single_number_is_none(text: str) -> None:
    assert read_figure(text) is None


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_every_number_is_read_back_however_it_is_typed(n: int, places: int) -> None:
    value = n / 10**places
    plain, grouped = f"{value:.{places}f}", f"{value:,.{places}f}"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in grouped)
    for text in (plain, grouped, wide, f" {plain} ", f"{plain}个"):
        figure = read_figure(text)
        assert figure is not None and figure.value == pytest.approx(value) and figure.step == pytest.approx(10.0**-places)
    if n:
        figure = read_figure(f"{plain}万")
        assert figure is not None and figure.value == pytest.approx(value * 10_000)


@given(st.text(max_size=60))
def test_any_text_is_a_figure_or_none(text: str) -> None:
    assert read_figure(text) is None or isinstance(read_figure(text), Figure)


@pytest.mark.parametrize("text", ["", "-", "—", "－", "／", "无", "N/A", " … "])
def test_a_cell_may_say_that_there_is_no_figure(text: str) -> None:
    assert is_nothing(text) and not is_nothing(text + "3")
