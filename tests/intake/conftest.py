from __future__ import annotations

from collections.abc import Iterator

import pytest

from archive_schema.cycle import Limits
from archive_schema.units import Unit, UnitTable
from intake.pool import ReaderPool


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits()


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory, limits: Limits) -> Iterator[ReaderPool]:
    """One pool for all tests that only read: children live across batches."""
    with ReaderPool(limits, scratch=tmp_path_factory.mktemp("scratch")) as pool:
        yield pool


@pytest.fixture(scope="session")
def units() -> UnitTable:
    return UnitTable(units=(Unit("市教育局", aliases=("教育局",)), Unit("市公安局")))
