"""``dangan units``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, one_line, output_option, workspace, workspace_option

if TYPE_CHECKING:
    from archive_schema.units import Lost, UnitTable
    from flows.places import Workspace


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
    from dangan.sheets import workbook_name, write_units

    workbook_name(output)
    table = _table()
    emit(write_units(table), output)
    click.echo(f"已写 {output}: {len(table.units)} 个单位")


@command.command("import")
@workspace_option
@click.argument("file", metavar="文件.xlsx|.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """导入单位表;有错则一处不改,逐行逐列说明。

    整张表代替原来的。表中不再有的单位、别名、曾用名,空了的列,没有读入的列,都会列出。
    """
    from archive_schema import units
    from dangan.folders import check_names, make_folders
    from dangan.sheets import read_units
    from flows import replacing

    place = workspace()
    table, strange = read_units(file)
    before = _before(place)
    check_names(table)
    replacing.file(place.units_file, "\ufeff" + units.write_csv(table))
    make_folders(place, table)
    click.echo(f"已导入 {len(table.units)} 个单位 → {place.units_file};下一次收件按它认单位")
    for line in _changed(units.lost(before, table), strange):
        click.echo(line)


def _before(place: Workspace) -> UnitTable:
    """The table that gives way; none where it cannot be read, which an import may mend."""
    from archive_schema.errors import DataError
    from archive_schema.units import UnitTable
    from flows.places import read_units_csv

    try:
        return read_units_csv(place.units_file)
    except DataError:
        return UnitTable(())


def _changed(lost: Lost, strange: Sequence[str]) -> Iterator[str]:
    """What the table no longer says, which nobody sees in a sheet that is short of it."""
    from archive_schema.units import COLUMNS

    again = "请在表中补上,再导入一次"
    if strange:
        yield one_line(f"没有读入的列: {'、'.join(strange)};只认 {'、'.join(COLUMNS.values())},列名写错的请改正,再导入一次")
    for column, n in lost.emptied.items():
        yield f"“{COLUMNS[column]}”原来有、现在空了的单位 {n} 个;不是有意的,{again}"
    if lost.units:
        told = f"不再在表中的单位 {len(lost.units)} 个: {_few(lost.units)}。它们的来件和审核意见从此不对应任何单位"
        yield one_line(f"{told};改了名的,请把旧名写在新单位的“曾用名”里,误删的请补上,再导入一次")
    if lost.others:
        yield one_line(f"不再认的别名、曾用名 {len(lost.others)} 个: {_few(lost.others)};不是有意的,{again}")


def _few(names: Sequence[str], most: int = 8) -> str:
    return "、".join(names[:most]) + (" 等" if len(names) > most else "")
