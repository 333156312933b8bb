"""The audit on a terminal: integrity (are the bytes what was archived) apart from completeness (is all there that should be)."""

from __future__ import annotations

from collections.abc import Iterator

from archive_schema.audit import AuditReport, Draw, DrawnEvidence
from archive_schema.outputs import AuditOutput
from archive_schema.text import place
from reports import anchor, audit_view, clock, coverage_view, grades_view, safe, terminal
from reports.punctuation import chinese


def render(
    output: AuditOutput,
    *,
    report: AuditReport | None = None,
    zone: str = "UTC",
    meanings: audit_view.Meanings | None = None,
    color: bool = False,
) -> str:
    """Every problem and everything unchecked is listed; nothing is summed away.

    :param report: what the audit did beyond the contract: difference, draw.
    :param meanings: what the codes mean and what to do; a code without is shown as it is.
    """
    lines = [
        f"审计  深度 {safe.line(audit_view.depth(output))}  清单之首 {anchor.shown(output.head, report.records if report else 0)}",
        "",
    ]
    ok = output.integrity is not None and output.integrity.ok
    colour = "grey" if output.integrity is None else "green" if ok else "red"
    lines.append(
        terminal.heading("完整可信", color) + " " + terminal.paint(audit_view.integrity_sentence(output), colour, color)
    )
    for nature, problems in audit_view.by_nature(output):
        lines.append(f"  {safe.line(nature)} {len(problems)} 个")
        for p in problems:
            text, remedy = (meanings or {}).get(p.code, ("", ""))
            lines.append(f"    {f'{text}: ' if text else ''}{safe.line(p.key)}（{safe.line(p.code)}）")
            if p.expected is not None or p.found is not None:
                lines.append(f"      应为 {_or_dash(p.expected)}  实为 {_or_dash(p.found)}")
            if remedy:
                lines.append(f"      处理：{remedy}")
    part = output.completeness
    colour = "grey" if part is None else "green" if part.ok else "yellow"
    lines.append(
        terminal.heading("齐全可用", color) + " " + terminal.paint(audit_view.completeness_sentence(output), colour, color)
    )
    if part is not None:
        lines.append("  " + "   ".join(f"{s.sign} {s.zh} {part.totals.get(s, 0)}" for s in coverage_view.STATES))
    if report is not None and report.grades:
        lines.append(f"  等级（项）  {grades_view.counted(report.grades)}")
    if unsettled := audit_view.adrift(output):
        lines.append(f"  {audit_view.ADRIFT}")
    for a in unsettled:
        lines += [f"    {safe.line(audit_view.adrift_line(a))}", f"      处理：{chinese(a.remedy)}"]
    lines.append(terminal.heading(f"未检 {len(output.unchecked)} 项", color) + (" 未检不等于通过" if output.unchecked else ""))
    lines += [f"  {safe.line(u)}" for u in output.unchecked]
    if report is not None:
        lines += _beyond(report, zone, color)
    return "\n".join(lines) + "\n"


def _or_dash(text: str | None) -> str:
    return "—" if text is None else safe.line(text)


def _beyond(report: AuditReport, zone: str, color: bool) -> Iterator[str]:
    if report.steps:
        yield terminal.heading("查过", color)
        yield from (f"  {s}" for s in audit_view.steps(report))
    if report.difference is not None:
        d = report.difference
        parts = audit_view.difference_parts(d)
        yield terminal.heading("与上次审计相比", color) + f" {clock.stamp(d.since, zone)}"
        yield from (f"  {said}" for said in audit_view.compared(d, report.output))
        for name, problems in parts:
            yield f"  {name} {len(problems)} 个"
            yield from (f"    {safe.line(p.nature)} {safe.line(p.code)} {safe.line(p.key)}" for p in problems)
    if report.draw is not None:
        yield from _draw(report.draw, color)


def _draw(draw: Draw, color: bool) -> Iterator[str]:
    yield terminal.heading(f"抽查 {len(draw.items)} 项", color) + f" 从 {draw.of} 项中抽取,--seed {draw.seed} 可重抽同样的项"
    for i in draw.items:
        yield f"  {safe.line(i.id)} {safe.line(i.title)}"
        yield f"    {i.state.sign} {i.state.zh}  {'、'.join(map(safe.line, i.units))}"
        for r in i.requirements:
            reasons = f"  {';'.join(map(safe.line, r.reasons))}" if r.reasons else ""
            yield f"    {r.kind.value}  {r.state.sign} {r.state.zh} {r.usable}/{r.needed}{reasons}"
            for e in r.evidence:
                yield from _evidence(e)


def _evidence(e: DrawnEvidence) -> Iterator[str]:
    yield f"      {safe.line(e.title or e.path)}（{place(safe.line(e.unit), safe.line(e.path))}） {safe.line(e.status)}"
    yield f"        SHA-256 {e.sha256} {audit_view.volume(e.size)}  {'✓' if e.intact else '✕'} {safe.line(e.bytes)}"
    if e.facts:
        yield f"        {'  '.join(f'{name}: {safe.line(value, 60)}' for name, value in e.facts)}"
    yield from (f"        问题: {safe.line(f)}" for f in e.findings)
    yield from (f"        意见: {safe.line(d)}" for d in e.decisions)
