"""负面清单: what costs a city points or its title, whatever its material is like. Entered by hand, never found by the program.

A register in two parts, both of decisions in the series: the wording of an entry (``negative_entry``, from the city's own manual)
and what happened under it (``negative_event``). Shipped is only what was published: how many entries there are, the areas, the
sanctions, and the one entry known in detail.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from archive_schema.catalogue import DATA
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.text import natural_key, squeeze
from archive_schema.words import DecisionAction

#: longest id of an entry where the list declares no form of ids
_LONGEST = 20
NONE = "负面清单：未登记任何事项（未登记不等于没有发生）"


class Sanction(StrEnum):
    """The four published ones, by gravity."""

    POINTS = "扣分"
    NOMINATION = "停止提名资格"
    SUSPENSION = "停牌一年"
    TITLE = "撤销称号"


class KnownEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as published."""

    id: str
    text: str
    area: str = ""
    consequence: str = ""


class KnownCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Published, but under which id is not."""

    text: str


class KnownList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``negative.toml``: what is known of a review system's list. ``prefix`` "" = the form of ids is not known."""

    total: int | None = None
    prefix: str = ""
    areas: tuple[str, ...] = ()
    entry: tuple[KnownEntry, ...] = ()
    known: tuple[KnownCase, ...] = ()

    def resolve(self, text: str) -> str | None:
        """The id that somebody typed (``g 15``, ``Ｇ15``, ``15``) in its one form; None = there is no such entry."""
        typed = squeeze(text).replace("-", "")
        if not self.prefix:
            return text.strip() if 0 < len(text.strip()) <= _LONGEST else None
        m = re.fullmatch(rf"(?:{re.escape(self.prefix.lower())})?0*([1-9]\d{{0,3}})", typed)
        if m is None or (self.total is not None and int(m[1]) > self.total):
            return None
        return f"{self.prefix}{m[1]}"


class Standing(StrEnum):
    """What has become of a piece of evidence since it was named."""

    HELD = "held"
    WITHDRAWN = "withdrawn"
    DESTROYED = "destroyed"


class NegativeEvidence(msgspec.Struct, frozen=True):
    """Archived material that bears witness to an event."""

    sha256: str
    unit: str
    path: str
    title: str | None
    standing: Standing = Standing.HELD


class NegativeEvent(msgspec.Struct, frozen=True):
    """``decision``: the act that entered it, by which it can be undone. ``sanction`` null = none was stated."""

    decision: str
    on: date
    text: str
    sanction: Sanction | None
    by: str
    at: datetime
    reason: str
    evidence: NegativeEvidence | None


class NegativeEntry(msgspec.Struct, frozen=True):
    """``wording``: ``published``, ``own`` (entered by the city), or ``absent`` (an event was entered, the wording was not)."""

    id: str
    text: str
    area: str
    consequence: str
    wording: str
    decision: str | None
    events: list[NegativeEvent]


class NegativeOutput(msgspec.Struct, frozen=True):
    """``dangan negative list --format json``. ``total``: entries that the list has, null = not known; ``events``: of all entries."""

    cycle: str
    total: int | None
    areas: list[str]
    sanctions: list[Sanction]
    events: int
    entries: list[NegativeEntry]
    known: list[str]
    head: str | None


def load(catalogue: str) -> KnownList:
    """What is shipped of the list that belongs to a catalogue, by the catalogue's id; nothing where nothing is."""
    file = DATA / catalogue / "negative.toml"
    if not re.fullmatch(r"[\w.-]+", catalogue) or not file.is_file():
        return KnownList()
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), KnownList)


def check(d: Decision, known: KnownList, *, today: date) -> None:
    """Refuse an entry or an event that the list has no room for; other acts are passed over.

    :param today: in the configured zone.
    :raises UsageError: says what is wrong and what can be written.
    """
    if d.action not in (DecisionAction.NEGATIVE_ENTRY, DecisionAction.NEGATIVE_EVENT):
        return
    if known.resolve(d.entry) != d.entry:
        hint = f"本目录的负面清单是 {known.prefix}1 至 {known.prefix}{known.total}" if known.prefix and known.total else ""
        raise UsageError(
            f"no entry {d.entry}", zh=f"负面清单没有“{d.entry}”", code="negative.entry", hint=hint or "编号见本市收到的手册"
        )
    if d.area and known.areas and d.area not in known.areas:
        raise UsageError(
            f"no area {d.area}", zh=f"没有领域“{d.area}”", code="negative.area", hint="领域有: " + "、".join(known.areas)
        )
    if d.sanction and d.sanction not in set(Sanction):
        raise UsageError(
            f"no sanction {d.sanction}",
            zh=f"没有处理“{d.sanction}”",
            code="negative.sanction",
            hint="只能是 " + "、".join(Sanction),
        )
    if d.on is not None and d.on > today:
        raise UsageError(
            f"{d.on} is to come", zh=f"发生日期 {d.on} 在今天之后", code="negative.future", hint="请核对 --on 的日期"
        )


def entries(
    known: KnownList, decisions: Iterable[Decision], evidence: Mapping[str, NegativeEvidence] | None = None
) -> list[NegativeEntry]:
    """The register, in natural order of id: what is published, worded or has an event.

    :param decisions: in force, in the order of the series; of several wordings of one entry the last holds.
    :param evidence: decision id → the material that it names.
    """
    published = {e.id: e for e in known.entry}
    own: dict[str, Decision] = {}
    events: dict[str, list[Decision]] = defaultdict(list)
    for d in decisions:
        if d.action is DecisionAction.NEGATIVE_ENTRY:
            own[d.entry] = d
        elif d.action is DecisionAction.NEGATIVE_EVENT and d.on is not None:
            events[d.entry].append(d)
    return [
        _entry(ident, published.get(ident), own.get(ident), events.get(ident, ()), evidence or {})
        for ident in sorted({*published, *own, *events}, key=natural_key)
    ]


def _entry(
    ident: str,
    published: KnownEntry | None,
    own: Decision | None,
    events: Collection[Decision],
    evidence: Mapping[str, NegativeEvidence],
) -> NegativeEntry:
    wording = "own" if own else "published" if published else "absent"
    return NegativeEntry(
        id=ident,
        text=own.text if own else published.text if published else "",
        area=(own.area if own else "") or (published.area if published else ""),
        consequence=published.consequence if published else "",
        wording=wording,
        decision=own.id if own else None,
        events=[_event(d, evidence) for d in sorted(events, key=lambda d: (d.on or date.min, d.at, d.id))],
    )


def _event(d: Decision, evidence: Mapping[str, NegativeEvidence]) -> NegativeEvent:
    assert d.on is not None
    return NegativeEvent(
        decision=d.id,
        on=d.on,
        text=d.text,
        sanction=Sanction(d.sanction) if d.sanction else None,
        by=d.by,
        at=d.at,
        reason=d.reason,
        evidence=evidence.get(d.id),
    )
