"""Of which kind a statistical table is: declared by the city, else told from the table itself. Pure.

Words by which columns are told are ours: a city declares what they get wrong (``tables.tsv`` of its catalogue).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema.declared import DeclaredTable
from archive_schema.grid import SHARE, YEAR, GridColumn, GridRow, GridTable, RowSort, TableFamily
from archive_schema.text import squeeze

_YEARLY = re.compile(r".{0,4}(?:年份|年度|年|时间|时期)")
#: columns that are no measurement, whatever they hold
_SERIAL = re.compile(
    r"^(?:序号|编号|序|行次|排名|名次|位次|代码|年份|年度|电话|联系电话|手机|邮编|门牌号?|身份证.*|.*日期|.*时间)$"
)
_NUMBERING = re.compile(r"^(?:序号|编号|序|行次|排名|名次|位次)$")
#: columns by which an entry of a list is known
_KEY = re.compile("名称|姓名|名字|标题|项目|地点|地址|单位|学校|社区|街道|点位|题目|主题|活动|文号")
#: of single things, one by one; in tens of thousands they may have a fraction
_WHOLE_UNITS = re.compile(
    "^(?:人|人次|个|户|件|起|例|宗|次|场|场次|所|家|处|座|台|辆|册|本|篇|条|名|张|块|面|支|队|期|班|班次|间|栋|幢|盏|棵|株|套|项|部|艘|架)$"
)
_COUNTED = re.compile(r"(?:人数|户数|次数|个数|件数|起数|场数|场次|家数|所数|册数|条数|名额|总人次|人次)$")
_NO_COUNT = re.compile("均|每|折合|当量|指数|得分|评分|分数|系数|倍")
#: what may well be below zero
_SIGNED = re.compile("增|减|差|变动|变化|净|结余|余额|盈|亏|较|比上|同比|环比|幅")
_REMARK = re.compile("备注|说明|来源|口径")
_PART = re.compile("月份?|季度?|旬|周次?|学期|期次?|批次?")
#: of a table with few figures, the share of numeric columns up to which it is a list (ours)
_LIST = 0.34


def family(table: GridTable, declared: DeclaredTable | None) -> TableFamily | None:
    """None for a table without figures and without words to compare."""
    if declared is not None and declared.family is not None:
        return declared.family
    measured = [c for c in table.columns if c.numeric and not is_serial(c)]
    if len(set(years_of(table.columns).values())) > 1 or year_column(table) is not None:
        return TableFamily.SERIES
    words = [c for c in table.columns if not c.numeric and c.name and not is_serial(c)]
    totals = any(r.sort is not RowSort.DATA for r in table.rows)
    named = any(_KEY.search(c.name) for c in words)
    if not measured or (named and not totals and len(words) > 1 and len(measured) <= _LIST * len(table.columns)):
        return TableFamily.LISTS if len(words) > 1 or (words and named) else None
    if any(is_share(c) for c in measured):
        return TableFamily.RATIOS
    return TableFamily.COUNTS


def is_serial(column: GridColumn) -> bool:
    return _SERIAL.match(last_name(column)) is not None


def is_numbering(column: GridColumn) -> bool:
    """Says only which row it is."""
    return _NUMBERING.match(last_name(column)) is not None


def is_share(column: GridColumn) -> bool:
    return column.unit in ("%", "‰") or SHARE.search(column.name) is not None


def is_count(column: GridColumn) -> bool:
    """Single things counted one by one: whole numbers, whatever the table."""
    if not column.numeric or is_serial(column) or is_share(column) or _NO_COUNT.search(column.name):
        return False
    return bool(_WHOLE_UNITS.match(column.unit)) if column.unit else _COUNTED.search(last_name(column)) is not None


def says_when(column: GridColumn) -> bool:
    return _YEARLY.fullmatch(last_name(column)) is not None


def says_part(column: GridColumn) -> bool:
    """A month, a quarter: of a year several rows."""
    return _PART.fullmatch(last_name(column)) is not None


def is_remark(column: GridColumn) -> bool:
    """It does not name what the row is about."""
    return _REMARK.search(column.name) is not None


def may_be_negative(column: GridColumn) -> bool:
    return _SIGNED.search(column.name) is not None


def last_name(column: GridColumn) -> str:
    """The name without its path and without what stands in brackets."""
    return re.sub(r"[(（].*?[)）]|\s", "", column.name.split("/")[-1])


def years_of(columns: Sequence[GridColumn]) -> dict[int, int]:
    """Column → the year that its heading names, of columns with figures."""
    return {n: int(m[1]) for n, c in enumerate(columns) if c.numeric and (m := YEAR.search(c.name))}


def year_column(table: GridTable) -> int | None:
    """The column that names a year in every row, where the rows are years."""
    data = [r for r in table.rows if r.sort is RowSort.DATA]
    for n, column in enumerate(table.columns[:3]):
        if _YEARLY.fullmatch(last_name(column)) and len(data) > 1 and all(year_of(r, n) is not None for r in data):
            return n
    return None


def year_of(row: GridRow, column: int) -> int | None:
    cell = row.cells[column] if column < len(row.cells) else None
    text = f"{cell:g}" if isinstance(cell, float) else squeeze(cell or "")
    m = re.fullmatch(r"((?:19|20)\d\d)年?[度末底]?", text)
    return int(m[1]) if m else None


def keys_of(table: GridTable, declared: DeclaredTable | None) -> list[int]:
    """Columns by which an entry of a 名册 is known: declared, else the first whose heading says so."""
    if declared is not None and declared.keys:
        wanted = [squeeze(k) for k in declared.keys]
        return [n for n, c in enumerate(table.columns) if any(w in squeeze(c.name) for w in wanted)]
    return [n for n, c in enumerate(table.columns) if not c.numeric and _KEY.search(c.name)][:1]
