"""What the suites of Great Expectations saw, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from archive_schema.report import ExpectationResult
from archive_schema.table_report import TableReport
from reports import anchor, safe, terminal
from reports.expectations_html import ordered

_SHOWN = 20


def render(report: TableReport, *, color: bool = False) -> str:
    """Failures with their examples; what passed is counted."""
    lines = [
        f"清单之首 {anchor.shown(report.head, report.records)}",
        f"统计表格 {report.files} 份,逐格看过 {report.looked} 份",
    ]
    parts = [
        (
            f"{f.title} {f.files} 份({f'{f.declared} 份的类型由目录申报,' if f.declared else ''}{f.files - f.declared} 份的类型由程序看出)",
            f.results,
        )
        for f in report.families
    ]
    for title, results in parts:
        lines += ["", terminal.heading(title, color), *_lines(ordered(results, none_last=True), "没有可查的")]
    if report.lists:
        lines += ["", terminal.heading("归档清单和来件", color), *_lines(ordered(report.lists), "未检")]
    if report.unlooked:
        lines += ["", terminal.heading(f"未检 {len(report.unlooked)} 份", color)]
        lines += [f"  {safe.line(u.file)}: {safe.line(u.why)}" for u in report.unlooked[:_SHOWN]]
        if len(report.unlooked) > _SHOWN:
            lines.append(f"  另有 {len(report.unlooked) - _SHOWN} 份,见 --format html")
    return "\n".join(lines) + "\n"


def _lines(results: Sequence[ExpectationResult], none: str) -> list[str]:
    out = []
    for r in results:
        mark = none if r.success is None else "通过" if r.success else "不符"
        counts = "" if r.success is None else f"(看过 {r.checked},不符 {r.unexpected})"
        out.append(f"  {mark}  {safe.line(r.text)}{counts}（{safe.line(r.code)}）")
        out += [f"        {safe.line(e)}" for e in r.examples]
    return out
