"""What a pass says is wrong with the files that it took in, and with what was compared when they were there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from archive_schema.evidence import CheckOutcome, Source
from archive_schema.records import FindingRecord
from archive_schema.report import ShownFinding
from archive_schema.text import display
from archive_schema.words import Outcome, Severity
from flows import told
from flows.accounting import container_of
from flows.crosswise import AFTERWARDS
from flows.workspace import Opened
from intake.discover import Found
from validators import checks, remedies


def over_all(o: Opened) -> tuple[ShownFinding, ...]:
    """What was found over the frames, in the cells of tables and by comparing materials with each other, naming the files."""
    records = [f for f in o.archive.index.findings() if f.origin in AFTERWARDS and f.outcomes]
    sources = o.archive.index.sources({f.sha256 for f in records})
    return _named(o, records, sources, lambda c: c.outcome is Outcome.FAIL)


def of_files(o: Opened, todo: Sequence[Found]) -> tuple[ShownFinding, ...]:
    """What is wrong with the files that a pass took in, and with what came in them, as judged one by one."""
    if not todo:
        return ()
    taken = {(f.folder, f.path) for f in todo}
    held = {(s.folder, s.path): s for s in o.archive.index.sources() if s.present}
    came = [s for s in held.values() if (s.folder, container_of(s, held)) in taken]
    records = [f for f in o.archive.index.findings({s.sha256 for s in came}) if f.origin not in AFTERWARDS]
    return _named(o, records, came, _bad)


def _bad(c: CheckOutcome) -> bool:
    """It keeps the file from counting, or is wrong enough to be warned of."""
    return c.severity is Severity.BLOCKING or (c.severity is Severity.WARNING and c.outcome is Outcome.FAIL)


def _named(
    o: Opened, records: Sequence[FindingRecord], came: Iterable[Source], wanted: Callable[[CheckOutcome], bool]
) -> tuple[ShownFinding, ...]:
    """Outcomes that are wanted, to each unit that they are said to, by the file that it sent.

    :param came: the sources to speak of.
    """
    rules = checks.load()
    sent, shown = defaultdict(list), defaultdict(list)
    for s in o.archive.index.sources({f.sha256 for f in records}):
        sent[s.sha256].append(s)
    for s in came:
        shown[s.sha256].append(s)

    def named(sha: str, c: CheckOutcome, unit: str) -> str:
        text = told.said(c, unit, sent[sha], shown[sha])
        paths = [display(s.path, 120) for s in shown[sha] if s.unit == unit]
        return f"{unit}/{text}" if text.startswith(tuple(paths)) else f"{unit}/{paths[0]}: {text}"

    found = (
        ShownFinding(
            code=c.code,
            severity=c.severity,
            outcome=c.outcome.value,
            text=named(f.sha256, c, unit),
            remedy=remedies.remedy(c, f.outcomes, rules),
            waived=c.waived,
        )
        for f in records
        for c in f.outcomes
        for unit in dict.fromkeys(s.unit for s in shown[f.sha256])
        if c.unit in ("", unit) and wanted(c)
    )
    return tuple(dict.fromkeys(found))  # said of two placements, it is one thing to mend
