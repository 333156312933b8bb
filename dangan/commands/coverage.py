"""``dangan coverage``."""

from __future__ import annotations

import sys

import click

from dangan.cli import emit, format_option, opened, output_option, report_file, workspace_option


@click.command("coverage")
@workspace_option
@format_option("text", "html", "xlsx", "json", "csv")
@output_option
@click.option("--unit", default=None, metavar="单位", help="只看某个责任单位负责的项和它报送的文件。")
@click.option("--ranking", is_flag=True, help="责任单位进度标出红黑榜(html、xlsx、text;默认不标)。")
def command(fmt: str, output: str | None, unit: str | None, ranking: bool) -> None:
    """覆盖情况:每项标准的材料齐不齐、能不能用。

    html 和 xlsx 不写 -o 时,写到工作区的 reports/ 里并显示路径。

    例: dangan coverage --format html -o 覆盖情况.html
    """
    from flows.coverage import coverage_report

    with opened(read_only=True) as o:
        unit = o.units.called(unit) if unit is not None else None
        report = coverage_report(o, unit=unit)
        output = report_file(o, f"覆盖情况-{unit}" if unit else "覆盖情况", fmt, output)
    emit(render(report, fmt, terminal=output is None, ranking=ranking), output)


def render(report: object, fmt: str, *, terminal: bool = False, ranking: bool = False) -> str | bytes:
    """The report in one of its formats; each renderer is imported only when it is used."""
    from typing import Any

    r: Any = report
    if fmt == "json":
        from reports import as_json

        return as_json.encode(r.coverage)
    if fmt == "html":
        from reports import coverage_html

        return coverage_html.render(r, ranking=ranking)
    if fmt == "xlsx":
        from reports import coverage_xlsx

        return coverage_xlsx.render(r, ranking=ranking)
    if fmt == "csv":
        from reports import coverage_csv

        return coverage_csv.render(r)
    from reports import coverage_text

    return coverage_text.render(r, color=terminal and sys.stdout.isatty(), ranking=ranking)
