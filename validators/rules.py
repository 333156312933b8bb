"""One function per check that looks at one evidence: facts in, verdict out. Never text, bytes, clock or store.

A rule returns None when the check does not apply, else a ``Verdict``. The law all of them keep: what was found is judged;
what was not found is a failure only where everything was read, and 未检 where it was not (``Seen.unread``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from archive_schema import media
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Window
from archive_schema.decisions import Decision
from archive_schema.evidence import FACT_NAMES, Evidence, Facts, Placement, Source
from archive_schema.text import display, nfc
from archive_schema.words import DecisionAction, EvidenceKind, Outcome, ReadState
from validators import periods

#: states in which a reader never got to the content; the reason as a clause, where the reader itself gave none
_NOT_REACHED = {
    ReadState.UNSUPPORTED: "没有能读这种格式的程序",
    ReadState.GAVE_UP: "读取时超出限制而中止",
    ReadState.ENCRYPTED: "文件有打开密码",
    ReadState.DAMAGED: "文件损坏,打不开",
}
_OFFICE = ("officedocument", "msword", "ms-excel", "ms-powerpoint", "ole-storage")
_TEXT_TYPES = frozenset({"text/plain", "text/csv", "text/html"})


class Verdict(msgspec.Struct, frozen=True):
    """``fields`` fill the check's text; ``why`` is said of an 未检."""

    outcome: Outcome
    fields: dict[str, str] = {}
    why: str = ""


PASS = Verdict(Outcome.PASS)


def fail(**fields: object) -> Verdict:
    return Verdict(Outcome.FAIL, {k: display(str(v), 200) for k, v in fields.items()})


def unchecked(why: str) -> Verdict:
    return Verdict(Outcome.UNCHECKED, why=why)


