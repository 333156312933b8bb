"""``dangan assignments``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, opened, workspace_option
from dangan.commands.acts import day_of

if TYPE_CHECKING:
    from archive_schema.outputs import AssignmentsOutput


@click.command("assignments")
@workspace_option
@click.argument("directory", metavar="目录", type=click.Path(path_type=Path, file_okay=False))
@click.option("--unit", default=None, metavar="单位", help="只出这个单位的;写的是有成员的单位(如各区)时,出各成员的。")
@click.option(
    "--due", default=None, metavar="日期", help="没有单独期限的事项,请于这天前办理,如 2026-12-10(默认: 写“未设期限”)。"
)
@click.option("--replace", is_flag=True, help="文件夹里已有内容不同的交办单时,覆盖它们(里面填的反馈会丢)。")
@format_option("text", "json")
def command(directory: Path, unit: str | None, due: str | None, replace: bool, fmt: str) -> None:
    """交办单:每个单位一份,写明缺什么、哪个文件怎么改、几时前办好。

    每个单位一份可打印签收的文档和一份可填反馈的电子表格,另有一张总表。只写本单位自己的文件和人;没有要办的写“全部齐备”。
    内容与覆盖情况一致。已有的交办单内容不同时不会覆盖。

    例: dangan assignments 交办单1122 --due 2026-12-10
    """
    from flows.handout import hand_out
    from reports import as_json

    day = day_of(due)
    with opened(read_only=True) as o:
        made = hand_out(o, directory, unit=unit, due=day, replace=replace)
        past = day is not None and day < o.today
    if past:
        click.echo(f"注意: --due {day} 在今天之前,没有单独期限的事项都写作逾期;写错了的,请改正后加 --replace 重出", err=True)
    emit(as_json.encode(made) if fmt == "json" else text(made), None)


def text(made: AssignmentsOutput) -> str:
    from reports import tables

    headers = ["单位", "待补齐", "配合", "逾期", "退回", "待改正", "待复核", "未检", "没有收进", "情况"]
    rows = [
        [
            u.unit,
            u.wanted,
            u.contributing,
            u.overdue,
            u.returned,
            u.mend,
            u.doubts,
            u.unchecked,
            u.kept_out,
            "全部齐备" if u.done else "有待办",
        ]
        for u in made.units
    ]
    lines = [f"已写 {len(made.units)} 个单位的交办单到 {made.folder}"]
    if made.index:
        lines.append(f"总表: {made.index}")
    for folder, n in made.unresolved.items():
        if folder:
            lines.append(
                f"没有交办: 文件夹“{folder}”里的 {n} 个文件对不上任何责任单位,请在单位表中加别名,或把文件移到正确的文件夹"
            )
        else:
            lines.append(f"没有交办: 直接放在收件箱里的 {n} 个文件不知是哪个单位的,请移到单位的文件夹")
    return "\n".join([tables.text_table(headers, rows), *lines]) + "\n"
