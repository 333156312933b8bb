"""``dangan forecast``."""

from __future__ import annotations

import sys

import click

from dangan.cli import emit, format_option, opened, output_option, report_file, workspace_option


@click.command("forecast")
@workspace_option
@click.option("--date", "on", required=True, metavar="日期", help="检查日期,如 2027-03-15。")
@click.option("--unit", default=None, metavar="单位", help="只看某个责任单位负责的项。")
@format_option("text", "html", "xlsx", "csv", "json")
@output_option
def command(on: str, unit: str | None, fmt: str, output: str | None) -> None:
    """预测:如果某一天来检查,哪些材料已不在时段内,哪些格会空出来。

    时段怎样随检查日期移动,写在 cycle.toml 的 [rolling] 里,如 default = "12个月"(检查月的上一个月往回 12 个月)。
    只看已入库的材料;日期未知的单列,不算通过。html 和 xlsx 不写 -o 时,写到工作区的 reports/ 里并显示路径。

    例: dangan forecast --date 2027-03-15
    """
    from dangan.commands.acts import day_of
    from flows.forecast import forecast
    from reports import as_json

    day = day_of(on)
    assert day is not None  # the option is required
    with opened(read_only=True) as o:
        unit = o.units.called(unit) if unit is not None else None
        found = forecast(o, day, unit=unit)
        zone, city = o.workspace.zone, o.cycle.city
        output = report_file(o, f"预测-{day}-{unit}" if unit else f"预测-{day}", fmt, output)
    if fmt == "json":
        emit(as_json.encode(found), output)
    elif fmt == "html":
        from reports import forecast_html

        emit(forecast_html.render(found, zone=zone, city=city), output)
    elif fmt == "xlsx":
        from reports import forecast_tables

        emit(forecast_tables.xlsx(found, zone=zone, city=city), output)
    elif fmt == "csv":
        from reports import forecast_tables

        emit(forecast_tables.csv(found), output)
    else:
        from reports import forecast_text

        emit(forecast_text.render(found, color=output is None and sys.stdout.isatty()), output)
