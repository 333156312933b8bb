"""``dangan restore``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, workspace, workspace_option


@click.command("restore")
@workspace_option
@click.option("--take-over", is_flag=True, help="今后由本索引写入(原来的索引确已不用时)。")
@format_option("text", "json")
def command(take_over: bool, fmt: str) -> None:
    """由存储重建索引。

    索引只是缓存:丢了、坏了,移走它再运行本命令。重建后的状态摘要应与先前相同。

    例: dangan restore --take-over
    """
    from flows.restore import restore
    from reports import as_json

    result = restore(workspace(), take_over=take_over)
    if fmt == "json":
        emit(as_json.encode(result), None)
        return
    click.echo(f"索引已重建: 材料 {result.evidence} 份,来件 {result.sources} 件,审核意见 {result.decisions} 条")
    click.echo(f"清单之首 {result.head or '(空)'}\n状态摘要 {result.state_digest}")
    if not result.writer:
        click.echo("本索引只能读: 写入的是另一个索引。原索引确已不用时,加 --take-over")
