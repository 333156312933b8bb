"""材料类型: which of the four kinds a file is, decided apart from the item.

Three sorts of evidence, in this order: the format's family (a photograph, a spreadsheet), the word of form that ends the
title (Chinese titles are head-final: 情况统计表 is a table, 关于印发统计办法的通知 is a notice), the layout facts.
The scores are fixed degrees of belief, not measured frequencies. 本项目默认.

关于…的报告 with a 发文字号: 报告 is one of the official forms of GB/T 9704-2012, so the number alone does not make it
规范文件. It stays 说明报告 with a low score (``NUMBERED_REPORT``), so that a requirement which asks for the other kind
leads to review and not to silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from archive_schema.evidence import Fact, KindGuess
from archive_schema.media import of_name, of_type
from archive_schema.text import fold
from archive_schema.words import EvidenceKind as K

NUMBERED_REPORT = 0.55
_TAIL = 8  # characters after the last word of form that still count as a mere tail: (盖章版), 2017年

#: kind → words of form; those of one kind are alternatives
WORDS: dict[K, tuple[str, ...]] = {
    K.DOCUMENT: (
        *(
            "通知",
            "通告",
            "公告",
            "通报",
            "意见",
            "办法",
            "方案",
            "决定",
            "决议",
            "规定",
            "制度",
            "公约",
            "守则",
            "批复",
            "函",
            "令",
        ),
        *(
            "细则",
            "条例",
            "规划",
            "计划",
            "预案",
            "章程",
            "规范",
            "准则",
            "纲要",
            "要点",
            "备忘录",
            "责任状",
            "责任书",
            "目标责任",
        ),
        *("公示", "条件", "程序", "须知", "指南", "流程", "建议稿", "倡议"),
        *("标准", "命令", "会议纪要", "纪要", "机制", "实施意见", "任务分解", "规则", "倡议书", "暂行办法", "红头文件", "文件"),
        *("规程", "导则", "通则", "指引", "工作安排", "活动安排", "任务分工", "告知书", "承诺书", "提示函", "公开信"),
    ),
    K.REPORT: (
        *("报告", "总结", "情况说明", "说明", "汇报", "综述", "简报", "小结", "纪实", "工作情况", "开展情况", "落实情况"),
        *(
            "活动情况",
            "建设情况",
            "执行情况",
            "完成情况",
            "材料",
            "做法",
            "情况",
            "调研报告",
            "自查报告",
            "述评",
            "典型经验",
            "案例",
            "状况",
            "公报",
            "白皮书",
            "分析",
            "思考",
            "启示",
            "对策",
        ),
        *(
            "情况通报",
            "侧记",
            "巡礼",
            "自评",
            "典型做法",
            "经验做法",
            "经验材料",
            "发言材料",
            "调查",
            "研究",
            "探析",
            "概况",
            "形势",
        ),
    ),
    K.TABLE: (
        *(
            "统计表",
            "一览表",
            "汇总表",
            "汇总",
            "台账",
            "台帐",
            "明细表",
            "明细",
            "花名册",
            "登记表",
            "名册",
            "名单",
            "名录",
            "清单",
        ),
        *(
            "数据",
            "统计",
            "报表",
            "年报",
            "月报",
            "季报",
            "情况表",
            "数据表",
            "目录",
            "表格",
            "记录表",
            "指标表",
            "对照表",
            "表",
            "指标",
        ),
        *("一览", "占比", "比例", "比率", "面积", "人数", "率", "覆盖率", "数量", "统计数", "公示表"),
        *(
            "基本情况",
            "机构数",
            "床位数",
            "人员数",
            "总量",
            "产量",
            "人次",
            "件数",
            "户数",
            "排名",
            "排行榜",
            "得分",
            "数据统计",
        ),
    ),
    K.PHOTO: (
        *("照片", "图片", "实景", "现场", "截图", "截屏", "剪影", "掠影", "留影", "合影", "样报", "图", "影像", "版面"),
        *("活动照", "现场照", "实景图", "拍摄", "报样", "屏幕截图", "宣传栏"),
    ),
}
#: what names a kind in so many words decides wherever it stands
NAMED: dict[str, K] = {
    "规范文件": K.DOCUMENT,
    "正式发文": K.DOCUMENT,
    "说明报告": K.REPORT,
    "情况说明": K.REPORT,
    "实景图片": K.PHOTO,
    "统计表格": K.TABLE,
}
#: what people write into the form's 材料类型 cell
TYPED: dict[str, K] = {
    **NAMED,
    **dict.fromkeys(("文件", "发文", "红头文件"), K.DOCUMENT),
    **dict.fromkeys(("报告", "说明", "总结"), K.REPORT),
    **dict.fromkeys(("图片", "照片", "实景", "图"), K.PHOTO),
    **dict.fromkeys(("数据表格", "统计表", "统计", "表格", "数据", "表"), K.TABLE),
}
#: 报告会, 情况通报会: a meeting, not what is read there
_FORM_WORD = re.compile(
    "(?!(?<=[代发外])表)(?!(?:情况|工作)?(?:报告|汇报|通报|总结|说明)会)(?:"
    + "|".join(sorted((w for ws in WORDS.values() for w in ws), key=lambda w: (-len(w), w)))
    + ")"
)
_KIND_OF = {w: k for k, ws in WORDS.items() for w in ws}
_TRAILING = re.compile(r"[\s\d\-_.·~年月日期季度第稿版件号份盖章扫描终最附副本正式()\[\]〔〕【】》”\"']+$")
#: a headline or a caption tells an event: it is filed as a picture or a clipping. 本项目默认
_CAPTION = re.compile(r"^(图为|图:|左图|右图|上图|下图)|。$|^\d+月\d+日[,,]")
_NEWS = re.compile(
    "进行|举行|举办|召开|启动|走进|走访|慰问|参观|喜迎|揭牌|挂牌|启用|开幕|闭幕|开讲|开班|祭扫|营造|荣登|荣获|签约|开展|征集|揭晓|上榜|揭幕|开工|亮相|落幕|颁奖|宣誓|授牌|庆"
)
#: a headline about a document: 泰州市民政局修订《…》, 我市建立…制度, 社区发放…倡议书
_REPORTED = re.compile(
    r"(?:印发|出台|发布|修订|推广|施行|颁布|通过|解读)《[^》]*》$"
    r"|(?:我[省市县区]|[局委会部办院])(?:联合)?(?:建立|发出|出台|推出)(?!的)"
    r"|^.{2,20}(?:发放|签订|签署|宣读|诵读|张贴|悬挂|热议|发出)(?!的).{3,}"
)
_ACT = re.compile("(活动|仪式|比赛|演练|大赛|晚会|演出|会|班|展|赛|行动|工程)$")
_FIGURES = re.compile(
    r"(增长|下降|增加|减少|提高|总数|同比|环比|达)[^,。;:、]{0,4}\d|\d%"
    r"|累计.{0,16}\d[\d.]*[余多]?[万亿]?[座个家所名件起人套户次]$|(?:首达|迈上|突破).{0,16}(?:标准|台阶|大关|[百千万亿])"
)
#: 8-1 公共交通情况, 表14—19 …, …(2007—2010年): a table of a yearbook
_YEARBOOK = re.compile(r"^(续?表\s*)?\d{1,2}\s*-+\s*\d{1,2}\s*[^\d\s年月日-]|^表\s*\d|^主要年份|\(\d{4}\s*-+\s*\d{4}年?\)$")
#: 2023年艺术表演团体演出情况 is a table, 道德讲堂工作情况 a report: whose work it is tells them apart
_STATE = re.compile(r"情况(?:\(\d{4}年?\))?$")
_WORK = re.compile(
    "关于|工作|落实|开展|活动|执行|完成|建设|推进|整改|学习|履行|贯彻|宣传|管理|理|实施|进展|[检督抽]查|创建|教育|使用|运行|发布|状况"
)
_HAN = re.compile("[㐀-鿿]")
_HEADLINE = 6  # Chinese characters from which a title without a word of form is read as a headline
_TASK = re.compile(
    r"^(?:[^:]{2,12}:)?(打造|做好|加强|深化|创新|坚持|推进|强化|健全|完善|构建|落实|围绕|立足|突出|抓好|狠抓|着力)"
)
#: a heading or a line of a work report: 认真做好…工作, 落实… 提升…, …的建设、管理和使用
_LINE = re.compile(
    r"(认真|扎实|积极|全力|切实|大力)(做好|抓好|推进|开展|推动).*工作$"
    r"|(落实|打造|加强|推进|强化|健全|完善|优化|规范)\S+\s+(提升|促进|推动|提高)"
    r"|的[^的、]{2,4}、[^、]{2,4}和[^和]{2,4}$|^\d{1,2}\.\s*\D"
)
_TITLE_END = re.compile(r"[》」』”\"]")


class Said(msgspec.Struct, frozen=True):
    """The word of form that decides a title, and how many characters follow it."""

    kind: K
    word: str
    after: int


def typed(text: str) -> K | None:
    """The kind of a form's cell as typed, or None when it is empty or names none or several."""
    cell = fold(text).strip()
    found = {k for w, k in NAMED.items() if w in cell} or {k for w, k in TYPED.items() if w in cell}
    return found.pop() if len(found) == 1 else None


