"""Statistical tables cell by cell: which are to be looked at, what is recorded of them, what the page shows.

A table is looked at once, and again when the rules, the settings, its reader or what the city declares of it have changed (law 7).
Findings are of origin ``tables``; what was seen of each file is kept in one report object, from which any of it can be made
again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from archive_schema import canonical
from archive_schema.decisions import Decision, in_force
from archive_schema.declared import DeclaredTable
from archive_schema.evidence import Evidence, Placement, Source
from archive_schema.grid import GRID, Grid, TableFamily, decode
from archive_schema.records import FindingRecord, Record
from archive_schema.report import ExpectationResult
from archive_schema.table_report import FamilyReport, TableReport, Unlooked
from archive_schema.text import display, natural_key
from archive_schema.words import EvidenceKind, PlacementStatus
from flows import cycle_reports
from flows.crosswise import with_waivers
from flows.derived import keep_grids
from flows.workspace import Opened
from storage import keys
from storage.objects import ObjectMissing
from storage.protection import erase
from validators import cells, checks, suites, tablewise
from validators.tablewise import Looked

log = logging.getLogger(__name__)

#: origin of the findings made here
TABLES = "tables"
#: rows of all frames in one run (ours, some 200 MB in the validating process); the tables left over wait for the next
ROWS = 300_000
_EXAMPLES = 5


class Told(msgspec.Struct, frozen=True, array_like=True):
    """One sheet: its family, and whether the city declared it."""

    sheet: str
    family: TableFamily
    declared: bool


class Seen(msgspec.Struct, frozen=True):
    """One file as it was looked at. ``rules``: under which it was."""

    rules: str
    told: tuple[Told, ...] = ()
    looked: tuple[Looked, ...] = ()
    left: tuple[str, ...] = ()


class Gathered(msgspec.Struct, frozen=True):
    """``rows`` of the files looked at now; ``seen`` of each what is known before; ``held``: every table; ``waiting``: for the next run."""

    rows: dict[TableFamily, list[cells.Row]]
    seen: dict[str, Seen]
    held: frozenset[str]
    waiting: int = 0


def gather(
    o: Opened, evidence: Iterable[Evidence], placements: Mapping[str, Sequence[Placement]], *, most: int = ROWS
) -> Gathered:
    """The tables that are to be looked at, as rows of their frames."""
    declared = {t.id: t for t in o.catalogue.tables}
    under = o.archive.index.judged(TABLES)
    kept = _kept(o)
    rows: dict[TableFamily, list[cells.Row]] = defaultdict(list)
    seen: dict[str, Seen] = {}
    held: set[str] = set()
    count = waiting = 0
    todo: list[tuple[Evidence, str, DeclaredTable | None]] = []
    for e in evidence:
        items = [p.item for p in placements.get(e.sha256, ()) if _is_table(p)]
        if e.auxiliary or not items:
            continue
        held.add(e.sha256)
        says = next((declared[i] for i in sorted(items, key=natural_key) if i in declared), None)
        rules = _rules(e, says)
        if under.get(e.sha256) == (rules, o.config.basis) and e.sha256 in kept and kept[e.sha256].rules == rules:
            continue
        todo.append((e, rules, says))
    keep_grids(o, (e for e, _, _ in todo))
    for e, rules, says in todo:
        if count >= most:
            waiting += 1
            continue
        grid = _grid(o, e)
        if grid is None:
            seen[e.sha256] = Seen(rules, left=tablewise.unread(e))
            continue
        framed = cells.frame(e.sha256, grid, says)
        for family, made in framed.rows.items():
            rows[family] += made
            count += len(made)
        seen[e.sha256] = Seen(rules, tuple(Told(*t) for t in framed.told), left=framed.left)
    return Gathered(dict(rows), seen, frozenset(held), waiting)


def table_records(
    o: Opened,
    run: str,
    gathered: Gathered,
    looked: Mapping[str, tuple[Looked, ...]],
    placements: Mapping[str, Sequence[Placement]],
    sources: Mapping[str, Sequence[Source]],
) -> list[Record]:
    """What differs from the findings held; what is no table any more gets an empty record."""
    index = o.archive.index
    catalogue = checks.load().under(o.settings)
    before = {f.sha256: f for f in index.findings() if f.origin == TABLES}
    of_sha: dict[str, list[Decision]] = defaultdict(list)
    for d in in_force(index.decisions()):
        of_sha[d.sha256].append(d)
    records: list[Record] = []
    for sha in sorted({*gathered.seen, *(before.keys() - gathered.held)}):
        seen = gathered.seen.get(sha)
        if seen is None and not before[sha].outcomes:
            continue
        found = tablewise.outcomes(_file(sha, sources), looked.get(sha, ()), seen.left, catalogue) if seen else ()
        record = FindingRecord(
            sha256=sha,
            origin=TABLES,
            rules=seen.rules if seen else "",
            settings=o.config.basis,
            outcomes=with_waivers(o, found, of_sha[sha], placements.get(sha, ())),
            passed=_passed(looked.get(sha, ())) if seen else (),
            run=run,
        )
        if sha not in before or msgspec.structs.replace(before[sha], run=run) != record:
            records.append(record)
    return records


def keep(o: Opened, gathered: Gathered, looked: Mapping[str, tuple[Looked, ...]]) -> None:
    """Remember what was seen of every table that is still one."""
    kept = {sha: s for sha, s in _kept(o).items() if sha in gathered.held}
    new = {sha: msgspec.structs.replace(s, looked=looked.get(sha, ())) for sha, s in gathered.seen.items()}
    if new or len(kept) != len(gathered.held):
        destroyed = o.archive.index.destroyed()  # perhaps since it was gathered
        now = {sha: s for sha, s in (kept | new).items() if sha not in destroyed}
        cycle_reports.put(o, cycle_reports.TABLES, canonical.encode(now))


def forget(o: Opened, shas: Collection[str]) -> None:
    """Forget what was seen of these, in every cycle of the store and in every version of what is kept (law 9)."""
    store = o.archive.store
    for key in [i.key for i in store.list(f"{keys.report_key(cycle_reports.TABLES)}/")]:
        kept = _decoded(store.get(key))
        left = {sha: s for sha, s in kept.items() if sha not in shas}
        if left != kept:
            erase(store, key)
            store.put_bytes(key, canonical.encode(left), replace=True)


def report(o: Opened, lists: tuple[ExpectationResult, ...]) -> TableReport:
    """What is known of all tables held.

    :param lists: the results of the suites over the list itself.
    """
    index = o.archive.index
    destroyed = index.destroyed()
    tables = [p for p in index.placements() if _is_table(p) and p.sha256 not in destroyed]
    placed = {p.sha256 for p in tables}
    items = sorted({p.item for p in tables}, key=natural_key)
    sources: dict[str, list[Source]] = defaultdict(list)
    for s in index.sources(placed):
        sources[s.sha256].append(s)
    kept = {sha: s for sha, s in _kept(o).items() if sha in placed}
    unlooked = [Unlooked(_file(sha, sources), "、".join(s.left)) for sha, s in kept.items() if s.left]
    unlooked += [Unlooked(_file(sha, sources), "还没有轮到,下次收件时再查") for sha in placed - kept.keys()]
    head = o.archive.head()
    return TableReport(
        generated_at=o.now(),
        zone=o.workspace.zone,
        city=o.cycle.city,
        cycle=o.cycle.name,
        head=head.anchor if head else None,
        records=head.total if head else 0,
        files=len(placed),
        looked=sum(1 for s in kept.values() if s.looked),
        families=tuple(_family(suite, kept, sources) for suite in suites.tables() if _of(suite, kept)),
        unlooked=tuple(sorted(unlooked, key=lambda u: (natural_key(u.file), u.why))),
        lists=lists,
        notes={i: of.threshold for i in items if (of := o.catalogue.by_id.get(i)) is not None and of.threshold},
    )


def _family(suite: suites.Suite, kept: Mapping[str, Seen], sources: Mapping[str, Sequence[Source]]) -> FamilyReport:
    files = _of(suite, kept)
    results = []
    for x in suite.expectation:
        seen = [(sha, of) for sha, s in sorted(files.items()) for of in s.looked if (of.suite, of.id) == (suite.name, x.id)]
        examples = [f"{_file(sha, sources)}: {place}" for sha, of in seen for place in of.places]
        wrong = sum(of.unexpected for _, of in seen)
        results.append(
            ExpectationResult(
                suite.title,
                x.code,
                x.text,
                wrong == 0 if seen else None,
                sum(of.checked for _, of in seen),
                wrong,
                tuple(examples[:_EXAMPLES]),
            )
        )
    declared = sum(1 for s in files.values() if any(t.declared for t in s.told))
    return FamilyReport(suite.title, len(files), declared, tuple(results))


def _of(suite: suites.Suite, kept: Mapping[str, Seen]) -> dict[str, Seen]:
    return {sha: s for sha, s in kept.items() if any(suites.FRAME_OF[t.family] == suite.frame for t in s.told)}


def _is_table(p: Placement) -> bool:
    return p.kind is EvidenceKind.TABLE and p.status is not PlacementStatus.REJECTED


def _rules(e: Evidence, says: DeclaredTable | None) -> str:
    """What a look at this table rests on besides the settings."""
    return "/".join([tablewise.RULES, GRID, e.reader, canonical.digest(says)[:12] if says is not None else ""])


def _grid(o: Opened, e: Evidence) -> Grid | None:
    try:
        data = o.archive.store.get(keys.derived_key(e.sha256, GRID))
        return decode(data) if data else None
    except ObjectMissing:
        return None
    except msgspec.MsgspecError as error:
        log.warning("grid of %s: %s", e.sha256, error)
        return None


def _kept(o: Opened) -> dict[str, Seen]:
    """{} when there is none, or none that this version can read: everything is then looked at again."""
    return _decoded(cycle_reports.last(o, cycle_reports.TABLES))


def _decoded(data: bytes | None) -> dict[str, Seen]:
    try:
        return msgspec.json.decode(data, type=dict[str, Seen]) if data is not None else {}
    except msgspec.MsgspecError:
        return {}


def _passed(looked: Iterable[Looked]) -> tuple[str, ...]:
    codes: dict[str, bool] = {}
    by_key = {(s.name, x.id): x for s in suites.tables() for x in s.expectation}
    for of in looked:
        x = by_key[of.suite, of.id]
        if not x.judged:
            codes[x.code] = codes.get(x.code, True) and not of.unexpected
    return tuple(sorted(code for code, good in codes.items() if good))


def _file(sha: str, sources: Mapping[str, Sequence[Source]]) -> str:
    """The file as a finding names it: without the unit's folder where several units sent it."""
    mine = sorted(sources.get(sha, ()), key=lambda s: (not s.present, s.unit, s.path))
    if not mine:
        return f"{sha[:12]}…"
    path = mine[0].path if len({s.unit for s in mine}) == 1 else mine[0].path.rsplit("/", 1)[-1]
    return display(path, 120)
