"""Chinese text cut into runs and character n-grams, each weighed by how much it tells.

Words are cut into runs of letters, a run into n-grams of 2 to 4 characters. An n-gram within the general words of official
Chinese (``generic_words.txt``) says nearly nothing. No word segmentation is assumed anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_ASIDE = re.compile(r"[(\[〔【][^)\]〕】]*[)\]〕】]")
#: 市场监督管理局2016年…: the name of the office is not what the paper is about
_ISSUER = re.compile(r"^.{0,24}?(?:关于|(?:局|厅|委员会|办公室|人民政府)(?=\d{4}年))")
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
    folded = _BETWEEN.sub("", _JOINED.sub("", fold(text)))
    return [cut(r, sizes) for r in _RUN.findall(_NOISE.sub(" ", folded)) if len(r) > 1]


def head(text: str) -> str:
    """A title without the issuer before its 关于."""
    return _ISSUER.sub("", text, count=1)


def cut(run: str, sizes: Sequence[int] = SIZES) -> Run:
    """N-grams of a run: full weight outside general words, less where several of them meet, least within one."""
    pattern = _generic()
    m = pattern.search(run)
    if m is None:
        return Run(run, (1.0,) * len(run), tuple((run[at : at + n], at, 1.0) for n in sizes for at in range(len(run) - n + 1)))
    telling = [1.0] * len(run)
    reach = [0] * len(run)  # how far the general words that begin at or before a character reach
    furthest = last = 0
    while m:  # they may overlap
        at, end = m.span()
        reach[last:at] = [furthest] * (at - last)
        furthest, last = max(furthest, end), at
        telling[at:end] = [GENERIC_CHAR] * (end - at)
        m = pattern.search(run, at + 1)
    reach[last:] = [furthest] * (len(run) - last)
    free = [len(run)] * (len(run) + 1)  # the next character outside general words
    for at in range(len(run) - 1, -1, -1):
        free[at] = at if telling[at] == 1.0 else free[at + 1]
    grams = []
    for size in sizes:
        for at in range(len(run) - size + 1):
            if free[at] < at + size:
                weight = 1.0
            else:
                weight = GENERIC if reach[at] >= at + size else GENERIC_PAIR
            grams.append((run[at : at + size], at, weight))
    return Run(run, tuple(telling), tuple(grams))


@cache
def _generic() -> re.Pattern[str]:
    """One that matches the longest general word."""
    lines = (Path(__file__).parent / "generic_words.txt").read_text("utf-8").splitlines()
    words = {fold(w) for line in lines if not line.startswith("#") for w in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w))))
