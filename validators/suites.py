"""The suites of expectations, loaded from ``data/suites.toml`` and verified."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.errors import InternalError
from validators import checks
from validators.checks import Scope
from validators.frames import ManifestRow, SourceRow

DATA = Path(__file__).parent / "data" / "suites.toml"

#: the names that stand for sets known only when a suite runs
RUN_TIME_SETS = frozenset({"$item_ids", "$unit_names", "$media_types", "$form_items", "$kinds", "$statuses"})
FRAMES = {"manifest": ManifestRow, "sources": SourceRow}


class About(StrEnum):
    """Scope of the finding of a failed expectation."""

    EVIDENCE = "evidence"
    PLACEMENT = "placement"
    SOURCE = "source"


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
    name: str
    title: str
    frame: str
    expectation: tuple[Expectation, ...]


def parse(text: str) -> tuple[Suite, ...]:
    """Read and verify suites.

    :raises InternalError: the data file, a part of ours, is wrong; the message names every fault.
    """
    try:
        suites = tuple(msgspec.convert(row, Suite) for row in tomllib.loads(text)["suite"])
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as e:
        raise InternalError(f"suites.toml: {e}", zh=f"清单检查的数据有误: {e}", code="suites.data") from e
    faults = [f"{s.name}.{e.id}: {fault}" for s in suites for e in s.expectation for fault in _faults(s, e)]
    for s in suites:
        ids = [e.id for e in s.expectation]
        faults += [f"{s.name}.{i}: twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    if faults:
        raise InternalError(f"suites.toml: {'; '.join(faults)}", zh="清单检查的数据有误", code="suites.data")
    return suites


def _faults(suite: Suite, e: Expectation) -> list[str]:
    if suite.frame not in FRAMES:
        return [f"unknown frame {suite.frame}"]
    columns = set(FRAMES[suite.frame].__struct_fields__)
    named = [e.show, *([e.against] if e.against else [])]
    named += [v for k in ("column", "column_A", "column_B") if (v := e.kwargs.get(k))] + list(e.kwargs.get("column_list", ()))
    faults = [f"unknown column {c}" for c in named if c not in columns]
    value_set = e.kwargs.get("value_set")
    if isinstance(value_set, str) and value_set not in RUN_TIME_SETS:
        faults.append(f"unknown set {value_set}")
    check = checks.load().get(e.code)
    if check is None or (check.scope is not Scope.FRAME and not e.judged):
        faults.append(f"{e.code} is no check of scope frame")
    return faults


@cache
def load() -> tuple[Suite, ...]:
    """The shipped suites."""
    return parse(DATA.read_text("utf-8"))
