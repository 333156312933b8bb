"""The audits kept in the store: what the last one said, and when every object was last compared."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.audit import AuditReport
from archive_schema.errors import ConflictError
from flows.workspace import Opened
from storage import keys, series
from storage.objects import ObjectMissing

PREFIX = "reports/audit/"
_decoder: msgspec.json.Decoder[AuditReport] = msgspec.json.Decoder(AuditReport)


def keep(o: Opened, report: AuditReport) -> str:
    """Write the report; its key. Two audits of one instant are two reports."""
    key = keys.report_key("audit", f"{report.at:%Y%m%dT%H%M%S%fZ}.json")
    n = 1
    while o.archive.store.stat(key) is not None:
        n += 1
        key = keys.report_key("audit", f"{report.at:%Y%m%dT%H%M%S%fZ}-{n:03d}.json")
    o.archive.store.put_bytes(key, msgspec.json.encode(report))
    return key


def last(o: Opened) -> AuditReport | None:
    """The newest report of this cycle. What cannot be read as one is passed over: it only costs looking again."""
    for info in sorted(o.archive.store.list(PREFIX), key=lambda i: i.key, reverse=True):
        try:
            report = _decoder.decode(o.archive.store.get(info.key))
        except (msgspec.MsgspecError, ObjectMissing):
            continue
        if report.cycle == o.archive.cycle:
            return report
    return None


def began(o: Opened) -> datetime | None:
    """When the archive's series was begun; None = it was not, or its first segment cannot be read."""
    try:
        key = series.only_key(o.archive.store, o.archive.cycle, 1)
        return series.read_segment(o.archive.store, key).header.written_at if key else None
    except (series.SeriesError, ConflictError, ObjectMissing):
        return None
