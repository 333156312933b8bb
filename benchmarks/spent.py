"""Processes, and what they took.

Everything that is compared runs in processes of its own, from their start to their end: imports are a cost like any other.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent

#: of the caller's environment; a DANGAN_STORE in it would send the benchmark into a real archive
_DROPPED = ("DANGAN_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Spent(msgspec.Struct, frozen=True):
    """``seconds`` by the clock, ``cpu`` seconds of the process and every process below it, ``peak`` resident bytes, 0 = not measured."""

    seconds: float
    cpu: float
    peak: int = 0
    output: str = ""


def median(runs: Iterable[Spent]) -> Spent:
    """The median of each number apart, and the last output."""
    taken = list(runs)
    return Spent(
        seconds=statistics.median(s.seconds for s in taken),
        cpu=statistics.median(s.cpu for s in taken),
        peak=int(statistics.median(s.peak for s in taken)),
        output=taken[-1].output,
    )


def run(words: Sequence[str]) -> Spent:
    """Run ``python WORDS``.

    :raises RuntimeError: it failed; a figure of a failed run means nothing.
    """
    before = _children()
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-X", "utf8", *words], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr[-2000:]}")
    return Spent(seconds, _children() - before, output=done.stdout)


def dangan(*words: str) -> Spent:
    """Run the command line as a user would, with the peak of its own process (readers and Great Expectations are others)."""
    with tempfile.TemporaryDirectory(prefix="dangan-peak-") as folder:
        note = Path(folder, "peak")
        spent = run(["-m", "benchmarks.noted", str(note), *words])
        return msgspec.structs.replace(spent, peak=int(note.read_text("ascii")))


def floor(name: str, *words: str) -> Spent:
    """Run a module of ``benchmarks.floors``."""
    return run(["-m", f"benchmarks.floors.{name}", *words])


def own_cpu() -> float:
    """CPU seconds of this process and of all that it has waited for."""
    mine = resource.getrusage(resource.RUSAGE_SELF)
    return mine.ru_utime + mine.ru_stime + _children()


def _children() -> float:
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    return theirs.ru_utime + theirs.ru_stime


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_DROPPED)}
    return kept | dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONPATH": str(ROOT)}
