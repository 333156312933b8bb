"""``dangan units``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, output_option, workspace, workspace_option

if TYPE_CHECKING:
    from archive_schema.units import UnitTable


@click.group("units")
def command() -> None:
    """单位表:查看、导入、导出责任单位。"""


def _table() -> UnitTable:
    from archive_schema import cycle as cycles
    from flows.places import load_catalogue, load_units

    place = workspace()
    return load_units(place, load_catalogue(place, cycles.load(place.cycle_file)[0]))


@command.command("show")
@workspace_option
@format_option("text", "json", "csv")
@output_option
def show(fmt: str, output: str | None) -> None:
    """列出单位、别名、曾用名、成员单位、分管领导、联络员。"""
    from archive_schema import units
    from reports import as_json, tables

    table = _table()
    header, rows = units.rows(table)
    if fmt == "json":
        emit(as_json.encode(list(table.units)), output)
    elif fmt == "csv":
        emit("\ufeff" + units.write_csv(table), output)
    else:
        emit(tables.text_table([units.COLUMNS[h] for h in header], rows) + "\n", output)


@command.command("export")
@workspace_option
@click.option("-o", "--output", required=True, metavar="文件.xlsx", type=click.Path(dir_okay=False))
def export(output: str) -> None:
    """导出为电子表格,改好后可用 import 导入。"""
    from dangan.sheets import write_units

    table = _table()
    emit(write_units(table), output)
    click.echo(f"已写 {output}: {len(table.units)} 个单位")


@command.command("import")
@workspace_option
@click.argument("file", metavar="文件.xlsx|.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """导入单位表;有错则一处不改,逐行逐列说明。"""
    from archive_schema import units
    from dangan.folders import check_names, make_folders
    from dangan.sheets import read_units
    from flows import replacing

    place = workspace()
    table = check_names(read_units(file))
    replacing.file(place.units_file, "\ufeff" + units.write_csv(table))
    make_folders(place, table)
    click.echo(f"已导入 {len(table.units)} 个单位 → {place.units_file};下一次收件按它认单位")
