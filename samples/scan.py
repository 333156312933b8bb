"""Pages as a scanner or a telephone delivers them: pixels, a little askew, with noise, a seal pressed over the signature.

What is laid out elsewhere is rendered and spoilt here; the same page, seed and spec always give the same pixels.
Needs a Chinese font of the system for texts laid out without one (``tools/system-packages``).
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

_RED = (205, 25, 35)
#: bold Chinese fonts as systems name them; the seal's lettering is drawn with the first that is there
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)


class Scanner(msgspec.Struct, frozen=True):
    """How a page comes out.

    dpi      of the picture
    degrees  askew, counter-clockwise; 90, 180, 270 lay the page on its side or its head
    noise    standard deviation of the grey values' noise, 0…255
    blur     radius of a Gaussian blur in pixels
    quality  of the JPEG
    grey     no colour
    """

    dpi: int = 150
    degrees: float = 1.0
    noise: float = 5.0
    blur: float = 0.5
    quality: int = 70
    grey: bool = False


class Seal(msgspec.Struct, frozen=True):
    """A round seal of 42 mm with a star. ``x``, ``y``: its centre in points from the lower left of page ``page`` (from 0)."""

    page: int
    x: float
    y: float
    lettering: str = ""
    millimetres: float = 42.0
    ink: float = 0.8  # 1 = covers what is under it


def font_there() -> bool:
    """A Chinese font of the system was found: what is rendered shows characters, not boxes."""
    return any(Path(f).exists() for f in _FONTS)


def pages(pdf: bytes, *, dpi: int = 150, seals: Sequence[Seal] = ()) -> list[Any]:
    """Every page as an RGB picture, sealed where ``seals`` says."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    out = []
    try:
        for n in range(len(document)):
            page = document[n]
            picture = page.render(scale=dpi / 72).to_pil().convert("RGB")
            for seal in seals:
                if seal.page == n:
                    picture = _press(picture, seal, dpi, page.get_height())
            out.append(picture)
            page.close()
    finally:
        document.close()
    return out


