"""What every act of a person has in common on the command line: its options, how it is recorded, how what was typed is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from dangan.cli import emit, format_option, one_line, opened, workspace_option


def act(*, files: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What every act takes: the files (where it is about files), who and why, how to answer."""

    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        f = format_option("text", "json")(f)
        f = click.option("--reason", required=True, metavar="理由", help="为什么。")(f)
        f = click.option("--by", required=True, metavar="姓名", help="经办人。")(f)
        if files:
            f = click.option(
                "--unit",
                default=None,
                callback=_unit,
                metavar="单位",
                help="只对这个单位送来的(默认: 路径所指的单位;写 SHA-256 的,送来它的各单位)。",
            )(f)
            f = click.argument("files", nargs=-1, required=True, metavar="文件...")(f)
        return workspace_option(f)

    return decorate


def _unit(ctx: click.Context, param: click.Parameter, text: str | None) -> str:
    """The unit typed; "" = the option was not given.

    :raises UsageError: it was given, and empty.
    """
    from archive_schema.errors import UsageError

    if text is not None and not text.strip():
        raise UsageError(
            "an empty unit",
            zh="--unit 没有写出单位",
            code="review.no-unit",
            hint="各单位送来的都要办的,写 --unit 各单位;直接放在收件箱里、没有单位的文件不写",
        )
    return text or ""


def item_options(required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        f = click.option(
            "--kind", required=required, default=None, metavar="类型", help="规范文件、说明报告、实景图片、统计表格。"
        )(f)
        return click.option("--item", required=required, default=None, metavar="编号", help="测评标准,如 III18-1。")(f)

    return decorate


def record(
    action: str,
    *,
    by: str,
    reason: str,
    fmt: str,
    files: tuple[str, ...] = (),
    unit: str = "",
    undone: tuple[str, ...] = (),
    **fields: Any,
) -> None:
    """Make the decisions (one per file, or per act undone), record them all or none, and say what was recorded."""
    from archive_schema.words import DecisionAction
    from flows import acts
    from reports import as_json

    with opened() as o:
        recorded = acts.record(
            o, DecisionAction(action), by=by, reason=reason, files=files, unit=unit, undone=undone, fields=fields
        )
    if fmt == "json":
        emit(as_json.encode([a for _, a in recorded]), None)
        return
    for d, a in recorded:
        what = d.entry or f"{'、'.join(a.units)} {d.sha256[:12]}".strip() or d.item or d.decision
        name = "销毁" if d.destroy else d.action.zh
        click.echo(one_line(f"{'已记录' if a.recorded else '早已如此,未重复记录'}: {name} {what} ({a.decision})"))
        if acts.for_several(d, a):
            click.echo(f"注意: {len(a.units)} 个单位都送来了这一份,都照此办理;只办一个单位的,撤销后加 --unit 单位 重做")
        for remark in a.remarks:
            click.echo(one_line(f"注意: {remark}"))


def day_of(text: str | None) -> date | None:
    """The day that was typed; None = no option was given.

    :raises UsageError: it is none.
    """
    from archive_schema.dates import parse_day
    from archive_schema.errors import UsageError

    if text is None:
        return None
    day = parse_day(text)
    if day is None:
        raise UsageError(f"not a day: {text}", zh=f"“{text}”不是日期", hint="应写成 2026-12-10 这样")
    return day
