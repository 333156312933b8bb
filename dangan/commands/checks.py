"""``dangan checks``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dangan.cli import (
    emit,
    format_option,
    one_line,
    opened,
    output_option,
    report_file,
    workspace_option,
    workspace_or_default,
)

if TYPE_CHECKING:
    from archive_schema.cycle import Settings


@click.group("checks")
def command() -> None:
    """检查项:列出、解释。"""


def _in_force() -> Settings:
    """The settings of the workspace, the shipped ones outside; also where ``cycle.toml`` is wrong, for it is mended with this list."""
    from archive_schema.cycle import Settings
    from archive_schema.errors import DataError
    from validators import checks

    try:
        settings = workspace_or_default().settings
        checks.load().under(settings)
    except DataError as e:
        click.echo(one_line(f"注意: {e.zh};这里显示的是默认的等级和参数"), err=True)
        return Settings()
    return settings


@command.command("list")
@workspace_option
@format_option("text", "json", "csv")
@output_option
def list_(fmt: str, output: str | None) -> None:
    """列出全部检查项。等级和参数可在 cycle.toml 的 [checks.代码] 里改,工作区里显示改后的样子。"""
    from reports import as_json, tables
    from validators import checks

    settings = _in_force()
    found = checks.load().under(settings).checks
    if fmt == "json":
        emit(as_json.encode(checks.listing(settings)), output)
        return
    header = ["代码", "轻重", "性质", "适用类型", "问题", "参数"]
    rows = [
        [
            c.code,
            c.severity.zh,
            str(c.nature),
            "、".join(c.kinds) or "各类",
            c.said,
            "、".join(f"{k}={v}" for k, v in c.params.items()),
        ]
        for c in found
    ]
    emit(tables.csv_table(header, rows) if fmt == "csv" else tables.text_table(header, rows) + "\n", output)


@command.command("explain")
@workspace_option
@click.argument("code", metavar="代码")
@format_option("text", "json")
def explain(code: str, fmt: str) -> None:
    """解释一个检查项:查什么、依据、怎么改;工作区里显示 cycle.toml 改后的等级和参数。

    例: dangan checks explain WINDOW
    """
    from reports import as_json
    from validators import checks

    settings = _in_force()
    if fmt == "json":
        found = checks.find(code).code
        emit(as_json.encode(next(c for c in checks.listing(settings) if c.code == found)), None)
        return
    click.echo(checks.explain(code, settings))


@command.command("reasons")
@format_option("text", "json", "csv")
@output_option
def reasons_(fmt: str, output: str | None) -> None:
    """各地公布的退回原因,各由哪些检查发现,哪些留给人看。"""
    from reports import as_json, tables
    from validators import reasons

    found = reasons.load()
    if fmt == "json":
        emit(as_json.encode(found), output)
        return
    header = ["退回原因", "检查", "留给人看的"]
    rows = [[r.text, "、".join(r.codes) or "—", r.rest or "—"] for r in found]
    emit(tables.csv_table(header, rows) if fmt == "csv" else tables.text_table(header, rows) + "\n", output)


@command.command("results")
@workspace_option
@format_option("text", "html", "json")
@output_option
def results(fmt: str, output: str | None) -> None:
    """统计表格逐格检查和清单检查的结果: 看了多少、哪些不符、哪些未检。

    html 不写 -o 时,写到工作区的 reports/ 里并显示路径。
    """
    from flows.validation import table_report
    from reports import as_json

    with opened(read_only=True) as o:
        report = table_report(o)
        output = report_file(o, "表格检查", fmt, output)
    if fmt == "json":
        emit(as_json.encode(report), output)
    elif fmt == "html":
        from reports import expectations_html
        from validators import checks

        emit(expectations_html.render(report, {c.code: c.name for c in checks.load().checks}), output)
    else:
        from reports import expectations_text

        emit(expectations_text.render(report), output)
