"""``dangan reassess``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, opened, say_checking, workspace_option


@click.command("reassess")
@workspace_option
@click.option("--all", "everything", is_flag=True, help="全部重新判断(默认: 只判断规则、设置、目录改动所及的)。")
@format_option("text", "json")
def command(everything: bool, fmt: str) -> None:
    """按现行目录、规则和设置重新判断已存档的材料。

    人的审核意见不变。没有变化的不写入清单。

    例: dangan reassess --all
    """
    from flows.ingest import reassess
    from flows.semantics import caution
    from reports import as_json

    with opened() as o:
        result = reassess(o, everything=everything, checking=say_checking)
        note = caution(o.classifier, held=True)
    if note:
        click.echo(f"注意: {note}", err=True)
    if fmt == "json":
        emit(as_json.encode(result), None)
        return
    left = f",还有 {result.left} 份待以后各夜重新读取(--all 一次读完)" if result.left else ""
    click.echo(f"重新读取 {result.reread} 份,重新归类 {result.reclassified} 份,重新检查 {result.judged} 份{left}")
    if result.digested or result.undigested:
        more = f",还有 {result.undigested} 份没有(--all 一次补齐;存储中缺失或损坏的除外)" if result.undigested else ""
        click.echo(f"补算 SM3 {result.digested} 份{more}")
