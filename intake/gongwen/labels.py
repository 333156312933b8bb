"""The field list that publishers put above a document (索引号, 发文机关, 成文日期, …): no part of it, but a second reading.

What the document itself says comes first. The list speaks where the document is silent, and where both speak and differ, the
list's word is kept beside the document's.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from archive_schema.dates import parse_date
from archive_schema.evidence import Fact, Facts
from archive_schema.text import squeeze
from intake.gongwen.number import read_number
from intake.gongwen.words import half_width, rules, tight
from intake.textual import Line

_HEAD_LINES = 45
_FIELDS = {
    "成文日期": "issued_on",
    "发文字号": "document_number",
    "文号": "document_number",
    "标题": "title",
    "名称": "title",
    "发文机关": "issuer",
    "发布机构": "issuer",
}


class Listed(msgspec.Struct, frozen=True):
    """One field: its value in the normal form of the fact, as it stood, where."""

    value: str
    raw: str
    page: int | None


def is_label(text: str) -> bool:
    """True for a line that begins with a field's name and a colon."""
    if ":" not in text and "：" not in text:
        return False
    return half_width(text).partition(":")[0] in rules().labels


def without_labels(lines: Sequence[Line]) -> tuple[list[Line], dict[str, Listed]]:
    """Lines without the field list, and what the list says, by fact key. Fewer than three labels are no list."""
    zone = lines[:_HEAD_LINES]
    marked = [n for n, line in enumerate(zone) if is_label(line.text)]
    if len(marked) < 3:
        return list(lines), {}
    fields: dict[str, Listed] = {}
    cut = marked[-1] + 1
    if half_width(lines[marked[-1]].text).rstrip(":") in _FIELDS:  # its value is below, as that of every field
        cut += 1
    for n, after in zip(marked, [*marked[1:], cut], strict=True):
        name = half_width(lines[n].text).partition(":")[0]
        beside = lines[n].text.replace("：", ":").partition(":")[2].strip()
        raw = " ".join([beside, *(line.text.strip() for line in lines[n + 1 : after])]).strip()
        value = _normal(_FIELDS.get(name, ""), raw)
        if value:
            fields.setdefault(_FIELDS[name], Listed(value, raw, lines[n].page))
    last = squeeze(lines[marked[-1]].text)
    # 主题词 may be empty; its words stand apart and speak of nothing
    if last.startswith("主题词") and cut < len(lines):
        words = lines[cut].text.split()
        if len(words) > 1 and all(len(w) <= 8 for w in words) and max(len(w) for w in words) > 1:
            cut += 1
    return list(lines[cut:]), fields


def _normal(key: str, raw: str) -> str:
    match key:
        case "issued_on":
            date = parse_date(raw)
            return date.value if date is not None and date.precision == "day" else ""
        case "document_number":
            number = read_number(raw)
            return number.value if number is not None else ""
        case "title" | "issuer":
            return tight(raw) if len(raw) <= 200 else ""
        case _:
            return ""


def second_readings(facts: Facts, fields: dict[str, Listed], *, method: str) -> Facts:
    """The facts with what the field list adds, or says otherwise."""
    out = dict(facts)
    for key, listed in fields.items():
        own = out.get(key)
        if own is None:
            out[key] = Fact(value=listed.value, raw=listed.raw, page=listed.page, method=f"{method}/field-list")
        elif all(squeeze(listed.value) != squeeze(str(said)) for said in (own.value, *own.others)):
            out[key] = msgspec.structs.replace(own, others=(*own.others, listed.value))
    return out
