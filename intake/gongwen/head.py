"""The head of a document: from the first line to the 主送机关, or to the first line of running text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from archive_schema.words import SECRECY_LEVELS
from intake.gongwen.labels import is_label as _label
from intake.gongwen.number import Number, number_on
from intake.gongwen.words import half_width, names_a_kind, organ_names, rules, tight, title_is_whole
from intake.textual import Line

#: lines looked through for the head (ours): a first page holds some 30
_HEAD_LINES = 45
_MARK_LINES = 15
_BODY = re.compile(
    r"。|[;；]$|^[一二三四五六七八九十]{1,3}、|^第[一二三四五六七八九十0-9]+[章条节]|^[(（][一二三四五六七八九十]{1,3}[)）](?!$)|^\d{1,2}[.、．]\D|^附\s*件|^目\s*录$"
)
_NOT_ADDRESSED = re.compile("如下|现将|根据|为了|按照|提出|作者|来源|时间|日期|附件|目录|标题|通知$")
_SUBTITLE = re.compile(
    r"[(（](?:试行|暂行|修订|修订版|草案|[^()（）]{0,8}稿|\d{4}\s*[-—–~至]+\s*\d{4}\s*年?|\d{4}\s*年?版?)[)）]"
)
_GOES_ON = re.compile("^(?:关于|转发|印发|批转|对|同意|公布|发布)")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_LEADS_TO = re.compile(r"(?:根据|按照|依据|依照|落实|遵照|以及|[和及与以按、，,“(（《])$")
_GOES_ON_FROM = re.compile(r"(?:文件|精神|要求|规定|的?通知[，,。]|[)）”、，,。和及])")
_SAYS_WHAT = re.compile("关于|转发|印发|批转|对.+的(?:答复|复函)")
_GLUED = re.compile(r"^(.{4,80}?)\s*(?:发表时间|发布时间|更新时间|发布日期|来源|时间|作者)\s*[:：]")


class Head(msgspec.Struct, frozen=True):
    """What the head says; ``end`` is the index of the first line after it."""

    end: int
    number: tuple[Number, int | None] | None = None
    other_numbers: tuple[str, ...] = ()
    title: str = ""
    title_raw: str = ""
    title_page: int | None = None
    title_how: str = ""
    addressee: str = ""
    addressee_page: int | None = None
    issuers: tuple[str, ...] = ()  # 红头
    issuer_raw: str = ""
    issuer_page: int | None = None
    secrecy: tuple[str, str, int | None] | None = None
    urgency: tuple[str, str, int | None] | None = None
    copy_number: tuple[str, int | None] | None = None


def read_head(lines: Sequence[Line]) -> Head:
    """Read the head of ``lines`` (no blank lines, no page numbers)."""
    zone = list(lines[:_HEAD_LINES])
    stop = next((n for n, line in enumerate(zone) if _starts_body(line.text)), len(zone))
    addressed = _addressed(zone, stop)
    end = stop if addressed is None else addressed + 1
    region = zone[: stop if addressed is None else addressed + 1]

    numbers = [(n, found) for n, line in enumerate(region) if (found := number_on(line.text)) and not _in_sentence(region, n)]
    at = numbers[0][0] if numbers else None
    first = _title_block(region, 0 if at is None else at + 1, last=addressed is not None)
    if at is not None and first is None:
        first = _title_above(region, at)
    title, how, span = "", "", (0, 0)
    if first is not None:
        span = first
        title = _join([line.text for line in region[span[0] : span[1]]])
        how = "head"
    elif at is None:
        heading = _first_heading(zone, stop)
        if heading is not None:
            title, span = heading
            how = "first-line"
            end = max(end, span[1]) if addressed is not None else span[1]
    if addressed is None and span[1]:
        end = span[1] if at is None else max(span[1], at + 1)

    addressee, addressee_page = "", None
    if addressed is not None:
        first_line = addressed
        floor = max(span[1], (at + 1) if at is not None else 0)
        while first_line > floor and _wraps(region[first_line - 1].text):
            first_line -= 1
        sent_to = region[first_line : addressed + 1]
        addressee = _join([line.text for line in sent_to]).rstrip(":：").strip()
        addressee_page = sent_to[0].page if sent_to else None
    issuers, issuer_raw = _red_head(region, at, span)
    marks = _marks(lines, min(_MARK_LINES, max(end, 3)))
    return Head(
        end=end,
        number=(numbers[0][1], region[numbers[0][0]].page) if numbers else None,
        other_numbers=tuple(n.value for _, n in numbers[1:] if n.value != numbers[0][1].value),
        title=title,
        title_raw="\n".join(line.text for line in zone[span[0] : span[1]]),
        title_page=zone[span[0]].page if title else None,
        title_how=how,
        addressee=addressee,
        addressee_page=addressee_page,
        issuers=issuers,
        issuer_raw=issuer_raw,
        issuer_page=region[0].page if issuers else None,
        secrecy=marks[0],
        urgency=marks[1],
        copy_number=marks[2],
    )


def _in_sentence(region: list[Line], n: int) -> bool:
    """True when the lines around a number that fills its line make it part of a wrapped sentence."""
    before = region[n - 1].text.strip() if n else ""
    after = region[n + 1].text.strip() if n + 1 < len(region) else ""
    return _LEADS_TO.search(before) is not None or _GOES_ON_FROM.match(after) is not None


def _starts_body(text: str) -> bool:
    return bool(_BODY.search(text.strip())) or (len(text) >= 28 and text.rstrip().endswith((",", "，")))


def _addressed(zone: list[Line], stop: int) -> int | None:
    """Index of the line that ends the 主送机关 with a colon."""
    for n, line in enumerate(zone[: stop + 1]):
        text = line.text.rstrip()
        if text.endswith((":", "：")) and n > 0 and not _NOT_ADDRESSED.search(text) and not _label(text) and "。" not in text:
            return n
    return None


def _wraps(text: str) -> bool:
    """True for a line of a list of addressees that goes on below."""
    text = text.strip()
    return not re.search("[:：<>()（）]", text) and (len(text) >= 15 or text.endswith(("、", "，", ",")))


def _skipped(text: str) -> bool:
    """Lines that belong neither to number nor to title; a saved page's path of links is one."""
    return (
        re.search(">>|^(?:您的|当前)位置", text) is not None
        or bool(re.match(r"^签发人", half_width(text)))
        or _mark_of(text) is not None
        or re.fullmatch(r"[-—_*★☆\s]+", text) is not None
    )


