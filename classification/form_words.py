"""The word of form of a title: 通知, 总结, 统计表, 照片 … Chinese titles are head-final, so the last one decides.

The words are data (``form_words.tsv``). Most count wherever they stand last; those of ``end`` only as the very end, since
within a title they may be anything (经费, 现状). 情况统计表 is a table, 关于印发统计办法的通知 is a notice.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.media import of_name
from archive_schema.text import fold
from archive_schema.words import EvidenceKind as K

#: what names a kind in so many words decides wherever it stands
NAMED: dict[str, K] = {
    "规范文件": K.DOCUMENT,
    "正式发文": K.DOCUMENT,
    "说明报告": K.REPORT,
    "情况说明": K.REPORT,
    "实景图片": K.PHOTO,
    "统计表格": K.TABLE,
}
#: 报告会, 情况通报会: a meeting, not what is read there
_READ_OUT = ("报告", "汇报", "通报", "总结", "说明", "发言", "先进事迹", "座谈")
#: 市人大代表, 先进代表: no table
_NO_TABLE = "代发外"
_TRAILING = re.compile(
    "(?:[\\s\\d\\-_.·~,、:;!?。…()\\[\\]〔〕【】《》”“\"'年月日期号]|年度|[上下]半年|季度|修[订正]|[第版稿件份篇]|试行|盖章|扫描|[终最]|附件?|[副正]本|正式|全文|最新|范[文本]|模板|样本|示例|参考|[一二三四五六七八九十]+条)+$"
)
#: …规定公安部令第109号, …标准住建部2022: whose it is and its number
_NUMBERED = re.compile(
    r"^\s*[\u4e00-\u9fff]{0,12}(?:[\[〔(]\d{4}[\]〕)]第?\d+号|令第?\d+号)$|^\s*[\u4e00-\u9fff]{1,6}[部局厅委院府]\d{4}年?$"
)
_GROUP = re.compile(r"[(\[〔【]([^()\[\]〔〕【】]{0,24})[)\]〕】]$")
_TABLE_GROUP = re.compile(r"[^附含见\s]{1,8}表\s*$")  # (村表), (一览表); (附报名表) says what is beside it
_GROUPS = 3  # most groups in brackets taken off the end
_TITLE_END = re.compile(r"[》」』”\"]")


class Word(msgspec.Struct, frozen=True):
    """``role``: see the head of form_words.tsv."""

    kind: K
    end: bool
    role: str


class Said(msgspec.Struct, frozen=True):
    """The word of form that decides a title, its role, and how many characters follow it."""

    kind: K
    word: str
    after: int
    role: str = "-"


@cache
def words() -> dict[str, Word]:
    return {w: Word(K(r["kind"]), r["where"] == "end", r["role"]) for r in rows("form_words.tsv") for w in r["words"].split()}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table of this room, without its remarks."""
    lines = (x for x in (Path(__file__).parent / name).read_text("utf-8").splitlines() if not x.startswith("#"))
    return csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@cache
def _lengths() -> tuple[int, ...]:
    return tuple(sorted({len(w) for w in words()}, reverse=True))


@cache
def _lasts() -> frozenset[str]:
    return frozenset(w[-1] for w in words())


def bare(title: str) -> str:
    """The title as compared: folded, without an extension of a file."""
    text = fold(title)
    return (text[: text.rfind(".")] if of_name(title) else text).strip()


def said(title: str) -> Said | None:
    """The last word of form of a title or name; None when it has none."""
    text = bare(title)
    for word, kind in NAMED.items():
        if word in text:
            return Said(kind, word, 0)
    whole = text = _TITLE_END.sub("", text)
    for _ in range(_GROUPS):  # (试行), (2017-2020年)
        m = _GROUP.search(text)
        inner = words().get(m[1].strip()) if m else None
        shown = inner is not None and inner.kind is K.PHOTO  # (图), (照片)
        if m is None or m.start() < 2 or shown or _TABLE_GROUP.match(m[1]):
            break
        text = text[: m.start()].rstrip()
    found = _last(text)
    if found is None and whole != text:  # 激发公交发展动力(政策解读)
        found = _last(whole)
    return found


def _last(text: str) -> Said | None:
    known, lasts = words(), _lasts()
    for end in range(len(text), 0, -1):
        if text[end - 1] not in lasts:
            continue
        after = -1
        for length in _lengths():
            word = known.get(text[end - length : end]) if length <= end else None
            if word is None or _other(text, end, text[end - length : end]):
                continue
            if after < 0:
                rest = text[end:]
                after = 0 if _NUMBERED.match(rest) else len(_TRAILING.sub("", rest))
            if after and (word.end or length == 1):  # 表, 图, 函, 令, 率 only as the very end
                continue
            return Said(word.kind, text[end - length : end], after, word.role)
    return None


def _other(text: str, end: int, word: str) -> bool:
    """Is it part of a word that means something else?"""
    if word == "表":
        return end > 1 and text[end - 2] in _NO_TABLE
    return text[end : end + 1] == "会" and word.endswith(_READ_OUT)
