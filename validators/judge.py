"""The judgement of one evidence: every check that applies, with scope, waivers and attested facts.

Pure: facts in, outcomes out. No text, no bytes, no clock: what depends on today is in ``timing``.

Law 1 rests on two things kept here. 未检 is never a pass. And an 未检 that cannot matter is listed as notice, so that a cell
is not sent to a person who has nothing to settle: where a check that *decides* has failed (encrypted, returned …), and
where another check stands for it (``follows``). An 未检 that blocks is stood for only by what blocks too: a check that
passed, or that a city lets only warn, settles nothing for another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.decisions import Decision, in_force, speaks_at
from archive_schema.evidence import ATTESTED, CheckOutcome, Evidence, Fact, Facts, Placement, Source
from archive_schema.text import display
from archive_schema.words import SECRECY_LEVELS, DecisionAction, Outcome, PlacementStatus, Severity
from validators import checks, periods
from validators.checks import Check, CheckCatalogue, Scope
from validators.rules import RULES
from validators.seen import PASS, Seen, Verdict

_JUDGED = (Scope.EVIDENCE, Scope.PLACEMENT, Scope.SOURCE, Scope.DECISION)
_NONE = frozenset({"", "无", "没有", "否", "no", "none", "false"})
_WHOLE_NUMBERS = frozenset({"pages", "text_chars", "width", "height", "table_rows", "members", "figures_count", "sharpness"})
_DATES = frozenset({"issued_on", "taken_on", "created_on", "date_stamp", "table_date", "period"})


class Judgement(msgspec.Struct, frozen=True):
    """``outcomes``: fail and unchecked, waived ones marked, in the order of the check catalogue. ``passed``: the codes that
    applied and neither failed nor stayed unchecked anywhere."""

    outcomes: tuple[CheckOutcome, ...]
    passed: tuple[str, ...]


def judge(
    evidence: Evidence,
    sources: Sequence[Source],
    placements: Sequence[Placement],
    *,
    catalogue: Catalogue,
    cycle: Cycle,
    settings: Settings,
    decisions: Sequence[Decision] = (),
    superseded_by: str | None = None,
    answering: Mapping[str, Sequence[str]] | None = None,
    check_catalogue: CheckCatalogue | None = None,
    only: Collection[str] | None = None,
    beside: Sequence[CheckOutcome] = (),
) -> Judgement:
    """Judge one evidence as a reviewer would.

    :param sources: every source that holds these bytes.
    :param placements: of these bytes, every unit's; rejected ones are passed over.
    :param decisions: about these bytes, each naming the unit as its sources do (``archive_schema.decisions.addressed``); undone ones
        are left out here once more.
    :param superseded_by: SHA-256 of the evidence that replaced this one, whichever unit sent it.
    :param answering: item → the units that answer for it, where a decision says otherwise than the catalogue.
    :param check_catalogue: another than the shipped one.
    :param only: codes of the checks to judge by; None = all. :param beside: with it, what the others said of these bytes.
    :raises DataError: ``settings.checks`` names an unknown code or parameter.
    """
    rules = (check_catalogue or checks.load()).under(settings)
    acts = [d for d in in_force(list(decisions)) if d.sha256 == evidence.sha256]
    held = sorted((p for p in placements if p.status is not PlacementStatus.REJECTED), key=lambda p: (p.unit, p.item, p.kind))
    gone = {d.unit for d in acts if d.action in (DecisionAction.SUPERSEDE, DecisionAction.WITHDRAW)}
    ordered = sorted(sources, key=lambda s: (not s.present, s.folder, s.path))
    facts = {unit: with_attested(evidence.facts, acts, unit) for unit in sorted({s.unit for s in sources})}
    alike = all(f == next(iter(facts.values())) for f in facts.values())
    whole = Seen(
        evidence=evidence,
        facts=next(iter(facts.values())) if facts and alike else with_attested(evidence.facts, acts, ""),
        sources=ordered,
        placements=held,
        counting=[p for p in held if not gone & {"", p.unit}],
        catalogue=catalogue,
        garbled=rules.by_code["GARBLED"].params["max_ratio"],
        decisions=[d for d in acts if not d.unit],
        superseded_by=superseded_by,
        answering=answering or {},
    )
    outcomes: list[CheckOutcome] = []
    applied: set[str] = set()
    for check in rules.checks:
        if check.scope in _JUDGED and (only is None or check.code in only):
            for seen, scopes in _views(check, whole, acts, cycle, {} if alike else facts):
                verdict = RULES[check.code](seen, check.params)
                if verdict is not None:
                    applied.add(check.code)
                    outcomes += [] if verdict.outcome is Outcome.PASS else _outcomes(check, verdict, seen, scopes)
    outcomes = _settle(waive(outcomes, rules, acts, held), beside, rules)
    outcomes.sort(key=lambda o: (rules.order[o.code], o.unit, o.item, o.kind))
    open_codes = {o.code for o in outcomes}
    return Judgement(tuple(outcomes), tuple(c.code for c in rules.checks if c.code in applied - open_codes))


def with_attested(facts: Facts, decisions: Iterable[Decision], unit: str) -> Facts:
    """Facts with those that a named person attested of what ``unit`` sent put over them; the last act on a fact holds.

    A 密级 is that of the bytes, whosever delivery it was seen on. A value of 无 (没有, 否) attests that there is none. Whole numbers are made numbers, everything else stays as typed.
    """
    out = dict(facts)
    for d in decisions:
        if d.action is DecisionAction.ATTEST and (d.unit in ("", unit) or d.fact == "secrecy"):
            value = attested_value(d)
            before = facts.get(d.fact)
            others = (str(before.value),) if before is not None and before.value not in (None, value) else ()
            out[d.fact] = Fact(value=value, raw=d.value, method=ATTESTED, others=others)
    return out


def attested_value(d: Decision) -> Any:
    """What an attestation says; None = that there is none."""
    value = d.value.strip()
    if value.lower() in _NONE:
        return None
    return int(value) if d.fact in _WHOLE_NUMBERS and value.isdecimal() else value


Key = tuple[str, str, str]  # unit, item, kind


def _views(
    check: Check, whole: Seen, acts: Sequence[Decision], cycle: Cycle, facts: Mapping[str, Facts]
) -> Iterable[tuple[Seen, list[Key]]]:
    """What the check looks at, once per thing it is about, and the scopes that its outcome then has.

    :param facts: per unit, where people attested of one unit's delivery what they did not of another's.
    """
    if check.scope is Scope.EVIDENCE and not facts:
        yield whole, [("", "", "")]
    elif check.scope is Scope.DECISION:
        yield whole, [("", "", "")]
        for_all = RULES[check.code](whole, check.params) != PASS
        for unit in sorted({d.unit for d in acts if d.unit and not for_all}):
            mine = [d for d in acts if d.unit == unit]
            by = [d.by_sha256 for d in mine if d.action is DecisionAction.SUPERSEDE]
            yield _of_unit(whole, unit, decisions=mine, superseded_by=by[-1] if by else None), _unit_scopes(whole, unit)
    elif check.scope in (Scope.EVIDENCE, Scope.SOURCE):
        for unit in sorted({s.unit for s in whole.sources}):
            yield _of_unit(whole, unit, facts=facts.get(unit, whole.facts)), _unit_scopes(whole, unit)
    else:
        for p in whole.placements:
            if check.applies_to(p.kind):
                window = cycle.window(p.item, p.kind)
                seen = _of_unit(whole, p.unit, placement=p, window=window, facts=facts.get(p.unit, whole.facts))
                yield seen, [(p.unit, p.item, p.kind.value)]


def _of_unit(whole: Seen, unit: str, **changes: Any) -> Seen:
    """A placement without a unit is every unit's."""
    if not unit:
        return msgspec.structs.replace(whole, **changes)
    return msgspec.structs.replace(whole, sources=[s for s in whole.sources if s.unit == unit], **changes)


