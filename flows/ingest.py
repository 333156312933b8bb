"""One pass over the inbox: what is there, what is new, what became of it. Killed at any instant, the next pass completes it."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import OcrMode
from archive_schema.errors import UnavailableError
from archive_schema.evidence import Source
from archive_schema.listings import ReassessOutput
from archive_schema.outputs import IngestOutput
from archive_schema.records import EventRecord, Record
from archive_schema.report import FormProblem, InboxNote, ShownFinding
from archive_schema.text import display, natural_key, nfc
from archive_schema.words import SUSPECTED_SECRET, Disposition, EventType
from classification.numbers import as_typed
from flows import destroy, last_run, lost, pass_findings, signing
from flows.accounting import Place, Tally, container_of, count_known, places_of, sort_out, stands
from flows.ahead import Ahead
from flows.batch import WAIT, Batch, Pass, read_batch, store_batch
from flows.config import config_records
from flows.consequences import consequences
from flows.coverage import take_snapshot
from flows.crosswise import compared_again
from flows.derived import fetch
from flows.parcels import of_archive
from flows.proposing import remembered
from flows.scratch import scratch, sweep
from flows.semantics import caution
from flows.upkeep import anything_outdated, propose_again, upkeep
from flows.validation import decided_since, validate_frames, validator
from flows.workspace import Opened
from intake import formsheet
from intake.caption import sidecar_names
from intake.discover import Found
from intake.forms import FormBook, forms_for, is_form, is_read, read_forms
from intake.forms import Place as FormPlace
from intake.formsheet import Form
from intake.pool import ReaderPool
from storage import passes

#: done and to do, in files
Progress = Callable[[int, int], None]
#: told before the whole list is checked, which takes seconds
Checking = Callable[[], None]
#: runs the batches and gives their tallies in order; Prefect's makes tasks of them
EachBatch = Callable[[Callable[[Batch], Tally], Sequence[Batch]], Iterable[Tally]]
#: files, and bytes of them, that one reader process reads sooner than two have started (ours)
FEW, LITTLE = 4, 2 * 1024**2
#: seconds before a batch is tried again
PAUSES = (0.5, 2.0)
_GONE = "文件已不在收件箱"
#: characters of what is said of one row of a form; its cells may hold anything
_SAID = 300


class IngestResult(msgspec.Struct, frozen=True):
    """``findings``: what was found over all that is held at the end, as held after this pass; ``received``: in the files that it took in.

    ``cautions``: Chinese, what the pass had to do without. ``gone``: archived files that are in the inbox no more, by unit.
    """

    output: IngestOutput
    notes: tuple[InboxNote, ...]
    unknown_folders: dict[str, str]
    forms: tuple[FormProblem, ...]
    findings: tuple[ShownFinding, ...]
    changed: bool
    cautions: tuple[str, ...] = ()
    received: tuple[ShownFinding, ...] = ()
    gone: dict[str, int] = {}


def new_run(now: datetime) -> str:
    """``20261121T180700Z-1a2b``: sorts by time, unique without a counter."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def readers(todo: Sequence[Found] | None = None) -> int:
    """Reader processes side by side: one per core, two at least, no more than a disk can feed; one where there is little to read,
    since to start another costs as much as some ten files.
    """
    if todo is not None and len(todo) <= FEW and sum(f.size for f in todo) < LITTLE:
        return 1
    return max(2, min(8, os.cpu_count() or 2))


def in_turn(work: Callable[[Batch], Tally], batches: Sequence[Batch]) -> Iterable[Tally]:
    """Without Prefect: one after another, a batch tried again after a while when the store does not answer."""
    for batch in batches:
        for pause in (*PAUSES, None):
            try:
                yield work(batch)
                break
            except UnavailableError:
                if pause is None:
                    raise
                time.sleep(pause)


