"""What is classified: one evidence as one unit sent it, and the words by which it may be known."""

from __future__ import annotations

import msgspec

from archive_schema.evidence import Facts, FormRow
from archive_schema.machine_names import given
from archive_schema.words import CaptionFrom
from classification.named import parts
from classification.scorer import Query

#: of a caption
_NAMES = frozenset(c.value for c in CaptionFrom if c.a_name)


class Subject(msgspec.Struct, frozen=True):
    """One evidence as sent by one unit.

    paths  every path of that unit for these bytes, folders included
    forms  rows of submission forms that name one of them
    text   the text as read, not kept
    """

    sha256: str
    unit: str
    unit_known: bool
    paths: tuple[str, ...]
    forms: tuple[FormRow, ...] = ()
    media_type: str = ""
    facts: Facts = {}
    text: str = ""


def titles(subject: Subject) -> tuple[str, ...]:
    """What it is called within itself ("" = nothing), and its names."""
    return said(subject.facts, "title"), *(parts(p)[1] for p in subject.paths)


def query(subject: Subject) -> Query:
    """All words at hand."""
    split = [parts(p) for p in sorted(set(subject.paths))]
    captions = [said(subject.facts, "caption"), *sorted({r.title for r in subject.forms if r.title})]
    return Query(
        title=said(subject.facts, "title"),
        stem=" ".join(dict.fromkeys(name for _, name in split if not given(name))),  # 微信 in 微信图片_1.jpg is no subject
        caption=" ".join(s for s in captions if s),
        folder=" ".join(dict.fromkeys(f for folders, _ in split for f in folders)),
        body=subject.text,
    )


def read(subject: Subject) -> Query | None:
    """What it says of itself, none of the names that people gave it: a wrong attachment has a right name. None = nothing was read."""
    caption = subject.facts.get("caption")
    own = Query(
        title=said(subject.facts, "title"),
        caption=said(subject.facts, "caption") if caption is not None and caption.method not in _NAMES else "",
        body=subject.text,
    )
    return own if own != Query() else None


def said(facts: Facts, key: str) -> str:
    """The fact, "" where it is none or no text."""
    fact = facts.get(key)
    return fact.value if fact is not None and isinstance(fact.value, str) else ""
