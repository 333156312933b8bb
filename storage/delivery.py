"""A place on an S3 server where others put files, under whatever names they like: looked at and fetched from, never written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

#: what an environment may say of the inbox otherwise than of the store
_PREFIX = "DANGAN_INBOX_S3_"


class Delivered(msgspec.Struct, frozen=True):
    """``name``: below the place, as sent. ``modified``: when it was put there, UTC."""

    name: str
    size: int
    modified: datetime


class Delivery(Protocol):
    @property
    def url(self) -> str: ...

    def delivered(self) -> Iterator[Delivered]:
        """Everything there, sorted by name.

        :raises UnavailableError: no answer.
        """
        ...

    def collect(self, name: str, into: Path) -> None:
        """Copy the bytes of ``name`` to a new file; an object is always whole.

        :raises ObjectMissing: it is gone. :raises UnavailableError: no answer, or not all of it came.
        """
        ...


def open_delivery(url: str, *, env: Mapping[str, str]) -> Delivery:
    """``s3://BUCKET[/PREFIX]``. ``DANGAN_INBOX_S3_…`` in the environment beats ``DANGAN_S3_…`` for it.

    :raises UsageError: not such a URL, no such bucket, or the environment lacks something.
    :raises UnavailableError: it cannot be reached.
    """
    from storage.factory import open_s3

    return open_s3(url, env, own=_PREFIX, must_exist=True)
