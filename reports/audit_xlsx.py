"""The audit as a workbook: the verdicts, the problems, the difference from the last audit, what was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_schema.audit import AuditReport
from archive_schema.outputs import AuditProblem
from reports import anchor, audit_view, clock, coverage_view, workbook
from reports.punctuation import chinese

if TYPE_CHECKING:
    from openpyxl import Workbook

_PROBLEM = ["性质", "问题", "代码", "对象", "应为", "实为", "处理"]
_WIDTHS = [9, 32, 20, 60, 40, 40, 50]


def render(report: AuditReport, *, zone: str, title: str = "", meanings: audit_view.Meanings | None = None) -> bytes:
    """The file. The same report gives the same bytes.

    :param title: city and cycle.
    :param meanings: what the codes mean and what to do; a code without is shown as it is.
    """
    output, told = report.output, meanings or {}
    book = workbook.new(report.at)
    preface = [
        " ".join(filter(None, [title, "档案审计"])),
        f"生成：{clock.stamp(report.at, zone)}（{zone}）",
        f"深度：{audit_view.depth(output)}",
        f"清单之首：{anchor.shown(output.head, report.records)}",
        f"完整可信：{audit_view.integrity_sentence(output)}",
        f"齐全可用：{audit_view.completeness_sentence(output)}",
        *map(chinese, audit_view.steps(report)),
        "",
    ]
    totals = output.completeness.totals if output.completeness else None
    states = [[f"{s.sign} {s.zh}", totals.get(s, 0) if totals is not None else "未检"] for s in coverage_view.STATES]
    workbook.add_sheet(book, "总览", ["状态", "应交材料(格)"], states, widths=[24, 16], preface=preface)
    found = [p for _, group in audit_view.by_nature(output) for p in group]
    none = [] if found else [f"{audit_view.integrity_sentence(output)}。", ""]
    workbook.add_sheet(book, "问题", _PROBLEM, [_row(p, told) for p in found], widths=_WIDTHS, preface=none)
    if unsettled := audit_view.adrift(output):
        settle = [[a.decision, a.action.zh, a.item, a.kind or "", a.by, a.text, a.remedy] for a in unsettled]
        headers = ["意见编号", "处理", "编号", "材料类型", "经办人", "标准的变化", "怎么办"]
        workbook.add_sheet(
            book, "待核对意见", headers, settle, widths=[24, 12, 11, 11, 12, 60, 50], preface=[audit_view.ADRIFT, ""]
        )
    workbook.add_sheet(book, "未检", ["未检(不等于通过)"], [[u] for u in output.unchecked], widths=[100])
    if report.difference is not None:
        d = report.difference
        rows = [[name, *_row(p, told)] for name, problems in audit_view.difference_parts(d) for p in problems]
        preface = [f"与 {clock.stamp(d.since, zone)} 的审计相比", *audit_view.compared(d, output), ""]
        workbook.add_sheet(book, "与上次相比", ["变化", *_PROBLEM], rows, widths=[12, *_WIDTHS], preface=preface)
    if report.draw is not None:
        _drawn(book, report)
    return workbook.to_bytes(book)


def _row(p: AuditProblem, told: audit_view.Meanings) -> list[object]:
    text, remedy = told.get(p.code, ("", ""))
    return [p.nature, text, p.code, p.key, p.expected, p.found, remedy]


def _drawn(book: Workbook, report: AuditReport) -> None:
    assert report.draw is not None
    headers = [
        "编号",
        "测评标准",
        "材料类型",
        "状态",
        "可用",
        "应交",
        "原因",
        "报送单位",
        "文件",
        "归类",
        "字节",
        "要素",
        "问题",
        "意见",
        "SHA-256",
    ]
    rows: list[list[object]] = []
    for i, r in audit_view.cells(report):
        cell: list[object] = [
            i.id,
            i.title,
            r.kind.value,
            f"{r.state.sign} {r.state.zh}",
            r.usable,
            r.needed,
            "\n".join(r.reasons),
        ]
        for e in r.evidence:
            facts = "\n".join(f"{name}：{value}" for name, value in e.facts)
            said = f"{'✓' if e.intact else '✕'} {e.bytes}"
            rows.append([*cell, e.unit, e.path, e.status, said, facts, "\n".join(e.findings), "\n".join(e.decisions), e.sha256])
        if not r.evidence:
            rows.append([*cell, *[""] * 8])
    preface = [f"抽查 {len(report.draw.items)} 项", f"从 {report.draw.of} 项中抽取,--seed {report.draw.seed} 可重抽同样的项"]
    widths = [11, 40, 11, 12, 7, 7, 36, 18, 44, 12, 30, 44, 44, 44, 20]
    workbook.add_sheet(book, "抽查", headers, rows, widths=widths, preface=preface)
