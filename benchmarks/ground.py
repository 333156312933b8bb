"""What the benchmarks stand on: a corpus, and workspaces filled from it; each made once per run and shared."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path

import msgspec

from benchmarks import spent
from benchmarks.spent import Spent

#: documents of the corpus are of 2025 and 2026
WINDOW = "2025-01-01..2026-10-31"
#: files beyond the largest size, for what comes the next night
NEXT_NIGHT = 10
_NUMBER = re.compile(r"\((\d+)\)\.\w+$")


class Filled(msgspec.Struct, frozen=True):
    """A workspace after its first ingest, and what that took. ``size`` in bytes."""

    folder: Path
    files: int
    size: int
    spent: Spent


class Ground:
    """:param work: an empty folder on the disk to be measured.
    :param files: size of the corpus for the main ingest; others are half and twice that.
    :param folder: further hostile files, for the benchmark of that name.
    """

    def __init__(self, work: Path, files: int, folder: Path | None = None) -> None:
        self.work, self.files, self.folder = work, files, folder
        self.small, self.large = max(1, files // 2), files * 2
        self._filled: dict[tuple[int, bool], Filled] = {}

    @cached_property
    def corpus(self) -> list[Path]:
        """Every file in the order it was made; the beginning of a corpus has the same shares of forms as the whole."""
        folder = self.work / "corpus"
        spent.run(["-m", "samples", "corpus", str(folder), "--files", str(self.large + 2 * NEXT_NIGHT)])
        os.sync()  # else the first to be measured waits for these bytes too
        return sorted((p for p in folder.rglob("*.*") if p.is_file()), key=_number)

    def inbox(self, name: str, first: int, upto: int) -> Path:
        """A folder with files ``first`` to ``upto`` of the corpus; called again, it gets more."""
        folder = self.work / name
        self._link(folder, first, upto)
        return folder

    def fresh(self, name: str, files: int) -> Path:
        """A new workspace with the first ``files`` of the corpus in its inbox, nothing taken in."""
        folder = self.work / name
        spent.dangan("init", str(folder), "--cycle", "benchmark", "--window", WINDOW)
        self._link(folder / "inbox", 0, files)
        return folder

    def add(self, workspace: Path, first: int, upto: int) -> None:
        """Put further files into an inbox."""
        self._link(workspace / "inbox", first, upto)

    def filled(self, files: int, *, validation: bool = False) -> Filled:
        """A workspace with the first ``files`` taken in, measured; the same one whenever it is asked for again."""
        key = (files, validation)
        if key not in self._filled:
            folder = self.fresh(f"workspace-{files}{'-validated' if validation else ''}", files)
            self._filled[key] = Filled(folder, files, self.size(files), ingest(folder, files, validation=validation))
        return self._filled[key]

    def size(self, files: int) -> int:
        """Bytes of the first ``files``."""
        return sum(p.stat().st_size for p in self.corpus[:files])

    def _link(self, inbox: Path, first: int, upto: int) -> None:
        # hard links: an ingest never writes to what lies in an inbox
        top = self.work / "corpus"
        for path in self.corpus[first:upto]:
            target = inbox / path.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(path)


def ingest(workspace: Path, new: int, *, validation: bool) -> Spent:
    """``dangan ingest`` of a workspace.

    :raises RuntimeError: it did not take in exactly ``new`` files, so the figure would not mean what it says.
    """
    words = ["-C", str(workspace), "ingest", "--format", "json"]
    took = spent.dangan(*words, *([] if validation else ["--no-validation"]))
    answer = msgspec.json.decode(took.output)
    if answer["new"] != new:
        raise RuntimeError(f"{workspace}: {new} new files expected, the ingest says {answer}")
    return took


def _number(path: Path) -> int:
    found = _NUMBER.search(path.name)
    if found is None:
        raise RuntimeError(f"{path.name} is no file of the corpus")
    return int(found[1])
