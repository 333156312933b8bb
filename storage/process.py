"""Which process something belongs to, and whether that process still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import msgspec
import psutil

#: seconds by which two readings of one process's start may differ (the clock is adjusted now and then)
_JITTER = 2.0


class Process(msgspec.Struct, frozen=True):
    """A process. ``host`` holds the PID namespace too, as a pid means nothing outside its own."""

    host: str
    pid: int
    started: float


def me() -> Process:
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return Process(f"{socket.gethostname()} {space}".strip(), os.getpid(), psutil.Process().create_time())


def alive(process: Process) -> bool | None:
    """None = on another host: cannot be known from here."""
    if process.host != me().host:
        return None
    try:
        found = psutil.Process(process.pid)
        return found.status() != psutil.STATUS_ZOMBIE and abs(found.create_time() - process.started) < _JITTER
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
