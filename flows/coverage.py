"""The coverage report from the index: what exists against what should exist."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from archive_schema import outputs
from archive_schema.catalogue import Item
from archive_schema.coverage import Assessment, Cell, Watched
from archive_schema.decisions import Decision, in_force
from archive_schema.errors import UnavailableError
from archive_schema.report import (
    CellChange,
    Changes,
    CoverageReport,
    Place,
    ShownFinding,
    piece_key,
)
from archive_schema.text import natural_key
from archive_schema.words import CellState, EvidenceKind
from flows import cycle_reports, kept_reports, last_run, returns, watching, within
from flows.adrift import shown as adrift_shown
from flows.grades import grades_now, grades_output
from flows.negative import negative_list
from flows.progress import progress
from flows.validation import validation_results
from flows.view import View, title_of
from flows.workspace import Opened
from storage import keys
from storage.objects import ObjectMissing
from validators import timing
from validators.assess import assess, not_applicable_cells, reassigned

#: what a city edits, in the order in which it is told
KINDS_SET = ("catalogue", "cycle", "settings", "units")


class Snapshot(msgspec.Struct, frozen=True):
    """State of every cell at the end of a run, kept so that the next report can say what changed."""

    run: str
    at: datetime
    head: str
    cells: dict[str, CellState]
    config: dict[
        str, str
    ] = {}  # digests of cycle, settings, catalogue, units as the series held them; {} = of an earlier version


def assess_now(o: Opened, *, watched: Watched | None = None) -> Assessment:
    """:func:`validators.assess.assess` on what the index holds; the one way to coverage for run, report and audit.

    :param watched: see ``assess``; ``assess_watched`` gathers it.
    """
    return assess(
        o.catalogue,
        o.cycle,
        o.archive.index.cell_counts(),
        not_applicable=not_applicable_cells(o.archive.index.decisions()),
        today=o.today,
        watched=watched,
    )


def assess_watched(o: Opened, view: View | None = None) -> Assessment:
    """``assess_now`` with every remark.

    :param view: of now, where it is at hand.
    """
    decisions = in_force(o.archive.index.decisions())
    around = watching.watched(o, decisions, item_units(o, decisions), view or View(o, decisions))
    return assess_now(o, watched=around)


def take_snapshot(o: Opened, run: str) -> None:
    """Keep the state of every cell at the end of ``run`` in the store."""
    head = o.archive.head()
    if head is None:
        return
    cells = {f"{c.item}|{c.kind}": c.state for c in assess_now(o).cells}
    snapshot = Snapshot(run=run, at=o.now(), head=head.anchor, cells=cells, config=o.archive.index.config())
    cycle_reports.put(o, cycle_reports.COVERAGE, msgspec.json.encode(snapshot), run=run)


def coverage_report(o: Opened, *, unit: str | None = None) -> CoverageReport:
    """Everything the report shows, of all units or of the items that ``unit`` answers for and of what it sent.

    What is said of the city as a whole (负面清单, 表格校验, unknown folders) stands in no extract for one unit.

    :raises UsageError: no such unit.
    """
    unit = o.units.called(unit) if unit is not None else None
    index = o.archive.index
    decisions = in_force(index.decisions())
    units_of = item_units(o, decisions)
    view = View(o, decisions)
    assessment = assess_now(o, watched=watching.watched(o, decisions, units_of, view))
    shown = [i for i in o.catalogue.material if unit is None or o.units.answers_for(unit, units_of[i.id]) is not None]
    shown_ids = {i.id for i in shown}
    led = _led(o, units_of, view, unit)

    by_cell: dict[tuple[str, EvidenceKind], list[outputs.CoverageEvidence]] = defaultdict(list)
    findings: dict[str, tuple[ShownFinding, ...]] = {}
    late: set[str] = set()
    elsewhere: list[outputs.CoverageElsewhere] = []
    for p in view.placements:
        if p.item not in shown_ids and p.unit != unit:
            continue
        sources = view.sources_of(p.sha256, p.unit)
        source = sources[0] if sources else None
        piece = outputs.CoverageEvidence(
            sha256=p.sha256,
            unit=p.unit,
            path=view.shown_path(source),
            title=title_of(view.facts_of(p.sha256, p.unit), source),
            status=p.status,
        )
        if p.item in shown_ids:
            by_cell[p.item, p.kind].append(piece)
        elif (item := o.catalogue.by_id.get(p.item)) is not None:
            elsewhere.append(outputs.CoverageElsewhere(item.id, item.standard, units_of[item.id], p.kind, piece))
        key = piece_key(p.sha256, p.unit, p.item, p.kind)
        timely = timing.timing_outcomes(
            sources, p.unit, p.item, p.kind, catalogue=o.catalogue, cycle=o.cycle, settings=o.settings, zone=o.zone
        )
        if timely:
            late.add(key)
        findings[key] = (*view.findings(p), *(view.show(c, p.sha256, p.unit) for c in timely))

    items = [_item(i, assessment, by_cell, units_of[i.id]) for i in shown]
    head = o.archive.head()
    cells = [c for c in assessment.cells if c.item in shown_ids]
    sent_back = [u for u in _sent_back(view, decisions) if unit is None or u.unit == unit]
    aside = view.laid_aside({(u.sha256, u.unit) for u in sent_back})
    settled = Counter(why for (_, of), why in aside.items() if unit is None or of == unit)
    output = outputs.CoverageOutput(
        cycle=o.cycle.name,
        generated_at=o.now(),
        head=head.anchor if head else None,
        catalogue=outputs.CoverageCatalogue(
            edition=o.catalogue.head.edition, items=len(o.catalogue.material), requirements=len(o.catalogue.cells)
        ),
        totals=_count(c.state for c in cells),
        item_totals=_count(assessment.item_states[i.id] for i in shown),
        items=items,
        units=_units(assessment, led),
        unplaced=[u for u in view.unplaced() if unit is None or u.unit == unit],
        elsewhere=elsewhere if unit is not None else msgspec.UNSET,
        sent_back=sent_back or msgspec.UNSET,
        settled=outputs.CoverageSettled(**settled) if settled else msgspec.UNSET,
    )
    for u in (*output.unplaced, *sent_back):
        findings[piece_key(u.sha256, u.unit)] = view.file_findings(u.sha256, u.unit)
    last = last_run.load(o)
    return CoverageReport(
        coverage=output,
        records=head.total if head else 0,
        zone=o.workspace.zone,
        city=o.cycle.city,
        unit=unit or "",
        run=last.run if last else None,
        places={
            i.id: Place(
                section=i.section,
                project=i.project,
                indicator=i.indicator,
                content=i.content,
                threshold=i.threshold,
                provenance=i.provenance,
            )
            for i in shown
        },
        reasons={f"{c.item}|{c.kind}": c.reasons for c in cells},
        remarks={f"{c.item}|{c.kind}": c.remarks for c in cells if c.remarks},
        kinds={piece_key(r.sha256, r.unit): r.kind.name for r in view.proposals if r.kind},
        persons={f"{c.item}|{c.kind}": c.person for c in cells if c.person},
        board=progress(o, assessment, led, view, decisions),
        negative=negative_list(o, decisions) if unit is None else None,
        grades=grades_output(o, grades_now(o, assessment), units_of, only=unit) if o.catalogue.ladders else None,
        findings=findings,
        late=frozenset(late),
        replaced=frozenset(piece_key(p.sha256, p.unit) for p in view.placements if not view.stands(p.sha256, p.unit)),
        changes=_changes(o, cells, view, unit),
        notes=tuple(n for n in last_run.notes(o, last) if unit is None or n.unit == unit),
        forms=last_run.to_mend(o, (f for f in (last.forms if last else ()) if unit is None or f.unit == unit)),
        unknown_folders=last.unknown_folders if last and unit is None else {},
        validation=validation_results(o) if unit is None else (),
        catalogue_note=o.catalogue.head.note,
        provenance_counts=_count_provenance(shown),
        windows={k.value: str(w) for k, w in o.cycle.windows.items()},
        deadline=o.cycle.deadline.isoformat() if o.cycle.deadline else "",
    )


def item_units(o: Opened, decisions: Iterable[Decision]) -> dict[str, list[str]]:
    """Item → units that answer for it, the lead first; 改派 decisions put another in the lead."""
    moved = reassigned(decisions)
    out = {}
    for i in o.catalogue.items:
        names = [o.units.named(ref) for ref in i.units]
        if i.id in moved:
            lead = o.units.named(moved[i.id])
            names = [lead, *names[1:]]
        out[i.id] = list(dict.fromkeys(names))
    return out


def answering_now(o: Opened, decisions: Iterable[Decision]) -> dict[str, tuple[str, ...]]:
    """Of the items that 改派 decisions gave to another unit: who answers for them now, the members of a group among them."""
    decisions = list(decisions)
    of, known = item_units(o, decisions), o.units.by_name
    return {
        item: tuple(dict.fromkeys(m for n in of[item] for m in (n, *(known[n].members if n in known else ()))))
        for item in reassigned(decisions)
        if item in of  # another catalogue since
    }


def _item(
    item: Item,
    assessment: Assessment,
    by_cell: dict[tuple[str, EvidenceKind], list[outputs.CoverageEvidence]],
    units: list[str],
) -> outputs.CoverageItem:
    return outputs.CoverageItem(
        id=item.id,
        title=item.standard,
        provenance=item.provenance,
        units=units,
        state=assessment.item_states[item.id],
        requirements=[
            outputs.CoverageRequirement(
                kind=c.kind,
                state=c.state,
                needed=c.needed,
                usable=c.usable,
                reasons=[r.text for r in c.reasons],
                evidence=by_cell[c.item, c.kind],
                adrift=adrift_shown(c.adrift) or msgspec.UNSET,
            )
            for c in assessment.cells
            if c.item == item.id
        ],
    )


def _sent_back(view: View, decisions: list[Decision]) -> list[outputs.CoverageUnplaced]:
    """What has no place, was sent back to its unit, by itself or in a container, and is still out."""
    aside = view.unplaced(aside=True)
    out = {unit: returns.still_out(decisions, unit, view=view, unasked=()) for unit in {u.unit for u in aside}}
    above = within.inherited(view.o, {u.sha256: view.sources_of(u.sha256) for u in aside}, decisions)
    found = []
    for u in aside:
        acts = {d.id for d in above.get(u.sha256, {}).get(u.unit, ())} & {d.id for d in out[u.unit].values()}
        if u.sha256 in out[u.unit] or (acts and not view.is_replaced(u.sha256, u.unit)):
            found.append(u)
    return found


def _count(states: Iterable[CellState]) -> dict[CellState, int]:
    totals = dict.fromkeys(CellState, 0)
    for s in states:
        totals[s] += 1
    return totals


def _count_provenance(items: list[Item]) -> dict[str, int]:
    out: dict[str, int] = defaultdict(int)
    for i in items:
        out[i.provenance.value] += 1
    return dict(out)


def _led(o: Opened, units_of: dict[str, list[str]], view: View, only: str | None) -> dict[str, list[str]]:
    """Unit → items that it leads, of every unit that leads some or sent something, or of ``only``.

    In the whole what a group leads stands once, under the group; asked about a member it is the member's.
    """
    senders = {p.unit for p in view.placements if p.unit in o.units.by_name}
    led: dict[str, list[str]] = {name: [] for name in (senders if only is None else [only])}
    for i in o.catalogue.material:
        if only is None:
            led.setdefault(units_of[i.id][0], []).append(i.id)
        elif o.units.answers_for(only, units_of[i.id]) == 0:
            led[only].append(i.id)
    return led


def _units(assessment: Assessment, led: dict[str, list[str]]) -> list[outputs.CoverageUnit]:
    return [
        outputs.CoverageUnit(name=name, lead_of=items, totals=_count(c.state for c in assessment.cells if c.item in items))
        for name, items in sorted(led.items())
    ]


def dropped(before: Mapping[str, CellState], now: Iterable[str]) -> dict[CellState, int]:
    """Cells (``item|kind``) of a snapshot that are asked for no more, counted by the state they had: another catalogue."""
    states = Counter(before[key] for key in before.keys() - set(now))
    return {s: states[s] for s in CellState if states[s]}


def _between(before: str, run: str, after: str) -> bool:
    """Was the run begun between two others, as one that was killed and left no snapshot? Those of one second are not told apart."""
    first, it, last = (r.partition("-")[0] for r in (before, run, after))
    return first < it < last


def reset(o: Opened, before: Snapshot, now: Snapshot | Mapping[str, str]) -> tuple[str, ...]:
    """What was set otherwise in between: of cycle, settings, catalogue, units. () also where it is not known."""
    held = now.config if isinstance(now, Snapshot) else now
    known = before.config and held
    kinds = [kind for kind in KINDS_SET if before.config.get(kind) != held.get(kind)] if known else []
    if {"catalogue", "cycle"} <= set(kinds) and _renamed(o, before.config.get("cycle", ""), held.get("cycle", "")):
        kinds.remove("cycle")
    return tuple(kinds)


def _renamed(o: Opened, was: str, now: str) -> bool:
    """Do the two cycles differ in nothing but which catalogue they name? Its import writes that, and no window has changed by it."""
    try:
        before, after = ({**msgspec.json.decode(o.archive.store.get(keys.object_key(d))), "catalogue": ""} for d in (was, now))
    except (ObjectMissing, msgspec.DecodeError):  # the audit says so
        return False
    return bool(before == after)


def _changes(o: Opened, cells: Collection[Cell], view: View, unit: str | None) -> Changes | None:
    """In ``cells``, and what ``unit`` sent that is new; None = whoever sent it."""
    try:
        listed = cycle_reports.of_runs(o, cycle_reports.COVERAGE)
        latest = kept_reports.newest(o, listed, Snapshot)
        before = kept_reports.newest(o, listed, Snapshot, back=1)
    except UnavailableError:
        return None
    if latest is None:
        return None
    new = []
    for e in view.evidence.values():
        if e.run == latest.run or (before is not None and _between(before.run, e.run, latest.run)):
            for s in view.sources_of(e.sha256, unit)[:1]:
                new.append((e.sha256, s.unit, s.path))
    new.sort(key=lambda n: (n[1], natural_key(n[2])))
    if before is None:
        return Changes(since=None, since_head=None, new=tuple(new))
    changed = [
        CellChange(item=c.item, kind=c.kind, before=was, after=c.state)
        for c in cells
        if (was := before.cells.get(f"{c.item}|{c.kind}")) is not c.state
    ]
    gained = tuple(c for c in changed if c.after is CellState.USABLE)
    lost = tuple(c for c in changed if c.before is CellState.USABLE)
    return Changes(
        since=before.at,
        since_head=before.head,
        new=tuple(new),
        gained=gained,
        lost=lost,
        moved=tuple(c for c in changed if c not in gained and c not in lost),
        dropped=dropped(before.cells, (f"{c.item}|{c.kind}" for c in cells)) if unit is None else {},
        reset=reset(o, before, latest),
    )
