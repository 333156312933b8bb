"""清单之首 as it is printed: what ``audit --expect`` takes, and how many records the series holds up to it (law 3)."""

from __future__ import annotations

from reports import safe


def shown(head: str | None, records: int) -> str:
    """In Chinese. ``records`` 0 = not known. The anchor stands apart, to be copied as a word."""
    return safe.line(head or "清单为空") + counted(records)


def counted(records: int) -> str:
    return f" （共 {records} 条记录）" if records else ""
