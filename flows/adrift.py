"""Decisions in force on a standard that is not what it was when they were made: dropped, asking for other kinds, or worded otherwise.

A decision goes by the number of its standard. Where another edition gives the number to another standard, what was said of the old one
would quietly hold for the new one; whether it should is for a person to say. What the standard read like on the day of the act stands
in the series: the catalogue that was in force there.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from archive_schema.catalogue import Catalogue, Item
from archive_schema.decisions import Decision, in_force
from archive_schema.errors import IntegrityError
from archive_schema.records import CatalogueRecord, DecisionRecord
from archive_schema.text import display, squeeze
from flows import accepts
from flows.workspace import Opened
from storage import keys, series
from storage.objects import ObjectMissing

_TYPES = (b'"type":"catalogue"', b'"type":"decision"')
_SHOWN = 40


class Adrift(msgspec.Struct, frozen=True):
    """``why``: Chinese. ``standing``: the standard and the kind are there, so that the decision goes on holding."""

    decision: Decision
    why: str
    standing: bool


def adrift(o: Opened, catalogue: Catalogue) -> tuple[Adrift, ...]:
    """The decisions in force that a person has to look at again under this catalogue, in their order."""
    spoken = [d for d in accepts.spelled_out(in_force(o.archive.index.decisions()), o.confirmed_then) if d.item]
    there = [d for d in spoken if not _lost(d, catalogue)]
    then = _read_then(o, there)
    out = []
    for d in spoken:
        if why := _lost(d, catalogue):
            out.append(Adrift(d, why, standing=False))
            continue
        was, now = then.get(d.id), catalogue.by_id[d.item]
        if was is not None and squeeze(was.standard) != squeeze(now.standard):
            said = f"标准文字已变: 原为“{display(was.standard, _SHOWN)}”,现为“{display(now.standard, _SHOWN)}”"
            out.append(Adrift(d, said, standing=True))
    return tuple(out)


def _lost(d: Decision, catalogue: Catalogue) -> str:
    item = catalogue.by_id.get(d.item)
    if item is None:
        return "标准已不在目录中"
    if not item.under_material_review:
        return "标准已不属于材料审核"
    return f"标准不再要求“{d.kind.value}”" if d.kind is not None and d.kind not in item.kinds else ""


def _read_then(o: Opened, decisions: Iterable[Decision]) -> dict[str, Item]:
    """Id of a decision → its standard as the catalogue had it that the series held then. What cannot be read is left out."""
    wanted = {d.id: d.item for d in decisions}
    made: dict[str, str] = {}  # decision → digest of the catalogue
    digest = ""
    for key in series.segment_keys(o.archive.store, o.archive.cycle) if wanted else ():
        with suppress(IntegrityError):
            segment = series.read_segment(o.archive.store, key)
            lines = tuple(line for line in segment.lines if any(t in line for t in _TYPES))
            for r in msgspec.structs.replace(segment, lines=lines).records():
                if isinstance(r, CatalogueRecord):
                    digest = r.digest
                elif isinstance(r, DecisionRecord) and r.decision.id in wanted:
                    made[r.decision.id] = digest
    editions = {d: c for d in set(made.values()) if d and (c := _edition(o, d)) is not None}
    return {id_: item for id_, d in made.items() if d in editions and (item := editions[d].by_id.get(wanted[id_])) is not None}


def _edition(o: Opened, digest: str) -> Catalogue | None:
    try:
        with o.archive.store.open(keys.object_key(digest)) as f:
            return msgspec.json.decode(f.read(), type=Catalogue)
    except (ObjectMissing, msgspec.DecodeError):  # the audit says so
        return None
