"""What a rule may look at, and what it answers. Never text, bytes, clock or store.

The law all rules keep: what was found is judged; what was not found is a failure only where everything was read, and 未检
where it was not (``Seen.unread``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from archive_schema import media
from archive_schema.catalogue import Catalogue, Item
from archive_schema.cycle import Window
from archive_schema.decisions import Decision
from archive_schema.evidence import ATTESTED, Evidence, Facts, Placement, Source
from archive_schema.text import display
from archive_schema.words import EvidenceKind, Outcome, ReadState

#: states in which a reader never got to the content; the reason as a clause, where the reader itself gave none
_NOT_REACHED = {
    ReadState.UNSUPPORTED: "没有能读这种格式的程序",
    ReadState.GAVE_UP: "读取时超出限制而中止",
    ReadState.ENCRYPTED: "文件有打开密码",
    ReadState.DAMAGED: "文件损坏,打不开",
}


class Verdict(msgspec.Struct, frozen=True):
    """``fields`` fill the check's text; ``why`` is said of an 未检."""

    outcome: Outcome
    fields: dict[str, str] = {}
    why: str = ""


PASS = Verdict(Outcome.PASS)


def fail(**fields: object) -> Verdict:
    return Verdict(Outcome.FAIL, {k: display(str(v), 200) for k, v in fields.items()})


def unchecked(why: str) -> Verdict:
    return Verdict(Outcome.UNCHECKED, why=why)


class Seen(msgspec.Struct, frozen=True):
    """All that a rule may look at.

    facts       the file's, attested ones already put over the read ones
    sources     of the unit in question; of every unit where the check is about the bytes
    placement   None where the check is not about one placement
    placements  all that hold, of every unit
    counting    of these, what is neither superseded nor withdrawn
    decisions   in force, about this evidence (and this unit, where there is one)
    answering   item → its units where a decision says otherwise than the catalogue; every member of a group by name
    garbled     above this share of garbled text nothing that was not found counts as absent
    """

    evidence: Evidence
    facts: Facts
    sources: Sequence[Source]
    placements: Sequence[Placement]
    counting: Sequence[Placement]
    catalogue: Catalogue
    garbled: float
    placement: Placement | None = None
    window: Window | None = None
    decisions: Sequence[Decision] = ()
    superseded_by: str | None = None
    answering: Mapping[str, Sequence[str]] = {}

    def value(self, key: str) -> Any:
        """The fact's value, or None."""
        fact = self.facts.get(key)
        return fact.value if fact else None

    def number(self, key: str) -> float | None:
        value = self.value(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def words(self, key: str) -> list[str] | None:
        """The fact's list, [] when it is known to be none, None when nothing is known of it."""
        if key not in self.facts:
            return None
        value = self.facts[key].value
        return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)] if value else []

    def attested(self, key: str) -> bool:
        return key in self.facts and self.facts[key].method == ATTESTED

    @property
    def kind(self) -> EvidenceKind:
        assert self.placement is not None, "a rule of a placement was asked without one"
        return self.placement.kind

    @property
    def item(self) -> Item | None:
        return self.catalogue.by_id.get(self.placement.item) if self.placement is not None else None

    @property
    def family(self) -> str:
        return media.of_type(self.evidence.media_type).family

    @property
    def not_reached(self) -> str:
        """Why the content was never reached, or "": what the reader said (without its advice, the check has its own)."""
        if self.evidence.state not in _NOT_REACHED:
            return ""
        said = self.evidence.detail.split(";")[0] if self.evidence.state in (ReadState.DAMAGED, ReadState.GAVE_UP) else ""
        return said or _NOT_REACHED[self.evidence.state]

    @property
    def unread(self) -> str:
        """Why a text fact that is missing may be there all the same, or "" when its absence is proved."""
        if self.not_reached:
            return self.not_reached
        if self.evidence.state is ReadState.PARTIAL:
            return self.evidence.detail or "只读出一部分"
        if (self.number("garbled") or 0) > self.garbled:
            return "文字是乱码"
        if "text_chars" not in self.facts:
            return "没有文字层"
        return ""

    @property
    def unread_document(self) -> str:
        """The same for what only a reader of documents looks for (文号, 成文日期, 草稿标记): a table's reader does not."""
        is_table = media.of_type(self.evidence.media_type).family == "table"
        return self.unread or ("是表格文件,没有按公文读取" if is_table else "")


Params = Mapping[str, Any]
Rule = Callable[[Seen, Params], Verdict | None]


def must_have(seen: Seen, key: str, unread: str, **fields: object) -> Verdict:
    """Passes with a value; fails where its absence is proved or attested; else 未检.

    :param unread: why the fact may be there all the same, "" when everything was read.
    """
    if seen.value(key):
        return PASS
    if seen.attested(key):
        return fail(**fields)
    return unchecked(unread) if unread else fail(**fields)


def must_be_empty(seen: Seen, key: str, why: str, *, show: int = 3) -> Verdict:
    """Fails with what the list holds; passes when it is empty; 未检 when nobody made it."""
    found = seen.words(key)
    if found is None:
        return unchecked(why)
    more = f" 等 {len(found)} 处" if len(found) > show else ""
    return fail(found=";".join(found[:show]) + more) if found else PASS