def spoil(picture: Any, scanner: Scanner, seed: str) -> Any:
    """The picture as the scanner gives it."""
    import numpy as np
    from PIL import Image, ImageFilter

    turned = picture
    quarter = round(scanner.degrees / 90) * 90
    if quarter % 360:
        turned = turned.rotate(quarter, expand=True)
    if scanner.degrees != quarter:
        turned = turned.rotate(scanner.degrees - quarter, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    if scanner.blur:
        turned = turned.filter(ImageFilter.GaussianBlur(scanner.blur))
    rng = np.random.default_rng(list(seed.encode("utf-8")))
    values = np.asarray(turned, dtype=np.float32) * 0.96 + 4
    values += rng.normal(0.0, scanner.noise, values.shape[:2])[:, :, None]
    out = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    return out.convert("L") if scanner.grey else out


def jpeg(picture: Any, quality: int = 70) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def pdf(pictures: Sequence[Any], *, dpi: int = 150, quality: int = 70) -> bytes:
    """Pages that hold nothing but a picture, as a scanner writes them."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for picture in pictures:
        size = (picture.width * 72 / dpi, picture.height * 72 / dpi)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(io.BytesIO(jpeg(picture, quality))), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned(source: bytes, seed: str, scanner: Scanner | None = None, *, seals: Sequence[Seal] = ()) -> bytes:
    """A PDF with a text layer as the PDF that its scan would be. The angle varies a little from page to page."""
    how = scanner or Scanner()
    rng = random.Random(seed)
    out = []
    for n, picture in enumerate(pages(source, dpi=how.dpi, seals=seals)):
        one = msgspec.structs.replace(how, degrees=how.degrees + rng.uniform(-0.3, 0.3))
        out.append(spoil(picture, one, f"{seed}/{n}"))
    return pdf(out, dpi=how.dpi, quality=how.quality)


def photographed(picture: Any, seed: str, *, long_side: int = 2400) -> bytes:
    """A JPEG as a telephone takes it of a page on a table: perspective, a shadow over one side."""
    import numpy as np
    from PIL import Image

    width, height = round(long_side * 0.75), long_side
    page = picture.resize((width, height))
    corners = [(0.05, 0.045), (0.955, 0.06), (0.97, 0.95), (0.035, 0.94)]
    target = [(x * width, y * height) for x, y in corners]
    turn = _perspective(target, [(0, 0), (width, 0), (width, height), (0, height)])
    table = Image.new("RGB", (width, height), (112, 92, 74))
    laid = page.transform((width, height), Image.Transform.PERSPECTIVE, turn, Image.Resampling.BICUBIC)
    there = Image.new("L", (width, height), 255).transform((width, height), Image.Transform.PERSPECTIVE, turn)
    table.paste(laid, mask=there)
    values = np.asarray(table, dtype=np.float32)
    values *= np.linspace(0.72, 0.98, width, dtype=np.float32)[None, :, None]
    shaded = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    return jpeg(spoil(shaded, Scanner(degrees=0.0, noise=4.0, blur=0.6), seed), 80)


def at_text(
    source: bytes, text: str, accept: Callable[[float, float], bool] = lambda x, y: True
) -> tuple[int, float, float] | None:
    """Page (from 0) and middle (x, y, in points from the lower left) of the first place where ``text`` stands and ``accept`` says so."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    try:
        for n in range(len(document)):
            words = document[n].get_textpage()
            searcher = words.search(text)
            while (hit := searcher.get_next()) is not None:
                boxes = [words.get_charbox(k) for k in range(hit[0], hit[0] + hit[1])]
                x = (min(b[0] for b in boxes) + max(b[2] for b in boxes)) / 2
                y = (min(b[1] for b in boxes) + max(b[3] for b in boxes)) / 2
                if accept(x, y):
                    return n, x, y
    finally:
        document.close()
    return None


def _press(picture: Any, seal: Seal, dpi: int, page_height: float) -> Any:
    """The seal as ink: what is under it shows through."""
    from PIL import Image, ImageChops, ImageDraw, ImageFont

    side = round(seal.millimetres / 25.4 * dpi) * 2  # drawn twice as large, for smooth edges
    stamp = Image.new("RGB", (side, side), (255, 255, 255))
    draw = ImageDraw.Draw(stamp)
    draw.ellipse((4, 4, side - 4, side - 4), outline=_RED, width=max(4, side // 38))
    points = []
    for n in range(10):
        reach = side * (0.16 if n % 2 == 0 else 0.062)
        angle = -math.pi / 2 + n * math.pi / 5
        points.append((side / 2 + reach * math.cos(angle), side / 2 + reach * math.sin(angle)))
    draw.polygon(points, fill=_RED)
    font_file = next((f for f in _FONTS if Path(f).exists()), None)
    if seal.lettering and font_file:
        size = side // 8
        font = ImageFont.truetype(font_file, size)
        step = min(30.0, 250.0 / len(seal.lettering))
        first = 90 + step * (len(seal.lettering) - 1) / 2
        for n, char in enumerate(seal.lettering):
            angle = first - n * step
            tile = Image.new("L", (size * 2, size * 2), 0)
            ImageDraw.Draw(tile).text((size, size), char, font=font, fill=255, anchor="mm")
            tile = tile.rotate(angle - 90)
            x = side / 2 + side * 0.36 * math.cos(math.radians(angle)) - size
            y = side / 2 - side * 0.36 * math.sin(math.radians(angle)) - size
            stamp.paste(Image.new("RGB", tile.size, _RED), (round(x), round(y)), tile)
    stamp = stamp.resize((side // 2, side // 2), Image.Resampling.LANCZOS)
    left = round(seal.x * dpi / 72 - stamp.width / 2)
    top = round((page_height - seal.y) * dpi / 72 - stamp.height / 2)
    box = (left, top, left + stamp.width, top + stamp.height)
    under = picture.crop(box)
    inked = ImageChops.multiply(under, stamp)
    covered = Image.composite(stamp, under, stamp.convert("L").point(lambda v: 255 if v < 250 else 0))
    out = picture.copy()
    out.paste(Image.blend(inked, covered, max(0.0, seal.ink - 0.6)), box)
    return out


def _perspective(target: Sequence[tuple[float, float]], source: Sequence[tuple[float, float]]) -> list[float]:
    """Pillow's eight coefficients that bring ``source`` corners to ``target`` corners."""
    import numpy as np

    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    right = np.array([c for corner in source for c in corner], dtype=float)
    return [float(v) for v in np.linalg.solve(np.array(rows, dtype=float), right)]
