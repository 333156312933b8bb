"""One unit's 交办单 as a Word document: to print, to sign, to send back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archive_schema.assignment import Assignment, Mend, Wanted
from archive_schema.words import Severity
from reports import assignment_view as words
from reports import paper

if TYPE_CHECKING:
    from docx.document import Document

#: rows of a table on paper; the workbook holds all of them
ROWS = 200
#: faults of one file, files of one unchecked check
_FAULTS, _FILES = 8, 12
_NUMBERS = "一二三四五六七八九"
_PATH = 160

Part = tuple[str, str, Sequence[str], Sequence[float], list[list[str]]]


def render(a: Assignment) -> bytes:
    """The file; the same sheet gives the same bytes."""
    document = paper.new(title=f"{words.heading(a)} {a.unit}", when=words.moment(a))
    paper.text(document, words.heading(a), font=paper.TITLE, size=paper.LARGE, centre=True, after=10)
    paper.text(document, f"责任单位：{a.unit}", size=paper.MEDIUM)
    paper.text(document, words.people(a))
    paper.text(document, f"交办日期：{words.made(a)}", after=6)
    for sentence in words.sentences(a):
        paper.text(document, sentence, indent=True)
    for n, (title, note, headers, widths, rows) in enumerate(_parts(a)):
        paper.text(document, f"{_NUMBERS[n]}、{title}", font=paper.HEAD, size=14, before=12, after=2, with_next=True)
        if note:
            paper.text(document, note, size=paper.TABLE, after=3, with_next=True)
        numbered = [[str(k), *row] for k, row in enumerate(rows[:ROWS], 1)]
        paper.table(document, ["序号", *headers], numbered, [12, *widths])
        if len(rows) > ROWS:
            paper.text(document, f"另有 {len(rows) - ROWS} 行，见同名的电子表格。", size=paper.TABLE)
    _receipt(document)
    paper.text(document, words.NATURE, size=paper.TINY, before=10)
    paper.text(document, words.origin(a), size=paper.TINY)
    return paper.to_bytes(document)


def _receipt(document: Document) -> None:
    """What the unit signs when it takes the sheet and when it answers."""
    paper.text(document, "签收与反馈", font=paper.HEAD, size=14, before=14, after=2, with_next=True)
    rows = [["签收人", "", "签收日期", ""], ["经办人", "", "反馈日期", ""], ["单位意见", "", "（盖章）", ""]]
    paper.table(document, ["事项", "签字", "事项", "日期或盖章"], rows, [25, 60, 25, 60])


def _parts(a: Assignment) -> Iterator[Part]:
    """Title, note, headers, widths in millimetres (the running number apart: 158), rows; only parts that hold something."""
    lead = [[f"{w.item}\n{w.title}", w.kind.value, _state(w), w.person, words.by_when(w.when), ""] for w in a.leading]
    helping = [[f"{w.item}\n{w.title}", w.kind.value, _state(w), w.lead, words.by_when(w.when), ""] for w in a.helping]
    mend = [[_file(m.path, m.uses), _faults(m), "—" if m.enough else words.by_when(m.when), ""] for m in a.to_mend]
    returned = [[_file(r.path, r.uses), f"{r.reason}\n{r.on.isoformat()} 退回", words.by_when(r.when), ""] for r in a.returned]
    doubts = [[_file(d.path, d.uses), "\n".join([*d.why, d.todo]), words.by_when(d.when), ""] for d in a.doubts]
    secret = [[_cut(k.path), k.reason, ""] for k in a.kept_out]
    yield from (
        part
        for part in (
            (
                "没有收进档案的文件",
                words.SECRET if any(k.secret for k in a.kept_out) else "",
                ["文件", "原因和处理", "反馈"],
                [62, 74, 22],
                secret,
            ),
            ("退回重交的材料", "", ["文件", "退回原因", "期限", "反馈"], [58, 52, 26, 22], returned),
            (
                "牵头：待补齐的应交材料",
                "",
                ["测评标准", "材料类型", "状态和原因", "责任人", "期限", "反馈"],
                [48, 20, 34, 16, 22, 18],
                lead,
            ),
            (
                "需改正的材料",
                "先改“必改”的：不改不能用。",
                ["文件", "问题和改正办法", "期限", "反馈"],
                [50, 68, 22, 18],
                mend,
            ),
            (
                "提交表的问题",
                "改正后重新报送提交表；表上写明、没有收到的文件，请补交。",
                ["提交表", "问题和处理", "反馈"],
                [50, 86, 22],
                [[_cut(f.path), f.text, ""] for f in a.forms],
            ),
            (
                "待复核的材料",
                "已收到，等人核对。",
                ["文件", "为何待复核、可以怎么办", "期限", "反馈"],
                [50, 68, 22, 18],
                doubts,
            ),
            (
                "未检的材料",
                words.UNCHECKED,
                ["未检的内容", "文件", "怎么办", "影响可用", "反馈"],
                [24, 55, 43, 18, 18],
                _unread(a),
            ),
            (
                "配合：由牵头单位统筹、待补齐的应交材料",
                "请与牵头单位商定由谁补交。",
                ["测评标准", "材料类型", "状态和原因", "牵头单位", "期限", "反馈"],
                [44, 20, 34, 20, 22, 18],
                helping,
            ),
            (
                "请提前准备",
                "现在可用，但将要出时段，或到了该审查的时候。",
                ["测评标准", "材料类型", "说明", "反馈"],
                [52, 20, 64, 22],
                [[f"{x.item}\n{x.title}", x.kind.value, x.text, ""] for x in a.ahead],
            ),
        )
        if part[4]
    )


def _state(w: Wanted) -> str:
    return "\n".join([words.what(w), *words.why(w)])


def _file(path: str, uses: Sequence[str]) -> str:
    return "\n".join([_cut(path), f"用于 {'、'.join(uses)}" if uses else "未归类"])


def _cut(path: str) -> str:
    """The end of a very long path tells more than its beginning."""
    return path if len(path) <= _PATH else f"…{path[-_PATH:]}"


def _faults(m: Mend) -> str:
    serious = [f for f in m.faults if f.severity is not Severity.NOTICE]
    lines = [f"【{words.mark(f)}】{f.text}。{f.remedy}" for f in serious[:_FAULTS]]
    if len(serious) > _FAULTS:
        lines.append(f"另有 {len(serious) - _FAULTS} 条，见电子表格")
    return "\n".join([*lines, words.ENOUGH] if m.enough else lines)


def _unread(a: Assignment) -> list[list[str]]:
    """By check and reason, one cause mostly holds for many files; what one cause keeps unchecked of the same files is one row."""
    groups: dict[tuple[bool, str, str, str], list[str]] = {}
    for u in a.unread:
        why = u.text.removeprefix(f"{u.name}未检").lstrip(",，")
        groups.setdefault((not u.holds_up, u.name, why, u.remedy), []).append(u.path)
    causes: dict[tuple[bool, str, str, tuple[str, ...]], list[str]] = {}
    for (harmless, name, why, remedy), paths in sorted(groups.items()):
        causes.setdefault((harmless, why, remedy, tuple(paths)), []).append(name)
    rows = []
    for (harmless, why, remedy, files), names in causes.items():
        shown = [_cut(p) for p in files[:_FILES]]
        more = [f"等 {len(files)} 件，见电子表格"] if len(files) > _FILES else []
        rows.append(["、".join(names) + f"\n{why}", "\n".join([*shown, *more]), remedy, "否" if harmless else "是", ""])
    return rows
