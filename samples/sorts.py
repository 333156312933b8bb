"""The register of sorts of bad files: what each is, and what a reader should say of it.

``disposition`` is the accounting of law 2 for a file met for the first time: NEW = archived, with a finding where
``state`` or ``facts`` call for one. A quarantined or waiting file is not read, so its ``state`` is None.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.words import Disposition, ReadState


class Sort(msgspec.Struct, frozen=True):
    """One sort of file.

    file        its usual name; ``named`` says that the name is the point and must be kept
    about       what it is, in Chinese
    media_type  what it truly is; "" = nobody can tell, or the program need not
    state       what a reader should come back with; None = never read, or up to the reader
    facts       facts that a reader should find, with their values (True = any value)
    """

    name: str
    file: str
    about: str
    media_type: str
    disposition: Disposition
    state: ReadState | None
    make: Callable[[Path], Any]
    named: bool = False
    facts: dict[str, Any] = {}

    @property
    def suffix(self) -> str:
        return self.file[self.file.rfind(".") :]


SORTS: dict[str, Sort] = {}


def produce(name: str, into: Path, file: str = "") -> Path:
    """Write the file of sort ``name`` into the folder ``into``, under its usual name or ``file``.

    :raises KeyError: no such sort.
    :raises ValueError: another name for a sort whose name is the point.
    """
    sort = SORTS[name]
    if file and file != sort.file and sort.named:
        raise ValueError(f"{name} keeps its name")
    target = into / (file or sort.file)
    sort.make(target)
    return target


def sort(
    file: str,
    about: str,
    media_type: str,
    disposition: Disposition = Disposition.NEW,
    state: ReadState | None = None,
    *,
    named: bool = False,
    **facts: Any,
) -> Callable[[Callable[[Path], Any]], Callable[[Path], Any]]:
    def register(make: Callable[[Path], Any]) -> Callable[[Path], Any]:
        name = make.__name__
        SORTS[name] = Sort(name, file, about, media_type, disposition, state, make, named, facts)
        return make

    return register
