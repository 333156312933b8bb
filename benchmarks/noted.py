"""``python -m benchmarks.noted FILE WORDS…``: the command ``dangan WORDS…``, its peak resident memory written to FILE in bytes."""

from __future__ import annotations

import sys
from pathlib import Path


def peak() -> int:
    """Highest resident size of this process so far, in bytes.

    From /proc: ``ru_maxrss`` of a process counts what its parent held when it was started.
    """
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def main(note: str, words: list[str]) -> int:
    from dangan.cli import run

    code = run(words)
    Path(note).write_text(str(peak()), "ascii")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
