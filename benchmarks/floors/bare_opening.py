"""``python -m benchmarks.floors.bare_opening FOLDER``: every file below it opened by the bare library of its form, by two processes.

Every page's text, every sheet's cells, every picture decoded; prints files and seconds.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path

from benchmarks.floors.reading import PROCESSES, text_of


def characters(path: Path) -> int:
    return len(text_of(path))


def main(folder: Path) -> None:
    began = time.perf_counter()
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        done = list(pool.imap_unordered(characters, files, chunksize=4))
        pool.close()
        pool.join()
    print(len(done), time.perf_counter() - began)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
