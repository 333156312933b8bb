"""Destruction by decision (law 9): the tombstone is recorded first, then the bytes and all that was derived from them are removed.

``complete`` may be called at any time: it removes what a killed run left. Bytes that were destroyed count for nobody and do not
come back: the tombstone holds for every unit.

The cycles of a store share its objects, and each writes its own series only. So bytes go when every other cycle has withdrawn
them, and such a cycle takes the decision over into its own series with its next pass (``elsewhere``).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import msgspec

from archive_schema.decisions import Decision, addressed, in_force, speaks_of
from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.evidence import Source
from archive_schema.protection import Lock, Retention, described
from archive_schema.records import EventRecord, Record
from archive_schema.text import place
from archive_schema.words import DecisionAction, EventType
from flows import other_cycles, protecting, unfinished
from flows.workspace import Opened
from storage import keys
from storage.objects import ObjectMissing
from storage.protection import ObjectLocked, Versioned, erase, remains

log = logging.getLogger(__name__)


def check(o: Opened, d: Decision, before: Sequence[Decision]) -> None:
    """Refuse to destroy what others hold or without a basis, and to undo a destruction.

    :param before: decisions recorded so far and those of the same act.
    :raises UsageError: names who or what else holds the bytes.
    """
    if d.action is DecisionAction.UNDO:
        target = next((b for b in before if b.id == d.decision), None)
        if target is not None and target.action is DecisionAction.WITHDRAW and (target.destroy or target.sha256 in gone(o)):
            raise _refused("destroyed", "材料已依决定销毁,不能撤销", "需要时请责任单位另行报送(内容相同的文件不再收存)")
        return
    if d.action is not DecisionAction.WITHDRAW or not d.destroy:
        return
    if not d.basis.strip():
        raise _refused("no-basis", "销毁必须写明依据", "用 --basis 写明批准销毁的文件或指示")
    acts = [b for b in in_force(list(before)) if b.action is DecisionAction.WITHDRAW]
    destroyed = {b.sha256 for b in acts if b.destroy} | o.archive.index.destroyed()
    if d.sha256 in destroyed:
        return
    sources = list(o.archive.index.sources([d.sha256]))
    of_it = addressed([b for b in acts if b.sha256 == d.sha256], {s.unit for s in sources}, o.units)
    withdrawn = {(b.sha256, b.unit) for b in of_it} | o.archive.index.withdrawn()
    if (d.sha256, "") not in withdrawn:
        others = [s for s in sources if not (d.unit and speaks_of(d, s.unit, o.units)) and (d.sha256, s.unit) not in withdrawn]
        if len({o.units.named(s.unit) for s in others}) > (0 if d.unit else 1):
            places = "、".join(sorted({place(s.unit, s.path) for s in others}))
            raise _refused(
                "shared", f"同一内容也由别的来件持有: {places}", "请先由各单位撤回(dangan withdraw,不加 --destroy),再销毁"
            )
    containers = {s.member_of for s in sources if s.member_of} - destroyed
    held = [e.sha256 for e in o.archive.index.evidence(containers)]
    if held:
        names = "、".join(sorted({s.path for s in o.archive.index.sources(held)}))
        raise _refused(
            "in-container",
            f"这份材料还在别的文件里: {names}",
            "请先(或一并)销毁那个压缩包或文档;由它取出的其余文件各自存档,不受影响",
        )
    _refuse_held_elsewhere(o, d.sha256)
    _refuse_locked(o, d.sha256)


def _refuse_held_elsewhere(o: Opened, sha256: str) -> None:
    for cycle in other_cycles.names(o):
        said = other_cycles.said(o, cycle, [sha256])[sha256]
        if said.holds:
            raise _refused(
                "other-cycle",
                f"周期“{cycle}”也持有这份材料的字节",
                "请先在那个周期的工作区撤回(dangan withdraw,不加 --destroy),再在这里销毁",
            )
        if any(o.archive.store.stat(keys.object_key(c)) is not None for c in said.containers):
            raise _refused(
                "other-cycle",
                f"在周期“{cycle}”里,这份材料还在别的文件里",
                "请先在那个周期的工作区销毁那个压缩包或文档,再在这里销毁",
            )


def _locks(o: Opened, key: str) -> list[Lock]:
    """The locks that hold now on any version of what lies under the key."""
    store = o.archive.store
    if not isinstance(store, Versioned):
        return []
    found = [store.lock_of(key, v.id) for v in store.versions(key) if v.key == key and not v.marker]
    now = store.server_time()
    return [lock for lock in found if lock.hold or lock.retained(now)]


def _refuse_locked(o: Opened, sha256: str) -> None:
    """What the store will not delete is not recorded as destroyed."""
    for lock in _locks(o, keys.object_key(sha256)):
        if lock.hold:
            raise _refused("held", "这份材料依法保全(legal hold)中,存储拒绝删除", "请先经原决定机关同意,由存储管理员解除保全")
        if lock.mode is Retention.COMPLIANCE:
            until = lock.until.astimezone(o.zone) if lock.until else None
            raise _refused(
                "compliance",
                f"这份材料受合规保留(COMPLIANCE),{until:%Y-%m-%d %H:%M} 之前任何人都不能删除,没有记录销毁",
                "可先撤回(dangan withdraw,不加 --destroy),使其不再计入;到期后再销毁",
            )
        if protecting.cannot_bypass(o):
            raise _refused(
                "no-bypass",
                f"这份材料在治理保留期内({described(lock)}),当前密钥无权越过",
                "请换用有 s3:BypassGovernanceRetention 权限的密钥,运行 dangan doctor 后重试",
            )


def bypasses(o: Opened, decisions: Sequence[Decision], run: str) -> list[Record]:
    """An event for every governance retention that a destruction goes past: by whose decision, on what basis."""
    records: list[Record] = []
    for d in decisions:
        for lock in _locks(o, keys.object_key(d.sha256)) if d.destroy else ():
            detail = {"decision": d.id, "by": d.by, "basis": d.basis, "until": lock.until.isoformat() if lock.until else ""}
            said = f"依决定越过{described(lock)}"
            records.append(EventRecord(EventType.DELETION, d.sha256, d.at, said, run, detail))
            break
    return records


def complete(o: Opened) -> list[str]:
    """Remove the bytes (every version of them, and parts of an upload that was cut off), texts and whatever else is derived or mentioned
    of everything destroyed by decision; the keys removed now. What a lock still holds is left for the next run, and told by the audit.

    :raises UnavailableError: the store does not answer, or refuses; the next run goes on.
    """
    store, removed = o.archive.store, []
    destroyed = o.archive.index.destroyed()
    todo: list[str] = []
    aside = remains(store, "quarantine/") if destroyed else []
    for sha in sorted(destroyed):
        left = [*remains(store, keys.derived_prefix(sha)), *(k for k in aside if k.startswith(keys.aside_prefix(sha)))]
        key = keys.object_key(sha)
        if remains(store, key):
            other = _other_cycle(o, sha)
            if other:
                log.warning("%s stays: cycle %s holds the same bytes", key, other)
                continue
            left.append(key)
        todo += left
    # an index of an earlier version still knows what was read; the bytes go last, so that what a kill left is seen by them
    if o.archive.index.redact() or todo:
        from flows import mentions  # and with it the reports: only where something was destroyed

        mentions.in_store(o, destroyed)
        o.archive.index.compact()
    for k in todo:
        try:
            erase(store, k)
        except ObjectLocked as e:
            log.warning("destroyed by decision, and the store refuses to delete it: %s", e)
            continue
        log.info("destroyed by decision: %s", k)
        removed.append(k)
    return removed + unfinished.clear(store, destroyed)


def kept(o: Opened, sha256: str) -> str:
    """Why bytes of what was destroyed by decision, or texts read from them, are in the store all the same, in Chinese; "" = none are."""
    store, key = o.archive.store, keys.object_key(sha256)
    if sha256 not in o.archive.index.destroyed():
        return ""
    try:
        cut_off = [u.key for u in unfinished.of_destroyed(store, {sha256})]
    except UsageError as e:
        cut_off = []
        log.warning("unfinished uploads of %s were not looked for: %s", sha256, e)
    bytes_left = [k for prefix in (key, keys.aside_prefix(sha256)) for k in remains(store, prefix)]
    texts = remains(store, keys.derived_prefix(sha256))
    if not bytes_left and not texts and not cut_off:
        return ""
    if key in bytes_left and (other := _other_cycle(o, sha256)):
        return f"决定已记录,但字节还在存储里: 周期“{other}”也收了同样的内容;那个周期也撤回以后,这里再收件时就会删除"
    what = "字节" if bytes_left or cut_off else "读出的文字"
    lock = next((lock for k in (*bytes_left, *texts) for lock in _locks(o, k)), None)
    if lock is not None:
        why, do = f"存储不许删除({described(lock)})", ObjectLocked(key, lock).hint
    else:
        why, do = "存储没有照办", "请运行 dangan ingest 再试;仍在的见 dangan audit"
    return f"决定已记录,但{what}还在存储里: {why};{do};以后每次收件会再删"


def members(o: Opened, shas: Collection[str]) -> list[Source]:
    """What came out of these files, is still held, and may have to be destroyed as well."""
    destroyed = o.archive.index.destroyed()
    return [s for s in o.archive.index.sources() if s.member_of in shas and s.sha256 not in destroyed]


def gone(o: Opened) -> set[str]:
    """Evidence whose bytes were removed by decision, of this cycle or of another one of the store."""
    return o.archive.index.destroyed() | {d.sha256 for d in elsewhere(o)}


def elsewhere(o: Opened) -> list[Decision]:
    """Decisions of other cycles by which bytes went that this cycle had withdrawn, as this one records them: they hold for every unit.

    A cycle whose series cannot be read is told to the log: its own audit says what is wrong with it.

    :raises UnavailableError: the store does not answer.
    """
    index, store = o.archive.index, o.archive.store
    destroyed = index.destroyed()
    withdrawn = {(sha, unit) for sha, unit in index.withdrawn() if sha not in destroyed}
    missing = [sha for sha in sorted({sha for sha, _ in withdrawn}) if store.stat(keys.object_key(sha)) is None]
    wanted = []
    for sha in missing:
        units = {s.unit for s in index.sources([sha])}
        if other_cycles.let_go(units, {unit for of, unit in withdrawn if of == sha}):
            wanted.append(sha)
    found: dict[str, Decision] = {}
    for cycle in other_cycles.names(o) if wanted else ():
        try:
            told = other_cycles.said(o, cycle, wanted)
        except (IntegrityError, ConflictError, ObjectMissing) as e:
            log.warning("cycle %s could not be asked what it destroyed: %s", cycle, e)
            continue
        for sha, said in told.items():
            if said.destroyed is not None:
                reason = f"{said.destroyed.reason}(周期“{cycle}”的决定)"
                found.setdefault(sha, msgspec.structs.replace(said.destroyed, unit="", reason=reason))
    return list(found.values())


def _other_cycle(o: Opened, sha256: str) -> str:
    """A cycle of the same store that holds the bytes, too, or ""."""
    return next((c for c in other_cycles.names(o) if other_cycles.said(o, c, [sha256])[sha256].holds), "")


def _refused(code: str, zh: str, hint: str) -> UsageError:
    return UsageError(f"not destroyed: {code}", zh=zh, code=f"destroy.{code}", hint=hint)
