"""拼图: straight joints that run through the whole picture, or through a part that another joint cuts off.

Two sorts, both along rows or columns of pixels:

gutter  a band of one even colour, with pictures that differ from it all along both of its sides
seam    no band, at a half, a third or a quarter of the picture: all along one line the pixels before and after it have nothing to
        do with each other, lighter and darker by turns; a horizon, the edge of a wall is lighter on one side throughout

What lies on both sides must be pictures: a page, a table or a screen is mostly of one even shade, and its columns are no joints.
"""

from __future__ import annotations

from typing import Any

import msgspec

#: all of what follows is ours, measured on pictures of a long side of 512 pixels (benchmarks/README.md)
#: a gutter: grey levels by which its pixels differ, and its widest share of the side
_EVEN, _WIDEST = 2.5, 0.08
#: a part is no narrower than this share of the side of the whole picture, and than so many pixels
_PART, _LEAST = 0.14, 40
#: grey levels that count as a difference along a joint; share of the joint at which a gutter, a seam differs
_STEP, _ALONG_GUTTER, _ALONG_SEAM = 12.0, 0.6, 0.78
#: along a seam: share of the rarer sign among the differences, how often the sign turns, how much stronger it is than what is usual
#: and than the lines beside it
_MIXED, _TURNS, _STRONGER, _BESIDE = 0.2, 8, 2.5, 1.8
#: where seams are looked for, and how near
_PLACES, _NEAR = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4), 0.008
#: standard deviation of the pixels along a seam, along a gutter, on either side: a pillar, a frame, a sky is more even
_LIVELY, _STIRRING = 16.0, 6.0
#: share of pixels of one shade beside a gutter, beside a seam, and of pixels like all their neighbours, above which a part is no photograph
_SHADE_GUTTER, _SHADE_SEAM, _FLAT = 0.62, 0.45, 0.6
#: share of pixels of a gutter's own shade beside it: between lines of text there is paper as in them
_SAME = 0.3
_DEPTH = 3


class Joint(msgspec.Struct, frozen=True):
    """``upright``: it runs from top to bottom. ``at``: its middle as a share of the whole picture's width, else height."""

    upright: bool
    at: float
    gutter: bool

    def __str__(self) -> str:
        return f"{'竖' if self.upright else '横'}{'缝' if self.gutter else '接线'} {self.at:.0%}"


def joints(grey: Any) -> tuple[Joint, ...]:
    """Of a grey picture (Pillow, or height × width of numbers), its long side about 512 pixels; () = none was found."""
    import numpy as np

    a = np.asarray(grey, dtype=np.float32)
    top, bottom, left, right = _without_frame(a)
    found: list[Joint] = []
    _divide(a, (top, bottom, left, right), found, _DEPTH)
    return tuple(sorted(set(found), key=lambda j: (not j.upright, j.at)))


def _without_frame(a: Any) -> tuple[int, int, int, int]:
    """The rows and columns inside an even frame that goes all around, as slices' ends."""
    ends = []
    for lines in (a, a.T):
        even = lines.std(axis=1) < _EVEN
        shade = lines.mean(axis=1)
        first, last = 0, len(lines)
        most = len(lines) // 4
        while first < most and even[first] and abs(shade[first] - shade[0]) < 2 * _EVEN:
            first += 1
        while last > len(lines) - most and even[last - 1] and abs(shade[last - 1] - shade[-1]) < 2 * _EVEN:
            last -= 1
        ends += [first, last]
    around = ends[0] and ends[2] and ends[1] < a.shape[0] and ends[3] < a.shape[1]
    return (ends[0], ends[1], ends[2], ends[3]) if around else (0, a.shape[0], 0, a.shape[1])


def _divide(a: Any, box: tuple[int, int, int, int], found: list[Joint], depth: int) -> None:
    top, bottom, left, right = box
    part = a[top:bottom, left:right]
    if depth == 0 or min(part.shape) < 2 * _LEAST:
        return
    for upright in (True, False):
        lines = part.T if upright else part
        least = max(_LEAST, int(_PART * max(a.shape)))
        cut = _gutter(lines, least) or _seam(lines, least)
        if cut is None:
            continue
        first, last, gutter = cut
        whole = a.shape[1] if upright else a.shape[0]
        start = left if upright else top
        found.append(Joint(upright, round((start + (first + last) / 2) / whole, 2), gutter))
        if upright:
            _divide(a, (top, bottom, left, left + first), found, depth - 1)
            _divide(a, (top, bottom, left + last, right), found, depth - 1)
        else:
            _divide(a, (top, top + first, left, right), found, depth - 1)
            _divide(a, (top + last, bottom, left, right), found, depth - 1)
        return


