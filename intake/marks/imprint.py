"""画面印字: a row of signs that a camera or an application printed into a corner, by colour and regularity.

Digits of one height in one pure colour (orange, red, yellow, white), on one line, with nothing of that colour above and below. That
it is lettering is likely, what it says nobody knows before OCR has read it: so it never fails a picture by itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

#: all of what follows is ours, measured on pictures of a long side of some 1000 pixels (benchmarks/README.md)
#: shares of the height within which a row lies, from the top, from the bottom; share of the width that belongs to a corner
_TOP, _BOTTOM, _SIDE = 0.13, 0.17, 0.55
#: height of a row as a share of the long side
_LOW, _HIGH = 0.010, 0.055
#: signs of a row; their widths and the gaps between them in heights of the row; its distance from the picture's edge
_SIGNS, _WIDE, _GAP, _EDGE = 6, 1.6, 2.0, 0.13
#: width of a sign in heights; runs of ink that a row has at least: two digits may touch
_USUAL, _RUNS = 0.75, 4
#: share of the long side that what belongs to a row lies apart at most
_APART = 0.05
#: share of the signs that are as high as the row, of the row that is ink, of the ink that may lie just above and below
_EVEN, _INK, _QUIET = 0.7, (0.12, 0.7), 0.06


class Imprint(msgspec.Struct, frozen=True):
    """A row; ``box``: left, top, right, bottom as shares of the upright picture's width and height."""

    place: str
    colour: str
    box: tuple[float, float, float, float]

    def __str__(self) -> str:
        return f"{self.place}{self.colour}印字"


def imprints(picture: Any) -> tuple[Imprint, ...]:
    """Of an upright RGB picture (Pillow), its long side about 1000 pixels; () = none was found."""
    import numpy as np

    a = np.asarray(picture)
    height, width = a.shape[:2]
    out = []
    for name, top, bottom in (("上", 0, int(_TOP * height)), ("下", height - int(_BOTTOM * height), height)):
        strip = a[top:bottom]
        red, green, blue = (strip[:, :, n].astype(np.int16) for n in range(3))
        inks = {
            "彩色": (red >= 165) & (red - blue >= 75) & (red + 20 >= green),
            "白色": np.minimum(np.minimum(red, green), blue) >= 228,
        }
        for colour, ink in inks.items():
            for side, left, right in (("左", 0, int(_SIDE * width)), ("右", width - int(_SIDE * width), width)):
                for box in _rows(
                    ink[:, left:right], max(height, width), outer=0 if side == "左" else right - left, edge=_EDGE * width
                ):
                    x0, y0, x1, y1 = box
                    over, under = round((top + y0) / height, 3), round((top + y1) / height, 3)
                    share = round((left + x0) / width, 3), over, round((left + x1) / width, 3), under
                    out.append(Imprint(f"{side}{name}角", colour, share))
    return tuple(out)


def _rows(ink: Any, long: int, *, outer: int, edge: float) -> list[tuple[int, int, int, int]]:
    """Boxes of the rows of signs in a corner; ``outer``: the column of the picture's edge."""
    import numpy as np

    found = []
    # what lies well aside of the signs does not make their row higher
    blocks = [(g[0][0], g[-1][1]) for g in _groups(_runs(ink.any(axis=0)), _APART * long)]
    places = [(t, b, x0, x1) for x0, x1 in blocks for t, b in _runs(ink[:, x0:x1].sum(axis=1) >= 2)]
    for top, bottom, start, end in places:
        high = bottom - top
        if not _LOW * long <= high <= _HIGH * long:
            continue
        row = ink[top:bottom]
        signs = [(a + start, b + start) for a, b in _runs(row[:, start:end].any(axis=0))]
        for group in _groups(signs, _GAP * high):
            first, last = group[0][0], group[-1][1]
            signs_in = sum(max(1, round((b - a) / (_USUAL * high))) for a, b in group)
            if (
                len(group) < _RUNS
                or signs_in < _SIGNS
                or last - first < 3.5 * high
                or min(abs(outer - first), abs(outer - last)) > edge
            ):
                continue
            widths = [b - a for a, b in group]
            heights = [int(np.ptp(np.nonzero(row[:, a:b].any(axis=1))[0])) + 1 for a, b in group]
            share = float(row[:, first:last].mean())
            margin = max(2, high // 3)
            around = np.concatenate([ink[max(0, top - margin) : top, first:last], ink[bottom : bottom + margin, first:last]])
            if (
                max(widths) <= _WIDE * high
                and np.mean([h >= 0.75 * high for h in heights]) >= _EVEN
                and _INK[0] <= share <= _INK[1]
                and (not around.size or float(around.mean()) <= _QUIET)
            ):
                found.append((first, top, last, bottom))
    return found


def _runs(line: Any) -> list[tuple[int, int]]:
    """First and past-the-last place of every run of true values."""
    import numpy as np

    ends = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
    return list(zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True))


def _groups(runs: list[tuple[int, int]], gap: float) -> list[list[tuple[int, int]]]:
    out: list[list[tuple[int, int]]] = []
    for run in runs:
        if out and run[0] - out[-1][-1][1] <= gap:
            out[-1].append(run)
        else:
            out.append([run])
    return out
