"""``dangan init``."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from dangan.cli import refuse_kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive_schema.cycle import Window
    from flows.workspace import Opened

#: the section ``[protection]`` when nothing is asked for
UNPROTECTED = "# [protection]\n"
DANGAN_TOML = """\
# 东西放在哪里。环境变量 DANGAN_STORE、DANGAN_INDEX、DANGAN_INBOX、DANGAN_ZONE 可以覆盖。
store = {store}             # folder:文件夹,或 s3://桶/前缀(钥匙只从环境变量取)
index = {index}             # 文件(SQLite),或 postgresql://… 地址
inbox = "inbox"                    # 收件箱: 每个责任单位一个文件夹;也可以是 "s3://桶/前缀"(密钥见 DANGAN_INBOX_S3_…)
zone = "Asia/Shanghai"             # 显示和定时所用的时区

# 存储的保护,只对 S3;由 dangan doctor 证实后生效。原件、设置和清单各段受保护,索引和报告不在内。
{protection}# versioning = true                # 覆盖、误删的内容留在旧版本里
# retention = "governance"         # 到期前不得删除,只有依决定销毁可以越过;"compliance" 则到期前任何人都不能删除
# until = 2027-12-31               # 到期日(不写则为测评周期所在年份的年底,本项目默认)
# legal_hold = true                # 依法保全: 没有到期日,由存储管理员解除

# 每夜的简报发给谁。不写则哪里都不连,简报只写到 reports/ 里。密码只从环境变量 DANGAN_SMTP_PASSWORD 取。
# [notify]
# smtp = "smtp.example.gov.cn:587"
# from = "dangan@example.gov.cn"
# to = ["dangzu@example.gov.cn"]
# user = "dangan@example.gov.cn"
# tls = "starttls"                 # 或 "ssl"(端口 465)、"none"(不加密,不能带密码)
# block = "mattermost-webhook/dangan"   # Prefect 的通知块

# 归类时另请一个语义(句向量)模型帮忙。不写则归类只凭词语,什么都不连;程序从不下载模型。
# 先用 python -m benchmarks.evaluation --building --embedding 文件夹或地址 看它有没有用。
# [embedding]
# folder = "models/bge-small-zh"   # 本机上导出为 ONNX 的模型文件夹(需要 dangan[embedding])
# 或用 OpenAI 兼容的服务: 材料的标题会发送到这个地址(正文不发送)。密钥只从环境变量 DANGAN_EMBEDDING_KEY 取。
# endpoint = "http://127.0.0.1:8080/v1"
# model = "bge-small-zh"
# version = "1"                    # 服务上换了模型而名称没变时改它,已归类的会重新归类
# weight = 0.5                     # 与词语相比说话的分量(本项目默认)
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
# 换一天检查,时段怎样随之移动: 只用于预测和“即将出窗”,不改变现行的判定
{rolling}
# 某一项另有规定时:
# [[requirement]]
# item = "III2-2"
# kind = "实景图片"                # 不写则为该项的各类材料
# needed = 2                       # 至少几件(默认 1,本项目默认)
# deadline = 2026-09-30
# person = "张三"                  # 专人负责(不写则依目录的“专人负责”列,再依单位表的联络员、分管领导)
# review_days = 90                 # 定期审查: 多少天没有人看过就提醒
# window = "2024-11-01..2026-10-31"
# rolling = "2年"

# 提醒(本项目默认): 期限前几天算即将到期,往后看几天算即将出窗,各项都要的定期审查天数
# [reminders]
# due_days = 14
# ahead_days = 30
# review_days = 180                # 不写则没有;180 天是举例

# 归类的分寸(本项目默认): auto 以上且领先 lead 才自动归类,floor 以下不归类
# [margins]
# auto = 0.88
# lead = 0.15
# floor = 0.35

# 收件的上限(本项目默认),大小按字节: 超过的隔离并写明,不入库,请单位压缩或拆分后重交
# [limits]
# file_bytes = 2147483648          # 一个文件(2 GB),压缩包里的每个文件也一样
# archive_bytes = 4294967296       # 一个压缩包全部展开后(4 GB)
# archive_members = 5000           # 一个压缩包里的文件数
# archive_depth = 3                # 压缩包套压缩包的层数
# archive_ratio = 200              # 展开后与压缩包之比
# reader_memory = 1073741824       # 读一个文件的内存(1 GB)
# reader_seconds = 60              # 读一个文件的时间(秒)

