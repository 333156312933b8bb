"""``dangan withdraw``: the same act as ``dangan review withdraw``, as a verb of its own."""

from __future__ import annotations

from typing import Any

import click

from dangan.commands.review import act, record


@click.command("withdraw")
@act(files=True)
@click.option("--basis", default=None, metavar="依据", help="依据的文件或指示。")
def command(**kw: Any) -> None:
    """撤回误送的文件,使其不再计入。

    存储的字节保留,清单里写明谁、何时、为何撤回;可用 dangan review undo 恢复。

    例: dangan withdraw 3fa1b2c4d5e6 --by 张三 --reason 误送了别市的材料
    """
    record("withdraw", **kw)
