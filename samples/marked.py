"""Photographs as they should not be sent: with a watermark all over, a date in the corner, several put together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from samples.photo import _glyphs

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

#: an amber that cameras print dates in
AMBER = (255, 140, 40)


def watermarked(picture: Picture, *, seed: str = "mark", opacity: float = 0.35, angle: float = 30.0) -> Picture:
    """The same few signs again and again, aslant and seen through, in rows that are set off against each other."""
    from PIL import Image, ImageDraw

    width, height = picture.size
    side = int((width**2 + height**2) ** 0.5) + 2
    size = max(width, height) // 30
    sheet = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(sheet)
    ink = (255, 255, 255, int(255 * opacity))
    across, down = size * 9, size * 4
    for row, y in enumerate(range(0, side, down)):
        for x in range(-across if row % 2 else 0, side, across):
            _glyphs(random.Random(seed), pen, x + row % 2 * across // 2, y, 5, size, ink)  # type: ignore[arg-type]
    sheet = sheet.rotate(angle, Image.Resampling.BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    sheet = sheet.crop((left, top, left + width, top + height))
    return Image.alpha_composite(picture.convert("RGBA"), sheet).convert("RGB")


def lettered(picture: Picture, lines: Sequence[str], *, colour: tuple[int, int, int] = AMBER, left: bool = False) -> Picture:
    """``lines`` of Latin letters and digits in a lower corner, with a shadow, each 1/36 of the long side high."""
    from PIL import ImageDraw, ImageFont

    out = picture.copy()
    pen = ImageDraw.Draw(out)
    size = max(out.size) // 36
    font = ImageFont.load_default(size)
    for n, line in enumerate(reversed(lines)):
        x = size if left else out.width - size - int(pen.textlength(line, font=font))
        y = out.height - 2 * size - n * size * 3 // 2
        shade = max(1, size // 16)
        pen.text((x + shade, y + shade), line, font=font, fill=(0, 0, 0))
        pen.text((x, y), line, font=font, fill=colour)
    return out


def collage(pictures: Sequence[Picture], *, gutter: int = 0, size: tuple[int, int] = (1280, 960)) -> Picture:
    """The middles of ``pictures`` side by side, ``gutter`` white pixels between them."""
    from PIL import Image, ImageOps

    count = len(pictures)
    width = (size[0] - gutter * (count - 1)) // count
    out = Image.new("RGB", size, "white")
    for n, picture in enumerate(pictures):
        out.paste(ImageOps.fit(picture, (width, size[1])), (n * (width + gutter), 0))
    return out
