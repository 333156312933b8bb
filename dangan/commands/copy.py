"""``dangan copy``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, one_line, opened, workspace_option

#: code → what it means of the key that stands before it
MEANINGS = {
    "copy.missing": "副本里没有",
    "copy.extra": "档案库里没有,副本里却有",
    "copy.not-destroyed": "已依决定销毁,副本里还在;再运行一次 dangan copy 会删去;副本被锁定的须等到期或解除",
    "copy.size": "大小不同",
    "copy.content": "内容不同,副本中的已损坏;请从副本删去它,再运行一次 dangan copy",
    "copy.behind": "副本较旧,再运行一次 dangan copy 会补上",
    "source.damaged": "档案库里的这个对象缺失或已损坏,没有复制;请运行 dangan audit",
}


@click.command("copy")
@workspace_option
@click.option("--to", "url", required=True, metavar="地址", help="副本放在哪里:folder:文件夹 或 s3://桶/前缀。")
@click.option("--check", is_flag=True, help="不复制,只比较副本与档案库。")
@click.option("--full", is_flag=True, help="并逐个读出副本的字节核对(慢)。")
@click.option("--derived/--no-derived", default=True, help="读出的文字和报告也带上(默认带)。")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, url: str, check: bool, full: bool, derived: bool, fmt: str) -> None:
    """复制:把整个档案库复制到第二处,逐个核对,只复制新增的。

    依决定销毁的,副本里也删去。有不一致时退出码为 1。由副本恢复用 dangan restore。

    例: dangan copy --to folder:/备份/档案
    """
    import msgspec

    from flows.copying import compare, copy
    from reports import as_json

    with opened(read_only=True) as o:
        result = compare(o, url, full=full) if check else copy(o, url, derived=derived)
        if full and not check:
            read = compare(o, url, full=True).differences
            result = msgspec.structs.replace(result, differences=[*result.differences, *read])
    if fmt == "json":
        emit(as_json.encode(result), None)
    else:
        done = f"复制 {result.copied} 个对象({result.bytes} 字节),原有 {result.kept} 个,删去 {result.deleted} 个"
        click.echo(result.url if check else f"{result.url}: {done}")
        for name, head in result.heads.items():
            click.echo(f"周期 {name} 的清单之首 {head}")
        for d in result.differences:
            click.echo(one_line(f"{d.key}: {MEANINGS[d.code]}(档案库 {d.here or '无'},副本 {d.there or '无'})"))
        if not result.differences:
            click.echo("副本与档案库一致" if check else "复制的都已核对")
    if result.differences:
        ctx.exit(1)
