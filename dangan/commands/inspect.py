"""``dangan inspect``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from archive_schema.cycle import OcrMode
from dangan.cli import emit, format_option, ocr_option, output_option, workspace_option, workspace_or_default


@click.command("inspect")
@workspace_option
@click.argument(
    "files", nargs=-1, required=True, metavar="文件...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@format_option("text", "json")
@ocr_option
@output_option
def command(files: tuple[Path, ...], fmt: str, ocr: OcrMode | None, output: str | None) -> None:
    """看一个文件会读出什么、归到哪里、有什么问题;不存档。

    收件箱里的文件连同责任单位、提交表和图片旁的说明一起看;压缩包里的文件逐个列出。不在工作区里时用自带的参考目录。
    dangan.toml 里写明了语义模型服务的,材料的标题会发送到那个地址(正文不发送);没有写的,什么都不发送。

    例: dangan inspect inbox/市文明办/红黑榜通知.pdf
    """
    from flows.inspect import Basis, inspect
    from flows.semantics import caution, semantics_of
    from reports import as_json, inspect_text
    from validators import checks

    place = workspace_or_default()
    inbox = place.workspace.inbox_path if place.workspace else None
    settings = place.settings
    if ocr is not None:
        settings = msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, ocr=ocr))
    semantics = semantics_of(place.workspace, place.catalogue) if place.workspace else None
    basis = Basis(place.catalogue, place.units, place.cycle, settings, inbox, semantics)
    found = inspect(files, basis)
    if note := caution(basis.classifier):
        click.echo(f"注意: {note}", err=True)
    if fmt == "json":
        emit(as_json.encode(found), output)
    else:
        names = {c.code: c.name for c in checks.load().checks}
        emit(inspect_text.render(found, checks=names, color=output is None and sys.stdout.isatty()), output)
