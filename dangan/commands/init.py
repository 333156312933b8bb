"""``dangan init``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

DANGAN_TOML = """\
# 东西放在哪里。环境变量 DANGAN_STORE、DANGAN_INDEX、DANGAN_INBOX、DANGAN_ZONE 可以覆盖。
store = {store}             # folder:文件夹,或 s3://桶/前缀(钥匙只从环境变量取)
index = {index}             # 文件(SQLite),或 postgresql://… 地址
inbox = "inbox"                    # 收件箱: 每个责任单位一个文件夹
zone = "Asia/Shanghai"             # 显示和定时所用的时区
"""

CYCLE_TOML = """\
# 测评周期与设置。改动后,下一次收件会记入归档清单,并按新设置重新判断。

[cycle]
name = {name}
catalogue = {catalogue}
# city = "某某市"
# deadline = 2026-09-30            # 限时归档: 晚于此日的为迟交

[windows]                          # 测评时段,按材料类型;起止两日都在内
default = "{window}"
{table_window}
# 某一项另有规定时:
# [[requirement]]
# item = "III2-2"
# kind = "实景图片"                # 不写则为该项的各类材料
# needed = 2                       # 至少几件(默认 1,本项目默认)
# deadline = 2026-09-30
# person = "张三"                  # 专人负责
# window = "2024-11-01..2026-10-31"

# 归类的分寸(本项目默认): auto 以上且领先 lead 才自动归类,floor 以下不归类
# [margins]
# auto = 0.85
# lead = 0.15
# floor = 0.35

# 检查项的参数,见 dangan checks list
# [checks.PIXELS]
# min_long_side = 1024
"""


@click.command("init")
@click.argument("directory", metavar="目录", type=click.Path(file_okay=False))
@click.option("--cycle", "cycle_name", default=None, metavar="名称", help="测评周期(默认: 今年)。")
@click.option("--window", default=None, metavar="起..止", help="测评时段,如 2025-11-01..2026-10-31(默认: 上月底往前一年)。")
@click.option("--catalogue", default="national-2017", show_default=True, metavar="目录编号", help="自带目录的编号,或文件夹。")
@click.option("--store", default="folder:store", show_default=True, metavar="地址", help="folder:文件夹 或 s3://桶/前缀。")
def command(directory: str, cycle_name: str | None, window: str | None, catalogue: str, store: str) -> None:
    """建一个工作区。

    生成 dangan.toml、cycle.toml、收件箱(每个责任单位一个文件夹)、内置存储和索引。已是工作区的,只补缺,不改已有文件。

    例: dangan init 文明城市2026
    """
    from archive_schema import catalogue as catalogues
    from archive_schema import toml
    from archive_schema import units as unit_tables
    from archive_schema.cycle import Window, default_window, parse, parse_window
    from archive_schema.errors import DanganError
    from dangan import settings
    from dangan.folders import make_folders
    from flows.places import Workspace, load_catalogue, load_units
    from flows.workspace import open_workspace
    from storage.keys import check_name

    today = date.today()  # noqa: DTZ011 - the user's own day names the default cycle
    span = parse_window(window) if window else default_window(today)
    table_window = ""
    if window is None:
        two_years = Window(span.start.replace(year=span.start.year - 1), span.end)
        table_window = f'"统计表格" = "{two_years.start}..{two_years.end}"   # 统计数据常取两年\n'
    shipped = catalogues.load(catalogue)
    root = Path(directory)
    name = shipped.head.id if catalogue in catalogues.shipped() else str(Path(catalogue).resolve())
    texts = {
        "dangan.toml": DANGAN_TOML.format(store=toml.text(store), index=toml.text(Workspace(root="").index)),
        "cycle.toml": CYCLE_TOML.format(
            name=toml.text(check_name(cycle_name or str(today.year))),
            catalogue=toml.text(name),
            window=f"{span.start}..{span.end}",
            table_window=table_window,
        ),
    }
    parse(texts["cycle.toml"])
    root.mkdir(parents=True, exist_ok=True)
    made = []
    for file, text in texts.items():
        if not (root / file).exists():
            (root / file).write_text(text, "utf-8")
            made.append(file)
    try:
        place = settings.load(root)
        with open_workspace(place) as o:
            loaded = load_catalogue(place, o.cycle)
            if not place.units_file.exists():
                place.units_file.write_text(
                    "\ufeff" + unit_tables.write_csv(unit_tables.from_references(r for i in loaded.material for r in i.units)),
                    "utf-8",
                )
                made.append(place.units_file.name)
            make_folders(place, load_units(place, loaded))
    except DanganError:  # a place that cannot be reached: nothing is left that another try would have to respect
        for file in made:
            (root / file).unlink()
        raise
    click.echo(f"工作区: {root.resolve()}")
    click.echo(f"目录: {loaded.head.edition}({len(loaded.material)} 项,{len(loaded.cells)} 格应交材料)")
    if loaded.head.note:
        click.echo(f"  {loaded.head.note}")
    click.echo(f"新建: {'、'.join(made) if made else '无(已是工作区,未改动任何文件)'}")
    click.echo(f"下一步: 把各单位的材料放进 {place.inbox_path}/单位名/,然后运行 dangan -C {root} ingest")
