"""What the suites of tables saw of each file, and what that says of it. Pure.

A finding names sheet and cell and, of figures, what stands there; of entries of a 名册 only the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from archive_schema import canonical
from archive_schema.evidence import CheckOutcome, Evidence
from archive_schema.text import display
from archive_schema.words import Outcome, Severity
from validators import checks, suites
from validators.checks import CheckCatalogue
from validators.expectations import Answer

_PLACES = 5
CELLWISE = "CELLWISE"


class Looked(msgspec.Struct, frozen=True):
    """One expectation on one file. ``places``: the first of the unexpected cells, as a finding says them."""

    suite: str
    id: str
    checked: int
    unexpected: int = 0
    places: tuple[str, ...] = ()


def looked(
    frames: Mapping[str, Sequence[Mapping[str, Any]]], answers: Mapping[tuple[str, str], Answer]
) -> dict[str, tuple[Looked, ...]]:
    """By SHA-256, in the order of the suites; expectations that looked at nothing of a file are left out."""
    out: dict[str, list[Looked]] = defaultdict(list)
    for suite in suites.tables():
        rows = frames.get(suite.frame, ())
        for x in suite.expectation if rows else ():
            wrong = set(answers[suite.name, x.id].rows)
            checked: dict[str, int] = defaultdict(int)
            places: dict[str, list[str]] = defaultdict(list)
            columns = suites.columns_of(x)
            for n, row in enumerate(rows):
                if all(row.get(c) is not None for c in columns):
                    checked[row["sha256"]] += 1
                    if n in wrong:
                        places[row["sha256"]].append(place(x, row) if len(places[row["sha256"]]) < _PLACES else "")
            for sha, count in checked.items():
                found = places.get(sha, [])
                out[sha].append(Looked(suite.name, x.id, count, len(found), tuple(found[:_PLACES])))
    return {sha: tuple(of) for sha, of in out.items()}


def unread(e: Evidence) -> tuple[str, ...]:
    """What was not looked at of a file whose cells its reader did not tell apart; () when it holds no table, which other checks say."""
    rows = e.facts.get("table_rows")
    return ("内容没有逐格读出",) if rows is not None and rows.value else ()


def place(x: suites.Expectation, row: Mapping[str, Any]) -> str:
    """``统计表!C7 任务数 -3``."""
    where = f"{row['sheet']}!{row['cell']}" if row.get("sheet") else str(row["cell"])
    said = [where, str(row.get("column") or "")]
    if x.show in ("cell", "column"):
        return display(" ".join(filter(None, said)), 120)
    said.append(_number(row.get(x.show)))
    text = display(" ".join(filter(None, said)), 120)
    return f"{text},应为 {_number(row[x.against])}" if x.against and row.get(x.against) is not None else text


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{round(value, 6):.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def outcomes(file: str, seen: Iterable[Looked], left: Sequence[str], catalogue: CheckCatalogue) -> tuple[CheckOutcome, ...]:
    """What is found of one file, one outcome per code.

    :param file: its name, as findings say it.
    :param left: what of it was not looked at, in Chinese.
    """
    by_key = {(s.name, x.id): x for s in suites.tables() for x in s.expectation}
    said: dict[str, list[str]] = defaultdict(list)
    for of in seen:
        x = by_key[of.suite, of.id]
        if of.unexpected and not x.judged:
            more = f" 等 {of.unexpected} 处" if of.unexpected > len(of.places) else ""
            said[x.code].append(f"{'、'.join(of.places)}{more}({x.why})")
    out = [_outcome(catalogue.by_code[code], Outcome.FAIL, file, found=";".join(of)) for code, of in said.items()]
    if left:
        out.append(_outcome(_unlooked(catalogue), Outcome.UNCHECKED, file, why="、".join(left)))
    return tuple(sorted(out, key=lambda o: catalogue.order[o.code]))


def _unlooked(catalogue: CheckCatalogue) -> checks.Check:
    """The 未检 of every check of cells in one: it blocks where one of them does."""
    blocks = any(c.scope is checks.Scope.CELLS and c.severity is Severity.BLOCKING for c in catalogue.checks)
    check = catalogue.by_code[CELLWISE]
    return msgspec.structs.replace(check, severity=Severity.BLOCKING) if blocks else check


def _outcome(check: checks.Check, outcome: Outcome, file: str, *, found: str = "", why: str = "") -> CheckOutcome:
    fields = {"file": file, "found": display(found, 400), "wanted": "", "why": display(why, 200), "by": "", "due": ""}
    return CheckOutcome(check.code, outcome, check.severity, check.text.format_map(fields))


def _rules() -> str:
    return f"{checks.RULES}/{canonical.sha256(suites.TABLES.read_bytes())[:12]}"


#: raised when the code here, or what tells a table's family, says something else of the same grid (law 7)
VERSION = 2
RULES = f"{VERSION}-{_rules()}"
