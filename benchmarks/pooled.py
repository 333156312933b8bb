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
    files = [Path(line) for line in listed.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory(prefix="dangan-pooled-") as scratch, ReaderPool(Limits(), scratch=Path(scratch)) as pool:
        began = time.perf_counter()
        count = characters = 0
        for result in pool.read(Job(path) for path in files):
            if result.reading is None:
                raise RuntimeError(f"{result.job.path}: {result.reason}")
            count += 1
            characters += len("".join(result.reading.text.split()))
        seconds = time.perf_counter() - began
    print(json.dumps({"files": count, "characters": characters, "seconds": seconds, "peak": peak()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