def ingest(
    o: Opened,
    paths: Sequence[Path] = (),
    *,
    each_batch: EachBatch = in_turn,
    progress: Progress | None = None,
    validation: bool = True,
    checking: Checking | None = None,
    ocr: OcrMode | None = None,
) -> IngestResult:
    """Take in what the inbox holds (or only ``paths`` of it). A bad file never stops it.

    :param ocr: how far scans are recognised in this pass; None = as ``cycle.toml`` says.
    :raises UnavailableError: the store or the index does not answer; what was committed stays, the next pass goes on.
    :raises ConflictError: another writer holds the archive.
    """
    began = o.now()
    run = new_run(began)
    before = o.archive.head()
    left = {} if paths else passes.left(o.archive.index)
    unfinished = any(left.values())
    passes.begin(o.archive.index, run)
    limits = o.settings.limits if ocr is None else msgspec.structs.replace(o.settings.limits, ocr=ocr)
    _commit(o, run, lambda: config_records(o, run))
    _destroyed_elsewhere(o, run)
    tally = Tally()
    founds = _walk(o, paths)
    around = {**_walk(o), **founds} if paths else founds  # forms and texts speak for files whichever of them are taken in
    head = o.archive.head()
    held = {(s.folder, s.path): s for s in o.archive.index.sources() if s.present}
    todo, known = sort_out(founds, held, o.archive.index.quarantined(), tally)
    unheard = set() if paths else _unheard(o, held)
    missed = lost.lost(o)
    anew = unheard | lost.places(missed, held)
    moved = [f for f in known if (f.folder, f.path) in anew or _called_otherwise(f, held[f.folder, f.path])]
    speechless = not paths and any(_speaks(s) and _absent(s, held, founds) for s in held.values())
    forms: FormBook | None = None
    with validator(o, wanted=validation and any(f.disposition is None for f in todo)) as started:
        if todo or moved or unfinished or speechless:
            with (
                scratch(o.workspace) as folder,
                ReaderPool(
                    limits,
                    workers=readers([*todo, *moved]),
                    scratch=folder,
                    remembered=lambda sha256: remembered(o, sha256),
                    sm3=o.workspace.sm3,
                ) as pool,
            ):

                def bring(found: Found) -> Found:
                    return o.inbox.bring(found, folder)

                numbers = partial(as_typed, catalogue=o.catalogue)
                forms = forms_for([bring(f) if is_read(f.path) else f for f in around.values()], pool, numbers)
                view = Pass(o=o, run=run, pool=pool, forms=forms, held=held, head=head, founds=around, bring=bring)
                again = _told_anew(view, todo, known, moved, unfinished=unfinished)
                count_known((f for f in known if f not in again), held, tally)
                _work_off(view, [*todo, *again], each_batch, progress, tally)
                forms = forms.with_files((), _in_archives(o, founds, pool, folder))
        else:
            sweep(o.workspace)
            count_known(known, held, tally)
        if not paths:
            _commit(o, run, lambda: _absences(o, run, founds, tally))
        if anything_outdated(o, limits):
            upkeep(o, run, limits=limits)
        destroy.complete(o)  # what a killed withdrawal left
        changed = unfinished or o.archive.head() != before
        if validation and (changed or decided_since(o)):
            if checking:
                checking()
            validate_frames(o, run, started)
            changed = unfinished or o.archive.head() != before
    if changed:
        _commit(o, run, lambda: [_event(o, run, tally)])
        take_snapshot(o, run)
    signing.complete(o)
    unknown = {f.folder: o.units.match(f.folder).suggestion for f in founds.values() if f.folder and not f.unit_known}
    waiting = tuple(n for n in tally.notes if n.disposition == Disposition.WAITING.value)
    troubles = _troubles(o, forms, founds)
    cautions = tuple(
        filter(None, [caution(o.classifier, held=True), "" if paths or founds else _emptied(held), lost.said(o, missed)])
    )
    if not paths:
        with o.archive.lease(f"收件 {run}", wait=WAIT):  # two passes must not write it at one time
            last_run.keep(
                o, last_run.LastRun(run, began, waiting, unknown, cautions, troubles, formsheet.VERSION), changed=changed
            )
    if not paths or not any(_speaks(f) for f in todo):  # else the next whole pass hears what is said of files beside
        passes.end(o.archive.index, [run, *left])
    return IngestResult(
        output=IngestOutput(
            found=len(founds),
            new=tally.new,
            known=tally.known,
            quarantined=tally.quarantined,
            waiting=tally.waiting,
            ignored=tally.ignored,
            members=tally.members,
            run=run,
            state_digest=o.archive.state_digest(),
        ),
        notes=tuple(tally.notes),
        unknown_folders=unknown,
        forms=last_run.to_mend(o, troubles),
        findings=pass_findings.over_all(o),
        changed=changed,
        cautions=cautions,
        received=pass_findings.of_files(o, todo, held),
        gone=tally.gone,
    )


