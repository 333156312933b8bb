"""``dangan digest``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, opened, output_option, workspace_option


@click.command("digest")
@workspace_option
@format_option("text", "json")
@output_option
@click.option("--send", is_flag=True, help="按工作区的邮件设置再发一次,并说明发出没有。")
@click.pass_context
def command(ctx: click.Context, fmt: str, output: str | None, send: bool) -> None:
    """简报:昨夜来了什么,覆盖有何变化,有没有要紧的事。

    疑似涉密和完整性问题排在最前;平安无事也有。夜间作业自动写到 reports/ 里;设了邮件或通知的,也发出去。
    发不出不影响夜间作业,下一次简报会说明。

    例: dangan digest
    """
    from flows import digest
    from reports import as_json, digest_text

    if send:
        _send(ctx)
        return
    with opened(read_only=True) as o:
        made = digest.digest(o)
        zone = o.workspace.zone
    emit(as_json.encode(made) if fmt == "json" else digest_text.render(made, zone=zone), output)


def _send(ctx: click.Context) -> None:
    """Send, and say what became of it; exit code 3 when the server did not take it."""
    from archive_schema.errors import UnavailableError, UsageError
    from flows import digest

    with opened() as o:
        if not o.workspace.notify.smtp:
            raise UsageError(
                "no mail server is configured",
                zh="工作区没有设邮件服务器",
                code="digest.no-mail",
                hint="在 dangan.toml 里加一段通知设置(见使用说明);通知服务的消息由夜间作业发送",
            )
        sent = digest.resend(o)
    for d in sent:
        if not d.ok:
            raise UnavailableError(
                f"not sent: {d.why}", zh=f"简报没有发出: {d.why}", code="digest.unsent", hint="请检查通知设置和网络后再试"
            )
    click.echo("简报已发出")
