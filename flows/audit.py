"""Is everything there, unaltered, complete? Changes no object, segment, head or decision.

This is the fast depth: index, series, head, count and object listing agree, and every requirement is assessed again.
"""

from __future__ import annotations

import re

import msgspec

from archive_schema import outputs
from archive_schema.errors import UsageError
from archive_schema.records import CatalogueRecord, CycleRecord, SettingsRecord, UnitsRecord
from archive_schema.words import CellState
from flows.coverage import assess_now
from flows.workspace import Opened
from storage import keys, series
from validators import audit as checks

ONLY = ("integrity", "completeness")
NO_ANCHOR = "无外部锚点: 整个清单连同清单之首一起被换回旧版时,这里查不出;请用 --expect SEQ:DIGEST 核对"
FAST = "快速审计: 没有逐个重算字节的摘要值,没有重新打开文件"


def audit(o: Opened, *, only: str | None = None, expect: str | None = None) -> outputs.AuditOutput:
    """Audit at the fast depth; the result is also kept as ``reports/audit/<time>.json``.

    :param only: ``integrity`` or ``completeness``; None = both.
    :param expect: ``SEQ:DIGEST`` noted down outside, the anchor against a rolled-back series.
    :raises UsageError: ``expect`` is no anchor.
    """
    if expect is not None and not re.fullmatch(r"\d+:[0-9a-f]{64}", expect):
        raise UsageError(
            f"not an anchor: {expect}",
            zh=f"“{expect}”不是清单之首",
            code="audit.expect",
            hint="应为 SEQ:DIGEST(数字、冒号、64 位摘要值),见报告页首或 dangan manifest --digest",
        )
    head = o.archive.head()
    unchecked: list[str] = []
    integrity = None
    if only != "completeness":
        integrity = checks.integrity(_problems(o, expect))
        unchecked += [FAST] if expect else [FAST, NO_ANCHOR]
    completeness = None
    if only != "integrity":
        a = assess_now(o)
        done = (CellState.USABLE, CellState.NOT_APPLICABLE)
        completeness = outputs.AuditCompleteness(
            ok=all(c.state in done for c in a.cells), totals={CellState(k): v for k, v in a.totals.items()}
        )
    result = outputs.AuditOutput(
        head=head.anchor if head else None,
        depth="fast",
        integrity=integrity,
        completeness=completeness,
        unchecked=unchecked,
    )
    key = keys.report_key("audit", f"{o.now():%Y%m%dT%H%M%S%fZ}.json")
    o.archive.store.put_bytes(key, msgspec.json.encode(result), replace=True)
    return result


def _problems(o: Opened, expect: str | None) -> list[outputs.AuditProblem]:
    archive, index = o.archive, o.archive.index
    found = [checks.SeriesProblem(p.code, p.key, p.expected, p.found) for p in archive.inspect_series()]
    try:
        stored = series.read_head(archive.store, archive.cycle)
    except series.SeriesError:  # found just now
        stored = archive.head()
    destroyed = index.destroyed()
    expected = [
        checks.ExpectedObject(e.object_key or keys.object_key(e.sha256), e.size, destroyed=e.sha256 in destroyed)
        for e in index.evidence()
    ]
    listing = {i.key: i.size for i in archive.store.list("objects/")}
    digests = _config_digests(o)
    expected += [checks.ExpectedObject(k, listing.get(k, 0)) for k in (keys.object_key(d) for d in digests)]
    problems = checks.fast(
        store_head=stored, index_head=archive.head(), series_problems=found, listing=listing, expected=expected
    )
    anchors: dict[int, str] = {}
    if expect is not None:
        seq = int(expect.partition(":")[0])
        digest = series.digest_at(archive.store, archive.cycle, seq)
        if digest is not None:
            anchors[seq] = digest
    return [*problems, *checks.anchor(archive.head(), anchors, expect)]


def _config_digests(o: Opened) -> set[str]:
    """Digests of every configuration object that the series ever named."""
    kinds = (CycleRecord, CatalogueRecord, SettingsRecord, UnitsRecord)
    try:
        return {
            r.digest
            for segment in series.walk(o.archive.store, o.archive.cycle)
            for r in segment.records()
            if isinstance(r, kinds)
        }
    except series.SeriesError:  # said by the inspection of the series; what follows the fault cannot be known
        return set(o.archive.index.config().values())
