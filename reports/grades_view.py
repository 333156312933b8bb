"""Grades arranged for people, once for page, workbook, table and terminal. Facts only, no markup."""

from __future__ import annotations

from archive_schema.graded import GradeItem, GradeLadder, GradesOutput
from archive_schema.ladders import Grade

HEADERS = ["编号", "测评标准", "牵头单位", "等级", "指标", "计入的数", "差多少到上一档", "未检原因", "阈值", "依据", "读自"]
NOT_APPLICABLE = "不适用"
UNCHECKED = "未检"
#: said wherever a grade is shown
CAUTION = "等级由档案中可用材料里读到的数按阈值得出，只供自查，不是测评结果；未检不等于通过，也不等于最低一档。"


def grade(item: GradeItem) -> str:
    """A, B, C, C#, 未检 or 不适用."""
    return item.grade.value if item.grade else UNCHECKED if item.applicable else NOT_APPLICABLE


def ladder_grade(ladder: GradeLadder) -> str:
    return ladder.grade.value if ladder.grade else UNCHECKED


def totals(grades: GradesOutput) -> list[tuple[str, int]]:
    """Items by grade; grades that no ladder of the catalogue gives are left out."""
    given = {s.rpartition("→")[2].strip() for i in grades.items for x in i.ladders for s in x.steps}
    shown = [(g.value, grades.totals.get(g, 0)) for g in Grade if g in given or grades.totals.get(g)]
    shown.append((UNCHECKED, grades.totals.get("unchecked", 0)))
    gone = grades.totals.get("not_applicable", 0)
    return [*shown, (NOT_APPLICABLE, gone)] if gone else shown


def counted(totals: dict[str, int]) -> str:
    """``A 3   B 1   未检 2``, without grades that nothing has; "" where nothing is graded."""
    names = {"unchecked": UNCHECKED, "not_applicable": NOT_APPLICABLE}
    return "   ".join(f"{names.get(k, k)} {n}" for k, n in totals.items() if n)


def value(ladder: GradeLadder) -> str:
    """The figure that counts; a presence by what shows it."""
    if ladder.value is None:
        return ""
    if _of_presence(ladder):
        return "有" if ladder.value > 0 else "无"
    mean = "平均 " if ladder.statistic == "平均" and len(ladder.figures) > 1 else ""
    return f"{mean}{_plain(ladder.value)} {ladder.measure}".strip()


def _of_presence(ladder: GradeLadder) -> bool:
    return any(s.startswith(("有 ", "无 ")) for s in ladder.steps)


def sources(ladder: GradeLadder) -> list[str]:
    """Where each figure was read: unit, file, cell, period, as the table has it."""
    out = []
    for f in ladder.figures:
        said = "" if not f.cell and _of_presence(ladder) else f"：{_plain(f.value)} {f.measure}".rstrip()
        when = f"，{f.period}" if f.period else ""
        out.append(f"{f.unit} {f.path}{' ' + f.cell if f.cell else ''}{said}{when}")
    return out


def basis(ladder: GradeLadder) -> str:
    """公布 or 自定, with the source."""
    return "：".join(filter(None, [ladder.basis.zh, ladder.source]))


def steps(ladder: GradeLadder) -> str:
    mean = "（取各年平均）" if ladder.statistic == "平均" else ""
    return "；".join(ladder.steps) + mean


def score(grades: GradesOutput) -> str:
    """The points in one sentence; "" where the catalogue does not say what a grade is worth."""
    s = grades.score
    if s is None:
        return ""
    said = f"（分值{'：'.join(filter(None, [s.basis.zh, s.source]))}）"
    if s.points is None:
        return f"得分：未检，没有一项定出等级{said}"
    part = "" if s.graded == s.items else f"；其余 {s.items - s.graded} 项未定，占权重 {_plain(round(s.total - s.possible, 4))}"
    return f"得分：已定等的 {s.graded} 项得 {_plain(s.points)}，满分 {_plain(s.possible)}{part}{said}"


def rows(grades: GradesOutput) -> list[list[str]]:
    """A row per ladder, cells as in ``HEADERS``."""
    out = []
    for i in grades.items:
        who = i.units[0] if i.units else ""
        if not i.ladders:
            out.append([i.id, i.title, who, grade(i), "", "", "", "", "", "", ""])
        for x in i.ladders:
            why, note = (x.why, "") if x.grade is None else ("", x.why)
            said = "；".join(filter(None, [value(x), note]))
            read = "\n".join(sources(x))
            out.append([i.id, i.title, who, ladder_grade(x), x.indicator, said, x.gap, why, steps(x), basis(x), read])
    return out


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
