"""``dangan ingest``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive_schema.cycle import OcrMode
from dangan.cli import emit, format_option, ocr_option, opened, say_checking, workspace_option

if TYPE_CHECKING:
    from flows.ingest import IngestResult


@click.command("ingest")
@workspace_option
@click.argument("paths", nargs=-1, metavar="[路径]...", type=click.Path(path_type=Path))
@format_option("text", "json")
@ocr_option
@click.option("--no-validation", is_flag=True, hidden=True, help="不运行 Great Expectations(只供测试比较)。")
def command(paths: tuple[Path, ...], fmt: str, ocr: OcrMode | None, no_validation: bool) -> None:
    """收件:把收件箱里的文件读入、归类、检查、存档。

    不写路径则收整个收件箱;路径须在收件箱之内(收件箱在 S3 上时写其下的名称,如 市文明办/通知.pdf)。坏文件不会中断收件,会写明坏在哪里、怎么办。
    可随时中断,再运行一次会接着做完;没有变化时什么都不写。
    dangan.toml 里写明了语义模型服务的,材料的标题会发送到那个地址(正文不发送);没有写的,什么都不发送。

    例: dangan ingest
    """
    from flows.ingest import ingest
    from flows.protecting import warnings
    from reports import as_json

    with opened() as o, _bar() as progress:
        for note in warnings(o):
            click.echo(f"注意: {note}", err=True)
        here = o.workspace.inbox_path is not None  # on an S3 server a path is the name below the inbox
        chosen = [p.parent.resolve() / p.name if here else p for p in paths]
        result = ingest(o, chosen, progress=progress, validation=not no_validation, checking=say_checking, ocr=ocr)
    for note in result.cautions:
        click.echo(f"注意: {note}", err=True)
    if fmt == "json":
        emit(as_json.encode(result.output), None)
    click.echo(said(result, color=fmt == "text" and sys.stdout.isatty()), err=fmt == "json")


def said(result: IngestResult, *, color: bool) -> str:
    """All that a person is told of a pass, here and by ``dangan serve --once``."""
    from reports import ingest_text

    return ingest_text.render(
        result.output,
        notes=result.notes,
        findings=result.findings,
        unknown_folders=result.unknown_folders,
        forms=result.forms,
        received=result.received,
        gone=result.gone,
        color=color,
    )


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("收件"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as p:
        task = p.add_task("收件", total=None)
        yield lambda done, total: p.update(task, completed=done, total=total)
