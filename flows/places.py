"""Where things are: the workspace and what a city edits in it. Opens no store and no index, so it costs nothing to import."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, RequirementRule
from archive_schema.errors import DataError, UsageError
from archive_schema.protection import UNPROTECTED, Protection
from archive_schema.signature import UNSIGNED, Signing
from archive_schema.units import UnitTable
from classification.embedding import OFF, Embedding
from flows import replacing
from flows.notify import NOBODY, Notify
from intake import textual

FILE, CYCLE_FILE, UNITS_FILE = "dangan.toml", "cycle.toml", "units.csv"
#: what a city edits
FACES = (FILE, CYCLE_FILE, UNITS_FILE)
S3 = "s3://"
#: the password in the URL of a database
_PASSWORD = re.compile(r"(://[^/@:]*:)([^/]*)(@)")
_HIDDEN = "***"


class Workspace(msgspec.Struct, frozen=True):
    """What ``dangan.toml`` says: only where things are (a model among them), what the store shall guard them with, and who is told. Relative places are below ``root``."""

    root: str
    store: str = "folder:store"
    index: str = "index.sqlite"
    inbox: str = "inbox"
    zone: str = "Asia/Shanghai"
    protection: Protection = UNPROTECTED
    notify: Notify = NOBODY
    signing: Signing = UNSIGNED
    digests: tuple[str, ...] = ("sha256",)
    embedding: Embedding = OFF

    @property
    def path(self) -> Path:
        return Path(self.root)

    @property
    def sm3(self) -> bool:
        """Is SM3 computed beside SHA-256 (``archive_schema.sm3``)."""
        return "sm3" in self.digests

    @property
    def inbox_path(self) -> Path | None:
        """None where the inbox is no folder but a place on an S3 server, see ``flows.inbox``."""
        return None if self.inbox.startswith(S3) else (self.path / self.inbox).resolve()

    @property
    def store_path(self) -> Path | None:
        """None where the store is no folder."""
        from storage.factory import folder_of

        return folder_of(self.store, base=self.path)

    @property
    def index_path(self) -> Path | None:
        """None where the index is on a server."""
        return None if "://" in self.index else self.path / self.index

    @property
    def cycle_file(self) -> Path:
        return self.path / CYCLE_FILE

    @property
    def units_file(self) -> Path:
        return self.path / UNITS_FILE

    @property
    def scratch(self) -> Path:
        """For passing files, see ``flows.scratch``."""
        return self.path / ".scratch"


def around(place: Path) -> Iterator[Path]:
    """The workspaces that an absolute path is or lies in, there yet or not; the nearest first."""
    return (folder for folder in (place, *place.parents) if (folder / FILE).is_file())


def to_parameters(workspace: Workspace) -> dict[str, Any]:
    """The workspace as parameters of a flow, which Prefect stores and shows: without the password of the index.

    ``from_parameters`` takes the index from ``DANGAN_INDEX`` then: the caller sets it for the processes that run the flow.
    """
    return msgspec.to_builtins(msgspec.structs.replace(workspace, index=_PASSWORD.sub(f"\\1{_HIDDEN}\\3", workspace.index)))  # type: ignore[no-any-return]


def from_parameters(parameters: Mapping[str, Any], env: Mapping[str, str]) -> Workspace:
    """:raises UsageError: the password of the index is not told again by the environment."""
    workspace = msgspec.convert(parameters, Workspace)
    hidden = _PASSWORD.search(workspace.index)
    if hidden is None or hidden[2] != _HIDDEN:
        return workspace
    if not env.get("DANGAN_INDEX"):
        raise UsageError(
            "the parameters hold no password of the index, and DANGAN_INDEX is not set",
            zh="计划任务里不存索引的密码,环境变量 DANGAN_INDEX 也没有设置",
            code="index.password",
            hint="请在运行夜间作业的环境里设置 DANGAN_INDEX,或由 dangan serve 启动",
        )
    return msgspec.structs.replace(workspace, index=env["DANGAN_INDEX"])


def load_catalogue(workspace: Workspace, cycle: Cycle) -> Catalogue:
    """The cycle's catalogue: a folder below the workspace, or a shipped one by id.

    :raises DataError: not found, wrong, or a requirement of the cycle names an item that it does not hold.
    """
    catalogue = named_catalogue(workspace, cycle)
    for n, rule in unmet(cycle, catalogue):
        raise DataError(
            f"cycle.toml: requirement {n} names {_what(rule)}",
            zh=f"cycle.toml 第 {n} 个 [[requirement]]: 目录里没有“{_what(rule)}”",
            code="cycle.unknown-requirement",
            path=str(workspace.cycle_file),
            item=rule.item,
            hint="用 dangan catalogue show 查编号和材料类型",
        )
    return catalogue


def named_catalogue(workspace: Workspace, cycle: Cycle) -> Catalogue:
    """The same, whatever the requirements of the cycle name.

    :raises DataError: not found or wrong.
    """
    folder = replacing.standing(workspace.path / cycle.catalogue)
    return catalogues.load(folder if (folder / "catalogue.toml").is_file() else cycle.catalogue)


def unmet(cycle: Cycle, catalogue: Catalogue) -> Iterator[tuple[int, RequirementRule]]:
    """The requirements of a cycle, counted from 1, that name an item or a kind that a catalogue does not ask for."""
    for n, rule in enumerate(cycle.rules, 1):
        item = catalogue.by_id.get(rule.item)
        if item is None or (rule.kind is not None and rule.kind not in item.kinds):
            yield n, rule


def refuse_unmet(cycle: Cycle, catalogue: Catalogue) -> None:
    """Before a catalogue is put in use.

    :raises DataError: naming every requirement of the cycle that it would leave without its item.
    """
    left = [f"cycle.toml 第 {n} 个 [[requirement]]: 新目录里没有“{_what(r)}”" for n, r in unmet(cycle, catalogue)]
    if left:
        raise DataError(
            f"{len(left)} requirements of the cycle are not in the catalogue",
            zh=f"cycle.toml 有 {len(left)} 处与新目录不符",
            code="cycle.unknown-requirement",
            hint="请先在 cycle.toml 里改正或删去这些 [[requirement]];没有任何改动被写入",
            problems=tuple(left),
        )


def _what(rule: RequirementRule) -> str:
    return f"{rule.item} {rule.kind or ''}".strip()


def load_units(workspace: Workspace, catalogue: Catalogue) -> UnitTable:
    """``units.csv`` of the workspace, else what the catalogue implies.

    :raises DataError: the table is wrong.
    """
    if workspace.units_file.is_file():
        return read_units_csv(workspace.units_file)
    return unit_tables.from_references(r for i in catalogue.items for r in i.units)


def read_units_csv(file: Path) -> UnitTable:
    """:raises DataError: unreadable, or faults in it, each naming row and column."""
    return unit_tables.read_csv(units_csv(file), origin=str(file))


def units_csv(file: Path) -> str:
    """The text of a units table as editors and spreadsheets save it, Excel in GBK where Windows speaks Chinese.

    :raises DataError: unreadable.
    """
    try:
        decoded = textual.decode(file.read_bytes())
    except OSError as e:
        raise DataError(
            f"{file}: {e}", zh=f"读不了 {file}", code="units.unreadable", path=str(file), hint="请检查文件和权限"
        ) from e
    if decoded is None or "\ufffd" in decoded[0]:
        raise DataError(
            f"{file}: unknown encoding",
            zh=f"看不出 {file} 的编码,或文件已损坏",
            code="units.encoding",
            path=str(file),
            hint="请另存为“CSV UTF-8”后重试",
        )
    return decoded[0]
