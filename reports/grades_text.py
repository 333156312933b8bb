"""Grades on a terminal: how many of each, what costs a grade and by how much, what could not be told and why."""

from __future__ import annotations

from archive_schema.graded import GradesOutput
from reports import anchor, grades_view, safe, terminal

NOTHING = "没有写等级阈值(ladders.tsv),不显示等级。"


def render(grades: GradesOutput, *, color: bool = False) -> str:
    """The whole answer of ``dangan grades``."""
    head = terminal.paint(safe.line(f"{grades.cycle} 等级"), "bold", color)
    if not grades.items:
        return f"{head}\n目录 {safe.line(grades.edition)} {NOTHING}\n"
    return f"{head}\n目录 {safe.line(grades.edition)}\n清单之首 {anchor.shown(grades.head, grades.records)}\n\n{block(grades, color=color)}"


def block(grades: GradesOutput, *, color: bool = False) -> str:
    """As it stands within another report; "" where nothing is graded. Two lines a ladder: what it gives, and from what."""
    if not grades.items:
        return ""
    lines = [terminal.heading("等级", color) + " " + "   ".join(f"{name} {n}" for name, n in grades_view.totals(grades))]
    if said := grades_view.score(grades):
        lines.append(safe.line(said))
    column = max(terminal.width(safe.line(i.id)) for i in grades.items)
    for i in grades.items:
        ident = terminal.pad(safe.line(i.id), column)
        if not i.ladders:
            lines.append(f"  {ident}  {terminal.pad(grades_view.grade(i), 4)}  {safe.line(i.title)}")
        for x in i.ladders:
            mark = terminal.pad(grades_view.ladder_grade(x), 4)
            what = "；".join(filter(None, [x.why, x.gap]))
            said = "  ".join(filter(None, [x.indicator, grades_view.value(x), what]))
            colour = "green" if x.grade and not x.better else "yellow" if x.grade else "grey"
            lines.append(f"  {ident}  {terminal.paint(mark, colour, color)}  {safe.line(said)}")
            read = f"读自 {'；'.join(grades_view.sources(x))}。" if x.figures else ""
            lines.append(" " * (column + 10) + safe.line(f"{read}阈值 {grades_view.steps(x)}（{grades_view.basis(x)}）"))
    return "\n".join([*lines, grades_view.CAUTION]) + "\n"
