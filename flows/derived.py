"""What is kept beside the bytes of an evidence, and may be deleted: its text, and a table cell by cell."""

from __future__ import annotations

from archive_schema.evidence import Reading
from archive_schema.grid import GRID
from storage import keys
from storage.archive import PutBytes


def derived(sha256: str, reading: Reading) -> list[PutBytes]:
    """To be stored before the records of the evidence are."""
    out = []
    if reading.text:
        out.append(PutBytes(keys.derived_key(sha256, reading.reader), reading.text.encode("utf-8", "replace")))
    if reading.grid:
        out.append(PutBytes(keys.derived_key(sha256, GRID), reading.grid))
    return out
