"""Every figure of a table with the words of its row and column, for what asks after an indicator by name. Pure.

Nothing is picked here: which row or column is the indicator is for who knows its name. Lists of persons give only their totals: what
stands in the row of a person is nobody's indicator.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema import figures as shown
from archive_schema import quantities
from archive_schema.evidence import Fact, Facts
from archive_schema.grid import cell_name
from archive_schema.text import display, squeeze
from intake.figures import Figure, is_nothing, read_figure
from intake.tabular import Description, Row

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
