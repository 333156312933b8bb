"""What decisions teach: titles as examples of items, the same move offered to siblings.

Everything here follows from what the decisions in force say, the titles and the catalogue alone; nothing learned is stored. A move is never repeated by itself: siblings get a suggestion, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.decisions import Decision, in_force
from archive_schema.evidence import Placement
from archive_schema.text import natural_key
from archive_schema.words import DecisionAction as Act
from archive_schema.words import EvidenceKind, PlacementStatus
from classification.vocabulary import runs

ALIKE = 0.5  # least likeness of two titles that are said to be alike, 本项目默认

#: (sha256, unit)
Key = tuple[str, str]


class Suggestion(msgspec.Struct, frozen=True):
    """The move of one file offered to another. ``like``: title of the file moved; ``decision``: the move's id."""

    sha256: str
    unit: str
    item: str
    kind: EvidenceKind
    like: str
    likeness: float
    decision: str
    by: str


class Placed(msgspec.Struct, frozen=True):
    """A file as it stands. ``items``: where it is placed; ``decided``: a person has spoken on it."""

    sha256: str
    unit: str
    title: str
    items: tuple[str, ...] = ()
    decided: bool = False


def likeness(one: str, other: str) -> float:
    """Share of the telling character pairs that two titles have in common, 0 … 1; numbers and dates do not count."""
    a, b = pairs(one), pairs(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def examples(placements: Iterable[Placement], titles: Mapping[Key, str], catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Item → titles that people placed there. Items the catalogue no longer has are left out.

    :param placements: those in force; only what a decision confirmed teaches
    :param titles: the title of each file as sent by each unit
    """
    out: dict[str, set[str]] = {}
    for p in placements:
        title = titles.get((p.sha256, p.unit), "")
        if p.status is PlacementStatus.CONFIRMED and p.decision and title and p.item in catalogue.by_id:
            out.setdefault(p.item, set()).add(title)
    return {item: tuple(sorted(out[item])) for item in sorted(out, key=natural_key)}


def siblings(decisions: Sequence[Decision], files: Iterable[Placed], catalogue: Catalogue) -> tuple[Suggestion, ...]:
    """Files of the same unit with a title like that of a file that was moved, and not decided or placed there yet."""
    held = list(files)
    by_key = {(f.sha256, f.unit): f for f in held}
    best: dict[Key, Suggestion] = {}
    for d in in_force(list(decisions)):
        if d.action is not Act.MOVE or d.kind is None or d.item not in catalogue.by_id:
            continue
        moved = [f for (sha256, unit), f in by_key.items() if sha256 == d.sha256 and d.unit in ("", unit)]
        for one in moved:
            for other in held:
                if other.decided or other.unit != one.unit or d.item in other.items or other.sha256 == one.sha256:
                    continue
                near = likeness(one.title, other.title)
                new = Suggestion(other.sha256, other.unit, d.item, d.kind, one.title, round(near, 3), d.id, d.by)
                old = best.get((other.sha256, other.unit))
                if near >= ALIKE and (old is None or _rank(new) < _rank(old)):
                    best[other.sha256, other.unit] = new
    return tuple(best[k] for k in sorted(best))


def _rank(s: Suggestion) -> tuple[float, tuple[tuple[int, int, str], ...], str]:
    return (-s.likeness, natural_key(s.item), s.decision)


def pairs(title: str) -> frozenset[str]:
    """The character pairs of a title that tell something; those of numbers and dates do not."""
    return frozenset(gram for run in runs(title) for gram, _, weight in run.grams if len(gram) == 2 and weight > 0.2)
