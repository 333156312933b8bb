"""The county of Fujian that was published with nine shortfalls: what was published, and what the tests add of their own.

Of two of the nine standards no figure was published; their ladders here are ours, only to have something to test by.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import Catalogue
from archive_schema.ladders import Basis, Direction, Grade, Ladder, Step
from validators.indicators import Table

COUNTY = catalogues.load("fujian-county")

_OURS = "本测试所设:公布的材料没有数值"
LADDERS_OF_OURS = (
    Ladder(
        "FJ1",
        "交通万车死亡率",
        "人/万车",
        (Step(Direction.ABOVE, Decimal(5), Grade.B), Step(Direction.ELSE, None, Grade.A)),
        Basis.OURS,
        _OURS,
    ),
    Ladder(
        "FJ7",
        "最低生活保障线",
        "元/月",
        (Step(Direction.BELOW, Decimal(150), Grade.B), Step(Direction.ELSE, None, Grade.A)),
        Basis.OURS,
        _OURS,
    ),
)
_BY_ITEM = {b.item: b for b in (*COUNTY.ladders, *LADDERS_OF_OURS)}
WHOLE_COUNTY: Catalogue = msgspec.structs.replace(COUNTY, ladders=tuple(_BY_ITEM[i.id] for i in COUNTY.items))

#: item → (figure that costs the grade, figure that does not); "" = nothing handed in
SHORTFALLS: dict[str, tuple[str, str]] = {
    "FJ1": ("交通万车死亡率 | 2006年 = 5.1 人/万车", "交通万车死亡率 | 2006年 = 5 人/万车"),
    "FJ2": ("", ""),
    "FJ3": ("人均教育经费 | 2006年 = 399.9 元", "人均教育经费 | 2006年 = 0.04 万元"),
    "FJ4": ("无偿献血占临床用血比例 | 2006年 = 799 ‰", "无偿献血占临床用血的比例 | 2006年 = 80 %"),
    "FJ5": ("2006年 | 污水处理率 = 29.9 %", "2006年 | 污水处理率 = 30 %"),
    "FJ6": ("", ""),
    "FJ7": ("最低生活保障线 | 2006年 = 149 元/月", "最低生活保障线 | 2006年 = 150 元/月"),
    "FJ8": ("人均创建经费 | 2006年 = 0.99 元/人", "创建经费人均投入 | 2006年 = 1 元"),
    "FJ9": ("出生人口政策符合率 | 2006年 = 94.99 %", "出生人口政策符合率 | 2006年 = 95 %"),
}


def tables_of(values: dict[str, str]) -> dict[str, list[Table]]:
    """Item → one table with the figures of a ``;`` list, as facts list them."""
    return {
        item: [Table("c" * 64, "县某局", f"{item} 统计表.xlsx", tuple(f"C{n} {f}" for n, f in enumerate(said.split(";"), 5)))]
        for item, said in values.items()
        if said
    }
