"""Item numbers in the spellings people type: ``Ⅲ18-1)``, ``III-18-1``, ``Ⅲ—18 1)``, ``iii18_1``, ``18-1)``.

Driven by the ids of the loaded catalogue: an id is read as runs of letters and runs of digits, every such shape becomes
a pattern, and what a pattern finds is looked up among the ids. No word boundaries are used, since Chinese has none.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.text import fold, natural_key, squeeze

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_DIGIT = re.compile(r"\d")
#: between letters and digits, and between digits; a space alone parts digits only where no Chinese follows (see ``_spaced``)
_LETTER_GAP = r"[\s\-_.·•]{0,3}"
_DIGIT_GAP = r"(?:\s*[-_.·•]{1,2}\s*\(?|\s+)"
_YEAR = r"(?P<year>(?:19|20)\d\d)\s*[-./_年·\s]\s*"
_LIST = re.compile(r"\)?\s*(?:[、,,;;&+]|和|及|与)\s*")
_OPENING = r"\s*[\[(〔【<《“\"]{0,2}\s*"


class NumberHit(msgspec.Struct, frozen=True):
    """One number found.

    item        id in the catalogue; it may be an item that is not under material review
    raw         as typed, a closing bracket included
    start, end  offsets in the text that was searched
    date_like   may be (part of) a date: 18-1月, 2017.18-1, 8-1
    bare        typed without the letters of the section, at the start of the name: weaker
    full_date   year, month and day together: 2017-8-1. A date and no number, kept to be told
    listed      stands in one list with the hit before it: Ⅲ18-1、Ⅲ18-2
    """

    item: str
    raw: str
    start: int
    end: int
    date_like: bool
    bare: bool = False
    full_date: bool = False
    listed: bool = False


class _Shape(msgspec.Struct, frozen=True):
    full: re.Pattern[str]
    bare: re.Pattern[str] | None
    following: re.Pattern[str] | None  # the same without letters, directly after a list mark
    last: re.Pattern[str] | None  # only the last number, directly after a list mark
    numbers: int


class _Book(msgspec.Struct, frozen=True):
    shapes: tuple[_Shape, ...]
    by_tokens: dict[tuple[str, ...], str]
    by_numbers: dict[tuple[int, ...], str]  # only what is unique without its letters


def find_numbers(text: str, catalogue: Catalogue) -> list[NumberHit]:
    """Every number of the catalogue in ``text`` (one name or one form cell, not a path), in order of place."""
    if not _DIGIT.search(fold(text)):  # as most titles: every shape has one
        return []
    folded, origin = _fold(text)
    book = _book(catalogue)
    found: list[NumberHit] = []
    at = 0
    while at < len(folded):
        hit = _next(folded, at, book)
        if hit is None:
            break
        found.append(hit)
        at = hit.end
        while (more := _continued(folded, found[-1], book)) is not None:
            found.append(more)
            at = more.end
    if not found:
        found = [h for h in (_bare(folded, book),) if h is not None]
        while found and (more := _continued(folded, found[-1], book)) is not None:
            found.append(more)
    return [
        msgspec.structs.replace(
            h, raw=text[origin[h.start] : origin[h.end - 1] + 1], start=origin[h.start], end=origin[h.end - 1] + 1
        )
        for h in found
    ]


def find_unknown(text: str, catalogue: Catalogue) -> list[str]:
    """What is typed like a number of this catalogue and is none of its ids: ``Ⅲ91-1``. Raw, in order of place."""
    if not _DIGIT.search(fold(text)):
        return []
    folded, origin = _fold(text)
    book = _book(catalogue)
    out: list[str] = []
    taken = [(h.start, h.end) for h in find_numbers(text, catalogue)]
    for shape in book.shapes:
        for m in shape.full.finditer(folded):
            start, end = origin[m.start()], origin[m.end() - 1] + 1
            if any(s < end and start < e for s, e in taken) or (_spaced(m) and shape.numbers > 1):
                continue
            if _date_after(folded, m.end(), [g for g in m.groups() if g]) is False:
                taken.append((start, end))
                out.append(text[start:end])
    return sorted(out, key=text.find)


def as_typed(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The numbers in ``text`` as typed, in order of place: dates left out; where there are none, what is typed like one and is none."""
    found = [h.raw for h in find_numbers(text, catalogue) if not h.full_date and not (h.date_like and h.raw != text.strip())]
    return tuple(found or find_unknown(text, catalogue))


