"""What happened to a piece or an item, one line per event; what is long stands last."""

from __future__ import annotations

from archive_schema.outputs import HistoryOutput
from reports import clock, safe, terminal

_OUTCOMES = {"success": "成功", "fail": "不通过", "unchecked": "未检"}


def render(h: HistoryOutput, *, zone: str) -> str:
    """:param zone: IANA name in which times are shown."""
    head = [f"项目 {h.item}" if h.item else f"材料 {safe.line(h.subject)}"]
    if h.sha256 and h.sha256 != h.subject:
        head.append(f"SHA-256 {h.sha256}")
    header, body = rows(h, zone=zone)
    *columns, last = ([header[n], *(str(row[n]) for row in body)] for n in (0, 1, 2, 3, 7, 5, 4))
    widths = [max(map(terminal.width, c)) for c in columns]
    lines = [
        "  ".join([*(terminal.pad(t, w) for t, w in zip(cells, widths, strict=True)), text])
        for *cells, text in zip(*columns, last, strict=True)
    ]
    return "\n".join([*head, "", *lines]) + "\n"


def rows(h: HistoryOutput, *, zone: str) -> tuple[list[str], list[list[object]]]:
    """Headers and one row per event, for a terminal and for CSV."""
    return ["时间", "事件", "PREMIS", "结果", "说明", "程序或经办人", "批次", "清单段"], [
        [
            clock.stamp(e.at, zone),
            e.event.zh,
            e.event.value,
            _OUTCOMES.get(e.outcome, e.outcome),
            safe.line(e.text),
            e.agent,
            e.run,
            "" if e.seq is None else e.seq,
        ]
        for e in h.events
    ]
