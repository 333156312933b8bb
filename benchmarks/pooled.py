"""``python -m benchmarks.pooled LIST``: the files named in LIST through the reader processes, and what that took of the parent."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from archive_schema.cycle import Limits
from benchmarks.noted import peak
from intake.pool import Job, ReaderPool


def main(listed: Path) -> None:
    with (
        listed.open(encoding="utf-8") as lines,  # drawn as they are read: the list must not be what is measured
        tempfile.TemporaryDirectory(prefix="dangan-pooled-") as scratch,
        ReaderPool(Limits(), scratch=Path(scratch)) as pool,
    ):
        began = time.perf_counter()
        count = characters = 0
        for result in pool.read(Job(Path(line.rstrip("\n"))) for line in lines):
            if result.reading is None:
                raise RuntimeError(f"{result.job.path}: {result.reason}")
            count += 1
            characters += len("".join(result.reading.text.split()))
        seconds = time.perf_counter() - began
    print(json.dumps({"files": count, "characters": characters, "seconds": seconds, "peak": peak()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
