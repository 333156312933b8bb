"""Tables of tab-separated cells, as the data of a catalogue are kept: UTF-8, a header, no quotation marks.

Also how any table that a city edits is read, from a file or a spreadsheet: columns in any order under their names or their Chinese
headings, lists within a cell separated by ``;`` or 、, half width or full.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from archive_schema.errors import DataError
from archive_schema.text import squeeze

#: a row: its number in the table, and its cells as text by column
Row = tuple[int, dict[str, str]]


_BETWEEN_WORDS = re.compile("[;\uff1b、\n]")
_BETWEEN_PHRASES = re.compile("[;\uff1b\n]")


def read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, and (row number, cells) of the rows that hold anything."""
    return parse(path.read_bytes(), str(path))


def parse(data: bytes, origin: str = "") -> tuple[list[str], list[tuple[int, list[str]]]]:
    """What ``read`` gives, of the content of a file.

    :raises DataError: it is no UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise DataError(
            f"{origin}: {e}",
            zh=f"{origin} 不是 UTF-8 编码",
            code="table.encoding",
            path=origin,
            hint="请另存为 UTF-8 编码后重试",
        ) from e
    rows = csv.reader(io.StringIO(text, newline=None), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    return header, [(n, r) for n, r in enumerate(rows, 2) if any(r)]


def render(header: Sequence[str], body: Sequence[Sequence[str]]) -> bytes:
    """What ``parse`` reads; no cell may hold a tab or a line feed."""
    return ("\n".join("\t".join(r) for r in [header, *body]) + "\n").encode()


def keyed(
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    columns: Mapping[str, str],
    problems: list[str],
    *,
    required: Iterable[str] = ("id",),
    closed: bool = True,
    where: str = "",
) -> list[Row]:
    """Rows by column; none when a required column is missing. Faults are added to ``problems``.

    :param columns: column → Chinese heading; either may stand in the header.
    :param closed: whether a column that is none of them is a fault.
    :param where: put before every fault, to say which table is meant.
    """
    zh_to_name = {zh: name for name, zh in columns.items()}
    names = [zh_to_name.get(h.strip(), h.strip()) for h in header]
    missing = [c for c in required if c not in names]
    problems.extend(f"{where}第 1 行: 缺少列“{columns[c]}”({c})" for c in missing)
    if closed and not missing:
        known = "、".join(columns.values())
        problems.extend(f"{where}第 1 行: 不认识列“{n}”,只能是 {known}" for n in names if n and n not in columns)
    return [] if missing else [(n, {k: c.strip() for k, c in zip(names, cells, strict=False)}) for n, cells in rows]


def of_items(
    rows: Iterable[Row], ids: Iterable[str], heading: str, problems: list[str], *, where: str = ""
) -> dict[str, tuple[int, dict[str, str]]]:
    """Id → its one row, in the order of ``ids``; rows of other items and second ones are added to ``problems``.

    :param heading: the Chinese one of the column of ids.
    """
    known = {squeeze(i): i for i in ids}
    found: dict[str, Row] = {}
    for n, row in rows:
        at = f"{where}第 {n} 行“{heading}”"
        ident = known.get(squeeze(row.get("id", "")))
        if ident is None:
            problems.append(f"{at}: 目录中没有标准“{row.get('id', '')}”")
        elif ident in found:
            problems.append(f"{at}: {ident} 与第 {found[ident][0]} 行重复")
        else:
            found[ident] = (n, row)
    return {i: found[i] for i in known.values() if i in found}


def words(cell: str) -> tuple[str, ...]:
    """The list in a cell, each word once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_WORDS.split(cell)))))


def phrases(cell: str) -> tuple[str, ...]:
    """The list in a cell of what may itself hold 、."""
    return tuple(filter(None, map(str.strip, _BETWEEN_PHRASES.split(cell))))
