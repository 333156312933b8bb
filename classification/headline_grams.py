"""What a title is worded in, by runs of one to three characters, with its beginning and end: 启动, 记者, ^我市, 走进$.

The cues of ``headlines`` are what somebody thought of; these are what many titles show. Only the three thousand that tell most are
kept (``headline_grams.tsv``, written by ``python -m benchmarks.fit_kinds`` together with the weights of the cues).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from classification.form_words import Said

_INNER, _FIRST, _LAST = 3, 4, 5  # longest run within, at the beginning, at the end
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_OBJECT = "物"  # in place of a word of form that is only the object of the sentence: it tells nothing of the title


def grams(text: str, words: Said | None) -> set[str]:
    """The runs of a title whose wording decides; numbers are all alike.

    :param text: folded title
    :param words: its word of form; left out where it stands at the very end
    """
    if words is not None and words.after == 0 and words.word and (at := text.rfind(words.word)) >= 0:
        text = text[:at] + _OBJECT
    plain = _SPACE.sub(" ", _DIGITS.sub("0", text)).strip()
    whole = f"^{plain}$"
    found = {whole[n : n + size] for size in range(1, _INNER + 1) for n in range(len(whole) - size + 1)}
    found.update("^" + plain[:size] for size in range(1, _FIRST + 1))
    found.update(plain[-size:] + "$" for size in range(1, _LAST + 1))
    return found - {"^", "$"}


@cache
def weights() -> dict[str, tuple[float, ...]]:
    """By run one weight per kind, in the order of ``EvidenceKind``."""
    text = (Path(__file__).parent / "headline_grams.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.split("\n") if line and not line.startswith(("#", "feature\t")))
    return {name: (float(a), float(b), float(c), float(d)) for name, a, b, c, d in rows}
