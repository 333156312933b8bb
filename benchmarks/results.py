"""Rows of results, and how they are shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One thing measured. ``value`` and ``floor`` are in ``unit``; ``figures``: further numbers by name and unit."""

    benchmark: str
    what: str
    value: float
    floor: float | None
    unit: str = "s"
    figures: dict[str, float] = {}

    @property
    def ratio(self) -> float | None:
        """How many times the floor; None without one."""
        return self.value / self.floor if self.floor else None


class Part(msgspec.Struct, frozen=True):
    """One benchmark's rows. ``seconds``: how long measuring took; ``others``: share of the machine that other work used meanwhile."""

    benchmark: str
    seconds: float
    others: float
    rows: list[Row]


class Machine(msgspec.Struct, frozen=True):
    """Where and when. ``memory`` in GiB; ``disk``: file system of the work folder."""

    date: str
    cores: int
    processor: str
    memory: float
    python: str
    system: str
    disk: str


class Report(msgspec.Struct, frozen=True):
    machine: Machine
    files: int
    seconds: float
    parts: list[Part]


def as_json(report: Report) -> str:
    """The report with every row's ratio."""
    plain: dict[str, Any] = msgspec.to_builtins(report)
    for part, made in zip(plain["parts"], report.parts, strict=True):
        for row, r in zip(part["rows"], made.rows, strict=True):
            row["ratio"] = r.ratio
    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()


def as_text(report: Report) -> str:
    """The machine, a table, and how much other work was going on."""
    m = report.machine
    head = [
        f"{m.date}, {m.cores} cores ({m.processor}), {m.memory:.0f} GiB, Python {m.python}, {m.system}, work folder on {m.disk}",
        f"corpus of {report.files} files; {report.seconds:.0f} s in all",
        "",
    ]
    return "\n".join([*head, *_table(report.parts)]) + "\n"


def table(cells: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose columns line up on a terminal; the first row is its heading."""
    widths = [max(_width(row[n]) for row in cells) for n in range(len(cells[0]))]
    lines = ["| " + " | ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    return [lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]]


def _table(parts: Iterable[Part]) -> list[str]:
    cells = [["benchmark", "what", "value", "floor", "ratio", "figures"]]
    notes = []
    for part in parts:
        for r in part.rows:
            ratio = f"{r.ratio:.2f}" if r.ratio is not None else "–"
            figures = ", ".join(f"{name} {_number(value)}" for name, value in r.figures.items())
            floor = f"{_number(r.floor)} {r.unit}" if r.floor is not None else "–"
            cells.append([r.benchmark, r.what, f"{_number(r.value)} {r.unit}", floor, ratio, figures])
        notes.append(f"{part.benchmark} {part.others:.0%}")
    return [*table(cells), "", f"other work on the machine meanwhile: {', '.join(notes)}"]


def _number(value: float) -> str:
    """Three significant digits, none after the point from 100 on."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
