"""The published reasons for return, and which checks find each (``data/reasons.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.errors import InternalError
from archive_schema.listings import ReturnReason
from validators import checks

DATA = Path(__file__).parent / "data" / "reasons.toml"


@cache
def load() -> tuple[ReturnReason, ...]:
    """:raises InternalError: the data file, a part of ours, is wrong; the message names every fault."""
    try:
        reasons = msgspec.convert(tomllib.loads(DATA.read_text("utf-8"))["reason"], tuple[ReturnReason, ...])
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as e:
        raise InternalError(f"reasons.toml: {e}", zh=f"退回原因对照表有误: {e}", code="checks.reasons") from e
    known = checks.load().by_code
    faults = [f"{r.text}: unknown {c}" for r in reasons for c in r.codes if c not in known]
    faults += [f"{r.text}: neither a check nor why not" for r in reasons if not r.codes and not r.rest]
    if faults:
        raise InternalError(f"reasons.toml: {'; '.join(faults)}", zh="退回原因对照表有误", code="checks.reasons")
    return reasons


def of(code: str) -> tuple[ReturnReason, ...]:
    """The reasons that a check finds."""
    return tuple(r for r in load() if code in r.codes)
