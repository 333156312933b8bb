"""ClamAV, where it is installed: the running service (``clamdscan``), else the program that loads its signatures each time."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from archive_schema.errors import system_said

ABSENT = "没有查毒: 本机没有 ClamAV(clamdscan 或 clamscan),病毒未检"
#: what either program is asked: only the infected ones, one line each
_COMMON = ("--stdout", "--infected", "--no-summary")
_PROGRAMS = {"clamdscan": ("--fdpass",), "clamscan": ()}
_FOUND = " FOUND"


class ScanFailed(Exception):
    """The scanner did not do its work; the message is Chinese."""


def scanner() -> str | None:
    """The program to use, or None."""
    return next((p for p in _PROGRAMS if shutil.which(p)), None)


def scan(program: str, paths: Sequence[Path], scratch: Path) -> dict[str, str]:
    """path → name of what was found in it. The files are not changed.

    :raises ScanFailed: the service is down, or the program could not read a file.
    """
    names = scratch / "clamav-files"
    names.write_text("".join(f"{p}\n" for p in paths), "utf-8")
    command = [program, *_COMMON, *_PROGRAMS[program], f"--file-list={names}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as e:
        raise ScanFailed(f"{program} 启动不了({system_said(e)}),病毒未检") from e
    finally:
        names.unlink(missing_ok=True)
    if done.returncode not in (0, 1):
        if program != "clamscan" and shutil.which("clamscan"):
            return scan("clamscan", paths, scratch)
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ScanFailed(f"{program} 出错({said[-1][:200] if said else f'退出码 {done.returncode}'}),病毒未检")
    hits = (line.removesuffix(_FOUND).rpartition(": ") for line in done.stdout.splitlines() if line.endswith(_FOUND))
    return {path: signature for path, _, signature in hits}