def _gutter(lines: Any, least: int) -> tuple[int, int, bool] | None:
    """First and past-the-last line of an even band between two pictures; ``lines`` run along the joint that is looked for."""
    import numpy as np

    even = lines.std(axis=1) < _EVEN
    if not even[least:-least].any():
        return None
    shade = lines.mean(axis=1)
    count, at = len(lines), least
    while at < count - least:
        if not even[at]:
            at += 1
            continue
        last = at + 1
        while last < count and even[last] and abs(shade[last] - shade[at]) < 2 * _EVEN:
            last += 1
        if last - at <= max(3, _WIDEST * max(lines.shape)) and last <= count - least:
            # one line beyond is still mixed of both
            sides = [abs(lines[n] - shade[at]) > _STEP for n in (at - 2, last + 1)]
            apart = min(float(np.mean(s)) for s in sides)
            stirring = min(float(lines[n].std()) for n in (at - 2, last + 1))
            if apart >= _ALONG_GUTTER and stirring >= _STIRRING and _between(lines[: at - 1], lines[last + 1 :], shade[at]):
                return at, last, True
        at = last
    return None


def _seam(lines: Any, least: int) -> tuple[int, int, bool] | None:
    """The line at which one picture ends and the next begins."""
    import numpy as np

    # differences over two lines: the line in the middle may be mixed of both pictures
    step = lines[2:] - lines[:-2]
    above, below = step > _STEP, step < -_STEP
    share = (above.mean(axis=1), below.mean(axis=1))
    along = share[0] + share[1]
    strength = np.abs(step).mean(axis=1)
    usual = float(np.median(strength)) + 1.0
    wanted = (along >= _ALONG_SEAM) & (np.minimum(*share) >= _MIXED * along) & (strength >= _STRONGER * usual)
    places = (np.arange(len(wanted)) + 1.5) / len(lines)
    wanted &= np.min(np.abs(places[:, None] - np.array(_PLACES)), axis=1) <= max(_NEAR, 1.5 / len(lines))
    wanted[:least] = False
    wanted[-least:] = False
    for n in sorted(np.nonzero(wanted)[0].tolist(), key=lambda n: -strength[n]):
        beside = max(float(strength[m]) for m in (n - 4, n + 4))
        before, after = lines[n], lines[n + 2]
        signs = (above[n].astype(np.int8) - below[n])[above[n] | below[n]]
        if (
            strength[n] >= _BESIDE * beside
            and int(np.count_nonzero(np.diff(signs))) >= _TURNS
            and min(float(before.std()), float(after.std())) >= _LIVELY
            and _photographs(lines[: n + 1], lines[n + 2 :], _SHADE_SEAM)
        ):
            return n + 1, n + 2, False
    return None


def _between(one: Any, other: Any, shade: float) -> bool:
    """An even band of that shade lies between photographs, and not between lines or columns on one sheet."""
    alike = max(float((abs(part - shade) < _STEP).mean()) for part in (one, other))
    return alike <= _SAME and _photographs(one, other, _SHADE_GUTTER)


def _photographs(one: Any, other: Any, most: float) -> bool:
    """Neither is mostly one even shade, as paper and screens are."""
    import numpy as np

    for part in (one, other):
        if min(part.shape) < 8:
            return False
        counts = np.bincount(part.astype(np.uint8).ravel() >> 3, minlength=32).astype(np.float64)
        pairs = counts[:-1] + counts[1:]
        if pairs.max() > most * counts.sum():
            return False
        flat = (np.abs(np.diff(part, axis=0))[:, :-1] < 1) & (np.abs(np.diff(part, axis=1))[:-1] < 1)
        if float(flat.mean()) >= _FLAT:
            return False
    return True
