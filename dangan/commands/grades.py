"""``dangan grades``."""

from __future__ import annotations

import sys

import click

from dangan.cli import emit, format_option, opened, output_option, report_file, workspace_option


@click.command("grades")
@workspace_option
@format_option("text", "json", "csv", "xlsx")
@output_option
@click.option("--unit", default=None, metavar="单位", help="只看某个责任单位负责的项。")
def command(fmt: str, output: str | None, unit: str | None) -> None:
    """等级:按目录所写的阈值,看每项能得哪一等、差多少到上一档。

    数取自可用的统计表格;没有找到、单位不能比较、几处不一致或不在测评时段内的,为未检并说明原因。目录没有写阈值的,不显示等级。
    xlsx 不写 -o 时,写到工作区的 reports/ 里并显示路径。

    例: dangan grades --format xlsx
    """
    from flows.coverage import assess_now, item_units
    from flows.grades import grades_now, grades_output

    with opened(read_only=True) as o:
        unit = o.units.called(unit) if unit is not None else None
        units_of = item_units(o, o.archive.index.decisions())
        found = grades_output(o, grades_now(o, assess_now(o)), units_of, only=unit)
        output = report_file(o, f"等级-{unit}" if unit else "等级", fmt, output)
    if fmt == "json":
        from reports import as_json

        emit(as_json.encode(found), output)
    elif fmt == "csv":
        from reports import grades_view, tables

        emit(tables.csv_table(grades_view.HEADERS, grades_view.rows(found)), output)
    elif fmt == "xlsx":
        from reports import grades_sheet

        emit(grades_sheet.render(found), output)
    else:
        from reports import grades_text

        emit(grades_text.render(found, color=output is None and sys.stdout.isatty()), output)
