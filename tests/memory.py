"""Where the tests keep their files: in memory, where the machine has enough of it.

No test here is about a disk that keeps its promise when the power fails. On a disk every commit waits for it, and a whole run makes and
removes a hundred thousand folders: the tests would wait for it about as long as they compute.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
#: bytes; a whole run fills a fraction of it, and a doctor under test calls a disk with less than 5 GB short of room
_ENOUGH = 6 * 1024**3


def available() -> bool:
    """There is a folder in memory where files may be written and run, and memory behind it."""
    try:
        if os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
            return False
        told = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        behind = int(told["MemAvailable"].split()[0]) * 1024
        return os.access(_MEMORY, os.W_OK | os.X_OK) and min(shutil.disk_usage(_MEMORY).free, behind) >= _ENOUGH
    except (OSError, KeyError, ValueError):
        return False


def folder() -> str:
    """A short path (unix sockets lie below it): in memory, else on the disk."""
    return str(_MEMORY) if available() else "/tmp"


def use() -> None:
    """Temporary folders of this process and of all that it starts lie in memory, unless ``TMPDIR`` says where they lie."""
    if not os.environ.get("TMPDIR") and available():
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # asked anew
