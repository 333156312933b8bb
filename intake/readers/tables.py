"""What a table says of itself: header, rows, period, formula errors. Pure; shared by the table readers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema.evidence import Fact, Facts
from archive_schema.text import display
from intake import textual
from intake.gongwen.head import marks_of
from intake.readers.sheets import ERRORS, Sheet
from intake.textual import Line

_NUMBER = re.compile(r"[-+]?[\d,，]*\.?\d+\s*%?")
_PERIOD = re.compile(
    r"(?:统计|填报|报告|数据)\s*(?:时段|期间|时间|日期|年度|口径时间|截止时间)\s*[:：]\s*(?P<said>[^\s;；,，)）]{2,40}(?:\s*[-—–~至到]\s*[^\s;；,，)）]{1,30})?)"
    r"|(?P<asof>截[至止]\s*到?\s*\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?底?)"
    r"|(?P<years>\d{4}\s*年?\s*[-—–~至]+\s*\d{4}\s*年(?:度)?|\d{4}\s*年度|\d{4}年(?:\d{1,2}月)?\s*[-—–~至]+\s*(?:\d{4}年)?\d{1,2}月)"
)
_LISTED_ERRORS = 50
_HEADER_ZONE = 30


def describe(sheets: Sequence[Sheet], *, method: str) -> Facts:
    """Facts of the main sheet (the visible one with the most rows), formula errors of all."""
    facts: Facts = {"sheets": Fact(value=[s.name for s in sheets if s.name], method=method)}
    errors = [
        f"{s.name + '!' if s.name else ''}{_column(c)}{n} {cell}"
        for s in sheets
        for n, cells in s.rows
        for c, cell in enumerate(cells)
        if cell.startswith("#") and cell in ERRORS
    ]
    facts["formula_errors"] = Fact(value=errors[:_LISTED_ERRORS], raw=f"{len(errors)}" if errors else None, method=method)
    main = max(sheets, key=lambda s: (not s.hidden, len(s.rows)), default=None)
    if main is None or not main.rows:
        facts["table_rows"] = Fact(value=0, method=method)
        return facts
    at = header_row(main)
    above = [cells for _, cells in main.rows[: at or 0]]
    data = main.rows[at + 1 :] if at is not None else main.rows
    facts["table_rows"] = Fact(value=len(data), method=method)
    if at is not None:
        number, cells = main.rows[at]
        facts["table_columns"] = Fact(
            value=[display(c, 100) for c in cells], raw=f"{main.name}第 {number} 行", method=f"{method}/header"
        )
    title = next((c for cells in above for c in cells if len([x for x in cells if x]) == 1 and len(c) >= 4), "")
    if title:
        facts["title"] = Fact(value=display(title, 200), raw=title, method=f"{method}/above-header")
    notes = ["  ".join(cells) for cells in above] + ["  ".join(c for c in cells if c) for _, cells in data[-5:]]
    for note in notes:
        m = _PERIOD.search(note)
        if m is not None:
            said = next(g for g in (m["said"], m["asof"], m["years"]) if g)
            facts["table_date"] = Fact(value=said.strip(), raw=display(note, 200), method=f"{method}/note")
            break
    level = marks_of([Line("  ".join(cells)) for cells in above or [main.rows[0][1]]])
    if level is not None:
        facts["secrecy"] = Fact(value=level[0], raw=level[1], method=f"{method}/head")
    return facts


def header_row(sheet: Sheet) -> int | None:
    """Index into ``sheet.rows`` of the header: the first row nearly as wide as the table, of different texts, no numbers."""
    zone = sheet.rows[:_HEADER_ZONE]
    width = max((sum(1 for c in cells if c) for _, cells in zone), default=0)
    for n, (_, cells) in enumerate(zone):
        filled = [c for c in cells if c]
        if len(filled) < max(2, (width + 1) // 2):
            continue
        if sum(1 for c in filled if _NUMBER.fullmatch(c)) * 2 > len(filled) and not _years(filled):
            return None  # numbers before any heading
        return n
    return None


def _years(cells: list[str]) -> bool:
    """A row like 指标 | 2017 | 2018 is a heading all the same."""
    return all(re.fullmatch(r"(?:19|20)\d\d", c) or not _NUMBER.fullmatch(c) for c in cells) and not _NUMBER.fullmatch(cells[0])


def as_text(sheets: Sequence[Sheet]) -> tuple[str, bool]:
    """Tab-separated lines of all sheets, capped."""
    lines = []
    for sheet in sheets:
        if sheet.name:
            lines.append(sheet.name)
        lines += ["\t".join(cells) for _, cells in sheet.rows]
    return textual.capped("\n".join(lines))


def _column(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
