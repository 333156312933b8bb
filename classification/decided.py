"""审核意见 laid over the machine's proposal: what holds after people decided.

``apply`` always starts from the machine's proposal, so that an undone decision leaves no trace. Only accept, move and
reject touch placements; a return, a withdrawal or a waiver is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.decisions import Decision, in_force, speaks_at
from archive_schema.errors import UsageError
from archive_schema.evidence import Placement, Proposal
from archive_schema.text import display, natural_key
from archive_schema.words import DecisionAction as Act
from archive_schema.words import EvidenceKind, PlacementMethod, PlacementStatus

#: what is held for an evidence: one proposal per unit that sent it ("" = all of them), decisions already applied
Lookup = Callable[[str, str], Sequence[Proposal]]

_OPEN = (PlacementStatus.AUTO, PlacementStatus.IN_REVIEW)
_Key = tuple[str, EvidenceKind]
#: unit ("" = whichever sent it), item, kind
Cell = tuple[str, str, EvidenceKind]


def apply(
    proposal: Proposal, decisions: Sequence[Decision], means: Callable[[Decision, Placement], bool] = lambda d, p: True
) -> tuple[Placement, ...]:
    """The placements in force for one evidence of one unit.

    :param decisions: all decisions of the series in its order, undone ones and those on other files included; each names the
        unit as the proposal does (``archive_schema.decisions.addressed``); an accept that names no cell confirms every open placement
    :param means: of a rejection that names no item: does it speak of this placement, or did that come later? Then a person looks again
    :returns: in natural order of item; what people decided has method ``decision`` and the id of the last decision on it,
        and keeps the machine's score and reasons
    """
    held: dict[_Key, Placement] = {(p.item, p.kind): p for p in proposal.placements}
    for d in in_force(list(decisions)):
        if d.sha256 != proposal.sha256 or d.unit not in ("", proposal.unit):
            continue
        if d.action is Act.ACCEPT:
            _accept(held, proposal, d)
        elif d.action is Act.MOVE and d.kind is not None:
            for key in held:
                held[key] = _decided(held[key], d, PlacementStatus.REJECTED)
            _confirm(held, proposal, d, d.item, d.kind)
        elif d.action is Act.REJECT:
            for key in _named(held, d):
                meant = d.item or means(d, held[key])
                held[key] = _decided(held[key], d, PlacementStatus.REJECTED) if meant else _again(held[key], d)
    order = list(EvidenceKind)
    return tuple(sorted(held.values(), key=lambda p: (natural_key(p.item), order.index(p.kind))))


def check(decision: Decision, catalogue: Catalogue, lookup: Lookup, decisions: Sequence[Decision] = ()) -> None:
    """Refuse a decision that would mean nothing.

    :param lookup: proposals held for (sha256, unit), with the placements in force
    :param decisions: all decisions recorded so far, in order
    :raises UsageError: says in Chinese what is wrong and what to do
    """
    if not decision.by.strip():
        raise _wrong("by", "没有写审核人", "用 --by 写明审核人")
    if not decision.reason.strip():
        raise _wrong("reason", "没有写理由", "用 --reason 写明理由")
    for field, hint in _NEEDED.get(decision.action, {}).items():
        if not getattr(decision, field):
            raise _wrong(f"needs-{field}", f"“{decision.action.zh}”缺少{hint}", f"请补上{hint}后重试")
    if decision.action is Act.UNDO:
        _check_undo(decision, decisions)
        return
    _check_cell(decision, catalogue)
    if decision.sha256:
        _check_held(decision, lookup, decisions)


_NEEDED: dict[Act, dict[str, str]] = {
    Act.ACCEPT: {"sha256": "材料的 SHA-256"},
    Act.MOVE: {"sha256": "材料的 SHA-256", "item": "要改归的标准编号", "kind": "要改归的材料类型"},
    Act.REJECT: {"sha256": "材料的 SHA-256"},
    Act.RETURN: {"sha256": "材料的 SHA-256"},
    Act.ATTEST: {"sha256": "材料的 SHA-256", "fact": "要认定的要素", "value": "要素的值"},
    Act.WAIVE: {"sha256": "材料的 SHA-256", "code": "要豁免的问题代码"},
    Act.SUPERSEDE: {"sha256": "旧材料的 SHA-256", "by_sha256": "新材料的 SHA-256"},
    Act.WITHDRAW: {"sha256": "材料的 SHA-256"},
    Act.REASSIGN: {"item": "标准编号", "to_unit": "改派的责任单位"},
    Act.NOT_APPLICABLE: {"item": "标准编号"},
    Act.REVIEWED: {"item": "标准编号", "on": "审查日期"},
    Act.NEGATIVE_ENTRY: {"entry": "负面清单编号", "text": "条目原文"},
    Act.NEGATIVE_EVENT: {"entry": "负面清单编号", "text": "事项", "on": "发生日期"},
    Act.UNDO: {"decision": "要撤销的意见编号"},
}


def _accept(held: dict[_Key, Placement], proposal: Proposal, d: Decision) -> None:
    if not d.item:
        for key in [k for k, p in held.items() if p.status in _OPEN]:
            held[key] = _decided(held[key], d, PlacementStatus.CONFIRMED)
    elif d.kind is not None:
        _confirm(held, proposal, d, d.item, d.kind)
    else:
        for key in _named(held, d):
            held[key] = _decided(held[key], d, PlacementStatus.CONFIRMED)


def _confirm(held: dict[_Key, Placement], proposal: Proposal, d: Decision, item: str, kind: EvidenceKind) -> None:
    old = held.get((item, kind))
    if old is None:
        reasons = (f"审核意见: {display(d.reason, 80)}",)
        old = Placement(
            proposal.sha256, proposal.unit, item, kind, PlacementMethod.DECISION, None, PlacementStatus.CONFIRMED, reasons
        )
    held[item, kind] = _decided(old, d, PlacementStatus.CONFIRMED)


def _named(held: dict[_Key, Placement], d: Decision) -> list[_Key]:
    """The placements that a decision names; all when it names no item."""
    return [k for k in held if speaks_at(d, *k)]


def _decided(placement: Placement, d: Decision, status: PlacementStatus) -> Placement:
    return msgspec.structs.replace(placement, method=PlacementMethod.DECISION, status=status, decision=d.id)


def _again(placement: Placement, d: Decision) -> Placement:
    """What came after the material was said to belong nowhere."""
    if placement.status is PlacementStatus.REJECTED:
        return placement
    why = f"此前已否定归类({display(d.by, 20)}: {display(d.reason, 80)}), 这是以后送来的"
    return msgspec.structs.replace(placement, status=PlacementStatus.IN_REVIEW, reasons=(why, *placement.reasons))


def _check_undo(decision: Decision, decisions: Sequence[Decision]) -> None:
    known = {d.id: d for d in decisions}
    if decision.decision not in known:
        raise _wrong("unknown-decision", f"没有编号为“{decision.decision}”的意见", "用 dangan review log 查看意见的编号")
    holds = {d.id for d in in_force(list(decisions))}
    target = known[decision.decision]
    # an undo holds as long as what it undoes is not back; anything else holds when it is in force
    dead = target.decision in holds if target.action is Act.UNDO else target.id not in holds
    if dead:
        raise _wrong("already-undone", f"意见“{decision.decision}”已经撤销", "无须再次撤销")
    then = in_force([*decisions, decision])
    for back in then:
        if back.id not in holds and back.action is Act.SUPERSEDE:
            _check_line(back, [d for d in then if d.id != back.id])


def _check_cell(decision: Decision, catalogue: Catalogue) -> None:
    if not decision.item:
        return
    item = catalogue.by_id.get(decision.item)
    if item is None:
        raise _wrong("unknown-item", f"目录中没有标准 {decision.item}", "用 dangan catalogue show 查看编号", decision.item)
    if decision.action is Act.REJECT:
        return  # a placement that the catalogue has left behind can still be rejected
    if not item.under_material_review:
        raise _wrong("not-reviewed", f"{item.id} 不属于材料审核, 不收材料", "请改选属于材料审核的标准", item.id)
    if decision.kind is not None and decision.kind not in item.kinds:
        asked = "、".join(k.value for k in item.kinds)
        raise _wrong("kind-not-asked", f"{item.id} 不要求“{decision.kind.value}”", f"该标准只要求: {asked}", item.id)


def _check_held(decision: Decision, lookup: Lookup, decisions: Sequence[Decision]) -> None:
    proposals = lookup(decision.sha256, decision.unit)
    if not proposals:
        whose = f"“{decision.unit}”报送的" if decision.unit else ""
        raise _wrong(
            "unknown-evidence", f"档案中没有{whose}材料 {decision.sha256[:12]}", "用 dangan manifest 核对 SHA-256 和单位"
        )
    if decision.action is Act.SUPERSEDE and not lookup(decision.by_sha256, ""):
        raise _wrong("unknown-evidence", f"档案中没有新材料 {decision.by_sha256[:12]}", "请先收入新材料, 再以新替旧")
    if decision.action is Act.SUPERSEDE and decision.by_sha256 == decision.sha256:
        raise _wrong("same-evidence", "新旧材料是同一份", "请核对两个 SHA-256")
    if decision.action is Act.SUPERSEDE:
        _check_line(decision, in_force(list(decisions)))
    if decision.action is Act.ACCEPT and not (decision.item and decision.kind):
        _check_accept(decision, proposals)
    # a rejection that names neither says that the material belongs nowhere
    if decision.action is Act.REJECT and (decision.item or decision.kind):
        there = {(p.item, p.kind) for q in proposals for p in q.placements}
        if not any(speaks_at(decision, *k) for k in there):
            what = f"归入 {decision.item or decision.kind} 的归类"
            raise _wrong(
                "nothing-to-reject",
                f"此材料没有{what}可以否定",
                "编号和类型见 dangan review list;不归任何标准的,否定时不写 --item 和 --kind",
            )


def _check_line(decision: Decision, holds: Sequence[Decision]) -> None:
    """The newer material is not replaced in its turn, however many steps on, by the one that it replaces: none would count."""
    steps = [d for d in holds if d.action is Act.SUPERSEDE and (not d.unit or decision.unit in ("", d.unit))]
    line, seen = [decision], {decision.by_sha256}
    while line:
        last = line.pop()
        for d in (d for d in steps if d.sha256 == last.by_sha256):
            if d.by_sha256 == decision.sha256:
                how = "已" if last is decision else "几经替代已"
                raise _wrong(
                    "circle",
                    f"新材料 {decision.by_sha256[:12]} {how}由 {decision.sha256[:12]} 取代,再反过来取代就都不计入了",
                    f"先撤销原来的以新替旧: dangan review undo {d.id}",
                )
            line += [d] if d.by_sha256 not in seen else []
            seen.add(d.by_sha256)


def _check_accept(decision: Decision, proposals: Sequence[Proposal]) -> None:
    for proposal in proposals:
        cells = [
            p
            for p in proposal.placements
            if (p.status in _OPEN or (decision.item and p.status is PlacementStatus.CONFIRMED))
            and speaks_at(decision, p.item, p.kind)
        ]
        if len(cells) > 1:
            names = "、".join(f"{p.item} {p.kind.value}" for p in cells)
            raise _wrong("ambiguous", f"此材料有几处归类: {names}", "请用 --item 和 --kind 写明确认哪一处")
        confirmed = any(p.status is PlacementStatus.CONFIRMED for p in proposal.placements)
        if not cells and not (confirmed and not decision.item):  # accepting what is confirmed already is safe to repeat
            whose = f"(“{proposal.unit}”报送)" if len(proposals) > 1 else ""
            raise _wrong("nothing-to-accept", f"此材料{whose}没有可以确认的归类", "请用 --item 和 --kind 写明归入哪一处")
    if len(spread := _spoken_of(decision, proposals, _OPEN)) > 1:
        names = "、".join(f"{unit}: {item} {kind.value}" for unit, item, kind in sorted(spread))
        raise _wrong("ambiguous", f"几个单位送来的此材料归类不同: {names}", "请用 --unit 逐个单位确认")


def accepted(decision: Decision, proposals: Sequence[Proposal]) -> set[Cell]:
    """What an accept confirms that does not name it: the placements that are open, else those confirmed already."""
    return _spoken_of(decision, proposals, _OPEN) or _spoken_of(decision, proposals, (PlacementStatus.CONFIRMED,))


def _spoken_of(decision: Decision, proposals: Sequence[Proposal], statuses: Sequence[PlacementStatus]) -> set[Cell]:
    """The placements with one of ``statuses`` that a decision speaks of; one for whichever units, where several are of one mind."""
    found = {
        (q.unit, p.item, p.kind)
        for q in proposals
        for p in q.placements
        if p.status in statuses and speaks_at(decision, p.item, p.kind)
    }
    cells = {(item, kind) for _, item, kind in found}
    units = {unit for unit, _, _ in found}
    if len(cells) == 1 and len(units) > 1 and units == {q.unit for q in proposals}:
        return {(decision.unit, item, kind) for item, kind in cells}
    return found


def _wrong(code: str, zh: str, hint: str, item: str = "") -> UsageError:
    return UsageError(f"decision refused: {code}", zh=zh, code=f"decision.{code}", item=item, hint=hint)
