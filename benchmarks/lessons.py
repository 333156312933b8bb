"""What decisions are worth: the automatic share and its precision after 0 … 300 of them, by the rule of ``flows.lessons``.

A department sends the same paper again every year and every quarter. So each labelled title comes in three editions that differ in year, number
and quarter. A simulated archivist works through what the cold classifier leaves to a person of two editions, in a fixed mixed order: confirms the labelled item, or
rejects the first candidate of what belongs nowhere. After every fifty decisions the third edition is classified, of which nobody has decided anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from archive_schema import canonical
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.outputs import ClassifyOutput
from archive_schema.units import UnitTable
from benchmarks.labelled import Labelled
from classification.classifier import Classifier
from flows.lessons import Lessons

DECISIONS = tuple(range(0, 301, 50))
_DIGIT = re.compile(r"\d+")
_QUARTERS = "一二三四"


def edition(title: str, n: int) -> str:
    """The title as it comes ``n`` years or quarters later."""
    later = _DIGIT.sub(lambda m: str(int(m[0]) + n), title)
    later = re.sub(f"第([{_QUARTERS}])", lambda m: "第" + _QUARTERS[(_QUARTERS.index(m[1]) + n) % 4], later)
    return later if later != title or n == 0 else f"{2016 + n}年{title}"


class _Desk:
    """What was decided so far, and the classifier that knows it."""

    def __init__(self, catalogue: Catalogue, units: UnitTable) -> None:
        self._catalogue, self._units = catalogue, units
        self.cold = Classifier(catalogue, units, Margins())
        self._confirmed: dict[str, set[str]] = {}
        self._rejected: dict[str, set[str]] = {}

    def decide(self, row: Labelled, title: str, said: ClassifyOutput) -> None:
        if row.items:
            self._confirmed.setdefault(row.items[0], set()).add(title)
        elif said.candidates:
            self._rejected.setdefault(said.candidates[0].item, set()).add(title)

    def placed(self, titles: Iterable[tuple[Labelled, str]]) -> list[tuple[Labelled, str | None]]:
        """The item each title is placed at, or None."""
        told = Lessons(
            {k: tuple(sorted(v)) for k, v in self._confirmed.items()}, {k: tuple(sorted(v)) for k, v in self._rejected.items()}
        )
        tutored = Classifier(self._catalogue, self._units, Margins(), told.confirmed) if told.mark else None
        out: list[tuple[Labelled, str | None]] = []
        for row, title in titles:
            item = self.cold.classify_title(title, row.unit or None).chosen
            if item is None and tutored is not None:
                second = tutored.classify_title(title, row.unit or None).chosen
                item = second if second is not None and told.support(second, [title]) else None
            out.append((row, item))
        return out


def curve(catalogue: Catalogue, units: UnitTable, rows: Sequence[Labelled]) -> list[tuple[int, int, int, int, int, int]]:
    """(decisions, titles with an item, placed of them, rightly, titles without, placed of those)."""
    desk = _Desk(catalogue, units)
    todo = []
    for n in (0, 1):
        for row in rows:
            title = edition(row.title, n)
            said = desk.cold.classify_title(title, row.unit or None)
            if said.chosen is None:
                todo.append((canonical.digest(["decision", title]), row, title, said))
    todo.sort(key=lambda t: t[0])
    asked = [(row, edition(row.title, 2)) for row in rows]
    out = []
    for n in DECISIONS:
        if n > len(todo):
            break
        for _, row, title, said in todo[max(0, n - 50) : n]:
            desk.decide(row, title, said)
        answers = desk.placed(asked)
        placed = [(r, item) for r, item in answers if item is not None]
        right = sum(item in r.items for r, item in placed)
        mine = sum(bool(r.items) for r, _ in placed)
        out.append((n, sum(bool(r.items) for r in rows), mine, right, sum(not r.items for r in rows), len(placed) - mine))
    return out


def table(points: Iterable[tuple[int, int, int, int, int, int]]) -> str:
    lines = [
        "| decisions | placed automatically | right of all placed | placed of what belongs nowhere |",
        "|---|---|---|---|",
    ]
    for n, rows, mine, right, nowhere, wrongly in points:
        of = mine + wrongly
        lines.append(f"| {n} | {mine / rows:.1%} | {right / of if of else 0:.1%} ({right} of {of}) | {wrongly} of {nowhere} |")
    return "\n".join(lines) + "\n"
