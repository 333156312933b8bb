"""Peak resident memory of the ingesting process at two sizes (readers and Great Expectations are processes of their own).

Floor: the same command on an empty inbox, so the program with its libraries and the catalogue. What is above it is what an
ingest keeps of the files: place, size and time of each, and buffers that are full at about a thousand evidences. Bytes and
texts are kept by no one, so it must not grow with the size of the files.
"""

from __future__ import annotations

from benchmarks.ground import Ground, ingest
from benchmarks.results import Row


def run(ground: Ground) -> list[Row]:
    least = ingest(ground.fresh("workspace-empty", 0), 0, validation=False).peak
    small, large = ground.filled(ground.small), ground.filled(ground.large)
    further = (large.spent.peak - small.spent.peak) / (large.files - small.files)
    return [
        Row("memory", f"{f.files} files", f.spent.peak / 1e6, least / 1e6, "MB", figures)
        for f, figures in ((small, {}), (large, {"kB per further file": further / 1e3}))
    ]
