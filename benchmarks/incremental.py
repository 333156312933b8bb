"""The nights after: an ingest that finds nothing new, at two sizes, and ten new files on top of the larger.

Floor for nothing new: one process that walks the inbox and compares every file's size and time with a table in SQLite. It is
the question itself. Floor for ten new files: the floor of ``ingest`` over these ten. The start of the program is in both.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import spent
from benchmarks.ground import NEXT_NIGHT, Ground, ingest
from benchmarks.results import Row
from benchmarks.spent import Spent

_TIMES = 3


def run(ground: Ground) -> list[Row]:
    rows = []
    before: tuple[int, Spent] | None = None
    for files in (ground.small, ground.large):
        took, least = _nothing_new(ground.filled(files).folder)
        figures = {"ms/file": took.seconds / files * 1000, "peak MB": took.peak / 1e6}
        if before is not None:
            figures["ms per further file"] = (took.seconds - before[1].seconds) / (files - before[0]) * 1000
        before = (files, took)
        rows.append(Row("incremental", f"nothing new in {files} files", took.seconds, least.seconds, figures=figures))
    folder = ground.filled(ground.large).folder
    for n, validation in enumerate((False, True)):
        first = ground.large + n * NEXT_NIGHT
        inbox = ground.inbox(f"next-night-{n}", first, first + NEXT_NIGHT)
        least = spent.floor("reading", str(inbox), str(ground.work / f"next-night-{n}-copies"))
        ground.add(folder, first, first + NEXT_NIGHT)
        took = ingest(folder, NEXT_NIGHT, validation=validation)
        what = f"{NEXT_NIGHT} new on top of {first}, validation {'on' if validation else 'off'}"
        rows.append(Row("incremental", what, took.seconds, least.seconds, figures={"peak MB": took.peak / 1e6}))
    return rows


def _nothing_new(folder: Path) -> tuple[Spent, Spent]:
    products, floors = [], []
    for _ in range(_TIMES):
        least = spent.floor("walking", str(folder / "inbox"), str(folder / "index.sqlite"))
        if least.output.strip() != "0":
            raise RuntimeError(f"the floor finds {least.output.strip()} new files in {folder}")
        floors.append(least)
        products.append(ingest(folder, 0, validation=True))
    return spent.median(products), spent.median(floors)
