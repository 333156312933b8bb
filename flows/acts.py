"""Acts as a person types them, or writes them into the review sheet, made into decisions and recorded: all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.outputs import DecisionOutput
from archive_schema.words import DecisionAction, EvidenceKind
from classification.numbers import find_numbers
from flows.decide import check_code, decide, find_file, holds_already, new_id, validate
from flows.ingest import new_run
from flows.workspace import Opened
from reports import review as sheet

#: the decision and what became of it
Recorded = tuple[Decision, DecisionOutput]
#: in the place of a unit: whichever units sent it
EVERY_UNIT = "各单位"
#: what is called so that lies in no unit's folder
LOOSE = "收件箱里直接放的"
#: acts after which something counts no longer
_TAKING = {DecisionAction.REJECT, DecisionAction.RETURN, DecisionAction.SUPERSEDE, DecisionAction.WITHDRAW}


def record(
    o: Opened,
    action: DecisionAction,
    *,
    by: str,
    reason: str,
    files: Sequence[str] = (),
    unit: str = "",
    undone: Sequence[str] = (),
    fields: Mapping[str, Any],
) -> list[Recorded]:
    """A decision per file, or per act undone, else one.

    :param unit: whose delivery is meant; "" = of the unit whose path was named, else of whoever sent it, which is refused of an
        act that takes away what several units sent; ``EVERY_UNIT`` = of whoever sent it.
    :param fields: of the decision, as typed; None = not given.

    :raises UsageError: one of them names nothing or makes no sense; nothing is recorded.
    """
    now = o.now()
    said = {k: v for k, v in fields.items() if v is not None}
    if "item" in said:
        said["item"] = item_id(o, said["item"])
    if "code" in said:
        said["code"] = said["code"].upper()
    if "kind" in said:
        said["kind"] = kind_of(said["kind"])
    if "by_sha256" in said:
        said["by_sha256"] = find_file(o, said["by_sha256"])[0]
    named = [find_file(o, f) for f in files]
    every = unit == EVERY_UNIT
    targets: list[dict[str, Any]] = [{"sha256": sha, "unit": "" if every else unit or of} for sha, of in named]
    targets = targets or [{"decision": d} for d in dict.fromkeys(undone)] or [{}]
    decisions = [
        Decision(id=new_id(now), action=action, by=by.strip(), at=now, reason=reason.strip(), **target, **said)
        for target in targets
    ]
    held = o.archive.index.decisions()
    for d in decisions if not every else ():
        check_whose(o, d, held, hint=f"用 --unit 写明是哪个单位送来的;各单位送来的都要办的,写 --unit {EVERY_UNIT}")
    return list(zip(decisions, decide(o, decisions, new_run(now)), strict=True))


def record_sheet(o: Opened, data: bytes, *, by: str) -> list[Recorded]:
    """What is written in a review sheet.

    :param by: who did it where the sheet names nobody.

    :raises DataError: rows that are wrong, each named with its column; nothing is recorded.
    """
    now = o.now()
    held = o.archive.index.decisions()
    decisions: list[Decision] = []

    def wrong_item(text: str) -> str:
        return "" if item_id(o, text) in o.catalogue.by_id else f"目录中没有标准 {text};用 dangan catalogue show 查看编号"

    def wrong_code(text: str) -> str:
        try:
            check_code(text)
        except UsageError as e:
            return _why(e)
        return ""

    def add(row: sheet.ReviewRow) -> tuple[str, str] | None:
        try:
            sha, _ = find_file(o, row.sha256)
            d = Decision(
                id=new_id(now),
                action=row.action,
                by=row.by,
                at=now,
                reason=row.reason,
                sha256=sha,
                unit="" if row.unit == EVERY_UNIT else row.unit,
                item=item_id(o, row.item) if row.item else "",
                kind=row.kind,
                code=row.code,
                fact=row.fact,
                value=row.value,
                due=row.due,
            )
            validate(o, d, [*held, *decisions])
            if row.unit != EVERY_UNIT:
                check_whose(o, d, held, hint=f"请写明是哪个单位的;几个单位的都要办,一行写一个单位,或写“{EVERY_UNIT}”")
            decisions.append(d)
        except UsageError as e:
            return sheet.column_of(row, e.code), _why(e)
        return None

    sheet.parse_review_xlsx(data, by=by, cells={sheet.ITEM: wrong_item, sheet.CODE: wrong_code}, row=add)
    return list(zip(decisions, decide(o, decisions, new_run(now)), strict=True)) if decisions else []


def check_whose(o: Opened, d: Decision, held: Sequence[Decision], *, hint: str) -> None:
    """What one unit sent is not taken away because another sent the same bytes: such an act names a unit. What was said so already holds.

    :raises UsageError: several units sent the bytes, and the act names none of them.
    """
    if d.action not in _TAKING or d.unit or d.destroy:  # who holds what is to be destroyed is asked there
        return
    units = sorted({o.units.named(s.unit) for s in o.archive.index.sources([d.sha256])})
    if len(units) < 2 or holds_already(o, d, held):
        return
    whose = "、".join(u or LOOSE for u in units)
    loose = f";{LOOSE}没有单位可写,只办它的,先把它移进单位的文件夹再收一次件" if "" in units else ""
    raise UsageError(
        f"{d.sha256} was sent by several units",
        zh=f"{d.sha256[:12]} 有几处来件: {whose},没有写“{d.action.zh}”的是哪个单位的",
        code="review.whose",
        hint=hint + loose,
    )


def for_several(d: Decision, a: DecisionOutput) -> bool:
    """Does what was recorded act on the deliveries of several units, though it names none?"""
    return len(a.units) > 1 and a.recorded and not d.unit and not d.entry


def item_id(o: Opened, text: str) -> str:
    """The catalogue's id of what a person typed; left as it is when there is none, so that validation names it."""
    item = o.catalogue.resolve(text)
    if item is not None:
        return item.id
    hits = {h.item for h in find_numbers(text, o.catalogue)}
    return hits.pop() if len(hits) == 1 else text


def kind_of(text: str) -> EvidenceKind:
    """:raises UsageError: there is no such kind."""
    try:
        return EvidenceKind(text)
    except ValueError as e:
        raise UsageError(f"unknown kind {text}", zh=f"没有材料类型“{text}”", hint="只能是 " + "、".join(EvidenceKind)) from e


def _why(e: UsageError) -> str:
    return f"{e.zh}{';' + e.hint if e.hint else ''}"
