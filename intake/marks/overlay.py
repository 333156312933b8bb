"""铺满画面的水印: a text or logo repeated at equal distances over the whole picture, however faint.

What repeats exactly, at a large distance, in the finest detail and in every part of the picture, was laid over it: windows, tiles and
fences repeat at small distances, lose their exactness with perspective, and end somewhere. A mark that stands only once is
not looked for here: its pixels are not told from a sign in the scene.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: all of what follows is ours, measured on pictures of a long side of 512 pixels (benchmarks/README.md)
#: grey levels beyond which detail belongs to the scene; a watermark's is fainter
_FAINT = 10.0
#: distances looked at, as shares of the long side: of one repetition to the next
_NEAREST, _FARTHEST = 0.07, 0.5
#: pixels by which a repetition may miss being straight
_STRAIGHT = 3
#: share of its height at which a picture that repeats straight across and straight down is a façade, a floor, a grid
_GRID = 0.6
#: how far a repetition stands out from all other distances, in their standard deviations
_CLEAR = 10.0
#: pixels aside of a repetition, and share of its height that may be left there: a long straight edge is like itself all along
_ASIDE, _LEFT = 8, 0.5
#: parts of the picture each way, how far it stands out in one of them, and share of the parts in which it has to
_PARTS, _PART_CLEAR, _MOST_PARTS = 4, 3.0, 0.75


def repeats(grey: Any) -> float | None:
    """How clearly a faint pattern repeats all over a grey picture (Pillow), its sides ``LEAST`` to about 512 pixels; None = it does not.

    The number is the height of the repetition over all other distances, in their standard deviations.
    """
    import numpy as np

    a = np.asarray(grey, dtype=np.float32)
    fine = _fine(a)
    spectrum = np.fft.rfft2(fine)
    # distances around the edge of the picture count as well: they only add noise
    alike = np.fft.irfft2(spectrum.real**2 + spectrum.imag**2, fine.shape)
    ring = _ring(*fine.shape)
    values = alike[ring]
    spread = float(values.std())
    if spread == 0:
        return None
    oblique = alike[_oblique(*fine.shape)]
    best = int(oblique.argmax())
    usual = float(values.mean())
    clear = (float(oblique[best]) - usual) / spread
    if clear < _CLEAR:
        return None
    down, across = (int(n[best]) for n in np.nonzero(_oblique(*fine.shape)))
    if min(_straight(alike[0], ring[0]), _straight(alike[:, 0], ring[:, 0])) - usual > _GRID * (float(oblique[best]) - usual):
        return None
    aside = [
        float(alike[(down + y) % fine.shape[0], (across + x) % fine.shape[1]])
        for y in (-_ASIDE, 0, _ASIDE)
        for x in (-_ASIDE, 0, _ASIDE)
        if x or y
    ]
    if max(aside) - usual > _LEFT * (float(oblique[best]) - usual):
        return None
    across = across if across <= fine.shape[1] // 2 else across - fine.shape[1]
    return clear if _everywhere(fine, down, across) else None


def _straight(alike: Any, ring: Any) -> float:
    """The highest repetition along one axis."""
    import numpy as np

    return float(np.where(ring, alike, -np.inf).max())


def _fine(a: Any) -> Any:
    """What is finer than three pixels, cut off where the scene itself is lively."""
    import numpy as np

    p = np.pad(a, 1, mode="edge")
    rows = p[:-2] + p[1:-1] + p[2:]
    fine = a - (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    return np.clip(fine, -_FAINT, _FAINT)


@lru_cache(maxsize=8)
def _ring(height: int, width: int) -> Any:
    """The distances that are looked at, of each pair of opposite ones only that which goes down."""
    import numpy as np

    long = max(height, width)
    down = np.arange(height, dtype=np.float32)[:, None]
    across = np.abs(np.fft.fftfreq(width, 1 / width).astype(np.float32))[None, :]
    distance = np.hypot(down, across)
    inside = (down < 0.6 * height) & (across < 0.6 * width)
    return (distance >= _NEAREST * long) & (distance <= _FARTHEST * long) & inside


@lru_cache(maxsize=8)
def _oblique(height: int, width: int) -> Any:
    """Those of them that go neither straight down nor straight across, as rows of windows, posts, chairs do."""
    ring = _ring(height, width).copy()
    ring[:_STRAIGHT] = ring[:, :_STRAIGHT] = ring[:, -_STRAIGHT:] = False
    return ring


def _everywhere(fine: Any, down: int, across: int) -> bool:
    """Whether the picture is like itself at that distance in most of its parts, not only where some façade is."""
    import numpy as np

    height, width = fine.shape
    if across >= 0:
        one, other = fine[: height - down, : width - across], fine[down:, across:]
    else:
        one, other = fine[: height - down, -across:], fine[down:, : width + across]
    product = one * other
    clear = 0
    for rows in np.array_split(product, _PARTS):
        for part in np.array_split(rows, _PARTS, axis=1):
            spread = float(np.sqrt((part**2).sum()))
            clear += spread > 0 and float(part.sum()) >= _PART_CLEAR * spread
    return clear >= _MOST_PARTS * _PARTS**2
