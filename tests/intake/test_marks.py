"""What was put on a picture or made of it: found where it is, and nowhere else."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import ReadState
from intake import deepen
from intake.marks import imprint, joints, lettering, overlay, paper
from intake.marks.lettering import Line
from intake.read import read_file
from intake.readers import image, pixels
from samples import marked, photo
from tests.intake import make
from tests.intake.scans import need_ocr

SCENES = ("street", "meeting", "screen")


def scene(seed: str, kind: str = "street", size: tuple[int, int] = (1280, 960)) -> Image.Image:
    return photo.draw(seed, *size, kind)


def read(picture: Image.Image, folder: Path, *, mode: str = "off", **how: object) -> Reading:
    path = folder / "a.jpg"
    picture.save(path, "JPEG", **({"quality": 80} | how))  # type: ignore[arg-type]
    return read_file(path, path.name, Limits(ocr=mode))  # type: ignore[arg-type]


def value(reading: Reading, key: str) -> object:
    return reading.facts[key].value if key in reading.facts else None


# ---- collage


@pytest.mark.parametrize("gutter", [8, 24])
@pytest.mark.parametrize("count", [2, 3])
def test_scenes_beside_each_other_are_told_with_where_they_join(gutter: int, count: int, tmp_path: Path) -> None:
    whole = marked.collage([scene(str(n)) for n in range(count)], gutter=gutter)
    found = value(read(whole, tmp_path), "collage")
    assert isinstance(found, list) and len(found) == count - 1 and all(f.startswith("竖缝") for f in found)
    lying = value(read(whole.transpose(Image.Transpose.ROTATE_90), tmp_path), "collage")
    assert isinstance(lying, list) and len(lying) == count - 1 and all(f.startswith("横缝") for f in lying)


def foliage(seed: int, size: tuple[int, int]) -> Image.Image:
    """Light and dark at every scale, as leaves, crowds and rubble have them."""
    rng = np.random.default_rng(seed)
    out = np.zeros((size[1], size[0]), dtype=np.float32)
    for cell in (160, 80, 40, 20, 10):
        coarse = Image.fromarray(rng.integers(0, 255, (size[1] // cell + 2, size[0] // cell + 2), dtype=np.uint8))
        out += np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32) / 5
    return Image.fromarray(np.clip((out - 128) * 2 + 128, 0, 255).astype(np.uint8)).convert("RGB")


def test_pictures_joined_without_a_line_between_them_are_told_where_the_half_is(tmp_path: Path) -> None:
    whole = foliage(1, (1280, 960))
    assert value(read(whole, tmp_path), "collage") == []
    assert value(read(marked.collage([foliage(n, (640, 960)) for n in (2, 3)]), tmp_path), "collage") == ["竖接线 50%"]
    # somewhere else it may be the edge of a wall
    whole.paste(foliage(4, (512, 960)), (0, 0))
    assert value(read(whole, tmp_path), "collage") == []


@pytest.mark.parametrize("kind", SCENES)
def test_one_scene_is_no_collage_and_bears_no_watermark(kind: str, tmp_path: Path) -> None:
    for seed in range(6):
        reading = read(scene(f"{kind}{seed}", kind), tmp_path)
        assert (value(reading, "collage"), value(reading, "watermark")) == ([], None), seed


def page(columns: int) -> Image.Image:
    sheet = Image.new("RGB", (1240, 1754), "white")
    pen = ImageDraw.Draw(sheet)
    for column in range(columns):
        for y in range(120, 1640, 34):
            photo._glyphs(random.Random(y + column), pen, 90 + column * 560, y, 36 // columns, 20, (20, 20, 20))
    return sheet


def table() -> Image.Image:
    sheet = Image.new("RGB", (1400, 1000), "white")
    pen = ImageDraw.Draw(sheet)
    for x in range(0, 1400, 200):
        pen.line((x, 0, x, 1000), fill="black", width=3)
    for y in range(0, 1000, 70):
        pen.line((0, y, 1400, y), fill="black", width=2)
    return sheet


@pytest.mark.parametrize("sheet", [page(1), page(2), table()], ids=["page", "two columns", "table"])
def test_pages_and_tables_are_no_collages(sheet: Image.Image) -> None:
    assert joints.joints(pixels.grey(sheet)) == ()
    assert overlay.repeats(pixels.grey(sheet)) is None


def test_a_horizon_a_pillar_and_a_frame_are_no_joints() -> None:
    picture = scene("trap")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((560, 0, 720, 960), fill=(150, 140, 130))
    assert joints.joints(pixels.grey(picture)) == ()
    framed = Image.new("RGB", (1400, 1080), "white")
    framed.paste(scene("framed"), (60, 60))
    assert joints.joints(pixels.grey(framed)) == ()
    upper, lower = scene("sky").crop((0, 0, 1280, 200)).resize((1280, 480)), Image.new("RGB", (1280, 480), (60, 90, 40))
    sea = Image.new("RGB", (1280, 960))
    sea.paste(upper, (0, 0))
    sea.paste(lower, (0, 480))
    assert joints.joints(pixels.grey(sea)) == ()


# ---- watermark


@pytest.mark.parametrize("angle", [20.0, 30.0, 45.0])
@pytest.mark.parametrize("kind", ["street", "meeting"])
def test_signs_repeated_all_over_are_a_watermark_with_no_confidence_claimed(kind: str, angle: float, tmp_path: Path) -> None:
    fact = read(marked.watermarked(scene("w", kind), angle=angle), tmp_path).facts["watermark"]
    assert fact.value == ["重复铺满画面的水印"] and fact.confidence is None


def test_windows_in_rows_are_no_watermark() -> None:
    front = Image.new("RGB", (1600, 1200), (180, 170, 160))
    pen = ImageDraw.Draw(front)
    for x in range(20, 1600, 160):
        for y in range(20, 1200, 130):
            pen.rectangle((x, y, x + 90, y + 80), fill=(60, 70, 90))
    assert overlay.repeats(pixels.grey(front)) is None


def test_a_picture_too_small_to_look_at_is_not_said_to_bear_none(tmp_path: Path) -> None:
    reading = read(scene("small", size=(300, 120)), tmp_path)
    assert reading.state is ReadState.READ and not {"watermark", "collage", "imprint"} & reading.facts.keys()


# ---- lettering in a corner


def test_a_row_of_amber_digits_is_found_in_its_corner_and_left_for_ocr(tmp_path: Path) -> None:
    reading = read(marked.lettered(scene("s"), ["2017 06 12"]), tmp_path)
    assert value(reading, "imprint") == ["右下角彩色印字"] and "date_stamp" not in reading.facts
    assert reading.reader == f"image@{image.VERSION}+ocr@0" and reading.volatile
    ((left, top, right, bottom),) = image.printed(reading)
    assert 0.6 < left < right < 1 and 0.85 < top < bottom < 1


def test_a_turned_camera_does_not_turn_the_corner(tmp_path: Path) -> None:
    upright = marked.lettered(scene("s"), ["2017 06 12"])
    tags = Image.Exif()
    tags[0x0112] = 6
    reading = read(upright.transpose(Image.Transpose.ROTATE_90), tmp_path, exif=tags)
    assert value(reading, "imprint") == ["右下角彩色印字"]


@pytest.mark.parametrize("kind", ["street", "meeting"])
def test_what_stands_in_the_scene_is_no_imprint(kind: str) -> None:
    for seed in range(6):
        assert imprint.imprints(pixels.coloured(scene(f"{kind}{seed}", kind))) == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017 06 12", "2017-06-12"),
        ("'17  6 12", "2017-06-12"),
        ("’98 12 31", "1998-12-31"),
        ("2017/06/12 09:30", "2017-06-12"),
        ("时间：2017年6月12日 星期一 09:30", "2017-06-12"),
        ("拍摄时间: 2017-06-12 09:30:21", "2017-06-12"),
        ("13.06.2017", "2017-06-13"),
        ("06 13 2017", "2017-06-13"),
        ("06/06/2017", "2017-06-06"),
        ("06/12/2017", None),  # the sixth of December, the twelfth of June
        ("2017 0612", "2017-06-12"),
        ("20170612", "2017-06-12"),
        ("2017612", "2017-06-12"),
        ("2000 930", "2000-09-30"),
        ("2017 112", None),  # the twelfth of January, the second of November
        ("17 6 12", None),
        ("2017 13 40", None),
        ("2017年示例市文明办", None),
        ("建于2008年5月1日的广场", None),
    ],
)
def test_a_stamp_is_read_only_when_it_can_be_but_one_day(text: str, day: str | None) -> None:
    assert lettering.stamped_day(text) == (date.fromisoformat(day) if day else None)


def line(
    text: str, top: float = 0.92, *, left: float = 0.7, high: float = 0.03, score: float = 0.95, rise: float = 0.0
) -> Line:
    return Line(text, score, left, top, left + 0.2, top + high, rise)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([line("今日水印", 0.4)], True),
        ([line("视觉中国", 0.5, high=0.1)], True),
        ([line("@示例发布")], True),
        ([line("抖 音 号: shili")], True),
        ([line("SHOT ON MI 9")], True),
        ([line("时间: 2017-06-12", 0.86, left=0.03), line("地点：人民广场", 0.9, left=0.03)], True),
        (
            [line("时间: 2017-06-12", 0.86, left=0.03), line("地点：人民广场", 0.9, left=0.4)],
            False,
        ),  # two boards beside each other
        ([line("抖音直播基地", 0.4)], False),  # a sign in the middle of the scene
        ([line("关注抖音号", 0.92)], False),
        ([line("微博", high=0.12)], False),  # larger than what is printed on
        ([line("微博", rise=0.1)], False),  # it hangs aslant
        ([line("@示例发布", score=0.5)], False),
        ([line("地点：人民广场", 0.9)], False),
        ([line("时间: 上午9点", 0.2), line("地点：人民广场", 0.25)], False),  # a poster
        ([line("木版水印展", 0.4)], False),
    ],
)
def test_words_make_a_watermark_where_they_are_printed_on(lines: list[Line], found: bool) -> None:
    assert bool(lettering.watermarks(lines)) is found


def test_two_dates_printed_on_are_none() -> None:
    assert lettering.stamp([line("2017 06 12"), line("2017 06 13", 0.1)]) is None
    found = lettering.stamp([line("2017 06 12"), line("2017-06-12", 0.1)])
    assert found is not None and found[0] == date(2017, 6, 12)


def test_ocr_reads_the_date_in_the_corner_and_the_words_where_all_is_asked_for(tmp_path: Path) -> None:
    need_ocr()
    stamped = read(marked.lettered(scene("s"), ["2017 06 12"]), tmp_path, mode="auto")
    assert value(stamped, "date_stamp") == "2017-06-12" and stamped.reader == f"image@{image.VERSION}+ocr@1"
    assert (stamped.facts["date_stamp"].confidence or 0) > 0.8 and stamped.state is ReadState.READ and stamped.text == ""
    mark = read(marked.lettered(scene("bright"), ["@shili2017"], colour=(200, 200, 200)), tmp_path, mode="full")
    assert mark.facts["watermark"].value == ["“@shili2017”"] and mark.reader == f"image@{image.VERSION}+ocr@1f"


def test_pictures_are_read_again_for_their_lettering_only_when_all_is_asked_for() -> None:
    need_ocr()
    now = f"image@{image.VERSION}"
    assert deepen.current("image/jpeg", now, Limits(ocr="auto")) == now
    assert deepen.current("image/jpeg", now, Limits(ocr="full")) == f"{now}+ocr@1f"
    assert deepen.current("image/jpeg", f"{now}+ocr@1f", Limits(ocr="auto")) == f"{now}+ocr@1f"
    assert deepen.current("image/jpeg", "image@2", Limits(ocr="off")) == now
    assert deepen.current("application/pdf", "pdf@1", Limits(ocr="full")).startswith("pdf@")


# ---- the camera's clock


@pytest.mark.parametrize(
    ("moment", "clock"),
    [
        ("1980:01:01 00:00:12", "1980-01-01"),
        ("2000:01:01 00:00:05", "2000-01-01"),
        ("1985:06:07 10:00:00", "1985-06-07"),
        ("2101:06:07 10:00:00", "2101-06-07"),
        ("0000:00:00 00:00:00", None),
        ("2017:06:07 10:00:00", None),
    ],
)
def test_a_date_that_no_picture_was_taken_on_is_kept_as_the_clocks(tmp_path: Path, moment: str, clock: str | None) -> None:
    (tmp_path / "a.jpg").write_bytes(make.jpeg(exif={0x9003: moment}))
    reading = read_file(tmp_path / "a.jpg", "a.jpg", Limits())
    assert value(reading, "camera_clock") == clock
    assert ("taken_on" in reading.facts) is (moment[:4] == "2017")


# ---- real photographs


@pytest.mark.real
def test_real_photographs_bear_nothing_and_are_no_collages(real_inputs: Path) -> None:
    for path in sorted((real_inputs / "photos").iterdir()):
        reading = read_file(path, path.name, Limits(ocr="off"))
        assert not any(value(reading, key) for key in ("watermark", "collage")), path.name
        # the one of them that has a date printed on
        assert value(reading, "imprint") == (["右下角彩色印字"] if path.stem == "sony-cybershot" else None), path.name


@pytest.mark.real
def test_the_date_on_a_real_photograph_is_that_of_its_camera(real_inputs: Path) -> None:
    need_ocr()
    path = real_inputs / "photos" / "sony-cybershot.jpg"
    reading = read_file(path, path.name, Limits(ocr="auto"))
    assert value(reading, "date_stamp") == value(reading, "taken_on") == "2000-09-30"


# ---- a row of signs, drawn by hand: each condition by itself


def signs(
    widths: list[int], *, high: int = 24, at: tuple[int, int] = (960, 700), lines: int = 1, apart: int = 2, ink: int = 255
) -> Image.Image:
    """Hollow signs of these widths, ending at ``at`` (right, bottom) of a dark picture; ``lines`` of them, so many rows apart."""
    picture = Image.new("RGB", (1000, 750), (40, 60, 50))
    pen = ImageDraw.Draw(picture)
    for line in range(lines):
        right, bottom = at[0], at[1] - line * (high + apart)
        for width in reversed(widths):
            pen.rectangle((right - width, bottom - high, right - 1, bottom - 1), outline=(ink, ink, ink), width=4)
            right -= width + 8
    return picture


TIME = [16] * 10


def test_a_row_of_even_signs_in_a_corner_is_an_imprint() -> None:
    [found] = imprint.imprints(signs(TIME))
    assert (found.place, found.colour) == ("右下角", "白色")
    assert found.box[2] == pytest.approx(0.96, abs=0.01) and found.box[3] == pytest.approx(700 / 750, abs=0.01)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(signs([16] * 5 + [90] + [16] * 5), id="one of them is a bar"),
        pytest.param(signs(TIME, lines=2), id="close above it stands another"),
        pytest.param(signs([16] * 4), id="too few"),
        pytest.param(signs(TIME, at=(800, 700)), id="far from the edge"),
        pytest.param(signs(TIME, ink=215), id="grey"),
        pytest.param(signs(TIME, at=(960, 500)), id="in the middle of the height"),
    ],
)
def test_what_only_resembles_a_row_of_signs_is_none(picture: Image.Image) -> None:
    assert imprint.imprints(picture) == ()


# ---- a seam, drawn by hand


def halves(turns: int, *, again: bool = False, height: int = 384, width: int = 512) -> np.ndarray:
    """Two lively halves, one above the other, that differ all along the half: by turns lighter and darker, ``turns`` times.

    :param again: the same happens once more four lines below, and back, as at a fence or a row of windows.
    """
    rng = np.random.default_rng(1)
    sign = np.where(np.arange(width) * (turns + 1) // width % 2, 60.0, -60.0)
    side = np.where(np.arange(height) < height // 2, 1.0, -1.0)
    if again:
        side[height // 2 + 4 : height // 2 + 8] = 1.0
    return 120 + side[:, None] * sign[None, :] + rng.normal(0, 10, (height, width))


def test_a_seam_differs_by_turns_all_along_and_stands_alone() -> None:
    assert [str(j) for j in joints.joints(halves(15))] == ["横接线 50%"]
    assert joints.joints(halves(1)) == (), "light from one side above, from the other below"
    assert joints.joints(halves(15, again=True)) == (), "lines beside it differ as much"


def test_a_frame_all_around_counts_for_no_part_of_the_picture() -> None:
    framed = np.full((504, 552), 250.0)
    framed[20:404, 20:532] = halves(15)  # wide at the foot, as prints of instant cameras are
    assert [str(j) for j in joints.joints(framed)] == ["横接线 42%"]


# ---- a watermark, woven by hand


def woven(share: float) -> np.ndarray:
    """Noise with one faint tile repeated askew over this share of the width."""
    rng = np.random.default_rng(2)
    tile = rng.choice([-4.0, 4.0], (12, 16)).repeat(4, 0).repeat(4, 1)
    y, x = np.mgrid[:384, :512]
    pattern = tile[y % 48, (x + 20 * (y // 48)) % 64]
    pattern[:, int(share * 512) :] = 0
    return 120 + rng.normal(0, 4, (384, 512)) + pattern


def test_what_repeats_all_over_is_a_watermark_and_what_repeats_in_one_half_a_facade() -> None:
    assert (overlay.repeats(woven(1)) or 0) > 10
    assert overlay.repeats(woven(0.5)) is None
    assert overlay.repeats(woven(0)) is None


# ---- a page


def test_a_page_is_paper_with_print_on_it_and_large_enough_to_be_read(tmp_path: Path) -> None:
    def judged(sheet: Image.Image) -> bool:
        sheet.save(tmp_path / "a.png")
        return paper.looks_like_page(tmp_path / "a.png")

    assert judged(page(1))
    assert not judged(Image.new("RGB", (1240, 1754), (240, 240, 238))), "a wall, a sky: even and light, and nothing on it"
    assert not judged(page(1).resize((420, 594))), "nobody could read it"
    assert not judged(scene("street"))
