"""Running the programs of others from a reader process: nothing of ours in their environment, dead when we are."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def piped(command: Sequence[str]) -> Iterator[IO[bytes]]:
    """The standard output of ``command`` while it runs; it is ended when the block is left."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(),
        preexec_fn=_die_with_parent,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def run(command: Sequence[str], *, folder: Path, seconds: float, memory: int) -> int | None:
    """Run ``command`` in ``folder``, which is also its home; its exit code, or None when the time was up.

    :param memory: bytes of address space; no more than the hard limit of this process.
    """

    def prepare() -> None:
        _die_with_parent()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment() | {"HOME": str(folder), "TMPDIR": str(folder)},
        preexec_fn=prepare,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.kill()
        process.wait()


def environment() -> dict[str, str]:
    """What such a program is told: where programs are, and that names are UTF-8."""
    kept = {k: v for k in ("PATH", "LD_LIBRARY_PATH", "TZ", "TMPDIR") if (v := os.environ.get(k))}
    return {"PATH": os.defpath, **kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
