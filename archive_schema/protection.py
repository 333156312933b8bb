"""How the store shall guard what it holds: what a city asks for (``[protection]`` of ``dangan.toml``), and the lock that follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum

import msgspec


class Retention(StrEnum):
    """Who may delete before the date: with ``governance`` whoever has the right to bypass it, with ``compliance`` nobody."""

    NONE = "none"
    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


class Lock(msgspec.Struct, frozen=True):
    """The lock of one version. ``until``: UTC, None where there is no retention. ``hold``: 依法保全 (legal hold), without a date."""

    mode: Retention = Retention.NONE
    until: datetime | None = None
    hold: bool = False

    def retained(self, now: datetime) -> bool:
        return self.mode is not Retention.NONE and self.until is not None and self.until > now

    def covers(self, wanted: Lock) -> bool:
        """Whether nothing is left to be done for ``wanted``. COMPLIANCE is more than GOVERNANCE."""
        strict = self.mode is Retention.COMPLIANCE or self.mode is wanted.mode
        dated = wanted.until is None or (strict and self.until is not None and self.until >= wanted.until)
        return dated and (self.hold or not wanted.hold)


class Protection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[protection]`` of ``dangan.toml``; takes effect where ``dangan doctor`` has proved that the store keeps to it.

    :param versioning: the bucket keeps what is overwritten or deleted.
    :param until: last day of the retention; None = the last day of the year in which the cycle ends (本项目默认).
    """

    versioning: bool = False
    retention: Retention = Retention.NONE
    until: date | None = None
    legal_hold: bool = False

    @property
    def locks(self) -> bool:
        """Whether the bucket must be one with object lock."""
        return self.retention is not Retention.NONE or self.legal_hold

    @property
    def wanted(self) -> bool:
        return self.versioning or self.locks

    def lock(self, cycle_ends: date, zone: tzinfo) -> Lock:
        """The lock of what is stored now.

        :param cycle_ends: last day of the cycle's windows and deadlines.
        :param zone: the day ends at its midnight.
        """
        if self.retention is Retention.NONE:
            return Lock(hold=self.legal_hold)
        last = self.until or cycle_ends.replace(month=12, day=31)
        return Lock(self.retention, datetime.combine(last, time(23, 59, 59), zone).astimezone(UTC), self.legal_hold)


UNPROTECTED = Protection()


def described(lock: Lock) -> str:
    """In Chinese; the date in UTC."""
    parts = []
    if lock.until is not None:
        mode = "合规保留(COMPLIANCE)" if lock.mode is Retention.COMPLIANCE else "治理保留(GOVERNANCE)"
        parts.append(f"{mode}到 {lock.until:%Y-%m-%d %H:%M:%S} UTC")
    if lock.hold:
        parts.append("依法保全(legal hold)")
    return "、".join(parts) or "没有锁定"
