"""The audit's result arranged for people, once for text and page: integrity and completeness told apart."""

from __future__ import annotations

from collections.abc import Mapping

from archive_schema.outputs import AuditOutput, AuditProblem
from archive_schema.words import Nature
from reports import coverage_view

#: code → (what it means, what to do), in Chinese
Meanings = Mapping[str, tuple[str, str]]

_DEPTHS = {"fast": "快速", "complete": "完整", "full": "全面"}


def depth(output: AuditOutput) -> str:
    """How deep the audit looked, in Chinese with the option's own word."""
    zh = _DEPTHS.get(output.depth)
    return f"{zh}（{output.depth}）" if zh else output.depth


def by_nature(output: AuditOutput) -> list[tuple[str, list[AuditProblem]]]:
    """Integrity problems by their nature (真实性 完整性 可用性 安全性, then any other), each sorted."""
    groups: dict[str, list[AuditProblem]] = {n.value: [] for n in Nature}
    for p in output.integrity.problems if output.integrity else []:
        groups.setdefault(p.nature, []).append(p)
    known = list(Nature)
    ordered = sorted(groups.items(), key=lambda g: (known.index(Nature(g[0])) if g[0] in known else len(known), g[0]))
    return [
        (name, sorted(ps, key=lambda p: (p.code, coverage_view.order(p.key), p.expected or "", p.found or "")))
        for name, ps in ordered
        if ps
    ]


def integrity_sentence(output: AuditOutput) -> str:
    part = output.integrity
    if part is None:
        return "本次未检"
    return "没有发现问题" if part.ok and not part.problems else f"发现 {len(part.problems)} 个问题"


def completeness_sentence(output: AuditOutput) -> str:
    part = output.completeness
    if part is None:
        return "本次未检"
    return "应交材料齐全可用" if part.ok else "应交材料尚未齐全"
