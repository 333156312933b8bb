"""Which period a material speaks for, and who says so."""

from __future__ import annotations

import msgspec

from archive_schema.cycle import Window
from archive_schema.evidence import FACT_NAMES
from archive_schema.words import EvidenceKind
from validators import periods
from validators.seen import Seen


class Dated(msgspec.Struct, frozen=True):
    """The period a material speaks for. ``name``: of the fact, Chinese; ``claim``: only the 提交表 says so."""

    period: Window
    name: str
    claim: bool = False


DATE_FACTS: dict[EvidenceKind, tuple[str, ...]] = {
    EvidenceKind.DOCUMENT: ("issued_on",),
    EvidenceKind.REPORT: ("issued_on",),
    EvidenceKind.PHOTO: ("taken_on",),
    EvidenceKind.TABLE: ("table_date", "issued_on"),
}


def own_date(seen: Seen, kind: EvidenceKind) -> Dated | None:
    """What the file, a named person, or (for a picture) its caption, at last the date printed on it says; never the 提交表."""
    for key in DATE_FACTS[kind]:
        value = seen.value(key)
        period = periods.parse(str(value)) if value is not None else None
        if period is not None:
            return Dated(period, FACT_NAMES[key])
    if kind is EvidenceKind.PHOTO:
        captions = [f for f in (seen.facts.get("caption"), *(s.caption for s in seen.sources)) if f and f.value]
        for caption in captions:
            moment = periods.parse_moment(str(caption.value))
            if moment is not None:
                return Dated(moment, "图片说明中的日期")
        stamp = periods.parse(str(seen.value("date_stamp"))) if seen.value("date_stamp") else None
        if stamp is not None:
            return Dated(stamp, FACT_NAMES["date_stamp"])
    return None


def form_date(seen: Seen) -> Dated | None:
    """What the 提交表 of this unit claims: the first row with a date that can be understood."""
    for source in seen.sources:
        period = periods.parse(source.form.date) if source.form and source.form.date else None
        if period is not None:
            return Dated(period, "提交表所填日期", claim=True)
    return None
