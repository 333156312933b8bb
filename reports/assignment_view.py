"""交办单 in words, once for its renderers: what the parts are called, what a line says."""

from __future__ import annotations

from datetime import UTC, datetime

from archive_schema.assignment import Assignment, ByWhen, Fault, Unread, Wanted
from archive_schema.words import Severity
from reports import anchor, safe

TITLE = "材料交办单"
NO_DAY = "未设期限"
ALL_DONE = "全部齐备"
ENOUGH = "本项该类材料已够数，可不再补"
#: what the sheet is not
NATURE = "本单由档案程序按归档清单生成，是催交、改正材料用的工作表，不是公文。"
SECRET = "疑似涉密的，除注明已入库的，程序没有保留内容，请立即联系保密办，不要再次发送。"
UNCHECKED = "未检是没有查到，不是合格；影响可用的，处理后才计数，其余由档案人员查看，不需处理。"


def heading(a: Assignment) -> str:
    return " ".join(filter(None, (a.city, a.cycle, TITLE)))


def moment(a: Assignment) -> datetime:
    """The file's own time: the beginning of the day, for nothing finer is known of the sheet."""
    return datetime(a.day.year, a.day.month, a.day.day, tzinfo=UTC)


def made(a: Assignment) -> str:
    """``2026年11月22日``: the day on which the sheet was made."""
    return f"{a.day.year}年{a.day.month}月{a.day.day}日"


def people(a: Assignment) -> str:
    """分管领导 and 联络员 of the units table; what it does not say is left blank to be filled in."""
    return f"分管领导：{safe.line(a.leader) or '＿＿＿＿＿＿'}　　联络员：{safe.line(a.liaison) or '＿＿＿＿＿＿'}"


def by_when(when: ByWhen) -> str:
    """The day, and whether it has passed; 未设期限 where neither the requirement nor the sheet sets one."""
    if when.day is None:
        return NO_DAY
    return when.day.isoformat() + (f"\n已逾期 {when.overdue} 天" if when.overdue else "")


def what(w: Wanted) -> str:
    return f"{w.state.zh} {w.usable}/{w.needed}"


def why(w: Wanted) -> list[str]:
    """What is known of a requirement besides its state."""
    others = [f"其他单位报送了 {w.others} 件，有问题的已另行交办"] if w.others else []
    return [*w.reasons, *others]


def mark(f: Fault) -> str:
    """How pressing a fault is, as a department reads it."""
    return {Severity.BLOCKING: "必改", Severity.WARNING: "请核对", Severity.NOTICE: "提示"}[f.severity]


def holds_up(u: Unread) -> str:
    return "是" if u.holds_up else "否"


def sentences(a: Assignment) -> list[str]:
    """What the sheet comes to, in a few sentences; the first says whether anything is to be done."""
    out = []
    roles = "、".join(
        t for t in (f"牵头 {a.lead_of} 项" if a.lead_of else "", f"配合 {a.help_of} 项" if a.help_of else "") if t
    )
    duty = f"{roles}测评标准" if roles else "目录没有要求本单位提交材料"
    if a.groups:
        duty += f"（含作为“{'、'.join(map(safe.line, a.groups))}”成员的）"
    cells = f"，牵头应交材料 {a.cells} 格，可用 {a.usable} 格" if a.cells else ""
    out.append(f"{'本单位' if roles else ''}{duty}{cells}；已报送 {a.sent} 件{f'，其中迟交 {a.late} 件' if a.late else ''}。")
    if a.done:
        out.append(f"{ALL_DONE}：没有需要补交、改正或说明的材料。")
    else:
        parts = [
            ("待补齐", len(a.leading), "格"),
            ("配合补齐", len(a.helping), "格"),
            ("逾期", a.overdue, "件"),
            ("退回", len(a.returned), "件"),
            ("待改正", len(a.to_mend), "件"),
            ("待复核", len(a.doubts), "件"),
            ("未检", len({u.path for u in a.to_settle}), "件"),
            ("没有收进档案", len(a.kept_out), "件"),
            ("提交表的问题", len(a.forms), "处"),
        ]
        out.append("请办理：" + "，".join(f"{name} {n} {of}" for name, n, of in parts if n) + "。")
    if a.notices:
        out.append(f"另有提示 {a.notices} 条，不影响使用，见电子表格的“需改正”表。")
    if harmless := len(a.unread) - len(a.to_settle):
        out.append(f"另有未检 {harmless} 条，不影响使用，由档案人员查看，本单位不需处理。")
    if not a.done:
        out.append(f"没有单独期限的事项，请于 {a.due.isoformat()} 前办理。" if a.due else f"没有单独期限的事项：{NO_DAY}。")
    if not a.registered:
        out.append("目录写了本单位，单位表中没有登记；请先在单位表中登记或改名。")
    return out


def origin(a: Assignment) -> str:
    """Where the sheet comes from, so that it can be compared with the archive."""
    return f"清单之首：{anchor.shown(a.head, a.records)}　目录：{safe.line(a.edition)}"
