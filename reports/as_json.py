"""JSON of every command: keys in the order of the types, UTF-8, ended by a line feed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(value: Any) -> str:
    """Pretty JSON of a struct, list or dict."""
    return msgspec.json.format(_bytes(value), indent=2).decode() + "\n"


def encode_lines(values: Iterable[Any]) -> str:
    """JSON Lines: one compact line per value."""
    return "".join(_bytes(v).decode() + "\n" for v in values)


def _bytes(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # a file name that is not UTF-8 came in as lone surrogates, which JSON cannot carry
        return msgspec.json.encode(_without_surrogates(msgspec.to_builtins(value, builtin_types=())))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_surrogates(v) for v in value]
    return value