# 检查项的参数,见 dangan checks list
# [checks.PIXELS]
# min_long_side = 1024
"""


#: how the default windows came about, so that they move with the day of an inspection
ROLLING = """\
[rolling]
default = "12个月"                 # 检查月的上一个月往回 12 个月(2017 年公布);或如 "2年": 检查年之前的两个整年
"统计表格" = "24个月"
"""


@click.command("init")
@click.argument("directory", metavar="目录", type=click.Path(file_okay=False))
@click.option("--cycle", "cycle_name", default=None, metavar="名称", help="测评周期(默认: 今年)。")
@click.option("--window", default=None, metavar="起..止", help="测评时段,如 2025-11-01..2026-10-31(默认: 上月底往前一年)。")
@click.option("--catalogue", default="national-2017", show_default=True, metavar="目录编号", help="自带目录的编号,或文件夹。")
@click.option("--store", default="folder:store", show_default=True, metavar="地址", help="folder:文件夹 或 s3://桶/前缀。")
@click.option(
    "--retention",
    type=click.Choice(["none", "governance", "compliance"]),
    default="none",
    show_default=True,
    help="S3 对象锁定: 桶须由 init 建立,以后不能补开。",
)
def command(directory: str, cycle_name: str | None, window: str | None, catalogue: str, store: str, retention: str) -> None:
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
    from flows import other_cycles, replacing
    from flows.places import Workspace, load_catalogue, load_units
    from flows.protecting import warnings
    from flows.workspace import open_workspace
    from storage.keys import check_name

    today = date.today()  # noqa: DTZ011 - the user's own day names the default cycle
    span = parse_window(window) if window else default_window(today)
    table_window = ""
    if window is None:
        two_years = Window(span.start.replace(year=span.start.year - 1), span.end)
        table_window = f'"统计表格" = "{two_years.start}..{two_years.end}"   # 统计数据常取两年\n'
    rolling = ROLLING if window is None else "".join(f"# {line}\n" for line in ROLLING.splitlines())
    shipped = catalogues.load(catalogue)
    root = Path(directory)
    refuse_kept(root)
    name = shipped.head.id if catalogue in catalogues.shipped() else str(Path(catalogue).resolve())
    texts = {
        "dangan.toml": DANGAN_TOML.format(
            store=toml.text(store),
            index=toml.text(Workspace(root="").index),
            protection=UNPROTECTED if retention == "none" else f"[protection]\nretention = {toml.text(retention)}\n",
        ),
        "cycle.toml": CYCLE_TOML.format(
            name=toml.text(check_name(cycle_name or str(today.year))),
            catalogue=toml.text(name),
            window=f"{span.start}..{span.end}",
            table_window=table_window,
            rolling=rolling,
        ),
    }
    parse(texts["cycle.toml"])
    made, others, there = [], list[str](), root.exists()
    try:
        for file, text in texts.items():
            if not (root / file).exists():
                replacing.file(root / file, text)
                made.append(file)
        place = settings.load(root)
        with open_workspace(place) as o:
            loaded = load_catalogue(place, o.cycle)
            if not place.units_file.exists():
                table = unit_tables.from_references(r for i in loaded.material for r in i.units)
                replacing.file(place.units_file, "\ufeff" + unit_tables.write_csv(table))
                made.append(place.units_file.name)
                others = other_cycles.names(o)
            make_folders(place, load_units(place, loaded))
            notes = [*_left(o, cycle_name, span if window else None, name, store), *_not_taken_over(others), *warnings(o)]
    except DanganError:  # a place that cannot be reached: nothing is left that another try would have to respect
        for file in made:
            (root / file).unlink()
        if not there:
            with suppress(OSError):  # something is in it
                root.rmdir()
        raise
    click.echo(f"工作区: {root.resolve()}")
    click.echo(f"目录: {loaded.head.edition}({len(loaded.material)} 项,{len(loaded.cells)} 格应交材料)")
    if loaded.head.note:
        click.echo(f"  {loaded.head.note}")
    click.echo(f"新建: {'、'.join(made) if made else '无(已是工作区,未改动任何文件)'}")
    for note in notes:
        click.echo(f"注意: {note}")
    click.echo(f"下一步: 把各单位的材料放进 {place.inbox_path or place.inbox}/单位名/,然后运行 dangan -C {root} ingest")


def _left(o: Opened, cycle: str | None, window: Window | None, catalogue: str, store: str) -> list[str]:
    """What was asked for and is otherwise in the files that were there already, which stay as they are."""
    asked = {
        "--cycle": cycle is not None and cycle != o.cycle.name,
        "--window": window is not None and any(w != window for w in o.cycle.windows.values()),
        "--catalogue": _typed("catalogue") and catalogue not in (o.cycle.catalogue, o.catalogue.head.id),
        "--store": _typed("store") and store != o.workspace.store,
    }
    left = "、".join(name for name, differs in asked.items() if differs)
    return [f"{left} 与已有的设置不同,没有起作用;要改请编辑 cycle.toml、dangan.toml"] if left else []


def _not_taken_over(others: Sequence[str]) -> list[str]:
    """What a units table made now lacks that those of other cycles in the store may have."""
    told = f"存储里另有测评周期 {'、'.join(others)}: 它的单位表(别名、曾用名、成员单位、分管领导、联络员)不会带过来"
    todo = "要沿用的,在它的工作区运行 dangan units export -o 单位表.xlsx,再在这里 dangan units import 单位表.xlsx"
    return [f"{told};{todo}"] if others else []


def _typed(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT
