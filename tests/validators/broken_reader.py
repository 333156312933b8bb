"""A reader that fails, as a reader of ours might."""

from __future__ import annotations

from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading

NAME = "broken"
VERSION = 1


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    raise MemoryError if path.stat().st_size % 2 else RuntimeError("a fault of ours")
