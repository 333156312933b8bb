"""``[protection]`` of ``dangan.toml`` put into effect: only where ``dangan doctor`` has proved that the store keeps to it.

What the doctor found is recorded in the series as an event, and again only when it differs. The proof counts for the store and
for the settings it was made with: after a change of either the locks rest until the doctor has looked again. Stored objects
never lose a lock by that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from archive_schema.errors import UsageError
from archive_schema.outputs import Probe
from archive_schema.protection import Lock, Protection, Retention, described
from archive_schema.records import EventRecord
from archive_schema.words import EventType
from storage import keys
from storage.probing import BYPASS, HOLD, LOCK, VERSIONS
from storage.protection import Versioned

if TYPE_CHECKING:
    from flows.workspace import Opened

_STATES = {True: "ok", False: "not ok", None: "unchecked"}


class Locked(msgspec.Struct, frozen=True):
    """``locked``: objects brought under the present lock; ``kept``: those that were under it, or under more, already."""

    locked: int
    kept: int


def wanted_lock(o: Opened) -> Lock | None:
    """The lock that the settings ask for; None = none, or its last day is over."""
    protection = o.workspace.protection
    if not protection.locks:
        return None
    lock = protection.lock(_ends(o), o.zone)
    if lock.mode is not Retention.NONE and not lock.retained(o.now()):
        return Lock(hold=True) if lock.hold else None
    return lock


def arm(o: Opened) -> None:
    """Store immutable objects under the lock from now on, when it was proved."""
    store = o.archive.store
    if isinstance(store, Versioned) and o.workspace.protection.locks and not unproved(o):
        store.lock = wanted_lock(o)


def unproved(o: Opened) -> list[str]:
    """The probes that have not (yet) proved what the settings ask for; empty when everything is proved."""
    protection = o.workspace.protection
    wanted = [LOCK] if protection.retention is not Retention.NONE else []
    wanted += [HOLD] if protection.legal_hold else []
    if not wanted:
        return []
    found = last(o)
    if found.get("store") != o.archive.store.url or found.get("protection") != _asked(protection):
        return wanted
    return [name for name in wanted if found.get("probes", {}).get(name) != "ok"]


def warnings(o: Opened) -> list[str]:
    """What a user has to know of the protection before anything is stored, in Chinese."""
    protection, store = o.workspace.protection, o.archive.store
    said = []
    if not protection.wanted:
        return []
    if not isinstance(store, Versioned):
        return ["文件夹存储没有版本和锁定,dangan.toml 的 [protection] 不起作用"]
    asked = protection.lock(_ends(o), o.zone) if protection.locks else Lock()
    if asked.mode is not Retention.NONE and not asked.retained(o.now()):
        said.append("[protection] 的保留到期日已过,新收存的不再锁定;需要时请改 dangan.toml 的 until")
    elif protection.retention is Retention.COMPLIANCE and asked.until is not None:
        until = asked.until.astimezone(o.zone)
        said.append(
            f"合规保留(COMPLIANCE): 收存的原件和清单在 {until:%Y-%m-%d} 之前任何人(包括存储管理员)都不能删除,误送、涉密的也不能依决定销毁"
        )
    if unproved(o):
        said.append("dangan.toml 的 [protection] 还没有生效: 请运行 dangan doctor,证实存储确实拒绝删除后才会锁定")
    return said


def in_effect(o: Opened) -> str:
    """What protects the objects stored from now on, in Chinese; "" = nothing."""
    store, protection = o.archive.store, o.workspace.protection
    if not isinstance(store, Versioned):
        return ""
    if protection.locks:
        return f"新收存的原件和清单: {described(store.lock)}" if store.lock is not None else ""
    kept = last(o).get("probes", {}).get(VERSIONS)
    return "被覆盖或误删的内容仍在旧版本中" if kept == "ok" else ""


def last(o: Opened) -> dict[str, Any]:
    """What the doctor recorded last; {} = nothing yet."""
    for record in reversed(o.archive.index.run_events()):
        if "probes" in record.detail:
            return record.detail
    return {}


def record(o: Opened, run: str, probes: Sequence[Probe]) -> bool:
    """Record what the doctor found, where it differs from what was recorded last; whether it did.

    :raises ConflictError: another index writes this archive.
    """
    detail = {
        "store": o.archive.store.url,
        "protection": _asked(o.workspace.protection),
        "probes": {p.name: _STATES[p.ok] for p in probes},
    }
    with o.archive.lease("体检", wait=10.0):
        o.archive.catch_up()
        if detail == last(o):
            return False
        outcome = "failure" if any(p.ok is False for p in probes) else "success"
        o.archive.commit(run, [EventRecord(EventType.VALIDATION, run, o.now(), outcome, run, detail)])
    arm(o)
    return True


def lock_stored(o: Opened) -> Locked:
    """Bring what was stored before under the lock, too; safe to repeat.

    :raises UsageError: (``protection.unproved``) the lock is not asked for, or was not proved.
    """
    store, lock = o.archive.store, wanted_lock(o)
    if not isinstance(store, Versioned) or lock is None or store.lock is None:
        raise UsageError(
            "no lock in effect",
            zh="锁定没有生效,已收存的没有改动",
            code="protection.unproved",
            hint="请在 dangan.toml 的 [protection] 写明 retention 或 legal_hold,并让 dangan doctor 证实",
        )
    locked = kept = 0
    for key in immutable(o):
        if store.lock_of(key).covers(lock):
            kept += 1
        else:
            store.set_lock(key, lock)
            locked += 1
    return Locked(locked, kept)


def cannot_bypass(o: Opened) -> bool:
    """The doctor found that our key has no right to bypass a governance retention."""
    return last(o).get("probes", {}).get(BYPASS) not in (None, "ok")


def immutable(o: Opened) -> Iterator[str]:
    """Keys of everything that a lock covers."""
    for prefix in ("objects/", keys.manifest_prefix(o.archive.cycle)):
        yield from (i.key for i in o.archive.store.list(prefix) if keys.immutable(i.key))


def _ends(o: Opened) -> date:
    """The last day of the cycle: of its windows and deadlines."""
    windows = [*o.cycle.windows.values(), *(r.window for r in o.cycle.rules if r.window)]
    deadlines = [d for d in (o.cycle.deadline, *(r.deadline for r in o.cycle.rules)) if d]
    return max([*(w.end for w in windows), *deadlines])


def _asked(protection: Protection) -> dict[str, Any]:
    """The settings that a proof was made with; the date is none of them."""
    return {"versioning": protection.versioning, "retention": protection.retention.value, "legal_hold": protection.legal_hold}
