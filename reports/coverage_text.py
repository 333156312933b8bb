"""The coverage report on a terminal: totals, what changed, what to do first."""

from __future__ import annotations

from archive_schema.report import CoverageReport, FormProblem, InboxNote
from archive_schema.text import place
from archive_schema.words import CellState, RemarkCode
from reports import anchor, board, clock, coverage_view, grades_text, negative_text, remarks, safe, tables, terminal
from reports.coverage_view import STATES, View
from reports.punctuation import chinese

_TOP = 10
#: of one sort of remark: units named, cells named
_UNITS, _FIRST = 6, 5
#: of these the first cells are named however many there are
_NAMED = (RemarkCode.DUE, RemarkCode.LEAVING, RemarkCode.ADRIFT, RemarkCode.REPLACED, RemarkCode.REVIEW_DUE)


def render(report: CoverageReport, *, color: bool = False, width: int = 100, ranking: bool = False) -> str:
    """Lines of at most about ``width`` columns; colour codes only when asked for.

    :param ranking: mark the progress of the units as 红黑榜.
    """
    view = coverage_view.arrange(report)
    parts = [
        _head(view, color),
        _negative(view, color),
        _totals(view, color),
        _remarks(view, color),
        _changes(view, color),
        _problems(view, color, width),
        _units(view, color, width),
        board.text(report, color=color, width=width, ranking=ranking),
        grades_text.block(report.grades, color=color) if report.grades else "",
    ]
    parts += [_elsewhere(view, color, width), _unplaced(view, color, width), _sent_back(view, color)]
    parts += [_inbox(view, color), _forms(view, color)]
    return "\n".join(p for p in parts if p)


def _head(view: View, color: bool) -> str:
    report, c = view.report, view.report.coverage
    lines = [
        terminal.paint(safe.line(view.title), "bold", color),
        f"生成 {clock.stamp(c.generated_at, report.zone)}（{report.zone}）  最近入库 {clock.of_run(safe.line(report.run or ''), report.zone) or '尚无'}",
        f"清单之首 {anchor.shown(c.head, report.records)}",
        f"目录 {chinese(safe.line(c.catalogue.edition))}，{c.catalogue.items} 项、应交 {c.catalogue.requirements} 格",
        safe.line(view.scope),
        view.catalogue_sentence,
    ]
    return "\n".join(x for x in lines if x) + "\n"


def _negative(view: View, color: bool) -> str:
    negative = view.report.negative
    return "\n".join(negative_text.front(negative, color=color)) + "\n" if negative else ""


def _remarks(view: View, color: bool) -> str:
    """A line per sort of remark: how many cells, whose."""
    told = remarks.Remarks(view)
    lines = [f"  {told.nobody}"] if told.nobody else []
    for g in told.groups():
        units = "、".join(f"{safe.line(u)} {n}" for u, n in g.by_unit[:_UNITS]) + (" 等" if len(g.by_unit) > _UNITS else "")
        lines.append(f"  {g.code.zh} {len(g.marked)} 格：{units}")
        shown = g.marked if len(g.marked) <= _FIRST else g.marked[:_FIRST] if g.code in _NAMED else ()
        lines += [
            f"    {safe.line(m.where)}  {chinese(m.remark.text)}{f'，{safe.line(m.person)}' if m.person else ''}" for m in shown
        ]
    return "\n".join([terminal.heading("提醒", color), *lines]) + "\n" if lines else ""


def _totals(view: View, color: bool) -> str:
    lines = []
    for name, unit, count in (("应交材料", "格", view.total), ("测评标准", "项", view.item_total)):
        cells = [terminal.paint(f"{s.sign} {s.zh} {count(s)}", terminal.STATE_COLOURS[s], color) for s in STATES]
        lines.append(f"{name}（{unit}）  " + "   ".join(cells))
    return "\n".join(lines) + "\n"


def _changes(view: View, color: bool) -> str:
    c = view.report.changes
    head = terminal.heading("有何变化", color)
    if c is None or c.since is None:
        return f"{head} 首次运行，没有可比的上一次\n"
    since = clock.stamp(c.since, view.report.zone)
    if not (c.new or c.gained or c.lost or c.moved or c.dropped or c.reset):
        return f"{head} 与 {since} 相比，本次无变化\n"
    lines = [
        f"{head} 与 {since} 相比：新材料 {len(c.new)} 件，转为可用 {len(c.gained)} 格，不再可用 {len(c.lost)} 格，其他变动 {len(c.moved)} 格"
    ]
    if c.reset:
        lines.append(f"  {coverage_view.reset_line(c.reset)}")
    if c.dropped:
        lines.append(f"  {coverage_view.dropped_line(c.dropped)}")
    for name, changes in (("不再可用", c.lost), ("转为可用", c.gained)):
        shown = [f"{safe.line(x.item)} {x.kind}" for x in coverage_view.sort_changes(changes)]
        if shown:
            more = f" 等 {len(shown)} 格" if len(shown) > _TOP else ""
            lines.append(f"  {name}：{'、'.join(shown[:_TOP])}{more}")
    return "\n".join(lines) + "\n"


