"""The doubtful files on a terminal: a block each, what to decide in the first line."""

from __future__ import annotations

from collections.abc import Sequence

from archive_schema.outputs import ReviewEntry
from archive_schema.text import place
from reports import safe, terminal

_OTHERS = 3


def render(entries: Sequence[ReviewEntry], *, color: bool = False) -> str:
    """In the order given: first what would fill a gap."""
    if not entries:
        return "没有存疑文件。\n"
    return "\n".join(_one(e, color) for e in entries) + f"\n共 {len(entries)} 件\n"


def _one(e: ReviewEntry, color: bool) -> str:
    guess = f"{e.item} {e.kind}（{_score(e.score)}）" if e.item else "未归类"
    head = f"{e.number:>4}. {e.sha256[:12]}  {place(safe.line(e.unit), safe.line(e.path))}"
    lines = [terminal.paint(head, "bold", color)]
    if e.title:
        lines.append(f"      标题 {safe.line(e.title)}")
    lines.append(f"      建议 {guess}" + (f"  {'；'.join(safe.line(r) for r in e.reasons)}" if e.reasons else ""))
    others = [c for c in e.candidates if c.item != e.item][:_OTHERS]
    if others and e.item:
        lines.append(f"      其他 {'、'.join(f'{c.item}（{_score(c.score)}）' for c in others)}")
    elif others:  # why it stands nowhere is said of each
        lines += [f"      可能 {c.item}（{_score(c.score)}）  {'；'.join(map(safe.line, c.reasons))}".rstrip() for c in others]
    lines += [f"      问题 {safe.line(f)}" for f in e.findings]
    return "\n".join(lines) + "\n"


def _score(score: float | None) -> str:
    return "未评分" if score is None else f"{score:.2f}"
