"""Signatures of heads, for the audit: who vouches for the series, and is it what was vouched for.

A good signature of a trusted key says that nobody without that key has altered the series up to that head, even if all digests and
the index were made anew. It is no anchor: whoever puts back the whole series to an earlier signed head leaves a series that is signed.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import NamedTuple

from archive_schema.audit import AuditStep
from archive_schema.outputs import AuditProblem
from archive_schema.records import Head
from archive_schema.signature import PublicKey
from flows.workspace import Opened
from storage import keys, signatures, signing
from storage.signatures import Verdict, Worth
from validators import audit as checks

NO_LIBRARY = "没有核对签名: 没有安装 dangan[sign]"
NOBODY_TRUSTED = "清单有签名,没有核对: 没有写明信任哪些公钥(dangan.toml 的 [signing] trusted,或 --trusted 文件)"
OLDER = "快速审计: 只核对了最近一次的签名"

_BROKEN = {Worth.BAD: "signature.bad", Worth.DIFFERS: "signature.differs", Worth.BEYOND: "signature.beyond"}


class Checked(NamedTuple):
    problems: list[AuditProblem]
    unchecked: list[str]
    steps: list[AuditStep]


def check(
    o: Opened,
    head: Head | None,
    listed: list[str],
    segments: signatures.Segments,
    *,
    trusted: Collection[PublicKey],
    deep: bool,
) -> Checked:
    """Judge the signatures.

    :param listed: keys of the signatures that there were before the series was read: none of them may go beyond it.
    :param trusted: whose signatures count. :param deep: look at all of them; else at those of the last seq that has any.
    """
    out = Checked([], [], [])
    if not listed and not trusted:
        return out  # nobody signs here
    if not signing.available():
        out.unchecked.append(NO_LIBRARY)
        return out
    if listed and not trusted:
        out.unchecked.append(NOBODY_TRUSTED)
        return out
    if head is None:
        return out
    began = time.perf_counter()
    last = _seq(listed[-1]) if listed else 0
    wanted = listed if deep else [k for k in listed if _seq(k) == last]
    found = [v for k in wanted if (v := signatures.judged(o.archive.store, k, segments, trusted)) is not None]
    for v in found:
        if v.worth in _BROKEN:
            out.problems.append(_problem(v, segments))
    good = [v for v in found if v.worth is Worth.GOOD]
    if found:
        out.steps.append(AuditStep(_told(good, head), len(found), 0, time.perf_counter() - began))
    _head(o, head, found, out)
    strangers = [v for v in found if v.worth is Worth.UNKNOWN and v.seq != head.seq]
    if strangers:
        who = "、".join(sorted({v.key.zh for v in strangers if v.key}))
        out.unchecked.append(f"{len(strangers)} 个较早的签名出自没有列入信任的公钥: {who}")
    if len(wanted) < len(listed):
        out.unchecked.append(OLDER)
    return out


def _head(o: Opened, head: Head, found: list[Verdict], out: Checked) -> None:
    """What is said when the head itself has no good signature."""
    if any(v.worth is Worth.GOOD and v.seq == head.seq for v in found):
        return
    name = keys.head_key(o.archive.cycle)
    strangers = [v for v in found if v.worth is Worth.UNKNOWN and v.seq == head.seq]
    if strangers:
        who = "、".join(v.key.zh for v in strangers if v.key)
        out.problems.append(checks.problem("signature.unknown-key", name, "信任的公钥签名", who))
        return
    if any(v.worth in _BROKEN and v.seq >= head.seq for v in found):
        return  # told already
    before = max((v for v in found if v.worth is Worth.GOOD), key=lambda v: v.seq, default=None)
    so_far = f"最近的有效签名在第 {before.seq} 段({_when(o, before)})" if before else "没有有效的签名"
    if o.workspace.signing.required:
        out.problems.append(checks.problem("signature.missing", name, f"第 {head.seq} 段有签名", so_far))
    else:
        out.unchecked.append(f"最新清单之首未签名: 清单到第 {head.seq} 段,{so_far};dangan sign 可补签")


def _problem(v: Verdict, segments: signatures.Segments) -> AuditProblem:
    signed = f"{v.head.seq}:{v.head.digest}" if v.head else None
    if v.worth is Worth.BAD:
        return checks.problem(_BROKEN[v.worth], v.object_key, "签名与内容相符", "验不过")
    there = segments.get(v.seq)
    return checks.problem(_BROKEN[v.worth], v.object_key, signed, f"{v.seq}:{there[0]}" if there else "没有这一段")


def _when(o: Opened, v: Verdict) -> str:
    return f"{v.head.signed_at.astimezone(o.zone):%Y-%m-%d %H:%M}" if v.head else "—"


def _told(good: list[Verdict], head: Head) -> str:
    """Who vouches for the head, for the list of what was gone through."""
    who = "、".join(v.key.zh for v in good if v.seq == head.seq and v.key)
    return f"核对签名(清单之首由 {who} 签名,有效)" if who else "核对签名"


def _seq(key: str) -> int:
    parsed = keys.parse_signature_key(key)
    assert parsed is not None, key
    return parsed[1]
