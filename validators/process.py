"""The validating process from the outside: started early, given its job later, ended.

It imports for seconds before it can do anything. Started when the first new file is seen, it is ready when the files are read. When
it fails, or when nobody gives it a job, nothing is lost but its time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from archive_schema.errors import InternalError
from validators.expectations import Job, Result

MEMORY = 6 * 1024**3  # address space, most of it mapped libraries
SECONDS = 600

_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


class Validator:
    """One process for one job. Use as a context manager: it is ended at the end, whatever became of it."""

    def __init__(self, workdir: Path, *, memory: int = MEMORY, python: Sequence[str] = (sys.executable,)) -> None:
        """:param workdir: an empty folder of the caller's; everything the process writes is below it."""
        self.workdir = workdir
        self._errors = workdir / "stderr.log"
        self._why = ""
        self._process: subprocess.Popen[bytes] | None = None
        try:
            with self._errors.open("wb") as errors:
                self._process = subprocess.Popen(
                    [*python, "-m", "validators.expectations", str(memory)],
                    cwd=workdir,
                    env=_environment(workdir),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                )
        except OSError as e:
            self._why = str(e)

    def run(self, job: Job, *, seconds: float = SECONDS) -> Result:
        """Give it its job and wait for the result; once.

        :raises InternalError: the process failed, or was stopped at a limit.
        """
        if self._process is None:
            raise failed(self._why)
        file = self.workdir / "job.json"
        file.write_bytes(msgspec.json.encode(job))
        try:
            self._process.communicate(f"{file}\n".encode(), timeout=seconds)
            if self._process.returncode == 0:
                return msgspec.json.decode(Path(job.result).read_bytes(), type=Result)
            why = f"exit {self._process.returncode}: {self._errors.read_text('utf-8', 'replace')[-500:]}"
        except subprocess.TimeoutExpired:
            why = f"stopped after {seconds} s"
        except (OSError, msgspec.MsgspecError) as e:
            why = str(e)
        raise failed(why)

    def close(self) -> None:
        """End it. Without a job it has nothing to lose."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            if self._process.stdin is not None and not self._process.stdin.closed:
                self._process.stdin.close()
            self._process.wait()

    def __enter__(self) -> Validator:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def failed(why: str) -> InternalError:
    return InternalError(
        f"validation of the frames failed: {why}",
        zh="清单整体检查没有完成,本次算未检",
        code="validation.failed",
        hint="这不是来件的问题;请看日志,下次入库会再试",
    )


def _environment(workdir: Path) -> dict[str, str]:
    """Nothing of the caller's but where programs and libraries are."""
    return {k: os.environ[k] for k in _KEPT if k in os.environ} | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": str(workdir),
        "TMPDIR": str(workdir),
        "GX_ANALYTICS_ENABLED": "False",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
