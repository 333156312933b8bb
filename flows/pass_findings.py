"""What a pass says is wrong with the files that it took in, and with what was compared when they were there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from archive_schema.evidence import CheckOutcome, Source
from archive_schema.records import FindingRecord
from archive_schema.report import ShownFinding
from archive_schema.text import display, place
from archive_schema.words import Outcome, Severity
from flows import told
from flows.accounting import container_of
from flows.crosswise import AFTERWARDS
from flows.workspace import Opened
from intake.discover import Found
from validators import checks, remedies

NOTHING: Mapping[tuple[str, str], Source] = {}
#: findings looked at together
CHUNK = 500


def over_all(o: Opened) -> tuple[ShownFinding, ...]:
    """What was found over the frames, in the cells of tables and by comparing materials with each other, naming the files."""
    index = o.archive.index
    records = (f for f in index.findings() if f.origin in AFTERWARDS and f.outcomes)
    return _named(o, records, index.sources, lambda c: c.outcome is Outcome.FAIL)


def of_files(o: Opened, todo: Sequence[Found], before: Mapping[tuple[str, str], Source] = NOTHING) -> tuple[ShownFinding, ...]:
    """What is wrong with the files that a pass took in, and with what came in them, as judged one by one.

    :param before: by folder and path, what was held before the pass: the same bytes at the same place were not taken in.
    """
    if not todo:
        return ()
    held = {(s.folder, s.path): s for s in o.archive.index.sources() if s.present}
    taken = {p for f in todo if not _same(before.get(p := (f.folder, f.path)), held.get(p))}
    came: dict[str, list[Source]] = defaultdict(list)
    for s in held.values():
        if (s.folder, container_of(s, held)) in taken:
            came[s.sha256].append(s)
    records = (f for f in o.archive.index.findings(came) if f.origin not in AFTERWARDS)
    return _named(o, records, lambda shas: (s for sha in shas for s in came[sha]), _bad)


def _same(before: Source | None, now: Source | None) -> bool:
    return before is not None and now is not None and before.sha256 == now.sha256


def _bad(c: CheckOutcome) -> bool:
    """It keeps the file from counting, or is wrong enough to be warned of."""
    return c.severity is Severity.BLOCKING or (c.severity is Severity.WARNING and c.outcome is Outcome.FAIL)


def _named(
    o: Opened,
    records: Iterable[FindingRecord],
    came: Callable[[Collection[str]], Iterable[Source]],
    wanted: Callable[[CheckOutcome], bool],
) -> tuple[ShownFinding, ...]:
    """Outcomes that are wanted, to each unit that they are said to, by the file that it sent.

    :param records: in order of SHA-256; no more than ``CHUNK`` of them are in memory.
    :param came: the sources to speak of, of these bytes.
    """
    it = iter(records)
    shown: dict[ShownFinding, None] = {}  # said of two placements, it is one thing to mend
    while some := list(islice(it, CHUNK)):
        shown |= dict.fromkeys(_of_some(o, some, came, wanted))
    return tuple(shown)


def _of_some(
    o: Opened,
    records: Sequence[FindingRecord],
    came: Callable[[Collection[str]], Iterable[Source]],
    wanted: Callable[[CheckOutcome], bool],
) -> Iterator[ShownFinding]:
    rules = checks.load()
    shas = {f.sha256 for f in records}
    sent, shown = defaultdict(list), defaultdict(list)
    for s in o.archive.index.sources(shas):
        sent[s.sha256].append(s)
    for s in came(shas):
        shown[s.sha256].append(s)

    def named(sha: str, c: CheckOutcome, unit: str) -> str:
        text = told.said(c, unit, sent[sha], shown[sha])
        paths = [display(s.path, 120) for s in shown[sha] if s.unit == unit]
        return place(unit, text) if text.startswith(tuple(paths)) else f"{place(unit, paths[0])}: {text}"

    yield from (
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
