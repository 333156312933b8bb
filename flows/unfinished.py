"""Uploads in parts that a killed process left on an S3 server: their parts hold bytes of documents, and no listing shows them."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from datetime import timedelta

from archive_schema.errors import UsageError
from storage import keys
from storage.objects import ObjectStore
from storage.protection import Upload, Versioned

log = logging.getLogger(__name__)

#: age at which no process can still be at it (ours; the folder store gives a temporary file of another host as long)
OLD = timedelta(days=1)
_SHA256 = re.compile(r"[0-9a-f]{64}")


def clear(store: ObjectStore, destroyed: Collection[str]) -> list[str]:
    """Abort those of what was destroyed by decision at once, any other of ours once it is a day old; the keys that they were for.

    A key that may not look or abort, and a server that has no such listing, are told to the log, and stop nothing.

    :param destroyed: SHA-256.
    :raises UnavailableError: the store does not answer.
    """
    if not isinstance(store, Versioned):
        return []
    aborted = []
    try:
        found = [u for u in store.uploads("") if keys.ours(u.key)]
        now = store.server_time() if found else None
        for u in found:
            if _of(u, destroyed) or (now is not None and now - u.begun > OLD):
                store.abort(u)
                log.info("an upload in parts that was begun at %s is aborted: %s", u.begun, u.key)
                aborted.append(u.key)
    except UsageError as e:
        log.warning("unfinished uploads are left to the server's own rules: %s", e)
    return aborted


def of_destroyed(store: ObjectStore, destroyed: Collection[str]) -> Iterator[Upload]:
    """Those whose parts hold bytes of what was destroyed by decision.

    :raises UsageError: the key may not look, or the server has no such listing.
    """
    if destroyed and isinstance(store, Versioned):
        yield from (u for u in store.uploads("") if _of(u, destroyed))


def _of(upload: Upload, shas: Collection[str]) -> bool:
    """The bytes themselves, texts read from them, or what was kept aside."""
    return keys.ours(upload.key) and any(sha in shas for sha in _SHA256.findall(upload.key))