def nearest(typed: str, catalogue: Catalogue, limit: int = 3) -> list[str]:
    """Ids that look like one that does not exist, for a suggestion."""
    ids = {squeeze(i.id): i.id for i in catalogue.items}
    near = difflib.get_close_matches(squeeze(typed).rstrip(")"), sorted(ids, key=natural_key), n=limit, cutoff=0.6)
    return [ids[n] for n in near]


def _next(folded: str, at: int, book: _Book) -> NumberHit | None:
    """The first hit at or after ``at``; of several at one place the one with the most numbers."""
    best: tuple[int, int, NumberHit] | None = None
    for shape in book.shapes:
        for m in shape.full.finditer(folded, at):
            item = book.by_tokens.get(_key(m[0]))
            if item is None or (shape.numbers > 1 and _spaced(m) and _cjk_follows(folded, m.end())):
                continue
            order = (m.start(), -shape.numbers)
            if best is None or order < best[:2]:
                date = _date_after(folded, m.end(), [g for g in m.groups() if g])
                best = (*order, NumberHit(item, "", m.start(), m.end(), date))
            break
    return best[2] if best else None


def _bare(folded: str, book: _Book) -> NumberHit | None:
    for shape in book.shapes:
        m = shape.bare.match(folded) if shape.bare else None
        if m is None:
            continue
        digits = [g for g in m.groups()[1:] if g]
        numbers = [int(d) for d in digits]
        item = book.by_numbers.get(tuple(numbers))
        if item is None or (_spaced(m) and _cjk_follows(folded, m.end())):
            continue
        month_day = len(numbers) == 2 and 1 <= numbers[0] <= 12 and 1 <= numbers[1] <= 31
        closed = m[0].endswith(")")
        date = bool(m["year"]) or _date_after(folded, m.end(), digits)
        date = date or (not closed and (month_day or re.match(r"[-./]\d", folded[m.end() :]) is not None))
        full = bool(m["year"]) and month_day and not closed
        return NumberHit(item, "", m.start((m.lastindex and 2) or 0), m.end(), date, bare=True, full_date=full)
    return None


def _continued(folded: str, before: NumberHit, book: _Book) -> NumberHit | None:
    """``Ⅲ18-1、Ⅲ18-2``, ``Ⅲ18-1、18-2`` and ``Ⅲ18-1、2)``: the next number of a list."""
    mark = _LIST.match(folded, before.end)
    if mark is None:
        return None
    for shape in book.shapes:
        if m := shape.full.match(folded, mark.end()):
            item = book.by_tokens.get(_key(m[0]))
            if item is not None:
                date = _date_after(folded, m.end(), [g for g in m.groups() if g])
                return NumberHit(item, "", m.start(), m.end(), date, listed=True)
    tokens = next(k for k, v in book.by_tokens.items() if v == before.item)
    digits = [t for t in tokens if t.isdigit()]
    for shape in book.shapes:
        for pattern, kept in ((shape.following, 0), (shape.last, len(digits) - 1)):
            m = pattern.match(folded, mark.end()) if pattern else None
            if m is None or (pattern is shape.last and _cjk_follows(folded, m.end())):
                continue
            tail = [str(int(g)) for g in m.groups() if g]
            if len(tail) + kept != len(digits):
                continue
            new = iter([*digits[:kept], *tail])
            item = book.by_tokens.get(tuple(next(new) if t.isdigit() else t for t in tokens))
            if item is not None:
                return NumberHit(item, "", m.start(), m.end(), _date_after(folded, m.end(), tail), before.bare, listed=True)
    return None