def _unit_scopes(whole: Seen, unit: str) -> list[Key]:
    """An outcome about one unit's delivery holds for each of its placements."""
    return [(p.unit, p.item, p.kind.value) for p in whole.placements if p.unit == unit] or [(unit, "", "")]


def _outcomes(check: Check, verdict: Verdict, seen: Seen, scopes: Iterable[Key]) -> list[CheckOutcome]:
    fields = {"file": file_name(seen), "found": "", "wanted": "", "why": "", "by": "", "due": ""} | verdict.fields
    if verdict.outcome is Outcome.FAIL:
        text = check.text.format_map(fields)
    else:
        text = f"{fields['file']}: {check.name}未检,{verdict.why}"
    return [CheckOutcome(check.code, verdict.outcome, check.severity, text, *scope) for scope in scopes]


def file_name(seen: Seen) -> str:
    """The file as a finding names it: the unit's path; where the finding is about the bytes, names without folders."""
    if not seen.sources:
        return f"{seen.evidence.sha256[:12]}…"
    if len({s.unit for s in seen.sources}) == 1:
        more = f" 等 {len(seen.sources)} 处" if len(seen.sources) > 1 else ""
        return display(seen.sources[0].path, 120) + more
    names = sorted({s.path.rsplit("/", 1)[-1] for s in seen.sources})
    return display("、".join(names[:2]), 120) + (f" 等 {len(seen.sources)} 处" if len(seen.sources) > 2 else "")


