"""Reports kept in the store: what others put beside them, and what another version of the program wrote, is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from flows.workspace import Opened
from storage import keys
from storage.objects import ObjectMissing

T = TypeVar("T")


def listed(o: Opened, prefix: str) -> list[str]:
    """Keys of the reports below a prefix, in order."""
    return [i.key for i in o.archive.store.list(prefix) if keys.ours(i.key)]


def read(o: Opened, found: Sequence[str], shape: type[T]) -> Iterator[tuple[str, T]]:
    """Those under these keys, with the keys.

    :raises UnavailableError: the store does not answer.
    """
    for key in found:
        with suppress(msgspec.MsgspecError, ObjectMissing):
            yield key, msgspec.json.decode(o.archive.store.get(key), type=shape)


def newest(o: Opened, found: Sequence[str], shape: type[T], *, back: int = 0) -> T | None:
    """The last of them, or the one so many before it; None = there are not so many.

    :raises UnavailableError: the store does not answer.
    """
    for n, (_, report) in enumerate(read(o, found[::-1], shape)):
        if n == back:
            return report
    return None
