"""Fixtures of the whole suite: servers and inputs that not every machine has (``tests.needs``)."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest

from tests import memory, needs, order, pgserver, readied, s3server

#: a test that asks for the fixture carries the marker
_MARKERS = {"s3_server": "s3", "real_inputs": "real"}


# how long one example takes says how busy the machine is
hypothesis.settings.register_profile("dangan", deadline=None)
hypothesis.settings.load_profile("dangan")


# compiled modules are kept, whatever the environment says: each of hundreds of starts of `dangan` would compile all of its own
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure(config: pytest.Config) -> None:
    memory.use()
    gc.disable()  # while thousands of tests are collected nothing becomes garbage
    if config.getoption("dist", "no") == "loadgroup":
        order.begin()
    unknown = needs.required() - set(needs.NEEDS)
    if unknown:
        raise pytest.UsageError(f"DANGAN_REQUIRE names {', '.join(sorted(unknown))}; known are {', '.join(needs.NEEDS)}")


def pytest_unconfigure() -> None:
    order.end()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, marker in _MARKERS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
    order.keep(items)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: looking through it for garbage, again and again, took an eighth of the computing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> order.Together | None:
    if config.getvalue("dist") != "loadgroup":
        return None  # as xdist has it
    config.option.loadscopereorder = False  # ours, not by the number of tests
    return order.Together(config, log)


@pytest.fixture(scope="session")
def require_or_skip() -> Callable[[str, str], NoReturn]:
    """``require_or_skip(what, cause)``: skip naming the cause, or fail where ``DANGAN_REQUIRE`` names ``what``."""
    return needs.missing


@pytest.fixture(scope="session")
def real_inputs() -> Path:
    """The folder of real inputs."""
    folder = needs.real_inputs_folder()
    if not folder.is_dir():
        needs.missing("real", f"{folder} does not exist; set DANGAN_REAL_INPUTS")
    return folder


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3server.S3Server]:
    """A real S3 server, started once."""
    if cause := s3server.absent():
        needs.missing("s3", cause)
    server = s3server.S3Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[pgserver.PostgresServer]:
    """A PostgreSQL server, started once."""
    if cause := pgserver.absent():
        needs.missing("postgres", cause)
    server = pgserver.PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def children() -> Iterator[dict[str, readied.Readied]]:
    """Readers and the validating process, imported once."""
    with readied.readied() as made:
        yield made


@pytest.fixture(scope="session")
def validating(children: dict[str, readied.Readied]) -> readied.Readied:
    return children[readied.VALIDATING]
