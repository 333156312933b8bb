"""A person's act, recorded in the series with what follows from it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from archive_schema import negative
from archive_schema.decisions import Decision, in_force, overrules
from archive_schema.errors import UsageError
from archive_schema.evidence import FACT_NAMES, Proposal
from archive_schema.outputs import DecisionOutput
from archive_schema.text import nfc
from archive_schema.words import DecisionAction
from classification import decided
from flows import accepts, destroy, resting, within
from flows.config import config_records
from flows.consequences import consequences, proposal_of
from flows.crosswise import compared_again, to_compare
from flows.rejections import Rejections
from flows.workspace import Opened
from storage.archive import COMMIT_WAIT
from validators import checks, judge


def find_file(o: Opened, name: str) -> tuple[str, str]:
    """The evidence that a person means: a SHA-256 or at least 6 digits of its beginning, or ``unit/path``.

    Returns (sha256, unit); unit "" when the digest was named (every unit that sent it).

    :raises UsageError: nothing or more than one thing fits; the hint lists what fits.
    """
    index = o.archive.index
    text = name.strip().lower()
    if len(text) >= 6 and all(c in "0123456789abcdef" for c in text):
        found = sorted(s for s in index.find_sha256(text))
        if len(found) == 1:
            return found[0], ""
        if len(found) > 1:
            raise UsageError(
                f"{name} is ambiguous",
                zh=f"“{name}”对应 {len(found)} 个文件",
                code="review.ambiguous",
                hint="请多写几位: " + "、".join(s[:16] for s in found[:5]),
            )
    sources = list(index.sources())
    hits: set[tuple[str, str]] = set()
    for wanted in written(name):
        hits = {
            (s.sha256, s.unit)
            for s in sources
            if wanted in (nfc(f"{s.unit}/{s.path}"), nfc(f"{s.folder}/{s.path}"), nfc(s.path))
        }
        if hits:
            break
    present = {(s.sha256, s.unit) for s in sources if s.present} & hits
    hits = present or hits
    if len(hits) == 1:
        return hits.pop()
    if hits:
        raise UsageError(
            f"{name} is ambiguous",
            zh=f"“{name}”对应 {len(hits)} 个文件",
            code="review.ambiguous",
            hint="请写 单位/路径,或用 SHA-256: " + "、".join(f"{u} {s[:12]}" for s, u in sorted(hits)[:5]),
        )
    raise UsageError(
        f"{name} is not in the archive",
        zh=f"存档里没有“{name}”",
        code="review.unknown-file",
        hint="写 SHA-256 的前几位(至少 6 位)或 单位/路径,见 dangan review list、dangan manifest",
    )


def written(name: str) -> list[str]:
    """The paths that a person may have meant, the one as typed first: a name may begin with a dot and end in a space."""
    return list(dict.fromkeys(nfc(n) for n in (name, name.lstrip("./"), name.strip(), name.strip().lstrip("./"))))


def new_id(now: datetime) -> str:
    """``D20261121-180700-ab12cd``: sorts by time, unique without a counter."""
    return f"D{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


_NO_TIME = datetime.min.replace(tzinfo=UTC)


def _content(o: Opened, d: Decision) -> Decision:
    """What an act says, whoever's name it was recorded under."""
    unit, to_unit = o.units.named(d.unit), o.units.named(d.to_unit)
    return msgspec.structs.replace(d, id="", at=_NO_TIME, unit=unit, to_unit=to_unit)


def _recorded(o: Opened, d: Decision, before: Sequence[Decision]) -> bool:
    """The very same act holds already: to repeat it is safe, on a later day, too."""
    return any(_content(o, b) == _content(o, d) for b in in_force(list(before)))


def holds_already(o: Opened, d: Decision, held: Sequence[Decision]) -> bool:
    """Was it said before, with nothing said otherwise since, so that to say it again changes nothing?

    :param held: all decisions recorded.
    """
    said = in_force(list(held))
    same = next((b for b in reversed(said) if _content(o, b) == _content(o, d)), None)
    return same is not None and _is_last_word(o, same, said, []) and not Rejections(o, [same]).overtaken(same)


def _is_last_word(o: Opened, d: Decision, said: Sequence[Decision], coming: Sequence[Decision]) -> bool:
    """Has nothing said otherwise since? What is about to be said again after it does not count: a whole sheet is safe to repeat.

    :param said: in force, with ``d``, in their order.
    """
    since = [b for b in said[said.index(d) + 1 :] if overrules(b, d, o.units)]
    again = {_content(o, c) for c in coming} if since else set()
    return all(_content(o, b) in again for b in since)


