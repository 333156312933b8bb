"""夜间简报: what a night brought, against the state at the digest before; kept, written to ``reports/`` and sent where told to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import msgspec

from archive_schema.audit import AuditReport
from archive_schema.digest import AuditResult, Delivery, NightDigest
from archive_schema.errors import ConflictError, DanganError, IntegrityError, UnavailableError
from archive_schema.report import CellChange, CoverageReport, InboxNote
from archive_schema.text import natural_key
from archive_schema.words import CellState, Disposition, EventType
from flows import audit_reports, cycle_reports, kept_reports, last_run, notify, replacing
from flows.coverage import Snapshot, assess_now, coverage_report, dropped, reset
from flows.places import Workspace
from flows.review import Waiting
from flows.workspace import Opened
from reports import coverage_view, digest_text
from storage import series
from storage.objects import ObjectMissing
from validators.audit import meanings

log = logging.getLogger(__name__)

FILE = "夜间简报.txt"
UNITS = 5
FAILURES = 10


class Kept(msgspec.Struct, frozen=True):
    """What the last digest was: ``before`` and ``after`` as it compared them, and how its sending went.

    The next night compares with ``after``; whoever asks again in the morning is told of the same night.
    """

    cycle: str
    before: Snapshot | None
    after: Snapshot
    deliveries: tuple[Delivery, ...] = ()


def digest(o: Opened) -> NightDigest:
    """The last night as it looks now; without a digest kept, what changed since the last run but one."""
    held = kept(o)
    made = _digest(o, held.before if held else _last_but_one(o), held)
    failed = _broke_off(o.workspace)
    return msgspec.structs.replace(made, cautions=(failed, *made.cautions)) if failed else made


def night(
    o: Opened,
    *,
    report: CoverageReport | None = None,
    audited: AuditReport | None = None,
    by_block: notify.Sender | None = None,
    began: datetime | None = None,
) -> NightDigest:
    """Make the digest of this night, keep it, write it to ``reports/``, send it. Failing to send never fails the night.

    :param began: when this night did. One that ended beside it tells the same news; else the later of two that ran at one time
        would say in the morning that nothing came.
    :raises UnavailableError: the store does not answer.
    """
    held = kept(o)
    beside = held is not None and began is not None and began <= held.after.at <= o.now()
    before = (held.before if beside else held.after) if held else _last_but_one(o)
    made = _digest(o, before, held, report=report, audited=audited)
    text = digest_text.render(made, zone=o.workspace.zone)
    _write(o.workspace, text)
    sent = notify.send(
        o.workspace.notify, digest_text.subject(made, zone=o.workspace.zone), text, at=o.now(), by_block=by_block
    )
    _keep(o, Kept(o.archive.cycle, before, _now(o, made), _remembered(held, sent)))
    return made


def resend(o: Opened) -> tuple[Delivery, ...]:
    """Send the last night's digest again by mail; what became of it is kept."""
    held = kept(o)
    made = digest(o)
    zone = o.workspace.zone
    sent = notify.send(
        o.workspace.notify, digest_text.subject(made, zone=zone), digest_text.render(made, zone=zone), at=o.now()
    )
    if held is not None:
        _keep(o, msgspec.structs.replace(held, deliveries=_remembered(held, sent)))
    return sent


def tell_failure(place: Workspace, error: Exception, *, at: datetime, by_block: notify.Sender | None = None) -> None:
    """A night that broke off is told of, too, as far as it can be: where its digest would lie, and to everybody it would go to."""
    why = error.zh if isinstance(error, DanganError) else f"程序内部错误({type(error).__name__})"
    hint = error.hint if isinstance(error, DanganError) else "请管理员查看日志"
    subject, text = digest_text.failure(why, hint, at=at, zone=place.zone)
    _write(place, text)
    notify.send(place.notify, subject, text, at=at, by_block=by_block)


def _broke_off(place: Workspace) -> str:
    """What lies where the digest would, if the last night broke off: what is told is then the night before; "" = it did not."""
    try:
        first = (place.path / "reports" / FILE).read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""
    return first if digest_text.FAILED in first else ""


def mark(place: Workspace) -> tuple[int, int] | None:
    """What changes whenever a digest, or the news of a failure, is put where the digest lies; None = nothing is there."""
    try:
        st = (place.path / "reports" / FILE).stat()
    except OSError:
        return None
    return st.st_ino, st.st_mtime_ns


def kept(o: Opened) -> Kept | None:
    """The last digest of this cycle, or None; what cannot be read as one only costs the comparison."""
    try:
        data = cycle_reports.last(o, cycle_reports.DIGEST)
        held = None if data is None else msgspec.json.decode(data, type=Kept)
    except (UnavailableError, msgspec.MsgspecError):
        return None
    return held if held and held.cycle == o.archive.cycle else None


def _keep(o: Opened, value: Kept) -> None:
    cycle_reports.put(o, cycle_reports.DIGEST, msgspec.json.encode(value))


