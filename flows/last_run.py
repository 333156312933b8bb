"""What the last pass over the inbox left outside the archive, kept for the reports of the morning."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.errors import UnavailableError
from archive_schema.report import InboxNote
from archive_schema.text import natural_key
from archive_schema.words import Disposition
from flows import cycle_reports
from flows.workspace import Opened


class LastRun(msgspec.Struct, frozen=True):
    """One pass over the inbox, by what it left outside."""

    run: str
    at: datetime
    waiting: tuple[InboxNote, ...] = ()
    unknown_folders: dict[str, str] = {}
    form_problems: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


def keep(o: Opened, last: LastRun, *, changed: bool) -> None:
    """Keep what the pass left outside; a pass that changed nothing and left the same keeps the run that is there."""
    held = load(o)
    same = held is not None and msgspec.structs.replace(last, run=held.run, at=held.at) == held
    if changed or not same:
        run = last.run if changed or held is None else held.run
        cycle_reports.put(o, cycle_reports.LAST_RUN, msgspec.json.encode(msgspec.structs.replace(last, run=run)))


def load(o: Opened) -> LastRun | None:
    """What the last pass over the inbox left, or None."""
    try:
        kept = cycle_reports.last(o, cycle_reports.LAST_RUN)
    except UnavailableError:
        return None
    return None if kept is None else msgspec.json.decode(kept, type=LastRun)


def inbox_notes(o: Opened) -> list[InboxNote]:
    """What lies in the inbox and did not become material: quarantined, and waiting when the last pass ended."""
    return notes(o, load(o))


def notes(o: Opened, last: LastRun | None) -> list[InboxNote]:
    """``inbox_notes`` with the last pass at hand."""
    found = [
        InboxNote(
            unit=str(n.detail.get("unit") or folder),
            path=path,
            disposition=Disposition.QUARANTINED.value,
            reason=str(n.detail.get("reason", "")),
            size=int(n.detail.get("size", 0)),
            sha256=n.detail.get("sha256"),
        )
        for (folder, path), n in o.archive.index.quarantined().items()
    ]
    found += last.waiting if last else ()
    return sorted(found, key=lambda n: (n.disposition, n.unit, natural_key(n.path)))
