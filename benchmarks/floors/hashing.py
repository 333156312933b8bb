"""``python -m benchmarks.floors.hashing FOLDER``: the SHA-256 of every file below it, by two processes; prints files and seconds."""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import time
from pathlib import Path

PROCESSES = 2
_READ = 1024 * 1024


def digest(path: Path) -> str:
    h, buffer = hashlib.sha256(), bytearray(_READ)
    with path.open("rb", buffering=0) as f:
        while n := f.readinto(buffer):
            h.update(memoryview(buffer)[:n])
    return h.hexdigest()


def main(folder: Path) -> None:
    began = time.perf_counter()
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:  # the quickest start there is
        done = len(set(pool.imap_unordered(digest, files, chunksize=4)))
    print(done, time.perf_counter() - began)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
