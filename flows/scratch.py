"""Folders for passing files, below the workspace: each process has its own, and what a killed one left is swept by the next."""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive_schema.errors import InternalError, UnavailableError
from flows.places import Workspace
from storage import disk, process

#: seconds after which a folder of which nobody can be asked counts as left behind
_OLD = 24 * 3600


@contextmanager
def scratch(workspace: Workspace) -> Iterator[Path]:
    """An empty folder, removed at the end; so is what processes that are gone left beside it.

    :raises UnavailableError: (``scratch.unavailable``, ``scratch.full``) it cannot be made.
    """
    above = workspace.scratch
    try:
        sweep(workspace)
        above.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{process.owner()}.", dir=above))
    except OSError as e:
        raise unavailable(above, e) from e
    try:
        yield folder
    except InternalError as e:  # a reader that could not write is not broken
        if disk.has_no_room(above):
            raise unavailable(above, OSError(errno.ENOSPC, "no space left")) from e
        raise
    except OSError as e:
        if isinstance(e.filename, str) and Path(e.filename).is_relative_to(above):
            raise unavailable(above, e) from e
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(above)


def sweep(workspace: Workspace) -> None:
    """Remove what processes that are gone left; nothing is raised for what cannot be removed."""
    above = workspace.scratch
    if not above.is_dir():
        return
    for left in above.iterdir():
        with suppress(OSError):  # swept by another process at this moment
            lives = process.owner_alive(left.name)
            if lives is None and time.time() - left.stat().st_mtime <= _OLD:
                continue
            if not lives:
                shutil.rmtree(left, ignore_errors=True)
    _remove_empty(above)


def unavailable(place: Path, e: OSError) -> UnavailableError:
    full, (why, what) = disk.is_full(e), disk.explained(e)
    return UnavailableError(
        f"{place}: {e}",
        zh=f"临时文件夹 {place} {why}",
        code="scratch.full" if full else "scratch.unavailable",
        path=str(place),
        hint=f"已存档的不受影响;{what},然后再运行一次,会接着做完",
    )


def _remove_empty(above: Path) -> None:
    with suppress(OSError):  # another process has a folder in it
        above.rmdir()
