"""One scanned page: which way up it is, its lines as rows from the top down, their text read only when asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from intake import ocr, seal
from intake.ocr import Quad, Read

#: a reading of this score needs no look at the page turned over (measured: upright lines 0.95–1.00, inverted ones 0.3–0.8)
_SURE = 0.88
#: a part of a line read worse than this is no text but a stain, a stroke of a seal (measured: text 0.7 and more)
_LEGIBLE = 0.5
#: lines by which the way up is decided
_TRIED = 3
#: a gap this many line heights wide is a space
_GAP = 0.9


class Row(msgspec.Struct, frozen=True):
    """Parts of one line. Edges as shares of the page's width and height, with the skew taken out."""

    quads: tuple[Quad, ...]
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        return self.right - self.left


class Said(msgspec.Struct, frozen=True):
    """What a row says. ``other``: a second reading that differs, "" without; ``score`` of the least sure part."""

    text: str
    score: float
    other: str = ""


class Sheet:
    """:param image: height × width × 3, uint8, RGB; however turned."""

    def __init__(self, image: Any) -> None:
        self.image, quads = _upright(image)
        self.height, self.width = self.image.shape[:2]
        self.rings = seal.rings(self.image) if self.height > self.width * 0.6 else []
        self.colourless = seal.colourless(self.image)
        self._skew = _skew(quads)
        self._clean: Any = None
        if self.rings:
            quads = self._with_clean_lines(quads)
        self.rows = self._in_rows(quads)
        self._said: dict[int, Said] = {}

    def say(self, rows: Iterable[int]) -> None:
        """Read the rows with these indices, those not read before."""
        todo = [n for n in sorted(set(rows)) if 0 <= n < len(self.rows) and n not in self._said]
        quads = [(n, q) for n in todo for q in self.rows[n].quads]
        reads = ocr.read_lines(self.image, [q for _, q in quads])
        sealed = [k for k, (n, _) in enumerate(quads) if self._under_seal(self.rows[n])]
        again = dict(zip(sealed, ocr.read_lines(self._cleaned(), [quads[k][1] for k in sealed]), strict=True)) if sealed else {}
        for n in todo:
            mine = [k for k, (m, _) in enumerate(quads) if m == n]
            first = _joined([(quads[k][1], reads[k]) for k in mine])
            second = _joined([(quads[k][1], again[k]) for k in mine]) if mine and mine[0] in again else None
            self._said[n] = _chosen(first, second)

    def said(self, n: int) -> Said | None:
        """What row ``n`` says; None when it was not read."""
        return self._said.get(n)

    @property
    def read(self) -> list[int]:
        """Indices of the rows that were read, from the top down."""
        return sorted(self._said)

    def near_seal(self, n: int) -> bool:
        """Whether a seal is pressed on the row or beside it."""
        row = self.rows[n]
        x, y = (row.left + row.right) / 2 * self.width, row.middle * self.height
        return any(r.near(x, y) for r in self.rings)

    def widest(self, row: Row) -> float:
        """Share of the page's width of the longest part of the row."""
        return float(max(q[1][0] - q[0][0] for q in row.quads) / self.width)

    def _under_seal(self, row: Row) -> bool:
        top, bottom = min(q[k][1] for q in row.quads for k in range(4)), max(q[k][1] for q in row.quads for k in range(4))
        return any(r.top < bottom and r.bottom > top for r in self.rings)

    def _cleaned(self) -> Any:
        if self._clean is None:
            self._clean = seal.without_red(self.image)
        return self._clean

    def _with_clean_lines(self, quads: list[Quad]) -> list[Quad]:
        """Lines in the bands of the seals are looked for again without red: a ring is no line, and it joins lines."""
        for r in self.rings:
            more = 0.35 * (r.bottom - r.top)
            top, bottom = max(0, int(r.top - more)), min(self.height, int(r.bottom + more))
            band = ocr.find_lines(self._cleaned()[top:bottom])
            inner = (r.top - more / 2, r.bottom + more / 2)
            found = [_moved(q, 0.0, float(top)) for q in band]
            quads = [q for q in quads if not inner[0] <= _centre(q)[1] <= inner[1]]
            quads += [q for q in found if inner[0] <= _centre(q)[1] <= inner[1]]
        return quads

    def _in_rows(self, quads: Sequence[Quad]) -> list[Row]:
        cos, sin = math.cos(-self._skew), math.sin(-self._skew)
        cx, cy = self.width / 2, self.height / 2

        def level(x: float, y: float) -> tuple[float, float]:
            return cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos

        placed = []
        for q in quads:
            corners = [level(x, y) for x, y in q]
            xs, ys = [c[0] for c in corners], [c[1] for c in corners]
            middle = sum(ys) / 4
            half = max(1.0, (ys[3] + ys[2] - ys[0] - ys[1]) / 4)
            placed.append((middle, half, min(xs), max(xs), q))
        placed.sort(key=lambda p: p[0])
        groups: list[list[tuple[float, float, float, float, Quad]]] = []
        for p in placed:
            row = groups[-1] if groups else None
            if row is not None and abs(p[0] - sum(o[0] for o in row) / len(row)) < 0.55 * min(p[1], row[0][1]) * 2:
                row.append(p)
            else:
                groups.append([p])
        out = []
        for group in groups:
            group.sort(key=lambda p: p[2])
            out.append(
                Row(
                    quads=tuple(p[4] for p in group),
                    left=group[0][2] / self.width,
                    right=max(p[3] for p in group) / self.width,
                    top=min(p[0] - p[1] for p in group) / self.height,
                    bottom=max(p[0] + p[1] for p in group) / self.height,
                )
            )
        return out


