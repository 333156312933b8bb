"""``dangan withdraw``: the same act as ``dangan review withdraw``, as a verb of its own, and the only one that can destroy."""

from __future__ import annotations

from typing import Any

import click

from dangan.cli import one_line, opened
from dangan.commands.review import act, record


@click.command("withdraw")
@act(files=True)
@click.option("--basis", default=None, metavar="依据", help="依据的文件或指示(销毁时必写)。")
@click.option("--destroy", is_flag=True, help="并销毁存储中的字节和读出的文字;不能撤销。")
def command(fmt: str, destroy: bool, **kw: Any) -> None:
    """撤回误送的文件,使其不再计入;或依决定销毁。

    撤回后存储的字节保留,清单里写明谁、何时、为何撤回;可用 dangan review undo 恢复。
    加 --destroy 则删除字节和读出的文字,清单里留下摘要、大小、何人、何时、依据;别的单位或周期也持有的不能销毁。
    收件箱里的文件和第二副本不在此列:前者请责任单位移走,后者在下一次 dangan copy 时删去。

    例: dangan withdraw 3fa1b2c4d5e6 --by 张三 --reason 误送了别市的材料
    """
    record("withdraw", fmt=fmt, destroy=destroy, **kw)
    if not destroy or fmt != "text":
        return
    from flows.decide import find_file
    from flows.destroy import members

    click.echo("已从存储中删除;请责任单位移走收件箱里的文件,并运行 dangan copy 更新第二副本")
    with opened(read_only=True) as o:
        left = members(o, {find_file(o, f)[0] for f in kw["files"]})
    for s in left:
        click.echo(one_line(f"由它取出、仍在存档: {s.unit}/{s.path}({s.sha256[:12]});须销毁的请再运行一次"))
