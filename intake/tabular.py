"""One sheet taken apart: lines above, header, data, totals, lines below. Pure; what the facts and the frames rest on.

Above the header stand the title and lines like 单位, 口径, 统计时段, 数据来源; below the data the same or 注, 填报单位. The header may
be of several rows with cells merged over columns and rows; flattened, a column is called by its path from top to bottom,
``2017年/完成数``. Rows of 合计 are no data. Column roles and what must add up are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from archive_schema.grid import GridSum, cell_name, column_letters
from archive_schema.text import display, squeeze
from intake import sums
from intake.figures import Figure, is_nothing, read_figure

Row = tuple[int, tuple[str, ...]]
#: (first row, first column, last row, last column): rows as the file numbers them, from 1; columns from 0
Merge = tuple[int, int, int, int]

_HEADER_ZONE, _HEADER_ROWS = 30, 5
_TAIL_ZONE = 12
_NAME = 100
#: rows whose figures are looked at (ours): reading each cell as a number takes some microseconds
_LOOKED_AT = 20_000
_YEAR = re.compile(r"(?:19|20)\d\d年?")
_SERIAL = re.compile(r"^(?:序号|编号|序|行次|排名|名次|位次|代码|年份|年度|电话|联系电话|手机|邮编|身份证.*|.*日期|.*时间)$")
#: columns whose total is no sum
_RATE = re.compile("率|比重|比例|占比|百分|均|指数|增幅|增长|同比|环比|密度|每|系数|评分|得分|%|‰")
_TOTAL = re.compile(
    r"^(?:合计|总计|共计|总数|小计|全[市县区省国](?:合计|总计|总数)?|.{0,8}(?:合计|总计|小计))(?:数|[(（].{0,10}[)）])?[:：]?$"
)
_SUBTOTAL = re.compile("小计")
_PART = re.compile("^其中")
_NUMBERING = re.compile(r"[甲乙丙丁]|\(?\d{1,3}\)?(?:=.*)?")
_LABELS: dict[str, re.Pattern[str]] = {
    "units": re.compile(r"(?:^|[\s(（;；,，])(?:计量|统计|计算|数量|金额)?单位\s*[:：]\s*(?P<said>[^\s:：;；)）]{1,30})"),
    "scope": re.compile(r"(?:统计|数据|计算|指标)?(?:口径|范围)(?:说明)?\s*[:：]\s*(?P<said>.{2,200})"),
    "period": re.compile(
        r"(?:统计|填报|报告|数据|报表|所属)\s*(?:时段|时期|期间|期别|时间|日期|年度|口径时间|截止时间)\s*[:：]\s*"
        r"(?P<said>[^\s;；,，)）]{2,40}(?:\s*[-—–~至到]\s*[^\s;；,，)）]{1,30})?)"
        r"|(?P<asof>截[至止]\s*到?\s*\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?底?)"
        r"|(?P<years>\d{4}\s*年?\s*[-—–~至]+\s*\d{4}\s*年(?:度)?|\d{4}\s*年度|\d{4}年(?:\d{1,2}月)?\s*[-—–~至]+\s*(?:\d{4}年)?\d{1,2}月)"
    ),
    "source": re.compile(r"(?:数据|资料|统计)?来\s*源\s*[:：]\s*(?P<said>[^;；]{2,100})"),
    "filler": re.compile(
        r"(?:填报|填表|制表|报送|统计|汇总|提供|编制)(?:单位|部门|机关|机构)(?:[(（]盖?章[)）])?\s*[:：]\s*(?P<said>[^\s;；,，:：]{2,60})"
    ),
}
_FOOT = re.compile(
    r"^\s*(?:注|备注|说明|附注|填报|填表|制表|审核|复核|负责|单位负责|统计负责|联系|报出|报送|盖章|数据来源|资料来源|来源|统计|口径|指标解释|计算|公式|单位|日期)"
    r"[^\d]{0,14}[:：]"
)
_OF_COLUMN = re.compile(r"[(（](?P<unit>[^()（）:：]{1,12})[)）]\s*$|[,，、](?P<bare>%|‰|万元|亿元|元|人|个)$")
_UNIT_LIKE = re.compile(
    r"^(?:%|‰|[A-Za-z]{1,5}[23²³]?|[十百千万亿]{0,2}(?:元|人|个|户|次|件|项|所|家|处|名|座|台|辆|公里|千米|米|平方米|平方公里|公顷|亩|吨|千克|册|期|场|天|日|小时|分|张|篇|条|人次|人天|床|张床|级|类|组|支|万人|户次|例|起|宗|例/.*|.{1,4}/.{1,6}))$"
)


class Column(msgspec.Struct, frozen=True):
    """``name``: its path in the header. ``unit`` "" = none said. ``numeric``: most of its cells are figures."""

    name: str
    unit: str = ""
    numeric: bool = False


class Said(msgspec.Struct, frozen=True):
    """What a line around the table says, and the line."""

    value: str
    raw: str


class Totals(msgspec.Struct, frozen=True):
    """The last row of totals: its number in the file, its label."""

    row: int
    label: str
    cells: tuple[str, ...] = ()


class Description(msgspec.Struct, frozen=True):
    """``header``: numbers of its rows in the file, () = none found. ``data``: without totals, empty rows and the lines below."""

    name: str
    columns: tuple[Column, ...]
    header: tuple[int, ...]
    data: tuple[Row, ...]
    title: str = ""
    units: tuple[str, ...] = ()
    unit_line: str = ""
    scope: Said | None = None
    period: Said | None = None
    source: Said | None = None
    filler: Said | None = None
    totals: Totals | None = None
    total_rows: tuple[tuple[Row, bool], ...] = ()  # every row of totals, and whether it is a 小计
    sums: tuple[GridSum, ...] = ()
    unread: tuple[str, ...] = ()  # cells of numeric columns that are no figure, as ``C5 若干``
    above: tuple[Row, ...] = ()
    below: tuple[Row, ...] = ()


def take_apart(name: str, rows: Sequence[Row], merged: Sequence[Merge] = ()) -> Description:
    """Take one sheet apart. Rows may have gaps; ``merged`` may be empty (CSV): a blank then counts as merged to the left."""
    first, end = _header(rows, merged)
    above, body = tuple(rows[:first]), tuple(rows[end:])
    cut = len(body)
    width = max((len(cells) for _, cells in rows), default=0)
    while cut > max(0, len(body) - _TAIL_ZONE) and _is_foot(body[cut - 1][1], width):
        cut -= 1
    below, body = body[cut:], body[:cut]
    names = _flatten([rows[n] for n in range(first, end)], merged, width) if end > first else []
    labels = [_total_label(cells) for _, cells in body]
    totals = tuple((r, bool(_SUBTOTAL.search(squeeze(word)))) for r, word in zip(body, labels, strict=True) if word)
    data = tuple(r for r, word in zip(body, labels, strict=True) if not word)
    notes = [*above, *below]
    said = {key: _said(pattern, notes) for key, pattern in _LABELS.items()}
    figures = [_figures(n, data[:_LOOKED_AT]) for n in range(len(names))]
    columns = tuple(_column(name, data, n, figures[n]) for n, name in enumerate(names))
    unit_line = said["units"]
    units = [*(re.split("[、,，/和]", unit_line.value) if unit_line else ()), *(c.unit for c in columns)]
    return Description(
        name=name,
        columns=columns,
        header=tuple(n for n, _ in rows[first:end]),
        data=data,
        title=_title(above),
        units=tuple(dict.fromkeys(u.strip() for u in units if u.strip())),
        unit_line=unit_line.raw if unit_line else "",
        scope=said["scope"],
        period=said["period"],
        source=said["source"],
        filler=said["filler"],
        totals=_totals(totals),
        total_rows=totals,
        sums=_sums(columns, data, figures, totals),
        unread=_unread(columns, data, figures),
        above=above,
        below=below,
    )


# -- header ------------------------------------------------------------------------------------------------------------


def _header(rows: Sequence[Row], merged: Sequence[Merge]) -> tuple[int, int]:
    """(first, after last) index of the header's rows; (0, 0) when numbers come before any heading."""
    zone = rows[:_HEADER_ZONE]
    width = max((sum(1 for c in cells if c) for _, cells in zone), default=0)
    wide = max(2, (width + 1) // 2)
    at = next((n for n, row in enumerate(zone) if _covered(row, merged) >= wide and not _is_note(row[1])), None)
    if at is None:
        return 0, 0
    filled = [c for c in zone[at][1] if c]
    if sum(1 for c in filled if _is_number(c)) * 2 > len(filled) and not _years(filled):
        return 0, 0
    end = at + 1
    while end < len(zone) and end - at < _HEADER_ROWS and _goes_on(zone[at:end], zone[end], merged):
        end += 1
    if (
        end < len(zone)
        and len(zone[end][1]) > 1
        and all(_NUMBERING.fullmatch(c) for c in zone[end][1])
        and _counts(zone[end][1])
    ):
        end += 1  # 甲 乙 1 2 3 …, the numbers of the columns
    return at, end


def _is_note(cells: Sequence[str]) -> bool:
    """``统计时段:2016年 | 填报单位:市教育局``: every cell says what it is about, as no heading does."""
    return all(re.search(r"[^\d][:：]", c) for c in cells if c)


def _covered(row: Row, merged: Sequence[Merge]) -> int:
    """Columns that the cells of a row fill, merged ones with all that they are merged over; a title over all is one cell."""
    number, cells = row
    filled = [n for n, c in enumerate(cells) if c]
    if len(filled) < 2:
        return len(filled)
    spans = {m[1]: m[3] - m[1] + 1 for m in merged if m[0] == number}
    return sum(spans.get(n, 1) for n in filled)


def _goes_on(header: Sequence[Row], row: Row, merged: Sequence[Merge]) -> bool:
    """True when ``row`` is one more row of the header above it: words below merged cells, nothing where a cell reaches down."""
    number, cells = row
    filled = [n for n, c in enumerate(cells) if c]
    if not filled or any(_is_number(cells[n]) and not _YEAR.fullmatch(cells[n]) for n in filled):
        return False
    last_number, last = header[-1]
    if merged:
        down = {c for a, left, b, right in merged if a < number <= b for c in range(left, right + 1)}
        under = {c for a, left, b, right in merged if a <= last_number <= b and right > left for c in range(left, right + 1)}
        return bool(down or under) and all(n in under and n not in down for n in filled)
    # without merges: the first column is said above and left blank here, and something here has a blank above it
    blank_above = [n for n in filled if n >= len(last) or not last[n]]
    return not cells[0] and bool(last[0]) and bool(blank_above)


def _flatten(header: Sequence[Row], merged: Sequence[Merge], width: int) -> list[str]:
    rows = [r for r in header if not (len(r[1]) > 1 and _counts(r[1]) and all(_NUMBERING.fullmatch(c) for c in r[1]))]
    grid = [[*cells, *[""] * (width - len(cells))] for _, cells in rows]
    for first, left, last, right in merged:
        for n, (number, _) in enumerate(rows):
            if first <= number <= last and left < width:
                value = next((cells[left] for at, cells in rows if at == first and left < len(cells)), "")
                for c in range(left, min(right + 1, width)):
                    grid[n][c] = grid[n][c] or value
    if not merged:
        for n, line in enumerate(grid[:-1]):
            for c in range(1, width):
                if not line[c] and any(below[c] for below in grid[n + 1 :]):
                    line[c] = line[c - 1]
    last_filled = max((c + 1 for line in grid for c, v in enumerate(line) if v), default=0)
    out = []
    for c in range(last_filled):
        path: list[str] = []
        for line in grid:
            part = re.sub(r"\s+", "" if not line[c].isascii() else " ", line[c])
            if part and part not in path[-1:]:
                path.append(part)
        out.append(display("/".join(path), _NAME))
    return out


def _counts(cells: Sequence[str]) -> bool:
    """1 2 3 …, or 甲 乙 1 2 …"""
    numbers = [int(m[0]) for c in cells if (m := re.search(r"\d+", c))]
    return len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1)