def _problems(view: View, color: bool, width: int) -> str:
    if not view.top_reasons:
        return ""
    rows = [[text, n] for text, n in view.top_reasons[:_TOP]]
    return terminal.heading("不可用的原因", color) + "\n" + tables.text_table(["原因", "格"], rows, width=width)


def _units(view: View, color: bool, width: int) -> str:
    units = [u for u in view.units if u.totals[CellState.MISSING] or u.totals[CellState.UNUSABLE]]
    if not units:
        return ""
    rows = []
    for u in units:
        missing = [f"{c.item.id} {c.kind}" for c in u.wanting if c.state is CellState.MISSING]
        rows.append(
            [
                u.name,
                u.totals[CellState.MISSING],
                u.totals[CellState.UNUSABLE],
                u.totals[CellState.IN_REVIEW],
                "、".join(missing),
            ]
        )
    table = tables.text_table(["牵头单位", "未提交", "不可用", "待复核", "未提交的格"], rows, width=width)
    return terminal.heading("各单位还缺什么", color) + "\n" + table


def _elsewhere(view: View, color: bool, width: int) -> str:
    if not view.elsewhere:
        return ""
    rows = [
        [f"{x.item} {x.kind}", x.units[0], f.evidence.path, f.evidence.status.zh, f"{f.open} 条"]
        for x, f in view.elsewhere[:_TOP]
    ]
    table = tables.text_table(["归入", "牵头单位", "文件", "归类", "问题"], rows, width=width)
    left = len(view.elsewhere) - _TOP
    more = f"另有 {left} 件，见电子表格（--format xlsx）的“{coverage_view.ELSEWHERE}”\n" if left > 0 else ""
    return terminal.heading(f"{coverage_view.ELSEWHERE} {len(view.elsewhere)} 件", color) + "\n" + table + more


def _unplaced(view: View, color: bool, width: int) -> str:
    if not view.unplaced:
        return ""
    rows = [[u.sha256[:12], u.unit, u.path, " / ".join(c.item for c in u.candidates[:3]) or "—"] for u in view.unplaced[:_TOP]]
    table = tables.text_table(["SHA-256", "单位", "文件", "可能的编号"], rows, width=width)
    more = f"另有 {len(view.unplaced) - _TOP} 件，用 dangan review list 查看\n" if len(view.unplaced) > _TOP else ""
    return terminal.heading(f"未归类 {len(view.unplaced)} 件", color) + "\n" + table + more


def _sent_back(view: View, color: bool) -> str:
    lines = [f"  {place(safe.line(u.unit), safe.line(u.path))}" for u in view.sent_back[:_TOP]]
    if len(view.sent_back) > _TOP:
        lines.append(f"  另有 {len(view.sent_back) - _TOP} 件，见电子表格（--format xlsx）的“问题清单”")
    title = f"未归类而已退回，等责任单位补正 {len(view.sent_back)} 件"
    told = "\n".join([terminal.heading(title, color), *lines]) + "\n" if lines else ""
    return told + (f"{view.settled}\n" if view.settled else "")


def _inbox(view: View, color: bool) -> str:
    lines = [note_line(n, color) for n in view.notes]
    return "\n".join([terminal.heading(f"隔离与等待 {len(lines)} 件", color), *lines]) + "\n" if lines else ""


def _forms(view: View, color: bool) -> str:
    lines = [form_line(f) for f in view.forms[:_TOP]]
    if len(view.forms) > _TOP:
        lines.append(f"  另有 {len(view.forms) - _TOP} 处，见电子表格（--format xlsx）的“总览”")
    return "\n".join([terminal.heading(f"提交表的问题 {len(view.forms)} 处", color), *lines]) + "\n" if lines else ""


def form_line(problem: FormProblem) -> str:
    """One line for what cannot be used of a 提交表."""
    return f"  {place(safe.line(problem.unit), safe.line(problem.path))}：{safe.line(problem.text)}"


def note_line(note: InboxNote, color: bool) -> str:
    """One line for a file that did not become material."""
    where = place(safe.line(note.unit), safe.line(note.path))
    if coverage_view.suspected_secret(note):
        return terminal.paint(f"  ！疑似涉密  {where}：{safe.line(coverage_view.note_reason(note))}", "red", color)
    word = "隔离" if note.disposition == "quarantined" else "等待"
    return f"  {word}  {where}：{safe.line(note.reason)}"
