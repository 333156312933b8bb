"""Tables of tab-separated cells, as the data of a catalogue are kept: UTF-8, a header, no quotation marks."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path


def read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, and (row number, cells) of the rows that hold anything."""
    rows = csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    return header, [(n, r) for n, r in enumerate(rows, 2) if any(r)]


def write(path: Path, header: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """Write what ``read`` reads; no cell may hold a tab or a line feed."""
    path.write_text("\n".join("\t".join(r) for r in [header, *body]) + "\n", "utf-8")
