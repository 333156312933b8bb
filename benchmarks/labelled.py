"""The labelled titles, one half at a time; the made-up ones beside them.

Tools that build ask for ``build`` and never see a row of ``final``; only ``benchmarks.evaluation`` asks for that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

FOLDER = Path(__file__).parents[1] / "tests" / "classification"


class Labelled(NamedTuple):
    title: str
    kind: str
    items: tuple[str, ...]  # accept set; () = belongs to no item
    unit: str


def real(half: Literal["build", "final"]) -> list[Labelled]:
    lines = (FOLDER / "labelled" / "titles.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    return [Labelled(r[0], r[1], tuple(filter(None, r[2].split(";"))), r[3]) for r in rows if r[6] == half]


def made_up() -> list[Labelled]:
    """Titles as departments write them, each for one item; kinds not labelled."""
    return [Labelled(title, "", (item,), unit) for item, unit, title in _rows("titles.tsv")]


def near_misses() -> list[Labelled]:
    """Titles that speak a word of some item and belong to none."""
    return [Labelled(title, "", (), unit) for unit, title in _rows("near_misses.tsv")]


def _rows(name: str) -> list[list[str]]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]
