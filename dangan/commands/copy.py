"""``dangan copy``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, one_line, opened, workspace_option

if TYPE_CHECKING:
    from archive_schema.copies import CopyDifference

#: code → what it means of the key that stands before it
MEANINGS = {
    "copy.missing": "副本里没有",
    "copy.extra": "档案库里没有,副本里却有",
    "copy.not-destroyed": "已依决定销毁,副本里还在;再运行一次 dangan copy 会删去;副本被锁定的须等到期或解除",
    "copy.size": "大小不同",
    "copy.content": "内容不同,副本中的已损坏;请从副本删去它,再运行一次 dangan copy",
    "copy.behind": "副本较旧,再运行一次 dangan copy 会补上",
    "source.damaged": "档案库里的这个对象缺失或已损坏,没有复制;请运行 dangan audit,副本里完好的可用 --from 补回",
    "repair.ready": "档案库里缺失或已被改动,副本里完好;加 --repair --by 姓名 补回",
    "repair.missing": "档案库里原来缺失,已由副本补回",
    "repair.altered": "档案库里的已被改动,已由副本换回;被改动的字节另存在存储的 quarantine 里,供查明",
    "repair.copy-missing": "档案库里缺失或已被改动,这个副本里也没有;请换一个副本,或请责任单位重新报送",
    "repair.copy-damaged": "档案库里缺失或已被改动,这个副本里的也不对,没有用它;请换一个副本",
}


@click.command("copy")
@workspace_option
@click.option("--to", default=None, metavar="地址", help="副本放在哪里:folder:文件夹 或 s3://桶/前缀。")
@click.option("--check", is_flag=True, help="不复制,只比较副本与档案库。")
@click.option("--full", is_flag=True, help="并逐个读出副本的字节核对;和 --from 一起用时,逐个读出档案库的(慢)。")
@click.option("--derived/--no-derived", default=True, help="读出的文字和报告也带上(默认带)。")
@click.option("--from", "source", default=None, metavar="地址", help="反过来:列出档案库里缺失、被改动而这个副本里完好的文件。")
@click.option("--repair", is_flag=True, help="和 --from 一起用:把它们补回档案库。")
@click.option("--by", default="", metavar="姓名", help="补回的经办人,记入清单。")
@format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    to: str | None,
    check: bool,
    full: bool,
    derived: bool,
    source: str | None,
    repair: bool,
    by: str,
    fmt: str,
) -> None:
    """复制:把整个档案库复制到第二处,逐个核对,只复制新增的。

    依决定销毁的,副本里也删去。有不一致时退出码为 1。整个档案库由副本恢复用 dangan restore。

    个别文件缺失或被改动的,用 --from 由副本补回: 先列出,加 --repair --by 姓名 才写入。
    只补回摘要值相符的;被改动的字节另存备查;依决定销毁的不会回来;副本不改动。
    查看范围是缺失的、大小不符的和上次审计发现的;加 --full 则逐个读出核对。还有没补回的,退出码为 1。

    例: dangan copy --to folder:/备份/档案

    例: dangan copy --from folder:/备份/档案 --repair --by 张三
    """
    if (to is None) == (source is None):
        raise click.UsageError("请写明 --to(复制到哪里)或 --from(由哪个副本补回),二者选一")
    if source is not None:
        if check or not derived:
            raise click.UsageError("--check 和 --no-derived 只和 --to 一起用;--from 不加 --repair 就只列出")
        if repair != bool(by.strip()):
            raise click.UsageError("--repair 和 --by 姓名 要一起写: 谁补回的要记入清单")
        _back(ctx, source, by.strip(), full, fmt)
        return
    if repair or by:
        raise click.UsageError("--repair 和 --by 只和 --from 一起用")
    assert to is not None
    _copy(ctx, to, check, full, derived, fmt)


def _copy(ctx: click.Context, url: str, check: bool, full: bool, derived: bool, fmt: str) -> None:
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
        _say(result.differences)
        if not result.differences:
            click.echo("副本与档案库一致" if check else "复制的都已核对")
    if result.differences:
        ctx.exit(1)


def _back(ctx: click.Context, url: str, by: str, full: bool, fmt: str) -> None:
    """:param by: "" = only list."""
    from flows.repairing import repair
    from reports import as_json

    with opened(read_only=not by) as o:
        result = repair(o, url, by=by, full=full)
    if fmt == "json":
        emit(as_json.encode(result), None)
    else:
        _say([*result.repaired, *result.differences])
        if result.repaired:
            done = f"补回 {result.copied} 个对象({result.bytes} 字节),已核对并记入清单"
            click.echo(f"{result.url}: {done};请再运行 dangan audit,并查明缘由")
        elif not result.differences:
            wider = "" if full else ";没有逐个读出字节,要读出请加 --full"
            click.echo(f"档案库里没有发现缺失或被改动的文件{wider}")
    if result.differences:
        ctx.exit(1)


def _say(differences: Sequence[CopyDifference]) -> None:
    for d in differences:
        click.echo(one_line(f"{d.key}: {MEANINGS[d.code]}(档案库 {d.here or '无'},副本 {d.there or '无'})"))
