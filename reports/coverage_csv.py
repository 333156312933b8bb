"""The coverage report as CSV: one row per cell, for a spreadsheet."""

from __future__ import annotations

from archive_schema.report import CoverageReport
from reports import coverage_view, tables

HEADERS = [
    "周期",
    "清单之首",
    "编号",
    "测评项目",
    "测评指标",
    "测评内容",
    "测评标准",
    "来历",
    "牵头单位",
    "责任单位",
    "材料类型",
    "状态",
    "可用",
    "应交",
    "原因",
    "文件数",
    "未通过的检查",
]


def render(report: CoverageReport) -> str:
    """CSV with a byte order mark, CRLF; to be written as UTF-8. Rows in the catalogue's order."""
    view = coverage_view.arrange(report)
    rows = []
    for c in view.cells.values():
        i, r = c.item, c.requirement
        codes = sorted({f.code for x in c.files for f in x.findings if not f.waived and f.outcome == "fail"})
        rows.append(
            [
                report.coverage.cycle,
                report.coverage.head,
                i.id,
                i.place.project,
                i.place.indicator,
                i.place.content,
                i.item.title,
                i.item.provenance,
                i.lead,
                ";".join(i.units[1:]),
                r.kind,
                r.state,
                r.usable,
                r.needed,
                ";".join(c.reason_texts),
                len(c.files),
                ";".join(codes),
            ]
        )
    return tables.csv_table(HEADERS, rows)
