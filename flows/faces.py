"""The editable faces of a workspace (``cycle.toml``, ``units.csv``, a catalogue folder) written anew from what the series recorded.

Only what is missing is written: what a city has edited since stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from archive_schema import canonical
from archive_schema import catalogue as catalogues
from archive_schema import cycle as cycles
from archive_schema import units as unit_tables
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.errors import DataError, IntegrityError, InternalError, UsageError
from archive_schema.units import UnitTable
from flows import replacing
from flows.places import Workspace, load_catalogue, load_units
from storage import keys
from storage.archive import Archive

T = TypeVar("T")

_HEAD = "# 测评周期与设置,由存储中的记录重建。改动后,下一次收件会记入归档清单,并按新设置重新判断。\n\n"


def write_missing(workspace: Workspace, archive: Archive) -> list[str]:
    """Write what is missing; the files written, relative to the workspace. ``cycle.toml`` comes last, so that it can be repeated.

    :raises UsageError: the series records no configuration. :raises IntegrityError: a configuration object is damaged.
    """
    wanted = not workspace.cycle_file.is_file()
    recorded = archive.index.config()
    if not recorded.keys() >= {"cycle", "settings", "catalogue", "units"}:
        if wanted:
            raise UsageError(
                "the series records no configuration",
                zh=f"周期“{archive.cycle}”的清单里没有设置和目录的记录",
                code="restore.no-config",
                hint="请用 dangan init 建工作区,再把 dangan.toml 的 store 指向它",
            )
        return []
    written = []
    if wanted:
        cycle, settings = (
            _object(archive, recorded["cycle"], Cycle),
            _object(archive, recorded["settings"], Settings),
        )
    else:
        cycle, settings = cycles.load(workspace.cycle_file)
    catalogue = _object(archive, recorded["catalogue"], Catalogue)
    named, folder = _catalogue(workspace, cycle, catalogue, renameable=wanted)
    if folder:
        written.append(folder)
    units = _object(archive, recorded["units"], UnitTable)
    if not workspace.units_file.is_file() and load_units(workspace, catalogue) != units:
        replacing.file(workspace.units_file, "\ufeff" + unit_tables.write_csv(units))
        written.append(workspace.units_file.name)
    if wanted:
        replacing.file(workspace.cycle_file, _HEAD + cycles.render(named, settings))
        written.append(workspace.cycle_file.name)
    return written


def _object(archive: Archive, digest: str, shape: type[T]) -> T:
    key = keys.config_key(digest)
    data = archive.store.get(key)
    if canonical.sha256(data) != digest:
        raise IntegrityError(
            f"{key} is not {digest}",
            zh=f"存储中的设置对象 {key} 已损坏",
            code="restore.damaged",
            path=key,
            hint="请从第二副本恢复该对象后重试",
        )
    return msgspec.json.decode(data, type=shape)


def _catalogue(workspace: Workspace, cycle: Cycle, recorded: Catalogue, *, renameable: bool) -> tuple[Cycle, str]:
    """The cycle, naming a catalogue that can be loaded, and the folder that was written for it ("" = none).

    :param renameable: the cycle may name another folder; then what is loaded is what was recorded.
    """
    try:
        loaded = load_catalogue(workspace, cycle)
    except DataError:
        loaded = None
    if loaded is not None and (loaded == recorded or not renameable):
        return cycle, ""
    own = Path(cycle.catalogue)
    inside = bool(own.parts) and not own.is_absolute() and ".." not in own.parts
    name = cycle.catalogue
    if not inside or (workspace.path / name).exists():
        if not renameable:
            load_catalogue(workspace, cycle)  # says what is wrong with it
        plain = re.fullmatch(r"\w[\w.-]*", recorded.head.id)
        name = f"catalogue/{recorded.head.id if plain else 'recorded'}"
        if (workspace.path / name).exists():
            name += f"-{canonical.digest(recorded)[:8]}"
    replacing.folder(workspace.path / name, catalogues.files(recorded))
    named = msgspec.structs.replace(cycle, catalogue=name)
    if load_catalogue(workspace, named) != recorded:
        raise InternalError(
            f"{name} does not read back as it was recorded",
            zh=f"写出的目录 {name} 与存储中记录的不同",
            code="restore.catalogue",
            path=name,
            hint="可能由另一版本的程序记录;请用那个版本恢复",
        )
    return named, name
