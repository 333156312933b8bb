"""``dangan doctor``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, one_line, workspace, workspace_option


@click.command("doctor")
@workspace_option
@format_option("text", "json")
@click.option("--no-record", is_flag=True, help="只看,不把结果记入清单。")
@click.option("--lock", is_flag=True, help="把已收存的原件和清单也按 dangan.toml 锁定(新收存的自动锁定)。")
@click.pass_context
def command(ctx: click.Context, fmt: str, no_record: bool, lock: bool) -> None:
    """体检:存储、索引、环境是否正常。

    有一项不正常时退出码为 3;未检的不算正常也不算异常。试写的东西都会删去,不留在存储里。
    结果与上次不同时记入归档清单,dangan.toml 里的保护(旧版本、锁定)由此证实后才生效。

    例: dangan doctor
    """
    from flows.doctor import doctor
    from reports import as_json

    probes = doctor(workspace(), keep=not no_record, lock=lock)
    if fmt == "json":
        emit(as_json.encode(probes), None)
    else:
        sign = {True: "✓", False: "✕", None: "未检"}
        for p in probes:
            click.echo(one_line(f"{sign[p.ok]} {p.name}: {p.text}"))
    if any(p.ok is False for p in probes):
        ctx.exit(3)
