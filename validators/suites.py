"""The suites of expectations, loaded from ``data/suites.toml`` (over the list) and ``data/table_suites.toml`` (one per kind of
statistical table), and verified."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.errors import InternalError
from archive_schema.grid import TableFamily
from validators import checks, documents
from validators.cells import CellRow, EntryRow
from validators.checks import Scope
from validators.frames import ManifestRow, SourceRow

DATA = Path(__file__).parent / "data" / "suites.toml"
TABLES = Path(__file__).parent / "data" / "table_suites.toml"

#: the names that stand for sets known only when a suite runs
RUN_TIME_SETS = frozenset({"$item_ids", "$unit_names", "$media_types", "$form_items", "$kinds", "$statuses"})
#: the names that stand for patterns of the rules
PATTERNS = {"$document_number": documents.NUMBER.pattern}
#: family → the name of its frame and suite
FRAME_OF = {f: f.name.lower() for f in TableFamily}
FRAMES: dict[str, type[msgspec.Struct]] = {
    "manifest": ManifestRow,
    "sources": SourceRow,
    **{name: EntryRow if f is TableFamily.LISTS else CellRow for f, name in FRAME_OF.items()},
}


class About(StrEnum):
    """Scope of the finding of a failed expectation."""

    EVIDENCE = "evidence"
    PLACEMENT = "placement"
    SOURCE = "source"
    CELL = "cell"


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields are explained at the head of ``data/suites.toml``."""

    id: str
    type: str
    kwargs: dict[str, Any]
    code: str
    about: About
    show: str
    text: str
    against: str = ""
    why: str = ""
    judged: bool = False


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``include``: names of ``[[shared]]`` lists of expectations that come before its own."""

    name: str
    title: str
    frame: str
    expectation: tuple[Expectation, ...] = ()
    include: tuple[str, ...] = ()


def parse(text: str) -> tuple[Suite, ...]:
    """Read and verify suites.

    :raises InternalError: the data file, a part of ours, is wrong; the message names every fault.
    """
    try:
        data = tomllib.loads(text)
        shared = {s["name"]: msgspec.convert(s["expectation"], tuple[Expectation, ...]) for s in data.get("shared", ())}
        suites = tuple(_whole(msgspec.convert(row, Suite), shared) for row in data["suite"])
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as e:
        raise InternalError(f"suites.toml: {e}", zh=f"清单检查的数据有误: {e}", code="suites.data") from e
    faults = [f"{s.name}.{e.id}: {fault}" for s in suites for e in s.expectation for fault in _faults(s, e)]
    for s in suites:
        ids = [e.id for e in s.expectation]
        faults += [f"{s.name}.{i}: twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    if faults:
        raise InternalError(f"suites.toml: {'; '.join(faults)}", zh="清单检查的数据有误", code="suites.data")
    return suites


def _whole(suite: Suite, shared: Mapping[str, tuple[Expectation, ...]]) -> Suite:
    """:raises KeyError: it includes what is not there."""
    included = tuple(e for name in suite.include for e in shared[name])
    return msgspec.structs.replace(suite, expectation=tuple(map(_spelled_out, included + suite.expectation)))


def _spelled_out(e: Expectation) -> Expectation:
    pattern = PATTERNS.get(e.kwargs.get("regex", ""))
    return e if pattern is None else msgspec.structs.replace(e, kwargs={**e.kwargs, "regex": pattern})


def columns_of(e: Expectation) -> list[str]:
    """The columns of the frame that the expectation looks at."""
    named = [v for k in ("column", "column_A", "column_B") if (v := e.kwargs.get(k))]
    return named + list(e.kwargs.get("column_list", ()))


def _faults(suite: Suite, e: Expectation) -> list[str]:
    if suite.frame not in FRAMES:
        return [f"unknown frame {suite.frame}"]
    columns = set(FRAMES[suite.frame].__struct_fields__)
    named = [e.show, *([e.against] if e.against else []), *columns_of(e)]
    faults = [f"unknown column {c}" for c in named if c not in columns]
    value_set = e.kwargs.get("value_set")
    if isinstance(value_set, str) and value_set not in RUN_TIME_SETS:
        faults.append(f"unknown set {value_set}")
    if str(e.kwargs.get("regex", "")).startswith("$"):
        faults.append(f"unknown pattern {e.kwargs['regex']}")
    check = checks.load().get(e.code)
    scope = Scope.CELLS if e.about is About.CELL else Scope.FRAME
    if check is None or (check.scope is not scope and not e.judged):
        faults.append(f"{e.code} is no check of scope {scope}")
    for value in e.kwargs.values():
        code, dot, parameter = value[1:].partition(".") if isinstance(value, str) and value.startswith("$") else ("", "", "")
        if dot and ((of := checks.load().get(code)) is None or parameter not in of.params):
            faults.append(f"unknown parameter {value}")
    return faults


@cache
def load() -> tuple[Suite, ...]:
    """The shipped suites over the list."""
    return parse(DATA.read_text("utf-8"))


@cache
def tables() -> tuple[Suite, ...]:
    """The shipped suites over statistical tables, one per family."""
    return parse(TABLES.read_text("utf-8"))


def every() -> tuple[Suite, ...]:
    return (*load(), *tables())
