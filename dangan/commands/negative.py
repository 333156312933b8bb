"""``dangan negative``: the register of 负面清单, entered by hand."""

from __future__ import annotations

import sys
from typing import Any

import click

from dangan.cli import emit, format_option, opened, output_option, workspace_option
from dangan.commands.acts import act, day_of, record


@click.group("negative")
def command() -> None:
    """负面清单:登记条目和发生的事项,附证据。

    程序不会自己发现这些事项:一概由人登记,写明经办人 --by 和理由 --reason,记入归档清单,可以撤销。
    """


@command.command("list")
@workspace_option
@format_option("text", "json", "csv")
@output_option
def list_(fmt: str, output: str | None) -> None:
    """列出已登记的事项和已知的条目。"""
    from flows.negative import negative_list
    from reports import as_json, negative_text

    with opened(read_only=True) as o:
        found = negative_list(o)
    if fmt == "json":
        emit(as_json.encode(found), output)
    elif fmt == "csv":
        emit(negative_text.csv(found), output)
    else:
        emit(negative_text.render(found, color=output is None and sys.stdout.isatty()), output)


@command.command("add")
@act(files=False)
@click.argument("entry", metavar="编号")
@click.option("--event", "text", required=True, metavar="事项", help="发生了什么。")
@click.option("--on", required=True, metavar="日期", help="哪一天发生的,如 2026-05-03。")
@click.option("--sanction", default="", metavar="处理", help="扣分、停止提名资格、停牌一年、撤销称号;未定的不写。")
@click.option("--evidence", default=None, metavar="文件", help="已存档的证据: SHA-256 的前几位,或 单位/路径。")
def add(entry: str, on: str, evidence: str | None, **kw: Any) -> None:
    """登记一件事项。

    例: dangan negative add G15 --event 某厂爆炸 --on 2026-05-03 --by 张三 --reason 省通报
    """
    day = day_of(on)
    record("negative_event", entry=_entry(entry), on=day, files=(evidence,) if evidence else (), **kw)


@command.command("entry")
@act(files=False)
@click.argument("entry", metavar="编号")
@click.option("--text", required=True, metavar="原文", help="本市手册中该条的原文。")
@click.option("--area", default="", metavar="领域", help="手册所列的领域。")
def entry_(entry: str, **kw: Any) -> None:
    """录入一个条目的原文(按本市收到的手册);再录一次则以后一次为准。"""
    record("negative_entry", entry=_entry(entry), **kw)


@command.command("remove")
@act(files=False)
@click.argument("decision", metavar="意见编号")
def remove(decision: str, **kw: Any) -> None:
    """撤销一件登记(编号见 list);登记和撤销都留在归档清单里。"""
    from archive_schema.errors import UsageError
    from archive_schema.words import DecisionAction

    with opened(read_only=True) as o:
        found = next((d for d in o.archive.index.decisions() if d.id == decision), None)
    if found is not None and found.action not in (DecisionAction.NEGATIVE_ENTRY, DecisionAction.NEGATIVE_EVENT):
        raise UsageError(
            f"{decision} is no entry of the register",
            zh=f"“{decision}”不是负面清单的登记,而是“{found.action.zh}”",
            code="negative.other",
            hint="这样的意见用 dangan review undo 撤销",
        )
    record("undo", undone=(decision,), **kw)


def _entry(text: str) -> str:
    """The one form of an id; left as it is when there is none, so that validation names it."""
    from archive_schema import negative

    with opened(read_only=True) as o:
        return negative.load(o.catalogue.head.id).resolve(text) or text