def reassess(
    o: Opened, *, everything: bool = False, validation: bool = True, checking: Checking | None = None
) -> ReassessOutput:
    """Judge and classify again what is out of date, or everything, outside of a pass over the inbox.

    :param validation: look at the whole list as well, and at what compares materials, where something changed.
    """
    run = new_run(o.now())
    before = o.archive.head()
    passes.begin(o.archive.index, run)
    _commit(o, run, lambda: config_records(o, run))
    result = upkeep(o, run, everything=everything)
    if o.archive.head() != before or decided_since(o):
        if validation:
            if checking:
                checking()
            validate_frames(o, run)
        take_snapshot(o, run)
    passes.end(o.archive.index, [run])
    return result


def _work_off(view: Pass, todo: list[Found], each_batch: EachBatch, progress: Progress | None, tally: Tally) -> None:
    size = view.o.settings.limits.batch_files
    batches = [Batch(number=n // size + 1, files=todo[n : n + size]) for n in range(0, len(todo), size)]
    done = 0
    with Ahead(batches, partial(read_batch, view), view.o.inbox.drop, view.pool.interrupt) as ahead:

        def one(batch: Batch) -> Tally:
            if batch.parcels is None:
                batch.parcels = ahead.parcels(batch)
            return store_batch(view, batch.parcels)

        for batch, part in zip(batches, each_batch(one, batches), strict=True):
            tally.add(part)
            ahead.done(p.found for p in batch.parcels or ())
            for parcel in batch.parcels or ():
                for folder in {a.file.parent for a in parcel.arrivals if a.member_of}:
                    shutil.rmtree(folder, ignore_errors=True)
            batch.parcels = None
            done += len(batch.files)
            if progress:
                progress(done, len(todo))


def _commit(o: Opened, run: str, make: Callable[[], list[Record]]) -> None:
    """Make records under the lease and append them; nothing is appended when there are none."""
    with o.archive.lease(f"收件 {run}", wait=WAIT):
        o.archive.catch_up()
        records = make()
        if records:
            o.archive.commit(run, records)


def _destroyed_elsewhere(o: Opened, run: str) -> None:
    """Record what another cycle of the store has destroyed of what was withdrawn here, before any of it can come in again."""
    if destroy.elsewhere(o):
        _commit(o, run, lambda: consequences(o, run, decisions=destroy.elsewhere(o)))
        _commit(o, run, lambda: compared_again(o, run))


def _walk(o: Opened, paths: Sequence[Path] = ()) -> dict[Place, Found]:
    """What lies in the inbox now."""
    now = int(o.now().timestamp() * 1e9)
    return {(f.folder, f.path): f for f in o.inbox.walk(o.units, o.settings.limits, only=paths, now_ns=now)}


def _told_anew(view: Pass, todo: list[Found], known: list[Found], moved: list[Found], *, unfinished: bool) -> list[Found]:
    """Known files of which something is said differently now: by the units table, by a form, by a text beside a picture.

    :param unfinished: a pass was killed, perhaps between a text and the picture beside it: then every text counts as new.
    """
    coming = set(view.texts) if unfinished else {(f.folder, nfc(f.path)) for f in todo}
    gone = {(s.folder, nfc(s.path)) for place, s in view.held.items() if _speaks(s) and place not in view.founds}
    again = {(f.folder, f.path): f for f in moved}
    for f in known:
        source = view.held[f.folder, f.path]
        told = view.forms.row_for(f) != source.form
        beside = any((f.folder, nfc(n)) in coming | gone for n in sidecar_names(f.path))
        role = f.path.lower().endswith(".txt") and view.auxiliary(f) != source.auxiliary
        if told or beside or role:
            again[f.folder, f.path] = f
    return [f for f in known if (f.folder, f.path) in again]


def _speaks(f: Found | Source) -> bool:
    """It may say something of other files: a 提交表, a text beside a picture."""
    return is_form(f.path) or f.path.lower().endswith(".txt")


def _called_otherwise(f: Found, held: Source) -> bool:
    return (held.unit, held.unit_known) != (f.unit, f.unit_known)


def _unheard(o: Opened, held: Mapping[Place, Source]) -> set[Place]:
    """Forms, and archives that hold some, taken in when another version read the forms: what they say is heard anew, and what was
    material then, its name notwithstanding, is a form now (law 7).
    """
    last = last_run.load(o)
    if last is not None and last.form_reader == formsheet.VERSION:
        return set()
    return {(s.folder, container_of(s, held)) for s in held.values() if is_form(s.path)}


def _in_archives(o: Opened, founds: Mapping[Place, Found], pool: ReaderPool, folder: Path) -> list[tuple[FormPlace, Form]]:
    """Forms that lie in archives among ``founds``, read from the store: no archive is unpacked again to tell what is wrong with them."""
    index = o.archive.index
    held = {(s.folder, s.path): s for s in index.sources() if s.present}
    forms = [s for s in held.values() if s.member_of and is_form(s.path) and (s.folder, container_of(s, held)) in founds]
    wanted = {s.sha256 for s in forms if is_read(s.path)} - index.destroyed()
    fetched = dict(fetch(o, index.evidence(wanted), folder)) if wanted else {}
    try:
        there = [s for s in forms if s.sha256 in fetched or not is_read(s.path)]
        read = read_forms(((s.path, fetched.get(s.sha256, folder)) for s in there), pool)
    finally:
        for path in fetched.values():
            path.unlink(missing_ok=True)
    return [(FormPlace(s.folder, s.path), form) for s, form in zip(there, read, strict=True)]


def _absences(o: Opened, run: str, founds: dict[Place, Found], tally: Tally) -> list[Record]:
    """Sources that are no longer in the inbox: they stay archived; what their names said no longer speaks where others do.

    A file below a folder that cannot be opened is not gone, nor is one that came after the walk and was taken in by another pass.
    """
    held = {(s.folder, s.path): s for s in o.archive.index.sources() if s.present}
    gone = [s for s in held.values() if _absent(s, held, founds)]
    if gone:
        now = _walk(o)
        gone = [msgspec.structs.replace(s, present=False) for s in gone if _absent(s, held, now)]
    tally.gone = _taken_away(o, gone, held)
    lifted = _notices_ended(o, run, founds, held)
    if not gone:
        return lifted
    proposals = propose_again(o, sorted({s.sha256 for s in gone}), sources=gone)
    return [*consequences(o, run, sources=gone, proposals=proposals), *lifted]


def _taken_away(o: Opened, gone: list[Source], held: Mapping[Place, Source]) -> dict[str, int]:
    """How many of each unit's files went that are to be told of: not those whose bytes stand elsewhere (renamed, moved), nor those that
    a person has withdrawn, replaced or destroyed.
    """
    away = {(s.folder, s.path) for s in gone}
    known = {s.sha256 for place, s in held.items() if place not in away} | o.archive.index.destroyed()
    settled = o.archive.index.withdrawn() | o.archive.index.replaced()
    left = [s for s in gone if s.member_of is None and s.sha256 not in known]
    return dict(sorted(Counter(s.unit for s in left if not {(s.sha256, s.unit), (s.sha256, "")} & settled).items()))


def _notices_ended(o: Opened, run: str, founds: dict[Place, Found], held: Mapping[Place, Source]) -> list[Record]:
    """Notices of what is in the inbox no more, or is again what the archive holds; of folders that can be opened again.

    A suspected secret that is gone is still to be accounted for: its notice stays and says that it is gone.
    """
    out: list[Record] = []
    for (folder, path), notice in sorted(o.archive.index.quarantined().items()):
        found, source, said = founds.get((folder, path)), held.get((folder, path)), notice.detail
        outcome, detail = "lifted", dict[str, Any](folder=folder, path=path)
        if found is not None:
            if source is None or source.sha256 == said.get("sha256") or not stands(source, found):
                continue
        elif path and not path.endswith("/"):  # not of a folder
            if _below_closed(folder, path, founds) or said.get("gone"):
                continue
            if SUSPECTED_SECRET in said.get("reason", ""):
                outcome, detail = "quarantined", {**said, "reason": f"{said['reason']};{_GONE}"}
            detail["gone"] = True
        out.append(EventRecord(EventType.QUARANTINE, f"{folder}/{path}", o.now(), outcome, run, detail))
    return out


def _troubles(o: Opened, forms: FormBook | None, founds: Mapping[Place, Found]) -> tuple[FormProblem, ...]:
    """What cannot be used of the forms among ``founds``; a pass that had none to read says what the one before it found.
    Whatever was decided of them: ``last_run.to_mend``.

    A row may name a member of an archive that was taken in long ago.
    """
    if forms is None:
        last, here = last_run.load(o), {(f.unit, f.path) for f in founds.values()}
        return tuple(f for f in (last.forms if last else ()) if any((f.unit, p) in here for p in places_of(f.path)))
    if not forms.forms:
        return ()
    members = [s for s in o.archive.index.sources() if s.present and s.member_of]
    outer = {e.sha256 for e in o.archive.index.evidence({s.member_of for s in members if s.member_of}) if of_archive(e)}
    said = [
        (next((f for at in places_of(p.path) if (f := founds.get((p.folder, at)))), None), p.path, text)
        for p, text in forms.with_files(s for s in members if s.member_of in outer).problems
    ]
    found = [FormProblem(f.unit, path, display(text, _SAID)) for f, path, text in said if f is not None]
    return tuple(sorted(found, key=lambda f: (f.unit, natural_key(f.path[:_SAID]), f.path, natural_key(f.text), f.text)))


def _emptied(held: Mapping[Place, Source]) -> str:
    """What is to be said of an inbox without a single file where something stood before; "" = nothing."""
    files = sum(s.member_of is None for s in held.values())
    return f"收件箱里一个文件也没有,此前有 {files} 个;不是有意清空的,请检查共享文件夹或磁盘是否已连接" if files else ""


def _absent(s: Source, held: Mapping[Place, Source], founds: dict[Place, Found]) -> bool:
    path = container_of(s, held)
    return (s.folder, path) not in founds and not _below_closed(s.folder, path, founds)


def _below_closed(folder: str, path: str, founds: dict[Place, Found]) -> bool:
    """It lies below a folder that cannot be opened."""
    above = [(folder, path[: n + 1]) for n, c in enumerate(path) if c == "/"]
    return any(place in founds for place in (("", ""), (folder, ""), *above))


def _event(o: Opened, run: str, tally: Tally) -> EventRecord:
    counts = {k: getattr(tally, k) for k in ("new", "known", "quarantined", "waiting", "ignored", "members")}
    gone = {"gone": tally.gone} if tally.gone else {}
    return EventRecord(EventType.INGESTION, run, o.now(), "success", run, {"found": tally.found, **counts, **gone})
