"""Near values among many 64-bit fingerprints without comparing all pairs (multi-index hashing).

Cut into four bands of 16 bits, two values that differ in at most ``bits`` bits differ in more than r = ``bits // 4`` bits in at
most ``bits // (r + 1)`` of the bands, so in at most r in one of any ``bits // (r + 1) + 1`` bands. Each value is filed under so
many of its bands and looked for under every band value that near: 51 places for five bits. Only what lies there is
compared. ``compared`` counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations

BANDS, WIDTH = 4, 16
_MASK = (1 << WIDTH) - 1
#: beyond it there would be more places to look at than values to compare
_MOST = 11


@cache
def _flips(radius: int) -> tuple[int, ...]:
    """Every pattern of at most ``radius`` set bits in a band."""
    return tuple(sum(1 << b for b in places) for n in range(radius + 1) for places in combinations(range(WIDTH), n))


class Near:
    """Distinct values, filed by their bands.

    :param bits: values that differ in at most so many bits are near.
    """

    def __init__(self, values: Iterable[int], *, bits: int) -> None:
        self.bits = bits
        self.compared = 0
        radius = bits // BANDS
        self._flips = _flips(radius) if bits <= _MOST else ()
        self._all = sorted(set(values))
        self._filed: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(bits // (radius + 1) + 1)]
        for value in self._all if self._flips else ():
            for band, filed in enumerate(self._filed):
                filed[value >> (band * WIDTH) & _MASK].append(value)

    def of(self, value: int) -> Iterator[int]:
        """The values near ``value``, itself among them when it is filed; each once, in no order."""
        if not self._flips:
            self.compared += len(self._all)
            yield from (other for other in self._all if (value ^ other).bit_count() <= self.bits)
            return
        met = set()
        for band, filed in enumerate(self._filed):
            part = value >> (band * WIDTH) & _MASK
            for flip in self._flips:
                for other in filed.get(part ^ flip, ()):
                    if other not in met:
                        met.add(other)
                        self.compared += 1
                        if (value ^ other).bit_count() <= self.bits:
                            yield other
