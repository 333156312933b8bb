"""The audit's result arranged for people, once for text and page: integrity and completeness told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archive_schema.audit import AuditReport, AuditStep, Difference, DrawnItem, DrawnRequirement
from archive_schema.outputs import AdriftDecision, AuditOutput, AuditProblem
from archive_schema.words import Nature
from reports import coverage_view
from reports.punctuation import chinese

#: code → (what it means, what to do), in Chinese
Meanings = Mapping[str, tuple[str, str]]

_DEPTHS = {"fast": "快速", "complete": "完整", "full": "全面"}


def depth(output: AuditOutput) -> str:
    """How deep the audit looked, in Chinese with the option's own word."""
    zh = _DEPTHS.get(output.depth)
    return f"{zh}（{output.depth}）" if zh else output.depth


def by_nature(output: AuditOutput) -> list[tuple[str, list[AuditProblem]]]:
    """Integrity problems by their nature (真实性 完整性 可用性 安全性, then any other), each sorted."""
    return arranged(output.integrity.problems if output.integrity else ())


def arranged(problems: Iterable[AuditProblem]) -> list[tuple[str, list[AuditProblem]]]:
    """Problems by their nature, each sorted."""
    groups: dict[str, list[AuditProblem]] = {n.value: [] for n in Nature}
    for p in problems:
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
    said = "应交材料齐全可用" if part.ok else "应交材料尚未齐全"
    left = len({a.decision for a in adrift(output)})
    return f"{said}；{left} 条审核意见所指的标准已换版，待核对" if left else said


#: over what ``adrift`` names
ADRIFT = "目录换版：下列审核意见所指的标准文字已变，现在仍按编号生效，请逐条核对（不算在完整可信的问题里）"


def adrift(output: AuditOutput) -> list[AdriftDecision]:
    """Decisions for a person to settle: their standard reads otherwise since."""
    part = output.completeness
    return part.adrift or [] if part is not None else []


def adrift_line(a: AdriftDecision) -> str:
    """Of one: which it is, and how its standard read and reads."""
    return f"{' '.join(filter(None, [a.decision, a.action.zh, a.item, a.kind, a.by]))}：{chinese(a.text)}"


def steps(report: AuditReport | None) -> list[str]:
    """What was gone through, in one line each."""
    return [_step(s) for s in report.steps] if report else []


def _step(s: AuditStep) -> str:
    size = f"、{volume(s.size)}" if s.size else ""
    seconds = f",用时 {s.seconds:.1f} 秒" if s.seconds >= 0.05 else ""
    return f"{s.name}: {s.objects} 件{size}{seconds}"


def volume(size: int) -> str:
    """Bytes for people, in units of 1024."""
    value = float(size)
    for unit in ("字节", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            break
        value /= 1024
    return f"{size} 字节" if unit == "字节" else f"{value:.1f} {unit}"


def difference_parts(d: Difference) -> list[tuple[str, tuple[AuditProblem, ...]]]:
    """What is new, gone, and not looked at again; only what there is."""
    parts = (("新出现", d.new), ("已消除", d.gone), ("这次没有再看", d.unseen))
    return [(name, problems) for name, problems in parts if problems]


def compared(d: Difference, output: AuditOutput) -> list[str]:
    """What the comparison says of either half of an audit, so that the one is not taken for the other."""
    said = []
    if output.integrity is None:
        said.append("完整可信：这次没有审，没有比较")
    elif not difference_parts(d):
        said.append("完整可信：没有不同")
    if output.completeness is None or d.cells is None:
        said.append("齐全可用：两次中有一次没有审，没有比较")
        return said
    was, now = d.cells, output.completeness.totals
    changed = [f"{s.zh} {was.get(s, 0)} → {now.get(s, 0)}" for s in coverage_view.STATES if was.get(s, 0) != now.get(s, 0)]
    said.append(f"齐全可用（格）：{'、'.join(changed)}" if changed else "齐全可用：各种状态的格数没有不同")
    return said


def cells(report: AuditReport) -> list[tuple[DrawnItem, DrawnRequirement]]:
    """Every requirement of the drawn items, in the order of the draw."""
    return [(i, r) for i in (report.draw.items if report.draw else ()) for r in i.requirements]