def _upright(image: Any) -> tuple[Any, list[Quad]]:
    """The image turned so that its lines run from left to right and stand on their feet, and where the lines are."""
    import numpy as np

    quads = ocr.find_lines(image)
    lying = sum(_length(q) for q in quads if _high(q) > 1.3 * _wide(q))
    if lying > sum(_length(q) for q in quads if _wide(q) > 1.3 * _high(q)):
        image = np.ascontiguousarray(np.rot90(image))
        quads = ocr.find_lines(image)
    tried = sorted((q for q in quads if _wide(q) > 3 * _high(q)), key=_wide, reverse=True)[:_TRIED]
    if not tried:
        return image, quads
    upright = _mean(ocr.read_lines(image, tried))
    if upright >= _SURE:
        return image, quads
    turned = np.ascontiguousarray(image[::-1, ::-1])
    height, width = image.shape[:2]
    if _mean(ocr.read_lines(turned, [_turned(q, width, height) for q in tried])) > upright:
        return turned, [_turned(q, width, height) for q in quads]
    return image, quads


def _mean(reads: Sequence[Read]) -> float:
    return sum(r.score for r in reads) / len(reads) if reads else 0.0


def _turned(q: Quad, width: int, height: int) -> Quad:
    a, b, c, d = ((width - x, height - y) for x, y in q)
    return c, d, a, b


def _moved(q: Quad, x: float, y: float) -> Quad:
    a, b, c, d = ((u + x, v + y) for u, v in q)
    return a, b, c, d


def _centre(q: Quad) -> tuple[float, float]:
    return sum(x for x, _ in q) / 4, sum(y for _, y in q) / 4


def _wide(q: Quad) -> float:
    return math.dist(q[0], q[1])


def _high(q: Quad) -> float:
    return math.dist(q[1], q[2])


def _length(q: Quad) -> float:
    return max(_wide(q), _high(q))


def _skew(quads: Iterable[Quad]) -> float:
    """Median slope of the long lines in radians, downwards to the right positive."""
    slopes = sorted(math.atan2(q[1][1] - q[0][1], q[1][0] - q[0][0]) for q in quads if _wide(q) > 5 * _high(q))
    return slopes[len(slopes) // 2] if slopes else 0.0


def _joined(parts: Sequence[tuple[Quad, Read]]) -> Read:
    text, end = "", None
    scores = []
    for q, read in parts:
        if not read.text or read.score < _LEGIBLE:
            continue
        if end is not None and q[0][0] - end > _GAP * _high(q):
            text += "  "
        text += read.text
        end = q[1][0]
        scores.append(read.score)
    return Read(as_typed(text), min(scores, default=0.0))


def _chosen(first: Read, second: Read | None) -> Said:
    """The surer of the reading as it is and the one without red; the other is kept where it differs."""
    if second is None:
        return Said(first.text, first.score)
    best, other = (second, first) if second.score >= first.score - 0.02 else (first, second)
    return Said(best.text, best.score, other.text if other.text != best.text else "")


_HAN = "\u3400-\u9fff〇"
_FULL = str.maketrans({"(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "?": "？"})
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}》”])[(),:;?]|[(),:;?](?=[{_HAN}《“])")
_YEARS_SPAN = re.compile(r"(?<=\d{4})[-–—一~](?=\d{4})")
_ZH_YEAR = re.compile(r"[一二三四五六七八九〇零○oO0Q]{4}(?=年)")
_NUMBER = re.compile(
    r"^(?P<code>[\u3400-\u9fff]{2,14})\s*(?P<a>[〔\[［(（【{「『Cc〈<《])\s*(?P<year>(?:19|20)\d\d)\s*(?P<b>[〕\]］)）】}」』〉>》Jj])\s*(?P<rest>第?\d{1,5}号)"
)


def as_typed(text: str) -> str:
    """OCR text as the page has it: Chinese punctuation beside Chinese characters, the zero of Chinese years, 〔〕 of a number."""
    text = _BESIDE_HAN.sub(lambda m: m[0].translate(_FULL), text)
    text = _YEARS_SPAN.sub("—", text)
    text = _ZH_YEAR.sub(lambda m: re.sub("[零○oO0Q]", "〇", m[0]) if re.search("[一二三四五六七八九]", m[0]) else m[0], text)
    return _NUMBER.sub(lambda m: f"{m['code']}〔{m['year']}〕{m['rest']}", text)
