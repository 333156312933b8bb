"""The end of a document: 附件说明, 署名, 成文日期. What follows the signature (attachments, 版记) is another text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from archive_schema.dates import DateRead, find_dates, not_a_day, parse_date
from intake.gongwen.words import organ_names, tight
from intake.textual import Line

_ATTACHED = re.compile(r"^附\s*件\s*[:：]\s*(.*)$")
_ITEM = re.compile(r"^\s*\d{1,2}\s*[.、．]\s*(.+)$")
_BRACKETED = re.compile(r"^[(（]\s*(.+?)\s*[)）]$")
_PRINTED = re.compile("印发|印制|抄送|打印|校对")
#: how a line that may be a date ends: nine lines of ten need not be looked at closer (a time of day may follow a date)
_MAY_END_DATE = re.compile(r"[日号\d分秒Z⽇]\s*$")
_MAY_END_WRITTEN = re.compile(r"[日号\d月份⽇⽉]\s*$")


class Tail(msgspec.Struct, frozen=True):
    """``date`` with the page it stands on and how it was found: signature, date-line, note. Without one, ``unread`` is what is
    written in its place and is no whole date."""

    signers: tuple[str, ...] = ()
    signer_page: int | None = None
    signer_raw: str = ""
    date: DateRead | None = None
    date_page: int | None = None
    date_how: str = ""
    attachments: tuple[str, ...] = ()
    attachments_page: int | None = None
    attachments_raw: str = ""
    unread: str = ""
    unread_page: int | None = None
    unread_how: str = ""


def read_tail(lines: Sequence[Line], start: int) -> Tail:
    """Read from ``start``, the first line after the head."""
    tail, at = _signature(lines, start)
    if tail.date is None:
        tail = _unread(lines, start)
    attached = _attachments(lines, start, at)
    return msgspec.structs.replace(tail, attachments=attached[0], attachments_page=attached[1], attachments_raw=attached[2])


def _signature(lines: Sequence[Line], start: int) -> tuple[Tail, int]:
    """The first full date on a line of its own under the name of an organ, and the index of the signature's first line."""
    alone: tuple[int, DateRead] | None = None
    for n in range(start, len(lines)):
        found = _date_line(lines[n].text)
        if found is None:
            continue
        date, before = found
        first, organs = n, list(organ_names(before)) if before else []
        raw = [before] if organs else []
        while first > start and n - first < 8 and (more := organ_names(lines[first - 1].text)):
            organs, raw, first = [*more, *organs], [lines[first - 1].text.strip(), *raw], first - 1
        if organs:
            return (
                Tail(
                    signers=tuple(dict.fromkeys(organs)),
                    signer_page=lines[first].page,
                    signer_raw="\n".join(raw),
                    date=date,
                    date_page=lines[n].page,
                    date_how="signature",
                ),
                first,
            )
        if alone is None and not before:
            alone = (n, date)
    if alone is not None:
        return Tail(date=alone[1], date_page=lines[alone[0]].page, date_how="date-line"), alone[0]
    for line in lines[: start + 3]:  # 题注: (2017年3月10日)
        bracketed = _BRACKETED.match(line.text.strip())
        inside = bracketed[1] if bracketed else line.text
        dates = [d for d in find_dates(inside) if d.precision == "day"] if bracketed else []
        whole = parse_date(inside)
        if whole is not None and whole.precision == "day":
            dates = [whole]
        if dates:
            return Tail(date=dates[0], date_page=line.page, date_how="note"), len(lines)
    return Tail(), len(lines)


def _date_line(text: str) -> tuple[DateRead, str] | None:
    """A full date at the end of a short line, and what stands before it."""
    text = text.strip()
    if len(text) > 60 or not _MAY_END_DATE.search(text) or _PRINTED.search(text):
        return None
    whole = parse_date(text)
    if whole is not None:
        return (whole, "") if whole.precision == "day" else None
    dates = [d for d in find_dates(text) if d.precision == "day"]
    if len(dates) == 1 and dates[0].end == len(text) and organ_names(text[: dates[0].start]):
        return dates[0], text[: dates[0].start].strip()
    return None


def _unread(lines: Sequence[Line], start: int) -> Tail:
    """What is written as a date under the name of an organ, else the last such line of its own."""
    out = Tail()
    for n in range(start, len(lines)):
        text = lines[n].text.strip()
        if len(text) > 60 or not _MAY_END_WRITTEN.search(text) or _PRINTED.search(text):
            continue
        found = not_a_day(text)
        if found is None:
            continue
        before, written, _ = found
        signed = bool(organ_names(before) if before else n > start and organ_names(lines[n - 1].text))
        if signed or not before:
            out = Tail(unread=written, unread_page=lines[n].page, unread_how="signature" if signed else "date-line")
        if signed:
            break
    return out


def _attachments(lines: Sequence[Line], start: int, stop: int) -> tuple[tuple[str, ...], int | None, str]:
    """The names in the 附件说明 between the body and the signature (GB/T 9704-2012 7.3.4)."""
    for n in range(min(stop, len(lines)) - 1, start - 1, -1):
        m = _ATTACHED.match(lines[n].text.strip())
        if m is None:
            continue
        signed = stop < len(lines)
        names: list[str] = []
        raw = [lines[n].text.strip()]
        rest = [m[1], *(line.text.strip() for line in lines[n + 1 : stop if signed else n + 30])]
        for k, text in enumerate(rest):
            item = _ITEM.match(text)
            if item is not None:
                names.append(tight(item[1]))
            elif k == 0 and text:
                names.append(tight(text))
            elif k and names and signed and not text.startswith(("(", "（")):
                names[-1] = tight(names[-1] + text)
            elif k:
                break
            if k:
                raw.append(text)
        if names:
            return tuple(name.rstrip("。;；") for name in names), lines[n].page, "\n".join(raw)
    return (), None, ""
