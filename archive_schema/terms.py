"""用语: what an item is known by beyond the words of its catalogue row. Data that a city edits in a spreadsheet.

A catalogue's folder may hold ``terms.tsv`` (one row per item, lists within a cell separated by ``;`` or 、). A catalogue
without it works: its items are then known by their own words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from archive_schema.text import squeeze

#: column → Chinese heading in the spreadsheet
COLUMNS: dict[str, str] = {
    "id": "编号",
    "terms": "专用词语",
    "documents": "常见材料名称",
    "related": "相关词语",
    "neighbours": "易混标准",
    "units": "常见单位",
}


class Terms(msgspec.Struct, frozen=True):
    """The words of one item.

    terms       words that speak for it by themselves, synonyms and campaigns among them
    documents   names of typical material
    related     words that speak for it only beside others
    neighbours  ids of items it is taken for
    units       units that send for it besides those of the catalogue
    """

    id: str
    terms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


def build(
    header: list[str], rows: Iterable[tuple[int, list[str]]], ids: Iterable[str], problems: list[str], *, where: str = ""
) -> tuple[Terms, ...]:
    """Terms from rows as (row number, cells as text), in the order of ``ids``; faults are added to ``problems``.

    :param ids: the items of the catalogue
    :param where: put before every fault, to say which table is meant
    """
    known = {squeeze(i): i for i in ids}
    zh_to_name = {v: k for k, v in COLUMNS.items()}
    names = [zh_to_name.get(h.strip(), h.strip()) for h in header]
    if "id" not in names:
        problems.append(f"{where}第 1 行: 缺少列“{COLUMNS['id']}”(id)")
        return ()
    problems.extend(
        f"{where}第 1 行: 不认识列“{n}”,只能是 {'、'.join(COLUMNS.values())}" for n in names if n and n not in COLUMNS
    )
    out: dict[str, Terms] = {}
    first: dict[str, int] = {}
    for n, cells in rows:
        row = {k: c.strip() for k, c in zip(names, cells, strict=False)}
        found = _found(row, known, problems, f"{where}第 {n} 行")
        if found is None:
            continue
        if found.id in first:
            problems.append(f"{where}第 {n} 行“{COLUMNS['id']}”: {found.id} 与第 {first[found.id]} 行重复")
            continue
        first[found.id] = n
        out[found.id] = found
    return tuple(out[i] for i in known.values() if i in out)


def _found(row: Mapping[str, str], known: Mapping[str, str], problems: list[str], where: str) -> Terms | None:
    ident = known.get(squeeze(row.get("id", "")))
    if ident is None:
        problems.append(f"{where}“{COLUMNS['id']}”: 目录中没有标准“{row.get('id', '')}”")
        return None
    lists = {k: _words(row.get(k, "")) for k in ("terms", "documents", "related", "neighbours", "units")}
    neighbours = []
    for text in lists.pop("neighbours"):
        other = known.get(squeeze(text))
        if other is None:
            problems.append(f"{where}“{COLUMNS['neighbours']}”: 目录中没有标准“{text}”")
        elif other != ident:
            neighbours.append(other)
    return Terms(id=ident, neighbours=tuple(neighbours), **lists)


def _words(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w.strip() for w in re.split("[;;、\n]", cell) if w.strip()))


def rows(terms: Iterable[Terms]) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells as text, such that ``build`` gives the same terms back."""
    cells = [[t.id, *(";".join(getattr(t, c)) for c in list(COLUMNS)[1:])] for t in terms]
    return list(COLUMNS), cells
