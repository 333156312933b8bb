"""One function per check that looks at one evidence of whatever kind; ``RULES`` has those of all kinds.

Facts in, verdict out. A rule returns None when the check does not apply, else a ``Verdict``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from archive_schema import media, units
from archive_schema.dates import not_a_day
from archive_schema.evidence import FACT_NAMES
from archive_schema.text import display, nfc
from archive_schema.units import UnitTable
from archive_schema.words import DecisionAction, EvidenceKind, ReadState
from validators import documents, periods, persons, photos, tables, wording
from validators.dating import DATE_FACTS, form_date, own_date
from validators.seen import PASS, Params, Rule, Seen, Verdict, fail, unchecked

_OFFICE = ("officedocument", "msword", "ms-excel", "ms-powerpoint", "ole-storage")
_TEXT_TYPES = frozenset({"text/plain", "text/csv", "text/html"})
#: as the readers of PDF, OFD and of scanned pages say it
_SHUT_PAGES = re.compile(r"第 [\d、–]+ 页打不开")
#: references that name no single unit
_ANYBODY = re.compile("^各|有关|相关|成员单位|各级|等")


def no_secret(seen: Seen, _: Params) -> Verdict | None:
    """What readers see on a file keeps it out; this is what a person saw later."""
    level = seen.value("secrecy")
    return fail(found=level) if level else PASS


def empty(seen: Seen, _: Params) -> Verdict | None:
    if seen.evidence.size == 0:
        return fail(found="0 字节")
    if seen.evidence.state is ReadState.READ and seen.number("pages") == 0:
        return fail(found="0 页")
    if not seen.placements and _wordless(seen):
        return fail(found="能打开,但一个字也没有")
    return PASS


def _wordless(seen: Seen) -> bool:
    """A document without a word, and without a picture as far as readers tell; of one that is placed, BLANK says it, as its kind asks."""
    chars = seen.facts.get("text_chars")
    if chars is None or chars.value != 0 or "ocr" in chars.method or seen.number("pictures"):
        return False
    return seen.evidence.state is ReadState.READ and seen.family in ("document", "text")


def encrypted(seen: Seen, _: Params) -> Verdict | None:
    """Silent where nobody got so far as to know: FORMAT or OPEN says so, once."""
    if seen.evidence.state is ReadState.ENCRYPTED:
        return fail()
    return PASS if seen.evidence.state in (ReadState.READ, ReadState.PARTIAL) else None


def opens(seen: Seen, _: Params) -> Verdict | None:
    state = seen.evidence.state
    if seen.evidence.size == 0 or state not in (ReadState.DAMAGED, ReadState.READ, ReadState.PARTIAL):
        return None  # EMPTY, ENCRYPTED, FORMAT say it, once
    if state is ReadState.PARTIAL and media.of_type(seen.evidence.media_type).family == "archive":
        return fail(why=seen.evidence.detail.split(";")[0])  # names the members that did not come out
    if shut_pages(seen):
        return None  # FORMAT's: other programs may open them
    return fail(why=seen.not_reached) if state is ReadState.DAMAGED else PASS


def readable_format(seen: Seen, _: Params) -> Verdict | None:
    """Never a failure: that we cannot read a file says nothing against it."""
    if seen.evidence.size == 0:
        return None
    if seen.evidence.state is ReadState.UNSUPPORTED:
        return unchecked(f"没有能读{media.of_type(seen.evidence.media_type).name}的程序")
    why = seen.not_reached if seen.evidence.state is ReadState.GAVE_UP else shut_pages(seen)
    return unchecked(why) if why else PASS


def shut_pages(seen: Seen) -> str:
    """Which pages of an open file do not open, as its reader says it; "" = none."""
    said = _SHUT_PAGES.search(seen.evidence.detail) if seen.evidence.state is ReadState.PARTIAL else None
    return said[0] if said else ""


def true_type(seen: Seen, _: Params) -> Verdict | None:
    """Names are claims of the unit, so the check is the source's."""
    found = media.of_type(seen.evidence.media_type)
    wrong = []
    for source in seen.sources:
        claimed = media.of_name(nfc(source.path))
        if claimed is None or claimed == found or {claimed.media_type, found.media_type} <= _TEXT_TYPES:
            continue
        wrong.append((source, claimed))
    if not wrong or seen.evidence.size == 0:
        return PASS
    if found.media_type == "application/x-ole-storage":  # a locked or unrecognised Office file: what is inside is not known
        legacy = all(
            c.media_type in ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint")
            for _, c in wrong
        )
        return PASS if legacy else unchecked("只认出是 Office 容器,看不到里面")
    return fail(file="、".join(s.path for s, _ in wrong[:3]), wanted=wrong[0][1].name, found=found.name)


