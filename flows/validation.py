"""Great Expectations over the frames, and materials against each other; what fails is a finding like any other.

Once per changed run, and in the first run after people decided something, of whatever counts then.

Tables are looked at cell by cell in the same process, those that were not yet (``tables``).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from archive_schema.decisions import Decision, in_force
from archive_schema.evidence import CheckOutcome, Placement, Source
from archive_schema.records import FindingRecord, Record
from archive_schema.report import ExpectationResult
from archive_schema.table_report import TableReport
from flows import cycle_reports, kept_reports, tables
from flows.crosswise import crosswise_records, with_waivers
from flows.gone import gone
from flows.scratch import scratch
from flows.workspace import Opened
from storage import kept
from validators import checks, frames
from validators.process import Validator
from validators.validation import Validation, run_validation

log = logging.getLogger(__name__)

#: origin of the findings made here
VALIDATION = "validation"
#: under which the index keeps how many decisions the last validation knew of: the series only grows
_KNEW = "validation:decisions"


@contextmanager
def validator(o: Opened, *, wanted: bool) -> Iterator[Validator | None]:
    """The validating process, started now, to be ready when what is new has been read; None when it is not wanted."""
    if not wanted:
        yield None
        return
    with scratch(o.workspace) as folder, Validator(folder) as started:
        yield started


def validate_frames(o: Opened, run: str, started: Validator | None = None) -> Validation:
    """Validate what is held, keep the results under ``reports/validation/``, record what differs from the last findings.

    When the validating process itself fails, its results are 未检 and the findings of the last validation stay; what compares
    materials with each other does not depend on it.

    :param started: a process that was started before, and has no job yet.
    """
    index = o.archive.index
    acts = len(index.decisions())
    destroyed = index.destroyed()
    placements: dict[str, list[Placement]] = defaultdict(list)
    for p in index.placements():
        if p.sha256 not in destroyed:
            placements[p.sha256].append(p)
    sources: dict[str, list[Source]] = defaultdict(list)
    for s in index.sources():
        if s.sha256 not in destroyed:
            sources[s.sha256].append(s)
    evidence = [e for e in index.evidence() if e.sha256 not in destroyed]
    gathered = tables.gather(o, evidence, placements)
    with scratch(o.workspace) as workdir:
        result = run_validation(
            frames.manifest_rows(evidence, placements, sources, gone(o)),
            [frames.source_row(s) for of in sources.values() for s in of],
            catalogue_ids=o.catalogue.by_id,
            unit_names=o.units.by_name,
            workdir=workdir,
            settings=o.settings,
            tables=gathered.rows,
            validator=started,
        )
    if result.error is not None:
        log.error("%s", result.error)
    with o.archive.lease(f"清单检查 {run}", wait=60):
        o.archive.catch_up()
        records = _records(o, run, result.findings, placements) if result.error is None else []
        if result.error is None:
            records += tables.table_records(o, run, gathered, result.tables, placements, sources)
        records += crosswise_records(o, run, evidence, placements, sources)
        if records:
            o.archive.commit(run, records)
    if result.error is None:
        tables.keep(o, gathered, result.tables)
        kept.put(index, _KNEW, str(acts))
    if gathered.waiting:
        log.warning("%d tables wait for the next run", gathered.waiting)
    cycle_reports.put(o, cycle_reports.VALIDATION, msgspec.json.encode(result.results), run=run)
    if result.raw:
        cycle_reports.put(o, cycle_reports.RAW, result.raw, run=run)
    return result


def decided_since(o: Opened) -> bool:
    """Did people decide anything that the last validation knew nothing of? What counts no more makes nothing suspect."""
    index = o.archive.index
    return int(kept.get(index, _KNEW) or 0) != len(index.decisions())


def validation_results(o: Opened) -> tuple[ExpectationResult, ...]:
    """Of the last validation, and of all tables what was looked at; () before the first."""
    report = table_report(o)
    return (*report.lists, *(r for f in report.families for r in f.results if r.success is not None))


def table_report(o: Opened) -> TableReport:
    """What the suites saw of all tables, and of the list."""
    listed = cycle_reports.of_runs(o, cycle_reports.VALIDATION)
    return tables.report(o, kept_reports.newest(o, listed, tuple[ExpectationResult, ...]) or ())


def _records(
    o: Opened, run: str, findings: dict[str, tuple[CheckOutcome, ...]], placements: Mapping[str, Sequence[Placement]]
) -> list[Record]:
    """What is found now where it differs from what was found before; an evidence with nothing any more gets an empty record."""
    held = {f.sha256: f.outcomes for f in o.archive.index.findings() if f.origin == VALIDATION}
    of_sha: dict[str, list[Decision]] = defaultdict(list)
    for d in in_force(o.archive.index.decisions()):
        of_sha[d.sha256].append(d)
    now = {sha: with_waivers(o, findings.get(sha, ()), of_sha[sha], placements.get(sha, ())) for sha in {*findings, *held}}
    return [
        FindingRecord(
            sha256=sha,
            origin=VALIDATION,
            rules=checks.RULES,
            settings=o.config.basis,
            outcomes=outcomes,
            passed=(),
            run=run,
        )
        for sha, outcomes in sorted(now.items())
        if held.get(sha, ()) != outcomes
    ]
