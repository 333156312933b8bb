"""Starting the servers that tests need: in the foreground of a process that cannot outlive the test run."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(
    command: list[str], log: Path, *, user: str | None = None, keep: tuple[int, ...] = (), path: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """Start a server; its output goes to ``log``; it ends when this process does, however that ends.

    :param keep: descriptors that it inherits.
    :param path: where Python finds its modules.
    """
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,
            user=user,
            pass_fds=keep,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))} if path else None,
            cwd="/",
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], *, seconds: float, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server.

    :raises RuntimeError: it ended, or did not come up in time; with the end of its log.
    """
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{process.args!r} did not come up: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