def macros(seen: Seen, _: Params) -> Verdict | None:
    if not any(word in seen.evidence.media_type for word in _OFFICE):
        return None
    if seen.value("macros"):
        return fail()
    return unchecked(seen.not_reached) if seen.not_reached and not seen.attested("macros") else PASS


def garbled(seen: Seen, params: Params) -> Verdict | None:
    if seen.not_reached:
        return unchecked(seen.not_reached)
    ratio = seen.number("garbled")
    if ratio is not None and ratio > params["max_ratio"]:
        return fail(found=f"{ratio:.0%}", wanted=f"{params['max_ratio']:.0%}")
    return PASS if ratio is not None or "text_chars" in seen.facts else None


def known_unit(seen: Seen, _: Params) -> Verdict | None:
    unknown = [s for s in seen.sources if not s.unit_known]
    if not unknown:
        return PASS
    folder = unknown[0].folder
    return fail(
        file=unknown[0].path, why=f"文件夹“{folder}”不在单位表中" if folder else "直接放在收件箱里,不在哪个单位的文件夹里"
    )


def answers_for_it(seen: Seen, _: Params) -> Verdict | None:
    """By the names of the catalogue, and of who was put in the lead since: a group (各区 …) or a renamed unit may be anybody, so
    nothing is said of those."""
    item, here = seen.item, seen.placement
    if item is None or here is None or not here.unit or any(not s.unit_known for s in seen.sources):
        return None
    named = seen.answering.get(item.id, item.units)
    if any(_ANYBODY.search(ref) for ref in named):
        return None
    if here.unit in named:
        return PASS
    table = _by_names(tuple(i.units for i in seen.catalogue.items))
    if table.match(here.unit).unit is None:
        return None
    if table.answers_for(here.unit, named) is not None:
        return PASS
    return fail(found=here.unit, wanted="、".join(named))


@lru_cache(maxsize=2)
def _by_names(references: tuple[tuple[str, ...], ...]) -> UnitTable:
    """Asked of every placement, and the same for a whole catalogue."""
    return units.from_references(ref for of_item in references for ref in of_item)


def blank(seen: Seen, _: Params) -> Verdict | None:
    """Nothing to say where there is no text layer: a scan is PARTIAL, a picture has no ``text_chars``."""
    if seen.not_reached:
        return unchecked(seen.not_reached)
    if seen.number("text_chars"):
        return PASS
    return fail() if seen.number("text_chars") == 0 and seen.evidence.state is ReadState.READ else None


def dated(seen: Seen, params: Params) -> Verdict | None:
    kind = seen.kind
    if own_date(seen, kind) or form_date(seen):
        return PASS
    key = DATE_FACTS[kind][0]
    wanted = _written(seen) if key == "issued_on" else FACT_NAMES[key]
    if kind is EvidenceKind.PHOTO or kind is EvidenceKind.TABLE:
        unread = seen.not_reached or (seen.evidence.detail if seen.evidence.state is ReadState.PARTIAL else "")
    else:
        unread = seen.unread_document
    if kind in params["absent_fails"] and (not unread or seen.attested(key)):
        return fail(wanted=wanted)
    return unchecked(unread or f"没有读到{wanted},{'图片说明和' if kind is EvidenceKind.PHOTO else ''}提交表也没有写明")


