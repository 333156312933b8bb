"""The lease: who may write to the archive now (law 6).

One row in the index, so it holds for every process that writes through this index, on any host. Its holder renews a
heartbeat by a small thread. A holder is dead when its process is gone (same host), or when its heartbeat is older than
``STALE_SECONDS``, or lies in the future, and does not move while it is watched for two beats (any host, and a process that
hangs); then the lease is taken over. It is watched by this process's own monotonic clock, since a clock that was set makes every
heartbeat look old, or young for ever. A holder that was taken over by mistake cannot harm: its next ``fence`` fails before
anything is held.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Insert, delete, select, update

from archive_schema.errors import ConflictError, DanganError
from storage import process, tables
from storage.engine import Database

log = logging.getLogger(__name__)

STALE_SECONDS = 90.0
BEAT_SECONDS = 10.0
_POLL_SECONDS = 0.1
#: seconds of waiting after which a person is told for whom
_PATIENCE = 1.0
_NAME = "writer"


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lease, for what, and when it last said so (seconds since 1970)."""

    what: str
    process: process.Process
    heartbeat: float

    @property
    def zh(self) -> str:
        """For a person who has to wait."""
        return f"“{self.what}”(主机 {self.process.host.partition(' ')[0]},进程 {self.process.pid})"


class _Watch:
    """For how long, by our own clock, the same heartbeat of the same holder was seen."""

    def __init__(self) -> None:
        self._seen: tuple[str, float] | None = None
        self._since = 0.0

    def silent(self, token: str, heartbeat: float) -> float:
        """Seconds since this heartbeat was first seen."""
        if self._seen != (token, heartbeat):
            self._seen, self._since = (token, heartbeat), time.monotonic()
        return time.monotonic() - self._since


class Lease:
    """The lease as one ``Archive`` object sees it; may be held again by the thread that holds it.

    :param waiting: called once with the living holder when it has to be waited for longer than a moment.
    """

    def __init__(
        self,
        database: Database,
        *,
        stale_seconds: float = STALE_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
        waiting: Callable[[Holder], None] | None = None,
    ) -> None:
        self._database = database
        self._stale, self._beat, self._waiting = stale_seconds, beat_seconds, waiting
        self._threads = threading.RLock()
        self._depth = 0
        self._token = ""
        self._left: set[str] = set()  # tokens of ours that could not be released

    @contextmanager
    def hold(self, holder: str, *, wait: float = 0.0) -> Iterator[None]:
        """Hold the lease, waiting up to ``wait`` seconds for a living holder to release it.

        :param holder: what it is held for, shown to whoever has to wait, e.g. ``ingest``.
        :raises ConflictError: (``lease.held``) it is held by a living process.
        """
        if not self._threads.acquire(timeout=max(wait, 0.0)):
            raise _held(Holder("本程序的另一项操作", process.me(), time.time()))
        try:
            if self._depth == 0:
                self._acquire(holder, wait)
            self._depth += 1
            try:
                if self._depth == 1:
                    with self._beating():
                        yield
                else:
                    yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._release()
        finally:
            self._threads.release()

    def fence(self, connection: Connection) -> None:
        """That the lease is still ours, as part of a write transaction.

        :raises ConflictError: (``lease.lost``) it was taken over.
        """
        renewed = connection.execute(
            update(tables.lease)
            .where(tables.lease.c.name == _NAME, tables.lease.c.token == self._token)
            .values(heartbeat=self._database.now(connection))
        )
        if renewed.rowcount != 1:
            raise ConflictError(
                "the lease was taken over",
                zh="写入权已被另一进程接管,本次提交没有完成",
                code="lease.lost",
                hint="没有丢失任何内容;请稍后重新运行同一命令",
            )

    def _acquire(self, holder: str, wait: float) -> None:
        began = time.monotonic()
        token = secrets.token_hex(16)
        watch, told = _Watch(), False
        while True:
            with self._database.write() as c:
                other, doubtful = self._take(c, holder, token, watch)
            if other is None:
                self._token = token
                return
            waited = time.monotonic() - began
            if waited >= wait and not doubtful:
                raise _held(other)
            if waited >= _PATIENCE and not told and other.what:
                told = True
                log.info("waiting for %s (%s, pid %s)", other.what, other.process.host, other.process.pid)
                if self._waiting is not None:
                    self._waiting(other)
            time.sleep(_POLL_SECONDS)

    def _take(self, c: Connection, holder: str, token: str, watch: _Watch) -> tuple[Holder | None, bool]:
        """Take the lease if it is free or its holder is dead; else (who holds it, whether it may be dead: it must be watched on)."""
        mine, now = process.me(), self._database.now(c)
        row = {"token": token, "host": mine.host, "pid": mine.pid, "started": mine.started, "holder": holder, "heartbeat": now}
        if c.execute(self._when_free(row), execution_options={"preserve_rowcount": True}).rowcount == 1:
            return None, False
        found = c.execute(select(tables.lease).where(tables.lease.c.name == _NAME)).mappings().one_or_none()
        if found is None:  # released this moment
            return Holder("", process.Process("", 0, 0.0), now), False
        other = Holder(found["holder"], process.Process(found["host"], found["pid"], found["started"]), found["heartbeat"])
        if found["token"] not in self._left and process.alive(other.process) is not False:
            doubtful = not -self._beat <= now - other.heartbeat <= self._stale
            if not doubtful or watch.silent(found["token"], other.heartbeat) < 2 * self._beat:
                return other, doubtful
        log.warning(
            "lease of %s (%s, pid %s) taken over: its holder is dead, or done",
            other.what,
            other.process.host,
            other.process.pid,
        )
        taken = c.execute(update(tables.lease).where(tables.lease.c.token == found["token"]).values(**row))
        return (None, False) if taken.rowcount == 1 else (other, False)

    def _when_free(self, row: dict[str, Any]) -> Insert:
        """Imported is only the database that is in use: PostgreSQL's half takes longer than all else of the lease."""
        if self._database.is_sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(tables.lease).values(name=_NAME, **row).on_conflict_do_nothing()
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(tables.lease).values(name=_NAME, **row).on_conflict_do_nothing()

    def _release(self) -> None:
        try:
            with self._database.write() as c:
                c.execute(delete(tables.lease).where(tables.lease.c.token == self._token))
        except DanganError as e:  # what was done under it is done; others will find it dead, and we do not wait for ourselves
            self._left.add(self._token)
            log.warning("lease not released: %s", e)

    @contextmanager
    def _beating(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._keep_alive, args=(self._token, stop), name="dangan-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _keep_alive(self, token: str, stop: threading.Event) -> None:
        while not stop.wait(self._beat):
            try:
                with self._database.write() as c:
                    c.execute(update(tables.lease).where(tables.lease.c.token == token).values(heartbeat=self._database.now(c)))
            except DanganError as e:  # the next beat may come through; if none does, others may take over, and fence tells us
                log.warning("heartbeat of the lease failed: %s", e)


def _held(by: Holder) -> ConflictError:
    since = datetime.fromtimestamp(by.heartbeat, UTC).isoformat(timespec="seconds")
    return ConflictError(
        f"held by {by.what} ({by.process.host}, pid {by.process.pid}), last heartbeat {since}",
        zh=f"档案库正由{by.zh}写入",
        code="lease.held",
        hint="请等它完成后重试;若那个进程已经死去,一分半钟后会自动接管",
    )
