"""The kind of a title that no word of form decides: a headline, a caption, a heading of a work report, a row of a yearbook.

News of an event is filed as a picture or a clipping, so it is 实景图片; a headline whose whole message is a figure or a state
of things is 说明报告 (the labelling rule of tests/classification/labelled). What the wording shows (``headline_cues.tsv``, and runs
of characters, ``headline_grams``) is weighed with what ``python -m benchmarks.fit_kinds`` writes; the score is the probability that
comes of it, held down to ``HEADLINE``: wording is weaker evidence than a word of form.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.evidence import KindGuess
from archive_schema.text import display
from archive_schema.words import EvidenceKind as K
from classification import headline_grams
from classification.form_words import Said, bare, said

HEADLINE = 0.65  # most that wording alone is believed, 本项目默认
_SHORT = 6  # Chinese characters from which a title without a word of form is read as a headline
_LONGEST = 300  # characters: what is longer is a text and no title
_HAN = re.compile("[㐀-鿿]")
_KINDS = tuple(K)
_NEAR = 8  # characters behind a word of form within which it still tells something

#: 8-1 公共交通情况, 表14—19 …, 分地区…, …(2007—2010年): a table of a yearbook
_YEARBOOK = re.compile(
    r"^(续?表\s*)?\d{1,2}\s*-+\s*\d{1,2}\s*[^\d\s年月日-]|^表\s*\d|^主要年份|^按.{1,8}分的|^[分按](?:地区|行业|年龄|性别|登记|隶属|城乡)"
    r"|\(\d{4}年?\s*-+\s*\d{4}年?\)$|(?:(?:19|20)\d\d){2}$|^\d{1,2}\s*-+\s*\d{1,2}\s*年[末底]"
)
_CAPTION = re.compile(r"^(图为|图:|图\d+[::\s]|左图|右图|上图|下图)|。$|^\d+月\d+日[,,]|(?:记者|通讯员)?[^\s。]{1,8}摄\)?$")
_TOLD = frozenset(("总结", "报告", "工作总结", "调研报告", "汇报", "综述"))  # …总结(2016年-2018年) is no table
#: 2020年统计公报:…, 【督查通报(第3期)】…, …研究--以某市为例: the head of the title names the form
_HEAD = re.compile(
    r"^(?:\[[^\]]*|【[^】]*|[^:\s]{0,30})(?P<word>报告|公报|通报|白皮书|蓝皮书|盘点|综述|述评|解读|通知|公告|通告)(?:\([^)]*\)|\d{4})?(?:[】\]:]|--+)."
)
_STUDY = re.compile(
    r"(?:研究|分析|思考|调查|探析|探索|建议|对策|启示|综述|纪实)--+.|--+(?:以.*为例|基于|兼[论谈议])|为例$|^(?:浅谈|浅析|试论|试析|刍议|略论)"
)
#: a headline about a document: 泰州市民政局修订《…》, 我市建立…制度, 社区发放…倡议书
_REPORTED = re.compile(
    r"(?:印发|出台|发布|修订|推广|施行|颁布|通过|解读|学习|宣讲|诵读|展示)《[^》]*》$"
    r"|(?:我[省市县区旗]|[局委会部办院])(?:联合)?(?:建立|发出|出台|推出)(?!的)"
)
_HANDED_OUT = re.compile(
    r"^(?!.*\d[\d.]*[余多]?[万亿千百]*[\u4e00-\u9fff%]{0,2}$).{2,20}(?:发放|签订|签署|宣读|诵读|张贴|悬挂|热议|发出|写入)(?!的).{3,}"
)
_ISSUED = re.compile(
    r"^[^《关]{1,16}(?:我[省市县区旗]|[市县区局委部办院厅府])(?:联合)?(?:印发|发布|制定|修订|出台)(?!的)(?!.*的(?:通知|公告|函|决定)$)"
)
#: 村民代表表决通过新村规民约, 日报刊登《市民公约》全文: what is done with a paper; 信息公布管理办法 is one
_DEALT_WITH = re.compile(
    r"^(?!.*关于).{2,}?(?:公布|刊登|登载|领到|领回|递交|提交|朗读|齐诵|宣读|张贴|填写|查阅|翻阅|讨论|热议|商议|表决通过|票决|审议|解读|收到|签下|签上|晒出"
    r"|讲解|发布)(?!的|[员站于后时稿事表栏单榜会审制流平内程])(?!.*(?:管理|情况|工作(?!报告|要求)|评分|活动|大赛|比赛|服务|处置|意见[稿汇采]|[0-9]+日))[^的]*(?:《[^》]*》|[^》的]).{3,}$"
)
#: 市委书记在大会上讲话; 在大会上的讲话 is what was said
_SPEAKS = re.compile(
    r"^(?!在).{3,}(?<![的稿、流])(?:讲话|发言|致辞)$|(?<!工)[作做](?!为)[^的]{0,6}(?:介绍|报告|汇报|发言|交流|点评)$|会上?(?:要求|强调|指出)$"
)
_WHOLE = frozenset(("报告", "规定", "办法", "统计表", "一览表", "数据"))  # 公益广告发布比例规定: seldom an object
_ROLLS = frozenset(("名单", "名录"))
_HEARD = re.compile(
    r"^(?!关于).{2,24}?(?:听取|审议(?!结果)|聆听|传达学习|考察学习|收看|观看)"
    r"|(?:[检督巡核]?[查导考]组|代表|委员|书记|市长|县长|领导|人员|干部|专家|讲师团|到[^的]{2,8}|赴[^的]{2,8})[^的]{0,8}(?:检查|督查|督导|视察|调研|核查|查看|察看|摸底)(?!工作)[^的]{4,}情况$"
)
#: 2023年艺术表演团体演出情况 is a table, 道德讲堂工作情况 a report: whose work it is tells them apart
_STATE = re.compile(r"情况\s*(?:\([^()]*年[^()]*\))?$")
_WORK = re.compile(
    "关于|工作|落实|落地|开展|活动|执行|完成|建设|推[进行介]|整改|改革|学习|履行|履约|贯彻|宣传|管理|理|处置|实施|进展|筹备|[检督抽调普清]查"
    "|创建|教育|使用|运行|发布|状况|反响|办结|机制|发展|增长|下降|投放|考核|辅导|报告会|征缴|审计|制度|体系|视察"
)
_VERBS = (
    "完善|健全|建立|加强|推进|强化|落实|规范(?![性化])|构建|创新|提高|提升|降低|加大|扩大|优化|深化|打造|推动|促进|实现|实行|推行"
    "|改善|增强|改进|制定|出台|推出|接受|迎接|通过|取得|借鉴|推广|开展|参加|参与|(?:学习|交流)(?!制度|机制|规划|规范|标准)"
)
#: a word of form that is the object of a verb: 完善…机制, 市教育局提高…覆盖率
_CLAUSE = re.compile(
    rf"^(?:着力|进一步|不断|切实|持续|全面|积极|大力|努力)*(?:{_VERBS}|做好|抓好|坚持|严格)"
    rf"|[省市县区旗州局委办部厅镇乡村社团校院馆站队会司业](?:联合|积极|认真|进一步|不断|切实|率先|全面|着力|努力|持续|多举措)*(?:{_VERBS})(?!的)|对.{{2,}}提出"
)
#: 工作总结和下半年安排: what was done comes first; 名单及其保护范围: a list with a column more
_BOTH = re.compile(r"(?:总结|报告|汇报)(?:及|和|暨|与|、).{0,12}(?:安排|计划|打算|思路|要点|谋划|措施|方案)$")
_LISTED = re.compile(r"(?:名单|名录|目录|清单)(?:及其?|和|与)[^\s的]{2,8}$")
#: 我市3村入选…名单: the news of it, not the list
_CHOSEN = re.compile(r"\d+(?![年月日])[^\s\d]{0,8}(?:入选|入围|上榜|登上|获)")
#: 87家企业被列入…名录: may be the news of it or a figure
_ENTERED = re.compile(r"\d+(?![年月日])[^\s\d]{0,8}被?(?:列入|纳入)")
_FIGURES = re.compile(
    r"(增长|下降|增加|减少|提高|总数|同比|环比|达)[^,。;:、]{0,4}\d|\d%"
    r"|\d[\d.]*[余多]?[万亿千百]*(?:人次|场次|件次|件|人|户|家|册)$|累计.{0,16}\d[\d.]*[余多]?[万亿]?[座个家所名件起人套户次]$|(?:首达|迈上|突破).{0,16}(?:标准|台阶|大关|[百千万亿])"
)


_OF_A_NOUN = frozenset(("count_noun$", "rule_noun$"))


class Cue(msgspec.Struct, frozen=True):
    """``says``: the reason given to people, "" = none worth giving."""

    name: str
    says: str
    pattern: re.Pattern[str]


def told(title: str) -> KindGuess | None:
    """The kind of a bare title whose wording decides; None = its word of form does, or nothing tells.

    :param title: as written, with or without the extension of a file
    """
    text, words = bare(title), said(title)
    if len(text) > _LONGEST:
        return None
    if (guess := ruled(text, words)) is not None:
        return guess
    return weighed(text, words) if is_headline(text, words) else None


def ruled(text: str, words: Said | None) -> KindGuess | None:
    """The kind where the way of writing leaves no doubt.

    :param text: folded title
    """
    if _YEARBOOK.search(text) and (words is None or (words.kind is not K.DOCUMENT and words.word not in _TOLD)):
        return KindGuess(K.TABLE, 0.7, ("编号和写法像统计年鉴的表",))
    if _BOTH.search(text):
        return KindGuess(K.REPORT, 0.7, ("先总结, 后安排",))
    if _LISTED.search(text) and words is not None and words.kind is K.TABLE:
        return KindGuess(K.TABLE, 0.7, (f"写法像带说明的{words.word}",))
    if _CAPTION.search(text) and not (words is not None and words.kind is K.TABLE and words.after == 0):
        return KindGuess(K.PHOTO, 0.75, ("写法像图片说明",))
    if head := _HEAD.search(text):
        kind = K.DOCUMENT if head["word"] in ("通报", "通知", "公告", "通告") else K.REPORT
        return KindGuess(kind, 0.65, (f"标题以“{head['word']}”领起",))
    if _STUDY.search(text):
        return KindGuess(K.REPORT, 0.65, ("写法像调研或研究文章",))
    if "关于" not in text and _news_of_paper(text, words):
        return KindGuess(K.PHOTO, 0.6, ("说的是一份文件的消息",))
    if words is not None and words.after == 0 and "关于" not in text and _tells_of(text, words):
        return KindGuess(K.PHOTO, 0.6, (f"说的是一件事, “{words.word}”只是事中之物",))
    if words is not None and words.word in ("情况", "基本情况") and _STATE.search(text) and not _WORK.search(text):
        return KindGuess(K.TABLE, 0.6, ("只列一类对象的情况, 像统计表",))
    return None


def is_headline(text: str, words: Said | None) -> bool:
    """Is it for the wording to decide, since no word of form stands at the end for what the piece is?"""
    if words is not None and words.after == 0:
        return _object(text, words)
    return words is not None or len(_HAN.findall(text)) >= _SHORT


def _news_of_paper(text: str, words: Said | None) -> bool:
    if _REPORTED.search(text):
        return True
    ends = words is not None and words.after == 0
    if _HANDED_OUT.search(text):
        return not ends or (words is not None and words.role == "paper")
    return ends and words is not None and words.kind is K.DOCUMENT and bool(_ISSUED.search(text))


def _tells_of(text: str, words: Said) -> bool:
    """Is it the news of something done with a paper, not the paper?"""
    if words.word in _ROLLS and _CHOSEN.search(text):
        return True
    if words.kind is K.REPORT and _HEARD.search(text):
        return True
    return words.kind is not K.PHOTO and bool(_SPEAKS.search(text) or (words.word not in _WHOLE and _DEALT_WITH.search(text)))


def _object(text: str, words: Said) -> bool:
    """Is the word of form at the end not what the title is, but what its sentence is about?"""
    if text.endswith(("!", "?")):
        return True
    if "关于" in text:
        return False
    if (words.role == "clause" and _CLAUSE.search(text)) or (words.word in _ROLLS and _ENTERED.search(text)):
        return True
    return bool(_FIGURES.search(text[-12:]))


def weighed(
    text: str,
    words: Said | None,
    table: Mapping[str, tuple[float, ...]] | None = None,
    runs: Mapping[str, tuple[float, ...]] | None = None,
) -> KindGuess:
    """The most probable kind by the wording, with what speaks for it most.

    :param text: folded title
    :param table: weights of what the cues and words of form show, by default those fitted
    :param runs: weights of the runs of characters, likewise
    """
    table = weights() if table is None else table
    runs = headline_grams.weights() if runs is None else runs
    found = dict(features(text, words))
    seen = headline_grams.grams(text, words)
    shown = [table["always"], *(table[f] for f in found if f in table), *(runs[g] for g in seen if g in runs)]
    sums = [math.fsum(column) for column in zip(*shown, strict=True)]
    top = max(sums)
    odds = [math.exp(s - top) for s in sums]
    best = odds.index(max(odds))
    spoke = sorted(((table[f][best] - sum(table[f]) / len(_KINDS), f) for f in found if found[f] and f in table), reverse=True)
    reasons = tuple(dict.fromkeys(found[f] for weight, f in spoke[:3] if weight > 0.1))[:2]
    kind = _KINDS[best]
    if not reasons:
        reasons = (f"{'没有文种词, ' if words is None else ''}写法像“{kind.value}”的标题",)
    return KindGuess(kind, round(min(HEADLINE, 1.0 / sum(odds)), 2), reasons)


def features(text: str, words: Said | None) -> Iterator[tuple[str, str]]:
    """What the wording shows: (name, the reason given to people or "")."""
    shown: set[str] = set()
    ends = words is not None and words.after == 0
    for cue in cues():
        if cue.name in _OF_A_NOUN and (ends or shown & {"agent", "task0"}):  # 提高…率, 企业建立…制度: the noun is the object
            continue
        if m := cue.pattern.search(text):
            shown.add(cue.name)
            yield cue.name, cue.says.replace("{}", display(m[0].strip(), 12)) if m[0].strip() else ""
    han = len(_HAN.findall(text))
    yield f"length:{'short' if han <= 8 else 'middle' if han <= 14 else 'long' if han <= 24 else 'very long'}", ""
    if words is None:
        yield "form:none", ""
    else:
        where = "end" if words.after == 0 else "near" if words.after <= _NEAR else "far"
        spoken = words.word in text  # 照”片 holds it but for a quotation mark
        yield f"form:{words.kind.name.lower()}:{where}", f"标题含“{words.word}”" if spoken else ""
        if where != "end":
            yield f"form:{words.word}:{where}", ""
    if shown & {"number", "share"} and "change" in shown:
        yield "a figure that changes", ""
    if {"number", "award"} <= shown:
        yield "an award with a number", ""
    if "agent" not in shown and "state" in shown:
        yield "a state without an agent", ""
    if "task0" in shown and not shown & {"people", "warm"}:
        yield "a task without people", ""


@cache
def cues() -> tuple[Cue, ...]:
    parts: dict[str, str] = {}
    out = []
    for row in _rows("headline_cues.tsv"):
        if row["cue"].startswith("="):
            parts[row["cue"][1:]] = row["pattern"]
            continue
        pattern = row["pattern"]
        for name, alternation in parts.items():
            pattern = pattern.replace(f"{{{name}}}", alternation)
        out.append(Cue(row["cue"], row["says"], re.compile(pattern)))
    return tuple(out)


@cache
def weights() -> dict[str, tuple[float, ...]]:
    """By feature one weight per kind, in the order of ``EvidenceKind``."""
    return {r["feature"]: tuple(float(r[k.value]) for k in _KINDS) for r in _rows("headline_weights.tsv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (Path(__file__).parent / name).read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