def _written(seen: Seen) -> str:
    """The 成文日期 as a check misses it: with what stands in its place and is no whole date, unless a person said that there is none."""
    name, fact = FACT_NAMES["issued_on"], seen.facts.get("date_unread")
    said = not_a_day(str(fact.value)) if fact is not None and not seen.attested("issued_on") else None
    if fact is None or said is None:
        return name
    return f"完整的{name}({'落款处' if fact.method.endswith('/signature') else '单独一行'}写“{display(said[1], 40)}”,{said[2]})"


def in_window(seen: Seen, _: Params) -> Verdict | None:
    """A period is in the window when they share a day (``periods``)."""
    kind = seen.kind
    date = own_date(seen, kind) or form_date(seen)
    if date is None or seen.window is None:
        return unchecked("日期未知")
    if periods.overlap(date.period, seen.window):
        return PASS
    return fail(why=date.name, found=periods.show(date.period), wanted=seen.window)


def form_agrees(seen: Seen, _: Params) -> Verdict | None:
    own, claimed = own_date(seen, seen.kind), form_date(seen)
    if own is None or claimed is None:
        return None
    if periods.overlap(own.period, claimed.period):
        return PASS
    return fail(found=periods.show(claimed.period), wanted=f"{own.name} {periods.show(own.period)}")


def used_once(seen: Seen, _: Params) -> Verdict | None:
    """The same bytes for another item, or from another unit; another kind of the same item by the same unit is no reuse.

    What no longer counts is compared with nothing, nor is a place that the catalogue has left behind.
    """
    here = seen.placement
    assert here is not None, "a rule of a placement was asked without one"
    if here not in seen.counting or here.item not in seen.catalogue.by_id:
        return PASS
    single = [p for p in seen.counting if p.kind is here.kind is EvidenceKind.REPORT and p.unit == here.unit]  # SINGLE's
    items = {p.item for p in seen.counting if p.item != here.item and p not in single and p.item in seen.catalogue.by_id}
    units = {p.unit for p in seen.counting if p.unit != here.unit}
    if not items and not units:
        return PASS
    named = [f"{i} {seen.catalogue.by_id[i].content}" for i in sorted(items)]
    return fail(found="、".join([*named, *(f"{u}的来件" for u in sorted(units))]))


def returned(seen: Seen, _: Params) -> Verdict | None:
    acts = [d for d in seen.decisions if d.action is DecisionAction.RETURN]
    if not acts:
        return PASS
    last = acts[-1]
    return fail(by=last.by, why=last.reason, due=f",请在 {last.due.isoformat()} 前改正重报" if last.due else "")


def current(seen: Seen, _: Params) -> Verdict | None:
    return fail(found=f"{seen.superseded_by[:12]}…") if seen.superseded_by else PASS


#: code → rule; every code of ``checks.toml`` that judges one evidence
RULES: dict[str, Rule] = {
    "SECRET": no_secret,
    "EMPTY": empty,
    "ENCRYPTED": encrypted,
    "OPEN": opens,
    "FORMAT": readable_format,
    "TYPE": true_type,
    "MACRO": macros,
    "GARBLED": garbled,
    "UNIT": known_unit,
    "DEPARTMENT": answers_for_it,
    "BLANK": blank,
    "DATE": dated,
    "WINDOW": in_window,
    "FORMDATE": form_agrees,
    **documents.RULES,
    **wording.RULES,
    **photos.RULES,
    **tables.RULES,
    **persons.RULES,
    "SAME": used_once,
    "RETURNED": returned,
    "SUPERSEDED": current,
}

#: the checks that rest on 测评时段; another window, another verdict on the same facts
WINDOWED = frozenset({"WINDOW", "PERIOD", "YEARS"})
