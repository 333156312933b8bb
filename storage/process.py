"""Which process something belongs to, and whether that process still lives. No wall clock has part in it."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import msgspec
import psutil

#: seconds by which two readings of one process's start may differ (names of files hold whole seconds)
_JITTER = 2.0


class Process(msgspec.Struct, frozen=True):
    """A process.

    :ivar host: the host's name, the PID namespace (a pid means nothing outside its own) and the id of the machine's start.
    :ivar started: seconds from the machine's start to the process's, so that setting the clock changes nothing.
    """

    host: str
    pid: int
    started: float


def me() -> Process:
    return Process(_host(), os.getpid(), _started(os.getpid()))


def alive(process: Process) -> bool | None:
    """None = on another host, or before the machine was started anew: cannot be known from here."""
    if process.host != _host():
        return None
    try:
        found = psutil.Process(process.pid)
        return found.status() != psutil.STATUS_ZOMBIE and abs(_started(process.pid) - process.started) < _JITTER
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def owner() -> str:
    """This process as a part of a file name, for ``owner_alive``."""
    p = me()
    return f"{_tag(p.host)}.{p.pid}.{int(p.started)}"


def owner_alive(name: str) -> bool | None:
    """Whether the process that named a file ``<owner>.<anything>`` still lives; None = cannot be known from here."""
    tag, *rest = name.split(".")
    host = _host()
    if tag != _tag(host) or len(rest) < 2 or not (rest[0].isdigit() and rest[1].isdigit()):
        return None
    return alive(Process(host, int(rest[0]), float(rest[1])))


def _host() -> str:
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()} {space} {boot}"


def _started(pid: int) -> float:
    """:raises psutil.NoSuchProcess: there is none."""
    try:
        # the name of the program stands in brackets and may hold anything
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return psutil.Process(pid).create_time()


def _tag(host: str) -> str:
    return hashlib.sha256(msgspec.json.encode(host)).hexdigest()[:12]
