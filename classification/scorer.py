"""Items ranked by words: character n-grams of the catalogue's own text against a title, a name and a body.

Each item is known by the words of its catalogue row (``fields`` is the one place where further words of an item would
join). Words are cut into runs of letters, a run into n-grams of 2 to 4 characters; an n-gram weighs more the fewer items
have it (inverse document frequency), the longer it is, the nearer its column is to the standard itself, and nearly
nothing within the general words of official Chinese (``generic_words.txt``).

The score of an item is

    saturated evidence × (how much of the title's telling part the item explains)

between 0 and 1. It is *not calibrated*: 0.8 does not mean right in 80 of 100 cases; the margins of ``Settings`` say how
it is used. Calibration needs labelled material. All weights are 本项目默认.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.catalogue import Catalogue, Item
from archive_schema.text import fold

#: columns by how near they are to the standard itself
STANDARD, CONTENT, INDICATOR, PROJECT, UNITS = 1.0, 0.85, 0.45, 0.15, 0.1
TITLE, STEM, CAPTION, FOLDER, BODY = 1.0, 0.9, 0.8, 0.4, 0.1
GENERIC = 0.12  # weight of an n-gram that lies within one general word
GENERIC_PAIR = 0.5  # and of one in which two general words meet: 服务设施
GENERIC_CHAR = 0.25  # weight of a character of a general word, when asking how much of a title is explained
HALF = 6.0  # evidence that gives half of the full score
UNEXPLAINED = 0.35  # what is left of the evidence when the title says something else as well
SPREAD = 0.55  # exponent that spreads the scores over 0…1, so that the default margins part plain cases from doubtful ones
BODY_CAP = 3.0  # a long text touches everything, so what it adds is capped
BODY_CHARS = 2000
_SIZES = (2, 3, 4)
_LENGTH = {2: 1.0, 3: 1.3, 4: 1.6}
_EXPLAIN_FROM = 15  # candidates that are looked at closely
_JOINED = re.compile(r"[“”\"'‘’《》〈〉「」『』\s]")
_RUN = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"[(\[〔【][^)\]〕】]*[)\]〕】]")
_ISSUER = re.compile(r"^.{0,24}?关于")
_NOISE = re.compile(r"\d+年度?|\d+月份?|\d+日|第[\d一二三四五六七八九十]+[届期次批号季度]*|\d+|[a-z]+(?=\d)")


class Ranked(msgspec.Struct, frozen=True):
    """One item of a ranking. ``spoke``: the words that the title and the item share, longest first."""

    item: str
    score: float
    spoke: tuple[str, ...]


class Query(msgspec.Struct, frozen=True):
    """What is known of a file in words."""

    title: str = ""
    stem: str = ""
    caption: str = ""
    folder: str = ""
    body: str = ""


def fields(item: Item) -> tuple[tuple[str, float], ...]:
    """The words an item is known by, with their weight."""
    return (
        (item.standard, STANDARD),
        (item.content, CONTENT),
        (item.indicator, INDICATOR),
        (item.project, PROJECT),
        *((u, UNITS) for u in item.units),
    )


class TextScorer:
    """Inverted index over the items of one catalogue; build once, rank many."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._ids = tuple(i.id for i in catalogue.items)
        grams: list[dict[str, float]] = []
        frequency: dict[str, int] = {}
        for item in catalogue.items:
            weights: dict[str, float] = {}
            for text, weight in fields(item):
                for run in _variants(text):
                    for gram, _, telling in _cut(run).grams:
                        weights[gram] = max(weights.get(gram, 0.0), weight * telling)
            grams.append(weights)
            for gram in weights:
                frequency[gram] = frequency.get(gram, 0) + 1
        total = len(self._ids) or 1
        ceiling = math.log(1 + total)
        idf = {g: math.log(1 + total / n) / ceiling for g, n in frequency.items()}
        index: dict[str, list[tuple[int, float]]] = {}
        for n, weights in enumerate(grams):
            for gram, weight in weights.items():
                index.setdefault(gram, []).append((n, weight * idf[gram] ** 2 * _LENGTH[len(gram)]))
        self._index = index
        self._grams = grams

    def rank(self, query: Query, boost: Mapping[str, float] | None = None, limit: int = 10) -> tuple[Ranked, ...]:
        """Items by score, best first, equal ones in natural order; those that no word speaks for are left out.

        :param boost: factor on the odds of the score per item id, from what else is known (unit, kind); 1.0 where none
        """
        heads = [(_runs(_head(t)), w) for t, w in ((query.title, TITLE), (query.stem, STEM), (query.caption, CAPTION)) if t]
        heads += [(_runs(query.folder), FOLDER)] if query.folder else []
        evidence: dict[int, float] = {}
        best: dict[str, float] = {}
        for runs, weight in heads:
            for run in runs:
                for gram, _, telling in run.grams:
                    best[gram] = max(best.get(gram, 0.0), weight * telling)
        for gram, weight in best.items():
            for n, w in self._index.get(gram, ()):
                evidence[n] = evidence.get(n, 0.0) + weight * w
        body = self._body(query.body) if query.body else {}
        for n, amount in body.items():
            evidence[n] = evidence.get(n, 0.0) + amount
        factor = boost or {}

        def key(n: int) -> tuple[float, int]:  # a catalogue's items stand in natural order
            return (-round(evidence[n] * factor.get(self._ids[n], 1.0), 9), n)

        close = heapq.nsmallest(max(_EXPLAIN_FROM, limit), evidence, key=key)
        out: list[tuple[int, Ranked]] = []
        for n in close:
            told = [(weight, *self._explained(n, runs)) for runs, weight in heads]
            share, spoke = max(((w * share, spoke) for w, share, spoke in told), default=(0.0, ()))
            score = (evidence[n] / (evidence[n] + HALF) * (UNEXPLAINED + (1 - UNEXPLAINED) * share)) ** SPREAD
            f = factor.get(self._ids[n], 1.0)
            out.append((n, Ranked(self._ids[n], round(score * f / (1 - score + score * f), 3), spoke)))
        out.sort(key=lambda r: (-r[1].score, r[0]))
        return tuple(r for _, r in out if r.score > 0)[:limit]

    def _body(self, text: str) -> dict[int, float]:
        out: dict[int, float] = {}
        seen: set[str] = set()
        for run in _runs(text[:BODY_CHARS]):
            for gram, _, telling in run.grams:
                if telling == 1.0 and len(gram) > 2 and gram not in seen:
                    seen.add(gram)
                    for n, w in self._index.get(gram, ()):
                        out[n] = out.get(n, 0.0) + BODY * w
        return {n: min(v, BODY_CAP) for n, v in out.items()}

    def _explained(self, n: int, runs: Iterable[_Run]) -> tuple[float, tuple[str, ...]]:
        """Share of the telling characters that item ``n`` has too, and the shared words."""
        weights = self._grams[n]
        telling_all = covered_all = 0.0
        words: dict[str, float] = {}
        for run in runs:
            covered = [0.0] * len(run.text)
            for gram, at, _ in run.grams:
                if (w := weights.get(gram, 0.0)) > 0:
                    for i in range(at, at + len(gram)):
                        covered[i] = max(covered[i], w)
            telling_all += sum(run.telling)
            covered_all += sum(c * t for c, t in zip(covered, run.telling, strict=True))
            start = None
            for i, c in enumerate([*covered, 0.0]):
                if c and start is None:
                    start = i
                elif not c and start is not None:
                    word = run.text[start:i]
                    words[word] = max(
                        words.get(word, 0.0), sum(c * t for c, t in zip(covered[start:i], run.telling[start:i], strict=True))
                    )
                    start = None
        spoke = tuple(sorted((w for w in words if words[w] >= 0.5), key=lambda w: (-words[w], w))[:3])
        return (covered_all / telling_all if telling_all else 0.0), spoke


