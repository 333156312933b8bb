"""The kind that a bare title is worded as: 关于…的通知 is a document, 我市启动… the news of an event, 全市…率达95% a report.

The word of form that a title ends in decides, unless a sign says that it is only spoken of (公布…名单, 提高…率). What else there is is weighed in one
linear model (``kind_weights.tsv``, written by ``python -m benchmarks.fit_kinds``): signs that somebody thought of (``kind_signs.tsv``: a pattern and
what it says to people), the word of form and where it stands (``form_words``), and the runs of characters that many titles show. The rule
that the titles were labelled by stands in tests/classification/labelled/README.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.evidence import KindGuess
from archive_schema.text import display
from archive_schema.words import EvidenceKind as K
from classification.form_words import NAMED, Said, bare, rows, said

MOST = 0.75  # most that a title alone is believed, 本项目默认: no file has shown its bytes
SHORT, SHORT_MOST = 6, 0.5  # a title without a word of form and with fewer Chinese characters is believed no more, 本项目默认
SHORTEST = 4  # Chinese characters from which it tells something, 本项目默认
LONGEST = 300  # characters: what is longer is a text and no title
RUNS, FIRST, LAST = 3, 5, 6  # longest run of characters within, at the beginning, at the end
_NEAR = 8  # characters behind a word of form within which it still tells something
_SPOKE, _TELLS = 2, 0.3  # most reasons given, and the least weight of one above the mean of the kinds
_STEP = 4  # characters by which lengths are told apart, up to _LONG steps
_LONG = 9
_KINDS = tuple(K)
_ABOUT = "关于"  # 关于…的通知 is what its last word says, whatever it is about
_BESIDE = {"roll": ("名单", "名录"), "state": ("情况", "基本情况", "状况")}
_HAN = re.compile("[㐀-鿿]")
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")


class Sign(msgspec.Struct, frozen=True):
    """``says``: the reason given to people, "" = none worth giving; ``beside``: see the head of kind_signs.tsv."""

    name: str
    beside: str
    says: str
    pattern: re.Pattern[str]


def told(title: str, table: Mapping[str, tuple[float, ...]] | None = None) -> KindGuess | None:
    """The kind that a bare title is worded as, with what speaks for it most; None = too short or too long to tell.

    :param title: as written, with or without the extension of a file
    :param table: weights by feature, by default those fitted
    """
    text, words = bare(title), said(title)
    if len(text) > LONGEST or (words is None and len(_HAN.findall(text)) < SHORTEST):
        return None
    if words is not None and decides(text, words):
        return KindGuess(words.kind, MOST, (f"标题以“{words.word}”收尾",))
    return weighed(text, words, weights() if table is None else table)


def decides(text: str, words: Said) -> bool:
    """Is the word of form what the title is, and not only what it speaks of?

    :param text: folded title
    """
    if words.after or words.word in NAMED or _ABOUT in text:
        return not words.after
    return not any(sign.pattern.search(text) for sign in _beside(words.word, words.role))


@cache
def _beside(word: str, role: str) -> tuple[Sign, ...]:
    """The signs that tell beside a word of form, where it is only spoken of."""

    def asked(beside: str) -> bool:
        return role == "clause" if beside == "clause" else beside == "form" or word in _BESIDE.get(beside, ())

    return tuple(sign for sign in signs() if asked(sign.beside))


def weighed(text: str, words: Said | None, table: Mapping[str, tuple[float, ...]]) -> KindGuess:
    """The most probable kind.

    :param text: folded title
    :param words: its word of form
    """
    found = features(text, words)
    shown = [table["always"], *(table[f] for f in found if f in table)]
    sums = [math.fsum(column) for column in zip(*shown, strict=True)]
    top = max(sums)
    odds = [math.exp(s - top) for s in sums]
    best = odds.index(max(odds))
    kind = _KINDS[best]
    other = words is not None and words.kind is not kind  # a word of form is no reason for another kind than its own
    said_ = (f for f in found if found[f] and f in table and not (other and f.startswith(("form ", "word "))))
    spoke = sorted(((table[f][best] - sum(table[f]) / len(_KINDS), f) for f in said_), reverse=True)
    reasons = dict.fromkeys(found[f] for weight, f in spoke if weight >= _TELLS)
    most = SHORT_MOST if words is None and len(_HAN.findall(text)) < SHORT else MOST
    score = round(min(most, 1.0 / sum(odds)), 2)
    return KindGuess(kind, score, tuple(reasons)[:_SPOKE] or (f"写法像“{kind.value}”的标题",))


def features(text: str, words: Said | None) -> dict[str, str]:
    """What a title shows, with the reason given to people or "".

    :param text: folded title
    """
    out: dict[str, str] = {}
    form = "none"
    if words is not None:
        where = "end" if words.after == 0 else "near" if words.after <= _NEAR else "far"
        kind, ends = words.kind.name.lower(), where == "end"
        form = f"{kind}:{'end' if ends else 'within'}"
        by = f"标题{'以' if ends else '含'}“{words.word}”{'收尾' if ends else ''}"
        if words.word not in text:  # 照”片 holds it but for a quotation mark
            by = ""
        out |= {f"form {kind}:{where}": by, f"word {words.word}:{where}": by, f"role {words.role}:{where}:{kind}": ""}
    else:
        out["form none"] = ""
    for sign in signs():
        if m := sign.pattern.search(text):
            says = sign.says.replace("{}", display(m[0].strip(), 12)) if m[0].strip() or "{}" not in sign.says else ""
            out[f"sign {sign.name}"] = says
            if sign.beside != "-":
                out[f"sign {sign.name} & {form}"] = says
    out[f"length {min(len(_HAN.findall(text)) // _STEP, _LONG)}"] = ""
    out.update(dict.fromkeys(runs(text), ""))
    return out


def runs(text: str) -> set[str]:
    """The runs of characters of a title, with its beginning ^ and its end $, as features; numbers are all alike."""
    plain = _SPACE.sub(" ", _DIGITS.sub("0", text)).strip()
    whole = f"^{plain}$"
    found = {whole[n : n + size] for size in range(1, RUNS + 1) for n in range(len(whole) - size + 1)}
    found.update("^" + plain[:size] for size in range(1, FIRST + 1))
    found.update(plain[-size:] + "$" for size in range(1, LAST + 1))
    return {f"run {r}" for r in found - {"^", "$"}}


@cache
def signs() -> tuple[Sign, ...]:
    parts: dict[str, str] = {}
    out = []
    for row in rows("kind_signs.tsv"):
        if row["sign"].startswith("="):
            parts[row["sign"][1:]] = row["pattern"]
            continue
        pattern = row["pattern"]
        for name, alternation in parts.items():
            pattern = pattern.replace(f"{{{name}}}", alternation)
        out.append(Sign(row["sign"], row["beside"], row["says"], re.compile(pattern)))
    return tuple(out)


@cache
def weights() -> dict[str, tuple[float, ...]]:
    """By feature one weight per kind, in the order of ``EvidenceKind``; ``always`` is added for every title."""
    lines = (Path(__file__).parent / "kind_weights.tsv").read_text("utf-8").split("\n")
    cells = (line.split("\t") for line in lines if line and not line.startswith(("#", "feature\t")))
    return {name: (float(a), float(b), float(c), float(d)) for name, a, b, c, d in cells}
