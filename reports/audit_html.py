"""The audit as one page that opens offline."""

from __future__ import annotations

from datetime import datetime

from archive_schema.audit import AuditReport
from archive_schema.outputs import AuditOutput
from reports import anchor, audit_view, clock, coverage_view, grades_view, page


def render(
    output: AuditOutput,
    *,
    generated_at: datetime,
    zone: str,
    title: str = "",
    report: AuditReport | None = None,
    meanings: audit_view.Meanings | None = None,
) -> str:
    """The page, to be written as UTF-8.

    :param title: city and cycle.
    :param report: what the audit did beyond the contract: difference, draw.
    :param meanings: what the codes mean and what to do; a code without is shown as it is.
    """
    return page.render(
        "audit.html",
        output=output,
        meanings=meanings or {},
        title=title,
        counted=anchor.counted(report.records if report else 0),
        generated=clock.long_stamp(generated_at, zone),
        zone=zone,
        depth=audit_view.depth(output),
        groups=audit_view.by_nature(output),
        integrity=audit_view.integrity_sentence(output),
        completeness=audit_view.completeness_sentence(output),
        states=coverage_view.STATES,
        adrift=audit_view.adrift(output),
        adrift_head=audit_view.ADRIFT,
        adrift_line=audit_view.adrift_line,
        grades=grades_view.counted(report.grades) if report else "",
        steps=audit_view.steps(report),
        difference=report.difference if report else None,
        since=clock.stamp(report.difference.since, zone) if report and report.difference else "",
        parts=audit_view.difference_parts(report.difference) if report and report.difference else [],
        compared=audit_view.compared(report.difference, output) if report and report.difference else [],
        draw=report.draw if report else None,
        volume=audit_view.volume,
    )
