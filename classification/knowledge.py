"""What the scorer knows: the phrases of every item and of every subject that is nobody's, with their weight.

Items speak through the columns of their catalogue row, through their row of ``terms.tsv``, and through the titles that
people placed there. Names of typical material are also known as wholes, those of nobody's from ``other_titles.txt``. The other subjects (``other_subjects.tsv``: budget, appointments, tenders, harvest …) are what a
city's offices write all day without any item asking for it; a title has to speak for an item more than for them. A word
of theirs that an item of the loaded catalogue uses itself is taken from them: what is nobody's depends on the catalogue.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec

from archive_schema.catalogue import Catalogue, Item
from archive_schema.terms import Terms
from archive_schema.text import squeeze
from archive_schema.words import EvidenceKind
from classification.vocabulary import squeezed

#: columns by how near they are to the standard itself, 本项目默认
STANDARD, CONTENT, INDICATOR, PROJECT, UNITS = 1.0, 0.85, 0.45, 0.15, 0.1
TERM, DOCUMENT, RELATED, EXAMPLE = 1.0, 0.85, 0.5, 0.9


class Known(msgspec.Struct, frozen=True):
    """One item, or one subject that is nobody's (``item`` "").

    phrases  (text, weight); words  those that stand for the item by themselves: (text, weight)
    names    of typical material, each told as a whole (``typical``)
    """

    item: str
    name: str
    phrases: tuple[tuple[str, float], ...]
    words: tuple[tuple[str, float], ...]
    names: tuple[str, ...] = ()


def known(catalogue: Catalogue, examples: Mapping[str, Sequence[str]] | None = None) -> tuple[Known, ...]:
    """Items in catalogue order, then the other subjects.

    :param examples: item → titles that people placed there
    """
    terms = {t.id: t for t in catalogue.terms}
    placed = examples or {}
    items = [_item(i, terms.get(i.id, Terms(i.id)), placed.get(i.id, ())) for i in catalogue.items]
    own = "\n".join(squeeze(text) for i in catalogue.items for text in (i.standard, i.content, i.indicator))
    words = sorted({squeezed(text) for k in items for text, weight in k.words if weight > RELATED}, key=lambda w: (len(w), w))
    # within a long word of an item a short one is no claim: 公路 in 公路三乱; within 小麦秸秆 小麦 is
    reach = {n: "\n".join(w for w in words if len(w) <= 2 * n) for n in {len(w) for _, _, ws in _subjects() for w in ws}}
    longest = "\n".join((own, reach[max(reach)]))
    pairs = set(pairwise(longest))  # to look for a word in a long text is dear, and most have a pair that it lacks

    def claimed(word: str) -> bool:
        return pairs.issuperset(pairwise(word)) and (word in own or word in reach[len(word)])

    out = list(items)
    for name, weight, theirs in _subjects():
        left = tuple((w, weight) for w in theirs if not claimed(w))
        if left:
            out.append(Known("", name, left, left))
    return (*out, Known("", "", (), (), _nobodys()))


def asked_beside(catalogue: Catalogue) -> dict[str, frozenset[EvidenceKind]]:
    """Item → kinds that it does not ask for and another standard of the same 内容 does."""
    of: dict[int, list[Item]] = {}
    for i in catalogue.items:
        of.setdefault(i.content_no, []).append(i)
    return {i.id: frozenset(k for o in of[i.content_no] for k in o.kinds) - set(i.kinds) for i in catalogue.items}


def _item(item: Item, terms: Terms, examples: Sequence[str]) -> Known:
    own = (
        (item.standard, STANDARD),
        (item.content, CONTENT),
        (item.indicator, INDICATOR),
        (item.project, PROJECT),
        *((u, UNITS) for u in (*item.units, *terms.units)),
    )
    words = (*((w, TERM) for w in terms.terms), *((w, RELATED) for w in terms.related))
    named = tuple((w, DOCUMENT) for w in terms.documents)
    seen = tuple((t, EXAMPLE) for t in examples)
    names = tuple(dict.fromkeys((*terms.documents, *terms.titles, *examples)))
    return Known(item.id, item.content, (*own, *words, *named, *seen), (*words, *named), names)


@cache
def _nobodys() -> tuple[str, ...]:
    """Titles that no item of a civic review takes, however near its words they come."""
    lines = (Path(__file__).parent / "other_titles.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def _subjects() -> tuple[tuple[str, float, tuple[str, ...]], ...]:
    text = (Path(__file__).parent / "other_subjects.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple((r["subject"], float(r["weight"]), tuple(squeeze(w) for w in r["words"].split(";") if w)) for r in rows)