def said(title: str) -> Said | None:
    """The last word of form of a title or name; None when it has none."""
    text = fold(title)
    if of_name(title):
        text = text[: text.rfind(".")]
    for word, kind in NAMED.items():
        if word in text:
            return Said(kind, word, 0)
    text = _TITLE_END.sub("", text)
    best: tuple[int, int, str] | None = None
    for start in range(len(text)):
        m = _FORM_WORD.match(text, start)
        if m and (best is None or m.end() > best[0]):
            best = (m.end(), len(m[0]), m[0])
    if best is None:
        return None
    kind, word = _KIND_OF[best[2]], best[2]
    after = len(_TRAILING.sub("", text[best[0] :]))
    if len(word) == 1 and after:  # 表, 图, 函, 令, 率 only as the very end
        return None
    return Said(kind, word, after)


def guess_kind(*, media_type: str, name: str, title: str | None, facts: Mapping[str, Fact], text: str) -> KindGuess | None:
    """The kind of one file, or None.

    :param media_type: "" when there is no file, only a title
    :param name: file name; its words count when the title has none
    :param title: title or caption as read, or None
    :param text: the text as read; only its length counts
    """
    family = of_type(media_type).family if media_type else ""
    words = next((s for t in (title, name) if t and (s := said(t))), None)
    number = _value(facts, "document_number")
    if family == "picture":
        return _picture(words, facts)
    if family == "table":
        return KindGuess(K.TABLE, 0.95, ("文件是电子表格",))
    if not media_type and (told := _told(name, words)):
        return told
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


