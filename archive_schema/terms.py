"""用语: what an item is known by beyond the words of its catalogue row. Data that a city edits in a spreadsheet.

A catalogue's folder may hold ``terms.tsv`` (one row per item, lists within a cell separated by ``;`` or 、). A catalogue
without it works: its items are then known by their own words alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from archive_schema import tsv
from archive_schema.text import squeeze

#: column → Chinese heading in the spreadsheet
COLUMNS: dict[str, str] = {
    "id": "编号",
    "terms": "专用词语",
    "documents": "常见材料名称",
    "related": "相关词语",
    "neighbours": "易混标准",
    "units": "常见单位",
    "titles": "实有题名",
}


class Terms(msgspec.Struct, frozen=True):
    """The words of one item.

    terms       words that speak for it by themselves, synonyms and campaigns among them
    documents   names of typical material
    related     words that speak for it only beside others
    neighbours  ids of items it is taken for
    units       units that send for it besides those of the catalogue
    titles      real titles of such material, from anywhere; a title is held against each of them as a whole
    """

    id: str
    terms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


def build(
    header: list[str], rows: Iterable[tuple[int, list[str]]], ids: Iterable[str], problems: list[str], *, where: str = ""
) -> tuple[Terms, ...]:
    """Terms from rows as (row number, cells as text), in the order of ``ids``; faults are added to ``problems``.

    :param ids: the items of the catalogue
    :param where: put before every fault, to say which table is meant
    """
    known = {squeeze(i): i for i in ids}
    keyed = tsv.keyed(header, rows, COLUMNS, problems, where=where)
    found = tsv.of_items(keyed, known.values(), COLUMNS["id"], problems, where=where)
    return tuple(_terms(ident, row, known, problems, f"{where}第 {n} 行") for ident, (n, row) in found.items())


def _terms(ident: str, row: Mapping[str, str], known: Mapping[str, str], problems: list[str], where: str) -> Terms:
    lists = {k: tsv.words(row.get(k, "")) for k in ("terms", "documents", "related", "neighbours", "units", "titles")}
    neighbours = []
    for text in lists.pop("neighbours"):
        other = known.get(squeeze(text))
        if other is None:
            problems.append(f"{where}“{COLUMNS['neighbours']}”: 目录中没有标准“{text}”")
        elif other != ident:
            neighbours.append(other)
    return Terms(id=ident, neighbours=tuple(neighbours), **lists)


def rows(terms: Iterable[Terms]) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells as text, such that ``build`` gives the same terms back."""
    cells = [[t.id, *(";".join(getattr(t, c)) for c in list(COLUMNS)[1:])] for t in terms]
    return list(COLUMNS), cells
