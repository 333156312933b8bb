"""Titles and believable text made from the words of a catalogue's item. Every figure is invented; the city does not exist.

All four kinds of one item share its ``Figures``, so that a report quotes what the table adds up to.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

import msgspec

from archive_schema.catalogue import Item
from archive_schema.cycle import Window
from samples.layout import OfficialDocument, Report, Table, Value, typeset, zh_date

DISTRICTS = ("东示区", "西示区", "南示区", "北示区", "示水县", "示山县", "高新区")
_PLACES = (
    "人民广场",
    "市民中心",
    "东示区和平社区",
    "西示区第一小学",
    "南示区文化馆",
    "北示区便民服务大厅",
    "示水县城关镇",
    "高新区会展中心",
)
_NOUNS = ("制度", "办法", "方案", "机制", "规划", "计划", "意见", "清单", "名录", "细则", "标准", "预案", "公约", "守则")
_ASIDE = re.compile(r"[(\uff08].*?[)\uff09]")
_RATE = re.compile("率|比例|占比|占|人均|千人|万人|比重|分担")


class Figures(msgspec.Struct, frozen=True):
    """The numbers of one item: per district a base and how much of it is done; the year before for comparison."""

    base: tuple[int, ...]
    done: tuple[int, ...]
    before: int
    trainings: int
    inspections: int
    found: int
    mended: int

    @property
    def share(self) -> float:
        """Done of the base, in per cent with one decimal."""
        return round(100 * sum(self.done) / sum(self.base), 1)


def figures(item: Item, seed: int) -> Figures:
    rng = random.Random(f"figures {seed} {item.id}")
    base = tuple(rng.randint(40, 900) for _ in DISTRICTS)
    done = tuple(int(b * rng.uniform(0.82, 0.99)) for b in base)
    found = rng.randint(20, 160)
    return Figures(
        base=base,
        done=done,
        before=int(sum(done) * rng.uniform(0.8, 0.97)),
        trainings=rng.randint(6, 48),
        inspections=rng.randint(8, 60),
        found=found,
        mended=found - rng.randint(0, 6),
    )


def place_name(unit: str) -> str:
    """The made-up place that a unit is of."""
    return "示例县" if unit.startswith("县") else "示例市"


def formal_name(unit: str) -> str:
    """``市教育局`` → ``示例市教育局``, ``市委办`` → ``中共示例市委办``, ``团市委`` → ``共青团示例市委员会``."""
    bare = _ASIDE.sub("", unit)
    place = place_name(unit)
    if bare[1:].startswith("委") and bare[0] in "市县":
        return f"中共{place}委{bare[2:]}"
    if bare in ("团市委", "团县委"):
        return f"共青团{place}委员会"
    if bare.startswith("人民银行"):
        return f"中国人民银行{place}{bare.removeprefix('人民银行')}"
    return place + bare[1:] if bare[0] in "市县" else place + bare


def subject(item: Item) -> str:
    """What the item is about, in one phrase of its own words, safe in a file name."""
    first = re.split(r"[,\uff0c;\uff1b:\uff1a]", _ASIDE.sub("", item.standard))[0]
    parts = first.split("、")
    if len(parts[0]) >= 4 and parts[0].endswith(_NOUNS):
        first = parts[0]
    first = re.sub(r"^(健全|有(?!害)|把)", "", first)
    first = re.sub(r"[/\\<>|?*\"]", "、", first).strip("、 ")
    return first if len(first) >= 4 else item.content.replace("/", "、") + first


def _smooth(text: str) -> str:
    """The doubled words that come of joining phrases taken out again."""
    return re.sub(r"(工作|管理|统计|活动|方案|(?<=示例)[市县])(?=\1)", "", text)


def document_title(item: Item, unit: str, rng: random.Random) -> str:
    about, place = subject(item), place_name(unit)
    if about.endswith(_NOUNS):
        name = f"关于印发《{place}{about}》的通知"
    else:
        name = rng.choice(
            (
                f"关于印发《{place}{about}工作方案》的通知",
                f"关于进一步做好{about}工作的通知",
                f"关于加强{about}工作的实施意见",
                f"关于印发《{place}{about}管理办法》的通知",
            )
        )
    return (formal_name(unit) if rng.random() < 0.5 else "") + _smooth(name)


def report_title(item: Item, unit: str, rng: random.Random) -> str:
    about = subject(item)
    return _smooth(
        rng.choice((f"{formal_name(unit)}关于{about}情况的说明", f"关于{about}工作的情况说明", f"{about}情况说明报告"))
    )


def table_title(item: Item, unit: str) -> str:
    about = subject(item)
    return _smooth(f"{place_name(unit)}{about}{'' if about.endswith('统计') else '情况'}统计表")


def caption(item: Item, unit: str, day: date, rng: random.Random) -> str:
    """时间、地点、人物、主题, as a file name may hold them."""
    who = rng.choice(("工作人员", "志愿者", "社区居民", "学校师生", "窗口人员"))
    about = subject(item).removesuffix("现场").removesuffix("活动")
    return f"{zh_date(day)}{place_name(unit)}{rng.choice(_PLACES)}{who}参加{about}活动现场"


def document_number(unit: str, year: int, serial: int) -> str:
    """``示教育〔2026〕12号``: six-sided brackets, four-digit year, no leading zero (GB/T 9704-2012 7.2.5)."""
    core = _ASIDE.sub("", unit).removeprefix("市").removeprefix("县")
    core = re.sub(r"(局|委员会|委)$", "", core) or core
    return f"示{core[:4]}发〔{year}〕{serial}号"


def document(item: Item, unit: str, day: date, *, seed: int, number: str, rng: random.Random, title: str) -> OfficialDocument:
    """A 通知 of one to three pages about the item, issued on ``day``; what the title puts between 《》 is annexed."""
    about, f = subject(item), figures(item, seed)
    others = [formal_name(u) for u in item.units[1:4] if not u.startswith("各")]
    end = f"{day.year}年12月底前"
    paragraphs = [
        f"为落实{item.project}的要求,做好“{item.indicator}”各项工作,结合我{place_name(unit)[-1]}实际,现就{about}有关事项通知如下。",
        rng.choice(
            (
                f"一、目标任务。围绕“{item.content}”,{end},{about}覆盖全部{len(DISTRICTS)}个区(县),完成{sum(f.base)}项任务中的九成以上。",
                f"一、总体要求。把{about}作为“{item.content}”的基础工作,{end}实现{len(DISTRICTS)}个区(县)全覆盖,全年培训不少于{f.trainings}期。",
            )
        ),
        f"二、工作内容。(一){_sentence(item.standard)}(二)建立台账,按月登记、按季通报,做到来源可查、过程可溯。"
        f"(三)每年组织检查不少于{f.inspections}次,发现问题限期整改,整改结果报{formal_name(unit)}。",
        f"三、责任分工。由{formal_name(unit)}牵头"
        + (f",{'、'.join(others)}配合" if others else "")
        + ",各区(县)按属地管理抓好落实。",
        rng.choice(
            (
                "四、保障措施。各单位要明确一名分管负责同志和一名联络员,所需经费列入年度预算,工作情况每季度末报送一次。",
                "四、工作要求。各单位要专人负责、限时完成,材料及时整理归档;对工作不力、弄虚作假的予以通报。",
                "四、督促检查。牵头单位每季度调度一次,年底组织考核,考核结果向各单位通报。",
            )
        ),
    ]
    named = tuple(re.findall(r"《(.+?)》", title)[:1])
    return OfficialDocument(
        issuer=formal_name(unit),
        title=title,
        paragraphs=tuple(typeset(p) for p in paragraphs),
        mark=f"{formal_name(unit)}文件",
        number=number,
        issued_on=day,
        addressee=f"各区(县)人民政府,{place_name(unit)[-1]}直各有关单位",
        attachments=named,
        annexes=tuple(_annex(item, unit, f) for _ in named),
        seal=True,
        copy_to=rng.choice(("", f"{place_name(unit)[-1]}委办公室,{place_name(unit)[-1]}政府办公室")),
        printed_on=day + timedelta(days=rng.randint(1, 4)) if rng.random() < 0.4 else None,
    )


def _annex(item: Item, unit: str, f: Figures) -> tuple[str, ...]:
    """The articles of what is issued."""
    about = subject(item)
    return tuple(
        typeset(p)
        for p in (
            f"第一条 为规范{about},明确责任,保证“{item.content}”落到实处,制定本文。",
            f"第二条 本文适用于{place_name(unit)}各区(县)和{place_name(unit)[-1]}直各单位。",
            f"第三条 {_sentence(item.standard)}",
            f"第四条 {formal_name(unit)}负责组织实施,每年培训不少于{f.trainings}期,检查不少于{f.inspections}次。",
            "第五条 工作材料按年度整理,形成之日起三十日内归档,专人保管,定期核对。",
            f"第六条 本文由{formal_name(unit)}负责解释,自印发之日起施行。",
        )
    )


def report(item: Item, unit: str, day: date, *, seed: int, rng: random.Random, title: str) -> Report:
    """A 说明报告 of 300–800 characters: measures, mechanism, results with figures, safeguards."""
    about, f = subject(item), figures(item, seed)
    paragraphs = [
        f"按照“{item.content}”的测评要求,现将{about}的有关情况说明如下。本标准要求:{_sentence(item.standard)}",
        rng.choice(
            (
                f"一、工作措施。{formal_name(unit)}成立专班,制定年度计划,把任务分解到{len(DISTRICTS)}个区(县)和有关单位,明确完成时限和责任人。"
                f"全年组织培训{f.trainings}期,开展检查{f.inspections}次,检查结果当月通报。",
                f"一、主要做法。一是定计划,{formal_name(unit)}按季度列出任务清单;二是抓培训,共举办{f.trainings}期,覆盖全部区(县)的经办人员;"
                f"三是严检查,全年检查{f.inspections}次,由第三方参与{max(1, f.inspections // 4)}次。",
            )
        ),
        f"二、制度机制。建立月登记、季通报、年考核的工作机制,{item.indicator}有关数据由专人汇总、两人核对,原始台账保存三年以上。"
        f"对发现的{f.found}个问题逐一登记,已整改{f.mended}个"
        + (f",其余{f.found - f.mended}个明确了整改时限。" if f.found > f.mended else ",全部销号。"),
        f"三、工作成效。全{place_name(unit)[-1]}共有任务{sum(f.base)}项,已完成{sum(f.done)}项,完成率{f.share}%,上一年同期为{f.before}项。"
        f"其中完成最多的是{DISTRICTS[f.done.index(max(f.done))]},共{max(f.done)}项。",
        rng.choice(
            (
                "四、下一步。巩固现有做法,把群众意见较多的环节作为重点,继续按季度公布进展,接受社会监督。",
                "四、工作保障。所需人员和经费已经落实,联络员变动及时报备,材料随工作进展同步归档,确保连续完整。",
            )
        ),
    ]
    return Report(title, tuple(typeset(p) for p in paragraphs), formal_name(unit), day)


def table(item: Item, unit: str, window: Window, *, seed: int, day: date) -> Table:
    """A table by district whose totals add up; the share column is computed, not added."""
    f = figures(item, seed)
    rated = bool(_RATE.search(item.standard))
    names = ("基数(个)", "达标数(个)", "达标比例(%)") if rated else ("任务数(项)", "完成数(项)", "完成率(%)")
    rows: list[tuple[Value, ...]] = [
        (n, d, b, c, round(100 * c / b, 1)) for n, (d, b, c) in enumerate(zip(DISTRICTS, f.base, f.done, strict=True), 1)
    ]
    return Table(
        title=table_title(item, unit),
        header=("序号", "区(县)", *(typeset(n) for n in names)),
        rows=tuple(rows),
        measure="个、%" if rated else "项、%",
        scope=typeset(f"全{place_name(unit)[-1]}范围,按属地统计;人均指标按户籍人口计算"),
        period=f"{zh_date(window.start)}至{zh_date(window.end)}",
        source=f"{formal_name(unit)}业务台账",
        totals=("合计", "", sum(f.base), sum(f.done), f.share),
        unit=formal_name(unit),
        filled_on=day,
    )


def spellings(ident: str) -> list[str]:
    """Ways in which people write an id: ``III18-1`` → Ⅲ18-1, Ⅲ-18-1, Ⅲ—18-1, Ⅲ18-1), III18-1, Ⅲ18—1."""
    m = re.fullmatch(r"III(\d+)-(\d+)", ident)
    if m is None:
        return [ident, ident.lower()]
    content, standard = m[1], m[2]
    pair = f"{content}-{standard}"
    return [f"Ⅲ{pair}", f"Ⅲ-{pair}", f"Ⅲ—{content} {standard})", f"Ⅲ{pair})", ident, f"Ⅲ{content}—{standard}"]


def _sentence(text: str) -> str:
    return re.sub("[。;；]+$", "", text.replace("/", "、")) + "。"