def _variants(text: str) -> set[str]:
    """Runs of a catalogue text as written and without its asides: 居(村)民 is 居, 村, 民 and 居民."""
    folded = _JOINED.sub("", fold(text))
    return set(_RUN.findall(folded)) | set(_RUN.findall(_ASIDE.sub("", folded)))


def _runs(text: str) -> list[_Run]:
    folded = _JOINED.sub("", fold(text))
    return [_cut(r) for r in _RUN.findall(_NOISE.sub(" ", folded)) if len(r) > 1]


def _head(text: str) -> str:
    """A title without the issuer before its 关于."""
    return _ISSUER.sub("", text, count=1)


class _Run(msgspec.Struct, frozen=True):
    """One run of letters. ``telling``: weight per character; ``grams``: (n-gram, offset, weight)."""

    text: str
    telling: tuple[float, ...]
    grams: tuple[tuple[str, int, float], ...]


def _cut(run: str) -> _Run:
    """N-grams of a run: full weight outside general words, less where several of them meet, least within one."""
    pattern = _generic()
    telling = [1.0] * len(run)
    reach = [0] * len(run)  # how far the general words that begin at or before a character reach
    furthest = 0
    for at in range(len(run)):
        m = pattern.match(run, at)
        if m:
            furthest = max(furthest, m.end())
            telling[at : m.end()] = [GENERIC_CHAR] * (m.end() - at)
        reach[at] = furthest
    free = [len(run)] * (len(run) + 1)  # the next character outside general words
    for at in range(len(run) - 1, -1, -1):
        free[at] = at if telling[at] == 1.0 else free[at + 1]
    grams = []
    for size in _SIZES:
        for at in range(len(run) - size + 1):
            if free[at] < at + size:
                weight = 1.0
            else:
                weight = GENERIC if reach[at] >= at + size else GENERIC_PAIR
            grams.append((run[at : at + size], at, weight))
    return _Run(run, tuple(telling), tuple(grams))


@cache
def _generic() -> re.Pattern[str]:
    lines = (Path(__file__).parent / "generic_words.txt").read_text("utf-8").splitlines()
    words = {fold(w) for line in lines if not line.startswith("#") for w in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w))))
