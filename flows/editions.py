"""A city's own edition of the catalogue brought into its workspace, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from archive_schema import cycle as cycles
from archive_schema.catalogue import Catalogue, files
from archive_schema.coverage import Adrift
from archive_schema.errors import DataError, UsageError
from flows import replacing
from flows.adrift import adrift
from flows.places import Workspace, refuse_unmet
from flows.workspace import Opened


@dataclass(frozen=True)
class Brought:
    """``name``: by which ``cycle.toml`` names it. ``unnamed``: it was to, and nothing was found in it that would. ``in_use``: it does.
    ``adrift``: the decisions in force that it leaves without their standard, or with one that reads otherwise."""

    catalogue: Catalogue
    folder: Path
    name: str
    unnamed: bool
    in_use: bool
    adrift: tuple[Adrift, ...]


def bring(
    place: Workspace,
    catalogue: Catalogue,
    *,
    ident: str | None = None,
    use: bool,
    opening: Callable[[], AbstractContextManager[Opened]],
) -> Brought:
    """:param ident: the id to keep it under, in place of its own. :param use: the cycle is to name it.
    :param opening: opens the archive, which is asked only for a catalogue that is in use then.

    :raises UsageError: no id that could name a folder.
    :raises DataError: the cycle asks for what it does not hold; nothing was written.
    """
    if ident:
        catalogue = msgspec.structs.replace(catalogue, head=msgspec.structs.replace(catalogue.head, id=ident))
    own = catalogue.head.id
    if not re.fullmatch(r"[\w.-]+", own) or own.startswith("."):
        raise UsageError(f"bad id {own}", zh=f"目录编号“{own}”只能用字母、数字、-、_", code="catalogue.id")
    name = f"catalogue/{own}"
    folder = place.path / name
    cycle, _ = cycles.load(place.cycle_file)
    text = place.cycle_file.read_text("utf-8-sig")
    changed = _naming(text, name) if use else text
    after = cycle if changed is None else cycles.parse(changed)[0]
    in_use = (place.path / after.catalogue).resolve() == folder.resolve()
    left: tuple[Adrift, ...] = ()
    if in_use:  # all that can be wrong is found before anything is written
        refuse_unmet(after, catalogue)
        with opening() as o:
            left = adrift(o, catalogue)
    replacing.folder(folder, files(catalogue))
    if changed is not None and changed != text:
        replacing.file(place.cycle_file, changed)
    return Brought(catalogue, folder, name, changed is None, in_use, left)


def _naming(text: str, name: str) -> str | None:
    """``cycle.toml`` naming another catalogue, all else in it as it was; None = nothing found in it that would name one."""
    new, n = re.subn(r"""(?m)^(\s*catalogue\s*=\s*)("[^"\n]*"|'[^'\n]*')""", lambda m: f'{m[1]}"{name}"', text, count=1)
    try:
        return new if n and cycles.parse(new)[0].catalogue == name else None
    except DataError:
        return None
