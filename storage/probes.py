"""Probes of a store by using it: every store the same ones, a folder and an S3 bucket some of their own. Nothing is left behind.

The objects lie below ``reports/doctor/``, which no audit counts and no lock covers. What is measured in seconds or MB/s is told and
never compared (``dangan doctor`` records a result only where it differs from the last one).
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive_schema.canonical import sha256
from archive_schema.errors import DanganError, IntegrityError
from archive_schema.outputs import Probe
from archive_schema.protection import Lock, Protection, Retention, described
from storage import keys
from storage.folder import TEMPORARY, FolderStore
from storage.objects import ObjectStore, hash_stream
from storage.protection import ObjectLocked, Versioned

FOLDER = "reports/doctor/"
LEAST_FREE = 5 * 1024**3
#: bytes of the object by which the throughput is measured
_LARGE = 8 * 1024 * 1024
#: keys on which two conditional writers race
_RACES = 4
#: seconds that our clock and the server's may differ; S3 servers refuse requests from 15 minutes on
_SKEW = 60
#: a probe's lock ends by itself after so many seconds, so that a probe that is killed leaves nothing for good
_LOCKED_SECONDS = 3

LOCK, BYPASS, HOLD, VERSIONS = "锁定拒绝删除", "越过治理保留", "依法保全", "版本保留"


class Refuted(DanganError):
    """What was probed is not so."""

    def __init__(self, zh: str) -> None:
        super().__init__("probe", zh=zh)


def probe(store: ObjectStore, protection: Protection) -> list[Probe]:
    """Every probe of a store; never raises for what it probes.

    :param protection: what ``dangan.toml`` asks for: what is asked for and not there is not ok, what is neither is 未检.
    """
    with suppress(DanganError):
        for left in list(store.list(FOLDER)):  # of a doctor that was killed
            _remove(store, left.key)
    probes = [
        attempt("存储读写", lambda: _reads_and_writes(store)),
        attempt("校验", lambda: _checksum(store)),
        attempt("列举一致", lambda: _listing(store)),
        attempt("并发写入", lambda: _writers(store)),
    ]
    if isinstance(store, FolderStore):
        probes += _folder(store, protection)
    elif isinstance(store, Versioned):
        probes += _versioned(store, protection)
    probes.append(attempt("吞吐", lambda: _throughput(store)))
    if isinstance(store, FolderStore):
        with suppress(OSError):  # not empty: another doctor is at work
            (store.root / FOLDER).rmdir()
    return probes


def attempt(name: str, probe: Callable[[], str]) -> Probe:
    """A probe that says what it found, or raises what is wrong."""
    try:
        return Probe(name, True, probe())
    except DanganError as e:
        return Probe(name, False, e.zh + (f";{e.hint}" if e.hint else ""))


# -- every store ------------------------------------------------------------------------------------------------------------


@contextmanager
def _keys(store: ObjectStore, number: int = 1) -> Iterator[list[str]]:
    """Keys of probe objects, gone afterwards whatever happens."""
    made = [keys.report_key("doctor", f"probe-{secrets.token_hex(8)}") for _ in range(number)]
    try:
        yield made
    finally:
        for key in made:
            _remove(store, key)


def _remove(store: ObjectStore, key: str) -> None:
    if isinstance(store, Versioned):
        store.erase(key)
    else:
        store.delete(key)


def _reads_and_writes(store: ObjectStore) -> str:
    data = secrets.token_bytes(64 * 1024)
    with _keys(store) as [key]:
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
    with _keys(store) as [key], tempfile.TemporaryDirectory(prefix="dangan-doctor-") as folder:
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
    with _keys(store, 5) as made:
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
    with _keys(store, 2) as [key, contended]:
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
    with _keys(_plain(store), _RACES) as fresh:
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
    with _keys(store) as [key]:
        began = time.perf_counter()
        store.put_bytes(key, data)
        written = time.perf_counter()
        with store.open(key) as f:
            hash_stream(f)
        read = time.perf_counter()
    mb = _LARGE / 1e6
    return f"写 {mb / (written - began):.0f} MB/s(含核对),读 {mb / (read - written):.0f} MB/s({mb:.0f} MB 一次,仅供参考)"


# -- a folder ---------------------------------------------------------------------------------------------------------------


def _folder(store: FolderStore, protection: Protection) -> list[Probe]:
    scratch = store.root / TEMPORARY
    probes = [
        attempt("落盘(fsync)", lambda: _on_files(scratch, _syncs)),
        attempt("原子改名", lambda: _on_files(scratch, _renames)),
        attempt("文件名大小写", lambda: _on_files(scratch, _case)),
        space("存储磁盘空间", store.root),
    ]
    if protection.wanted:
        text = "文件夹存储没有版本和锁定,[protection] 不起作用;须用 S3 存储,或由文件系统快照保护"
        probes.append(Probe(VERSIONS, False, text))
    return probes


def space(name: str, path: Path) -> Probe:
    """Free space of the disk that holds ``path``."""
    try:
        free = shutil.disk_usage(path).free
    except OSError as e:
        return Probe(name, False, f"读不了 {path}: {e.strerror}")
    text = f"{path} 所在磁盘剩余 {free / 1024**3:.1f} GB"
    return Probe(name, free >= LEAST_FREE, text if free >= LEAST_FREE else text + ",不足 5 GB,请清理")


def _on_files(scratch: Path, act: Callable[[Path], str]) -> str:
    try:
        with tempfile.TemporaryDirectory(prefix="probe-", dir=scratch) as folder:
            return act(Path(folder))
    except OSError as e:
        raise Refuted(f"{e.strerror};请检查磁盘与挂载方式") from e


def _syncs(folder: Path) -> str:
    """That the calls by which a file is made durable are there; whether the disk keeps its word no program can see."""
    with (folder / "f").open("wb") as f:
        f.write(b"x")
        f.flush()
        os.fsync(f.fileno())
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    return "文件和文件夹都可以落盘(断电后是否真在盘上取决于磁盘)"


def _renames(folder: Path) -> str:
    """A reader that opens the name while it is replaced finds the old or the new content, never nothing or a part."""
    name, contents = folder / "f", [b"a" * 4096, b"b" * 4096]
    name.write_bytes(contents[0])
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                if name.read_bytes() not in contents:
                    wrong.append("读到半份")
            except FileNotFoundError:
                wrong.append("一时找不到文件")

    reader = threading.Thread(target=read, name="dangan-doctor")
    reader.start()
    try:
        for n in range(200):
            new = folder / f"new-{n}"
            new.write_bytes(contents[n % 2])
            new.replace(name)
    finally:
        done.set()
        reader.join()
    if wrong:
        raise Refuted(f"替换文件时{wrong[0]}: 这个文件系统的改名不是原子的,不宜存放档案")
    return "替换 200 次,读到的总是完整的旧文件或新文件"


def _case(folder: Path) -> str:
    (folder / "a").write_bytes(b"")
    sensitive = not (folder / "A").exists()
    return "区分大小写" if sensitive else "不区分大小写;存储的名字都由程序生成,不受影响"


# -- a store with versions -----------------------------------------------------------------------------------------------


def _versioned(store: Versioned, protection: Protection) -> list[Probe]:
    probes = [attempt("时钟", lambda: _clock(store))]
    try:
        on, lockable = store.versioning(), store.lockable()
    except DanganError as e:
        return [*probes, Probe(VERSIONS, False, e.zh), Probe(LOCK, False, e.zh)]
    if not on and protection.versioning:
        probes.append(attempt(VERSIONS, lambda: _switched_on(store)))
    elif on:
        probes.append(attempt(VERSIONS, lambda: _keeps(store)))
    else:
        probes.append(Probe(VERSIONS, None, "没有开启,也没有要求;未检"))
    if lockable:
        return [*probes, *_locks(store, protection)]
    if protection.locks:
        text = "存储桶建立时没有开启对象锁定,以后也不能补开: 请另取一个桶名(由 dangan 建立),用 dangan copy 复制过去,再改 store"
        return [*probes, Probe(LOCK, False, text)]
    return [*probes, Probe(LOCK, None, "存储桶没有开启对象锁定,也没有要求;未检")]


def _clock(store: Versioned) -> str:
    before = datetime.now(UTC)
    there = store.server_time()
    ours = before + (datetime.now(UTC) - before) / 2
    skew = (there + timedelta(seconds=0.5) - ours).total_seconds()  # the header tells whole seconds
    if abs(skew) > _SKEW:
        raise Refuted(f"本机时钟与存储服务相差 {abs(skew):.0f} 秒;请校准(超过 15 分钟时存储会拒绝访问)")
    return f"本机时钟与存储服务相差不到 {max(1, round(abs(skew)) + 1)} 秒"


def _switched_on(store: Versioned) -> str:
    store.keep_versions()
    return f"按 dangan.toml 为存储桶开启;{_keeps(store)}"


def _keeps(store: Versioned) -> str:
    with _keys(_plain(store)) as [key]:
        _plain(store).put_bytes(key, b"first")
        _plain(store).put_bytes(key, b"second", replace=True)
        kept = [v for v in store.versions(key) if v.key == key]
        if len(kept) != 2 or not kept[0].current or kept[1].current:
            raise Refuted(f"覆盖一次后应有两个版本,列出 {len(kept)} 个")
    if any(v.key == key for v in store.versions(key)):
        raise Refuted("删除全部版本后仍有残留")
    return "被覆盖的内容仍在;依决定销毁时全部版本一并删除"


def _plain(store: Versioned) -> ObjectStore:
    """The same store by its other protocol: every store is one."""
    return store  # type: ignore[return-value]


def _locks(store: Versioned, protection: Protection) -> list[Probe]:
    """Each of the locks on an object of its own. The retention ends by itself within seconds, a compliance one also for us."""
    bypassed: list[bool] = []
    probes = [attempt(LOCK, lambda: _refuses(store, Retention.GOVERNANCE, bypassed))]
    if bypassed:
        text = (
            "当前密钥可以越过治理保留: 只在依决定销毁时使用"
            if bypassed[0]
            else "当前密钥不能越过治理保留: 到期前不能依决定销毁"
        )
        probes.append(Probe(BYPASS, bypassed[0] or None, text))
    if protection.retention is Retention.COMPLIANCE and probes[0].ok:
        probes[0] = attempt(LOCK, lambda: _refuses(store, Retention.COMPLIANCE, []))
    probes.append(attempt(HOLD, lambda: _holds(store)))
    return probes


def _refuses(store: Versioned, mode: Retention, bypassed: list[bool]) -> str:
    plain = _plain(store)
    key = keys.report_key("doctor", f"probe-{secrets.token_hex(8)}")
    plain.put_bytes(key, b"locked")
    lock = Lock(mode, store.server_time() + timedelta(seconds=_LOCKED_SECONDS))
    try:
        store.set_lock(key, lock)
        found = store.lock_of(key)
        if not found.covers(lock):
            raise Refuted(f"锁定后查到的是“{described(found)}”")
        _must_refuse(lambda: plain.delete(key), "对象锁定中,存储却照样删除")
        if mode is Retention.COMPLIANCE:
            _must_refuse(lambda: store.erase(key), "合规保留中,越过保留的请求却删除了对象")
        else:
            try:
                store.erase(key)
                bypassed.append(True)
            except ObjectLocked:
                bypassed.append(False)
    finally:
        _until_gone(store, key)
    return f"{'合规' if mode is Retention.COMPLIANCE else '治理'}保留期内拒绝删除,到期后可以删除"


def _must_refuse(delete: Callable[[], None], otherwise: str) -> None:
    try:
        delete()
    except ObjectLocked:
        return
    raise Refuted(otherwise)


def _until_gone(store: Versioned, key: str) -> None:
    """Remove a probe object, at the latest when its own short retention is over."""
    end = time.monotonic() + 4 * _LOCKED_SECONDS
    while True:
        try:
            return store.erase(key)
        except ObjectLocked:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _holds(store: Versioned) -> str:
    plain = _plain(store)
    with _keys(plain) as [key]:
        plain.put_bytes(key, b"held")
        store.set_lock(key, Lock(hold=True))
        try:
            if not store.lock_of(key).hold:
                raise Refuted("设置后查不到")
            _must_refuse(lambda: store.erase(key), "依法保全中,存储却照样删除")
        finally:
            with suppress(DanganError):
                store.release_hold(key)
    return "保全中拒绝删除,解除后可以删除"
