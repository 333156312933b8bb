"""``dangan`` as a real process, with its family: started, killed, and asked what it said."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).parents[2]
#: a pass without what needs seconds and has no part in what is tested
INGEST = ("ingest", "--format", "json", "--no-validation", "--ocr", "off")
#: seconds after which a process that should have ended is a defect
_LONG = 240.0


_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def _give_up_exceptions() -> None:
    """Root without the right to pass over permissions; it is gone with the next ``exec``."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


class Said:
    """What a run ended with. ``err``: without the lines that only a developer asked for."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Program:
    """One running ``dangan``; the first of a session of its own, so that its family can be found when it is dead.

    :param bound: permissions bind it, as they bind any user: root gives up what makes it an exception (before the program starts,
        for good, and for its children too). Another user might not even be able to enter the folder that Python lies in.
    :param home: the folder that its output is kept in; also its folder for temporary files.
    """

    def __init__(self, *words: str, root: Path, home: Path, env: Mapping[str, str] | None = None, bound: bool = False) -> None:
        temporary = home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        self.temporary = temporary
        self._out, self._err = home / "out", home / "err"
        environment = {**os.environ, **(env or {}), "TMPDIR": str(temporary), "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "dangan", "-C", str(root), *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                cwd=home,
                start_new_session=True,
                preexec_fn=_give_up_exceptions if bound else None,
            )

    def wait(self, seconds: float = _LONG) -> Said:
        """:raises subprocess.TimeoutExpired: it did not end; it is killed then."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return Said(code, self._out.read_text("utf-8"), self._err.read_text("utf-8"))

    def said(self) -> str:
        """What it has written to its standard error up to now."""
        return self._err.read_text("utf-8")

    def kill(self, *, family: bool = True) -> bool:
        """SIGKILL to the process, or to its whole family at once; False when it had ended by itself."""
        if family:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return False
        else:
            self.process.send_signal(signal.SIGKILL)
        return self.process.wait() == -signal.SIGKILL

    def family(self) -> list[psutil.Process]:
        """Living processes of its session besides itself."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.pid != self.process.pid and os.getsid(process.pid) == self.process.pid
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        return found


def until(holds: Callable[[], bool], what: str, *, seconds: float = 60.0) -> None:
    """Wait for something that happens in another process.

    :raises AssertionError: it did not.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for: {what}"
        time.sleep(0.005)


def run(*words: str, root: Path, home: Path, env: Mapping[str, str] | None = None, bound: bool = False) -> Said:
    """Run a command to its end."""
    return Program(*words, root=root, home=home, env=env, bound=bound).wait()
