"""What a pass says is wrong with the files that it took in, and with what was compared when they were there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from archive_schema.evidence import CheckOutcome, Source
from archive_schema.records import FindingRecord
from archive_schema.report import ShownFinding
from archive_schema.text import display
from archive_schema.words import Outcome, Severity
from flows.accounting import container_of
from flows.crosswise import AFTERWARDS
from flows.workspace import Opened
from intake.discover import Found
from validators import checks, remedies


def over_all(o: Opened) -> tuple[ShownFinding, ...]:
    """What was found over the frames, in the cells of tables and by comparing materials with each other, naming the files."""
    records = [f for f in o.archive.index.findings() if f.origin in AFTERWARDS and f.outcomes]
    return _named(records, o.archive.index.sources({f.sha256 for f in records}), lambda _, c: c.outcome is Outcome.FAIL)


def of_files(o: Opened, todo: Sequence[Found]) -> tuple[ShownFinding, ...]:
    """What is wrong with the files that a pass took in, and with what came in them, as judged one by one."""
    if not todo:
        return ()
    taken = {(f.folder, f.path) for f in todo}
    held = {(s.folder, s.path): s for s in o.archive.index.sources() if s.present}
    came = [s for s in held.values() if (s.folder, container_of(s, held)) in taken]
    records = [f for f in o.archive.index.findings({s.sha256 for s in came}) if f.origin not in AFTERWARDS]
    from_whom = {(s.sha256, s.unit) for s in came} | {(s.sha256, "") for s in came}
    return _named(records, came, lambda sha, c: (sha, c.unit) in from_whom and _bad(c))


def _bad(c: CheckOutcome) -> bool:
    """It keeps the file from counting, or is wrong enough to be warned of."""
    return c.severity is Severity.BLOCKING or (c.severity is Severity.WARNING and c.outcome is Outcome.FAIL)


def _named(
    records: Iterable[FindingRecord], sources: Iterable[Source], wanted: Callable[[str, CheckOutcome], bool]
) -> tuple[ShownFinding, ...]:
    """Outcomes that are wanted, each under the unit that it is said to and by the file that it speaks of, where it names one."""
    rules = checks.load()
    sent: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for s in sources:
        sent[s.sha256].append((s.unit, display(s.path, 120)))

    def named(sha: str, said: CheckOutcome) -> str:
        of = [x for x in sent[sha] if said.unit in ("", x[0])] or sent[sha] or [("", sha[:12])]
        unit, path = next((x for x in of if said.text.startswith(x[1])), of[0])
        return f"{unit}/{said.text}" if said.text.startswith(path) else f"{unit}/{path}: {said.text}"

    shown = (
        ShownFinding(
            code=c.code,
            severity=c.severity,
            outcome=c.outcome.value,
            text=named(f.sha256, c),
            remedy=remedies.remedy(c, f.outcomes, rules),
            waived=c.waived,
        )
        for f in records
        for c in f.outcomes
        if wanted(f.sha256, c)
    )
    return tuple(dict.fromkeys(shown))  # said of two placements, it is one thing to mend
