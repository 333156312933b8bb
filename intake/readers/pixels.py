"""What the pixels of a picture say: a fingerprint that survives saving anew, and how sharp it is.

**Fingerprint** (64 bits as 16 hexadecimal digits): the picture upright, in grey, 32 × 32; the 8 × 8 lowest frequencies of its
discrete cosine transform, each bit 1 where the coefficient is above their median, the constant one left out of the median.
Pictures of few differing bits look alike; those of a saved-again, smaller or slightly brighter copy differ in 0…6 of 64, two
different scenes in some 32. A picture of hardly any contrast has none: every blank page would be like every other.

**Sharpness**: variance of the Laplacian (four neighbours) in squared grey levels (0…255) at a long side of 512 pixels; a
smaller picture is taken as it is. Sharp scenes lie at hundreds to thousands, out-of-focus ones below some 20 (measured on
real photographs blurred by 0.5 % of the long side: 3…8).
"""

from __future__ import annotations

from functools import cache
from typing import Any

#: long side in pixels at which sharpness is measured
SIDE = 512
_GRID, _KEPT = 32, 8
#: standard deviation in grey levels below which a picture shows nothing to recognise (ours)
_FLAT = 3.0
#: Exif 2.32, tag 0x0112 → what sets the picture upright
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


def grey(image: Any, orientation: int = 1) -> Any:
    """The frame in 256 greys, upright, its long side at most ``SIDE``; memory of a small copy, not of a second picture.

    :param orientation: as Exif says, 1…8.
    """
    from PIL import Image

    if image.mode.startswith(("I", "F")):  # 16 bits and more: by the range used, since the range possible is not known
        image = image.convert("F")
        low, high = image.getextrema()
        scale = 255.0 / max(1.0, high - low)
        image = image.point(lambda v: v * scale - low * scale)
    elif image.mode == "LAB":
        image = image.getchannel(0)  # lightness; Pillow turns it into nothing else
    elif image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info else "L")
    if (factor := max(image.size) // (2 * SIDE)) > 1:
        image = image.reduce(factor)
    if image.mode in ("RGBA", "LA"):  # transparent is white paper
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    image = image.convert("L")
    if (share := SIDE / max(image.size)) < 1:
        size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
        image = image.resize(size, Image.Resampling.BOX)
    return _upright(image, orientation)


def coloured(image: Any, orientation: int = 1) -> Any:
    """The frame in 8-bit colours, upright, its long side below two times ``SIDE``; None for greys and for depths that have no such colours."""
    from PIL import Image

    if image.mode not in ("RGB", "RGBA", "P", "CMYK", "YCbCr"):
        return None
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if (factor := -(-max(image.size) // (2 * SIDE))) > 1:
        image = image.reduce(factor)
    if image.mode == "RGBA":  # transparent is white paper
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return _upright(image.convert("RGB"), orientation)


def _upright(image: Any, orientation: int) -> Any:
    from PIL import Image

    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(Image.Transpose[turn])


def sharpness(small: Any) -> float | None:
    """Of a picture from ``grey``; None below three pixels a side."""
    import numpy as np

    a = np.asarray(small, dtype=np.float32)
    if min(a.shape) < 3:
        return None
    inner = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] - 4 * a[1:-1, 1:-1]
    return round(float(inner.var()), 1)


def fingerprint(small: Any) -> str:
    """Of a picture from ``grey``: 16 hexadecimal digits, or "" when it shows nothing to recognise."""
    import numpy as np
    from PIL import Image

    a = np.asarray(small.resize((_GRID, _GRID), Image.Resampling.BOX), dtype=np.float64)
    if a.std() < _FLAT:
        return ""
    cosines = _cosines()
    low = (cosines @ a @ cosines.T).ravel()
    bits = low > np.median(low[1:])
    return f"{int(''.join('1' if b else '0' for b in bits), 2):016x}"


@cache
def _cosines() -> Any:
    """The first rows of the cosine transform (type II), ``_KEPT`` × ``_GRID``."""
    import numpy as np

    row, column = np.arange(_KEPT)[:, None], np.arange(_GRID)[None, :]
    return np.cos(np.pi * row * (2 * column + 1) / (2 * _GRID))