def _years(cells: Sequence[str]) -> bool:
    """A row like 指标 | 2017 | 2018 is a heading all the same."""
    return all(_YEAR.fullmatch(c) or not _is_number(c) for c in cells) and not _is_number(cells[0])


def _is_number(text: str) -> bool:
    return read_figure(text) is not None


# -- lines around ------------------------------------------------------------------------------------------------------


def is_foot_line(text: str) -> bool:
    """It begins like a line below a table: 注, 填报人, 盖章 and the like, and a colon."""
    return _FOOT.match(text) is not None


def _is_foot(cells: Sequence[str], width: int) -> bool:
    filled = [c for c in cells if c]
    if not filled or _total_label(cells):
        return False
    return is_foot_line(filled[0]) or (len(filled) == 1 and width > 2 and len(filled[0]) > 20)


def _title(above: Sequence[Row]) -> str:
    for _, cells in above:
        filled = [c for c in cells if c]
        if len(filled) == 1 and len(filled[0]) >= 4 and not _FOOT.match(filled[0]) and not _LABELS["period"].match(filled[0]):
            return filled[0]
    return ""


def _said(pattern: re.Pattern[str], notes: Sequence[Row]) -> Said | None:
    for _, cells in notes:
        # a label in one cell and its value in the next read as one line; other cells stay apart
        line = "  ".join(c for c in cells if c)
        line = re.sub(r"([:：])\s+", r"\1", line)
        m = pattern.search(line)
        if m is not None:
            value = next(g for g in m.groupdict().values() if g)
            return Said(display(value.split("  ")[0], 200), display(line, 200))
    return None


