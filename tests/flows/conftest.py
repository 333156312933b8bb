"""Workspaces and inboxes for the tests of whole flows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows import house


@pytest.fixture
def new_workspace(tmp_path: Path) -> Callable[..., house.House]:
    """``new_workspace(name, store=…)``: an initialised workspace with an empty inbox."""

    def make(name: str = "ws", **options: str) -> house.House:
        return house.House.build(tmp_path / name, **options)

    return make
