"""Facts of an official document from its lines of text (GB/T 9704-2012).

Two layouts occur: the standard's (红头, 发文字号, 标题, 主送机关, 正文, 附件说明, 署名, 成文日期) and that of prints from web pages (标题,
发文字号, 主送机关 …). The *head* is everything before the running text; only there a number or a title is believed, for
a body quotes the numbers of other documents. No fact has a confidence: nothing here was measured on scans.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema.evidence import Fact, Facts
from archive_schema.text import squeeze
from archive_schema.words import SECRECY_LEVELS
from intake.gongwen.head import Head, read_head
from intake.gongwen.labels import second_readings, without_labels
from intake.gongwen.tail import Tail, read_tail
from intake.gongwen.words import half_width, organ_names, rules
from intake.textual import Line

__all__ = ["name_facts", "read_facts"]

_PAGE_NUMBER = re.compile(r"^[\s—–\-－・·]*(?:第)?\s*\d{1,4}\s*(?:页)?(?:[\s,/，]*共\s*\d+\s*页)?[\s—–\-－・·]*$")
_LEADING_ORGAN = re.compile(r"^(.{3,60}?)(?:关于|转发|印发|批转|对.+的(?:答复|复函)$|公告$|令$)")
#: 密级★保密期限 (GB/T 9704-2012 7.2.2)
_SECRECY_PERIOD = re.compile(r"[★☆⭐✩✭*]\s*(\d{1,2}(?:年|个月|天)|长期|永久)")
_QUOTED = re.compile("《[^》]*》")


def read_facts(lines: Sequence[Line], *, method: str) -> Facts:
    """What the document says of itself.

    :param lines: in reading order; blank ones and page numbers are skipped.
    :param method: ``reader@version``, the first part of every fact's method.
    """
    kept, fields = without_labels(_lines(lines))
    head = read_head(kept)
    tail = read_tail(kept, head.end)
    facts: Facts = {}

    def put(key: str, value: object, how: str, raw: str, page: int | None, others: tuple[str, ...] = ()) -> None:
        facts[key] = Fact(value=value, raw=raw, page=page, method=f"{method}/{how}", others=others)

    if head.title:
        put("title", head.title, head.title_how, head.title_raw, head.title_page)
    if head.number is not None:
        number, page = head.number
        put("document_number", number.value, "head", number.raw, page, head.other_numbers)
    issuer = _issuer(head, tail)
    if issuer is not None:
        put("issuer", *issuer)
    if tail.date is not None:
        put("issued_on", tail.date.value, tail.date_how, tail.date.raw, tail.date_page)
    if head.addressee:
        put("addressee", head.addressee, "head", head.addressee, head.addressee_page)
    if tail.signers:
        put("signer", "、".join(tail.signers), "signature", tail.signer_raw, tail.signer_page)
    if tail.attachments:
        put("attachments", list(tail.attachments), "note", tail.attachments_raw, tail.attachments_page)
    _mark_facts(facts, kept, head, method)
    facts = second_readings(facts, fields, method=method)
    if tail.unread and "issued_on" not in facts:
        put("date_unread", tail.unread, tail.unread_how, tail.unread, tail.unread_page)
    return facts


def name_facts(name: str, *, method: str) -> Facts:
    """What a file name says: 密级 as a mark (in brackets or with a star), a draft mark. A name is the source's, not the bytes'."""
    facts: Facts = {}
    levels = "|".join(SECRECY_LEVELS)
    m = re.search(rf"[\[【〔(（](?:密级[:：])?({levels})级?(?:[★☆*][^\])】〕）]*)?[\])】〕）]|({levels})级?[★☆]", name)
    if m is not None:
        facts["secrecy"] = Fact(value=m[1] or m[2], raw=name, method=f"{method}/name")
    mark = _draft_mark(name)
    if mark is not None:
        facts["draft_mark"] = Fact(value=mark, raw=name, method=f"{method}/name")
    return facts


def _draft_mark(text: str) -> str | None:
    bare = _QUOTED.sub("", text)  # 《…(征求意见稿)》 in a title speaks of another document
    return next((m for m in rules().draft_marks if m in bare), None)


def _lines(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.text.strip() and not _page_number(line.text)]


def _page_number(text: str) -> bool:
    # six digits alone are a 份号, not a page
    return bool(_PAGE_NUMBER.match(text))


def _issuer(head: Head, tail: Tail) -> tuple[str, str, str, int | None, tuple[str, ...]] | None:
    """Red head, else signature, else the 机关代字, else the organ that the title begins with; the others that differ are kept."""
    said: list[tuple[tuple[str, ...], str, str, int | None]] = []
    if head.issuers:
        said.append((head.issuers, "red-head", head.issuer_raw, head.issuer_page))
    if tail.signers:
        said.append((tail.signers, "signature", tail.signer_raw, tail.signer_page))
    if head.number is not None and (organ := rules().codes.get(head.number[0].code)):
        said.append(((organ,), "code", head.number[0].raw, head.number[1]))
    m = _LEADING_ORGAN.match(head.title)
    if m is not None and (organs := organ_names(m[1])):
        said.append((organs, "title", m[1], head.title_page))
    if not said:
        return None
    chosen = said[0]
    # a joint document may show only its first organ in the red head; all of them sign
    if len(said) > 1 and said[1][1] == "signature" and set(chosen[0]) < set(said[1][0]):
        chosen = said[1]
    value = "、".join(chosen[0])
    others = dict.fromkeys("、".join(organs) for organs, *_ in said)
    return value, chosen[1], chosen[2], chosen[3], tuple(o for o in others if squeeze(o) != squeeze(value))


def _mark_facts(facts: Facts, lines: Sequence[Line], head: Head, method: str) -> None:
    if head.secrecy is not None:
        value, raw, page = head.secrecy
        facts["secrecy"] = Fact(value=value, raw=raw, page=page, method=f"{method}/head")
        if period := _SECRECY_PERIOD.search(half_width(raw)):
            facts["secrecy_period"] = Fact(value=period[1], raw=raw, page=page, method=f"{method}/head")
    if head.urgency is not None:
        value, raw, page = head.urgency
        facts["urgency"] = Fact(value=value, raw=raw, page=page, method=f"{method}/head")
    if head.copy_number is not None:
        value, page = head.copy_number
        facts["copy_number"] = Fact(value=value, raw=value, page=page, method=f"{method}/head")
    places = [(line.text, line.page, "head") for line in lines[: head.end] if len(line.text) < 80]
    for text, page, how in ((head.title_raw.replace("\n", ""), head.title_page, "title"), *places):
        mark = _draft_mark(text)
        if mark is not None:
            facts["draft_mark"] = Fact(value=mark, raw=text, page=page, method=f"{method}/{how}")
            break
