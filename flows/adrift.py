"""Decisions in force on a standard that is not what it was when they were made: dropped, asking for other kinds, or worded otherwise.

A decision goes by the number of its standard. Where another edition gives the number to another standard, what was said of the old one
would quietly hold for the new one; whether it should is for a person to say. What the standard read like on the day of the act stands
in the series: the catalogue that was in force there. The index knows which that was, so that every report can ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from archive_schema import canonical
from archive_schema.catalogue import Catalogue, Item
from archive_schema.coverage import Adrift
from archive_schema.decisions import Decision, in_force
from archive_schema.errors import IntegrityError
from archive_schema.outputs import AdriftDecision
from archive_schema.records import CatalogueRecord, DecisionRecord
from archive_schema.text import display, squeeze
from flows import accepts
from flows.workspace import Opened
from storage import keys, series
from storage.index import Index
from storage.objects import ObjectMissing
from validators.remarks import settled_by

_TYPES = (b'"type":"catalogue"', b'"type":"decision"')
_SHOWN = 40


def adrift(o: Opened, catalogue: Catalogue, index: Index | None = None) -> tuple[Adrift, ...]:
    """The decisions in force that a person has to look at again under this catalogue, in their order.

    :param index: in place of the archive's own.
    """
    index = o.archive.index if index is None else index
    valid = in_force(index.decisions())
    asked = [d for d in valid if d.item or accepts.bare(d)]
    made = _made(o, index, {d.id for d in asked}) if asked else {}
    today = canonical.sha256(canonical.encode(catalogue)) if asked else ""
    since = {d.id for d in asked if made.get(d.id) != today}  # another catalogue has come since
    meant = o.confirmed_then if any(accepts.bare(d) and d.id in since for d in asked) else {}
    spoken = [d for d in accepts.spelled_out(asked, meant) if d.item]
    then = _read_then(o, [d for d in spoken if d.id in since and not _lost(d, catalogue)], made)
    out = []
    for d in spoken:
        if why := _lost(d, catalogue):
            out.append(Adrift(d, why, standing=False))
            continue
        was, now = then.get((d.id, d.item)), catalogue.by_id[d.item]
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


def _made(o: Opened, index: Index, asked: Collection[str]) -> Mapping[str, str]:
    """Id of a decision → digest of the catalogue in force when it was recorded, as far as known."""
    held = index.catalogues_at(asked)
    return _made_by_series(o, asked) if held is None else held


def _made_by_series(o: Opened, asked: Collection[str]) -> dict[str, str]:
    """The same where the index is of an earlier version and has not been written to since. What cannot be read is left out."""
    made: dict[str, str] = {}
    digest = ""
    for key in series.segment_keys(o.archive.store, o.archive.cycle):
        with suppress(IntegrityError):
            segment = series.read_segment(o.archive.store, key)
            lines = tuple(line for line in segment.lines if any(t in line for t in _TYPES))
            for r in msgspec.structs.replace(segment, lines=lines).records():
                if isinstance(r, CatalogueRecord):
                    digest = r.digest
                elif isinstance(r, DecisionRecord) and r.decision.id in asked:
                    made[r.decision.id] = digest
    return made


def _read_then(o: Opened, decisions: Sequence[Decision], made: Mapping[str, str]) -> dict[tuple[str, str], Item]:
    """(decision, item) → the standard as the catalogue had it that was in force then. What cannot be read is left out."""
    digests = {made[d.id] for d in decisions if made.get(d.id)}
    editions = {digest: c for digest in digests if (c := _edition(o, digest)) is not None}
    return {
        (d.id, d.item): item
        for d in decisions
        if (edition := editions.get(made.get(d.id, ""))) is not None and (item := edition.by_id.get(d.item)) is not None
    }


def _edition(o: Opened, digest: str) -> Catalogue | None:
    try:
        with o.archive.store.open(keys.object_key(digest)) as f:
            return msgspec.json.decode(f.read(), type=Catalogue)
    except (ObjectMissing, msgspec.DecodeError):  # the audit says so
        return None


def shown(found: Iterable[Adrift]) -> list[AdriftDecision]:
    """Those that go on holding, as the outputs tell them."""
    return [
        AdriftDecision(
            decision=a.decision.id,
            action=a.decision.action,
            by=a.decision.by,
            item=a.decision.item,
            kind=a.decision.kind,
            text=a.why,
            remedy=settled_by(a.decision.id),
        )
        for a in found
        if a.standing
    ]
