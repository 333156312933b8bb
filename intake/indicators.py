"""The figures of a table with what names them, for what asks after an indicator or compares with a report. Pure.

``facts`` lists every figure with the words of its row and column: nothing is picked, which row or column is the indicator is for who knows
its name. Lists of persons give only their totals: what stands in the row of a person is nobody's indicator. ``named`` picks those that a
report could quote: totals, and figures whose year the table says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from archive_schema import figures as shown
from archive_schema import quantities
from archive_schema.evidence import Fact, Facts
from archive_schema.grid import YEAR, cell_name
from archive_schema.text import display, squeeze
from intake.figures import Figure, figure_in, is_nothing, read_figure
from intake.tabular import Column, Description, Row

#: columns of a person
_PERSONAL = re.compile("姓名|身份证|学号|学籍|监护人|家长|户主|考生|病人|患者|申请人")
#: columns that are neither words of a row nor figures
_ASIDE = re.compile(
    "^(?:序号|编号|序|行次|排名|名次|位次|代码|电话|联系电话|手机|邮编|备注|说明|.*负责人|联系人|经办人|填表人|身份证.*)$"
)
#: columns that say when
_WHEN = re.compile("^(?:年|年份|年度|统计年度|时间|时期|期间|期别|统计时[段期间]|.*日期)$")
_UNIT = re.compile("^(?:计量|统计|数据)?单位$")
_NUMBER_OF_A_PERSON = re.compile(r"1[3-9]\d{9}|\d{15,19}[xX]?|\d{17}[xX]")
_WORD, _WORDS = 40, 4
#: figures that a fact lists (ours): of a larger table only the rows of totals
LISTED = 200
_LABEL = re.compile(r"[(（].*?[)）]|[,，、](?:%|‰).*$")
#: rows looked at for years, and what is listed of totals and years, and of figures with their place (ours)
_ROWS, _NAMED, _PLACED = 2_000, 20, 60


def facts(sheets: Sequence[Description], *, method: str) -> Facts:
    """``table_figures``: see ``archive_schema.figures``; {} without a header. ``raw`` says when only rows of totals are listed.

    :param sheets: the main one first; of the others the cell names the sheet, and the column when the sheet speaks of.
    """
    headed = [(d, n > 0) for n, d in enumerate(sheets) if d.header]
    if not headed:
        return {}
    said: list[str] = []
    why = []
    for d, other in headed:
        if any(_PERSONAL.search(c.name) for c in d.columns):
            said += _totals(d, other)
            why.append("含个人信息,只列合计行")
            continue
        for row in sorted((*d.data, *(r for r, _ in d.total_rows)), key=lambda r: r[0]):
            said += _row(d, row, other)
            if len(said) > LISTED:
                break
    if len(said) > LISTED:
        said = [s for d, other in headed for s in _totals(d, other)][:LISTED]
        why.append("表较大,只列合计行")
    return {"table_figures": Fact(value=said, raw=";".join(dict.fromkeys(why)) or None, method=f"{method}/figures")}


def _totals(d: Description, other: bool) -> list[str]:
    return [s for row, _ in d.total_rows for s in _row(d, row, other)]


def _row(d: Description, row: Row, other: bool) -> list[str]:
    number, cells = row
    words: list[str] = []
    found: list[tuple[int, Figure]] = []
    unit: str | None = None  # "" = there is a column of units, and nothing in it
    for n, cell in enumerate(cells[: len(d.columns)]):
        name = squeeze(d.columns[n].name.split("/")[-1])
        if _UNIT.match(name) and quantities.known(cell):
            unit = unit or ("" if is_nothing(cell) else display(cell, _WORD))
        elif is_nothing(cell) or _ASIDE.match(name) or _NUMBER_OF_A_PERSON.fullmatch(cell.replace(" ", "")):
            continue
        elif _WHEN.match(name) or (figure := read_figure(cell)) is None:
            if not found and len(cell) <= _WORD and len(words) < _WORDS:
                words.append(display(cell).replace("/", "／"))
        else:
            found.append((n, figure))
    if found and not words and any(r is row for r, _ in d.total_rows):
        words.append("合计")  # it stood in the column of numbers
    sheet = re.sub(r"[\s!]+", "_", display(d.name, _WORD)) + "!" if other and d.name else ""
    when = [d.period.value.replace("/", "-")] if other and d.period is not None else []
    return [
        shown.write(
            f"{sheet}{cell_name(n, number)}",
            "/".join(words),
            "/".join([*when, d.columns[n].name]),
            f.value,
            f.unit or _unit(cells[n], unit or d.columns[n].unit or ("" if unit is not None else _noted(d))),
        )
        for n, f in found
    ]


def _unit(cell: str, unit: str) -> str:
    """The unit around a cell; ``1.3亿`` in a column of 万元 is 1.3亿元."""
    return re.sub("^[十百千万亿]+(?=.)", "", unit) if re.search("[十百千万亿]", cell) else unit


def _noted(d: Description) -> str:
    """The one unit that a line around the table gives for all of it."""
    units = [u for u in d.units if u in d.unit_line and not quantities.measure(u).of.startswith("=")] if d.unit_line else []
    return units[0] if len(units) == 1 else ""


# -- those that a report could quote -----------------------------------------------------------------------------------


def named(d: Description, *, method: str) -> Facts:
    """``table_years``, ``figures``, ``figures_at`` as far as the table has years and totals.

    ``figures`` are totals, ``完成率=95.2%``; ``figures_at`` also says year and cell, ``完成率=95.2%|2016|C7``.
    """
    d = msgspec.structs.replace(d, data=d.data[:_ROWS])
    out: Facts = {}

    def put(key: str, value: list[str], most: int = _NAMED) -> None:
        out[key] = Fact(value=value[:most], raw=f"{len(value)}" if value else None, method=f"{method}/quotients")

    years = sorted({m[1] for c in d.columns for m in YEAR.finditer(c.name)})
    if years:
        put("table_years", years)
    if totals := _named_totals(d):
        put("figures", [figure for figure, _ in totals])
    if placed := [f"{figure}||{cell}" for figure, cell in totals] + _dated_figures(d):
        put("figures_at", placed, _PLACED)
    return out


def _named_totals(d: Description) -> list[tuple[str, str]]:
    """``完成率=95.2%`` and its cell for every figure in the row of totals."""
    if d.totals is None:
        return []
    row = (d.totals.row, d.totals.cells)
    out = []
    for n, column in enumerate(d.columns):
        figure = figure_in(row[1], n)
        label = _label(column.name)
        if figure is not None and column.numeric and len(label) >= 2 and "序" not in label:
            out.append((_written(label, figure, column.unit), cell_name(n, row[0])))
    return out


def _dated_figures(d: Description) -> list[str]:
    """``完成率=95.2%|2016|C7`` for every figure whose year the table says: a row a year, or a column a year.

    What has several figures of one year, one for each district or so, has none that a report could mean.
    """
    found: dict[tuple[str, str], list[str]] = {}

    def put(label: str, figure: Figure, unit: str, year: str, n: int, row: Row) -> None:
        if len(label) >= 2 and "序" not in label:
            found.setdefault((label, year), []).append(f"{_written(label, figure, unit)}|{year}|{cell_name(n, row[0])}")

    years = {n: m[1] for n, c in enumerate(d.columns) if (m := YEAR.search(c.name))}
    by_row = _year_column(d.columns, d.data)
    if by_row is not None:
        for row in d.data:
            m = YEAR.search(row[1][by_row]) if by_row < len(row[1]) else None
            for n, column in enumerate(d.columns):
                figure = figure_in(row[1], n) if m is not None and n != by_row and column.numeric else None
                if figure is not None and m is not None:
                    put(_label(column.name), figure, column.unit, m[1], n, row)
        return [of[0] for of in found.values() if len(of) == 1]
    # a column a year: named by the row, where the table is one of indicators, or by the header in the row of totals
    named = next((n for n, c in enumerate(d.columns) if not c.numeric and re.search("指标|项目|名称|内容", c.name)), None)
    rows = d.data if named is not None else ((d.totals.row, d.totals.cells),) if d.totals is not None else ()
    for row in rows[:_ROWS]:
        for n, year in years.items():
            column = d.columns[n]
            figure = figure_in(row[1], n) if column.numeric else None
            words = _label(row[1][named]) if named is not None and named < len(row[1]) else _label(YEAR.sub("", column.name))
            if figure is not None:
                put(words, figure, column.unit or (_unit_of_row(d, row) if named is not None else ""), year, n, row)
    return [of[0] for of in found.values() if len(of) == 1]


def _year_column(columns: Sequence[Column], data: Sequence[Row]) -> int | None:
    """The column that names a year in every row, where the rows are years."""
    for n, column in enumerate(columns[:3]):
        cells = [cells[n] for _, cells in data[:_ROWS] if n < len(cells) and not is_nothing(cells[n])]
        named = re.fullmatch(r".{0,4}(?:年份|年度|年|时间|时期)", column.name) and len(cells) > 1
        if named and all(YEAR.fullmatch(re.sub(r"[度末底\s]", "", c)) for c in cells):
            return n
    return None


def _unit_of_row(d: Description, row: Row) -> str:
    at = next((n for n, c in enumerate(d.columns) if c.name.endswith("单位")), None)
    return row[1][at] if at is not None and at < len(row[1]) and len(row[1][at]) <= 6 else ""


def _label(name: str) -> str:
    return re.sub(r"[\s|=/]", "", _LABEL.sub("", name.split("/")[-1]))[:20]


def _written(label: str, figure: Figure, unit: str) -> str:
    return f"{label}={figure.value:.12g}{figure.unit or unit}"
