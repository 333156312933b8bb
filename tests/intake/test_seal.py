"""A seal by colour and shape: rings and ellipses are, red print, filled discs and frames are not."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from intake import seal
from intake.pool import Job, ReaderPool
from intake.sheet import as_typed
from samples import layout, word
from samples.layout import OfficialDocument

RED = (205, 25, 35)
PAGE = (1240, 1754)  # A4 at 150 dpi: 5.9 pixels a millimetre


def page(draw_on: object = None) -> np.ndarray:
    image = Image.new("RGB", PAGE, (247, 246, 244))
    draw = ImageDraw.Draw(image)
    for y in range(300, 1500, 50):
        draw.rectangle((170, y, 1060, y + 22), fill=(40, 40, 40))
    if callable(draw_on):
        draw_on(draw)
    return np.asarray(image)


@pytest.mark.parametrize(
    ("size", "width"), [((248, 248), 8), ((180, 180), 5), ((266, 177), 6)], ids=["42 mm", "30 mm", "ellipse of 45 × 30 mm"]
)
def test_a_ring_is_found_where_it_is(size: tuple[int, int], width: int) -> None:
    found = seal.rings(page(lambda d: d.ellipse((700, 1300, 700 + size[0], 1300 + size[1]), outline=RED, width=width)))
    assert len(found) == 1
    assert abs(found[0].left - 700) < 6 and abs(found[0].bottom - 1300 - size[1]) < 6
    assert found[0].near(800, 1400) and not found[0].near(300, 500)


def test_two_seals_side_by_side_are_two() -> None:
    def draw(d: ImageDraw.ImageDraw) -> None:
        for x in (420, 674):
            d.ellipse((x, 1250, x + 248, 1498), outline=RED, width=7)

    assert len(seal.rings(page(draw))) == 2


def test_red_print_discs_frames_and_black_rings_are_no_seals() -> None:
    drawings = [
        lambda d: d.rectangle((300, 200, 950, 300), fill=RED),  # 红头
        lambda d: d.line((160, 420, 1080, 420), fill=RED, width=6),
        lambda d: d.ellipse((700, 1300, 940, 1540), fill=RED),
        lambda d: d.rectangle((700, 1300, 940, 1540), outline=RED, width=8),  # 收文章
        lambda d: d.ellipse((700, 1300, 940, 1540), outline=(30, 30, 30), width=8),
        lambda d: d.ellipse((700, 1300, 760, 1360), outline=RED, width=6),  # a tenth of a seal
        lambda d: d.arc((700, 1300, 940, 1540), 200, 340, fill=RED, width=8),
    ]
    for n, drawing in enumerate(drawings):
        assert seal.rings(page(drawing)) == [], n


def test_a_page_in_black_and_white_has_no_colour_and_a_red_head_has() -> None:
    assert seal.colourless(page())
    assert not seal.colourless(page(lambda d: d.rectangle((300, 200, 950, 300), fill=RED)))


def test_without_red_the_print_under_a_seal_stays() -> None:
    def draw(d: ImageDraw.ImageDraw) -> None:
        d.ellipse((700, 1300, 940, 1540), outline=RED, width=8)

    before, after = page(draw), seal.without_red(page(draw))
    assert seal.red(before).sum() > 1000 and seal.red(after).sum() == 0
    assert after[:, :, 0][1304, 820] > 200, "ink of the ring has become paper"
    assert after[310, 500].max() < 40, "print is still black"


def test_a_picture_of_a_seal_is_told_from_other_pictures() -> None:
    def png(image: Image.Image) -> bytes:
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    assert seal.is_seal_picture(word.seal_png())
    assert not seal.is_seal_picture(png(Image.new("RGB", (300, 300), RED)))
    assert not seal.is_seal_picture(png(Image.linear_gradient("L").convert("RGB")))
    assert not seal.is_seal_picture(b"no picture at all")


@pytest.mark.parametrize("extension", [".pdf", ".docx"])
@pytest.mark.parametrize("sealed", [True, False])
def test_text_documents_tell_whether_they_are_sealed(pool: ReaderPool, tmp_path: Path, extension: str, sealed: bool) -> None:
    spec = OfficialDocument(
        issuer="示例市教育局",
        mark="示例市教育局文件",
        number="示教发〔2026〕17号",
        title="示例市教育局关于开展文明校园创建活动的通知",
        addressee="各县(区)教育局",
        paragraphs=("现将有关事项通知如下。" * 8,) * 6,
        issued_on=date(2026, 3, 12),
        seal=sealed,
    )
    path = layout.official_document(spec, tmp_path / f"a{extension}")
    result = next(iter(pool.read([Job(path)])))
    assert result.reading is not None and result.reading.facts["seal"].value is sealed
    assert result.reading.facts["seal"].confidence is None


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("国发(2019）4号", "国发〔2019〕4号"),
        ("市府办发【2017】 12号", "市府办发〔2017〕12号"),
        ("二0一九年一月二十四日", "二〇一九年一月二十四日"),
        ("一九九六年六月二十九日", "一九九六年六月二十九日"),
        ("总体规划(2018-2035年)的批复", "总体规划（2018—2035年）的批复"),
        ("各省、自治区:", "各省、自治区："),
        ("2026年3月12日", "2026年3月12日"),
        ("tel:123-4567", "tel:123-4567"),
    ],
)
def test_signs_are_written_as_the_page_has_them(seen: str, meant: str) -> None:
    assert as_typed(seen) == meant
