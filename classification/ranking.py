"""The items that the words of one title and text rank, and what the ranking says of itself: is it too short, too general, how is it worded."""

from __future__ import annotations

import math

import msgspec

from archive_schema.text import display
from classification.scorer import Ranked
from classification.vocabulary import GENERIC_CHAR

TOO_SHORT = 3.0  # telling characters up to which a title says too little for an automatic placement, 本项目默认
FEW, WORDED_SO = 5, math.log(0.6)  # unless it has more letters, so surely worded as such material: 第六届全国文明单位名单
IDIOM_SAID = math.log(0.3)  # probability by the wording from which it is given as a reason


class Ranking(msgspec.Struct, frozen=True):
    """Items under material review by text score, and the best of the others.

    subject  a subject that is nobody's and takes a good part of the probability, "" = none
    telling  telling characters of the title, of its ``letters``
    """

    material: tuple[Ranked, ...]
    field: Ranked | None
    subject: str
    telling: float
    letters: int

    @property
    def worded_so(self) -> bool:
        """Is the title worded as the best item's material usually is, beyond doubt?"""
        usual = self.material[0].idiom if self.material else None
        return usual is not None and usual >= WORDED_SO

    @property
    def idle(self) -> bool:
        """General words alone (活动现场照片): whatever a chance of wording makes of them, there is nothing to file it by."""
        return self.telling <= GENERIC_CHAR * self.letters and not self.worded_so

    @property
    def too_short(self) -> bool:
        """A few characters say something, and not so surely that these few are enough."""
        return self.telling <= TOO_SHORT and not (self.worded_so and self.letters > FEW)

    def score(self, item: str) -> float:
        return next((r.score for r in self.material if r.item == item), 0.0)


def spoke(ranked: Ranked) -> list[str]:
    """What made an item score, in Chinese: words, wording, an embedding model."""
    words = [f"文字含{''.join(f'“{display(w, 24)}”' for w in ranked.spoke)}"] if ranked.spoke else []
    if ranked.idiom is not None and ranked.idiom >= IDIOM_SAID:
        words.append(f"名称的写法像这一标准的材料({math.exp(ranked.idiom):.2f})")
    return [*words, *([f"语义相近 {ranked.near:.2f}"] if ranked.near is not None else [])]
