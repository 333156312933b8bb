"""The best item for a title by counting shared groups of characters: no weights, no reasons, no rules, no kinds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

_SIZES = (2, 3, 4)


def groups(text: str) -> set[str]:
    return {text[at : at + size] for size in _SIZES for at in range(len(text) - size + 1)}


class BareRanking:
    """:param texts: item id → everything the catalogue says of it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._items: dict[str, list[str]] = defaultdict(list)
        for item, text in texts.items():
            for group in groups(text):
                self._items[group].append(item)

    def best(self, title: str) -> str | None:
        counts: dict[str, int] = defaultdict(int)
        for group in groups(title):
            for item in self._items.get(group, ()):
                counts[item] += 1
        return max(counts, key=counts.__getitem__, default=None)
