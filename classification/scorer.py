"""Items ranked by words; the score is the probability that an archivist would file the paper there.

For every item, and for every subject that is nobody's, these are measured against a title, a name and a body:

- evidence  shared character n-grams; one weighs more the fewer items have it, the longer it is, the nearer its column is to
            the standard itself, and nearly nothing within the general words of official Chinese
- words     whole words of the item's vocabulary that stand in the title
- share     how much of the title's telling part the item explains
- named     how near the title is, as a whole, to the names of typical material (``typical``)
- idiom     how probable it is by the wording of titles learned for the reference catalogue (``idiom``), where there is that

A weighted sum of these is the item's strength; what is known of unit and kind is added, and for a standard of the reference
catalogue what its titles showed it to be worth more or less than that (a constant of its own). "Nobody's" has a strength of its
own: a constant, and what the best of the other subjects has. The score is the item's part of all: exp(strength) over the
sum (a conditional logit). The weights were fitted so that 0.8 means right in about 80 of 100 cases (``weights.toml``), and
cooled by the ``temperature`` that titles asked for which no word had been written for: a fit trusts the words it knows too much;
``make eval`` shows how far that holds on titles which had no part in it.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from operator import mul
from pathlib import Path
from types import EllipsisType

import msgspec

from archive_schema.catalogue import Catalogue
from classification import idiom
from classification.idiom import LEAST, NOBODY, Idiom
from classification.knowledge import Known, known
from classification.lexicon import Holders, Lexicon, nothing_to_collect
from classification.typical import TypicalNames
from classification.vocabulary import Run, head, runs

TITLE, STEM, CAPTION, FOLDER, BODY = 1.0, 0.9, 0.8, 0.4, 0.1
BODY_CAP = 2.0  # a long text touches everything, so what it adds is capped
BODY_CHARS = 2000
_MOST = 6.0  # telling characters of one word that count
_LISTED, _LISTED_FROM = 0.6, 4  # a word of the vocabulary so long tells at least that much a character: 文明单位
_CLOSE = 10  # candidates that are looked at closely
_SAYING = 2.0  # telling characters that every title counts as having: who explains all of 工作总结 has explained nothing
_NAME = 5.0  # what nearness to a name counts beside evidence, where it is chosen what is looked at closely
_USUAL = 12.0  # and the probability that the idiom gives
_GUESSED = 0.05  # probability from which it makes an item a candidate that no word speaks for
_SAID = -3.0  # log-probability from which words are looked for that the idiom goes by, where no other word speaks
_CERTAIN = 0.995  # words alone never make certain
_ENOUGH = 12.0  # telling characters from which a title is as long as any

_SHARED = re.compile(rb"\x01+")  # of a run, where something has it too

#: a run, and its n-grams that something has: (n-gram, offset, weight, who)
_Met = tuple[Run, list[tuple[str, int, float, Holders]]]
#: titles cut into runs, and what each counts
_Heads = Sequence[tuple[list[_Met], float]]


class Ranked(msgspec.Struct, frozen=True):
    """One item of a ranking. ``spoke``: the words that the title and the item share, most telling first; ``near``: the cosine
    of a title that an embedding model calls near it (``semantics``); ``share``, ``named`` and ``idiom`` as in ``Features``."""

    item: str
    score: float
    spoke: tuple[str, ...]
    near: float | None = None
    share: float = 0.0
    named: float = 0.0
    idiom: float | None = None


class Query(msgspec.Struct, frozen=True):
    """What is known of a file in words."""

    title: str = ""
    stem: str = ""
    caption: str = ""
    folder: str = ""
    body: str = ""


class Features(msgspec.Struct, frozen=True):
    """What speaks for one item or subject: ``evidence`` and ``words`` as log(1 + x), ``share`` 0 … 1, ``named`` 0 … 1.75, ``idiom`` a
    log-probability, None where none is known."""

    evidence: float
    words: float
    share: float
    named: float = 0.0
    idiom: float | None = None


class Measured(msgspec.Struct, frozen=True):
    """A query against everything known.

    items    (item, features, words that spoke), the closest ones
    nobody   features of the best other subject, and its name ("" = none speaks); ``named`` is the most of any of them
    unknown  share of the telling characters that nothing known has
    telling  telling characters of the title, or of what stands in its place
    letters  letters of it, without numbers
    usual    log-probabilities of the idiom, as it tells them; empty where there is none
    """

    items: tuple[tuple[str, Features, tuple[str, ...]], ...]
    nobody: Features
    subject: str
    unknown: float
    telling: float
    letters: int = 0
    usual: Mapping[str, float] = {}

    @property
    def length(self) -> float:
        """0 … 1 = as long as any."""
        return min(self.telling, _ENOUGH) / _ENOUGH


class Weights(msgspec.Struct, frozen=True):
    """``temperature``: every strength is divided by it before scores are made of them; it changes no order.
    ``standards``: mark of a standard (``idiom.mark``) → what is added to the strength of its item."""

    item: dict[str, float]
    nobody: dict[str, float]
    temperature: float = 1.0
    standards: dict[str, float] = {}


class TextScorer:
    """Inverted index over the items of one catalogue and the other subjects; build once, rank many.

    :param examples: item → titles that people placed there
    :param everything: what is known, when it is not all that ``known`` gives (fitting thins it out)
    :param weighing: weights other than those of ``weights.toml`` (measuring in folds)
    :param usual: an idiom other than the one shipped for the catalogue, if any; None = without
    """

    def __init__(
        self,
        catalogue: Catalogue,
        examples: Mapping[str, Sequence[str]] | None = None,
        everything: Sequence[Known] | None = None,
        weighing: Weights | None = None,
        usual: Idiom | EllipsisType | None = ...,
    ) -> None:
        with nothing_to_collect():
            self._known = known(catalogue, examples) if everything is None else tuple(everything)
            self._idiom = idiom.shipped(catalogue) if usual is ... else usual
            self.weights = weighing or weights(learned=self._idiom is not None)
            self._without = weighing or weights(learned=False)
            own = self.weights.standards
            self._own = {i.id: own[m] for i in catalogue.items if (m := idiom.mark(i)) in own} if own else {}
            self._material = {i.id for i in catalogue.material}
            self._number = {k.item: n for n, k in enumerate(self._known) if k.item}
            self._lexicon = Lexicon(self._known)
            self._typical = TypicalNames(k.names for k in self._known)
            self._taught = TypicalNames((examples or {}).get(k.item, ()) for k in self._known) if examples else None

    def rank(self, query: Query, odds: Mapping[str, float] | None = None, limit: int = 10) -> tuple[Ranked, ...]:
        """Items by score, best first, equal ones in natural order; those that no word speaks for are left out.

        :param odds: log-odds added per item id for what else is known (unit, kind)
        """
        return self.judge(self.measure(query), odds, limit)

    def judge(self, m: Measured, odds: Mapping[str, float] | None = None, limit: int = 10) -> tuple[Ranked, ...]:
        """The scores of what was measured."""
        more, w = odds or {}, self.weights_for(m)
        own = self._own if w.standards else {}
        nobody = _nobody(w.nobody, m) / w.temperature
        strength = [
            (_strength(w.item, f, material=item in self._material) + more.get(item, 0.0) + own.get(item, 0.0)) / w.temperature
            for item, f, _ in m.items
        ]
        top = max([nobody, *strength])
        total = math.exp(nobody - top) + math.fsum(math.exp(s - top) for s in strength)
        scores = [min(round(math.exp(s - top) / total, 3), _CERTAIN) for s in strength]
        out = [
            Ranked(item, score, spoke, share=f.share, named=f.named, idiom=f.idiom)
            for score, (item, f, spoke) in zip(scores, m.items, strict=True)
        ]
        order = sorted(range(len(out)), key=lambda n: (-round(strength[n], 9), n))
        return tuple(out[n] for n in order if out[n].score > 0)[:limit]

    def weights_for(self, m: Measured) -> Weights:
        """Those with an idiom, where it had a title to speak of."""
        return self.weights if m.nobody.idiom is not None else self._without

    def measure(self, query: Query) -> Measured:
        """Everything that speaks for the items near the query, in catalogue order."""
        texts = [(_of_title(t), w) for t, w in ((query.title, TITLE), (query.stem, STEM), (query.caption, CAPTION)) if t]
        texts += [(runs(query.folder), FOLDER)] if query.folder else []
        heads = [([self._met(run) for run in found], w) for found, w in texts if found]
        evidence = self._evidence(heads, query.body)
        words = self._whole_words(heads)
        named = self._named(heads)

        logs, said = self._idioms(query)
        likely = {self._number[i]: _USUAL * math.exp(log) for i, log in logs.items() if i in self._number}
        for n in (*named, *(n for n, p in likely.items() if p >= _GUESSED * _USUAL)):
            if self._known[n].item:
                evidence.setdefault(n, 0.0)
        worth = dict(evidence)
        for more, factor in ((words, 3), (named, _NAME), (likely, 1)):
            for n, amount in more.items():
                if n in worth:
                    worth[n] += factor * amount
        # rounded, so that the last bits decide nothing: those at hand only
        least = min(sorted(worth.values(), reverse=True)[:_CLOSE], default=0.0) - 1e-8
        close = sorted([(-round(w, 9), n) for n, w in worth.items() if w >= least])[:_CLOSE]
        met = self._explained([n for _, n in close], heads)
        items: list[tuple[str, Features, tuple[str, ...]]] = []
        best, subject, most = Features(0.0, 0.0, 0.0), "", 0.0
        for n in sorted(n for _, n in close):
            share, spoke = met[n]
            k = self._known[n]
            usual = self._idiom.log(logs, k.item) if self._idiom is not None and k.item and logs else None
            f = Features(math.log1p(evidence[n]), math.log1p(words.get(n, 0.0)), share, named.get(n, 0.0), usual)
            if k.item:
                if not spoke and self._idiom is not None and usual is not None and usual > _SAID:
                    spoke = self._idiom.spoke(said, k.item)
                items.append((k.item, f, spoke))
            elif (speaks := f.evidence + 0.7 * f.words + f.share) > most:
                best, subject, most = f, k.name, speaks
        nobodys = max((near for n, near in named.items() if not self._known[n].item), default=0.0)
        best = msgspec.structs.replace(best, named=nobodys, idiom=logs.get(NOBODY, LEAST) if logs else None)
        unknown, telling, letters = max((self._unknown(found) for found, _ in heads), key=lambda u: u[1], default=(1.0, 0.0, 0))
        return Measured(tuple(items), best, subject, unknown, telling, letters, logs)

    def silent(self, m: Measured, item: str) -> Features:
        """Of an item that no word of what was measured speaks for: what the idiom says of it is not nothing, but little."""
        usual = self._idiom.log(m.usual, item) if self._idiom is not None and m.usual else None
        return Features(0.0, 0.0, 0.0, idiom=usual)

    def _idioms(self, query: Query) -> tuple[Mapping[str, float], str]:
        """What the idiom says of the title, or of what stands in its place: of the texts at hand the most that one of them says.

        A title like one that people placed is worded as usual there, whatever was learned before.
        """
        texts = [(t, w) for t, w in ((query.title, TITLE), (query.stem, STEM), (query.caption, CAPTION)) if t]
        if self._idiom is None or not texts:
            return {}, ""
        out: dict[str, float] = {}
        for text, weight in texts:
            logs, off = self._idiom.logs(text), math.log(weight)
            if not out and not off:
                out = logs
            else:
                for item, log in logs.items():
                    out[item] = max(out.get(item, LEAST), log + off)
            taught = self._taught.near(_of_title(text)) if out and self._taught is not None else {}
            for n, near in taught.items():
                item, likely = self._known[n].item, min(weight * near, _CERTAIN)
                out[item] = max(out.get(item, LEAST), math.log(likely))
                out[NOBODY] = min(out.get(NOBODY, LEAST), math.log(1.0 - likely))
        return out, " ".join(t for t, _ in texts)

    def _met(self, run: Run) -> _Met:
        index = self._lexicon.index
        return run, [(gram, at, telling, index[gram]) for gram, at, telling in run.grams if gram in index]

    def _named(self, heads: _Heads) -> dict[int, float]:
        out: dict[int, float] = {}
        for found, weight in heads:
            for n, near in self._typical.near(run for run, _ in found).items():
                out[n] = max(out.get(n, 0.0), weight * near)
        return out

    def _evidence(self, heads: _Heads, text: str) -> dict[int, float]:
        best: dict[str, tuple[float, Holders]] = {}
        for found, weight in heads:
            for _, met in found:
                for gram, _, telling, holders in met:
                    worth = weight * telling
                    if gram not in best or worth > best[gram][0]:
                        best[gram] = worth, holders
        sums = [0.0] * len(self._known)
        for worth, holders in best.values():
            for n, adds, _ in holders:
                sums[n] += worth * adds
        out = {n: amount for n, amount in enumerate(sums) if amount}
        for n, amount in (self._body(text) if text else {}).items():
            out[n] = out.get(n, 0.0) + amount
        return out

    def _body(self, text: str) -> dict[int, float]:
        out: dict[int, float] = {}
        seen: set[str] = set()
        for run in runs(text[:BODY_CHARS]):
            for gram, _, telling in run.grams:
                if telling == 1.0 and len(gram) > 2 and gram not in seen:
                    seen.add(gram)
                    for n, w, _ in self._lexicon.index.get(gram, ()):
                        out[n] = out.get(n, 0.0) + BODY * w
        return {n: min(v, BODY_CAP) for n, v in out.items()}

    def _whole_words(self, heads: _Heads) -> dict[int, float]:
        """Per item or subject the worth of the words that stand in a title as a whole, none counted within another."""
        out: dict[int, float] = {}
        for found, weight in heads:
            hits: dict[int, list[tuple[float, int, int]]] = {}
            start = 0
            for run, _ in found:
                for a, b, owners in self._lexicon.words_in(run.text):
                    tells = math.fsum(run.telling[a:b])
                    if b - a >= _LISTED_FROM:
                        tells = max(tells, _LISTED * (b - a))
                    for n, w in owners:
                        worth = weight * w * min(tells, _MOST)
                        hits.setdefault(n, []).append((-worth, start + a, start + b))
                start += len(run.text)
            for n, all_of in hits.items():
                taken: list[tuple[int, int]] = []
                worth = 0.0
                for minus, a, b in sorted(all_of):
                    if all(b <= c or a >= d for c, d in taken):
                        taken.append((a, b))
                        worth -= minus
                out[n] = max(out.get(n, 0.0), worth)
        return out

    def _unknown(self, found: Iterable[_Met]) -> tuple[float, float, int]:
        """Share of the telling characters in no n-gram that anything has, how much the title tells at all, and how long it is."""
        strange = own = letters = 0
        telling = 0.0
        for run, met in found:
            covered = [False] * len(run.text)
            for gram, at, weight, _ in met:
                if weight == 1.0:
                    covered[at : at + len(gram)] = [True] * len(gram)
            letters += len(run.text)
            telling += math.fsum(run.telling)
            own += sum(t == 1.0 for t in run.telling)
            strange += sum(t == 1.0 and not c for c, t in zip(covered, run.telling, strict=True))
        return (strange / own if own else 1.0), telling, letters

    def _explained(self, close: Iterable[int], heads: _Heads) -> dict[int, tuple[float, tuple[str, ...]]]:
        """Of each of ``close`` the share of the telling characters that it has too, and the shared words, by the title that says most."""
        out: dict[int, tuple[float, tuple[str, ...]]] = dict.fromkeys(close, (0.0, ()))
        for found, weight in heads:
            telling = 0.0
            shares: dict[int, float] = {}
            words: dict[int, dict[str, float]] = {}
            for run, met in found:
                telling += math.fsum(run.telling)
                for n, covered in self._covered(out, len(run.text), met).items():
                    worth = list(map(mul, covered, run.telling))
                    shares[n] = shares.get(n, 0.0) + sum(worth)
                    own = words.setdefault(n, {})
                    for part in _SHARED.finditer(bytes(map(bool, covered))):
                        start, end = part.span()
                        word = run.text[start:end]
                        own[word] = max(own.get(word, 0.0), sum(worth[start:end]))
            for n, share in shares.items():
                own = words[n]
                spoke = tuple(sorted((w for w in own if own[w] >= 0.5), key=lambda w: (-own[w], w))[:3])
                out[n] = max(out[n], (weight * (share / max(telling, _SAYING)), spoke))
        return out

    @staticmethod
    def _covered(close: Container[int], length: int, met: Iterable[tuple[str, int, float, Holders]]) -> dict[int, list[float]]:
        """Of each of ``close`` what it has in common with a run: by character the most that an n-gram with it weighs there."""
        out: dict[int, list[float]] = {}
        for gram, at, _, holders in met:
            end = at + len(gram)
            for n, _, w in holders:
                if n in close:
                    covered = out.get(n)
                    if covered is None:
                        covered = out[n] = [0.0] * length
                    elif w <= min(covered[at:end]):  # as most, a shorter one within having said as much
                        continue
                    for i in range(at, end):
                        if w > covered[i]:
                            covered[i] = w
        return out


def _strength(w: Mapping[str, float], f: Features, *, material: bool) -> float:
    return _sum(w, f) + (0.0 if material else w["no_material"])


def _nobody(w: Mapping[str, float], m: Measured) -> float:
    return w["always"] + w["unknown"] * m.unknown + w["length"] * m.length + _sum(w, m.nobody)


def _sum(w: Mapping[str, float], f: Features) -> float:
    z = w["evidence"] * f.evidence + w["words"] * f.words + w["share"] * f.share + w["named"] * f.named
    return z + w["idiom"] * (f.idiom or 0.0)


def tells(query: Query) -> float:
    """Telling characters of title, name, caption or folder, whichever tells most; as ``Measured.telling``, and cheap."""
    heads = [*(_of_title(t) for t in (query.title, query.stem, query.caption) if t), runs(query.folder)]
    return max(math.fsum(math.fsum(run.telling) for run in found) for found in heads)


def _of_title(text: str) -> list[Run]:
    return runs(head(text)) or runs(text)


@cache
def weights(*, learned: bool = True) -> Weights:
    """:param learned: those for a catalogue with an idiom, else those for one without"""
    text = (Path(__file__).parent / "weights.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["with_idiom" if learned else "without_idiom"], Weights)
