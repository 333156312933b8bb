"""SM3 (GB/T 32905-2016) beside SHA-256, for sites that are asked for 国密 algorithms.

SHA-256 stays what names an evidence, an object and a segment; SM3 is a second digest of the same bytes, recorded with the evidence. It
changes no coverage and no state digest, so it is switched on in ``dangan.toml``: ``digests = ["sha256", "sm3"]``. Python has it where
its OpenSSL has it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archive_schema.errors import UsageError

if TYPE_CHECKING:
    from hashlib import _Hash

NAME = "sm3"
#: what ``digests`` of ``dangan.toml`` may hold, the first always
DIGESTS = ("sha256", NAME)


def available() -> bool:
    try:
        hashlib.new(NAME, usedforsecurity=False)
    except ValueError:
        return False
    return True


def new() -> _Hash:
    """An empty SM3.

    :raises UsageError: (``digests.sm3``) this Python cannot.
    """
    try:
        return hashlib.new(NAME)
    except ValueError as e:
        raise UsageError(
            "OpenSSL of this Python has no SM3",
            zh="这台机器的 Python(OpenSSL)不会算 SM3",
            code="digests.sm3",
            hint="没有写入任何内容;请换用带 SM3 的 OpenSSL(1.1.1 起,且未被停用)的 Python,或在 dangan.toml 去掉 digests 里的 sm3",
        ) from e


def sm3(data: bytes) -> str:
    """64 lower-case hexadecimal digits. :raises UsageError: as ``new``."""
    h = new()
    h.update(data)
    return h.hexdigest()
