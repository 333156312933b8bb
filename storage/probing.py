"""What a probe is: something tried on a store, whose answer or failure is told. Nothing is left behind.

The objects lie below ``reports/doctor/``, which no audit counts and no lock covers. What is measured in seconds or MB/s is told and
never compared (``dangan doctor`` records a result only where it differs from the last one).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from archive_schema.errors import DanganError
from archive_schema.outputs import Probe
from storage import keys
from storage.objects import ObjectStore
from storage.protection import Versioned, erase

FOLDER = "reports/doctor/"
LOCK, BYPASS, HOLD, VERSIONS = "锁定拒绝删除", "越过治理保留", "依法保全", "版本保留"


class Refuted(DanganError):
    """What was probed is not so."""

    def __init__(self, zh: str) -> None:
        super().__init__("probe", zh=zh)


def attempt(name: str, probe: Callable[[], str]) -> Probe:
    """A probe that says what it found, or raises what is wrong."""
    try:
        return Probe(name, True, probe())
    except DanganError as e:
        return Probe(name, False, e.zh + (f";{e.hint}" if e.hint else ""))


@contextmanager
def objects(store: ObjectStore, number: int = 1) -> Iterator[list[str]]:
    """Keys of probe objects, gone afterwards whatever happens."""
    made = [keys.report_key("doctor", f"probe-{secrets.token_hex(8)}") for _ in range(number)]
    try:
        yield made
    finally:
        for key in made:
            erase(store, key)


def plain(store: Versioned) -> ObjectStore:
    """The same store by its other protocol: every store is one."""
    return store  # type: ignore[return-value]
