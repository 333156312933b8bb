"""What a plain listing does not show: old versions, delete markers, uploads cut off and locks, for the audit of a store that has them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from archive_schema.errors import UsageError
from archive_schema.outputs import AuditProblem
from flows import protecting, unfinished
from flows.workspace import Opened
from storage import keys
from storage.protection import Version, Versioned, remains
from validators import audit as checks

UNPROVED = "dangan.toml 的 [protection] 还没有由 dangan doctor 证实,没有核对锁定"
UNLISTED = "密钥没有 s3:ListBucketMultipartUploads 权限,或存储服务不列出分段上传,没有核对已销毁的有没有留下未完成的分段上传"


def versions(o: Opened, destroyed: Collection[str], told: Collection[str]) -> list[AuditProblem]:
    """Immutable objects that were hidden or overwritten, and destroyed ones of which a version survives.

    :param destroyed: SHA-256 of what was destroyed by decision. :param told: keys found by the listing not to be destroyed.
    """
    store = o.archive.store
    if not isinstance(store, Versioned):
        return []
    gone = {keys.object_key(sha) for sha in destroyed}
    problems = []
    for prefix in ("objects/", keys.manifest_prefix(o.archive.cycle)):
        for key, group in itertools.groupby(_held(store, prefix), key=lambda v: v.key):
            if keys.immutable(key) and not (key in gone and key in told):
                problems += _judged(key, list(group), key in gone)
    return problems


def uploads(o: Opened, destroyed: Collection[str]) -> tuple[list[AuditProblem], str]:
    """Parts of destroyed evidence that an upload left which was cut off; and what was not looked at, "" = nothing."""
    try:
        found = sorted({u.key for u in unfinished.of_destroyed(o.archive.store, destroyed)})
    except UsageError:
        return [], UNLISTED
    return [checks.problem("object.not-destroyed", key, "依决定销毁", "未完成的分段上传") for key in found], ""


def beside(o: Opened, destroyed: Collection[str]) -> list[AuditProblem]:
    """What was read from destroyed evidence, or kept aside of it, and is there without it. Where the bytes are still there, they are told."""
    store, problems = o.archive.store, []
    for sha in sorted(destroyed):
        if not remains(store, keys.object_key(sha)):
            for prefix, what in ((keys.derived_prefix(sha), "读出的文字"), (keys.aside_prefix(sha), "另存的字节")):
                problems += [checks.problem("object.not-destroyed", k, "依决定销毁", what) for k in remains(store, prefix)]
    return problems


def _held(store: Versioned, prefix: str) -> Iterator[Version]:
    """Versions with bytes. Where none of an object is current, a delete marker hides it."""
    return (v for v in store.versions(prefix) if not v.marker)


def _judged(key: str, held: list[Version], destroyed: bool) -> list[AuditProblem]:
    if destroyed:
        return [checks.problem("object.not-destroyed", key, "依决定销毁", f"{len(held)} 个旧版本")]
    problems = []
    if not any(v.current for v in held):
        problems.append(checks.problem("object.hidden", key, "未删除", f"删除标记,旧版本 {held[0].size} 字节"))
    if len({(v.size, v.tag) for v in held}) > 1:
        sizes = "、".join(f"{v.size} 字节" for v in held)
        problems.append(checks.problem("object.replaced", key, "一种内容", f"{len(held)} 个版本: {sizes}"))
    return problems


def locks(o: Opened) -> tuple[list[AuditProblem], str]:
    """Stored objects that are not under the lock in effect; and what was not looked at, "" = nothing."""
    store = o.archive.store
    if not isinstance(store, Versioned) or not o.workspace.protection.locks:
        return [], ""
    if store.lock is None:
        return [], UNPROVED if protecting.unproved(o) else ""
    without = [key for key in protecting.immutable(o) if not store.lock_of(key).covers(store.lock)]
    if not without:
        return [], ""
    return [checks.problem("object.unlocked", without[0], "锁定", f"{len(without)} 个对象没有锁定到期,这是其中第一个")], ""