def decide(o: Opened, decisions: Sequence[Decision], run: str) -> list[DecisionOutput]:
    """Record decisions (all or none) with their consequences, in one segment.

    A decision that already holds word for word, or is among them twice, is not recorded again: safe to repeat; unless another one has
    said otherwise since. An accept that names no cell is recorded with that of the placement it confirms. What they destroy is
    removed once the segment is written.

    :raises UsageError: one of them makes no sense; nothing is recorded.
    :raises ConflictError: the archive is held by another writer.
    """
    with o.archive.lease(f"审核意见 {decisions[0].by}" if decisions else "审核意见", wait=COMMIT_WAIT):
        o.archive.catch_up()
        held = o.archive.index.decisions()
        said = accepts.spelled_out(in_force(held), o.confirmed_then)
        valid = {_content(o, d): d for d in said}
        fresh: list[Decision] = []
        answers: list[tuple[str, bool, list[str]]] = []
        for n, given in enumerate(decisions, 1):
            placed = _placed(o, given.sha256, given.unit) if accepts.bare(given) else []
            d = accepts.named(given, placed) if placed else given
            units = sorted(_senders(o, d.sha256, d.unit)) if d.sha256 else []
            same = valid.get(_content(o, d))
            if same is not None and _is_last_word(o, same, said, decisions[n:]) and not Rejections(o, [same]).overtaken(same):
                answers.append((same.id, False, units))
                continue
            validate(o, given, [*held, *fresh])
            if accepts.bare(d):  # several cells, and all of them confirmed
                answers.append((next(p.decision for q in placed for p in q.placements if p.decision), False, units))
                continue
            new = msgspec.structs.replace(d, unit=o.units.named(d.unit), to_unit=o.units.named(d.to_unit))
            fresh.append(new)
            said.append(new)
            valid[_content(o, d)] = new
            answers.append((d.id, True, units))
        if fresh:
            records = [*config_records(o, run), *consequences(o, run, decisions=fresh)]  # by what the act was done, before it
            o.archive.commit(run, [*records, *destroy.bypasses(o, fresh, run)])
            if to_compare(o, fresh, records):
                o.archive.commit(run, compared_again(o, run))
        head = o.archive.head()
    if any(d.destroy for d in decisions):
        destroy.complete(o)
    anchor = head.anchor if head else None
    inner = within.contents(o, decisions)
    holds = in_force(o.archive.index.decisions())
    told = [[*_kept(o, d), *resting.remarks(o, d, inner, holds)] for d in decisions]
    return [DecisionOutput(i, new, anchor, remarks, units) for (i, new, units), remarks in zip(answers, told, strict=True)]


def _kept(o: Opened, d: Decision) -> list[str]:
    """What a destruction did not remove."""
    return list(filter(None, [destroy.kept(o, d.sha256)])) if d.destroy else []


def _placed(o: Opened, sha256: str, unit: str) -> list[Proposal]:
    """What is held for an evidence as sent by a unit ("" = all), with the placements in force."""
    senders = _senders(o, sha256, unit)
    return [
        msgspec.structs.replace(proposal_of(r), placements=r.placements)
        for r in o.archive.index.placement_records([sha256])
        if r.unit in senders
    ]


def _senders(o: Opened, sha256: str, unit: str) -> set[str]:
    """Who sent it, of those that the name means; "" = everyone."""
    return {s.unit for s in o.archive.index.sources([sha256]) if not unit or o.units.named(s.unit) == o.units.named(unit)}


def check_code(code: str) -> None:
    """:raises UsageError: there is no such check, or it cannot be waived."""
    if not checks.find(code).waivable:
        raise UsageError(
            f"{code} cannot be waived",
            zh=f"“{code}”不能豁免",
            code="review.not-waivable",
            hint="打不开、加密、空文件等只能退回重交;检查项见 dangan checks list",
        )


#: acts that need no placement
_OF_ANY_SOURCE = within.REACHING | {DecisionAction.NEGATIVE_EVENT}


def validate(o: Opened, d: Decision, before: Sequence[Decision]) -> None:
    """Refuse an act that makes no sense, before anything is written.

    :raises UsageError: says what is wrong and what to do.
    """

    def lookup(sha256: str, unit: str) -> list[Proposal]:
        held = _placed(o, sha256, unit)
        senders = [] if held else sorted(_senders(o, sha256, unit))
        if senders and d.action not in _OF_ANY_SOURCE:
            raise UsageError(
                f"{sha256} asks for no placement",
                zh=f"{sha256[:12]} 是压缩包、提交表或图片旁的文字,本身不作材料,不能“{d.action.zh}”",
                code="review.auxiliary",
                hint="请写其中的文件,如 单位/包名.zip!/文件名;整个退回、撤回、以新替旧是可以的",
            )
        # a 提交表, an archive: it asks for no placement, and can be sent back, withdrawn, or bear witness, all the same
        return held or [Proposal(sha256, u, None, ()) for u in senders]

    decided.check(d, o.catalogue, lookup, before)
    destroy.check(o, d, before)
    if d.action in (DecisionAction.NEGATIVE_ENTRY, DecisionAction.NEGATIVE_EVENT):
        negative.check(d, negative.load(o.catalogue.head.id), today=o.today)
    if d.action is DecisionAction.REVIEWED and d.on is not None and d.on > o.today:
        raise UsageError(
            f"{d.on} is to come", zh=f"审查日期 {d.on} 在今天之后", code="review.future", hint="请核对 --on 的日期"
        )
    if d.action is DecisionAction.RETURN and d.due is not None and d.due < o.today and not _recorded(o, d, before):
        raise UsageError(
            f"{d.due} is past", zh=f"补正期限 {d.due} 在今天之前", code="review.past", hint="请另定期限;不定期限的不写"
        )
    if d.action is DecisionAction.WAIVE:
        check_code(d.code)
    if d.action is DecisionAction.ATTEST and (why := judge.not_attestable(d.fact, d.value)):
        raise UsageError(
            f"{d.fact}={d.value} says nothing",
            zh=f"“{FACT_NAMES.get(d.fact, d.fact)}”不能认定为“{d.value}”",
            code="review.not-attestable",
            hint=f"{why};确实没有的写 无",
        )
    if d.action is DecisionAction.SUPERSEDE and resting.counts_for_nobody(o, d.by_sha256):
        raise UsageError(
            f"{d.by_sha256} is withdrawn",
            zh=f"新材料 {d.by_sha256[:12]} 已撤回,不能取代别的",
            code="review.newer-withdrawn",
            hint="先撤销那次撤回(dangan review undo 意见编号),或另选新材料",
        )
    if d.action is DecisionAction.REASSIGN:
        o.units.called(d.to_unit)
