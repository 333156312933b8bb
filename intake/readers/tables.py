"""Facts of a table: header, rows, 单位 口径 时段 来源, totals, figures, formula errors. Pure; shared by the table readers."""

from __future__ import annotations

from collections.abc import Sequence

from archive_schema.evidence import Fact, Facts
from archive_schema.grid import cell_name
from archive_schema.text import display
from intake import gridding, indicators, quotients, tabular, textual
from intake.gongwen.head import marks_of
from intake.quotients import Ratios
from intake.readers.sheets import ERRORS, Sheet
from intake.tabular import Description
from intake.textual import Line

_LISTED_ERRORS = 50
#: columns, units and cells named in a fact (ours): a fact is read by people, the table itself is in the text
_LISTED, _LISTED_CELLS = 64, 20
#: rows that make a table of a document, lines around it that may speak of it (ours)
_ROWS_WITHIN, _LINES_AROUND = 3, 4


def describe(sheets: Sequence[Sheet], *, method: str) -> tuple[Facts, bytes]:
    """Facts of the main sheet (the visible one with the most rows), formula errors of all; every visible sheet as a grid."""
    facts: Facts = {"sheets": Fact(value=[s.name for s in sheets if s.name][:_LISTED], method=method)}
    errors = [
        f"{s.name + '!' if s.name else ''}{cell_name(c, n)} {cell}"
        for s in sheets
        for n, cells in s.rows
        for c, cell in enumerate(cells)
        if cell.startswith("#") and cell in ERRORS
    ]
    facts["formula_errors"] = Fact(value=errors[:_LISTED_ERRORS], raw=f"{len(errors)}" if errors else None, method=method)
    main = main_sheet(sheets)
    if main is None or not main.rows:
        facts["table_rows"] = Fact(value=0, method=method)
        return facts, b""
    d = tabular.take_apart(main.name, main.rows, main.merged)
    ratios = quotients.ratios(d)
    facts |= _facts(d, method, ratios)
    level = marks_of([Line("  ".join(cells)) for _, cells in d.above or main.rows[:1]])
    if level is not None:
        facts["secrecy"] = Fact(value=level[0], raw=level[1], method=f"{method}/head")
    visible = [s for s in sheets if not s.hidden and s.rows]
    parts = [(d, ratios)]
    for s in visible[: gridding.SHEETS]:
        if s is not main:
            other = tabular.take_apart(s.name, s.rows, s.merged)
            parts.append((other, quotients.ratios(other)))
    facts |= indicators.facts([p for p, _ in parts], method=method)
    return facts, gridding.of_sheets(parts, left=[s.name for s in visible[gridding.SHEETS :]])


def within(lines: Sequence[str], *, method: str) -> Facts:
    """Facts of the table that a document mainly consists of: its cells separated by tabs, a line a row; {} for any other document.

    Mainly: at least half of all characters stand in it (ours). Of a table that only illustrates a text nothing is said.
    """
    start, end = max(_runs_of_rows(lines), key=lambda run: run[1] - run[0], default=(0, 0))
    inside = sum(len("".join(line.split())) for line in lines[start:end])
    if end - start < _ROWS_WITHIN or inside * 2 < sum(len("".join(line.split())) for line in lines):
        return {}
    around = range(max(0, start - _LINES_AROUND), min(len(lines), end + _LINES_AROUND))
    rows = [(n + 1, tuple(c.strip() for c in lines[n].split("\t"))) for n in around if lines[n].strip()]
    d = tabular.take_apart("", rows)
    found = _facts(d, f"{method}/table") | indicators.facts([d], method=f"{method}/table")
    return {k: f for k, f in found.items() if k != "title"}


def _runs_of_rows(lines: Sequence[str]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = None
    for n, line in enumerate([*lines, ""]):
        if "\t" in line and start is None:
            start = n
        elif "\t" not in line and start is not None:
            runs.append((start, n))
            start = None
    return runs


def main_sheet(sheets: Sequence[Sheet]) -> Sheet | None:
    """The visible sheet with the most rows."""
    return max(sheets, key=lambda s: (not s.hidden, len(s.rows)), default=None)


def _facts(d: Description, method: str, ratios: Ratios | None = None) -> Facts:
    facts: Facts = {"table_rows": Fact(value=len(d.data), method=method)}

    def put(key: str, value: object, how: str, raw: str | None = None, others: tuple[str, ...] = ()) -> None:
        facts[key] = Fact(value=value, raw=raw, method=f"{method}/{how}", others=others)

    if d.header:
        where = "–".join(str(n) for n in dict.fromkeys((d.header[0], d.header[-1])))
        put("table_columns", [c.name for c in d.columns][:_LISTED], "header", f"{d.name}第 {where} 行")
        numeric = [c.name for c in d.columns if c.numeric]
        put("table_numeric", numeric[:_LISTED], "figures")
        if numeric:
            put("numbers_unread", list(d.unread[:_LISTED_CELLS]), "figures", f"{len(d.unread)}" if d.unread else None)
    if d.title:
        put("title", display(d.title, 200), "above-header", d.title)
    if d.units:
        put("table_units", list(d.units[:_LISTED]), "note" if d.unit_line else "header", d.unit_line or None)
    for key, said in (("table_scope", d.scope), ("table_date", d.period)):
        if said is not None:
            put(key, said.value, "note", said.raw)
    if d.source is not None:
        differs = d.filler is not None and d.filler.value != d.source.value
        put("table_source", d.source.value, "note", d.source.raw, (d.filler.value,) if d.filler and differs else ())
    elif d.filler is not None:
        put("table_source", d.filler.value, "filled-by", d.filler.raw)
    if d.totals is not None:
        put("table_totals", d.totals.row, "totals", d.totals.label)
    if d.totals is not None or d.sums:
        differ = tabular.differing(d)
        put("totals_differ", [said for said, _ in differ[:_LISTED_CELLS]], "totals", f"{len(differ)}" if differ else None)
        put("totals_apart", [float(f"{share:.4g}") for _, share in differ[:_LISTED_CELLS]], "totals")
    return facts | quotients.facts(d, method=method, known=ratios) | indicators.named(d, method=method)


def as_text(sheets: Sequence[Sheet]) -> tuple[str, bool]:
    """Tab-separated lines of all sheets, capped."""
    lines = []
    for sheet in sheets:
        if sheet.name:
            lines.append(sheet.name)
        lines += ["\t".join(cells) for _, cells in sheet.rows]
    return textual.capped("\n".join(lines))
