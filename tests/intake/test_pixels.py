"""Fingerprint and sharpness: what must stay the same under saving anew, and what must differ."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import ReadState
from intake.read import read_file
from intake.readers import pixels

SCENES = ("street", "meeting", "screen")


def scene(name: str, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    from samples import photo

    return photo.draw(name, *size, name)


def differing(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def fingerprint(image: Image.Image) -> str:
    return pixels.fingerprint(pixels.grey(image))


def saved(image: Image.Image, **how: object) -> Image.Image:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", **how)  # type: ignore[arg-type]
    return Image.open(out)


@pytest.mark.parametrize("name", SCENES)
def test_a_copy_saved_anew_smaller_brighter_or_in_grey_has_nearly_the_same_fingerprint(name: str) -> None:
    image = scene(name)
    own = fingerprint(image)
    assert len(own) == 16
    for copy in (
        saved(image, quality=35),
        image.resize((400, 300)),
        ImageEnhance.Brightness(image).enhance(1.15),
        image.convert("L"),
        image.convert("P"),
        image.convert("RGBA"),
    ):
        assert differing(own, fingerprint(copy)) <= 6, copy


def test_different_scenes_have_fingerprints_far_apart() -> None:
    prints = [fingerprint(scene(name)) for name in SCENES]
    assert all(differing(a, b) > 16 for n, a in enumerate(prints) for b in prints[n + 1 :])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_turned_by_its_camera_has_the_fingerprint_of_the_upright_one(tmp_path: Path, orientation: int) -> None:
    upright = scene("street", (640, 480))
    lying = upright
    for turn in (t for t in Image.Transpose):
        candidate = upright.transpose(turn)
        tags = Image.Exif()
        tags[0x0112] = orientation
        candidate.info["exif"] = tags.tobytes()
        if ImageOps.exif_transpose(candidate).tobytes() == upright.tobytes():
            lying = candidate
    tags = Image.Exif()
    tags[0x0112] = orientation
    lying.save(tmp_path / "a.jpg", quality=95, exif=tags)
    reading = read(tmp_path / "a.jpg")
    assert differing(str(reading.facts["fingerprint"].value), fingerprint(upright)) <= 4


@pytest.mark.parametrize(
    "blank", [Image.new("RGB", (800, 600), "white"), Image.new("1", (800, 600)), Image.new("I;16", (80, 60))]
)
def test_a_picture_that_shows_nothing_has_no_fingerprint_and_no_edges(blank: Image.Image) -> None:
    assert fingerprint(blank) == "" and pixels.sharpness(pixels.grey(blank)) == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16", "I;16B"])
def test_every_mode_of_pixels_is_measured(mode: str) -> None:
    image = scene("meeting", (300, 200))
    if mode.startswith("I;16"):
        order = "big" if mode == "I;16B" else "little"
        deep = b"".join((v * 200).to_bytes(2, order) for v in image.convert("L").tobytes())  # type: ignore[arg-type]
        image = Image.frombytes(mode, image.size, deep)
    else:
        image = image.convert("L").convert(mode) if mode in ("I", "F") else image.convert(mode)
    small = pixels.grey(image)
    assert small.mode == "L" and pixels.fingerprint(small)
    assert (pixels.sharpness(small) or 0) > 50


@pytest.mark.parametrize("name", SCENES)
def test_blur_lowers_sharpness_step_by_step_whatever_the_number_of_pixels(name: str) -> None:
    image = scene(name, (2400, 1800))

    def at(share: float, size: tuple[int, int]) -> float:
        blurred = image.filter(ImageFilter.GaussianBlur(share * 2400)) if share else image
        return pixels.sharpness(pixels.grey(blurred.resize(size))) or 0.0

    for size in ((2400, 1800), (1200, 900)):
        sharp, soft, blurred = (at(s, size) for s in (0, 0.003, 0.01))
        assert sharp > 4 * soft > 16 * blurred and sharp > 100 and blurred < 20
    assert 0.5 < at(0.003, (2400, 1800)) / at(0.003, (1200, 900)) < 2


def test_a_picture_too_small_for_edges_has_no_sharpness() -> None:
    assert pixels.sharpness(pixels.grey(Image.new("RGB", (900, 2)))) is None


def test_dates_that_contradict_the_camera_are_kept_beside_it(tmp_path: Path) -> None:
    from tests.intake import make

    data = make.jpeg(
        exif={0x9003: "2017:08:01 10:20:30", 0x0132: "2016:01:05 10:00:00"},
        gps={1: "N", 2: (40.0, 39.0, 36.0), 3: "E", 4: (109.0, 50.0, 24.0), 29: "2017:07:20"},
    )
    (tmp_path / "a.jpg").write_bytes(data)
    taken = read(tmp_path / "a.jpg").facts["taken_on"]
    assert (taken.value, taken.others) == ("2017-08-01", ("2016-01-05", "2017-07-20"))
    (tmp_path / "b.jpg").write_bytes(
        make.jpeg(exif={0x9003: "2017:08:01 01:00:00", 0x0132: "2018:01:01 09:00:00"}, gps={29: "2017:07:31"})
    )
    assert read(tmp_path / "b.jpg").facts["taken_on"].others == ()  # edited later, and UTC a day behind


@pytest.mark.real
def test_real_photographs_are_all_measured_and_all_different(real_inputs: Path) -> None:
    prints = {}
    for path in sorted((real_inputs / "photos").iterdir()):
        reading = read(path)
        assert reading.state is ReadState.READ and reading.facts["sharpness"].value > 20, path.name
        prints[path.name] = str(reading.facts["fingerprint"].value)
    turned = {n for n in prints if n.startswith(("landscape", "portrait"))}
    apart = [differing(prints[a], prints[b]) for a in prints for b in prints if a < b and not {a, b} <= turned]
    assert min(apart) > 8


def read(path: Path) -> Reading:
    return read_file(path, path.name, Limits())


def test_a_picture_in_colours_that_become_no_greys_is_whole_all_the_same(tmp_path: Path) -> None:
    lab = Image.frombytes("LAB", (80, 60), bytes(range(240)) * 60)
    lab.save(tmp_path / "a.tif")
    reading = read(tmp_path / "a.tif")
    assert reading.state is ReadState.READ and "sharpness" in reading.facts


def test_pixels_that_cannot_be_measured_do_not_make_a_picture_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("conversion not supported")

    monkeypatch.setattr(pixels, "grey", refuse)
    scene("street", (80, 60)).save(tmp_path / "a.png")
    reading = read(tmp_path / "a.png")
    assert reading.state is ReadState.READ and "sharpness" not in reading.facts and reading.facts["width"].value == 80
