"""Chinese text cut into runs and character n-grams, each weighed by how much it tells.

Words are cut into runs of letters, a run into n-grams of 2 to 4 characters. An n-gram within the general words of official
Chinese (``generic_words.txt``) says nearly nothing. No word segmentation is assumed anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.text import fold, squeeze

SIZES = (2, 3, 4)
GENERIC = 0.12  # weight of an n-gram that lies within one general word
GENERIC_PAIR = 0.5  # and of one in which two general words meet: 服务设施
GENERIC_CHAR = 0.25  # weight of a character of a general word, when asking how much of a title is explained
_JOINED = re.compile(r"[“”\"'‘’《》〈〉「」『』\s]")
_RUN = re.compile(r"[^\W_]+")
_PLAIN = re.compile(r"[一-鿿]+")  # nothing to fold or to cut
_ORDINAL = "第"  # but a number in words
_ASIDE = re.compile(r"[(\[〔【][^)\]〕】]*[)\]〕】]")
#: 市场监督管理局2016年…: the name of the office is not what the paper is about
_ISSUER = re.compile(r"^.{0,24}?(?:关于|(?:局|厅|委员会|办公室|人民政府)(?=\d{4}年))")
_ABOUT, _YEAR = "关于", "年"  # one of which it has
_BETWEEN = re.compile(r"(?<=[㐀-鿿])\(([㐀-鿿]{1,2})\)(?=[㐀-鿿])")  # 村(居)务公开
_NOISE = re.compile(r"\d+年度?|\d+月份?|\d+日|第[\d一二三四五六七八九十]+[届期次批号季度]*|\d+|[a-z]+(?=\d)")


class Run(msgspec.Struct, frozen=True):
    """One run of letters. ``telling``: weight per character; ``grams``: (n-gram, offset, weight)."""

    text: str
    telling: tuple[float, ...]
    grams: tuple[tuple[str, int, float], ...]


def squeezed(text: str) -> str:
    """``squeeze``, at once where a text is nothing but Chinese characters, as nearly all words are."""
    return text if _PLAIN.fullmatch(text) else squeeze(text)


def variants(text: str) -> set[str]:
    """Runs of a catalogue text as written and without its asides: 居(村)民 is 居, 村, 民 and 居民."""
    if _PLAIN.fullmatch(text):
        return {text}
    folded = _JOINED.sub("", fold(text))
    return set(_RUN.findall(folded)) | set(_RUN.findall(_ASIDE.sub("", folded)))


def runs(text: str, sizes: Sequence[int] = SIZES) -> list[Run]:
    """The runs of a title or a text without its numbers and dates."""
    if _PLAIN.fullmatch(text) and _ORDINAL not in text:
        return [cut(text, sizes)] if len(text) > 1 else []
    folded = _BETWEEN.sub("", _JOINED.sub("", fold(text)))
    return [cut(r, sizes) for r in _RUN.findall(_NOISE.sub(" ", folded)) if len(r) > 1]


def head(text: str) -> str:
    """A title without the issuer before its 关于."""
    return _ISSUER.sub("", text, count=1) if _ABOUT in text or _YEAR in text else text


def cut(run: str, sizes: Sequence[int] = SIZES) -> Run:
    """N-grams of a run: full weight outside general words, less where several of them meet, least within one."""
    telling = [1.0] * len(run)
    for at, end in (spans := general(run)):
        telling[at:end] = [GENERIC_CHAR] * (end - at)
    places = [at for size in sizes for at in range(len(run) - size + 1)]
    grams = zip(pieces(run, sizes), places, weights(len(run), sizes, spans), strict=True)
    return Run(run, tuple(telling), tuple(grams))


def pieces(run: str, sizes: Sequence[int] = SIZES) -> list[str]:
    """The n-grams of a run, size by size."""
    return [run[at : at + size] for size in sizes for at in range(len(run) - size + 1)]


def general(run: str) -> list[tuple[int, int]]:
    """Where general words begin and end in a run; they may overlap, and one may lie within another."""
    pattern, spans = _generic(), []
    m = pattern.search(run)
    while m:
        spans.append(m.span())
        m = pattern.search(run, m.start() + 1)
    return spans


def weights(length: int, sizes: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[float]:
    """Of the ``pieces`` of a run so long.

    :param spans: where its ``general`` words stand
    """
    out: list[float] = []
    meeting = _meeting(spans) if len(spans) > 1 else []
    for size in sizes:
        own = [1.0] * (length - size + 1)
        for at, end in meeting:  # what lies within one of the words overrules it
            if end - at >= size:
                own[at : end - size + 1] = [GENERIC_PAIR] * (end - size + 1 - at)
        for at, end in spans:
            if end - at >= size:
                own[at : end - size + 1] = [GENERIC] * (end - size + 1 - at)
        out += own
    return out


def _meeting(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where general words stand without anything between them."""
    out: list[tuple[int, int]] = []
    for at, end in spans:
        if out and at <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], end)
        else:
            out.append((at, end))
    return out


@cache
def _generic() -> re.Pattern[str]:
    """One that matches the longest general word."""
    lines = (Path(__file__).parent / "generic_words.txt").read_text("utf-8").splitlines()
    words = {fold(w) for line in lines if not line.startswith("#") for w in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w))))
