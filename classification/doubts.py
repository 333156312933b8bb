"""What is doubtful about the item that the words put first, though its score is high; each doubt in Chinese, for a person to settle.

A score is a sum: one loud word can make it high whatever else stands in the title, and two standards of one 内容 can share every
word of it. So the best is held against the rest of the title and against the others once more: does it explain a good part of the
title, is anything like the title known as its material, is it worded as its material usually is, does nobody else explain as much of it? The limits were chosen on titles
that nothing had been written for (benchmarks/README.md), 本项目默认.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from classification.scorer import Ranked

#: of the idiom: a title worded as the item's usually are is not strange, however few known words it holds, and is told apart from
#: its neighbours by its wording where the words are theirs too
LIKELY = math.log(0.1)
THIN, FAR = 0.4, 0.4  # below both, share explained and nearness to a name, one word alone has spoken
UNLIKE = 0.25  # nearness below which no known material is called anything like it
SO_CALLED, NEARER = 0.7, 0.3  # so near to a name, and so much nearer than the other, it may explain no more than the other does
_OTHERS, _GUESS = 3, 0.01  # of the following items that are looked at; score from which one of another 内容 is a guess at all
#: documents of the highest organs are about all the world, and a word of theirs tells less: from this score on, 本项目默认. In folds
#: of the labelled titles all 20 that scored 0.95 were right; of 29 that nobody chose for an item (real inputs) none scores so much
_SUPERIOR, SURER = re.compile("中共中央|国务院|中央军委|全国人大常委会"), 0.97


def of_the_words(ranked: Sequence[Ranked]) -> list[str]:
    """:param ranked: items under material review, best first, at least one; one that an embedding model speaks for too is not doubted alone"""
    best, *others = ranked[: 1 + _OTHERS]
    doubts = []
    worded_so = best.idiom is not None and best.idiom >= LIKELY
    strange = best.near is None and not worded_so
    if strange and best.share < THIN and best.named < FAR:
        only = f"“{best.spoke[0]}”" if best.spoke else "个别词语"
        doubts.append(f"只凭{only}等少数词语, 名称的大部分未能印证")
    elif strange and best.named < UNLIKE:
        doubts.append("没有名称与它相近的已知材料, 只凭词语相合")
    worded = max((r for r in ranked[1:] if r.idiom is not None), key=lambda r: r.idiom or 0.0, default=None)
    if worded is not None and best.idiom is not None and (worded.idiom or 0.0) > best.idiom:
        doubts.append(f"词语指向 {best.item}, 名称的写法却更像 {worded.item} 的材料")
    rivals = () if worded_so else (r for r in others if r.share >= best.share and not _called(best, r))
    rival = next((r for r in rivals if _siblings(best, r) or r.score >= _GUESS), None)
    if rival is not None:
        of = "同一内容的 " if _siblings(best, rival) else " "
        doubts.append(f"与{of}{rival.item} 难分: 名称里的词语, 它也能说明一样多")
    return doubts


def superior(titles: Iterable[str], score: float) -> list[str]:
    """Does one of them begin as a document of a highest organ does, and the words are not surer than elsewhere?"""
    m = next((m for t in titles if (m := _SUPERIOR.match(t.strip()))), None)
    return (
        [f"看来是{m[0]}的文件, 涉及面广, 文字得分 {floored(score)} 不到这类文件的 {floored(SURER)}"]
        if m and score < SURER
        else []
    )


def floored(score: float) -> str:
    """Two decimals, never more than it is: what lacks a little of a limit must not read like the limit."""
    return f"{math.floor(round(score * 100, 6)) / 100:.2f}"


def _siblings(one: Ranked, other: Ranked) -> bool:
    return one.item.partition("-")[0] == other.item.partition("-")[0]


def _called(best: Ranked, other: Ranked) -> bool:
    return best.named >= SO_CALLED and best.named - other.named >= NEARER
