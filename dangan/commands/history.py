"""``dangan history``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, opened, output_option, workspace_option


@click.command("history")
@workspace_option
@click.argument("subject", metavar="材料|编号")
@format_option("text", "json", "csv")
@output_option
def command(subject: str, fmt: str, output: str | None) -> None:
    """经过:一份材料或一项标准,何时、由谁、做过什么。

    材料写 SHA-256 的前几位(至少 6 位)或 单位/路径,标准写编号。收件、计算摘要、认定格式、检查、归入、意见、撤回、销毁、
    核对字节,逐条列出时间、结果、程序和版本或经办人;被隔离的文件也可按路径查。

    例: dangan history III18-1
    """
    from flows.history import history
    from reports import as_json, history_text, tables

    with opened(read_only=True) as o:
        found = history(o, subject)
        zone = o.workspace.zone
    if fmt == "json":
        emit(as_json.encode(found), output)
    elif fmt == "csv":
        emit(tables.csv_table(*history_text.rows(found, zone=zone)), output)
    else:
        emit(history_text.render(found, zone=zone), output)
