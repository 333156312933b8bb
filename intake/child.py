"""The reader process: ``python -m intake.child FD``, started and fed by ``pool``.

It has a memory limit above what it needed to start, no network where the system allows, one thread for mathematics
(set by the parent in its environment), and an alarm that ends it even when the parent is gone.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import resource
import select
import signal
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.text import display
from archive_schema.words import Disposition, ReadState
from intake import archives, container, formsheet, jobs, names, pictures, readers
from intake.digest import StillChanging, Unreadable, digest_file, unreadable
from intake.filetype import true_type
from intake.read import Ask, examine, gave_up
from intake.unpack import Unpacked, unpack

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
#: address space that a program started by a reader may be given (``programs.run``): LibreOffice needs up to 1.8 GiB
_PROGRAM_MEMORY = 3 * 1024**3
#: members named that did not come out
_NAMED = 5


def main(fd: int) -> None:
    """Serve requests on the descriptor until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    connection: Connection = Connection(fd)
    setup = jobs.from_parent.decode(connection.recv_bytes())
    assert isinstance(setup, jobs.Setup)
    try:
        self_test()
        isolated = _leave_network()  # in a process of one thread only
        threading.Thread(target=_end_with_parent, args=(fd,), daemon=True).start()
        _limit(setup.limits)
    except Exception as e:  # noqa: BLE001 - whatever it is, it is ours, and the parent must hear of it
        connection.send_bytes(jobs.encode(jobs.Broken(f"{type(e).__name__}: {e}")))
        return
    connection.send_bytes(jobs.encode(jobs.Ready(isolated)))
    loaded = 0
    while True:
        if loaded != (loaded := len(sys.modules)):
            gc.freeze()  # what libraries made stays: not to be looked through again and again for garbage
        try:
            request = jobs.from_parent.decode(connection.recv_bytes())
        except (EOFError, ConnectionResetError):
            return  # the parent is done or gone
        assert isinstance(request, jobs.Request)
        signal.alarm(request.seconds)
        _allow(setup.limits.reader_memory)
        answer = _serve(request, setup, connection)
        signal.alarm(0)
        connection.send_bytes(jobs.encode(answer))
        if isinstance(answer, jobs.Broken) or answer.retire:
            return


def _end_with_parent(fd: int) -> None:
    """End at once when the parent has hung up, whatever file is being read: nobody waits for it, and its folder is being removed."""
    poll = select.poll()
    poll.register(fd, select.POLLRDHUP)
    poll.poll()
    os._exit(1)


def self_test() -> None:
    """Every library is there, and text is read as it should be.

    :raises Exception: our installation is broken; nothing may be concluded about any file.
    """
    missing = [name for name in readers.LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"missing libraries: {', '.join(missing)}")
    from archive_schema import dates
    from intake import textual
    from intake.gongwen import read_facts

    decoded = textual.decode("市府发〔2017〕12号".encode("gb18030"))
    if decoded is None:
        raise RuntimeError("self-test: GB18030 is not read")
    facts = read_facts([textual.Line(decoded[0])], method="self-test")
    if facts["document_number"].value != "市府发〔2017〕12号" or dates.parse_date("二〇一七年八月一日") is None:
        raise RuntimeError("self-test: an official number or a date is not read")


