"""``dangan export``."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, opened, workspace_option

if TYPE_CHECKING:
    from flows.workspace import Opened

#: reason → Chinese, for the summary
REASONS = {
    "in_review": "待复核",
    "unusable": "不可用",
    "superseded": "已被取代",
    "withdrawn": "已撤回",
    "destroyed": "依决定销毁",
    "rejected": "归类已否定",
    "returned": "已退回",
    "unplaced": "未归类",
    "auxiliary": "附属文件",
    "secret": "疑似涉密",
    "not_asked": "目录不要求",
    "too_large": "超过大小上限",
    "damaged": "存储中已损坏",
}


@click.command("export")
@workspace_option
@click.argument("directory", metavar="目录", type=click.Path(path_type=Path))
@click.option("--items", multiple=True, metavar="编号", help="只导出这些标准;可写多次,或用逗号隔开。")
@click.option("--unit", default=None, metavar="单位", help="只导出这个单位送来的。")
@click.option(
    "--all", "everything", is_flag=True, help="待复核、不可用、已被取代的也导出(默认只导出可用的);疑似涉密的从不导出。"
)
@click.option("--max-bytes", default=None, metavar="大小", help="每件的上限,如 2000000 或 2M;超过的列入未列入清单,不压缩。")
@click.option("--upload-layout", is_flag=True, help="不分文件夹,按上报系统的命名:Ⅲ18-1)_规范文件_01_标题。")
@format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    directory: Path,
    items: tuple[str, ...],
    unit: str | None,
    everything: bool,
    max_bytes: str | None,
    upload_layout: bool,
    fmt: str,
) -> None:
    """导出:按项目、指标、内容、标准分文件夹,附卷内目录和校验清单。

    文件一个字节都不改,复制时逐个核对摘要。卷内目录(电子表格)写明题名、文号、页数、摘要值;没有导出的另列一表并说明原因。
    同一个档案库导出的校验清单逐字节相同。一份材料归入两项的,两处都有。存储中有损坏的,退出码为 1。

    例: dangan export 迎检材料 --max-bytes 2M
    """
    from flows.export import export
    from reports import anchor, as_json

    limit = parse_size(max_bytes)
    with opened(read_only=True) as o:
        wanted = item_ids(o, items)
        result = export(
            o,
            directory,
            items=wanted,
            unit=o.units.called(unit) if unit is not None else None,
            everything=everything,
            max_bytes=limit,
            upload_layout=upload_layout,
        )
    if fmt == "json":
        emit(as_json.encode(result), None)
    else:
        click.echo(f"已导出 {len(result.files)} 件到 {result.folder}(清单之首 {anchor.shown(result.head, result.records)})")
        counts = Counter(x.reason for x in result.left_out)
        parts = "、".join(f"{REASONS[k]} {n}" for k, n in counts.items())
        click.echo(f"未列入 {len(result.left_out)} 件" + (f": {parts};见卷内目录的“未列入”表" if parts else ""))
        for key in result.damaged:
            click.echo(f"存储中已损坏: {key};请运行 dangan audit")
    if result.damaged:
        ctx.exit(1)


def parse_size(text: str | None) -> int | None:
    """``2000000``, ``500K``, ``2M``, ``1G`` in bytes."""
    from archive_schema.errors import UsageError

    if text is None:
        return None
    m = re.fullmatch(r"(\d+)\s*([kmg]?)b?", text.strip().lower())
    if m is None or not int(m[1]):
        raise UsageError(f"not a size: {text}", zh=f"“{text}”不是大小", code="export.size", hint="应如 2000000、500K、2M")
    factor: int = 1024 ** ("", "k", "m", "g").index(m[2])
    return int(m[1]) * factor


def item_ids(o: Opened, texts: tuple[str, ...]) -> set[str] | None:
    from archive_schema.errors import UsageError
    from flows.acts import item_id

    named = [part.strip() for text in texts for part in re.split("[,\uff0c、;\uff1b\\s]", text) if part.strip()]
    ids = {item_id(o, n) for n in named}
    unknown = sorted(i for i in ids if i not in o.catalogue.by_id)
    if unknown:
        raise UsageError(
            f"unknown items {unknown}",
            zh=f"目录中没有标准“{'、'.join(unknown)}”",
            code="export.item",
            hint="用 dangan catalogue show 查看编号",
        )
    if texts and not ids:
        raise UsageError(
            "--items names nothing", zh="--items 没有写标准的编号", code="export.items-empty", hint="都要导出的,不写 --items"
        )
    return ids or None
