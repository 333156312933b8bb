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

    例: dangan inspect inbox/市文明办/红黑榜通知.pdf
    """
    from flows.inspect import Basis, inspect
    from reports import as_json, inspect_text
    from validators import checks

    place = workspace_or_default()
    inbox = place.workspace.inbox_path if place.workspace else None
    settings = place.settings
    if ocr is not None:
        settings = msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, ocr=ocr))
    found = inspect(files, Basis(place.catalogue, place.units, place.cycle, settings, inbox))
    if fmt == "json":
        emit(as_json.encode(found), output)
    else:
        names = {c.code: c.name for c in checks.load().checks}
        emit(inspect_text.render(found, checks=names, color=output is None and sys.stdout.isatty()), output)
