"""说明报告: length, figures, measures, results, style, period, whether it answers its standard."""

from __future__ import annotations

import re

from archive_schema.text import squeeze
from archive_schema.words import EvidenceKind
from validators import periods
from validators.seen import PASS, Params, Rule, Seen, Verdict, fail, unchecked

#: words that stand in titles of all items and tell none of them apart (本项目默认)
_COMMON = re.compile(
    "工作|情况|说明|报告|关于|有关|汇报|材料|测评|标准|落实|开展|推进|加强|进一步|建设|管理|全国|文明|城市|创建|示例|年度|活动"
)
_ID = re.compile(r"[\W\d_a-zA-Z]+")


def long_enough(seen: Seen, params: Params) -> Verdict | None:
    wanted = params["report_min_chars" if seen.kind is EvidenceKind.REPORT else "document_min_chars"]
    chars = seen.number("text_chars")
    if chars is not None and chars >= wanted:
        return PASS
    if seen.unread_document and not seen.attested("text_chars"):
        return unchecked(seen.unread_document)
    return fail(found=chars, wanted=wanted) if chars else None  # no text at all is BLANK's


def short_enough(seen: Seen, params: Params) -> Verdict | None:
    chars = seen.number("text_chars")
    if chars is None:
        return unchecked(seen.unread_document or "没有读到文字")
    return fail(found=f"{chars:g}", wanted=params["max_chars"]) if chars > params["max_chars"] else PASS


def _unread(seen: Seen, key: str) -> str:
    """Why a count of words proves no absence."""
    return seen.unread_document or ("" if key in seen.facts else "没有读到文字")


def has_figures(seen: Seen, params: Params) -> Verdict | None:
    if seen.number("text_chars") == 0:
        return None
    count = seen.number("figures_count")
    if count is not None and count >= params["min_figures"]:
        return PASS
    if (why := _unread(seen, "figures_count")) and not seen.attested("figures_count"):
        return unchecked(why)
    return fail(found=f"{count or 0:g}", wanted=params["min_figures"])


def _says(key: str) -> Rule:
    """Of a list of words, one at least is there."""

    def rule(seen: Seen, _: Params) -> Verdict | None:
        if seen.number("text_chars") == 0:
            return None
        if seen.words(key):
            return PASS
        if (why := _unread(seen, key)) and not seen.attested(key):
            return unchecked(why)
        return fail()

    return rule


def explains(seen: Seen, params: Params) -> Verdict | None:
    """A summary by its own title, or by several turns of phrase with nothing that speaks of the standard."""
    marks = seen.words("summary_style")
    if marks is None:
        return unchecked(seen.unread_document or "没有读到文字")
    own, said = [m for m in marks if m.startswith("标题")], [m for m in marks if not m.startswith("标题")]
    explaining = bool(seen.words("explains"))
    if (own and "说明" not in str(seen.value("title") or "")) or (len(said) >= params["min_marks"] and not explaining):
        return fail(found="、".join([*own, *said][:5]))
    if seen.unread_document and not marks:
        return unchecked(seen.unread_document)
    return PASS


def speaks_of_the_window(seen: Seen, _: Params) -> Verdict | None:
    """Fails only where every time it names lies before the window: what it looks back on is nothing against it."""
    said = seen.value("period")
    span = periods.parse(str(said)) if said else None
    if span is None or seen.window is None:
        return unchecked(seen.unread_document) if seen.unread_document else None
    return fail(found=periods.show(span), wanted=seen.window) if span.end < seen.window.start else PASS


def of_one_standard(seen: Seen, _: Params) -> Verdict | None:
    """A standard that the catalogue has left behind is none."""
    here = seen.placement
    if here is None or here.item not in seen.catalogue.by_id:
        return PASS
    others = {p.item for p in seen.placements if p.unit == here.unit and p.kind is here.kind and p.item != here.item}
    others &= seen.catalogue.by_id.keys()
    if not others:
        return PASS
    return fail(found="、".join(f"{i} {seen.catalogue.by_id[i].content}" for i in sorted(others)))


def answers_its_standard(seen: Seen, _: Params) -> Verdict | None:
    """The title shares no word with the item: two characters in a row, of those that tell items apart.

    Only the title is compared, and only a decision of a person or the file's name put it here, so this is a hint; what the text
    itself says for another item keeps the placement in review.
    """
    item, title = seen.item, seen.value("title")
    if item is None:
        return None
    if not title:
        return unchecked(seen.unread_document or "没有读到标题")
    about = _pairs(f"{item.content}。{item.standard}。{item.indicator}。{item.project}")
    of_title = _pairs(str(title))
    return PASS if not of_title or of_title & about else fail(found=title, wanted=f"{item.id} {item.content}")


def _pairs(text: str) -> set[str]:
    parts = _ID.split(_COMMON.sub("。", squeeze(text)))
    return {part[n : n + 2] for part in parts for n in range(len(part) - 1)}


RULES: dict[str, Rule] = {
    "TEXT": long_enough,
    "LONG": short_enough,
    "FIGURES": has_figures,
    "MEASURES": _says("measures"),
    "RESULTS": _says("results"),
    "SUMMARY": explains,
    "PERIOD": speaks_of_the_window,
    "SINGLE": of_one_standard,
    "ANSWERS": answers_its_standard,
}