# -- columns and figures -----------------------------------------------------------------------------------------------


def _figures(n: int, data: Sequence[Row]) -> list[Figure | None]:
    """Of one column, a value for each row; None also for a cell that holds none on purpose."""
    return [read_figure(cells[n]) if n < len(cells) and cells[n] else None for _, cells in data]


def _column(name: str, data: Sequence[Row], n: int, figures: Sequence[Figure | None]) -> Column:
    read = [f for f in figures if f is not None]
    words = len(figures) - len(read) - _blanks(data[: len(figures)], n) - _errors(data[: len(figures)], n)
    m = _OF_COLUMN.search(name)
    unit = (m["unit"] or m["bare"]) if m else ""
    if unit and not _UNIT_LIKE.match(unit):
        unit = ""
    if not unit and len({f.unit for f in read}) == 1:
        unit = read[0].unit
    return Column(name, unit, bool(read) and len(read) >= words)


def _unread(columns: Sequence[Column], data: Sequence[Row], figures: Sequence[Sequence[Figure | None]]) -> tuple[str, ...]:
    return tuple(
        f"{column_letters(n)}{number} {display(cells[n], 30)}"
        for k, (number, cells) in enumerate(data[:_LOOKED_AT])
        for n, c in enumerate(columns)
        if c.numeric and figures[n][k] is None and n < len(cells) and not is_nothing(cells[n]) and cells[n][0] != "#"
    )