def _remembered(held: Kept | None, sent: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
    """What failed is told until the same way works again."""
    if not sent:
        return held.deliveries if held else ()
    works = {d.channel for d in sent if d.ok}
    before = [d for d in (held.deliveries if held else ()) if d.channel not in works]
    return tuple([*before, *(d for d in sent if not d.ok)][-FAILURES:])


def _write(place: Workspace, text: str) -> None:
    try:
        replacing.put(place.path / "reports" / FILE, text.encode())
    except OSError as e:  # the digest itself must still go out
        log.warning("cannot write the digest: %s", e)


def _last_but_one(o: Opened) -> Snapshot | None:
    """The state before the last run that changed something."""
    try:
        return kept_reports.newest(o, cycle_reports.of_runs(o, cycle_reports.COVERAGE), Snapshot, back=1)
    except UnavailableError:
        return None


def _now(o: Opened, made: NightDigest) -> Snapshot:
    last = last_run.load(o)
    cells = {f"{c.item}|{c.kind}": c.state for c in assess_now(o).cells}
    return Snapshot(
        run=last.run if last else "", at=made.at, head=made.head or "", cells=cells, config=o.archive.index.config()
    )


def _digest(
    o: Opened,
    before: Snapshot | None,
    held: Kept | None,
    *,
    report: CoverageReport | None = None,
    audited: AuditReport | None = None,
) -> NightDigest:
    report = report or coverage_report(o)
    cells = {(i.id, r.kind): r.state for i in report.coverage.items for r in i.requirements}
    changes = []
    if before is not None:
        changes = [
            CellChange(item=item, kind=kind, before=was, after=state)
            for (item, kind), state in cells.items()
            if (was := before.cells.get(f"{item}|{kind}")) is not state
        ]
    gained = [c for c in changes if c.after is CellState.USABLE]
    lost = [c for c in changes if c.before is CellState.USABLE]
    moved = [c for c in changes if c not in gained and c not in lost]
    position = _position(o, before)
    came, new = _came(o, position)
    stopped = {
        (str(e.detail.get("unit") or folder), path) for (folder, path), e in o.archive.index.quarantined(position).items()
    }
    waiting = Waiting(o, report)
    secrets = [n for n in report.notes if coverage_view.suspected_secret(n)]
    open_units = sorted(
        (u for u in report.board if u.open or u.returned), key=lambda u: (-u.open, -u.overdue, -u.returned, natural_key(u.name))
    )
    return NightDigest(
        cycle=o.cycle.name,
        city=o.cycle.city,
        at=o.now(),
        since=before.at if before else None,
        head=report.coverage.head,
        records=report.records,
        secrets=tuple(_ordered(secrets)),
        audit=_audit(audited or audit_reports.last(o)),
        came=came,
        new=new,
        quarantined=tuple(
            _ordered(
                n
                for n in report.notes
                if n.disposition == Disposition.QUARANTINED.value and (n.unit, n.path) in stopped and n not in secrets
            )
        ),
        waiting=tuple(_ordered(n for n in report.notes if n.disposition == Disposition.WAITING.value)),
        unknown_folders=dict(sorted(report.unknown_folders.items())),
        before=_totals(before.cells.values()) if before else None,
        after=dict(report.coverage.totals),
        gained=tuple(coverage_view.sort_changes(gained)),
        lost=tuple(coverage_view.sort_changes(lost)),
        moved=len(moved),
        moved_cells=tuple(coverage_view.sort_changes(moved)),
        in_review=len(waiting.pieces()),
        unplaced=len(report.coverage.unplaced),
        offered=len(waiting.offered()),
        units=tuple(open_units[:UNITS]),
        failures=held.deliveries if held else (),
        cautions=last.cautions if (last := last_run.load(o)) else (),
        forms=report.forms,
        gone=_gone(o, position),
        emptied=_emptied(o),
        dropped=dropped(before.cells, (f"{item}|{kind}" for item, kind in cells)) if before else {},
        reset=reset(o, before, o.archive.index.config()) if before else (),
    )


def _ordered(notes: Iterable[InboxNote]) -> list[InboxNote]:
    return sorted(notes, key=lambda n: (n.unit, coverage_view.order(n.path)))


def _totals(states: Iterable[CellState]) -> dict[CellState, int]:
    counted = Counter(states)
    return {s: counted.get(s, 0) for s in CellState}


def _position(o: Opened, before: Snapshot | None) -> int:
    """How many records the series held at the digest before: what is new goes by that and not by times, for the clock may have been
    set since. Where the segment of that time cannot be read (the audit says so) the one before it counts.
    """
    store, cycle = o.archive.store, o.archive.cycle
    for seq in range(int(before.head.partition(":")[0]) if before and before.head else 0, 0, -1):
        with suppress(IntegrityError, ConflictError, ObjectMissing):
            key = series.only_key(store, cycle, seq)
            if key is not None:
                return series.read_segment(store, key).header.total
    return 0


def _came(o: Opened, position: int) -> tuple[dict[str, int], int]:
    """Files that came since then by unit (members of archives not counted), and how many of the bytes were new."""
    arrived = [s for s in o.archive.index.arrived(position) if s.member_of is None]
    shas = {s.sha256 for s in arrived}
    return dict(sorted(Counter(s.unit for s in arrived).items())), len(shas - o.archive.index.known_by(shas, position))


def _gone(o: Opened, position: int) -> dict[str, int]:
    """Archived files that passes since then found in the inbox no more, by unit."""
    total: Counter[str] = Counter()
    for event in o.archive.index.run_events(position):
        if event.event is EventType.INGESTION:
            total.update(event.detail.get("gone", {}))
    return dict(sorted(total.items()))


def _emptied(o: Opened) -> bool:
    held = False
    for s in o.archive.index.sources():  # nearly always the first one is there
        if s.present:
            return False
        held = True
    return held


def _audit(report: AuditReport | None) -> AuditResult | None:
    if report is None:
        return None
    part, said = report.output.integrity, meanings()
    problems = tuple(part.problems) if part else ()
    return AuditResult(
        at=report.at,
        depth=report.output.depth,
        ok=part.ok if part else None,
        problems=problems,
        texts={p.code: said[p.code][0] for p in problems if p.code in said},
        unchecked=len(report.output.unchecked),
    )
