"""The night's work as plain functions: ingest, coverage, audit; what to do at the end of an ingest that changed something."""

from __future__ import annotations

from pathlib import Path

import msgspec

from archive_schema.audit import AuditReport
from archive_schema.report import CoverageReport
from flows import audit, replacing
from flows.coverage import coverage_report
from flows.workspace import Opened

#: file name of the coverage report
NAME = "覆盖情况"


class Written(msgspec.Struct, frozen=True):
    """The files that a coverage run leaves for the morning."""

    html: str
    xlsx: str
    json: str


def write_coverage(o: Opened, report: CoverageReport, folder: Path | None = None) -> Written:
    """Render the report into ``reports/`` of the workspace; each file replaces the last one at once."""
    from reports import as_json, coverage_html, coverage_xlsx

    folder = folder or o.workspace.path / "reports"
    out = {}
    for suffix, data in (
        ("html", coverage_html.render(report).encode("utf-8")),
        ("xlsx", coverage_xlsx.render(report)),
        ("json", as_json.encode(report.coverage).encode("utf-8")),
    ):
        path = folder / f"{NAME}.{suffix}"
        replacing.file(path, data)
        out[suffix] = str(path)
    return Written(**out)


def coverage(o: Opened) -> tuple[CoverageReport, Written]:
    """The coverage report, written for the morning."""
    report = coverage_report(o)
    return report, write_coverage(o, report)


def nightly_audit(o: Opened) -> AuditReport:
    """The fast audit with tonight's share of the objects, kept under ``reports/audit/``."""
    return audit.nightly(o)
