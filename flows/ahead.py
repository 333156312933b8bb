"""One batch ahead: the children read the next batch while this one is placed and stored, so that the two do not take turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from types import TracebackType
from typing import Self

from flows.batch import Batch
from flows.parcels import Parcel
from intake.discover import Found


class Ahead:
    """Use as a context manager within that of the reader pool, from one thread; a second one reads.

    :param read: reads a batch; called by one thread at a time.
    :param drop: told of the files that are done with, at moments when nothing is read: a text may belong to pictures of two batches.
    :param interrupt: makes a ``read`` that is under way in the other thread end soon.
    """

    def __init__(
        self,
        batches: Sequence[Batch],
        read: Callable[[Batch], list[Parcel]],
        drop: Callable[[Iterable[Found]], None],
        interrupt: Callable[[], None],
    ) -> None:
        self._after = {b.number: following for b, following in pairwise(batches)}
        self._read, self._drop, self._interrupt = read, drop, interrupt
        self._done: list[Found] = []
        self._coming: tuple[int, Future[list[Parcel]]] | None = None
        self._thread = ThreadPoolExecutor(1, "read-ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._coming is not None:
            self._interrupt()
        self._thread.shutdown(cancel_futures=True)
        self._drop(self._done)

    def parcels(self, batch: Batch) -> list[Parcel]:
        """The batch, read; the one after it is begun.

        :raises DanganError: reading failed (the inbox's server, the reader processes); may be asked again.
        """
        coming, self._coming = self._coming, None
        if coming is not None and coming[0] == batch.number:
            read = coming[1].result()
        else:
            read = self._read(batch)
        self._drop(self._done)
        self._done = []
        following = self._after.get(batch.number)
        if following is not None:
            self._coming = following.number, self._thread.submit(self._read, following)
        return read

    def done(self, founds: Iterable[Found]) -> None:
        self._done.extend(founds)
