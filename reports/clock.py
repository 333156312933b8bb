"""Times as people read them. The moment is always the caller's: no renderer asks a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def local(moment: datetime, zone: str) -> datetime:
    """``moment`` (UTC when it names no zone) in the IANA zone ``zone``."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))


def stamp(moment: datetime, zone: str) -> str:
    """``2026-11-21 06:30``, in ``zone``."""
    return local(moment, zone).strftime("%Y-%m-%d %H:%M")


def long_stamp(moment: datetime, zone: str) -> str:
    """``2026年11月21日 星期六 06:30``, in ``zone``."""
    at = local(moment, zone)
    return f"{at.year}年{at.month}月{at.day}日 星期{'一二三四五六日'[at.weekday()]} {at:%H:%M}"


def of_run(run: str | None, zone: str) -> str:
    """When a run began, as its name says (``20261121T180700Z-1a2b``); another name as it is, "" for none."""
    if not run:
        return ""
    try:
        return stamp(datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), zone)
    except ValueError:
        return run
