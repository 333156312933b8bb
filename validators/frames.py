"""The two frames that the suites look at, as rows made from the archive's types.

``ManifestRow`` a row per placement that holds, or per evidence without one; ``SourceRow`` a row per source. Days are
proleptic Gregorian ordinals, so that they compare as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from archive_schema.evidence import Evidence, Placement, Source
from archive_schema.text import Expression, brackets, fold, squeeze
from archive_schema.words import PlacementStatus
from validators import documents, periods

_SEVERAL = re.compile(r"[、,,;;/\n]")
_NOT_ID = Expression(r"[^0-9a-z\u4e00-\u9fff]+")
_LETTER_DASH = re.compile(r"([a-z])-(\d)")


class ManifestRow(msgspec.Struct, frozen=True):
    """From ``issued_on`` on the facts of the evidence stand only on its first row. ``unit`` None = its folder is of no known unit;
    ``number_key`` None = no number, or of what counts for nobody any more."""

    sha256: str
    size: int
    media_type: str
    item: str | None = None
    kind: str | None = None
    status: str | None = None
    unit: str | None = None
    placed_by: str | None = None
    issued_on: str | None = None
    issued_day: int | None = None
    taken_on: str | None = None
    taken_day: int | None = None
    document_number: str | None = None
    number_key: str | None = None
    number_written: str | None = None
    issuer: str | None = None
    first_seen_limit: int | None = None  # the day after the first source came: zones differ


class SourceRow(msgspec.Struct, frozen=True):
    """``form_item`` is the typed id folded as ``form_item_key`` does; None where a cell names several, or none."""

    sha256: str
    folder: str
    path: str | None
    unit: str
    unit_known: bool
    path_length: int
    first_seen_on: str
    first_seen_limit: int  # the day after: zones differ
    submitted_on: str | None = None
    submitted_day: int | None = None
    form_item: str | None = None
    form_item_typed: str | None = None


def manifest_rows(
    evidence: Iterable[Evidence],
    placements: Mapping[str, Sequence[Placement]],
    sources: Mapping[str, Sequence[Source]],
    gone: Collection[tuple[str, str]] = frozenset(),
) -> list[ManifestRow]:
    """Rows in order of SHA-256. ``placements`` and ``sources`` by SHA-256; rejected placements are left out.

    :param gone: (SHA-256, unit) of what counts no more; unit "" = for every unit.
    """
    rows = []
    for e in sorted(evidence, key=lambda e: e.sha256):
        mine = sources.get(e.sha256, ())
        unknown = {s.unit for s in mine if not s.unit_known}
        held = [p for p in placements.get(e.sha256, ()) if p.status is not PlacementStatus.REJECTED]
        first = _facts_row(e, mine)
        if (e.sha256, "") in gone or (mine and all((e.sha256, s.unit) in gone for s in mine)):
            first = msgspec.structs.replace(first, number_key=None)
        if not held:
            rows.append(first)
        for n, p in enumerate(sorted(held, key=lambda p: (p.unit, p.item, p.kind))):
            row = first if n == 0 else ManifestRow(sha256=e.sha256, size=e.size, media_type=e.media_type)
            placed = {"item": p.item, "kind": p.kind.value, "status": p.status.value, "placed_by": p.unit}
            rows.append(msgspec.structs.replace(row, **placed, unit=None if p.unit in unknown else p.unit))
    return rows


def _facts_row(e: Evidence, sources: Sequence[Source]) -> ManifestRow:
    def text(key: str) -> str | None:
        fact = e.facts.get(key)
        return str(fact.value) if fact is not None and fact.value else None

    def day(value: str | None) -> int | None:
        period = periods.parse(value) if value else None
        return period.start.toordinal() if period else None

    number, fact = text("document_number"), e.facts.get("document_number")
    return ManifestRow(
        sha256=e.sha256,
        size=e.size,
        media_type=e.media_type,
        issued_on=text("issued_on"),
        issued_day=day(text("issued_on")),
        taken_on=text("taken_on"),
        taken_day=day(text("taken_on")),
        document_number=number,
        number_key=squeeze(brackets(number)) if number else None,
        number_written=documents.as_written(fact) if number and fact is not None and "ocr" not in fact.method else None,
        issuer=text("issuer"),
        first_seen_limit=min((s.first_seen_at.date().toordinal() + 1 for s in sources), default=None),
    )


def source_row(source: Source) -> SourceRow:
    """The row of one source."""
    typed = source.form.item.strip() if source.form else ""
    submitted = source.submitted_at.date() if source.submitted_at else None
    seen = source.first_seen_at.date()
    return SourceRow(
        sha256=source.sha256,
        folder=source.folder,
        path=source.path or None,
        unit=source.unit,
        unit_known=source.unit_known,
        path_length=len(source.folder) + 1 + len(source.path),
        first_seen_on=seen.isoformat(),
        first_seen_limit=seen.toordinal() + 1,
        submitted_on=submitted.isoformat() if submitted else None,
        submitted_day=submitted.toordinal() if submitted else None,
        form_item=form_item_key(typed) if typed and not _SEVERAL.search(typed) else None,
        form_item_typed=typed or None,
    )


def form_item_key(typed: str) -> str:
    """An id as people type it, folded so that ``Ⅲ—18 1)`` and ``III18-1`` are one.

    >>> form_item_key("Ⅲ—18 1)") == form_item_key("III18-1")
    True
    """
    return _LETTER_DASH.sub(r"\1\2", _NOT_ID.sub("-", fold(typed)).strip("-"))
