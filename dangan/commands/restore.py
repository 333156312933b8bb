"""``dangan restore``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, refuse_kept, workspace, workspace_option

if TYPE_CHECKING:
    from flows.places import Workspace


@click.command("restore")
@workspace_option
@click.argument("directory", required=False, metavar="[目录]", type=click.Path(file_okay=False, path_type=Path))
@click.option("--store", default=None, metavar="地址", help="存储在哪里(没有 dangan.toml 时):folder:文件夹 或 s3://桶/前缀。")
@click.option("--index", default=None, metavar="地址", help="索引建在哪里(没有 dangan.toml 时):文件,或数据库地址。")
@click.option("--cycle", default=None, metavar="名称", help="恢复哪个周期(存储里有几个时)。")
@click.option("--take-over", is_flag=True, help="今后由本索引写入(原来的索引确已不用时)。")
@format_option("text", "json")
def command(directory: Path | None, store: str | None, index: str | None, cycle: str | None, take_over: bool, fmt: str) -> None:
    """由存储重建索引、设置和报告。

    只要存储还在,别的都可以重建:索引、dangan.toml、cycle.toml、单位表、目录、覆盖情况报告。已有的文件不改动。
    存储可以是第二副本,或者把桶原样下载成的文件夹。重建后的状态摘要应与先前相同。

    例: dangan restore 新工作区 --store folder:/备份/档案 --take-over
    """
    from archive_schema import cycle as cycles
    from archive_schema.errors import DanganError
    from dangan.folders import make_folders
    from flows.places import load_catalogue, load_units
    from flows.restore import restore
    from reports import anchor, as_json

    place, made = _place(directory, store, index)
    try:
        result = restore(place, cycle=cycle, take_over=take_over)
    except DanganError:  # so that another try may name another store
        for name in made:
            (place.path / name).unlink()
        raise
    make_folders(place, load_units(place, load_catalogue(place, cycles.load(place.cycle_file)[0])))
    if fmt == "json":
        emit(as_json.encode(result), None)
        return
    click.echo(f"索引已重建: 材料 {result.evidence} 份,来件 {result.sources} 件,审核意见 {result.decisions} 条")
    if made or result.written:
        click.echo(f"已重建文件: {'、'.join([*made, *result.written])}")
    click.echo(f"清单之首 {anchor.shown(result.head, result.records)}\n状态摘要 {result.state_digest}")
    click.echo(f"覆盖情况报告在 {place.path / 'reports'}")
    if not result.writer:
        click.echo("本索引只能读: 写入的是另一个索引。原索引确已不用时,加 --take-over")


def _place(directory: Path | None, store: str | None, index: str | None) -> tuple[Workspace, list[str]]:
    """The workspace, its ``dangan.toml`` written when there was none, and what was written."""
    from archive_schema import toml
    from archive_schema.errors import UsageError
    from dangan import settings
    from dangan.commands.init import DANGAN_TOML, UNPROTECTED
    from flows import replacing
    from flows.places import FILE, Workspace
    from storage.factory import open_store

    if directory is None and not (store or index):
        return workspace(), []
    root = directory or Path(click.get_current_context().obj or ".")
    refuse_kept(root)
    file = root / FILE
    if file.is_file():
        there = settings.load(root)
        if (store or there.store, index or there.index) != (there.store, there.index):
            raise UsageError(
                f"{file} exists",
                zh=f"{file} 已写明存储和索引在哪里",
                code="restore.settings",
                hint="请改其中的 store、index,不用 --store、--index;或恢复到一个空文件夹",
            )
        return there, []  # the same again, as after a run that was cut off
    usual = Workspace(root=str(root))
    place = Workspace(root=str(root), store=store or os.environ.get("DANGAN_STORE") or usual.store, index=index or usual.index)
    open_store(place.store, base=root, must_exist=True)  # before anything is written
    replacing.file(file, DANGAN_TOML.format(store=toml.text(place.store), index=toml.text(place.index), protection=UNPROTECTED))
    return settings.load(root), [file.name]
