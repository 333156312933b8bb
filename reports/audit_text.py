"""The audit on a terminal: integrity (are the bytes what was archived) apart from completeness (is all there that should be)."""

from __future__ import annotations

from archive_schema.outputs import AuditOutput
from reports import audit_view, coverage_view, safe, terminal


def render(output: AuditOutput, *, meanings: audit_view.Meanings | None = None, color: bool = False) -> str:
    """Every problem and everything unchecked is listed; nothing is summed away.

    :param meanings: what the codes mean and what to do; a code without is shown as it is.
    """
    lines = [f"审计  深度 {safe.line(audit_view.depth(output))}  清单头 {safe.line(output.head or '清单为空')}", ""]
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
    lines.append(terminal.heading(f"未检 {len(output.unchecked)} 项", color) + (" 未检不等于通过" if output.unchecked else ""))
    lines += [f"  {safe.line(u)}" for u in output.unchecked]
    return "\n".join(lines) + "\n"


def _or_dash(text: str | None) -> str:
    return "—" if text is None else safe.line(text)
