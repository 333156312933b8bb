"""``dangan catalogue``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, one_line, opened, output_option, workspace, workspace_option

if TYPE_CHECKING:
    from archive_schema.catalogue import Catalogue
    from archive_schema.coverage import Adrift


@click.group("catalogue")
def command() -> None:
    """目录:查看、核对、导入、导出测评标准。"""


def chosen(name: str | None, *, met: bool = False) -> Catalogue:
    """The catalogue named, else the workspace's; ``met``: only where it holds what the requirements of the cycle name."""
    from archive_schema import catalogue as catalogues

    if name:
        return catalogues.load(name)
    from archive_schema import cycle as cycles
    from flows.places import load_catalogue, named_catalogue

    place = workspace()
    return (load_catalogue if met else named_catalogue)(place, cycles.load(place.cycle_file)[0])


catalogue_argument = click.argument("name", required=False, metavar="[目录编号或文件夹]")


@command.command("show")
@workspace_option
@catalogue_argument
@format_option("text", "json", "csv")
@output_option
def show(name: str | None, fmt: str, output: str | None) -> None:
    """列出各项测评标准、要交的材料和来历(推断的逐行标明)。

    例: dangan catalogue show national-2017
    """
    from archive_schema.catalogue import COLUMNS, provenance_counts, rows
    from archive_schema.listings import CatalogueOutput
    from reports import as_json, tables

    c = chosen(name)
    if fmt == "json":
        emit(as_json.encode(CatalogueOutput(c.head, c.items, c.ladders)), output)
        return
    if fmt == "csv":
        header, body = rows(c)
        emit(tables.csv_table([COLUMNS[h] for h in header], body), output)
        return
    counts = provenance_counts(c)
    table = tables.text_table(
        ["编号", "测评标准", "材料类型", "责任单位", "来历"],
        [[i.id, i.standard, "、".join(i.kinds), "、".join(i.units), i.provenance.zh] for i in c.material],
    )
    totals = c.counted()
    ladders = tables.text_table(
        ["编号", "指标", "阈值", "取值", "依据", "出处"],
        [[b.item, b.indicator, ";".join(b.said()), b.statistic, b.basis.zh, b.source] for b in c.ladders],
    )
    graded = f"等级阈值 {len(c.ladders)} 条\n{ladders}\n\n" if c.ladders else ""
    emit(
        f"{c.head.edition}\n{c.head.note}\n\n{table}\n\n{graded}材料审核 {totals.material_items} 项,应交材料 {totals.material_cells} 格;"
        f"全部标准的来历: {'、'.join(f'{p.zh} {n}' for p, n in counts.items())}\n",
        output,
    )


@command.command("check")
@workspace_option
@catalogue_argument
@format_option("text", "json")
def check(name: str | None, fmt: str) -> None:
    """核对目录:编号、重复、材料类型、与自报合计是否相符;逐行逐列说明错误。

    可给目录编号、文件夹或电子表格(.xlsx)。
    """
    if name and name.lower().endswith(".xlsx"):
        from dangan.sheets import read_catalogue

        c = read_catalogue(Path(name))
    else:
        c = chosen(name, met=True)
    totals = c.counted()
    if fmt == "json":
        from archive_schema.listings import CatalogueCheckOutput
        from reports import as_json

        emit(as_json.encode(CatalogueCheckOutput(c.head.id, c.head.edition, totals)), None)
        return
    click.echo(
        f"{c.head.id}: 无误。{totals.standards} 条标准;材料审核 {totals.material_projects} 项目 / "
        f"{totals.material_indicators} 指标 / {totals.material_contents} 内容 / {totals.material_items} 标准,"
        f"应交材料 {totals.material_cells} 格{f';等级阈值 {len(c.ladders)} 条' if c.ladders else ''}"
    )


@command.command("export")
@workspace_option
@catalogue_argument
@click.option("-o", "--output", required=True, metavar="文件.xlsx", type=click.Path(dir_okay=False))
def export(name: str | None, output: str) -> None:
    """导出为电子表格,照样填写后可用 import 导入本市的手册。"""
    from dangan.sheets import workbook_name, write_catalogue

    workbook_name(output)
    c = chosen(name)
    emit(write_catalogue(c), output)
    click.echo(f"已写 {output}: {len(c.items)} 行")


@command.command("import")
@workspace_option
@click.argument("file", metavar="文件.xlsx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "ident", default=None, metavar="编号", help="存为这个目录编号(默认取表中的)。")
@click.option("--use/--no-use", default=True, show_default=True, help="本周期即改用它。")
def import_(file: Path, ident: str | None, use: bool) -> None:
    """导入本市的手册;有错则一处不改,逐行逐列说明。"""
    from dangan.sheets import read_catalogue
    from flows.editions import bring

    c = read_catalogue(file)
    done = bring(workspace(), c, ident=ident, use=use, opening=lambda: opened(read_only=True))
    click.echo(f"已导入 {c.head.edition}: {len(c.items)} 条标准,{len(c.material)} 项材料审核 → {done.folder}")
    if done.unnamed:
        click.echo(f'请在 cycle.toml 的 [cycle] 里写 catalogue = "{done.name}"')
    if use and done.in_use:
        click.echo("cycle.toml 已改用它;下一次收件按它重新判断")
    for line in _adrift(done.adrift):
        click.echo(line)


def _adrift(found: Sequence[Adrift]) -> Iterator[str]:
    """What is said of the decisions in force that the catalogue leaves without their standard, or with one that reads otherwise."""
    from validators.remarks import settled_by

    for standing, head in (
        (False, "条审核意见所指的标准不在新目录中,或不再要那类材料,请逐条重新审核(dangan review log 可查全文):"),
        (
            True,
            f"条审核意见所指的编号,在新目录里标准文字不同,现在仍按编号生效。请逐条核对: {settled_by('意见编号')}(dangan review log 可查):",
        ),
    ):
        some = [a for a in found if a.standing is standing]
        if some:
            yield f"{len(some)} {head}"
        for a in some:
            d = a.decision
            said = f"{d.id} {d.action.zh} {d.item} {d.by}: {d.reason}"
            yield f"  {one_line(said)} — {one_line(a.why)}"
