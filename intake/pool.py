"""Reader processes: files are opened by children, so that a crash, a loop or a flood of memory loses one file.

Children are started anew (never forked), live across batches, and are replaced after a death or after some hundred files.
Not for use by several threads at once, but for ``interrupt``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from archive_schema.cycle import Limits
from archive_schema.errors import InternalError
from archive_schema.evidence import Reading
from archive_schema.media import UNKNOWN
from archive_schema.words import Disposition
from intake import deepen, jobs, names
from intake.digest import StillChanging, Unreadable, digest_file
from intake.jobs import Job, ReadResult
from intake.once import Once, Remembered
from intake.read import gave_up
from intake.unpack import Member, Unpacked

__all__ = ["Job", "ReadResult", "ReaderPool"]

#: files after which a child is replaced: libraries leak
_SERVES = 1_000
#: seconds for a child to start and test itself; generous, a machine may be busy
_START = 60.0
#: bytes a second that any disk and any unpacking manage: large files get that much more time
_PACE = 4 * 1024 * 1024
#: seconds that the child's own alarm waits longer than the parent
_GRACE = 10
#: results that may wait for an earlier one, per worker
_AHEAD = 4
_MEMBER_FILE = re.compile(r"\d{6,}")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class _Worker:
    """One child and the job it has."""

    def __init__(self, pool: ReaderPool) -> None:
        ours, theirs = socket.socketpair()
        self.log = pool.folder / f"child-{theirs.fileno()}-{time.monotonic_ns()}.log"
        with theirs, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                # without the machine's ``site``, where nobody's own reader may need it: a quarter of the time of starting
                [
                    sys.executable,
                    "-P",
                    *([] if pool.readers else ["-S"]),
                    "-X",
                    "utf8",
                    "-m",
                    "intake.child",
                    str(theirs.fileno()),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(pool.folder),
            )
        self.connection: Connection = Connection(ours.detach())
        with contextlib.suppress(OSError):  # dead already: heard when its answer is awaited
            self.connection.send_bytes(jobs.encode(jobs.Setup(pool.limits, dict(pool.readers), pool.sm3)))
        self.deadline = time.monotonic() + _START
        self.ready = False
        self.isolated = False
        self.served = 0
        self.index: int | None = None
        self.job: Job | None = None
        self.into: Path | None = None
        self.started: jobs.Started | None = None
        self.scanned: Reading | None = None
        self.waiting = False  # for another child's answer about the same bytes

    def give(self, index: int, job: Job, into: Path, seconds: float) -> None:
        self.index, self.job, self.into, self.started, self.scanned = index, job, into, None, None
        self.deadline = time.monotonic() + seconds
        self.served += 1
        request = jobs.Request(
            path=os.fsencode(job.path.absolute()),  # the child works elsewhere
            name=job.name or names.of_path(job.path),
            into=os.fsencode(into),
            unpack=job.unpack,
            form=job.form,
            pictures=job.pictures,
            seconds=int(seconds) + _GRACE,
        )
        self.connection.send_bytes(jobs.encode(request))

    def stop(self) -> None:
        self.connection.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.unlink(missing_ok=True)

    def last_words(self) -> str:
        return self.log.read_text("utf-8", "replace")[-2000:] if self.log.exists() else ""


class ReaderPool:
    """Use as a context manager; ``read`` as often as wanted.

    :param workers: children at work side by side.
    :param scratch: folder for unpacked members; the pool makes one of its own in it and removes it at the end.
    :param readers: media type → module, beside the registry of ``intake.readers``.
    :param sm3: digest every file by SM3 as well.
    :param remembered: SHA-256 → an earlier reading of these bytes or None; asked before anything is read by OCR.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        workers: int = 2,
        scratch: Path,
        readers: Mapping[str, str] | None = None,
        remembered: Remembered | None = None,
        sm3: bool = False,
    ) -> None:
        self.limits = limits
        self._once = Once(limits, remembered)
        self.readers = readers or {}
        self.sm3 = sm3
        self._count = max(1, workers)
        self._scratch = scratch
        self._workers: list[_Worker] = []
        self._numbers = 0
        self._reading = False
        self._interrupted = False

    def __enter__(self) -> Self:
        """Start the children.

        :raises InternalError: one failed its self-test.
        """
        self._scratch.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="read-", dir=self._scratch))
        try:
            for _ in range(self._count):
                self._workers.append(_Worker(self))
            for worker in self._workers:
                self._await_ready(worker)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    @property
    def isolated(self) -> bool:
        """True when no child can reach a network."""
        return all(w.isolated for w in self._workers)

    def read(self, jobs_: Iterable[Job]) -> Iterator[ReadResult]:
        """Results in the order of the jobs. Jobs are drawn as children become free, so an endless iterable is fine.

        :raises InternalError: a child failed its self-test, or a library of ours is broken.
        """
        if self._reading:
            raise InternalError("ReaderPool.read is already running", zh="内部错误: 读取进程池被重复使用")
        self._reading = True
        todo = enumerate(jobs_)
        done: dict[int, ReadResult] = {}
        given = out = 0
        more = True
        try:
            while True:
                if self._interrupted:
                    raise InternalError("ReaderPool was interrupted", zh="读取被中断")
                for worker in self._workers:
                    if more and worker.index is None and given - out < self._count * _AHEAD:
                        try:
                            index, job = next(todo)
                        except StopIteration:
                            more = False
                            break
                        done |= self._give(worker, index, job)
                        given += 1
                while out in done:
                    yield done.pop(out)
                    out += 1
                if not more and out == given:
                    return
                if any(w.index is not None for w in self._workers):
                    done |= self._collect()
        finally:
            self._reading = False
            for worker in self._workers:
                if worker.index is not None and not self._interrupted:  # abandoned in the middle
                    self._replace(worker)

    def interrupt(self) -> None:
        """Called while another thread reads: its ``read`` ends with an error soon, and so does every later one."""
        self._interrupted = True
        for worker in list(self._workers):
            worker.process.kill()

    def discard(self, unpacked: Unpacked) -> None:
        """Remove the files of an unpacked archive from the scratch folder."""
        for folder in {m.file.parent for m in unpacked.members}:
            if folder.parent == self.folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _give(self, worker: _Worker, index: int, job: Job) -> dict[int, ReadResult]:
        if worker.served >= _SERVES or worker.process.poll() is not None:
            worker = self._replace(worker)
        if not worker.ready:
            self._await_ready(worker)
        try:
            size = job.path.stat(follow_symlinks=False).st_size
        except OSError:
            size = 0  # the child will say what is wrong
        self._numbers += 1
        try:
            worker.give(index, job, self.folder / f"{self._numbers:06d}", self.limits.reader_seconds + size / _PACE)
        except OSError:
            return {index: self._lost(worker, "读取进程意外退出")}
        return {}

    def _collect(self) -> dict[int, ReadResult]:
        """Wait for a message, a death or a deadline; the results that came of it."""
        busy = {w.connection: w for w in self._workers if w.index is not None}
        timeout = max(0.0, min(w.deadline for w in busy.values()) - time.monotonic())
        heard = wait(list(busy), timeout)
        out: dict[int, ReadResult] = {}
        for connection in heard:
            assert isinstance(connection, Connection)
            worker = busy.pop(connection)
            index = worker.index
            assert index is not None
            try:
                message = jobs.from_child.decode(connection.recv_bytes())
            except (EOFError, OSError, msgspec.DecodeError):
                out[index] = self._lost(worker, "读取时进程异常退出(文件异常或内存不足)")
                continue
            if isinstance(message, jobs.Broken):
                raise _broken(message.why)
            if isinstance(message, jobs.Started):
                worker.started = message
                worker.deadline += message.seconds
            elif isinstance(message, jobs.Scanned):
                worker.scanned = message.reading
                self._answer(worker)
            elif isinstance(message, jobs.Answer):
                out[index] = self._result(worker, message)
        now = time.monotonic()
        for worker in busy.values():  # only those that said nothing
            if worker.index is not None and worker.deadline <= now:
                seconds = self.limits.reader_seconds
                out[worker.index] = self._lost(worker, f"读取超过时限({seconds} 秒起,按大小增加)仍未完成")
        for worker in self._workers:
            if worker.waiting:
                self._answer(worker)
        return out

    def _answer(self, worker: _Worker) -> None:
        """Let a child recognise its file, or tell it what came of these bytes before; it waits while another child is at them."""
        assert worker.started is not None and worker.scanned is not None
        sha256 = worker.started.digested.sha256
        worker.waiting = self._once.busy(sha256)
        seconds = self.limits.ocr_seconds
        worker.deadline = time.monotonic() + (2 if worker.waiting else 1) * seconds
        if worker.waiting:
            return
        known = self._once.known(sha256, worker.scanned)
        reply: jobs.Go | jobs.Known = jobs.Known(known) if known is not None else jobs.Go(seconds + _GRACE)
        if known is None:
            self._once.begin(sha256)
        with contextlib.suppress(OSError):  # dead: heard when its answer is awaited
            worker.connection.send_bytes(jobs.encode(reply))

    def _recognised(self, worker: _Worker, reading: Reading | None) -> None:
        """The child is done with a file that it asked about."""
        if worker.scanned is not None and worker.started is not None and not worker.waiting:
            self._once.end(worker.started.digested.sha256, reading)
        worker.waiting = False

    def _result(self, worker: _Worker, answer: jobs.Answer) -> ReadResult:
        job, into, started = worker.job, worker.into, worker.started
        assert job is not None and into is not None
        unpacked = _local(answer.unpacked, into) if answer.unpacked is not None else None
        if unpacked is None or not unpacked.members:
            shutil.rmtree(into, ignore_errors=True)
        self._recognised(worker, answer.reading if answer.disposition is None else None)
        worker.index = worker.job = None
        if answer.retire:
            self._replace(worker)
        digested = started.digested if started is not None and answer.disposition is not Disposition.WAITING else None
        return ReadResult(
            job=job,
            digested=digested,
            reading=answer.reading if digested is not None else None,
            unpacked=unpacked,
            form=answer.form,
            disposition=answer.disposition,
            reason=answer.reason,
        )

    def _lost(self, worker: _Worker, why: str) -> ReadResult:
        """The result for a file whose child died; the child is replaced."""
        job, into, started = worker.job, worker.into, worker.started
        assert job is not None and into is not None
        self._recognised(worker, None)
        self._replace(worker)
        shutil.rmtree(into, ignore_errors=True)
        if worker.scanned is not None and started is not None:
            left = deepen.failed(worker.scanned, self.limits, "超过时限或内存上限")
            return ReadResult(job, started.digested, left)
        try:
            digested = started.digested if started is not None else digest_file(job.path, sm3=self.sm3)
        except StillChanging as e:
            return ReadResult(job, None, None, disposition=Disposition.WAITING, reason=e.zh)
        except Unreadable as e:
            return ReadResult(job, None, None, disposition=Disposition.QUARANTINED, reason=f"{e.zh};{e.hint}")
        media_type, label = (started.media_type, started.reader) if started is not None else (UNKNOWN.media_type, "")
        return ReadResult(job, digested, gave_up(media_type, label, why))

    def _replace(self, worker: _Worker) -> _Worker:
        worker.stop()
        fresh = _Worker(self)  # tested when it gets its first job
        self._workers[self._workers.index(worker)] = fresh
        return fresh

    def _await_ready(self, worker: _Worker) -> None:
        try:
            if not worker.connection.poll(max(0.0, worker.deadline - time.monotonic())):
                raise _broken(f"no answer within {_START:.0f} s; {worker.last_words()}")
            message = jobs.from_child.decode(worker.connection.recv_bytes())
        except (EOFError, OSError, msgspec.DecodeError) as e:
            raise _broken(f"died at start: {worker.last_words()}") from e
        if not isinstance(message, jobs.Ready):
            raise _broken(message.why if isinstance(message, jobs.Broken) else f"unexpected {type(message).__name__}")
        worker.ready, worker.isolated = True, message.isolated

    def _close(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers = []
        shutil.rmtree(self.folder, ignore_errors=True)


def _local(wire: jobs.WireUnpacked, into: Path) -> Unpacked:
    for member in wire.members:
        if not _MEMBER_FILE.fullmatch(member.file):
            raise _broken(f"a member file is called {member.file!r}")
    return Unpacked(
        members=tuple(Member(m.path, into / m.file, m.size, m.inside, m.caption) for m in wire.members),
        refused=wire.refused,
        ignored=wire.ignored,
        locked=wire.locked,
        damaged=wire.damaged,
    )


def _environment(folder: Path) -> dict[str, str]:
    """Only what a reader needs: no credentials of the parent's environment."""
    kept = {k: v for k in ("PATH", "LD_LIBRARY_PATH", "TZ") if (v := os.environ.get(k))}
    path = os.pathsep.join(dict.fromkeys(str(Path(p).absolute()) for p in [*sys.path, str(Path(__file__).parents[1])]))
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": path,
        "TMPDIR": str(folder),
        **dict.fromkeys(_ONE_THREAD, "1"),
    }


def _broken(why: str) -> InternalError:
    return InternalError(
        f"reader process: {why}",
        zh="读取程序自身出错(不是文件的问题),未对正在读取的文件下结论",
        code="intake.self-test",
        hint="请检查临时目录是否有空间,运行 dangan doctor 检查安装,必要时重新执行 make install",
    )
