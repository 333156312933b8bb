"""Which figures of a table are those of an indicator, and of when. Pure; what a table says is the fact ``table_figures``.

An indicator is a row or a column of that very name: brackets, numbers of lists, 全市 and a year before it left aside, nothing
guessed. Targets, increases and ranks are not its value. Where a table breaks it down by place, the figure of the whole counts;
without one, several places are no figure of the whole. All of this is 本项目默认.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

import msgspec

from archive_schema import figures as written
from archive_schema.cycle import Window
from archive_schema.evidence import ATTESTED, Facts
from archive_schema.ladders import Ladder
from archive_schema.text import display, squeeze
from validators import periods

_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|〔.*?〕|【.*?】")
_BEFORE = re.compile(r"^(?:(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.、:)]|\((?:\d{1,3}|[一二三四五六七八九十]{1,3})\)|[#*·•])+")
_WHOLE = re.compile("^(?:全[市县区省国域]|[本我][市县区])+")
_WHOLES = re.compile(
    "(?:全[市县区省国域]|[本我][市县区]|合计|总计|共计|总数|总体|综合|平均|市本级|县本级)+(?:合计|总计|数|平均)?"
)
_YEAR = re.compile(r"^(?:19|20)\d\d年?度?")
_UNIT_BEHIND = re.compile("[,:、](?:%|‰|[十百千万亿]*(?:元|人|个))$")
#: says that a figure is not what was reached
_NOT_REACHED = re.compile(
    "目标|计划|任务|预期|指标要求|标准值|要求值|达标线|同比|环比|增[幅长减速加]|降[幅低]|变化|排名|位次|名次|上年|去年|上期|比上|差距"
)
_PLAIN = re.compile(
    "(?:实际|本[年期]|当[年期]|年末|期末|全年|年度|累计|统计|指标|完成|达到|现[状有])*"
    "(?:数[值据量]?|值|情况|结果|数额|水平|实绩|实际|本[年期]|当[年期]|年末|期末|全年|年度|累计|完成|达到|现[状有]|率)?"
)
_TIME = re.compile(r"[\d年月日度至到~\-.、第季上下半一二三四号份]+")
_SERIAL = re.compile(r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.、)]?")
_SHEET = re.compile(r"(?P<sheet>.*)!")


class Table(msgspec.Struct, frozen=True):
    """One usable table, as far as it is asked. ``figures``: the fact; ``left``: what the fact leaves out; ``dated``: what else says of when."""

    sha256: str
    unit: str
    path: str
    figures: tuple[str, ...]
    left: str = ""
    dated: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """A figure of the indicator. ``measure``: its unit, "" = none said; ``period``: None = nobody says of when."""

    value: Fraction
    measure: str
    period: Window | None
    cell: str
    unit: str
    path: str
    sha256: str

    @property
    def where(self) -> str:
        """File and cell, for a sentence."""
        return f"{display(self.path, 80)}{' ' + self.cell if self.cell else ''}"


class Found(msgspec.Struct, frozen=True):
    """``readings`` of the whole; when there are none ``why`` may say what was there instead (Chinese, "" = nothing)."""

    readings: tuple[Reading, ...]
    why: str = ""


def table(sha256: str, unit: str, path: str, facts: Facts) -> Table:
    """What is asked of one evidence's facts."""

    def text(key: str) -> str:
        fact = facts.get(key)
        return str(fact.value) if fact is not None and fact.value else ""

    fact = facts.get("table_figures")
    said = fact.value if fact is not None else ()
    said = re.split("[;；、\n]", said) if isinstance(said, str) else said
    return Table(
        sha256=sha256,
        unit=unit,
        path=path,
        figures=tuple(str(s) for s in said or ()),
        left=(fact.raw or "") if fact is not None and fact.method != ATTESTED else "",
        dated=tuple(filter(None, (text(k) for k in ("table_date", "title", "issued_on")))),
    )


def readings(ladder: Ladder, of: Table) -> Found:
    """The figures of the ladder's indicator in one table."""
    names = {folded(n) for n in ladder.names}
    parts: dict[tuple[str, ...], list[Reading]] = {}
    own = next((p for said in of.dated if (p := periods.parse(said)) is not None), None)
    for said in of.figures:
        figure = written.read(said)
        around = _around(figure, names) if figure is not None else None
        if figure is None or around is None:
            continue
        sheet = m["sheet"] if (m := _SHEET.match(figure.cell)) else ""
        when = _when([*_words(figure.row), *_words(figure.column)]) or _when([sheet]) or own
        found = Reading(figure.value, figure.unit, when, figure.cell, of.unit, of.path, of.sha256)
        parts.setdefault(around, []).append(found)
    if () in parts:
        return Found(tuple(parts[()]))
    if len(parts) == 1:
        return Found(tuple(next(iter(parts.values()))))
    if parts:
        named = "、".join(dict.fromkeys(display("/".join(p), 20) for p in parts))
        return Found((), f"{display(of.path, 80)} 按 {display(named, 60)} 分列,没有合计数")
    return Found((), f"{display(of.path, 80)} {of.left}" if of.left else "")


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """The name of an indicator as compared."""
    plain = _UNIT_BEHIND.sub("", _BRACKETS.sub("", _BEFORE.sub("", squeeze(name))))
    return _YEAR.sub("", _WHOLE.sub("", _YEAR.sub("", plain))).strip(":.、,")


def _words(path: str) -> list[str]:
    return [w for w in path.split("/") if w]


def _around(figure: written.Figure, names: Iterable[str]) -> tuple[str, ...] | None:
    """What else is said of the figure besides its name and its time; None = it is no figure of the indicator."""
    row, column = _words(figure.row), _words(figure.column)
    words = [*row, *column]
    # words next to each other too: the name or its unit may hold the sign between words, 人均教育经费(元/人)
    parts = [
        (b - a, a)
        for first, end in ((0, len(row)), (len(row), len(words)))
        for a in range(first, end)
        for b in range(a + 1, end + 1)
    ]
    at = next((range(a, a + n) for n, a in sorted(parts) if folded("/".join(words[a : a + n])) in names), None)
    if at is None or any(_NOT_REACHED.search(squeeze(w)) for n, w in enumerate(words) if n not in at):
        return None
    rest = [squeeze(w) for n, w in enumerate(words) if n not in at]
    return tuple(
        w for w in rest if not (_SERIAL.fullmatch(w) or _WHOLES.fullmatch(_timeless(w)) or _PLAIN.fullmatch(_timeless(w)))
    )


def _timeless(word: str) -> str:
    """A word without the time that it names."""
    plain = _BRACKETS.sub("", word)
    return _TIME.sub("", plain) if periods.parse(plain) is not None else plain


def _when(words: Iterable[str]) -> Window | None:
    """The shortest period that one of the words names."""
    found = [p for w in words if (p := periods.parse(w)) is not None]
    return min(found, key=lambda p: (p.end - p.start, p.start), default=None)
