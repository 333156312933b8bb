"""What some tests need beyond Python, and what happens where it is missing.

A test that cannot run skips and names the cause. ``DANGAN_REQUIRE`` (a comma-separated list of ``real``, ``s3``, ``browser``,
``netns``, ``postgres``, ``office``, ``rar``, ``root``) makes such a skip a failure, so that a machine that should have everything cannot
quietly test less.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

#: what a test can need, as in ``DANGAN_REQUIRE``
NEEDS = ("real", "s3", "browser", "netns", "postgres", "office", "rar", "root")
REPOSITORY = Path(__file__).parent.parent


def required() -> frozenset[str]:
    """What ``DANGAN_REQUIRE`` insists on."""
    return frozenset(part.strip() for part in os.environ.get("DANGAN_REQUIRE", "").split(",") if part.strip())


def missing(what: str, cause: str) -> NoReturn:
    """``what`` cannot be had here: skip naming the cause, or fail where it is required."""
    assert what in NEEDS, what
    if what in required():
        pytest.fail(f"DANGAN_REQUIRE={what}: {cause}", pytrace=False)
    pytest.skip(f"{what}: {cause}")


def real_inputs_folder() -> Path:
    """Where the real inputs lie (``DANGAN_REAL_INPUTS``, default ``../shared/real-inputs`` beside the repository)."""
    return Path(os.environ.get("DANGAN_REAL_INPUTS") or REPOSITORY.parent / "shared" / "real-inputs").absolute()
