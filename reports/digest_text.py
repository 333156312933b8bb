"""夜间简报 as plain text for a mail: what is dangerous first, what changed, who has most to do. Nothing out of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from archive_schema.digest import NightDigest
from archive_schema.report import CellChange, InboxNote
from archive_schema.text import place
from archive_schema.words import SECRET_HELD, CellState
from reports import anchor, clock, coverage_view, safe
from reports.board import percent

#: stands in the first line of what is told of a night that broke off, and of nothing else
FAILED = "夜间作业没有完成："
_NOTES, _CELLS, _PROBLEMS, _UNITS = 8, 12, 8, 6
_NOBODY = "收件箱根目录"


def subject(d: NightDigest, *, zone: str) -> str:
    """One line that says whether the mail must be opened."""
    usable, cells = d.after[CellState.USABLE], _applicable(d.after)
    parts = [f"疑似涉密 {len(d.secrets)} 件"] if d.secrets else []
    if d.audit is not None and d.audit.problems:
        parts.append(f"完整性问题 {len(d.audit.problems)} 个")
    if d.lost:
        parts.append(f"不再可用 {len(d.lost)} 格")
    change = usable - d.before[CellState.USABLE] if d.before else 0
    parts.append(f"可用 {usable}/{cells}" + (f"（{change:+d}）" if change else ""))
    if calm(d):
        parts.append("一切正常")
    day = clock.local(d.at, zone)
    return f"【档案】{' '.join(filter(None, (safe.line(d.city), safe.line(d.cycle))))} {day.month}月{day.day}日：{'，'.join(parts)}"


def calm(d: NightDigest) -> bool:
    """Nothing dangerous, nothing lost, nothing stopped, and the audit looked at the integrity and found nothing."""
    sound = d.audit is not None and d.audit.ok is True and not d.audit.problems
    amiss = (d.secrets, d.lost, d.quarantined, d.waiting, d.unknown_folders, d.forms, d.failures, d.cautions, d.gone, d.emptied)
    return sound and not any(amiss) and not d.dropped.get(CellState.USABLE)


def render(d: NightDigest, *, zone: str) -> str:
    """The text, also when all is well."""
    title = " ".join(filter(None, (safe.line(d.city), safe.line(d.cycle), "夜间简报")))
    since = f"与 {clock.stamp(d.since, zone)} 相比" if d.since else "没有可比的上一次"
    parts: list[Sequence[str]] = [
        [title, f"{clock.stamp(d.at, zone)}，{since}"],
        list(_secrets(d)),
        list(_integrity(d, zone)),
        ["一切正常：没有完整性问题，没有不再可用的格，没有隔离和等待的文件。"] if calm(d) else [],
        list(_coverage(d)),
        list(_came(d)),
        list(_units(d)),
        [f"注意：{safe.line(c)}" for c in d.cautions],
        [f"简报没有发出：{clock.stamp(f.at, zone)} {f.why}" for f in d.failures],
        [f"清单之首 {anchor.shown(d.head, d.records)}", "详见 reports/覆盖情况.html"],
    ]
    return "\n\n".join("\n".join(p) for p in parts if p) + "\n"


def failure(why: str, hint: str, *, at: datetime, zone: str) -> tuple[str, str]:
    """Subject and text of a night that broke off."""
    day = clock.local(at, zone)
    text = [f"{clock.stamp(at, zone)} {FAILED}{safe.line(why)}", f"怎么办：{safe.line(hint) or '请管理员查看日志'}"]
    text.append("已存档的不受影响；再运行一次会接着做完。覆盖情况报告可能还是上一次的。")
    return f"【档案】{day.month}月{day.day}日：夜间作业没有完成", "\n".join(text) + "\n"


def _applicable(totals: dict[CellState, int]) -> int:
    return sum(n for s, n in totals.items() if s is not CellState.NOT_APPLICABLE)


def _secrets(d: NightDigest) -> Iterator[str]:
    if d.secrets:
        yield f"！疑似涉密 {len(d.secrets)} 件：请立即联系保密办。除注明已入库的，程序没有保留内容；请勿打开、转发、再次报送。"
        for n in d.secrets:  # every one of them
            yield f"  {_place(n)}" + ("（先前已入库，须依决定销毁）" if SECRET_HELD in n.reason else "")


def _integrity(d: NightDigest, zone: str) -> Iterator[str]:
    a = d.audit
    if a is None:
        yield "完整可信：没有审计过（未检，不等于没有问题）"
        return
    when = clock.stamp(a.at, zone)
    if a.ok is None:
        yield f"完整可信：{when} 的审计没有查（未检，不等于没有问题）"
        return
    if not a.problems:
        yield f"完整可信：{when} 审计没有发现问题" + (f"；未检 {a.unchecked} 项" if a.unchecked else "")
        return
    yield f"！完整可信：{when} 审计发现 {len(a.problems)} 个问题，请先处理，用 dangan audit 看详情"
    for p in a.problems[:_PROBLEMS]:
        yield f"  {safe.line(p.nature)}　{safe.line(a.texts.get(p.code, p.code))}：{safe.line(p.key, 100)}"
    yield from _more(len(a.problems), _PROBLEMS, "个")


def _coverage(d: NightDigest) -> Iterator[str]:
    usable, cells = d.after[CellState.USABLE], _applicable(d.after)
    share = percent(usable / cells if cells else None)
    if d.before is None:
        yield f"覆盖：可用 {usable}/{cells} 格（{share}）"
    else:
        was, of = d.before[CellState.USABLE], _applicable(d.before)
        yield f"覆盖：可用 {was}/{of} → {usable}/{cells} 格（{percent(was / of if of else None)} → {share}）"
    rest = [f"{s.zh} {d.after[s]}" for s in coverage_view.STATES if s is not CellState.USABLE]
    yield f"  {'，'.join(rest)}"
    if d.reset:
        yield f"  {coverage_view.reset_line(d.reset)}"
    yield from _cells("不再可用", d.lost)
    yield from _cells("转为可用", d.gained)
    yield from _cells("其他变动", d.moved_cells)
    if d.dropped:
        yield f"  {coverage_view.dropped_line(d.dropped)}"
    if d.before is not None and not (d.lost or d.gained or d.moved or d.dropped):
        yield "  没有变化"
    if d.in_review or d.unplaced or d.offered:
        again = f"，建议核对 {d.offered} 件" if d.offered else ""
        yield f"  等人处理：待复核 {d.in_review} 件，未归类 {d.unplaced} 件{again}（dangan review list）"


def _cells(name: str, changes: Sequence[CellChange]) -> Iterator[str]:
    if changes:
        shown = [
            f"{safe.line(c.item)} {c.kind.value}" + (f"（现为{c.after.zh}）" if c.after is not CellState.USABLE else "")
            for c in changes[:_CELLS]
        ]
        more = f" 等 {len(changes)} 格" if len(changes) > _CELLS else ""
        yield f"  {name} {len(changes)} 格：{'、'.join(shown)}{more}"


def _came(d: NightDigest) -> Iterator[str]:
    total = sum(d.came.values())
    if not total:
        yield "来件：没有新来件"
    else:
        yield f"来件：{total} 件，其中首次见到的内容 {d.new} 件（{_by_unit(d.came)}）"
    if d.gone:
        yield "  " + gone_line(d.gone)
    if d.emptied:
        yield "  收件箱里已没有一个存过档的文件；不是有意清空的，请检查共享文件夹或磁盘是否已连接"
    yield from _listed("隔离", d.quarantined)
    yield from _listed("等待", d.waiting)
    for folder, guess in d.unknown_folders.items():
        yield f"  不认识的文件夹：{safe.line(folder)}" + (f"，是否指 {safe.line(guess)}" if guess else "")
    if d.forms:
        yield f"  提交表的问题 {len(d.forms)} 处"
        yield from (f"    {place(safe.line(f.unit), safe.line(f.path))}：{safe.line(f.text, 120)}" for f in d.forms[:_NOTES])
        yield from _more(len(d.forms), _NOTES, "处")


def gone_line(gone: Mapping[str, int]) -> str:
    """What is said of archived files that were taken out of the inbox."""
    return (
        f"不再在收件箱 {sum(gone.values())} 件（{_by_unit(gone)}）：仍在档案里，照旧计入；"
        "该撤的用 dangan withdraw，不是有意拿走的，请检查文件夹是否已连接"
    )


def _by_unit(counts: Mapping[str, int]) -> str:
    busiest = sorted(counts.items(), key=lambda c: (-c[1], coverage_view.order(c[0])))
    named = "、".join(f"{safe.line(u) or _NOBODY} {n}" for u, n in busiest[:_UNITS])
    return named + (f" 等 {len([u for u in counts if u])} 个单位" if len(busiest) > _UNITS else "")


def _listed(word: str, notes: Sequence[InboxNote]) -> Iterator[str]:
    if notes:
        yield f"  {word} {len(notes)} 件"
        yield from (f"    {_place(n)}：{safe.line(n.reason, 120)}" for n in notes[:_NOTES])
        yield from _more(len(notes), _NOTES, "件")


def _more(total: int, shown: int, of: str) -> Iterable[str]:
    return [f"    另有 {total - shown} {of}，见覆盖情况报告"] if total > shown else []


def _units(d: NightDigest) -> Iterator[str]:
    if d.units:
        yield "待办最多的单位："
        for u in d.units:
            more = [f"逾期 {u.overdue} 格" if u.overdue else "", f"退回 {u.returned} 件" if u.returned else ""]
            yield f"  {safe.line(u.name)}　待办 {u.open} 格，可用 {u.usable}/{u.applicable}{''.join(f'，{m}' for m in more if m)}"


def _place(n: InboxNote) -> str:
    return place(safe.line(n.unit), safe.line(n.path))
