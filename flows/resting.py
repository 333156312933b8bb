"""What rests on a piece that is withdrawn or destroyed, and what whoever did it should be told of that."""

from __future__ import annotations

from archive_schema.decisions import Decision, in_force, speaks_of
from archive_schema.text import display
from archive_schema.words import DecisionAction
from flows.workspace import Opened


def counts_for_nobody(o: Opened, sha256: str) -> bool:
    """Withdrawn by every unit that sent it."""
    withdrawn = o.archive.index.withdrawn()
    units = {s.unit for s in o.archive.index.sources([sha256])}
    return (sha256, "") in withdrawn or (bool(units) and all((sha256, u) in withdrawn for u in units))


def remarks(o: Opened, d: Decision) -> list[str]:
    """Of a withdrawal, once it holds: older versions that stay replaced, events of 负面清单 that it bears witness to. Chinese."""
    if d.action is not DecisionAction.WITHDRAW:
        return []
    holds = in_force(o.archive.index.decisions())
    out = []
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


def _name(o: Opened, s: Decision) -> str:
    sources = [x for x in o.archive.index.sources([s.sha256]) if speaks_of(s, x.unit, o.units)]
    return " ".join([*(f"{x.unit}/{display(x.path, 80)}" for x in sources[:1]), f"({s.sha256[:12]})"])
