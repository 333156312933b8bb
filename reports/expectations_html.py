"""What the suites of Great Expectations saw, as one page that opens offline: statistical tables by kind, then the list itself."""

from __future__ import annotations

from archive_schema.report import ExpectationResult
from archive_schema.table_report import TableReport
from reports import anchor, clock, page

#: files that were not looked at, as far as a page lists them
UNLOOKED = 300


def render(report: TableReport, names: dict[str, str]) -> str:
    """The page, to be written as UTF-8.

    :param names: check code → its Chinese name.
    """
    return page.render(
        "expectations.html",
        report=report,
        counted=anchor.counted(report.records),
        title=" ".join(filter(None, (report.city, report.cycle))),
        generated=clock.long_stamp(report.generated_at, report.zone),
        names=names,
        families=[(f, ordered(f.results, none_last=True), sum(r.unexpected for r in f.results)) for f in report.families],
        lists=ordered(report.lists),
        unlooked=report.unlooked[:UNLOOKED],
        unlooked_left=max(0, len(report.unlooked) - UNLOOKED),
    )


def ordered(results: tuple[ExpectationResult, ...], *, none_last: bool = False) -> list[ExpectationResult]:
    """What failed first, then what was not checked (``none_last``: that last); otherwise as the suite has it."""
    return sorted(results, key=lambda r: (r.success is not False, (r.success is None) is none_last))
