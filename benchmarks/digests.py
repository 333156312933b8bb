"""Hashing one file by SHA-256 and SM3, beside SHA-256 alone: what ``digests = ["sha256", "sm3"]`` costs where bytes are read.

Both by ``intake.digest``, which reads a file once whatever it computes. CPU seconds of this process, the file warm in the page cache,
in turns, the least of five counts: other work can only make a turn longer.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.ground import Ground
from benchmarks.results import Row
from intake.digest import digest_file

#: bytes of the file
SIZE = 256 * 1024**2
_PIECE = 1024**2
_TIMES = 5


def run(ground: Ground) -> list[Row]:
    file = ground.work / "digests.bin"
    with file.open("wb") as f:
        piece = os.urandom(_PIECE)
        for _ in range(SIZE // _PIECE):
            f.write(piece)
    one, both = (
        min(turn) for turn in zip(*((_seconds(file, sm3=False), _seconds(file, sm3=True)) for _ in range(_TIMES)), strict=True)
    )
    file.unlink()
    figures = {"SHA-256 MB/s": SIZE / one / 1e6, "both MB/s": SIZE / both / 1e6}
    return [Row("digests", f"SHA-256 and SM3 of {SIZE // _PIECE} MiB, CPU seconds", both, one, figures=figures)]


def _seconds(file: Path, *, sm3: bool) -> float:
    began = time.process_time()
    digest_file(file, sm3=sm3)
    return time.process_time() - began
