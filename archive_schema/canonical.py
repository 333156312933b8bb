"""Canonical JSON and digests, so that equal things have equal bytes everywhere."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> bytes:
    """Canonical JSON of ``value`` (a Struct, dict, list …): UTF-8, sorted keys, no spaces, no line feed."""
    return _encoder.encode(value)


def sha256(data: bytes) -> str:
    """SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of ``value``."""
    return sha256(encode(value))
