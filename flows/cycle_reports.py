"""What is reported of one cycle and kept in the store: each cycle of a store sees its own alone.

An archive of an earlier version may hold such reports under keys that do not name the cycle. They are read where it is certain
whose they are: one of a run, when the run wrote a segment of this cycle's series; the last of its kind, when the store holds no
other cycle. No report is added there.
"""

from __future__ import annotations

from flows import kept_reports, other_cycles
from flows.workspace import Opened
from storage import keys, series
from storage.objects import ObjectMissing

#: one of every run that changed something
COVERAGE, VALIDATION, RAW = "coverage", "validation", "validation-raw"
#: the last one only
LAST_RUN, DIGEST, TABLES = "last-run", "digest", "validation-tables"
#: where the last one lies without the cycle
_UNNAMED = {
    LAST_RUN: keys.report_key("last-run.json"),
    DIGEST: keys.report_key("digest.json"),
    TABLES: keys.report_key("validation-tables", "seen.json"),
}
_ONE = "last.json"


def put(o: Opened, what: str, data: bytes, *, run: str = "") -> None:
    """Keep a report: of a run at the present head, or (no run) the last of its kind, in place of the one before."""
    head = o.archive.head()
    name = f"{head.seq if head else 0:08d}-{run}.json" if run else _ONE
    o.archive.store.put_bytes(keys.cycle_report_key(what, o.archive.cycle, name), data, replace=True)


def of_runs(o: Opened, what: str) -> list[str]:
    """Keys of the reports of runs, in the order of the series."""
    own = keys.cycle_report_prefix(what, o.archive.cycle)
    mine, unnamed = [], []
    for key in kept_reports.listed(o, f"{keys.report_key(what)}/"):
        if key.startswith(own):
            mine.append(key)
        elif key.count("/") == own.count("/") - 1:
            unnamed.append(key)
    if unnamed:
        written = {p[2] for k in series.segment_keys(o.archive.store, o.archive.cycle) if (p := keys.parse_segment_key(k))}
        unnamed = [k for k in unnamed if k.rpartition("/")[2].partition("-")[2].removesuffix(".json") in written]
    return [*unnamed, *mine]


def last(o: Opened, what: str) -> bytes | None:
    """The one that is kept, or None."""
    store = o.archive.store
    try:
        return store.get(keys.cycle_report_key(what, o.archive.cycle, _ONE))
    except ObjectMissing:
        pass
    try:
        return None if other_cycles.names(o) else store.get(_UNNAMED[what])
    except ObjectMissing:
        return None