class Seen(msgspec.Struct, frozen=True):
    """All that a rule may look at.

    facts       the file's, attested ones already put over the read ones
    sources     of the unit in question; of every unit where the check is about the bytes
    placement   None where the check is not about one placement
    placements  all that hold, of every unit
    decisions   in force, about this evidence (and this unit, where there is one)
    garbled     above this share of garbled text nothing that was not found counts as absent
    """

    evidence: Evidence
    facts: Facts
    sources: Sequence[Source]
    placements: Sequence[Placement]
    catalogue: Catalogue
    garbled: float
    placement: Placement | None = None
    window: Window | None = None
    decisions: Sequence[Decision] = ()
    superseded_by: str | None = None

    def value(self, key: str) -> Any:
        """The fact's value, or None."""
        fact = self.facts.get(key)
        return fact.value if fact else None

    def number(self, key: str) -> float | None:
        value = self.value(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def attested(self, key: str) -> bool:
        return key in self.facts and self.facts[key].method == "attested"

    @property
    def not_reached(self) -> str:
        """Why the content was never reached, or "": what the reader said (without its advice, the check has its own)."""
        if self.evidence.state not in _NOT_REACHED:
            return ""
        said = self.evidence.detail.split(";")[0] if self.evidence.state in (ReadState.DAMAGED, ReadState.GAVE_UP) else ""
        return said or _NOT_REACHED[self.evidence.state]

    @property
    def unread(self) -> str:
        """Why a text fact that is missing may be there all the same, or "" when its absence is proved."""
        if self.not_reached:
            return self.not_reached
        if self.evidence.state is ReadState.PARTIAL:
            return self.evidence.detail or "只读出一部分"
        if (self.number("garbled") or 0) > self.garbled:
            return "文字是乱码"
        if "text_chars" not in self.facts:
            return "没有文字层"
        return ""

    @property
    def unread_document(self) -> str:
        """The same for what only a reader of documents looks for (文号, 成文日期, 草稿标记): a table's reader does not."""
        is_table = media.of_type(self.evidence.media_type).family == "table"
        return self.unread or ("是表格文件,没有按公文读取" if is_table else "")


Params = Mapping[str, Any]
Rule = Callable[[Seen, Params], Verdict | None]


def empty(seen: Seen, _: Params) -> Verdict | None:
    if seen.evidence.size == 0:
        return fail(found="0 字节")
    if seen.evidence.state is ReadState.READ and seen.number("pages") == 0:
        return fail(found="0 页")
    return PASS


def encrypted(seen: Seen, _: Params) -> Verdict | None:
    """Silent where nobody got so far as to know: FORMAT or OPEN says so, once."""
    if seen.evidence.state is ReadState.ENCRYPTED:
        return fail()
    return PASS if seen.evidence.state in (ReadState.READ, ReadState.PARTIAL) else None


def opens(seen: Seen, _: Params) -> Verdict | None:
    state = seen.evidence.state
    if seen.evidence.size == 0 or state not in (ReadState.DAMAGED, ReadState.READ, ReadState.PARTIAL):
        return None  # EMPTY, ENCRYPTED, FORMAT say it, once
    return fail(why=seen.not_reached) if state is ReadState.DAMAGED else PASS


def readable_format(seen: Seen, _: Params) -> Verdict | None:
    """Never a failure: that we cannot read a file says nothing against it."""
    if seen.evidence.size == 0:
        return None
    if seen.evidence.state is ReadState.UNSUPPORTED:
        return unchecked(f"没有能读{media.of_type(seen.evidence.media_type).name}的程序")
    return unchecked(seen.not_reached) if seen.evidence.state is ReadState.GAVE_UP else PASS


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
    return fail(file=unknown[0].path, found=unknown[0].folder or "(收件箱根目录)") if unknown else PASS


def blank(seen: Seen, _: Params) -> Verdict | None:
    """Nothing to say where there is no text layer: a scan is PARTIAL, a picture has no ``text_chars``."""
    if seen.not_reached:
        return unchecked(seen.not_reached)
    if seen.number("text_chars"):
        return PASS
    return fail() if seen.number("text_chars") == 0 and seen.evidence.state is ReadState.READ else None


class Dated(msgspec.Struct, frozen=True):
    """The period a material speaks for. ``name``: of the fact, Chinese; ``claim``: only the 提交表 says so."""

    period: Window
    name: str
    claim: bool = False


_DATE_FACTS: dict[EvidenceKind, tuple[str, ...]] = {
    EvidenceKind.DOCUMENT: ("issued_on",),
    EvidenceKind.REPORT: ("issued_on",),
    EvidenceKind.PHOTO: ("taken_on",),
    EvidenceKind.TABLE: ("table_date", "issued_on"),
}


def own_date(seen: Seen, kind: EvidenceKind) -> Dated | None:
    """What the file, a named person, or (for a picture) its caption says; never the 提交表."""
    for key in _DATE_FACTS[kind]:
        value = seen.value(key)
        period = periods.parse(str(value)) if value is not None else None
        if period is not None:
            return Dated(period, FACT_NAMES[key])
    if kind is EvidenceKind.PHOTO:
        captions = [f for f in (seen.facts.get("caption"), *(s.caption for s in seen.sources)) if f and f.value]
        for caption in captions:
            moment = periods.parse_moment(str(caption.value))
            if moment is not None:
                return Dated(moment, "图片说明中的日期")
    return None


def form_date(seen: Seen) -> Dated | None:
    """What the 提交表 of this unit claims: the first row with a date that can be understood."""
    for source in seen.sources:
        period = periods.parse(source.form.date) if source.form and source.form.date else None
        if period is not None:
            return Dated(period, "提交表所填日期", claim=True)
    return None


def _kind(seen: Seen) -> EvidenceKind:
    assert seen.placement is not None, "a rule of a placement was asked without one"
    return seen.placement.kind


def dated(seen: Seen, params: Params) -> Verdict | None:
    kind = _kind(seen)
    if own_date(seen, kind) or form_date(seen):
        return PASS
    key = _DATE_FACTS[kind][0]
    name = FACT_NAMES[key]
    if kind is EvidenceKind.PHOTO or kind is EvidenceKind.TABLE:
        unread = seen.not_reached or (seen.evidence.detail if seen.evidence.state is ReadState.PARTIAL else "")
    else:
        unread = seen.unread_document
    if kind in params["absent_fails"] and (not unread or seen.attested(key)):
        return fail(wanted=name)
    return unchecked(unread or f"没有读到{name},{'图片说明和' if kind is EvidenceKind.PHOTO else ''}提交表也没有写明")


def in_window(seen: Seen, _: Params) -> Verdict | None:
    """A period is in the window when they share a day (``periods``)."""
    kind = _kind(seen)
    date = own_date(seen, kind) or form_date(seen)
    if date is None or seen.window is None:
        return unchecked("日期未知")
    if periods.overlap(date.period, seen.window):
        return PASS
    return fail(why=date.name, found=periods.show(date.period), wanted=seen.window)


def form_agrees(seen: Seen, _: Params) -> Verdict | None:
    own, claimed = own_date(seen, _kind(seen)), form_date(seen)
    if own is None or claimed is None:
        return None
    if periods.overlap(own.period, claimed.period):
        return PASS
    return fail(found=periods.show(claimed.period), wanted=f"{own.name} {periods.show(own.period)}")


def numbered(seen: Seen, _: Params) -> Verdict | None:
    if seen.value("document_number"):
        return PASS
    if seen.attested("document_number") or not seen.unread_document:
        return fail()
    return unchecked(seen.unread_document)


def final(seen: Seen, _: Params) -> Verdict | None:
    mark = seen.value("draft_mark")
    if mark:
        return fail(found=mark if isinstance(mark, str) else "草稿")
    return unchecked(seen.unread_document) if seen.unread_document and not seen.attested("draft_mark") else PASS


def long_enough(seen: Seen, params: Params) -> Verdict | None:
    wanted = params["report_min_chars" if _kind(seen) is EvidenceKind.REPORT else "document_min_chars"]
    chars = seen.number("text_chars")
    if chars is not None and chars >= wanted:
        return PASS
    if seen.unread_document and not seen.attested("text_chars"):
        return unchecked(seen.unread_document)
    return fail(found=chars, wanted=wanted) if chars else None  # no text at all is BLANK's


def large_enough(seen: Seen, params: Params) -> Verdict | None:
    width, height = seen.number("width"), seen.number("height")
    if width is None or height is None:
        return unchecked(seen.not_reached or "没有读到图片尺寸")
    if max(width, height) >= params["min_long_side"]:
        return PASS
    return fail(found=f"{width:g}×{height:g}", wanted=params["min_long_side"])


def has_rows(seen: Seen, params: Params) -> Verdict | None:
    rows = seen.number("table_rows")
    if rows is not None and rows >= params["min_rows"]:
        return PASS
    if rows is None or (seen.evidence.state is not ReadState.READ and not seen.attested("table_rows")):
        return unchecked(seen.not_reached or seen.evidence.detail or "没有读到表格")
    return fail(found=f"{rows:g}", wanted=params["min_rows"])


def formulas(seen: Seen, _: Params) -> Verdict | None:
    errors = seen.value("formula_errors")
    if errors:
        return fail(found="、".join(str(e) for e in errors[:5]) if isinstance(errors, list | tuple) else f"{errors} 处")
    if "formula_errors" in seen.facts:
        return PASS
    if seen.evidence.state is not ReadState.READ:
        return unchecked(seen.not_reached or seen.evidence.detail or "只读出一部分")
    return PASS if media.of_type(seen.evidence.media_type).family == "table" else None


def used_once(seen: Seen, _: Params) -> Verdict | None:
    """The same bytes for another item, or from another unit; another kind of the same item by the same unit is no reuse."""
    here = seen.placement
    assert here is not None, "a rule of a placement was asked without one"
    items = {p.item for p in seen.placements if p.item != here.item}
    units = {p.unit for p in seen.placements if p.unit != here.unit}
    if not items and not units:
        return PASS
    named = [f"{i} {seen.catalogue.by_id[i].content}" if i in seen.catalogue.by_id else i for i in sorted(items)]
    return fail(found="、".join([*named, *(f"{u}的来件" for u in sorted(units))]))


def returned(seen: Seen, _: Params) -> Verdict | None:
    acts = [d for d in seen.decisions if d.action is DecisionAction.RETURN]
    if not acts:
        return PASS
    last = acts[-1]
    return fail(by=last.by, why=last.reason, due=f",请在 {last.due.isoformat()} 前改正重报" if last.due else "")


def current(seen: Seen, _: Params) -> Verdict | None:
    return fail(found=f"{seen.superseded_by[:12]}…") if seen.superseded_by else PASS


#: code → rule; the codes of ``checks.toml`` that are not of scope frame or timing
RULES: dict[str, Rule] = {
    "EMPTY": empty,
    "ENCRYPTED": encrypted,
    "OPEN": opens,
    "FORMAT": readable_format,
    "TYPE": true_type,
    "MACRO": macros,
    "GARBLED": garbled,
    "UNIT": known_unit,
    "BLANK": blank,
    "DATE": dated,
    "WINDOW": in_window,
    "FORMDATE": form_agrees,
    "NUMBER": numbered,
    "DRAFT": final,
    "TEXT": long_enough,
    "PIXELS": large_enough,
    "TABLE": has_rows,
    "FORMULA": formulas,
    "SAME": used_once,
    "RETURNED": returned,
    "SUPERSEDED": current,
}
