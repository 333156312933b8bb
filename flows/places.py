"""Where things are: the workspace and what a city edits in it. Opens no store and no index, so it costs nothing to import."""

from __future__ import annotations

from pathlib import Path

import msgspec

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle
from archive_schema.errors import DataError
from archive_schema.units import UnitTable

UNITS_FILE = "units.csv"


class Workspace(msgspec.Struct, frozen=True):
    """What ``dangan.toml`` says: only where things are. Relative places are below ``root``."""

    root: str
    store: str = "folder:store"
    index: str = "index.sqlite"
    inbox: str = "inbox"
    zone: str = "Asia/Shanghai"

    @property
    def path(self) -> Path:
        return Path(self.root)

    @property
    def inbox_path(self) -> Path:
        return (self.path / self.inbox).resolve()

    @property
    def cycle_file(self) -> Path:
        return self.path / "cycle.toml"

    @property
    def units_file(self) -> Path:
        return self.path / UNITS_FILE

    @property
    def scratch(self) -> Path:
        """For members of archives while they are read; emptied by every run."""
        return self.path / ".scratch"


def load_catalogue(workspace: Workspace, cycle: Cycle) -> Catalogue:
    """The cycle's catalogue: a folder below the workspace, or a shipped one by id.

    :raises DataError: not found, wrong, or a requirement of the cycle names an item that it does not hold.
    """
    folder = workspace.path / cycle.catalogue
    catalogue = catalogues.load(folder if (folder / "catalogue.toml").is_file() else cycle.catalogue)
    for n, rule in enumerate(cycle.rules, 1):
        item = catalogue.by_id.get(rule.item)
        if item is None or (rule.kind is not None and rule.kind not in item.kinds):
            what = f"{rule.item} {rule.kind or ''}".strip()
            raise DataError(
                f"cycle.toml: requirement {n} names {what}",
                zh=f"cycle.toml 第 {n} 个 [[requirement]]: 目录里没有“{what}”",
                code="cycle.unknown-requirement",
                path=str(workspace.cycle_file),
                item=rule.item,
                hint="用 dangan catalogue show 查编号和材料类型",
            )
    return catalogue


def load_units(workspace: Workspace, catalogue: Catalogue) -> UnitTable:
    """``units.csv`` of the workspace, else what the catalogue implies.

    :raises DataError: the table is wrong.
    """
    if workspace.units_file.is_file():
        text = workspace.units_file.read_text("utf-8-sig")
        return unit_tables.read_csv(text, origin=str(workspace.units_file))
    return unit_tables.from_references(r for i in catalogue.items for r in i.units)
