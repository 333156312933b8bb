"""The database under the index: how it is opened, what a transaction is, what its errors mean.

SQLite (WAL, every commit synced) and PostgreSQL; the SQL elsewhere is portable. A *write* takes SQLite's write lock when
it begins (``BEGIN IMMEDIATE``), so that it waits for another writer instead of failing in the middle; a *read* sees one
state of the database from its first statement to its end, on PostgreSQL by ``REPEATABLE READ``.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import LRUCache

from archive_schema.errors import DanganError, InternalError, UnavailableError, UsageError
from storage import disk

log = logging.getLogger(__name__)

#: seconds that a statement waits for another writer of the same SQLite file
BUSY_SECONDS = 30
#: statements whose SQL is kept; the index has about a hundred
_KEPT = 500
_SQLITE_SAYS = {
    "database or disk is full": errno.ENOSPC,
    "attempt to write a readonly database": errno.EACCES,
    "unable to open database file": errno.EACCES,
    "disk I/O error": errno.EIO,
}


class Database:
    """:param url: a SQLAlchemy URL of SQLite (a file) or PostgreSQL.

    :raises UsageError: (``index.url``) not such a URL, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            self._url: URL = parsed
            if parsed.get_backend_name() not in ("sqlite", "postgresql") or (
                self.is_sqlite and parsed.database in (None, "", ":memory:")
            ):
                raise ArgumentError("neither a SQLite file nor PostgreSQL")
            if self.is_sqlite:
                self._make_parent(Path(str(parsed.database)))
            engine = _sqlite_engine(parsed) if self.is_sqlite else create_engine(parsed, connect_args={"connect_timeout": 10})
        except (ArgumentError, NoSuchModuleError, ImportError) as e:
            raise UsageError(
                f"not the URL of an index: {e}",
                zh="索引地址写错,或缺少数据库驱动",
                code="index.url",
                hint="应为文件路径或 postgresql://…;用 PostgreSQL 须安装 dangan[postgres]",
            ) from e
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        self._engine: Engine = engine
        self._writer = engine.execution_options(dangan_write=True)
        self._reader = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def url(self) -> str:
        """To show a user; holds no password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def place(self) -> str:
        """The file of SQLite, else the URL without its password."""
        return str(self._url.database) if self.is_sqlite else self.url

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database."""
        with self._mapped(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it is durable when this ends, or nothing of it."""
        with self._mapped(), self._writer.begin() as connection:
            yield connection

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the clock that everybody who uses this database shares."""
        if self.is_sqlite:  # one host
            return time.time()
        return float(connection.scalar(select(func.extract("epoch", func.clock_timestamp()))) or 0.0)

    def compact(self, tables: Iterable[str]) -> None:
        """Write the database anew without what was deleted from it. SQLite does it as a whole and needs that nobody
        else reads; PostgreSQL locks one table after another. Where that is not to be had within ``BUSY_SECONDS`` it is left for the next time.
        """
        free = self._engine.execution_options(isolation_level="AUTOCOMMIT", dangan_bare=True)
        try:
            with free.connect() as c:
                if self.is_sqlite:
                    c.exec_driver_sql("VACUUM")
                    c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                else:
                    c.exec_driver_sql(f"SET lock_timeout = '{BUSY_SECONDS}s'")
                    for table in tables:
                        c.exec_driver_sql(f"VACUUM FULL {table}")
        except SQLAlchemyError as e:
            log.warning("the index was not compacted: %s", e)

    def close(self) -> None:
        self._engine.dispose()

    def _make_parent(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise self._unavailable(e) from e

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """Errors of SQLAlchemy and the driver into our tree."""
        try:
            yield
        except SQLAlchemyError as e:
            raise self._error(e) from e

    def _error(self, e: SQLAlchemyError) -> DanganError:
        cause = str(getattr(e, "orig", None) or e)
        if self.is_sqlite and ("malformed" in cause or "not a database" in cause):
            return UnavailableError(
                f"{self.url}: {cause}",
                zh=f"索引文件 {self._url.database} 已损坏",
                code="index.damaged",
                path=str(self._url.database),
                hint="索引只是缓存: 移走该文件,再运行 dangan restore --take-over 由存储重建",
            )
        if isinstance(e, OperationalError) or (isinstance(e, DBAPIError) and e.connection_invalidated):
            return self._disk_error(cause) if self.is_sqlite else self._unavailable(e)
        return InternalError(
            f"{self.url}: {type(e).__name__}: {cause}", zh="索引操作失败,这是程序的错误", code="index.internal"
        )

    def _disk_error(self, cause: str) -> UnavailableError:
        """SQLite says in words what the disk refused."""
        number = next((n for words, n in _SQLITE_SAYS.items() if words in cause), None)
        if number is None:
            return self._unavailable(Exception(cause))
        file = Path(str(self._url.database)).resolve()
        if number == errno.EIO and disk.has_no_room(file.parent):
            number = errno.ENOSPC  # that is what SQLite says, too, when its shared memory cannot grow
        full, (why, what) = number == errno.ENOSPC, disk.explained(OSError(number, cause))
        return UnavailableError(
            f"{self.url}: {cause}",
            zh=f"索引 {file} {why}",
            code="index.full" if full else "index.unavailable",
            path=str(file),
            hint=f"已存档的不受影响;{what}(连同旁边的 {file.name}-wal 和 {file.name}-shm),然后再运行一次,会接着做完"
            if number == errno.EACCES
            else f"已存档的不受影响;{what},然后再运行一次,会接着做完",
        )

    def _unavailable(self, e: Exception) -> UnavailableError:
        return UnavailableError(
            f"{self.url}: {e}",
            zh=f"打不开索引 {self.url}",
            code="index.unavailable",
            hint="请检查文件权限、磁盘空间或数据库服务,恢复后重试",
        )


@cache
def _sqlite_dialect(drivername: str) -> tuple[Dialect, LRUCache[Any, Any]]:
    """One for all files, and the SQL that it has made of statements: what it knows, it knows of the library, not of a file."""
    engine = create_engine(URL.create(drivername))  # in memory
    with engine.connect():  # it learns with the first connection
        pass
    engine.dispose()
    return engine.dialect, LRUCache(_KEPT)


def _sqlite_engine(url: URL) -> Engine:
    """Statements are made into SQL once in a process: SQLAlchemy keeps SQL by statement and *dialect*, and would make each
    engine a dialect of its own. A run opens the index several times, and half of its statements would be made anew."""
    dialect, made = _sqlite_dialect(url.drivername)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, execution_options={"compiled_cache": made})
    engine.dialect = dialect
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by ``_begin_sqlite``, not by the driver's guesses
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("dangan_bare"):
        return  # VACUUM stands in no transaction
    write = connection.get_execution_options().get("dangan_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
