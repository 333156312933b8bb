"""Drawn photographs: gradients, shapes and grain, so that they are neither flat nor alike, with real EXIF."""

from __future__ import annotations

import io
import random
from functools import cache
from typing import TYPE_CHECKING, Any

from samples.fixed import noise

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from samples.layout import Photo

_GRAIN = 0.06  # share of noise: visible in a flat sky, harmless to edges


def encode(spec: Photo, form: str) -> bytes:
    """JPEG or PNG bytes with EXIF. ``width`` and ``height`` are those of the stored pixels; orientation only turns the view."""
    from PIL import ImageFilter

    picture = draw(spec.seed, spec.width, spec.height, spec.scene, grain=form == "JPEG")
    if spec.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(spec.blur))
    return save(picture, form, quality=spec.quality, exif=exif(spec))


def save(picture: Picture, form: str, *, quality: int, exif: bytes) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": quality} if form == "JPEG" else {"compress_level": 6}
    picture.save(out, form, exif=exif, **options)
    return out.getvalue()


def exif(spec: Photo) -> bytes:
    """The EXIF block of a camera: make, model, orientation, time, place, editing program."""
    from PIL import Image
    from PIL.ExifTags import GPS, IFD, Base

    block = Image.Exif()
    block[Base.Make], block[Base.Model] = spec.camera
    block[Base.Orientation] = spec.orientation
    if spec.editor:
        block[Base.Software] = spec.editor
    if spec.taken_at is not None:
        stamp = spec.taken_at.strftime("%Y:%m:%d %H:%M:%S")
        block[Base.DateTime] = stamp
        block.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: stamp, Base.DateTimeDigitized: stamp})
    if spec.gps is not None:
        lat, lon = spec.gps
        place: dict[int, Any] = {GPS.GPSLatitudeRef: "N" if lat >= 0 else "S", GPS.GPSLatitude: _degrees(lat)}
        place |= {GPS.GPSLongitudeRef: "E" if lon >= 0 else "W", GPS.GPSLongitude: _degrees(lon)}
        block.get_ifd(IFD.GPSInfo).update(place)
    return block.tobytes()


def _degrees(value: float) -> tuple[float, float, float]:
    whole, rest = divmod(abs(value) * 60, 60)
    minutes, seconds = divmod(rest * 60, 60)
    return float(whole), float(minutes), round(seconds, 2)


def draw(seed: str, width: int, height: int, scene: str, *, grain: bool = True) -> Picture:
    """The scene of ``seed``."""
    from PIL import ImageDraw

    rng = random.Random(f"photo {seed}")
    picture = _ground(rng, width, height)
    pen = ImageDraw.Draw(picture)
    {"street": _street, "meeting": _meeting, "screen": _screen}[scene](rng, pen, width, height)
    return _grained(picture, rng) if grain else picture


def _grained(picture: Picture, rng: random.Random) -> Picture:
    from PIL import Image, ImageChops

    shifted = ImageChops.offset(_noise(*picture.size), rng.randrange(picture.width), rng.randrange(picture.height))
    return Image.blend(picture, shifted, _GRAIN)


@cache
def _noise(width: int, height: int) -> Picture:
    """Grey grain, made once per size; nowhere the same, for what repeats all over a picture is a watermark."""
    from PIL import Image

    return Image.frombytes("L", (width, height), noise("grain", width * height)).convert("RGB")


def _ground(rng: random.Random, width: int, height: int) -> Picture:
    """Two gradients that meet at a horizon of random height."""
    from PIL import Image, ImageOps

    def gradient(w: int, h: int, top: tuple[int, ...], bottom: tuple[int, ...]) -> Picture:
        return ImageOps.colorize(Image.linear_gradient("L").resize((w, h)), top, bottom)

    def colour(low: int, high: int) -> tuple[int, int, int]:
        return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)

    horizon = int(height * rng.uniform(0.3, 0.75))
    picture = Image.new("RGB", (width, height))
    picture.paste(gradient(width, horizon, colour(60, 200), colour(150, 250)), (0, 0))
    picture.paste(gradient(width, height - horizon, colour(50, 150), colour(30, 200)), (0, horizon))
    return picture


