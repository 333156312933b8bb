"""What rests on a piece that is sent back, replaced, withdrawn or destroyed, or holds up one that is accepted, and what whoever did it
should be told of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from archive_schema.decisions import Decision, speaks_at, speaks_of
from archive_schema.evidence import Source
from archive_schema.text import display, natural_key, place
from archive_schema.words import DecisionAction, Outcome, Severity
from flows import within
from flows.workspace import Opened
from validators import checks, judge, remedies

#: files named in a remark
_SHOWN = 5


def counts_for_nobody(o: Opened, sha256: str) -> bool:
    """Withdrawn by every unit that sent it."""
    withdrawn = o.archive.index.withdrawn()
    units = {s.unit for s in o.archive.index.sources([sha256])}
    return (sha256, "") in withdrawn or (bool(units) and all((sha256, u) in withdrawn for u in units))


def remarks(o: Opened, d: Decision, inner: Mapping[str, Collection[str]], holds: Sequence[Decision]) -> list[str]:
    """Of an act, once it holds: what was in it; of a withdrawal also older versions that stay replaced, events of 负面清单 that it
    bears witness to; of a 密级 that a person saw what must be done about the file, which is here already; of an acceptance why the file
    counts for nothing all the same. Chinese.

    :param inner: of ``within.contents``. :param holds: all acts in force.
    """
    if d.action is DecisionAction.ATTEST and d.fact == "secrecy" and judge.attested_value(d) is not None:
        return [
            "疑似涉密: 不再计入,不导出,谁送来的同一份都是;请立即联系保密办。此件先前已入库;请确认后销毁: "
            f"dangan withdraw {d.sha256[:12]} --destroy --by 姓名 --reason 理由 --basis 依据"
        ]
    if d.action in (DecisionAction.ACCEPT, DecisionAction.MOVE):
        return _held_up(o, d)
    if d.action not in within.REACHING:
        return []
    out = _contents(o, d, within.below(inner, {d.sha256}), holds) if within.reaches(d) else []
    if d.action is not DecisionAction.WITHDRAW:
        return out
    if counts_for_nobody(o, d.sha256):
        for s in holds:
            if s.action is DecisionAction.SUPERSEDE and s.by_sha256 == d.sha256 and not counts_for_nobody(o, s.sha256):
                out.append(f"{_name(o, s)} 已由它取代,仍不计入;须恢复的,撤销那次以新替旧: dangan review undo {s.id}")
    for e in holds:
        if (
            e.action is DecisionAction.NEGATIVE_EVENT
            and e.sha256 == d.sha256
            and (d.destroy or not d.unit or speaks_of(e, o.units.named(d.unit), o.units))
        ):
            now = "已销毁" if d.destroy else "已撤回"
            out.append(
                f"负面清单 {e.entry} {e.on} {display(e.text, 40)} 的证据是它: 登记仍在,证据{now};"
                f"另有证据的请撤销登记后重新登记: dangan negative remove {e.id}"
            )
    return out


def _held_up(o: Opened, d: Decision) -> list[str]:
    """Why what an act placed is not usable there, whichever of the units it speaks of sent it."""
    index, rules = o.archive.index, checks.load()
    placed = [
        p
        for r in index.placement_records([d.sha256])
        if speaks_of(d, r.unit, o.units)
        for p in r.placements
        if p.status.holds and speaks_at(d, p.item, p.kind)
    ]
    if counts_for_nobody(o, d.sha256):
        return [f"{d.sha256[:12]} 已撤回,归类记下了,仍不计入"]
    outcomes = [c for _, c in index.outcomes([d.sha256])]
    failed = [c for c in outcomes if c.outcome is Outcome.FAIL and c.severity is Severity.BLOCKING and not c.waived]
    of_each = [[c for c in failed if c.about(p.unit, p.item, p.kind)] for p in placed]
    if not all(of_each):
        return []
    why = {c.code: c for of in of_each for c in of}
    return [f"归类记下了,仍不可用: {c.text}。{remedies.remedy(c, outcomes, rules)}" for c in why.values()]


def _contents(o: Opened, d: Decision, shas: set[str], holds: Sequence[Decision]) -> list[str]:
    """What no longer counts with it, and what is not concerned since it also came otherwise."""
    shas = shas - o.archive.index.destroyed() - {d.by_sha256} if shas else shas
    if not shas:
        return []
    sources_of: dict[str, list[Source]] = defaultdict(list)
    for s in o.archive.index.sources(shas):
        sources_of[s.sha256].append(s)
    reached = within.inherited(o, sources_of, holds)
    gone: list[str] = []
    stays: list[str] = []
    for sha, of in sources_of.items():
        for unit in sorted({s.unit for s in of if not s.auxiliary and speaks_of(d, s.unit, o.units)}):
            name = next(place(s.unit, display(s.path, 80)) for s in of if s.unit == unit)
            (gone if reached.get(sha, {}).get(unit) else stays).append(name)
    out = []
    if gone:
        out.append(f"由它取出的 {len(gone)} 件一并不再计入: {_some(gone)}")
    if stays:
        out.append(f"由它取出的 {len(stays)} 件另有来处,不受影响;不应计入的请另行{d.action.zh}: {_some(stays)}")
    return out


def _some(names: list[str]) -> str:
    names = sorted(names, key=natural_key)
    return "、".join(names[:_SHOWN]) + ("等" if len(names) > _SHOWN else "")


def _name(o: Opened, s: Decision) -> str:
    sources = [x for x in o.archive.index.sources([s.sha256]) if speaks_of(s, x.unit, o.units)]
    return " ".join([*(place(x.unit, display(x.path, 80)) for x in sources[:1]), f"({s.sha256[:12]})"])
