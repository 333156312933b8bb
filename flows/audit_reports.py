"""The audits kept in the store: what the last one said, and when every object was last compared."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

from archive_schema.audit import AuditReport
from archive_schema.errors import ConflictError
from flows.workspace import Opened
from storage import keys, series
from storage.objects import ObjectMissing

PREFIX = "reports/audit/"
_TIME = "%Y%m%dT%H%M%S%f"
_NAME = re.compile(rf"{PREFIX}(\d{{8}}T\d{{12}})Z\.json")
_decoder: msgspec.json.Decoder[AuditReport] = msgspec.json.Decoder(AuditReport)


def keep(o: Opened, report: AuditReport) -> str:
    """Write the report; its key. Two audits of one instant are two reports, and the last one written is the last by name, also
    when the clock was set back: then it is named after the one before it.
    """
    at = report.at
    there = [m[1] for info in o.archive.store.list(PREFIX) if (m := _NAME.fullmatch(info.key))]
    if there:
        at = max(at, datetime.strptime(max(there), _TIME).replace(tzinfo=UTC) + timedelta(microseconds=1))
    key = keys.report_key("audit", f"{at:{_TIME}}Z.json")
    o.archive.store.put_bytes(key, msgspec.json.encode(report))
    return key


def last(o: Opened) -> AuditReport | None:
    """The newest report of this cycle. What cannot be read as one is passed over: it only costs looking again."""
    listed = [info.key for info in o.archive.store.list(PREFIX) if _NAME.fullmatch(info.key)]
    for key in sorted(listed, reverse=True):
        try:
            report = _decoder.decode(o.archive.store.get(key))
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