def _told(title: str, words: Said | None) -> KindGuess | None:
    """The kind of a bare title that names no form at its end, or whose form is not its own; None = its words decide."""
    text = fold(title).strip()
    if not text:
        return None
    if _YEARBOOK.search(text) and (words is None or words.kind is not K.DOCUMENT):
        return KindGuess(K.TABLE, 0.7, ("编号和写法像统计年鉴的表",))
    ends = words is not None and words.after == 0
    if _CAPTION.search(text):
        return KindGuess(K.PHOTO, 0.75, ("写法像图片说明",))
    if "关于" not in text and _REPORTED.search(text):
        return KindGuess(K.PHOTO, 0.6, ("说的是一份文件的消息",))
    if _STATE.search(text) and not _WORK.search(text):
        return KindGuess(K.TABLE, 0.6, ("只列一类对象的情况, 像统计表",))
    if ends and not _FIGURES.search(text[-12:]):
        return None
    tail = text[-(words.after + 2) :] if words is not None else text
    if _FIGURES.search(text if ends else tail):
        return KindGuess(K.REPORT, 0.6, ("说的是数字的变化",))
    if words is None and _LINE.search(text):
        return KindGuess(K.REPORT, 0.5, ("像工作材料中的一条",))
    if "关于" not in text and _NEWS.search(tail if words is not None and not ends else text):
        return KindGuess(K.PHOTO, 0.65, ("说的是一次活动",))
    if words is not None:
        return None
    if _TASK.search(text):
        return KindGuess(K.REPORT, 0.5, ("以要做的事开头, 像工作材料的标题",))
    if len(_HAN.findall(text)) < _HEADLINE:
        return None
    return KindGuess(K.PHOTO, 0.6 if _ACT.search(text) else 0.5, ("没有文种词, 像活动或图片的标题",))


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


def _value(facts: Mapping[str, Fact], key: str) -> object:
    fact = facts.get(key)
    return fact.value if fact is not None else None