def _date_after(folded: str, end: int, digits: list[str]) -> bool:
    """Do the numbers before ``end`` read on as a date: 18-1月, 8-1日, 3-17年?"""
    if folded[end - 1] == ")":
        return False
    mark = folded[end:].lstrip()[:1]
    numbers = [int(d) for d in digits]
    if mark == "月":
        return 1 <= numbers[-1] <= 12
    if mark == "日":
        return 1 <= numbers[-1] <= 31 and (len(numbers) == 1 or 1 <= numbers[-2] <= 12)
    return mark == "年" and len(digits[-1]) in (2, 4)


def _spaced(m: re.Match[str]) -> bool:
    """Are the numbers parted by nothing but a space?"""
    return re.search(r"\d\s+\d", m[0]) is not None and not m[0].endswith(")")


def _cjk_follows(folded: str, end: int) -> bool:
    return end < len(folded) and "㐀" <= folded[end] <= "鿿"


def _key(matched: str) -> tuple[str, ...]:
    return tuple(str(int(t)) if t.isdigit() else t for t in _TOKEN.findall(matched))


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    return fold(char)


@lru_cache(maxsize=16)  # the same name is searched for what is a number and for what is none
def _fold(text: str) -> tuple[str, tuple[int, ...]]:
    """Folded text, and for every folded character the offset of the one it came from."""
    parts = list(map(_fold_char, text))
    return "".join(parts), tuple([n for n, part in enumerate(parts) for _ in part])


_books: dict[int, tuple[Catalogue, _Book]] = {}


def _book(catalogue: Catalogue) -> _Book:
    kept = _books.get(id(catalogue))
    if kept is None or kept[0] is not catalogue:
        if len(_books) > 8:
            _books.clear()
        kept = (catalogue, _make_book(catalogue))
        _books[id(catalogue)] = kept
    return kept[1]


def _make_book(catalogue: Catalogue) -> _Book:
    by_tokens: dict[tuple[str, ...], str] = {}
    by_numbers: dict[tuple[int, ...], list[str]] = {}
    widths: dict[tuple[str, ...], list[int]] = {}
    for item in catalogue.items:
        tokens = _key(squeeze(item.id))
        by_tokens[tokens] = item.id
        shape = tuple("0" if t.isdigit() else t for t in tokens)
        digits = [t for t in tokens if t.isdigit()]
        by_numbers.setdefault(tuple(int(d) for d in digits), []).append(item.id)
        old = widths.setdefault(shape, [0] * len(digits))
        widths[shape] = [max(w, len(d)) for w, d in zip(old, digits, strict=True)]
    shapes = sorted((_shape(s, w) for s, w in widths.items() if w), key=lambda s: (-s.numbers, s.full.pattern))
    unique = {k: v[0] for k, v in by_numbers.items() if len(v) == 1}
    return _Book(shapes=tuple(shapes), by_tokens=by_tokens, by_numbers=unique)


def _shape(tokens: tuple[str, ...], widths: list[int]) -> _Shape:
    digits = [rf"(0{{0,2}}\d{{1,{w + 1}}})(?!\d)" for w in widths]
    full, rest = "", list(digits)
    for before, token in zip((None, *tokens), tokens, strict=False):
        if before is not None:
            full += _DIGIT_GAP if before == "0" == token else _LETTER_GAP
        full += rest.pop(0) if token == "0" else re.escape(token)
    lettered = tokens[0] != "0"
    guard = r"(?<![^\W_])" if not lettered or len(tokens[0]) == 1 else r"(?<![a-z])"
    numeric = _DIGIT_GAP.join(digits)
    several = lettered and len(digits) > 1 and all(t == "0" for t in tokens[1:])
    return _Shape(
        full=re.compile(rf"{guard}{full}(?:\s?\))?"),
        bare=re.compile(rf"{_OPENING}(?:{_YEAR})?{numeric}(?:\s?\))?") if several else None,
        following=re.compile(rf"{numeric}(?:\s?\))?") if several else None,
        last=re.compile(rf"{digits[-1]}(?:\s?\))?(?![-./\d])") if several else None,
        numbers=len(digits),
    )
