"""材料类型: which of the four kinds a file is, decided apart from the item.

Three sorts of evidence, in this order: the format's family (a photograph, a spreadsheet), the words of the title, the layout
facts. Of a file's title the word of form at its end decides (``form_words``); a bare title, where there is no file, is weighed by all
of its wording (``wording``). The scores are fixed degrees of belief, not measured frequencies, but for the wording. 本项目默认.

关于…的报告 with a 发文字号: 报告 is one of the official forms of GB/T 9704-2012, so the number alone does not make it
规范文件. It stays 说明报告 with a low score (``NUMBERED_REPORT``), so that a requirement which asks for the other kind
leads to review and not to silence.
"""

from __future__ import annotations

from collections.abc import Mapping

from archive_schema.evidence import Fact, KindGuess
from archive_schema.media import of_name, of_type
from archive_schema.text import fold
from archive_schema.words import EvidenceKind as K
from classification.form_words import NAMED, Said, said
from classification.wording import told

NUMBERED_REPORT = 0.55
VIDEO = 0.4  # no kind is a video: what shows a scene is nearest to a photograph, and a person looks
_TAIL = 8  # characters after the last word of form that still count as a mere tail: (盖章版), 2017年

#: what people write into the form's 材料类型 cell
TYPED: dict[str, K] = {
    **NAMED,
    **dict.fromkeys(("文件", "发文", "红头文件"), K.DOCUMENT),
    **dict.fromkeys(("报告", "说明", "总结"), K.REPORT),
    **dict.fromkeys(("图片", "照片", "实景", "图"), K.PHOTO),
    **dict.fromkeys(("数据表格", "统计表", "统计", "表格", "数据", "表"), K.TABLE),
}


def typed(text: str) -> K | None:
    """The kind of a form's cell as typed, or None when it is empty or names none or several."""
    cell = fold(text).strip()
    found = {k for w, k in NAMED.items() if w in cell} or {k for w, k in TYPED.items() if w in cell}
    return found.pop() if len(found) == 1 else None


def guess_kind(*, media_type: str, name: str, title: str | None, facts: Mapping[str, Fact], text: str) -> KindGuess | None:
    """The kind of one file, or None.

    :param media_type: "" when there is no file, only a title
    :param name: file name; its words count when the title has none
    :param title: title or caption as read, or None
    :param text: the text as read; only its length counts
    """
    if not media_type and (guess := _claimed(name) or told(name)):
        return guess
    family = of_type(media_type).family if media_type else ""
    words = next((s for t in (title, name) if t and (s := said(t))), None)
    number = _value(facts, "document_number")
    if family == "picture":
        return _picture(words, facts)
    if media_type.startswith("video/"):
        return _video(words)
    if family == "table":
        return KindGuess(K.TABLE, 0.95, ("文件是电子表格",))
    if words is not None:
        return _by_words(words, facts, family, bool(number))
    if number:
        return KindGuess(K.DOCUMENT, 0.8, (f"有发文字号 {number}",))
    if _value(facts, "issued_on") and _value(facts, "addressee"):
        return KindGuess(K.DOCUMENT, 0.6, ("有主送机关和成文日期",))
    rows = _value(facts, "table_rows")
    if isinstance(rows, int) and rows >= 3:
        return KindGuess(K.TABLE, 0.55, (f"主要是表格,{rows} 行数据",))
    if family in ("document", "text") and len(text.strip()) >= 200:
        return KindGuess(K.REPORT, 0.4, ("成段文字,没有发文字号",))
    return None


def _claimed(name: str) -> KindGuess | None:
    """What the extension of a mere name says: no file has shown its bytes yet."""
    claimed = of_name(name)
    kind = {"picture": K.PHOTO, "table": K.TABLE}.get(claimed.family) if claimed else None
    return KindGuess(kind, 0.75, (f"名称以“{name[name.rfind('.') :].strip()}”收尾",)) if kind else None


def _by_words(words: Said, facts: Mapping[str, Fact], family: str, numbered: bool) -> KindGuess:
    near = words.after <= _TAIL
    score = 0.75 if near else 0.5
    reasons = [f"标题以“{words.word}”收尾" if near else f"标题含“{words.word}”"]
    if words.kind is K.DOCUMENT:
        if numbered:
            score = 0.95
            reasons.append("有发文字号")
        elif _value(facts, "addressee"):
            score += 0.1
            reasons.append("有主送机关")
    elif words.kind is K.REPORT and numbered:
        score = NUMBERED_REPORT
        reasons.append("但有发文字号,也可能按正式发文提交")
    elif words.kind is K.TABLE:
        if _value(facts, "table_rows"):
            score = 0.9
            reasons.append("内有表格")
        elif numbered:
            score = 0.5
            reasons.append("但有发文字号")
    elif words.kind is K.PHOTO and family in ("document", "text"):
        score = 0.55
        reasons.append("但文件不是图片格式")
    return KindGuess(words.kind, round(score, 2), tuple(reasons))


def _picture(words: Said | None, facts: Mapping[str, Fact]) -> KindGuess:
    number = _value(facts, "document_number")
    if number:
        return KindGuess(K.DOCUMENT, 0.6, (f"是图片,但读出发文字号 {number},应是文件的扫描或翻拍",))
    if words is not None and words.kind in (K.TABLE, K.DOCUMENT) and words.after == 0 and not _value(facts, "camera"):
        return KindGuess(K.PHOTO, 0.6, ("是图片", f"但名称以“{words.word}”收尾,可能是{words.kind.value}的扫描"))
    return KindGuess(K.PHOTO, 0.9, ("是图片",))


def _video(words: Said | None) -> KindGuess:
    but = (f"但名称含“{words.word}”",) if words is not None and words.kind is not K.PHOTO else ()
    return KindGuess(K.PHOTO, VIDEO, ("是视频, 与实景图片最接近", *but))


def _value(facts: Mapping[str, Fact], key: str) -> object:
    fact = facts.get(key)
    return fact.value if fact is not None else None
