"""``python -m benchmarks.floors.walking INBOX INDEX``: which files of an inbox are not in a table of names, sizes and times."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator


def main(inbox: str, index: str) -> None:
    database = sqlite3.connect(index)
    known = {
        f"{f}/{p}": (size, mtime) for f, p, size, mtime in database.execute("SELECT folder, path, size, mtime_ns FROM source")
    }
    database.close()
    print(sum(known.get(path) != (st.st_size, st.st_mtime_ns) for path, st in _walk(inbox, "")))


def _walk(folder: str, above: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for e in entries:
            if e.is_dir(follow_symlinks=False):
                yield from _walk(e.path, f"{above}{e.name}/")
            else:
                yield above + e.name, e.stat(follow_symlinks=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
