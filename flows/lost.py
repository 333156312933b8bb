"""Bytes that the store has lost while the file still lies in the inbox: the next pass lays them there again, as the audit promises.

Which are lost the last audit has found; a pass lists no store of its own accord. What was destroyed by decision is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archive_schema.evidence import Source
from flows import audit_reports, destroy
from flows.accounting import Place, container_of
from flows.workspace import Opened
from storage import keys


def lost(o: Opened) -> set[str]:
    """Digests of the evidence that the last audit missed in the store, and that is still not there."""
    report = audit_reports.last(o)
    if report is None or report.output.integrity is None:
        return set()
    missed = {p.key for p in report.output.integrity.problems if p.code == "object.missing"}
    if not missed:
        return set()
    held = {keys.object_key(e.sha256): e.sha256 for e in o.archive.index.evidence()}
    found = {held[key] for key in missed & held.keys()} - destroy.gone(o)
    return {sha for sha in found if not_there(o, sha)}


def not_there(o: Opened, sha256: str) -> bool:
    return o.archive.store.stat(keys.object_key(sha256)) is None


def places(shas: Iterable[str], held: Mapping[Place, Source]) -> set[Place]:
    """Where the files of the inbox stand that are these, or hold them."""
    wanted = set(shas)
    return {(s.folder, container_of(s, held)) for s in held.values() if s.sha256 in wanted} if wanted else set()


def said(o: Opened, before: set[str]) -> str:
    """What is to be said of a pass over what was lost before it; "" = nothing."""
    back = sum(not not_there(o, sha) for sha in before)
    return f"存储中缺失的 {back} 件,已由收件箱里的原件重新存入;请再运行 dangan audit 核对,并查明是谁、何时删除" if back else ""
