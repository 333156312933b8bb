"""Probes of a store by using it: those of every store here, of a folder in ``folder_probes``, of a store with versions in ``version_probes``."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from archive_schema.canonical import sha256
from archive_schema.errors import DanganError, IntegrityError
from archive_schema.outputs import Probe
from archive_schema.protection import Protection
from storage import folder_probes, version_probes
from storage.folder import FolderStore
from storage.objects import ObjectStore, hash_stream
from storage.probing import FOLDER, Refuted, attempt, objects, plain
from storage.protection import Versioned, erase

#: bytes of the object by which the throughput is measured
_LARGE = 8 * 1024 * 1024
#: keys on which two conditional writers race
_RACES = 4


def probe(store: ObjectStore, protection: Protection) -> list[Probe]:
    """Every probe of a store; never raises for what it probes.

    :param protection: what ``dangan.toml`` asks for: what is asked for and not there is not ok, what is neither is 未检.
    """
    with suppress(DanganError):
        for left in list(store.list(FOLDER)):  # of a doctor that was killed
            erase(store, left.key)
    probes = [
        attempt("存储读写", lambda: _reads_and_writes(store)),
        attempt("校验", lambda: _checksum(store)),
        attempt("列举一致", lambda: _listing(store)),
        attempt("并发写入", lambda: _writers(store)),
    ]
    if isinstance(store, FolderStore):
        probes += folder_probes.probe(store, protection)
    elif isinstance(store, Versioned):
        probes += version_probes.probe(store, protection)
    probes.append(attempt("吞吐", lambda: _throughput(store)))
    if isinstance(store, FolderStore):
        with suppress(OSError):  # not empty: another doctor is at work
            (store.root / FOLDER).rmdir()
    return probes


def _reads_and_writes(store: ObjectStore) -> str:
    data = secrets.token_bytes(64 * 1024)
    with objects(store) as [key]:
        store.put_bytes(key, data)
        listed = [i.size for i in store.list(key)]
        with store.open(key) as f:
            size = hash_stream(f)[1]
        if listed != [len(data)] or size != len(data):
            raise Refuted(f"写入 {len(data)} 字节,列出 {listed},读回 {size}")
    if store.stat(key) is not None:
        raise Refuted("删除后仍能取到")
    return f"{store.url},写入、列出、读回、删除都正常"


def _checksum(store: ObjectStore) -> str:
    """The digest of what comes back; on the way the store compares the server's own checksum (``put_file`` verifies)."""
    data = secrets.token_bytes(256 * 1024)
    with objects(store) as [key], tempfile.TemporaryDirectory(prefix="dangan-doctor-") as folder:
        path = Path(folder) / "probe"
        path.write_bytes(data)
        try:
            store.put_file(key, path, sha256=sha256(data), size=len(data))
        except IntegrityError as e:
            raise Refuted(f"写入后核对不符: {e.zh}") from e
        with store.open(key) as f:
            found = hash_stream(f)[0]
        if found != sha256(data):
            raise Refuted("读回的 SHA-256 与写入的不同")
    return "读回的 SHA-256 与写入的相同" + (",服务器的校验和(ETag)也已核对" if isinstance(store, Versioned) else "")


def _listing(store: ObjectStore) -> str:
    with objects(store, 5) as made:
        for key in made:
            store.put_bytes(key, key.encode())
        if not set(made) <= (found := {i.key for i in store.list(FOLDER)}):
            raise Refuted(f"刚写入的 {len(made)} 个只列出 {len(found & set(made))} 个")
        store.delete(made[0])
        found = {i.key for i in store.list(FOLDER)} & set(made)
        if found != set(made[1:]):
            raise Refuted("刚删除的仍被列出" if made[0] in found else "删除一个后少列了别的")
    return "写入后立即列出,删除后立即不再列出"


def _writers(store: ObjectStore) -> str:
    """Two threads put one key at one time: the same bytes, then different ones; what is there then is one of the two, whole."""
    same, other = secrets.token_bytes(512 * 1024), secrets.token_bytes(512 * 1024)
    with objects(store, 2) as [key, contended]:
        _both(lambda: store.put_bytes(key, same), lambda: store.put_bytes(key, same))
        if store.get(key) != same:
            raise Refuted("两个线程同时写同样的内容,读回的不同")
        _both(
            lambda: _racing(lambda: store.put_bytes(contended, same, replace=True)),
            lambda: _racing(lambda: store.put_bytes(contended, other, replace=True)),
        )
        if store.get(contended) not in (same, other):
            raise Refuted("两个线程同时写不同的内容,读回的哪一个都不是")
        text = "两个线程同时写一处,读回的总是其中完整的一份"
        if isinstance(store, Versioned):
            text += f";{_conditional(store, key)}"
    return text


def _conditional(store: Versioned, there: str) -> str:
    """What the server makes of ``If-None-Match: *``: told, for nothing rests on it."""
    in_turn = not store.put_if_absent(there, b"second")
    with objects(plain(store), _RACES) as fresh:
        at_once = [_accepted(store, key) for key in fresh] == [1] * _RACES
    said = "先后写" + ("照办" if in_turn else "被忽略") + ",同时写" + ("照办" if at_once else "被忽略")
    return f"条件写入(If-None-Match): {said};本系统不依赖它"


def _accepted(store: Versioned, key: str) -> int:
    """How many of two conditional writers at one time the server lets through."""
    accepted: list[bool] = []

    def put() -> None:
        accepted.append(store.put_if_absent(key, b"x"))

    _both(put, put)
    return accepted.count(True)


def _racing(put: Callable[[], object]) -> None:
    with suppress(IntegrityError):  # reading back, it met the other's bytes, and says so: as it should
        put()


def _both(*acts: Callable[[], object]) -> None:
    failed: list[DanganError] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except DanganError as e:
            failed.append(e)

    threads = [threading.Thread(target=run, args=(act,), name="dangan-doctor") for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _throughput(store: ObjectStore) -> str:
    data = secrets.token_bytes(_LARGE)
    with objects(store) as [key]:
        began = time.perf_counter()
        store.put_bytes(key, data)
        written = time.perf_counter()
        with store.open(key) as f:
            hash_stream(f)
        read = time.perf_counter()
    mb = _LARGE / 1e6
    return f"写 {mb / (written - began):.0f} MB/s(含核对),读 {mb / (read - written):.0f} MB/s({mb:.0f} MB 一次,仅供参考)"
