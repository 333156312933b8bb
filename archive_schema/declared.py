"""申报的表格: what a city says the statistical table of an item must look like. Optional working data of ours, nothing published.

A catalogue's folder may hold ``tables.tsv`` (one row per item, lists within a cell separated by ``;`` or 、). A catalogue without it
works: the kind of a table is then told from the table itself, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from archive_schema import tsv
from archive_schema.grid import TableFamily

#: column → Chinese heading in the spreadsheet
COLUMNS: dict[str, str] = {"id": "编号", "family": "表格类型", "columns": "应有的列", "keys": "关键列"}


class DeclaredTable(msgspec.Struct, frozen=True):
    """``columns`` that the table must have; ``keys``: those that name an entry of a 名册 and must not be blank."""

    id: str
    family: TableFamily | None = None
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def build(
    header: list[str], rows: Iterable[tuple[int, list[str]]], ids: Iterable[str], problems: list[str], *, where: str = ""
) -> tuple[DeclaredTable, ...]:
    """Declared tables from rows as (row number, cells as text), in the order of ``ids``; faults are added to ``problems``."""
    out = []
    keyed = tsv.keyed(header, rows, COLUMNS, problems, where=where)
    for ident, (n, row) in tsv.of_items(keyed, ids, COLUMNS["id"], problems, where=where).items():
        family = row.get("family", "")
        if family and family not in set(TableFamily):
            problems.append(f"{where}第 {n} 行“{COLUMNS['family']}”: 不认识“{family}”,只能是 {'、'.join(TableFamily)}")
            continue
        columns, keys = (tsv.words(row.get(c, "")) for c in ("columns", "keys"))
        out.append(DeclaredTable(ident, TableFamily(family) if family else None, columns, keys))
    return tuple(out)


def rows(tables: Iterable[DeclaredTable]) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells as text, such that ``build`` gives the same back."""
    return list(COLUMNS), [[t.id, t.family or "", ";".join(t.columns), ";".join(t.keys)] for t in tables]
