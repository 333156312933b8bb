"""Children without their time of importing: a process that has imported what they need, and a fork of it for each.

A pass starts two readers, and a validating process where anything is new; they import for a tenth of a second, and for four. A
thousand passes of the tests would wait for that. Here it is imported once. What is forked is the real thing: a process of its own with
the folder, environment, descriptors and limits that its starter gave it, and nothing that another one has left. That the real
commands do the same, say nothing and end with their starter is shown where they are started: by ``tests/intake``, ``tests/validators``,
``tests/faults``, ``tests/flows/nights``, the demo.

    python tests/readied.py serve MODULE FD        forks for everybody who connects to this listening socket
    python tests/readied.py ask SOCKET -m MODULE ARGUMENTS      is, to its starter, that process
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

_HERE = Path(__file__).resolve()
READER, VALIDATING = "intake.child", "validators.expectations"


class Readied:
    """Forks of a module; what they are forks of is started when the first is wanted.

    :param flags: of its interpreter.
    """

    def __init__(self, module: str, folder: Path, *, flags: Sequence[str] = ()) -> None:
        """:param folder: a short path, a socket lies in it."""
        self.module, self.flags = module, flags
        self.at = folder / module
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        from tests import daemons

        if self._process is not None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(str(self.at))
            listening.listen(64)  # who comes before it is ready waits
            command = [sys.executable, *self.flags, str(_HERE), "serve", self.module, str(listening.fileno())]
            log = self.at.with_suffix(".log")
            self._process = daemons.start(command, log, keep=(listening.fileno(),), path=[*sys.path, str(_HERE.parents[1])])

    def stop(self) -> None:
        from tests import daemons

        if self._process is not None:
            daemons.stop(self._process)
            self._process = None

    @property
    def command(self) -> tuple[str, ...]:
        """What stands for ``python`` in ``python -m MODULE``, for who needs a process that he has started himself."""
        self.start()
        return (sys.executable, "-I", "-S", str(_HERE), "ask", str(self.at))


class Forked:
    """As much of a ``Popen`` as a pool of readers asks for."""

    def __init__(
        self, at: Path, arguments: Sequence[str], descriptors: Sequence[int], cwd: str, env: Mapping[str, str]
    ) -> None:
        self.returncode: int | None = None
        self._to = _handed(str(at), arguments, descriptors, cwd, env)
        self.pid = int(self._to.recv(16) or b"0")
        if not self.pid:
            raise OSError(f"{at} has forked nothing")

    def poll(self) -> int | None:
        with contextlib.suppress(BlockingIOError):
            self._heard(socket.MSG_DONTWAIT)
        return self.returncode

    def wait(self) -> int:
        self._heard(0)
        assert self.returncode is not None
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _heard(self, flags: int) -> None:
        if self.returncode is None:
            self.returncode = int(self._to.recv(16, flags) or -signal.SIGKILL)  # it died without a word
            self._to.close()


@contextlib.contextmanager
def readied() -> Iterator[dict[str, Readied]]:
    with tempfile.TemporaryDirectory(prefix="dangan-") as folder:
        # the flags that a pool starts its children with
        readers = Readied(READER, Path(folder), flags=("-P", "-S", "-X", "utf8"))
        # its own folder holds tests of rooms, under the rooms' names: not to be looked at first
        made = {READER: readers, VALIDATING: Readied(VALIDATING, Path(folder), flags=("-P",))}
        yield made
        for each in made.values():
            each.stop()


@contextlib.contextmanager
def at_once(by_module: Mapping[str, Readied]) -> Iterator[None]:
    """What reads and validates in this process meanwhile waits for no import."""
    import subprocess
    from types import SimpleNamespace

    import pytest

    from validators import process

    def popen(
        command: list[str], *, pass_fds: tuple[int, ...], stdout: Any, cwd: str, env: dict[str, str], **other: Any
    ) -> Any:
        *flags, module, fd = command[1:]
        if (*flags, module) != (*(of := by_module[READER]).flags, "-m", READER):  # with readers of a test's own
            return subprocess.Popen(command, pass_fds=pass_fds, stdout=stdout, cwd=cwd, env=env, **other)
        of.start()
        with open(os.devnull, "rb") as nothing:
            return Forked(of.at, [fd], (nothing.fileno(), stdout.fileno(), stdout.fileno(), int(fd)), cwd, env)

    class AtOnce(process.Validator):
        def __init__(self, workdir: Path, *, memory: int = process.MEMORY, python: Sequence[str] = ()) -> None:
            super().__init__(workdir, memory=memory, python=by_module[VALIDATING].command)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intake.pool.subprocess", SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL))
        patch.setattr("flows.validation.Validator", AtOnce)
        patch.setattr("validators.validation.Validator", AtOnce)
        yield


def _handed(at: str, arguments: Sequence[str], descriptors: Sequence[int], cwd: str, env: Mapping[str, str]) -> socket.socket:
    """Ask for a fork: it gets these descriptors as 0, 1, 2 …, and the last argument names the last of them, if there are more."""
    given = {"arguments": list(arguments), "cwd": cwd, "env": dict(env)}
    to = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    to.connect(at)
    to.sendmsg([json.dumps(given).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])
    return to


def ask(at: str, _: str, __: str, *arguments: str) -> int:
    with _handed(at, arguments, (0, 1, 2), os.getcwd(), os.environ) as to:
        to.recv(16)  # who it is
        return int(to.recv(16) or b"1")  # it died without a word


def serve(name: str, fd: int) -> None:
    from archive_schema import text

    module = importlib.import_module(name)
    if name == READER:
        module.self_test()
        for library in module.readers.LIBRARIES:
            importlib.import_module(library)
    else:
        module.prepare()
    text.Expression.ready()
    gc.freeze()  # a fork that looks through it for garbage would have to copy it
    signal.signal(signal.SIGCHLD, _reap)
    with socket.socket(fileno=fd) as listening:
        while True:
            to, _ = listening.accept()
            with to:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listening.close()
                    _be(module, to)


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _be(module: Any, to: socket.socket) -> None:
    """In a fork: be the process that was asked for, and end."""
    code = 1
    try:
        asked, got, _, _ = socket.recv_fds(to, 1 << 20, 4)
        given = json.loads(asked)
        for n, descriptor in enumerate(got[:3]):
            os.dup2(descriptor, n)
            os.close(descriptor)
        os.chdir(given["cwd"])
        os.environ.clear()
        os.environ.update(given["env"])
        tempfile.tempdir = None
        to.send(b"%d" % os.getpid())
        module.main(*(got[3:] or [int(a) for a in given["arguments"]]))
        code = 0
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        to.send(b"%d" % code)
        os._exit(code)


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    if what == "serve":
        serve(words[0], int(words[1]))
    sys.exit(ask(*words))