def waive(
    outcomes: Iterable[CheckOutcome], rules: CheckCatalogue, acts: Iterable[Decision], held: Sequence[Placement]
) -> list[CheckOutcome]:
    """Mark what a named person waived, a failure or an 未检, where the check allows it.

    What is about the bytes is waived when every placement of them is.
    """
    waivers = [d for d in acts if d.action is DecisionAction.WAIVE]

    def waived(o: CheckOutcome) -> bool:
        mine = [d for d in waivers if d.code.upper() == o.code]
        if not mine or not rules.by_code[o.code].waivable:
            return False
        if o.unit or any(not d.unit and not d.item for d in mine):
            return any(_covers(d, (o.unit, o.item, o.kind)) for d in mine)
        keys = [(p.unit, p.item, p.kind.value) for p in held]
        return bool(keys) and all(any(_covers(d, k) for d in mine) for k in keys)

    return [msgspec.structs.replace(o, waived=True) if waived(o) else o for o in outcomes]


def _covers(d: Decision, key: Key) -> bool:
    unit, item, kind = key
    return d.unit in ("", unit) and speaks_at(d, item, kind)


def _settle(outcomes: Sequence[CheckOutcome], beside: Sequence[CheckOutcome], rules: CheckCatalogue) -> list[CheckOutcome]:
    """An 未检 that cannot matter becomes a notice (see the module's docstring)."""
    blocking = [o for o in (*outcomes, *beside) if o.severity is Severity.BLOCKING]

    def moot(o: CheckOutcome) -> bool:
        check = rules.by_code[o.code]
        if o.outcome is not Outcome.UNCHECKED:
            return False
        if check.follows and o.severity is not Severity.BLOCKING:
            return True
        # a waived one that it follows, too: a named person has settled it
        return any(rules.stands_for(b, check) for b in blocking if b.about(o.unit, o.item, o.kind))

    return [msgspec.structs.replace(o, severity=Severity.NOTICE) if moot(o) else o for o in outcomes]


def not_attestable(fact: str, value: str) -> str:
    """Why nothing could be judged by this value of the fact, Chinese; "" = it can be attested. That there is none always can."""
    value = value.strip()
    if value.lower() in _NONE:
        return ""
    if fact in _DATES and periods.parse(value) is None:
        return "应写日期或时段,如 2026-03-05、2026年3月、2016—2017年"
    if fact in _WHOLE_NUMBERS and not value.isdecimal():
        return "应写整数,如 12"
    if fact == "secrecy" and not value.startswith(SECRECY_LEVELS):
        return f"应写 {'、'.join(SECRECY_LEVELS)}"
    return ""
