"""The index, the faces of the workspace and the reports built anew from the store: the store is the record, all else a cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from archive_schema import cycle as cycles
from archive_schema.copies import RestoreOutput
from archive_schema.errors import UsageError
from flows import faces
from flows.nightly import coverage
from flows.places import Workspace
from flows.workspace import PROGRAM, open_workspace, utc_now
from storage import series
from storage.archive import Archive
from storage.factory import index_url, open_store
from storage.index import Index
from storage.objects import ObjectStore


def restore(
    workspace: Workspace,
    *,
    cycle: str | None = None,
    take_over: bool = False,
    now: Callable[[], datetime] = utc_now,
    env: Mapping[str, str] | None = None,
) -> RestoreOutput:
    """Replay the whole series into the workspace's index, which may be new; then write the missing faces and the coverage reports.

    :param cycle: which cycle of the store; needed only when ``cycle.toml`` is gone and the store holds several.
    :param take_over: make this index the one that may write; only when the one before is gone for good.
    :raises UsageError: no such store or cycle. :raises IntegrityError: the series is damaged.
    :raises UnavailableError: the store does not answer.
    """
    env = os.environ if env is None else env
    store = open_store(workspace.store, base=workspace.path, env=env, must_exist=True)
    name = _cycle(workspace, store, cycle)
    index = Index(index_url(workspace.index, base=workspace.path))
    try:
        archive = Archive.open(store, index, cycle=name, clock=now, program=PROGRAM, create=True)
        archive.catch_up()
        if take_over:
            archive.take_over()
        written = faces.write_missing(workspace, archive)
    finally:
        index.close()
    with open_workspace(workspace, now=now, env=env) as o:
        coverage(o)
        head = o.archive.head()
        counts = o.archive.index.counts()
        return RestoreOutput(
            cycle=name,
            head=head.anchor if head else None,
            records=head.total if head else 0,
            state_digest=o.archive.state_digest(),
            evidence=counts["evidence"],
            sources=counts["source"],
            decisions=counts["decision"],
            writer=head is None or head.index_id == o.archive.index.id,
            written=written,
        )


def _cycle(workspace: Workspace, store: ObjectStore, wanted: str | None) -> str:
    """The cycle to restore: that of ``cycle.toml``, else the one wanted, else the only one there is."""
    if workspace.cycle_file.is_file():
        name = cycles.load(workspace.cycle_file)[0].name
        if wanted not in (None, name):
            raise UsageError(
                f"cycle.toml says {name}, asked for {wanted}",
                zh=f"cycle.toml 写的是周期“{name}”,不是“{wanted}”",
                code="restore.cycle",
                hint="一个工作区一个周期: 另一周期请恢复到另一个空文件夹",
            )
        return name
    found = series.cycles(store)
    if wanted in found:
        return str(wanted)
    if wanted is None and len(found) == 1:
        return next(iter(found))
    listed = "、".join(found)
    raise UsageError(
        f"cycles in {store.url}: {listed or 'none'}",
        zh=f"存储 {store.url} 里" + (f"没有周期“{wanted}”" if wanted else "有几个周期" if found else "没有任何归档清单"),
        code="restore.cycle",
        hint=f"用 --cycle 写明是哪一个: {listed}" if found else "请核对存储地址(桶名和前缀),它应直接含有 cycles 和 objects",
    )
