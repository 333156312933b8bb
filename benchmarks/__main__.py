"""``python -m benchmarks [NAME…] [--files N] [--json] [--work DIR]``."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import psutil

from benchmarks import (
    audit,
    classify,
    digests,
    extraction,
    hostile,
    incremental,
    ingest,
    memory,
    scans,
    spent,
    start_up,
    validation,
)
from benchmarks.ground import Ground
from benchmarks.results import Machine, Part, Report, Row, as_json, as_text

BENCHMARKS: dict[str, Callable[[Ground], list[Row]]] = {
    "ingest": ingest.run,
    "extraction": extraction.run,
    "incremental": incremental.run,
    "memory": memory.run,
    "start-up": start_up.run,
    "validation": validation.run,
    "classify": classify.run,
    "digests": digests.run,
}


#: minutes each, so only when named
ON_REQUEST: dict[str, Callable[[Ground], list[Row]]] = {"scans": scans.run, "audit": audit.run, "hostile": hostile.run}
ALL = BENCHMARKS | ON_REQUEST


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What the archive costs, as ratios to a floor.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"{', '.join(BENCHMARKS)}; all these when none is named; {', '.join(ON_REQUEST)}",
    )
    parser.add_argument("--files", type=int, default=600, metavar="N", help="files of the main corpus (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--work", type=Path, metavar="DIR", help="make the work folder here: the disk to be measured")
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="hostile: further files, such as unpacked source packages; extraction: further PDFs with text",
    )
    chosen = parser.parse_args(arguments)
    if unknown := [n for n in chosen.names if n not in ALL]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(ALL)}")
    if chosen.files < 2:
        parser.error("--files: at least 2")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="dangan-benchmarks-", dir=chosen.work) as work:
        ground = Ground(Path(work), chosen.files, chosen.folder)
        parts = [_part(name, ground) for name in ALL if name in (chosen.names or BENCHMARKS)]
        machine = _machine(Path(work))
    report = Report(machine, chosen.files, time.perf_counter() - began, parts)
    sys.stdout.write(as_json(report) + "\n" if chosen.json else as_text(report))
    return 0


def _part(name: str, ground: Ground) -> Part:
    print(f"{name} …", file=sys.stderr, flush=True)
    busy, own, began = _busy(), spent.own_cpu(), time.perf_counter()
    rows = ALL[name](ground)
    seconds = time.perf_counter() - began
    others = (_busy() - busy) - (spent.own_cpu() - own)
    return Part(name, seconds, max(0.0, others / (seconds * (psutil.cpu_count() or 1))), rows)


def _busy() -> float:
    """CPU seconds of the whole machine since it started."""
    t = psutil.cpu_times()
    return float(sum(getattr(t, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal")))


def _machine(work: Path) -> Machine:
    mounts = [m for m in psutil.disk_partitions(all=True) if work.resolve().is_relative_to(m.mountpoint)]
    models = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    return Machine(
        date=date.today().isoformat(),  # noqa: DTZ011 - the day on this machine
        cores=psutil.cpu_count() or 1,
        processor=models[0] if models else platform.machine(),
        memory=psutil.virtual_memory().total / 1024**3,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        disk=max(mounts, key=lambda m: len(m.mountpoint)).fstype if mounts else "unknown",
    )


if __name__ == "__main__":
    sys.exit(main())
