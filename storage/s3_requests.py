"""What the client has no public means for: a body read as a stream, and uploads in parts that were begun and never ended. Knows no client."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from storage.protection import Upload


class Body(io.RawIOBase):
    """A response body as a stream whose errors are ours; gives its connection back."""

    def __init__(self, response: Any, mapped: Callable[[], Any]) -> None:
        self._response, self._mapped = response, mapped

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._mapped():
            data = self._response.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()


def uploads(client: Any, bucket: str, within: str, prefix: str) -> Iterator[Upload]:
    """Those below ``within + prefix``, by their keys below ``within``.

    :param client: a ``minio.Minio``; it has no public listing of them, and drops the marker of the next page (7.2.20).
    """
    after = id_after = None
    while True:
        page = client._list_multipart_uploads(
            bucket_name=bucket, prefix=within + prefix, key_marker=after, upload_id_marker=id_after
        )
        for u in page.uploads:
            begun = u.initiated_time.astimezone(UTC) if u.initiated_time else datetime.now(UTC)
            yield Upload(_name(u).removeprefix(within), u.upload_id, begun)
        if not page.is_truncated or not page.uploads:
            return
        last = _name(page.uploads[-1]), page.uploads[-1].upload_id
        if last == (after, id_after):  # a server that knows no markers would answer the same for ever
            return
        after, id_after = last


def _name(upload: Any) -> str:
    """The client asks for names as in a URL and decodes them where the answer says that they are; Ceph RGW encodes them and does not say so.
    None of our names holds a ``%``.
    """
    name: str = upload.object_name
    return name if upload.encoding_type else unquote(name)
