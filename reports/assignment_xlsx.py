"""交办单 as workbooks: one per unit, to fill in and send back, and the 总表 of all units for the archivists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive_schema.assignment import Assignment, Assignments
from reports import assignment_view as words
from reports import workbook

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_FEEDBACK = "反馈（由单位填写）"
_ASKED = "FFF8E1"


def render(a: Assignment) -> bytes:
    """One unit's workbook, every row of it; the same sheet gives the same bytes."""
    book = workbook.new(words.moment(a))
    _cover(book, a)
    wanted = [
        [
            w.role.zh,
            w.item,
            w.title,
            w.kind.value,
            w.state.zh,
            w.usable,
            w.needed,
            "\n".join(words.why(w)),
            w.lead,
            w.person,
            words.by_when(w.when),
            "",
        ]
        for w in (*a.leading, *a.helping)
    ]
    headers = ["分工", "编号", "测评标准", "材料类型", "状态", "可用", "应交", "说明", "牵头单位", "责任人", "期限", _FEEDBACK]
    sheet = _sheet(book, "应交材料", headers, wanted, [7, 11, 44, 11, 9, 7, 7, 36, 16, 10, 16, 24])
    if sheet is not None:
        for n, w in enumerate((*a.leading, *a.helping), 2):
            workbook.paint_state(sheet.cell(row=n, column=5), w.state)
    mend = [
        [
            m.path,
            "、".join(m.uses),
            words.mark(f),
            f.text,
            f.remedy,
            "—" if m.enough else words.by_when(m.when),
            words.ENOUGH if m.enough else "",
            "",
        ]
        for m in a.mend
        for f in m.faults
    ]
    headers = ["文件", "用于", "程度", "问题", "改正办法", "期限", "备注", _FEEDBACK]
    _sheet(book, "需改正", headers, mend, [48, 20, 9, 44, 44, 16, 16, 24])
    returned = [[r.path, "、".join(r.uses), r.reason, r.on.isoformat(), words.by_when(r.when), ""] for r in a.returned]
    headers = ["文件", "用于", "退回原因", "退回日期", "期限", _FEEDBACK]
    _sheet(book, "退回", headers, returned, [48, 20, 44, 13, 16, 24])
    doubts = [[d.path, "、".join(d.uses), "\n".join(d.why), d.todo, words.by_when(d.when), ""] for d in a.doubts]
    headers = ["文件", "暂归", "为何待复核", "可以怎么办", "期限", _FEEDBACK]
    _sheet(book, "待复核", headers, doubts, [48, 20, 40, 44, 16, 24])
    unread = [[u.path, "、".join(u.uses), u.name, u.text, words.holds_up(u), u.remedy, ""] for u in a.unread]
    headers = ["文件", "用于", "未检的内容", "说明", "影响可用", "怎么办", _FEEDBACK]
    _sheet(book, "未检", headers, unread, [48, 20, 14, 36, 10, 44, 24])
    kept = [[k.path, k.reason, ""] for k in a.kept_out]
    _sheet(book, "没有收进档案", ["文件", "原因和处理", _FEEDBACK], kept, [48, 60, 24])
    forms = [[f.path, f.text, ""] for f in a.forms]
    _sheet(book, "提交表的问题", ["提交表", "问题和处理", _FEEDBACK], forms, [48, 60, 24])
    ahead = [[x.item, x.title, x.kind.value, x.text, ""] for x in a.ahead]
    _sheet(book, "请提前准备", ["编号", "测评标准", "材料类型", "说明", _FEEDBACK], ahead, [11, 44, 11, 50, 24])
    return workbook.to_bytes(book)


def index(all_sheets: Assignments, names: dict[str, str], *, title: str) -> bytes:
    """总表: a row per unit, and the folders that are no unit's.

    :param names: unit → the name of its files, without ending.
    """
    at = words.moment(all_sheets.sheets[0]) if all_sheets.sheets else None
    book = workbook.new(at)
    headers = [
        "单位",
        "联络员",
        "牵头应交",
        "可用",
        "待补齐",
        "配合补齐",
        "逾期",
        "退回",
        "待改正",
        "待复核",
        "未检",
        "没有收进",
        "提交表",
        "迟交",
        "情况",
        "交办单",
        "签收人",
        "签收日期",
        "反馈日期",
    ]
    rows = [
        [
            a.unit,
            a.liaison,
            a.cells,
            a.usable,
            len(a.leading),
            len(a.helping),
            a.overdue,
            len(a.returned),
            len(a.to_mend),
            len(a.doubts),
            len({u.path for u in a.to_settle}),
            len(a.kept_out),
            len(a.forms),
            a.late,
            _state(a),
            names[a.unit],
            "",
            "",
            "",
        ]
        for a in all_sheets.sheets
    ]
    preface = [title, words.NATURE]
    if all_sheets.sheets:
        preface.append(words.origin(all_sheets.sheets[0]))
    widths = [18, 12, 9, 7, 9, 10, 7, 7, 9, 9, 7, 10, 9, 7, 14, 26, 10, 12, 12]
    workbook.add_sheet(book, "总表", headers, rows, widths=widths, preface=[*preface, ""])
    left = [[u.folder or "（收件箱根目录）", u.files, u.suggestion] for u in all_sheets.unresolved]
    if left:
        note = ["这些文件夹对不上任何责任单位，其中的问题没有交办给谁；请在单位表中加别名，或把文件移到正确的文件夹。"]
        workbook.add_sheet(book, "未能交办", ["文件夹", "文件数", "是否指"], left, widths=[30, 10, 24], preface=note)
    return workbook.to_bytes(book)


def _state(a: Assignment) -> str:
    if not a.registered:
        return "单位表中未登记"
    return words.ALL_DONE if a.done else "有待办"


def _cover(book: Workbook, a: Assignment) -> None:
    lines = [
        words.heading(a),
        f"责任单位：{a.unit}",
        words.people(a),
        f"交办日期：{words.made(a)}",
        "",
        *words.sentences(a),
        "",
        words.NATURE,
        words.origin(a),
        "",
    ]
    rows = [["签收", "", ""], ["反馈", "", ""]]
    sheet = workbook.add_sheet(book, "交办单", ["事项", "签字", "日期"], rows, widths=[14, 30, 20], preface=lines)
    sheet.auto_filter.ref = None
    sheet.freeze_panes = None


def _sheet(
    book: Workbook, name: str, headers: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[int]
) -> Worksheet | None:
    """A sheet whose last column is to be filled in; none where there is nothing to say."""
    from openpyxl.styles import PatternFill

    if not rows:
        return None
    sheet = workbook.add_sheet(book, name, headers, rows, widths=widths)
    for n in range(2, len(rows) + 2):
        sheet.cell(row=n, column=len(headers)).fill = PatternFill("solid", start_color=_ASKED)
    return sheet
