"""A PostgreSQL server on a unix socket, for the tests of the index."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests import daemons, memory

PACKAGES = "apt-get install -y --no-install-recommends postgresql"


def _programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; Debian keeps it out of PATH."""
    found = [Path(p).resolve().parent for p in (shutil.which("initdb"),) if p]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in found if (f / "initdb").exists() and (f / "postgres").exists()), None)


def absent() -> str:
    """Why no server can be started here, or ""."""
    if _programs() is None:
        return f"initdb not installed; {PACKAGES}"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg not installed; pip install dangan[postgres]"
    return ""


class PostgresServer:
    """A running server; ``database()`` makes a new empty database and gives its URL."""

    def __init__(self) -> None:
        programs = _programs()
        assert programs is not None
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        self.folder = Path(tempfile.mkdtemp(prefix="dangan-pg-", dir=memory.folder()))  # short: its unix socket lies in it
        if self._user:
            shutil.chown(self.folder, self._user)
        data, log = self.folder / "data", self.folder / "server.out"
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        made = subprocess.run(initdb, check=False, capture_output=True, text=True, user=self._user, cwd="/")
        assert made.returncode == 0, f"initdb: {made.stdout} {made.stderr}"
        server = [str(programs / "postgres"), "-D", str(data), "-k", str(self.folder), "-h", "", "-F"]
        self._process = daemons.start(server, log, user=self._user)
        self._count = 0
        try:
            socket = self.folder / ".s.PGSQL.5432"
            daemons.wait_until(lambda: socket.exists() and self._answers(), seconds=30, process=self._process, log=log)
        except BaseException:
            self.stop()
            raise

    def database(self) -> str:
        import psycopg

        self._count += 1
        name = f"test{self._count}"
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as c:
            c.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def stop(self) -> None:
        daemons.stop(self._process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(f"host={self.folder} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            return False
        return True
