"""What the last pass over the inbox left outside the archive, kept for the reports of the morning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from archive_schema.decisions import in_force
from archive_schema.errors import UnavailableError
from archive_schema.evidence import Source
from archive_schema.report import FormProblem, InboxNote
from archive_schema.text import natural_key
from archive_schema.words import SECRET_HELD, SUSPECTED_SECRET, DecisionAction, Disposition, Outcome
from flows import cycle_reports, within
from flows.workspace import Opened


class LastRun(msgspec.Struct, frozen=True):
    """One pass over the inbox, by what it left outside. ``form_reader``: version of what read the 提交表."""

    run: str
    at: datetime
    waiting: tuple[InboxNote, ...] = ()
    unknown_folders: dict[str, str] = {}
    cautions: tuple[str, ...] = ()
    forms: tuple[FormProblem, ...] = ()
    form_reader: int = 0


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


def notes(o: Opened, last: LastRun | None) -> list[InboxNote]:
    """What lies in the inbox and did not become material: quarantined, and waiting when the last pass ended. And what did become
    material before a person saw a 密级 on it."""
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
    found += _attested_secrets(o)
    return sorted(found, key=lambda n: (n.disposition, n.unit, natural_key(n.path)))


def to_mend(o: Opened, problems: Iterable[FormProblem]) -> tuple[FormProblem, ...]:
    """Without those of forms that were withdrawn or replaced for their unit, or lie in an archive that was: nobody is to supply what
    such a form names. What was sent back is still to be mended.

    :param problems: as kept, whatever was decided: an undo brings them back.
    """
    told, index = tuple(problems), o.archive.index
    acts = [d for d in in_force(index.decisions()) if d.action in (DecisionAction.SUPERSEDE, DecisionAction.WITHDRAW)]
    gone = index.withdrawn() | index.replaced()
    if not told or not gone:
        return told

    def stands(s: Source) -> bool:
        return not {(s.sha256, s.unit), (s.sha256, "")} & gone and not within.inherited(o, {s.sha256: [s]}, acts)

    named = {(f.unit, f.path) for f in told}
    there = [s for s in index.sources() if s.present and (s.unit, s.path) in named]
    standing = {(s.unit, s.path) for s in there if stands(s)}
    idle = {(s.unit, s.path) for s in there} - standing
    return tuple(f for f in told if (f.unit, f.path) not in idle)


def _attested_secrets(o: Opened) -> Iterator[InboxNote]:
    """Archived material that bears a 密级 by a person's word: told like what was stopped, until it is destroyed."""
    index = o.archive.index
    attested = {d.sha256 for d in in_force(index.decisions()) if d.action is DecisionAction.ATTEST and d.fact == "secrecy"}
    if not attested:
        return
    found = {sha for sha, c in index.outcomes(sorted(attested)) if c.code == "SECRET" and c.outcome is Outcome.FAIL}
    for s in index.sources(sorted(found - index.destroyed())):
        yield InboxNote(
            unit=s.unit,
            path=s.path,
            disposition=Disposition.QUARANTINED.value,
            reason=f"{SUSPECTED_SECRET}(由人认定),请立即联系保密办;{SECRET_HELD}",
            size=s.size,
            sha256=s.sha256,
        )
