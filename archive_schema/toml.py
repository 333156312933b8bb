"""Values as TOML writes them; the standard library only reads it."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def text(value: str) -> str:
    """A basic string: JSON's escapes are among TOML's, which also wants DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else text(name)


def value(v: Any) -> str:
    """A string, number, bool, date, list or dict (inline), such that ``tomllib`` gives the same back."""
    match v:
        case bool():
            return "true" if v else "false"
        case str():
            return text(v)
        case int() | float():
            return repr(v)
        case date():
            return v.isoformat()
        case dict():
            return "{" + ", ".join(f"{key(k)} = {value(x)}" for k, x in v.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(value(x) for x in v) + "]"
    raise TypeError(f"TOML has no {type(v).__name__}")
