"""``dangan audit``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, opened, output_option, workspace_option


@click.command("audit")
@workspace_option
@format_option("text", "json", "html")
@output_option
@click.option("--depth", type=click.Choice(["fast"]), default="fast", show_default=True, help="深度(本版只有 fast)。")
@click.option(
    "--only",
    type=click.Choice(["integrity", "completeness"]),
    default=None,
    help="只审完整性(integrity)或齐全性(completeness)。",
)
@click.option("--expect", default=None, metavar="SEQ:DIGEST", help="在别处记下的清单之首。")
@click.pass_context
def command(ctx: click.Context, fmt: str, output: str | None, depth: str, only: str | None, expect: str | None) -> None:
    """审计:存档是否齐全、未被改动。

    不改动任何对象、清单和意见,只写 reports/audit/。所查范围内有阻断问题时退出码为 1。

    例: dangan audit --only integrity
    """
    from flows.audit import audit
    from reports import as_json, audit_html, audit_text
    from validators.audit import blocking, meanings

    with opened(read_only=True, damaged=True) as o:
        result = audit(o, only=only, expect=expect)
        now, zone, name = o.now(), o.workspace.zone, o.cycle.name
    if fmt == "json":
        emit(as_json.encode(result), output)
    elif fmt == "html":
        emit(audit_html.render(result, generated_at=now, zone=zone, title=name, meanings=meanings()), output)
    else:
        emit(audit_text.render(result, meanings=meanings()), output)
    if blocking(result):
        ctx.exit(1)
