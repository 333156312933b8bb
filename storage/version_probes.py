"""Probes of a store that keeps versions and locks: its clock, its versions, and each of the locks on an object of its own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from archive_schema.errors import DanganError
from archive_schema.outputs import Probe
from archive_schema.protection import Lock, Protection, Retention, described
from storage import keys
from storage.probing import BYPASS, HOLD, LOCK, VERSIONS, Refuted, attempt, objects, plain
from storage.protection import ObjectLocked, Versioned

#: seconds that our clock and the server's may differ; S3 servers refuse requests from 15 minutes on
_SKEW = 60
#: a probe's lock ends by itself after so many seconds, so that a probe that is killed leaves nothing for good
_LOCKED_SECONDS = 3


def probe(store: Versioned, protection: Protection) -> list[Probe]:
    probes = [attempt("时钟", lambda: _clock(store))]
    try:
        on, lockable = store.versioning(), store.lockable()
    except DanganError as e:
        return [*probes, Probe(VERSIONS, False, e.zh), Probe(LOCK, False, e.zh)]
    if not on and protection.versioning:
        probes.append(attempt(VERSIONS, lambda: _switched_on(store)))
    elif on:
        probes.append(attempt(VERSIONS, lambda: _keeps(store)))
    else:
        probes.append(Probe(VERSIONS, None, "没有开启,也没有要求;未检"))
    if lockable:
        return [*probes, *_locks(store, protection)]
    if protection.locks:
        text = "存储桶建立时没有开启对象锁定,以后也不能补开: 请另取一个桶名(由 dangan 建立),用 dangan copy 复制过去,再改 store"
        return [*probes, Probe(LOCK, False, text)]
    return [*probes, Probe(LOCK, None, "存储桶没有开启对象锁定,也没有要求;未检")]


def _clock(store: Versioned) -> str:
    before = datetime.now(UTC)
    there = store.server_time()
    ours = before + (datetime.now(UTC) - before) / 2
    skew = (there + timedelta(seconds=0.5) - ours).total_seconds()  # the header tells whole seconds
    if abs(skew) > _SKEW:
        raise Refuted(f"本机时钟与存储服务相差 {abs(skew):.0f} 秒;请校准(超过 15 分钟时存储会拒绝访问)")
    return f"本机时钟与存储服务相差不到 {max(1, round(abs(skew)) + 1)} 秒"


def _switched_on(store: Versioned) -> str:
    store.keep_versions()
    return f"按 dangan.toml 为存储桶开启;{_keeps(store)}"


def _keeps(store: Versioned) -> str:
    with objects(plain(store)) as [key]:
        plain(store).put_bytes(key, b"first")
        plain(store).put_bytes(key, b"second", replace=True)
        kept = [v for v in store.versions(key) if v.key == key]
        if len(kept) != 2 or not kept[0].current or kept[1].current:
            raise Refuted(f"覆盖一次后应有两个版本,列出 {len(kept)} 个")
    if any(v.key == key for v in store.versions(key)):
        raise Refuted("删除全部版本后仍有残留")
    return "被覆盖的内容仍在;依决定销毁时全部版本一并删除"


def _locks(store: Versioned, protection: Protection) -> list[Probe]:
    """Each of the locks on an object of its own. The retention ends by itself within seconds, a compliance one also for us."""
    bypassed: list[bool] = []
    probes = [attempt(LOCK, lambda: _refuses(store, Retention.GOVERNANCE, bypassed))]
    if bypassed:
        text = (
            "当前密钥可以越过治理保留: 只在依决定销毁时使用"
            if bypassed[0]
            else "当前密钥不能越过治理保留: 到期前不能依决定销毁"
        )
        probes.append(Probe(BYPASS, bypassed[0] or None, text))
    if protection.retention is Retention.COMPLIANCE and probes[0].ok:
        probes[0] = attempt(LOCK, lambda: _refuses(store, Retention.COMPLIANCE, []))
    probes.append(attempt(HOLD, lambda: _holds(store)))
    return probes


def _refuses(store: Versioned, mode: Retention, bypassed: list[bool]) -> str:
    there = plain(store)
    key = keys.report_key("doctor", f"probe-{secrets.token_hex(8)}")
    there.put_bytes(key, b"locked")
    lock = Lock(mode, store.server_time() + timedelta(seconds=_LOCKED_SECONDS))
    try:
        store.set_lock(key, lock)
        found = store.lock_of(key)
        if not found.covers(lock):
            raise Refuted(f"锁定后查到的是“{described(found)}”")
        _must_refuse(lambda: there.delete(key), "对象锁定中,存储却照样删除")
        if mode is Retention.COMPLIANCE:
            _must_refuse(lambda: store.erase(key), "合规保留中,越过保留的请求却删除了对象")
        else:
            try:
                store.erase(key)
                bypassed.append(True)
            except ObjectLocked:
                bypassed.append(False)
    finally:
        _until_gone(store, key)
    return f"{'合规' if mode is Retention.COMPLIANCE else '治理'}保留期内拒绝删除,到期后可以删除"


def _must_refuse(delete: Callable[[], None], otherwise: str) -> None:
    try:
        delete()
    except ObjectLocked:
        return
    raise Refuted(otherwise)


def _until_gone(store: Versioned, key: str) -> None:
    """Remove a probe object, at the latest when its own short retention is over."""
    end = time.monotonic() + 4 * _LOCKED_SECONDS
    while True:
        try:
            return store.erase(key)
        except ObjectLocked:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _holds(store: Versioned) -> str:
    there = plain(store)
    with objects(there) as [key]:
        there.put_bytes(key, b"held")
        store.set_lock(key, Lock(hold=True))
        try:
            if not store.lock_of(key).hold:
                raise Refuted("设置后查不到")
            _must_refuse(lambda: store.erase(key), "依法保全中,存储却照样删除")
        finally:
            with suppress(DanganError):
                store.release_hold(key)
    return "保全中拒绝删除,解除后可以删除"
