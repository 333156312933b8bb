"""What ``dangan grades`` and the reports show of grades: by which ladder, from which figure, read where, and what is missing."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.ladders import Basis, Grade


class GradeFigure(msgspec.Struct, frozen=True):
    """A figure as the table has it. ``measure``: its 计量单位; ``period``: as dates; ``cell`` "" = not of a cell."""

    value: float
    measure: str
    period: str | None
    sha256: str
    unit: str
    path: str
    cell: str


class GradeLadder(msgspec.Struct, frozen=True):
    """One ladder of an item.

    grade      null = 未检, ``why`` says why; with a grade ``why`` may say what it rests on
    steps      as written, ``≥ 85 % → A``
    value      the figure that counts, in ``measure``; null where none was found
    figures    what it was made of, or what stood in the way
    better     the next better grade, null at the best; ``gap``: what is missing to it
    """

    indicator: str
    grade: Grade | None
    why: str
    steps: list[str]
    statistic: str
    basis: Basis
    source: str
    value: float | None
    measure: str
    figures: list[GradeFigure]
    better: Grade | None
    gap: str


class GradeItem(msgspec.Struct, frozen=True):
    """An item that has a ladder. ``grade``: of the worst of its ladders, null while one is 未检; ``applicable`` False = 不适用."""

    id: str
    title: str
    units: list[str]
    grade: Grade | None
    applicable: bool
    why: list[str]
    ladders: list[GradeLadder]


class GradeScore(msgspec.Struct, frozen=True):
    """``points`` of ``possible``, the weight of the items that have a grade; ``total``: the weight of all. Null points = nothing graded."""

    points: float | None
    possible: float
    total: float
    graded: int
    items: int
    basis: Basis
    source: str


class GradesOutput(msgspec.Struct, frozen=True):
    """``dangan grades --format json``. ``totals``: items by grade, ``unchecked`` and ``not_applicable`` among them.

    ``items`` is empty where the catalogue has no ladders; ``score`` null where it does not say what a grade is worth.
    """

    cycle: str
    generated_at: datetime
    head: str | None
    edition: str
    totals: dict[str, int]
    items: list[GradeItem]
    score: GradeScore | None
    records: int = 0  # in the series up to the head; 0 = not known
