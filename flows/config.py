"""Cycle, catalogue, settings and units as content-addressed objects named by records of the series."""

from __future__ import annotations

from collections.abc import Callable

from archive_schema.records import CatalogueRecord, CycleRecord, Record, SettingsRecord, UnitsRecord
from flows.workspace import Opened
from storage import keys


def config_records(o: Opened, run: str) -> list[Record]:
    """Records for what differs from what is held; the objects they name are put first.

    :raises UnavailableError: the store does not answer.
    """
    held = o.archive.index.config()
    digests = o.config.digests
    changed = [kind for kind in ("cycle", "settings", "catalogue", "units") if held.get(kind) != digests[kind]]
    for kind in changed:
        o.archive.store.put_bytes(keys.object_key(digests[kind]), o.config.objects[kind])
    make: dict[str, Callable[[str], Record]] = {
        "cycle": lambda d: CycleRecord(digest=d, run=run),
        "settings": lambda d: SettingsRecord(digest=d, run=run),
        "catalogue": lambda d: CatalogueRecord(digest=d, edition=o.catalogue.head.edition, run=run),
        "units": lambda d: UnitsRecord(digest=d, run=run),
    }
    return [make[kind](digests[kind]) for kind in changed]
