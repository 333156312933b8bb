"""规范文件: number, title, issuer, seal, draft mark, pages."""

from __future__ import annotations

import re
import unicodedata

from archive_schema.catalogue import Item
from archive_schema.evidence import Fact
from archive_schema.text import Expression, squeeze
from validators.seen import PASS, Params, Rule, Seen, Verdict, fail, must_be_empty, must_have, unchecked

#: GB/T 9704-2012 7.2.5: 机关代字, four-digit year in six-sided brackets, number without 第 and without leading zero, 号
NUMBER = Expression(r"^[\u3400-\u9fffA-Za-z()（）]{1,24}〔(?:19|20)[0-9]{2}〕[1-9][0-9]{0,5}号$")
_MISTAKES = (
    (re.compile(r"[\[［【(（〖]\s*\d{2,4}\s*[\]］】)）〗]"), "年份应放在六角括号〔〕内"),
    (re.compile(r"第\s*\d"), "序号前不加“第”"),
    (re.compile(r"[〕\]］】)）]\s*0"), "序号不以 0 开头"),
    (re.compile(r"〔\d{2}〕"), "年份应写四位"),
)


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


def written_well(seen: Seen, _: Params) -> Verdict | None:
    """The number as it stands in the file; what OCR took for a bracket proves nothing against the writer."""
    fact = seen.facts.get("document_number")
    if fact is None or not fact.value:
        return None
    raw = as_written(fact)
    if NUMBER.fullmatch(raw):
        return PASS
    if "ocr" in fact.method:
        return unchecked("文号由图像识别,括号可能认错")
    return fail(found=raw, why=next((why for pattern, why in _MISTAKES if pattern.search(raw)), "与规定的写法不同"))


def as_written(number: Fact) -> str:
    """A 文号 with the brackets it was written with; the value of the fact has them mended."""
    raw = re.sub(r"\s+", "", number.raw or str(number.value))
    return "".join(unicodedata.normalize("NFKC", c) if c.isdigit() else c for c in raw)


def titled(seen: Seen, _: Params) -> Verdict | None:
    if seen.number("text_chars") == 0:
        return None  # BLANK's
    return must_have(seen, "title", seen.unread_document)


def issued_by_the_right_organ(seen: Seen, params: Params) -> Verdict | None:
    """Only for items that ask for the 市委's or 市文明委's own document (their words: 部署, and one of the organs)."""
    if not _deployment(seen.item):
        return None
    issuer = seen.value("issuer")
    if not issuer:
        return unchecked(seen.unread_document or "没有读到发文机关")
    fact = seen.facts["issuer"]
    organs = [o for said in (str(issuer), *fact.others) for o in re.split("[、,，;；]", said)]
    if any(squeeze(o).endswith(tuple(params["organs"])) and "团" not in o for o in organs):
        return PASS
    return fail(found=issuer)


def of_the_city(seen: Seen, params: Params) -> Verdict | None:
    """A document of a highest organ is passed on, not issued, by a city: it shows what was asked for, not what the city did.

    Told by the beginning of the issuer, or of the title where none was read (国务院大督查整改方案 of the city's government is its own);
    where ``issued_by_the_right_organ`` speaks this is silent.
    """
    if _deployment(seen.item):
        return None
    said = squeeze(str(seen.value("issuer") or seen.value("title") or ""))
    if not said:
        return unchecked(seen.unread_document) if seen.unread_document else None
    above = next((o for o in map(squeeze, params["organs"]) if o and said.startswith(o)), None)
    return PASS if above is None else fail(found=above)


def _deployment(item: Item | None) -> bool:
    return (
        item is not None and "部署" in f"{item.content}{item.standard}" and bool(re.search("市委|县委|文明委", item.standard))
    )


def sealed(seen: Seen, _: Params) -> Verdict | None:
    """An original with its red head may go without (GB/T 9704-2012 7.3.5.1); a copy or an informal paper may not."""
    if seen.value("seal"):
        return PASS
    if seen.attested("seal"):
        return fail()
    if "seal" not in seen.facts:
        return unchecked(seen.unread or "没有找到可以辨认印章的地方")
    issuer = seen.facts.get("issuer")
    if issuer is not None and issuer.method.endswith("red-head") and seen.value("document_number"):
        return PASS
    return fail()


def pages_complete(seen: Seen, _: Params) -> Verdict | None:
    if "pages_absent" not in seen.facts:
        return unchecked(seen.not_reached) if seen.not_reached else None  # no page numbers of its own
    if seen.unread and seen.value("pages_absent"):
        return unchecked(seen.unread)  # the number may stand on a page that nobody read
    return must_be_empty(seen, "pages_absent", "", show=10)


RULES: dict[str, Rule] = {
    "NUMBER": numbered,
    "NUMBERFORM": written_well,
    "TITLE": titled,
    "ISSUER": issued_by_the_right_organ,
    "SUPERIOR": of_the_city,
    "SEAL": sealed,
    "DRAFT": final,
    "PAGES": pages_complete,
}