def _serve(request: jobs.Request, setup: jobs.Setup, connection: Connection) -> jobs.Answer | jobs.Broken:
    path = Path(os.fsdecode(request.path))
    reading: Reading | None = None
    try:
        digested = digest_file(path, sm3=setup.sm3)
        media_type = true_type(path, request.name)
        reader = readers.reader_for(media_type, setup.readers)
        label = readers.label(reader) if reader is not None else ""
        more = readers.seconds(reader)
        connection.send_bytes(jobs.encode(jobs.Started(digested, media_type, label, more)))
        signal.alarm(request.seconds + more)
        try:
            ask = _asking(connection, setup.limits)
            examined = examine(path, media_type, request.name, setup.limits, setup.readers, before_ocr=ask)
            reading, reason = examined.reading, examined.refused
            unpacked: Unpacked | None = None
            into = Path(os.fsdecode(request.into))
            if request.unpack and media_type in archives.FORMATS and reader is not None and not reason:
                unpacked = unpack(path, into, setup.limits, name=request.name)
                reading = _with_members(reading, unpacked)
                reason = unpacked.refused
            elif request.pictures and not reason and pictures.may_hold(reading):
                unpacked, left = pictures.take_out(path, media_type, into, setup.limits)
                reading = _with_remark(reading, left)
            form = formsheet.read_form(path, setup.limits) if request.form and not reason else None
        except (MemoryError, RecursionError):
            return jobs.Answer(gave_up(media_type, label, "读取所需的内存或层次超过上限"), retire=True)
        after = path.stat()
        if (after.st_size, after.st_mtime_ns) != (digested.size, digested.mtime_ns):
            raise StillChanging(f"{path}: changed while read", zh=f"{names.of_path(path)}: 文件正在变化,等待写完后再收")
    except (StillChanging, FileNotFoundError) as e:
        zh = e.zh if isinstance(e, StillChanging) else f"{names.of_path(path)}: 读取时文件已被移走,下次再收"
        return jobs.Answer(disposition=Disposition.WAITING, reason=zh)
    except Unreadable as e:
        return jobs.Answer(disposition=Disposition.QUARANTINED, reason=f"{e.zh};{e.hint}")
    except OSError as e:
        if container.fault_of_ours(e):
            return jobs.Broken(f"scratch folder or descriptors: {e.strerror}")
        fault = unreadable(path, e)
        return jobs.Answer(disposition=Disposition.QUARANTINED, reason=f"{fault.zh};{fault.hint}")
    except ImportError as e:
        return jobs.Broken(f"{type(e).__name__}: {e}")
    return jobs.Answer(
        reading=reading,
        unpacked=_wire(unpacked) if unpacked is not None else None,
        form=form,
        disposition=Disposition.QUARANTINED if reason else None,
        reason=reason,
        retire=reading.state is ReadState.GAVE_UP,
    )


def _asking(connection: Connection, limits: Limits) -> Ask:
    """What is done before OCR: the parent is asked whether it knows the bytes; if not, there is more memory and time."""

    def ask(reading: Reading) -> Reading | None:
        signal.alarm(0)  # the wait is the parent's to end
        connection.send_bytes(jobs.encode(jobs.Scanned(reading)))
        reply = jobs.from_parent.decode(connection.recv_bytes())
        if isinstance(reply, jobs.Known):
            signal.alarm(limits.reader_seconds)
            return reply.reading
        assert isinstance(reply, jobs.Go)
        signal.alarm(reply.seconds)
        _allow(limits.ocr_memory)
        return None

    return ask


def _with_members(reading: Reading, unpacked: Unpacked) -> Reading:
    """The archive with what did not come out of it: members that are damaged, and empty ones, which no one takes in."""
    empty = tuple(m.path for m in unpacked.members if not m.size)
    said = [
        f"{len(paths)} 个文件{why}({_named(paths)})"
        for paths, why in ((unpacked.damaged, "已损坏"), (empty, "为空、只有 0 字节"))
        if paths
    ]
    if not said or reading.state is not ReadState.READ:
        return reading
    detail = f"压缩包内 {','.join(said)},没有收;请重新压缩后提交"
    state = ReadState.PARTIAL if unpacked.members else ReadState.DAMAGED
    return msgspec.structs.replace(reading, state=state, detail=detail)


def _named(paths: Sequence[str]) -> str:
    """The first of them, without the sign that parts a cause from its advice."""
    return "、".join(display(p, 120).replace(";", "；") for p in paths[:_NAMED]) + ("等" if len(paths) > _NAMED else "")


def _with_remark(reading: Reading, remark: str) -> Reading:
    if not remark:
        return reading
    detail = ";".join(filter(None, (reading.detail, remark)))
    return msgspec.structs.replace(reading, state=ReadState.PARTIAL, detail=detail)


def _wire(unpacked: Unpacked) -> jobs.WireUnpacked:
    return jobs.WireUnpacked(
        members=tuple(jobs.WireMember(m.path, m.file.name, m.size, m.inside, m.caption) for m in unpacked.members),
        refused=unpacked.refused,
        ignored=unpacked.ignored,
        locked=unpacked.locked,
        damaged=unpacked.damaged,
    )


def _limit(limits: Limits) -> None:
    """Address space: what the process has now and ``reader_memory`` more; a program that it starts may be given more.

    No core files: they would hold texts.
    """
    highest = _held() + max(limits.reader_memory, limits.ocr_memory, _PROGRAM_MEMORY)
    resource.setrlimit(resource.RLIMIT_AS, (_held() + limits.reader_memory, highest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow(more: int) -> None:
    """``more`` bytes beyond what the process has now, within the limit it was born with."""
    _, highest = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(_held() + more, highest), highest))


def _held() -> int:
    """Address space in use, in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def _leave_network() -> bool:
    """Move into an empty network namespace, as root or through a user namespace; False where the system forbids both."""
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


if __name__ == "__main__":
    main(int(sys.argv[1]))
