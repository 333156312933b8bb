"""The index built anew from the store: the store is the record, the index a cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from archive_schema import cycle as cycles
from flows.places import Workspace
from flows.workspace import PROGRAM, utc_now
from storage.archive import Archive
from storage.factory import index_url, open_store
from storage.index import Index


class Restored(msgspec.Struct, frozen=True):
    """What the rebuilt index holds. ``writer``: this index may write (it took over, or was the writer before)."""

    head: str | None
    state_digest: str
    evidence: int
    sources: int
    decisions: int
    writer: bool


def restore(
    workspace: Workspace,
    *,
    take_over: bool = False,
    now: Callable[[], datetime] = utc_now,
    env: Mapping[str, str] | None = None,
) -> Restored:
    """Replay the whole series into the workspace's index, which may be new.

    :param take_over: make this index the one that may write; only when the one before is gone for good.
    :raises IntegrityError: the series is damaged. :raises UnavailableError: the store does not answer.
    """
    cycle, _ = cycles.load(workspace.cycle_file)
    store = open_store(workspace.store, base=workspace.path, env=os.environ if env is None else env)
    index = Index(index_url(workspace.index, base=workspace.path))
    try:
        archive = Archive.open(store, index, cycle=cycle.name, clock=now, program=PROGRAM, create=True)
        archive.catch_up()
        head = archive.take_over() if take_over else archive.head()
        counts = index.counts()
        return Restored(
            head=head.anchor if head else None,
            state_digest=archive.state_digest(),
            evidence=counts["evidence"],
            sources=counts["source"],
            decisions=counts["decision"],
            writer=head is None or head.index_id == index.id,
        )
    finally:
        index.close()
