"""权重与分值: what a grade is worth and how much an item counts. Optional data of a catalogue; without it there is no score.

In ``catalogue.toml``::

    [weights]
    basis = "published"
    source = "志愿服务测评说明(2012)"
    [weights.grades]
    A = 100
    B = 66
    [weights.sections]
    "基本指标" = 60

``grades``: per cent of its weight that an item gets. An item counts by its 权重 among the items of its section, and the
section by its own among the sections; where nobody gives a weight, all count alike (本项目默认).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from archive_schema import toml, tsv
from archive_schema.ladders import Basis, Grade, Ladder
from archive_schema.text import squeeze


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``grades``: grade → per cent of the weight; ``sections``: 版块 → weight, {} = not known."""

    grades: dict[Grade, Decimal]
    basis: Basis
    source: str = ""
    sections: dict[str, Decimal] = {}


def number(text: str) -> Decimal | None:
    """A weight: a decimal greater than nothing."""
    plain = squeeze(text).removesuffix("%")
    value = Decimal(plain) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", plain) else Decimal(0)
    if value <= 0:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def unfit(weights: Weights | None, items: Sequence[tuple[str, str, Decimal | None]]) -> list[str]:
    """What is wrong with the weights of these items under material review, (id, section, weight) each. Chinese."""
    out = []
    without = [i for i, _, w in items if w is None]
    if without and len(without) < len(items):
        out.append(
            f"“权重”列: 有的标准写了,有的没写({'、'.join(without[:5])}{' 等' if len(without) > 5 else ''});要么都写,要么都不写"
        )
    if weights is None:
        return out
    ranked = [weights.grades[g] for g in Grade if g in weights.grades]
    if ranked != sorted(ranked, reverse=True):
        out.append("[weights.grades] 等级的分值: 较好的等级不能少于较差的")
    if any(not 0 <= v <= 100 for v in ranked):
        out.append("[weights.grades] 等级的分值: 应在 0 到 100 之间,为该项权重的百分比")
    sections = {s for _, s, _ in items}
    if weights.sections:
        out += [f"[weights.sections] 版块的权重: 目录中没有版块“{s}”" for s in weights.sections if s not in sections]
        out += [f"[weights.sections] 版块的权重: 缺少版块“{s}”" for s in sorted(sections - weights.sections.keys())]
        out += [f"[weights.sections] 版块的权重: “{s}”应大于 0" for s, w in weights.sections.items() if w <= 0]
    return out


def ungraded(weights: Weights | None, ladders: Iterable[Ladder]) -> list[str]:
    """Grades that a ladder gives and that are worth nobody knows what. Chinese."""
    if weights is None:
        return []
    used = {s.grade for b in ladders for s in b.steps}
    return [
        f"[weights.grades] 等级的分值: 阈值中用到等级 {g},没有写它的分值" for g in Grade if g in used - weights.grades.keys()
    ]


def as_toml(weights: Weights | None) -> list[str]:
    """Lines of ``catalogue.toml``; none without weights."""
    if weights is None:
        return []
    lines = ["", "[weights]", f"basis = {toml.text(weights.basis.value)}", f"source = {toml.text(weights.source)}"]
    for name, table in (("grades", weights.grades), ("sections", weights.sections)):
        if table:
            lines += ["", f"[weights.{name}]", *(f"{toml.key(str(k))} = {toml.text(f'{v:f}')}" for k, v in table.items())]
    return lines


# -- in a spreadsheet --------------------------------------------------------------------------------------------------

_BASIS, _SOURCE, _SECTIONS = "分值的依据", "分值的出处", "版块权重"


def _cell(grade: Grade) -> str:
    return f"等级 {grade} 的分值(%)"


def as_rows(weights: Weights | None) -> list[list[str]]:
    """Rows of the sheet of declarations, such that ``from_rows`` gives the same back; with nothing in them to fill in."""
    grades = weights.grades if weights else {}
    rows = [[_cell(g), f"{grades[g]:f}" if g in grades else ""] for g in Grade]
    rows.append([_BASIS, weights.basis.zh if weights else ""])
    rows.append([_SOURCE, weights.source if weights else ""])
    rows.append([_SECTIONS, ";".join(f"{s}={w:f}" for s, w in weights.sections.items()) if weights else ""])
    return rows


def from_rows(declared: Mapping[str, str], problems: list[str]) -> Weights | None:
    """Weights of what stands in the sheet of declarations; faults, each naming its row, are added to ``problems``."""
    before = len(problems)
    grades: dict[Grade, Decimal] = {}
    for g in Grade:
        if text := declared.get(_cell(g), ""):
            value = Decimal(0) if re.fullmatch(r"0+(\.0+)?%?", squeeze(text)) else number(text)
            if value is None:
                problems.append(f"“{_cell(g)}”: 应为 0 到 100 的数,现为“{text}”")
            else:
                grades[g] = value
    sections: dict[str, Decimal] = {}
    for part in tsv.phrases(declared.get(_SECTIONS, "")):
        name, sep, text = part.replace("\uff1d", "=").rpartition("=")
        value = number(text) if sep else None
        if value is None or not name.strip():
            problems.append(f"“{_SECTIONS}”: “{part}”应如 版块名=40,各版块之间用分号")
        else:
            sections[name.strip()] = value
    said = declared.get(_BASIS, "")
    basis = next((b for b in Basis if said in (b.value, b.zh)), None)
    if not grades and not sections and not said:
        return None
    if not grades:
        problems.append(f"“{_cell(Grade.A)}”: 不能为空: 写了版块权重或依据,就要写各等级的分值")
    if basis is None:
        problems.append(f"“{_BASIS}”: 应写 {'、'.join(b.zh for b in Basis)},现为“{said}”")
    if len(problems) > before or basis is None:
        return None
    return Weights(grades, basis, declared.get(_SOURCE, ""), sections)
