"""A forecast as CSV and as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_schema.forecast import ForecastCell, ForecastOutput
from reports import anchor, clock, forecast_view, tables, workbook
from reports.coverage_view import STATES

if TYPE_CHECKING:
    from openpyxl import Workbook

HEADERS = [
    "检查日期",
    "编号",
    "测评标准",
    "材料类型",
    "牵头单位",
    "责任人",
    "今天",
    "今天可用",
    "届时",
    "届时可用",
    "应交",
    "空出",
    "出窗的材料",
    "进入时段的材料",
    "日期未知的材料",
]


def csv(f: ForecastOutput) -> str:
    """A row per cell, with a byte order mark; to be written as UTF-8."""
    return tables.csv_table(HEADERS, [_row(f, c, ";") for c in forecast_view.in_order(f.cells)])


def xlsx(f: ForecastOutput, *, zone: str, city: str = "") -> bytes:
    """An overview, what is lost by unit, every cell. The same forecast gives the same bytes."""
    book = workbook.new(f.generated_at)
    preface = [
        " ".join(filter(None, [city, f.cycle, f"如 {f.on} 检查"])),
        f"生成：{clock.stamp(f.generated_at, zone)}（{zone}）",
        f"清单之首：{anchor.shown(f.head, f.records)}",
        *(f"测评时段：{w}" for w in forecast_view.windows(f)),
        forecast_view.CAUTION if f.rolls else forecast_view.FIXED,
        "",
    ]
    rows = [
        [f"{s.sign} {s.zh}", f.totals_now[s], f.totals_then[s], f.item_totals_now[s], f.item_totals_then[s]] for s in STATES
    ]
    headers = ["状态", "今天(格)", "届时(格)", "今天(项)", "届时(项)"]
    sheet = workbook.add_sheet(book, "总览", headers, rows, widths=[18, 12, 12, 12, 12], preface=preface)
    for n, state in enumerate(STATES):
        workbook.paint_state(sheet.cell(row=len(preface) + 2 + n, column=1), state)
    _by_unit(f, book)
    widths = [12, 11, 40, 11, 18, 12, 12, 9, 12, 9, 7, 7, 50, 40, 40]
    cells = forecast_view.in_order(f.cells)
    sheet = workbook.add_sheet(book, "逐格", HEADERS, [_row(f, c, "\n") for c in cells], widths=widths)
    for n, c in enumerate(cells, 2):
        workbook.paint_state(sheet.cell(row=n, column=7), c.state_now)
        workbook.paint_state(sheet.cell(row=n, column=9), c.state_then)
    return workbook.to_bytes(book)


def _by_unit(f: ForecastOutput, book: Workbook) -> None:
    rows = [
        [u.name, c.item, c.title, c.kind.value, c.person, f"{c.state_then.sign} {c.state_then.zh}", c.usable_then, c.needed, p]
        for u in forecast_view.units(f)
        for c in u.cells
        for p in [forecast_view.piece(p) for p in c.leaves] or [""]
    ]
    headers = ["牵头单位", "编号", "测评标准", "材料类型", "责任人", "届时", "届时可用", "应交", "出窗的材料"]
    workbook.add_sheet(book, "空出的格", headers, rows, widths=[18, 11, 40, 11, 12, 12, 9, 7, 60])


def _row(f: ForecastOutput, c: ForecastCell, between: str) -> list[object]:
    lists = [between.join(forecast_view.piece(p) for p in x) for x in (c.leaves, c.enters, c.undated)]
    return [
        str(f.on),
        c.item,
        c.title,
        c.kind.value,
        forecast_view.lead(c),
        c.person,
        f"{c.state_now.sign} {c.state_now.zh}",
        c.usable_now,
        f"{c.state_then.sign} {c.state_then.zh}",
        c.usable_then,
        c.needed,
        "空出" if c.lost else "",
        *lists,
    ]
