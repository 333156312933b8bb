"""``dangan doctor``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, workspace, workspace_option


@click.command("doctor")
@workspace_option
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, fmt: str) -> None:
    """体检:存储、索引、环境是否正常。

    有一项不正常时退出码为 3;未检的不算正常也不算异常。
    """
    from flows.doctor import doctor
    from reports import as_json

    probes = doctor(workspace())
    if fmt == "json":
        emit(as_json.encode(probes), None)
    else:
        sign = {True: "✓", False: "✕", None: "未检"}
        for p in probes:
            click.echo(f"{sign[p.ok]} {p.name}: {p.text}")
    if any(p.ok is False for p in probes):
        ctx.exit(3)
