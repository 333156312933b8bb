"""What was decided of a container, an archive or a document with pictures, holds for what was taken out of it.

Only as long as the unit sent it in nothing else: what also came by itself, or in a container of which nothing was said, stays as it
is. A destruction speaks of the very bytes only: whoever destroys an archive for one file in it does not lose the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from archive_schema.decisions import Decision, speaks_of
from archive_schema.evidence import Source
from archive_schema.words import DecisionAction
from flows.workspace import Opened

#: acts on a container that reach what is in it
REACHING = frozenset({DecisionAction.RETURN, DecisionAction.SUPERSEDE, DecisionAction.WITHDRAW})


def reaches(d: Decision) -> bool:
    """Does what is in the container follow it."""
    return d.action in REACHING and not d.destroy


def contents(o: Opened, decisions: Iterable[Decision]) -> dict[str, set[str]]:
    """SHA-256 of every container → what was taken out of it; nothing is looked up where none of the acts reaches that far."""
    inner: dict[str, set[str]] = defaultdict(set)
    for s in o.archive.index.sources() if any(map(reaches, decisions)) else ():
        if s.member_of:
            inner[s.member_of].add(s.sha256)
    return inner


def below(inner: Mapping[str, Collection[str]], shas: Collection[str]) -> set[str]:
    """Everything that was taken out of these containers, and out of what was in them.

    :param inner: of ``contents``.
    """
    found: set[str] = set()
    todo = list(shas)
    while todo:
        new = set(inner.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return found


def inherited(
    o: Opened, sources_of: Mapping[str, Sequence[Source]], decisions: Iterable[Decision]
) -> dict[str, dict[str, list[Decision]]]:
    """SHA-256 → unit → the acts on containers that hold for what it sent, as if they had been said of that; none = left out.

    :param sources_of: all sources of the evidence in question. :param decisions: in force, about whatever.
    """
    about: dict[str, list[Decision]] = defaultdict(list)
    for d in decisions:
        if reaches(d):
            about[d.sha256].append(d)
    if not about:
        return {}
    held = {sha: list(of) for sha, of in sources_of.items()}
    while todo := {s.member_of for of in held.values() for s in of if s.member_of} - held.keys():
        held |= {sha: [] for sha in todo}
        for s in o.archive.index.sources(todo):
            held[s.sha256].append(s)

    def containers(s: Source) -> list[str]:
        if s.member_of is None:
            return []
        around = (c for c in held[s.member_of] if c.folder == s.folder and s.path.startswith(f"{c.path}!/"))
        outer = next(around, None)
        return [s.member_of, *(containers(outer) if outer else ())]

    def reaching(sha: str, unit: str) -> list[Decision]:
        told = []
        for s in (s for s in held[sha] if s.unit == unit):
            line = [sha, *containers(s)]
            acts = [d for c in line[1:] for d in about[c] if speaks_of(d, unit, o.units)]
            told.append([d for d in acts if d.by_sha256 not in line])
        if not all(told):
            return []
        if not all(any(d.action is DecisionAction.WITHDRAW for d in of) for of in told):
            told = [[d for d in of if d.action is not DecisionAction.WITHDRAW] for of in told]
        each = {d.id: d for of in told for d in of}
        return [msgspec.structs.replace(d, sha256=sha, unit=unit) for d in each.values()]

    out: dict[str, dict[str, list[Decision]]] = {}
    for sha, of in sources_of.items():
        if found := {u: acts for u in sorted({s.unit for s in of}) if (acts := reaching(sha, u))}:
            out[sha] = found
    return out
