"""The coverage report as a workbook: an overview, the matrix, the problems, the unplaced files, and a sheet per lead unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive_schema.report import CoverageReport, ShownFinding
from archive_schema.words import CellState
from reports import anchor, board, clock, coverage_view, grades_sheet, negative_text, workbook
from reports.coverage_view import KINDS, STATES, CellView, UnitView, View
from reports.punctuation import chinese
from reports.remarks import Remarks

if TYPE_CHECKING:
    from openpyxl import Workbook


def render(report: CoverageReport, *, ranking: bool = False) -> bytes:
    """The file. The same report gives the same bytes, whatever the order of its lists.

    :param ranking: colour the progress of the units as 红黑榜.
    """
    view = coverage_view.arrange(report)
    book = workbook.new(report.coverage.generated_at)
    if report.negative and report.negative.events:
        headers = negative_text.EVENTS
        workbook.add_sheet(book, "负面清单", headers, negative_text.rows(report.negative), widths=_NEGATIVE)
    told = Remarks(view)
    _overview(book, view, told)
    _remarks(book, told)
    _matrix(book, view)
    if report.grades and report.grades.items:
        grades_sheet.add(book, report.grades)
    if report.board:
        board.add_to(book, report, ranking=ranking)
    _problems(book, view)
    _elsewhere(book, view)
    _unplaced(book, view)
    for unit in sorted(view.units, key=lambda u: coverage_view.order(u.name)):
        _unit(book, view, unit, told)
    return workbook.to_bytes(book)


_NEGATIVE = [8, 40, 14, 12, 44, 14, 44, 10, 30, 24]


def _overview(book: Workbook, view: View, told: Remarks) -> None:
    report, coverage = view.report, view.report.coverage
    preface = [
        view.title,
        f"生成：{clock.stamp(coverage.generated_at, report.zone)}（{report.zone}）",
        f"最近入库：{clock.of_run(report.run, report.zone) or '尚无'}",
        f"清单之首：{anchor.shown(coverage.head, report.records)}",
        f"归档期限：{report.deadline or '未定'}",
        f"目录：{chinese(coverage.catalogue.edition)}，{coverage.catalogue.items} 项、应交 {coverage.catalogue.requirements} 格",
        *filter(None, [view.scope]),
        view.catalogue_sentence,
        *(f"测评时段：{k} {report.windows[k.value]}" for k in KINDS if k.value in report.windows),
        *(negative_text.front(report.negative)[:1] if report.negative else ()),
        *(f"{g.code.zh} {len(g.marked)} 格，见“提醒”" for g in told.groups()),
        *([told.nobody] if told.nobody else []),
        *filter(None, [view.settled]),
        "",
    ]
    rows = [[f"{s.sign} {s.zh}", view.total(s), view.item_total(s)] for s in STATES]
    sheet = workbook.add_sheet(
        book, "总览", ["状态", "应交材料(格)", "测评标准(项)"], rows, widths=[18, 16, 16], preface=preface
    )
    top = len(preface) + 2
    for n, state in enumerate(STATES):
        workbook.paint_state(sheet.cell(row=top + n, column=1), state)
    at = top + len(STATES) + 1
    notes = [f"{n.unit}　{n.path}　{coverage_view.note_reason(n)}" for n in view.notes]
    forms = [f"{f.unit}　{f.path}　{f.text}" for f in view.forms]
    lines = [*(["隔离与等待", *notes] if notes else ()), *(["提交表的问题", *forms] if forms else ())]
    workbook.add_lines(sheet, at, lines, columns=3)


def _remarks(book: Workbook, told: Remarks) -> None:
    """A row per remark; no sheet when there is none."""
    rows = [
        [
            g.code.zh,
            m.cell.item.id,
            m.cell.kind.value,
            m.cell.item.item.title,
            m.cell.item.lead,
            m.person,
            _state(m.cell.state),
            m.remark.text,
            m.remark.day,
        ]
        for g in told.groups()
        for m in g.marked
    ]
    if rows:
        headers = ["提醒", "编号", "材料类型", "测评标准", "牵头单位", "责任人", "状态", "说明", "日期"]
        workbook.add_sheet(book, "提醒", headers, rows, widths=[12, 11, 11, 44, 18, 14, 12, 50, 12])


def _matrix(book: Workbook, view: View) -> None:
    headers = ["编号", "测评项目", "测评指标", "测评内容", "测评标准", "来历", "牵头单位", "责任单位", "状态", *KINDS]
    rows = []
    for i in view.items:
        cells = [view.cell(i.id, k) for k in KINDS]
        rows.append(
            [
                i.id,
                i.place.project,
                i.place.indicator,
                i.place.content,
                i.item.title,
                i.provenance,
                i.lead,
                "、".join(i.units[1:]),
                _state(i.item.state),
                *(_brief(c) if c else "·" for c in cells),
            ]
        )
    widths = [11, 20, 24, 20, 44, 10, 18, 22, 12, 14, 14, 14, 14]
    sheet = workbook.add_sheet(book, "覆盖矩阵", headers, rows, widths=widths)
    sheet.freeze_panes = "F2"
    for n, i in enumerate(view.items, 2):
        workbook.paint_state(sheet.cell(row=n, column=9), i.item.state)
        for k, kind in enumerate(KINDS):
            if (cell := view.cell(i.id, kind)) is not None:
                workbook.paint_state(sheet.cell(row=n, column=10 + k), cell.state)


def _problems(book: Workbook, view: View) -> None:
    headers = ["编号", "材料类型", "牵头单位", "报送单位", "文件", "标题", "程度", "问题", "处理", "问题代码", "SHA-256"]

    def rows() -> Iterator[list[str | None]]:
        for cell in view.cells.values():
            for f in cell.files:
                e = f.evidence
                who = [cell.item.id, cell.kind.value, cell.item.lead, e.unit, e.path, e.title]
                yield from (_finding(who, x, e.sha256) for x in f.findings)
        for other, f in view.elsewhere:
            who = [other.item, other.kind.value, other.units[0], f.evidence.unit, f.evidence.path, f.evidence.title]
            yield from (_finding(who, x, f.evidence.sha256) for x in f.findings)
        for where, u in [*(("未归类", u) for u in view.unplaced), *(("已退回", u) for u in view.sent_back)]:
            for x in view.unplaced_findings(u):
                yield _finding([where, "", "", u.unit, u.path, ""], x, u.sha256)

    workbook.add_long(book, "问题清单", headers, rows, widths=[11, 11, 18, 18, 44, 34, 9, 50, 36, 14, 20])


def _finding(who: list[str | None], x: ShownFinding, sha256: str) -> list[str | None]:
    return [*who, coverage_view.finding_mark(x), x.text, "" if x.waived else x.remedy, x.code, sha256]


def _elsewhere(book: Workbook, view: View) -> None:
    """Of an extract; no sheet when there is none."""
    rows = [
        [
            x.item,
            x.title,
            x.kind.value,
            "、".join(x.units),
            f.evidence.path,
            f.evidence.title,
            f.evidence.status.zh,
            f.open,
            f.evidence.sha256,
        ]
        for x, f in view.elsewhere
    ]
    if rows:
        headers = ["编号", "测评标准", "材料类型", "责任单位", "文件", "标题", "归类", "问题(条)", "SHA-256"]
        workbook.add_sheet(book, coverage_view.ELSEWHERE, headers, rows, widths=[11, 44, 11, 30, 50, 34, 12, 10, 20])


def _unplaced(book: Workbook, view: View) -> None:
    def rows() -> Iterator[list[str]]:
        for u in view.unplaced:
            guesses = [
                f"{c.item}{' ' + c.kind.value if c.kind else ''}（{'未评分' if c.score is None else f'{c.score:.2f}'}）{'；'.join(c.reasons)}"
                for c in u.candidates
            ]
            yield [u.unit, u.path, "\n".join(guesses), u.sha256]

    workbook.add_long(book, "未归类", ["报送单位", "文件", "可能的归类", "SHA-256"], rows, widths=[18, 50, 60, 20])


def _unit(book: Workbook, view: View, unit: UnitView, told: Remarks) -> None:
    headers = ["编号", "测评标准", "材料类型", "状态", "可用", "应交", "原因", "文件", "责任人", "提醒"]
    cells = [c for ident in unit.lead_of for c in view.cells_of(ident)]
    rows = [
        [
            c.item.id,
            c.item.item.title,
            c.kind.value,
            _state(c.state),
            c.requirement.usable,
            c.requirement.needed,
            "\n".join(c.reason_texts),
            "\n".join(f"{f.evidence.path}（{f.evidence.unit}）" for f in c.files),
            view.report.persons.get(f"{c.item.id}|{c.kind}", ""),
            "\n".join(m.remark.text for m in told.of_cell(c)),
        ]
        for c in cells
    ]
    sheet = workbook.add_sheet(book, unit.name, headers, rows, widths=[11, 44, 11, 12, 7, 7, 44, 60, 14, 44])
    for n, c in enumerate(cells, 2):
        workbook.paint_state(sheet.cell(row=n, column=4), c.state)


def _state(state: CellState) -> str:
    return f"{state.sign} {state.zh}"


def _brief(cell: CellView) -> str:
    r = cell.requirement
    return f"{r.state.sign} {r.state.zh} {r.usable}/{r.needed}"
