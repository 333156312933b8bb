"""负面清单 on a terminal and as rows of a table."""

from __future__ import annotations

from archive_schema.negative import NONE, NegativeEvent, NegativeOutput, Standing
from archive_schema.text import place
from reports import safe, tables, terminal

#: wording → what is said of it
WORDINGS = {"published": "公开资料", "own": "本市录入", "absent": "条目原文未录入,见本市手册"}
_GONE = {Standing.HELD: "", Standing.WITHDRAWN: "，已撤回", Standing.DESTROYED: "，已依决定销毁"}
EVENTS = ["编号", "条目", "领域", "发生日期", "事项", "处理", "证据", "经办人", "理由", "意见编号"]


def render(n: NegativeOutput, *, color: bool = False) -> str:
    """Events first, then the entries worded so far and what else was published."""
    lines = front(n, color=color, ids=True)
    worded = [e for e in n.entries if e.text]
    total = f" {n.total} 条中的" if n.total is not None else ""
    lines.append(
        f"\n{terminal.heading('条目', color)} 已知{total} {len(worded)} 条；其余以本市收到的手册为准，用 dangan negative entry 录入"
    )
    for e in worded:
        about = "，".join(x for x in (e.area, WORDINGS[e.wording], e.decision or "") if x)
        lines.append(
            f"  {safe.line(e.id)}（{safe.line(about)}）{safe.line(e.text)}{'；' + e.consequence if e.consequence else ''}"
        )
    lines += [f"  另据公开资料：{k}（编号不详）" for k in n.known]
    if n.areas:
        lines.append(f"领域：{'、'.join(n.areas)}")
    lines.append(f"处理由轻到重：{'、'.join(n.sanctions)}")
    return "\n".join(lines) + "\n"


def front(n: NegativeOutput, *, color: bool = False, ids: bool = False) -> list[str]:
    """What stands first in a report: every event, or that none is entered.

    :param ids: with the act that entered it, by which it can be undone.
    """
    if not n.events:
        return [NONE]
    lines = [terminal.paint(f"负面清单:已登记 {n.events} 件", "red", color)]
    for e in n.entries:
        for v in e.events:
            what = f"{e.id} {v.on} {v.text}" + (f" → {v.sanction}" if v.sanction else "") + f"（{witness(v)}）"
            lines.append("  " + safe.line(f"{what} 意见编号 {v.decision}" if ids else what))
    return lines


def witness(v: NegativeEvent) -> str:
    """The material that bears witness and what has become of it, or that there is none."""
    if v.evidence is None:
        return "无存档证据"
    return f"证据 {place(v.evidence.unit, v.evidence.path)} {v.evidence.sha256[:12]}{_GONE[v.evidence.standing]}"


def rows(n: NegativeOutput) -> list[list[object]]:
    """A row per event, under ``EVENTS``."""
    return [
        [e.id, e.text, e.area, str(v.on), v.text, v.sanction or "", witness(v), v.by, v.reason, v.decision]
        for e in n.entries
        for v in e.events
    ]


def csv(n: NegativeOutput) -> str:
    """The events, with a byte order mark; to be written as UTF-8."""
    return tables.csv_table(EVENTS, rows(n))
