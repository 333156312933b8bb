"""申报的表格: what a city says the statistical table of an item must look like. Optional working data of ours, nothing published.

A catalogue's folder may hold ``tables.tsv`` (one row per item, lists within a cell separated by ``;`` or 、). A catalogue without it
works: the kind of a table is then told from the table itself, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from archive_schema.grid import TableFamily
from archive_schema.text import squeeze

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
    known = {squeeze(i): i for i in ids}
    zh_to_name = {v: k for k, v in COLUMNS.items()}
    names = [zh_to_name.get(h.strip(), h.strip()) for h in header]
    if "id" not in names:
        problems.append(f"{where}第 1 行: 缺少列“{COLUMNS['id']}”(id)")
        return ()
    problems.extend(
        f"{where}第 1 行: 不认识列“{n}”,只能是 {'、'.join(COLUMNS.values())}" for n in names if n and n not in COLUMNS
    )
    out: dict[str, DeclaredTable] = {}
    for n, cells in rows:
        row = {k: c.strip() for k, c in zip(names, cells, strict=False)}
        ident = known.get(squeeze(row.get("id", "")))
        if ident is None:
            problems.append(f"{where}第 {n} 行“{COLUMNS['id']}”: 目录中没有标准“{row.get('id', '')}”")
            continue
        if ident in out:
            problems.append(f"{where}第 {n} 行“{COLUMNS['id']}”: {ident} 重复")
            continue
        family = row.get("family", "")
        if family and family not in set(TableFamily):
            problems.append(f"{where}第 {n} 行“{COLUMNS['family']}”: 不认识“{family}”,只能是 {'、'.join(TableFamily)}")
            continue
        columns, keys = (_words(row.get(c, "")) for c in ("columns", "keys"))
        out[ident] = DeclaredTable(ident, TableFamily(family) if family else None, columns, keys)
    return tuple(out[i] for i in known.values() if i in out)


def _words(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w.strip() for w in re.split("[;;、\n]", cell) if w.strip()))


def rows(tables: Iterable[DeclaredTable]) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells as text, such that ``build`` gives the same back."""
    return list(COLUMNS), [[t.id, t.family or "", ";".join(t.columns), ";".join(t.keys)] for t in tables]
