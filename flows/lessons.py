"""What people decided before, as a second opinion on files of which the first one is not sure.

Rebuilt at the start of every run from the decisions and titles held, never stored: restored, resumed or run with Prefect, it is the same. What
the cold classifier places by itself stays where it is; only what it leaves to a person is looked at again, and placed when a title that somebody
confirmed there is like it and none that somebody rejected there is more so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

import msgspec

from archive_schema import canonical
from archive_schema.catalogue import Catalogue
from archive_schema.decisions import in_force
from archive_schema.evidence import Placement, Proposal, Source
from archive_schema.words import DecisionAction, PlacementStatus
from classification import learning
from classification.learning import ALIKE, Key, likeness
from intake.caption import name_that_tells
from storage.index import Index, Shas

_SPOKEN = (DecisionAction.ACCEPT, DecisionAction.MOVE, DecisionAction.REJECT)
#: between a classifier's version and the lessons that were asked besides
_BESIDES = "+"
_HAN = re.compile("[\u4e00-\u9fff]")


class Lessons(msgspec.Struct, frozen=True, dict=True):
    """Item → titles that people confirmed there, and titles that they rejected there."""

    confirmed: Mapping[str, tuple[str, ...]] = {}
    rejected: Mapping[str, tuple[str, ...]] = {}

    @cached_property
    def mark(self) -> str:
        """What stands behind the classifier's version of a proposal that asked them; "" when nothing was decided."""
        if not self.confirmed:
            return ""
        return _BESIDES + canonical.digest([dict(self.confirmed), dict(self.rejected)])[:8]

    def support(self, item: str, titles: list[str]) -> bool:
        """Is one of the titles like one that was confirmed for the item, and less like any that was rejected there."""
        near = _nearest(titles, self.confirmed.get(item, ()))
        return near >= ALIKE and near > _nearest(titles, self.rejected.get(item, ()))


def _nearest(titles: list[str], examples: tuple[str, ...]) -> float:
    return max((likeness(t, e) for t in titles for e in examples), default=0.0)


def lessons(index: Index, catalogue: Catalogue) -> Lessons:
    """From the decisions in force, and the titles of the files they speak of."""
    shas = {d.sha256 for d in in_force(index.decisions()) if d.sha256 and d.action in _SPOKEN}
    if not shas:
        return Lessons()
    placements = list(index.placements(shas))
    named = titles(index, shas)
    turned = [
        msgspec.structs.replace(p, status=PlacementStatus.CONFIRMED)
        for p in placements
        if p.status is PlacementStatus.REJECTED and p.decision
    ]
    return Lessons(learning.examples(placements, named, catalogue), learning.examples(turned, named, catalogue))


def titles(index: Index, shas: Shas = None) -> dict[Key, str]:
    """(sha256, unit) → the title that was read, else what the form or the caption says, else the file's name; "" = nothing that tells."""
    read = {}
    for e in index.evidence(shas):
        told = (e.facts[k].value for k in ("title", "caption") if k in e.facts)
        read[e.sha256] = next((v for v in told if isinstance(v, str) and v), "")
    out: dict[Key, str] = {}
    for s in index.sources(shas):
        name = read.get(s.sha256) or _said(s)
        key = (s.sha256, s.unit)
        if not out.get(key) or (name and name < out[key]):
            out[key] = name
    return out


def _said(s: Source) -> str:
    """What a source is called. A name without a Chinese character tells nothing: cameras and programs gave it."""
    if s.form is not None and s.form.title:
        return s.form.title
    if s.caption is not None and s.caption.value:
        return str(s.caption.value)
    name = name_that_tells(s.path)
    return name if _HAN.search(name) else ""


def settled(placements: tuple[Placement, ...]) -> bool:
    """Placed without a doubt: nobody is asked, and no lesson is."""
    return bool(placements) and all(p.status is PlacementStatus.AUTO for p in placements)


def asked(proposal: Proposal, second: Proposal, told: Lessons, titles: list[str]) -> Proposal:
    """The second opinion where it is sure and rests on what people confirmed, else the first; marked as having asked."""
    sure = settled(second.placements) and all(told.support(p.item, titles) for p in second.placements)
    return msgspec.structs.replace(second if sure else proposal, classifier=proposal.classifier + told.mark)


def unasked(classifier: str) -> str:
    """The version without the mark of lessons."""
    return classifier.partition(_BESIDES)[0]