def _title_block(region: list[Line], start: int, *, last: bool) -> tuple[int, int] | None:
    """(first, after last) of the title's lines from ``start`` on, or None when nothing there ends as a title.

    A line within a title may end like one (…记录制度 / 重大执法决定…的指导意见). With an addressee below, the last
    such line ends the title; without, the first, and those right after it.
    """
    stop = len(region)
    while start < stop and (_skipped(region[start].text) or _is_red(region, start)):
        start += 1
    whole: int | None = None
    partly: int | None = None
    ends: int | None
    for n in range(start, min(stop, start + 8)):
        joined = _join([line.text for line in region[start : n + 1]])
        if joined.endswith((":", "：")):
            break
        follows = region[n + 1].text.strip() if n + 1 < len(region) else ""
        if _BRACKETS.fullmatch(region[n].text.strip()):
            continue
        if names_a_kind(joined) and not follows.startswith(("的", "》", "”", "）", ")")):
            partly = n if partly is None else partly
            if title_is_whole(joined) and (last or whole is None or (whole == n - 1 and len(region[n].text) <= 25)):
                whole = n
    ends = whole if whole is not None else partly
    if ends is None:
        return None
    if ends + 1 < len(region) and _SUBTITLE.fullmatch(region[ends + 1].text.strip()):
        ends += 1
    return start, ends + 1


def _title_above(region: list[Line], at: int) -> tuple[int, int] | None:
    """The title that stands above its number, as web pages print it."""
    last = at - 1
    while last >= 0 and _skipped(region[last].text):
        last -= 1
    if last < 0 or not names_a_kind(_join([region[last].text])):
        return None
    first = last
    while first > 0 and last - first < 6:
        above = region[first - 1].text
        below = region[first].text.strip()
        if _skipped(above) or _red_organs(above) is not None or _label(above):
            break
        if organ_names(above) and not _GOES_ON.match(below):
            break
        if title_is_whole(_join([above])) and _SAYS_WHAT.search(_join([line.text for line in region[first : last + 1]])):
            break  # another title
        first -= 1
    return first, last + 1


def _first_heading(zone: list[Line], stop: int) -> tuple[str, tuple[int, int]] | None:
    """A first line that looks like a heading, in a paper without number and without a kind in its title."""
    for n, line in enumerate(zone[: max(stop, 1)]):
        if glued := _GLUED.match(line.text):  # a saved page: title and publisher's line run together
            return tight(glued[1]), (n, n + 1)
        text = tight(line.text)
        if _skipped(line.text) or _label(line.text):
            continue
        return (text, (n, n + 1)) if 4 <= len(text) <= 60 and not re.search(r"[。;；,，:：]$", text) else None
    return None


