"""责任单位进度: one line per unit, for page, workbook and terminal. Neutral by default; 红黑榜 only where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_schema.report import CoverageReport, UnitProgress
from reports import coverage_view, tables, terminal, workbook

if TYPE_CHECKING:
    from openpyxl import Workbook

TITLE = "责任单位进度"
NOTE = (
    "可用率：牵头各项中可用的格占适用的格；按时率：有期限的来件中没有迟交的，已有新版本的不计，没有来件的写“—”；"
    "逾期：期限已过仍未可用的格；退回：退回后还没有新版本的件；待办：还没有可用的格。"
)
HEADERS = ["责任单位", "牵头项", "适用格", "可用格", "可用率", "按时率", "迟交件", "逾期格", "退回件", "待办格"]
#: 红榜, 黑榜: 本项目默认, shown only with the option that asks for them
RANKS = {"red": "红榜", "black": "黑榜"}
RANK_NOTE = "红榜：应交全部可用，没有逾期、退回；黑榜：有逾期或退回（本项目默认）。"
_FILLS = {"red": ("FDE7E9", "B3121D"), "black": ("E4E4E4", "202020")}


def ordered(report: CoverageReport) -> list[UnitProgress]:
    """Furthest first; with equal shares the more punctual, then by name. A unit that leads nothing stands last."""

    def key(u: UnitProgress) -> tuple[object, ...]:
        covered, on_time = u.covered, u.on_time
        return (
            covered is None,
            -(covered or 0.0),
            on_time is None,
            -(on_time or 0.0),
            u.overdue + u.returned,
            coverage_view.order(u.name),
        )

    return sorted(report.board, key=key)


def rank(u: UnitProgress) -> str:
    """``red``, ``black`` or "" (neither)."""
    if u.overdue or u.returned:
        return "black"
    return "red" if u.applicable and u.usable == u.applicable else ""


def percent(share: float | None) -> str:
    """Whole per cent, never rounded up to 100; — where nothing was measured."""
    return "—" if share is None else f"{int(share * 100 + 1e-9)}%"


def row(u: UnitProgress) -> list[object]:
    return [
        u.name,
        u.lead_of,
        u.applicable,
        u.usable,
        percent(u.covered),
        percent(u.on_time),
        u.late,
        u.overdue,
        u.returned,
        u.open,
    ]


def text(report: CoverageReport, *, color: bool = False, width: int = 100, ranking: bool = False) -> str:
    """The table on a terminal; "" without units."""
    units = ordered(report)
    if not units:
        return ""
    rows = [[*row(u), *([RANKS.get(rank(u), "")] if ranking else [])] for u in units]
    headers = [*HEADERS, *(["榜"] if ranking else [])]
    return terminal.heading(TITLE, color) + "\n" + tables.text_table(headers, rows, width=width)


def add_to(book: Workbook, report: CoverageReport, *, ranking: bool = False) -> None:
    """A sheet of the coverage workbook."""
    from openpyxl.styles import PatternFill

    units = ordered(report)
    rows = [[*row(u), *([RANKS.get(rank(u), "")] if ranking else [])] for u in units]
    preface = [TITLE, NOTE, *([RANK_NOTE] if ranking else []), ""]
    headers = [*HEADERS, *(["榜"] if ranking else [])]
    widths = [22, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9][: len(headers)]
    sheet = workbook.add_sheet(book, TITLE, headers, rows, widths=widths, preface=preface)
    if ranking:
        for n, u in enumerate(units, len(preface) + 2):
            if rank(u):
                fill, ink = _FILLS[rank(u)]
                cell = sheet.cell(row=n, column=1)
                cell.fill, cell.font = PatternFill("solid", start_color=fill), workbook.font(color=ink, bold=True)
