"""What is said of a cell besides its state: 及时整理、限时归档、专人负责、定期审查, what will be out of the window, what was replaced where it lay.

Everything here depends on the day on which it is read: ``assess`` asks for it, and nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from archive_schema.coverage import Adrift, Piece, Remark
from archive_schema.words import CellState, RemarkCode
from validators import timing

#: what a requirement that is open at its deadline lacks
_OPEN = {CellState.MISSING: "未交", CellState.UNUSABLE: "已交的不可用", CellState.IN_REVIEW: "已交的待复核"}

#: decisions and reasons named in one remark
_NAMED = 3


class Asked(msgspec.Struct, frozen=True):
    """What one cell is asked for, and what it came to. ``person`` None = nobody looked for one.

    pieces      all that are placed in the cell
    adrift      decisions in force about the cell whose standard reads otherwise since
    reviewed    the last 定期审查 of the whole cell by a person
    interval    days from one look at a piece to the next
    horizon     the day looked ahead to; None = not looked ahead
    """

    state: CellState
    needed: int
    today: date
    deadline: date | None = None
    due_days: int = 0
    person: str | None = None
    interval: int | None = None
    reviewed: date | None = None
    horizon: date | None = None
    pieces: Sequence[Piece] = ()
    adrift: Sequence[Adrift] = ()


def remarks(a: Asked) -> tuple[Remark, ...]:
    """In the order of ``RemarkCode``; of a cell that does not apply only whether that was said of another standard."""
    if a.state is CellState.NOT_APPLICABLE:
        found: tuple[Remark | None, ...] = (_adrift(a),)
    else:
        found = (_deadline(a), _leaving(a), _adrift(a), _replaced(a), _review(a), _person(a), _late(a))
    return tuple(r for r in found if r is not None)


def _deadline(a: Asked) -> Remark | None:
    if a.deadline is None or a.state not in _OPEN:
        return None
    days = (a.deadline - a.today).days
    open_ = _OPEN[a.state]
    if timing.overdue(a.deadline, a.today):
        return Remark(RemarkCode.OVERDUE, f"逾期 {-days} 天,{open_}(期限 {a.deadline})", a.deadline, -days)
    if days > a.due_days:
        return None
    when = f"还有 {days} 天到期" if days else "今天到期"
    return Remark(RemarkCode.DUE, f"{when},{open_}(期限 {a.deadline})", a.deadline, days)


def _leaving(a: Asked) -> Remark | None:
    """Only of a cell that is usable now: what is open is open on the other day too."""
    if a.horizon is None or a.state is not CellState.USABLE:
        return None
    left = sum(bool(p.ahead) for p in a.pieces)
    if left >= a.needed:
        return None
    gone = sum(p.usable and not p.ahead for p in a.pieces)
    text = f"如 {a.horizon} 检查,{gone} 件已不在时段内,可用只剩 {left}/{a.needed}"
    return Remark(RemarkCode.LEAVING, text, a.horizon, (a.horizon - a.today).days, gone)


def settled_by(decision: str) -> str:
    """What a person does about a decision whose standard reads otherwise since."""
    return f"不再成立的 dangan review undo {decision};仍成立的先撤销、再记一次"


def _adrift(a: Asked) -> Remark | None:
    if not a.adrift:
        return None
    decisions = list({x.decision.id: x.decision for x in a.adrift}.values())
    said = "、".join(f"{d.action.zh} {d.id}" for d in decisions[:_NAMED]) + (" 等" if len(decisions) > _NAMED else "")
    whys = ";".join(list(dict.fromkeys(x.why for x in a.adrift))[:_NAMED])
    how = settled_by(decisions[0].id if len(decisions) == 1 else "意见编号")
    text = f"{len(decisions)} 条审核意见说的是换版以前的标准,现在仍按编号生效({said}): {whys};请核对: {how}"
    return Remark(RemarkCode.ADRIFT, text)


def _replaced(a: Asked) -> Remark | None:
    """Only where the rest would not do: that a piece no longer counts is a person's word, whatever lies in its place."""
    if a.state is not CellState.USABLE:
        return None
    old = sum(p.usable and p.replaced for p in a.pieces)
    rest = sum(p.usable and not p.replaced for p in a.pieces)
    if not old or rest >= a.needed:
        return None
    text = f"其中 {old} 件在原处已换成新材料,不算它们则为 {rest}/{a.needed} 件;取代与否由审核人定"
    return Remark(RemarkCode.REPLACED, text, count=old)


def _review(a: Asked) -> Remark | None:
    """A piece that counts is due when its arrival, the last decision on it and the last review of the cell are all too long ago."""
    if a.interval is None:
        return None
    due = []
    for p in a.pieces:
        looks = [d for d in (p.arrived, p.looked, a.reviewed) if d is not None]
        if p.usable and looks and a.today > (day := max(looks) + timedelta(days=a.interval)):
            due.append(day)
    if not due:
        return None
    first = min(due)
    text = f"{len(due)} 件超过 {a.interval} 天没有人审查(应在 {first} 前)"
    return Remark(RemarkCode.REVIEW_DUE, text, first, (a.today - first).days, len(due))


def _person(a: Asked) -> Remark | None:
    if a.person is None or a.person.strip():
        return None
    return Remark(RemarkCode.NO_PERSON, "没有责任人:cycle.toml、目录和单位表都没有写")


def _late(a: Asked) -> Remark | None:
    late = sum(not p.replaced and p.arrived is not None and timing.overdue(a.deadline, p.arrived) for p in a.pieces)
    return Remark(RemarkCode.LATE, f"迟交 {late} 件(期限 {a.deadline})", a.deadline, None, late) if late else None