def _total_label(cells: Sequence[str]) -> str:
    """The word of a row of totals, which stands in one of its first three cells, or ""."""
    return next((c for c in cells[:3] if c and _TOTAL.match(squeeze(c))), "")


def _totals(totals: Sequence[tuple[Row, bool]]) -> Totals | None:
    whole = [r for r, part in totals if not part]
    return Totals(whole[-1][0], display(_total_label(whole[-1][1]), 30), whole[-1][1]) if whole else None


def _sums(
    columns: Sequence[Column],
    data: Sequence[Row],
    figures: Sequence[Sequence[Figure | None]],
    totals: Sequence[tuple[Row, bool]],
) -> tuple[GridSum, ...]:
    """Nothing where parts of a row above would count twice, or of a table too long to be looked at whole."""
    if not totals or any(_PART.match(c) for _, row in data for c in row[:2]) or len(data) > _LOOKED_AT:
        return ()
    stated = [(number, part, [read_figure(c) for c in cells]) for (number, cells), part in totals]
    adding = [n for n, column in enumerate(columns) if _adds_up(column)]
    found = sums.sums(data, figures, stated, adding)
    shares = {(number, n) for number, _, read in stated for n, f in enumerate(read) if f is not None and f.unit in ("%", "‰")}
    return tuple(s for s in found if (s.row, s.column) not in shares)


def _adds_up(column: Column) -> bool:
    head = column.name.split("/")[-1]
    rate = _RATE.search(column.name) or column.unit in ("%", "‰")
    return column.numeric and not rate and not _SERIAL.match(head)


def differing(d: Description) -> list[tuple[str, float]]:
    """Totals that are not the sum of their parts: what is said of each, and by what share of the total it is out."""
    labels = {r[0]: display(_total_label(r[1]), 30) for r, _ in d.total_rows}
    return [
        (
            f"{cell_name(s.column, s.row)} {d.columns[s.column].name}: {labels[s.row]} {_plain(s.stated)},各行相加 {_plain(s.summed)}",
            s.apart / abs(s.stated) if s.stated else 1.0,
        )
        for s in d.sums
        if s.apart
    ]


def _blanks(data: Sequence[Row], n: int) -> int:
    return sum(1 for _, cells in data if n >= len(cells) or is_nothing(cells[n]))


def _errors(data: Sequence[Row], n: int) -> int:
    """Cells with the error of a formula: reported as such, neither figure nor word."""
    return sum(1 for _, cells in data if n < len(cells) and cells[n].startswith("#"))


def _plain(value: float) -> str:
    return f"{round(value, 6):.6f}".rstrip("0").rstrip(".")
