"""Looking at many objects of a store without changing any: is each there, as large as listed, and the bytes that its name says.

What an object must be is its name (``objects/sha256/ab/abcdef…``), so nothing else is asked and nothing is kept of an object
that is well: memory does not grow with their number. Two threads: ``hashlib`` and the stores work outside the interpreter's
lock, so that on files threads are as fast as processes and need no start.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from archive_schema import sm3
from storage import keys
from storage.objects import ObjectInfo, ObjectMissing, ObjectStore

if TYPE_CHECKING:
    from hashlib import _Hash

OBJECTS = "objects/"
#: the groups into which objects fall by the first two digits of their digest
GROUPS = tuple(f"{n:02x}" for n in range(256))
WORKERS = 2
#: bytes read at one time; more costs memory and wins nothing, fewer make the threads wait for each other
_READ = 1024 * 1024


class Wrong(msgspec.Struct, frozen=True):
    """An object that is not what its key says. ``what``: ``digest`` (other bytes), ``size`` (listed and found differ),
    ``gone`` (listed, and not found when asked for), ``sm3`` (its SHA-256 is right, its SM3 is not the recorded one)."""

    key: str
    what: str
    expected: str
    found: str | None


class Swept(msgspec.Struct, frozen=True):
    """``size``: bytes of the objects looked at; ``seconds``: from the start to the end of the work."""

    objects: int
    size: int
    seconds: float
    wrong: tuple[Wrong, ...]


def sweep(
    store: ObjectStore,
    *,
    groups: Sequence[str] | None = None,
    also: Iterable[str] = (),
    digests: bool = True,
    sm3s: Mapping[str, str] = {},
) -> Swept:
    """Look at the objects of a store.

    :param groups: only objects whose digest begins with one of these two digits; None = every object under ``objects/``.
    :param also: further keys to look at, whichever group they are in.
    :param digests: compare the bytes with the name; else only what the store says of the object.
    :param sm3s: SHA-256 → SM3 that these bytes must have as well.
    :raises UnavailableError: the store stopped answering.
    """
    began = time.perf_counter()
    work = _Sweep(store, _listed(store, groups, sorted(also)), digests, sm3s)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="dangan-sweep") as pool:
        for done in [pool.submit(work.run) for _ in range(WORKERS)]:
            done.result()
    wrong = tuple(sorted(work.wrong, key=lambda w: (w.key, w.what)))
    return Swept(work.objects, work.size, time.perf_counter() - began, wrong)


class _Sweep:
    """What the threads share."""

    def __init__(self, store: ObjectStore, todo: Iterator[ObjectInfo], digests: bool, sm3s: Mapping[str, str]) -> None:
        self._store, self._todo, self._digests, self._sm3s = store, todo, digests, sm3s
        self._lock = threading.Lock()
        self._stopped = False
        self.objects = self.size = 0
        self.wrong: list[Wrong] = []

    def run(self) -> None:
        buffer = bytearray(_READ)
        try:
            while (info := self._next()) is not None:
                wrong = self._look(info, buffer)
                if wrong is not None:
                    self.wrong.append(wrong)
        except BaseException:
            self._stopped = True  # the others would meet the same store
            raise

    def _next(self) -> ObjectInfo | None:
        with self._lock:
            info = None if self._stopped else next(self._todo, None)
            if info is not None:
                self.objects += 1
                self.size += info.size
            return info

    def _look(self, info: ObjectInfo, buffer: bytearray) -> Wrong | None:
        found = self._store.stat(info.key)
        if found is None:
            return Wrong(info.key, "gone", f"{info.size}", None)
        if found.size != info.size:
            return Wrong(info.key, "size", f"{info.size}", f"{found.size}")
        name = info.key.rpartition("/")[2]
        if not self._digests:
            return None
        second = sm3.new() if name in self._sm3s else None
        try:
            digest = digest_of(self._store, info.key, buffer, second)
        except ObjectMissing:
            return Wrong(info.key, "gone", f"{info.size}", None)
        if digest != name:
            return Wrong(info.key, "digest", name, digest)
        if second is not None and second.hexdigest() != self._sm3s[name]:
            return Wrong(info.key, "sm3", self._sm3s[name], second.hexdigest())
        return None


def digest_of(store: ObjectStore, key: str, buffer: bytearray | None = None, second: _Hash | None = None) -> str:
    """SHA-256 of an object, read in pieces into ``buffer``. ``second``: a further hash, given the same bytes.

    :raises ObjectMissing: there is none.
    """
    buffer = bytearray(_READ) if buffer is None else buffer
    view = memoryview(buffer)
    h = hashlib.sha256()
    with store.open(key) as f:
        while n := f.readinto(buffer):  # type: ignore[attr-defined]
            h.update(view[:n])
            if second is not None:
                second.update(view[:n])
    return h.hexdigest()


def _listed(store: ObjectStore, groups: Sequence[str] | None, also: Sequence[str]) -> Iterator[ObjectInfo]:
    prefixes = [OBJECTS] if groups is None else [f"{keys.object_prefix(g)}" for g in sorted(groups)]
    seen: set[str] = set()
    for key in filter(keys.ours, also):
        info = store.stat(key)
        if info is not None:
            seen.add(key)
            yield info
    listed = itertools.chain.from_iterable(map(store.list, prefixes))
    yield from (i for i in listed if i.key not in seen and keys.ours(i.key))
