"""The first ingest of a corpus into an empty workspace: folder store, SQLite index, validation off and on.

Floor: two processes that hash every file, take its text with the bare library of its form (pypdfium2, python-docx,
openpyxl, Pillow) and copy it with ``fsync``. Whoever keeps evidence safely does that much; what is above it is the price of
recognising, placing, judging, listing, and of limits around every reader. Floors and ingests take turns, and the median of
the floors counts.
"""

from __future__ import annotations

import shutil

from benchmarks import spent
from benchmarks.ground import Filled, Ground
from benchmarks.results import Row
from benchmarks.spent import Spent


def run(ground: Ground) -> list[Row]:
    inbox = ground.inbox("floor-inbox", 0, ground.files)
    floors = []

    def floor() -> None:
        out = ground.work / "floor-copies"
        took = spent.floor("reading", str(inbox), str(out))
        shutil.rmtree(out)
        if int(took.output.split()[0]) != ground.files:
            raise RuntimeError(f"the floor read {took.output}")
        floors.append(took)

    floor()
    plain = ground.filled(ground.files)
    floor()
    validated = ground.filled(ground.files, validation=True)
    floor()
    least = spent.median(floors)
    return [_row("validation off", plain, least), _row("validation on", validated, least)]


def _row(what: str, filled: Filled, least: Spent) -> Row:
    took = filled.spent
    return Row(
        "ingest",
        f"{filled.files} files, {what}",
        took.seconds,
        least.seconds,
        figures={
            "files/s": filled.files / took.seconds,
            "MB/s": filled.size / 1e6 / took.seconds,
            "CPU s": took.cpu,
            "CPU ratio": took.cpu / least.cpu,
            "peak MB": took.peak / 1e6,
        },
    )