def _shade(rng: random.Random, low: int = 20, high: int = 235) -> tuple[int, int, int]:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def _street(rng: random.Random, pen: Any, width: int, height: int) -> None:
    base = int(height * rng.uniform(0.55, 0.8))
    x = -rng.randint(0, width // 10)
    while x < width:  # houses with windows
        w, h = rng.randint(width // 12, width // 4), rng.randint(height // 8, int(base * 0.9))
        pen.rectangle((x, base - h, x + w, base), fill=_shade(rng, 60, 200))
        step = rng.randint(26, 60)
        for wx in range(x + 12, x + w - 16, step):
            for wy in range(base - h + 14, base - 24, step):
                pen.rectangle((wx, wy, wx + step // 2, wy + step // 2), fill=_shade(rng))
        x += w + rng.randint(0, width // 8)
    for _ in range(rng.randint(1, 5)):  # trees
        tx, size = rng.randrange(width), rng.randint(height // 12, height // 5)
        pen.rectangle((tx - 6, base - size // 2, tx + 6, base + 20), fill=(90, 60, 40))
        pen.ellipse(
            (tx - size // 2, base - size, tx + size // 2, base - size // 3),
            fill=(rng.randint(10, 60), rng.randint(90, 170), 40),
        )
    _banner(
        rng, pen, rng.randint(0, width // 3), rng.randint(height // 10, base), int(width * rng.uniform(0.4, 0.7)), height // 12
    )
    for _ in range(rng.randint(4, 22)):
        _person(rng, pen, rng.randrange(width), rng.randint(base, height), rng.randint(height // 10, height // 5))


def _meeting(rng: random.Random, pen: Any, width: int, height: int) -> None:
    left, top = rng.randint(width // 12, width // 4), rng.randint(height // 20, height // 6)
    right, low = width - rng.randint(width // 12, width // 4), int(height * rng.uniform(0.4, 0.55))
    pen.rectangle((left, top, right, low), fill=_shade(rng, 150, 250), outline=(30, 30, 30), width=6)
    for n in range(rng.randint(2, 6)):
        _glyphs(rng, pen, left + 40, top + 40 + n * 50, rng.randint(5, 14), 28, _shade(rng, 0, 120))
    _banner(rng, pen, width // 10, max(0, top - height // 14), int(width * 0.8), height // 14)
    for row in range(rng.randint(2, 4)):  # backs of heads, larger towards us
        size = height // 16 + row * height // 28
        y = low + height // 12 + row * height // 7
        for x in range(rng.randint(0, size), width, int(size * rng.uniform(1.6, 2.4))):
            pen.ellipse((x, y, x + size, y + size), fill=_shade(rng, 10, 60))
            pen.rectangle((x - size // 3, y + size, x + size * 4 // 3, y + size * 2), fill=_shade(rng, 30, 210))


def _screen(rng: random.Random, pen: Any, width: int, height: int) -> None:
    pen.rectangle((0, 0, width, height), fill=(250, 250, 250))
    pen.rectangle((0, 0, width, height // 9), fill=_shade(rng, 20, 180))
    _glyphs(rng, pen, width // 12, height // 36, rng.randint(6, 14), height // 16, (255, 255, 255))
    split = int(width * rng.uniform(0.35, 0.7))
    y = height // 6
    while y < height - 40:
        if rng.random() < 0.25:
            h = rng.randint(60, 200)
            pen.rectangle((40, y, split - 40, y + h), fill=_shade(rng))
            y += h + 20
        _glyphs(rng, pen, 40, y, rng.randint(8, max(9, split // 34)), 22, (40, 40, 40))
        _glyphs(rng, pen, split, y, rng.randint(3, max(4, (width - split) // 34)), 22, (60, 60, 160))
        y += rng.randint(34, 60)


def _person(rng: random.Random, pen: Any, x: int, y: int, size: int) -> None:
    head = size // 4
    pen.rectangle((x - head, y - size + head, x + head, y - size // 3), fill=_shade(rng))
    pen.rectangle((x - head // 2, y - size // 3, x + head // 2, y), fill=_shade(rng, 10, 90))
    pen.ellipse((x - head // 2, y - size, x + head // 2, y - size + head), fill=(225, 180, 150))


def _banner(rng: random.Random, pen: Any, x: int, y: int, w: int, h: int) -> None:
    pen.rectangle((x, y, x + w, y + h), fill=(rng.randint(190, 225), 20, 30))
    size = h * 2 // 3
    _glyphs(rng, pen, x + size, y + h // 6, max(2, w // (size * 5 // 4) - 2), size, (255, 240, 120))


def _glyphs(rng: random.Random, pen: Any, x: int, y: int, count: int, size: int, colour: tuple[int, int, int]) -> None:
    """``count`` signs that look like characters from afar; nobody can read them."""
    thick = max(2, size // 10)
    for n in range(count):
        left = x + n * size * 5 // 4
        for _ in range(rng.randint(3, 6)):
            if rng.random() < 0.5:
                at = y + rng.randrange(size)
                pen.line((left, at, left + size, at), fill=colour, width=thick)
            else:
                at = left + rng.randrange(size)
                pen.line((at, y, at, y + size), fill=colour, width=thick)
