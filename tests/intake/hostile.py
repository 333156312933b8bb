"""A reader that does what the bytes tell it to: for the tests of the pool only, run in its children."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import ReadState

NAME = "hostile"
VERSION = 1
MEDIA_TYPE = "application/x-caj"


def order(path: Path, what: str) -> Path:
    """A file that true_type sends to this reader."""
    path.write_bytes(b"KDH " + what.encode())
    return path


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    what = path.read_bytes()[4:].decode()
    if what == "loop":
        while True:
            pass
    if what == "eat":
        hoard = []
        while True:
            hoard.append(bytes(16 * 1024 * 1024))
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "recurse":
        return read(path, media_type, limits)
    if what == "raise":
        raise LookupError("a fault of the reader")
    if what == "import":
        raise ImportError("a library of ours is broken")
    if what == "site":
        what = "without" if sys.flags.no_site else "with"
    if what == "change":
        path.write_bytes(b"KDH changed while read")
    if what == "network":
        import socket

        try:
            with socket.socket() as s:
                s.settimeout(1)
                s.connect(("127.0.0.1", int((path.parent / "port").read_text())))
            what = "reached"
        except OSError:
            what = "unreachable"
    return Reading(media_type, "hostile@1", ReadState.READ, text=what)
