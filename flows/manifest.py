"""The archive's own list, as printed."""

from __future__ import annotations

from collections.abc import Iterator

from archive_schema.outputs import ManifestLine
from flows.workspace import Opened


def manifest_lines(o: Opened) -> Iterator[ManifestLine]:
    """One line per evidence in order of digest; memory does not grow with their number."""
    yield from o.archive.manifest_lines()