def _is_red(region: list[Line], n: int) -> bool:
    """A red head line: ends in 文件, or an organ's name above one that does."""
    if _red_organs(region[n].text) is not None:
        return True
    return bool(organ_names(region[n].text)) and n + 1 < len(region) and n < 6 and _is_red(region, n + 1)


def _red_organs(text: str) -> tuple[str, ...] | None:
    """Organs of a line that ends in 文件 (none when it is only that word), or None for any other line."""
    bare = re.sub(r"文\s*件\s*$", "", text.strip())
    if bare == text.strip():
        return None
    return organ_names(bare) or (None if bare.strip() else ())


def _red_head(region: list[Line], at: int | None, title: tuple[int, int]) -> tuple[tuple[str, ...], str]:
    """Organs of the 发文机关标志: lines ending in 文件, or in the letter format the organ alone above the number."""
    limit = at + 1 if at is not None else min(title[0], 6)
    for n in range(limit - 1, -1, -1):
        if title[0] <= n < title[1]:
            continue
        text = region[n].text
        number = number_on(text)
        if number is not None:
            text = text.replace(number.raw, "") if text.strip() != number.raw else ""
        organs = _red_organs(text)
        if organs is not None:
            found, raw = list(organs), [text.strip()]
        elif at is not None and n == at - 1 and organ_names(text):
            found, raw = list(organ_names(text)), [text.strip()]
        else:
            continue
        above = n - 1
        while above >= 0 and not title[0] <= above < title[1] and (more := organ_names(region[above].text)):
            found = [*more, *found]
            raw = [region[above].text.strip(), *raw]
            above -= 1
        if found:
            return tuple(dict.fromkeys(found)), "\n".join(raw)
    return (), ""


_STAR = "★☆⭐✩✭*"


def _mark_of(text: str) -> tuple[str, str, str] | None:
    """(secrecy, urgency, copy number) when the line holds nothing but such marks."""
    plain = half_width(text)
    plain = re.sub(r"^(?:密级|紧急程度|缓急)(?:和保密期限)?:", "", plain)
    levels, speeds = "|".join(SECRECY_LEVELS), "|".join(rules().urgency)
    pattern = rf"(?:份号:?|N[o0]\.?|№)?(?P<copy>\d{{6}})?(?P<level>(?:{levels})(?:级?[{_STAR}]+[^。,;]{{0,12}}?)?)?(?P<speed>{speeds})?(?:件)?"
    m = re.fullmatch(pattern, plain)
    return (m["level"] or "", m["speed"] or "", m["copy"] or "") if m and any(m.groups()) else None


def marks_of(lines: Sequence[Line]) -> tuple[str, str, int | None] | None:
    """(level, as written, page) of a 密级 on lines that are all head."""
    return _marks(lines, len(lines))[0]


def _marks(
    lines: Sequence[Line], zone: int
) -> tuple[tuple[str, str, int | None] | None, tuple[str, str, int | None] | None, tuple[str, int | None] | None]:
    """(secrecy, urgency, copy number). A level with a star counts on any line of its own, one without only in the head."""
    secrecy: tuple[str, str, int | None] | None = None
    urgency: tuple[str, str, int | None] | None = None
    copy: tuple[str, int | None] | None = None
    starred = re.compile(rf"(?:{'|'.join(SECRECY_LEVELS)})级?[{_STAR}][^。,;]{{0,12}}")
    for n, line in enumerate(lines):
        if n >= zone and not any(c in line.text for c in _STAR + "*"):
            continue
        level = speed = number = ""
        mark = _mark_of(line.text)
        if mark is not None:
            level, speed, number = mark
        elif n < zone:  # beside the head: ××市委办公室   机密★1年
            level = next((t for t in half_width_parts(line.text) if starred.fullmatch(t)), "")
        if level and secrecy is None and (n < zone or starred.fullmatch(level)):
            value = next(s for s in SECRECY_LEVELS if level.startswith(s))
            secrecy = (value, level, line.page)
        if n < zone:
            urgency = urgency or ((speed, line.text.strip(), line.page) if speed else None)
            copy = copy or ((number, line.page) if number else None)
    return secrecy, urgency, copy


def half_width_parts(text: str) -> list[str]:
    return [half_width(p) for p in text.split()]


def _join(texts: Sequence[str]) -> str:
    return tight("".join(t.strip() if not _needs_space(t) else f"{t.strip()} " for t in texts))


def _needs_space(text: str) -> bool:
    return text.rstrip()[-1:].isascii() and text.rstrip()[-1:].isalpha()
