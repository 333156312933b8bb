"""What earlier decisions say about files that nobody has decided on: the same move offered to siblings, never made."""

from __future__ import annotations

from archive_schema.decisions import addressed, in_force
from archive_schema.evidence import Candidate
from archive_schema.outputs import ReviewEntry
from archive_schema.text import display
from archive_schema.words import DecisionAction
from classification import learning
from classification.learning import Key, Placed, Suggestion
from flows.lessons import titles
from flows.workspace import Opened


def suggestions(o: Opened) -> dict[Key, Suggestion]:
    """What moves of their siblings suggest for files that nobody has decided on."""
    decisions = o.archive.index.decisions()
    if not any(d.action is DecisionAction.MOVE for d in decisions):
        return {}
    items: dict[Key, set[str]] = {}
    decided: set[Key] = set()
    for p in o.archive.index.placements():
        items.setdefault((p.sha256, p.unit), set()).add(p.item)
        if p.decision:
            decided.add((p.sha256, p.unit))
    named = titles(o.archive.index)
    files = [Placed(*k, named[k], tuple(sorted(items.get(k, ()))), k in decided) for k in sorted(named)]
    acts = addressed(in_force(decisions), {unit for _, unit in named}, o.units)
    return {(s.sha256, s.unit): s for s in learning.siblings(acts, files, o.catalogue)}


def offered(entry: ReviewEntry, suggestion: Suggestion | None) -> ReviewEntry:
    """The entry with the suggestion before its other candidates, and among the reasons why it is listed."""
    if suggestion is None:
        return entry
    import msgspec

    said = (
        f"{display(suggestion.by, 20)} 已把同单位标题相近的“{display(suggestion.like, 40)}”改归 {suggestion.item} "
        f"{suggestion.kind},此件是否同样处理"
    )
    rest = [c for c in entry.candidates if c.item != suggestion.item]
    first = next((c for c in entry.candidates if c.item == suggestion.item), Candidate(suggestion.item, None))
    first = msgspec.structs.replace(first, reasons=(said, *first.reasons))
    return msgspec.structs.replace(entry, candidates=[first, *rest], reasons=[*entry.reasons, said])
