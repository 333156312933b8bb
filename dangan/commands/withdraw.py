"""``dangan withdraw``, which is ``dangan review withdraw`` as well: no longer counted, or destroyed by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dangan.cli import one_line, opened
from dangan.commands.acts import act, record

if TYPE_CHECKING:
    from flows.mentions import Reports


@click.command("withdraw")
@act(files=True)
@click.option("--basis", default=None, metavar="依据", help="依据的文件或指示(销毁时必写)。")
@click.option("--destroy", is_flag=True, help="并销毁存储中的字节和读出的文字;不能撤销。")
def command(fmt: str, destroy: bool, **kw: Any) -> None:
    """撤回误送的文件,使其不再计入;或依决定销毁。

    撤回后存储的字节保留,清单里写明谁、何时、为何撤回;可用 dangan review undo 恢复。
    撤回压缩包或文档,由它取出的文件和图片一并不再计入;另外也单独送来过的不受影响。销毁只销毁这一个文件。
    加 --destroy 则删除字节、读出的文字和检查时留下的数据,重写或删去 reports/ 里提到它的报告;
    清单里留下摘要、大小、何人、何时、依据。别的单位或周期也持有的,须先由它们撤回。
    收件箱里的文件、第二副本和另存到别处的报告不在此列: 请责任单位移走收件箱里的,运行 dangan copy 更新副本。

    dangan withdraw 与 dangan review withdraw 是同一个命令。

    例: dangan withdraw 3fa1b2c4d5e6 --by 张三 --reason 误送了别市的材料
    """
    if not destroy:
        record("withdraw", fmt=fmt, **kw)
        return
    from archive_schema.text import place
    from flows import mentions
    from flows.decide import find_file
    from flows.destroy import kept, members

    with opened(read_only=True) as o:
        shas = {find_file(o, f)[0] for f in kw["files"]}
        names = mentions.names(o, shas)
    record("withdraw", fmt=fmt, destroy=True, **kw)
    with opened() as o:
        reports = mentions.on_disk(o, names)
        left = members(o, shas)
        remaining = any(kept(o, sha) for sha in shas)
    if fmt != "text":
        return
    done = "没有全部从存储中删除(见上)" if remaining else "已从存储中删除"
    click.echo(f"{done};请责任单位移走收件箱里的文件,并运行 dangan copy 更新第二副本")
    _say_reports(reports)
    click.echo("归档清单只增不改: 先前各段里记下的要素(题名、文号、表格的名目和数字)仍在其中,不含全文")
    for s in left:
        click.echo(one_line(f"由它取出、仍在存档: {place(s.unit, s.path)}({s.sha256[:12]});须销毁的请再运行一次"))


def _say_reports(reports: Reports) -> None:
    if reports.rewritten:
        click.echo(one_line(f"已重写报告: {'、'.join(reports.rewritten)}"))
    for path, again in reports.removed:
        click.echo(one_line(f"已删除提到它的旧报告: {path}(需要时用 {again} 重出)"))
    for path in reports.naming:
        click.echo(one_line(f"仍提到它、不是本程序默认写出的文件,请自行处理: {path}"))
    click.echo("另存到别处的报告(-o)、导出的材料和发出的邮件可能还载有它的题名,请一并收回")
