"""What ``dangan inspect`` read, placed and found, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archive_schema.evidence import FACT_NAMES, Fact
from archive_schema.outputs import InspectOutput
from archive_schema.words import Severity
from reports import safe, terminal

_LONGEST = 160
#: facts for checks, written for them: how many there are is enough to read, JSON has them all
_COUNTED = ("figures_at", "table_figures")


def render(files: Sequence[InspectOutput], *, checks: Mapping[str, str] | None = None, color: bool = False) -> str:
    """One block per file, in the order given; nothing was stored.

    :param checks: code → Chinese name, for what was not checked.
    """
    return "\n".join(_one(f, checks or {}, color) for f in files) + "\n未存入档案。\n"


def _one(f: InspectOutput, checks: Mapping[str, str], color: bool) -> str:
    kind = f"{f.kind.name}（{_score(f.kind.score)}）" if f.kind else "未能判断"
    lines = [terminal.paint(safe.line(f.path), "bold", color), f"  格式 {safe.line(f.media_type)}  材料类型 {kind}"]
    known = {k: n for n, k in enumerate(FACT_NAMES)}
    facts = sorted(f.facts.items(), key=lambda x: (known.get(x[0], len(known)), x[0]))
    names = [FACT_NAMES.get(k, k) for k, _ in facts]
    column = max(map(terminal.width, names), default=0)
    lines += [f"  {terminal.pad(safe.line(n), column)}  {_fact(k, x)}" for n, (k, x) in zip(names, facts, strict=True)]
    lines.append("  归类" if f.placements else "  归类 未能归类")
    for p in f.placements:
        reasons = "；".join(safe.line(r) for r in p.reasons)
        lines.append(
            f"    {safe.line(p.item)} {p.kind}  {p.status.zh}  依据 {p.method.zh}（{_score(p.score)}）  {reasons}".rstrip()
        )
    lines.append("  问题" if f.findings else "  问题 无")
    for x in sorted(f.findings, key=lambda x: (x.severity.rank, x.code, x.text)):
        colour = "red" if x.severity is Severity.BLOCKING else "yellow"
        remedy = f" 处理：{safe.line(x.remedy)}" if x.remedy else ""
        lines.append(f"    {terminal.paint(x.severity.zh, colour, color)}  {safe.line(x.text)}{remedy}（{safe.line(x.code)}）")
    if f.unchecked:
        codes = (f"{checks[c]} {c}" if c in checks else c for c in sorted(f.unchecked))
        lines.append(f"  未检 {'、'.join(map(safe.line, codes))}（未检不等于通过）")
    return "\n".join(lines) + "\n"


def _fact(key: str, fact: Fact) -> str:
    if key in _COUNTED and isinstance(fact.value, (list, tuple)):
        return f"{len(fact.value)} 个（见 --format json）" if fact.value else "无"
    text = safe.line(_value(fact.value), _LONGEST)
    notes = []
    if fact.page is not None:
        notes.append(f"第 {fact.page} 页")
    if fact.confidence is not None:
        notes.append(f"可信 {fact.confidence:.2f}")
    if fact.others:
        notes.append("另读作 " + "、".join(safe.line(o, 40) for o in fact.others))
    return f"{text}（{'，'.join(notes)}）" if notes else text


def _value(value: Any) -> str:
    if value is None:
        return "未读到"
    if isinstance(value, bool):
        return "有" if value else "无"
    if isinstance(value, (list, tuple)):
        return "、".join(map(str, value)) or "无"
    return str(value)


def _score(score: float | None) -> str:
    return "未评分" if score is None else f"{score:.2f}"
