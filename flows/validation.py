"""Great Expectations over the frames, and materials against each other, once per changed run; what fails is a finding like any other."""

from __future__ import annotations

import logging
import tempfile
from collections import defaultdict
from pathlib import Path

import msgspec

from archive_schema.evidence import CheckOutcome, Placement, Source
from archive_schema.records import FindingRecord, Record
from archive_schema.report import ExpectationResult
from flows.crosswise import crosswise_records
from flows.workspace import Opened
from storage import keys
from validators import checks, frames
from validators.validation import Validation, run_validation

log = logging.getLogger(__name__)

#: origin of the findings made here
VALIDATION = "validation"


def validate_frames(o: Opened, run: str) -> Validation:
    """Validate what is held, keep the results under ``reports/validation/``, record what differs from the last findings.

    When the validating process itself fails, its results are 未检 and the findings of the last validation stay; what compares
    materials with each other does not depend on it.
    """
    index = o.archive.index
    placements: dict[str, list[Placement]] = defaultdict(list)
    for p in index.placements():
        placements[p.sha256].append(p)
    sources: dict[str, list[Source]] = defaultdict(list)
    for s in index.sources():
        sources[s.sha256].append(s)
    evidence = list(index.evidence())
    with tempfile.TemporaryDirectory(prefix="dangan-validation-") as workdir:
        result = run_validation(
            frames.manifest_rows(evidence, placements, sources),
            [frames.source_row(s) for of in sources.values() for s in of],
            catalogue_ids=o.catalogue.by_id,
            unit_names=o.units.by_name,
            workdir=Path(workdir),
            settings=o.settings,
        )
    if result.error is not None:
        log.error("%s", result.error)
    with o.archive.lease(f"清单检查 {run}", wait=60):
        o.archive.catch_up()
        records = _records(o, run, result.findings) if result.error is None else []
        records += crosswise_records(o, run, evidence, placements, sources)
        if records:
            o.archive.commit(run, records)
    head = o.archive.head()
    seq = head.seq if head else 0
    store = o.archive.store
    store.put_bytes(keys.report_key("validation", f"{seq:08d}-{run}.json"), msgspec.json.encode(result.results), replace=True)
    if result.raw:
        store.put_bytes(keys.report_key("validation-raw", f"{seq:08d}-{run}.json"), result.raw, replace=True)
    return result


def validation_results(o: Opened) -> tuple[ExpectationResult, ...]:
    """Of the last validation; () before the first."""
    listed = [i.key for i in o.archive.store.list(keys.report_key("validation") + "/")]
    if not listed:
        return ()
    return msgspec.json.decode(o.archive.store.get(listed[-1]), type=tuple[ExpectationResult, ...])


def _records(o: Opened, run: str, findings: dict[str, tuple[CheckOutcome, ...]]) -> list[Record]:
    """What is found now where it differs from what was found before; an evidence with nothing any more gets an empty record."""
    held = {f.sha256: f.outcomes for f in o.archive.index.findings() if f.origin == VALIDATION}
    now = {sha: findings.get(sha, ()) for sha in {*findings, *held}}
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
