"""Catalogue and units table as spreadsheets: out to a template, in with every fault named by row and column."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from archive_schema import catalogue as catalogues
from archive_schema import declared as declared_tables
from archive_schema import ladders as item_ladders
from archive_schema import terms as item_terms
from archive_schema import units as unit_tables
from archive_schema import weights
from archive_schema.catalogue import Catalogue, CatalogueHead, Totals
from archive_schema.declared import DeclaredTable
from archive_schema.errors import DataError, UsageError
from archive_schema.units import UnitTable
from archive_schema.words import EvidenceKind

LADDERS_SHEET = "等级阈值"
HEAD_SHEET, ITEMS_SHEET, TERMS_SHEET, TABLES_SHEET, UNITS_SHEET = "目录说明", "测评标准", "词语", "统计表格", "责任单位"
_HEAD = {"id": "目录编号", "edition": "名称", "note": "说明", "id_pattern": "编号格式(正则表达式)"}


def workbook_name(output: str) -> str:
    """``output`` itself, where programs will know it for a workbook.

    :raises UsageError: its ending is another's.
    """
    device = Path(output).exists() and not Path(output).is_file()
    if Path(output).suffix.lower() != ".xlsx" and not device:
        raise UsageError(
            f"{output} is no name of a workbook",
            zh=f"“{output}”不是电子表格的文件名",
            code="sheet.name",
            path=output,
            hint=f"文件名要以 .xlsx 结尾,如 {Path(output).stem or '表'}.xlsx",
        )
    return output


def write_catalogue(c: Catalogue) -> bytes:
    """Workbook with a sheet of declarations (id, edition, totals), one row per standard, and the words of each item under
    material review (empty rows to fill in where the catalogue has none)."""
    from reports import tables

    header, body = catalogues.rows(c)
    for column in catalogues.WORKING:
        if column not in header:
            header.append(column)
            body = [[*row, ""] for row in body]
    head = [[zh, str(getattr(c.head, k))] for k, zh in _HEAD.items()]
    head += [[zh, _text(getattr(c.head.totals, k))] for k, zh in catalogues.TOTAL_NAMES.items()]
    head += weights.as_rows(c.head.weights)
    ladder_names, steps = item_ladders.rows(c.ladders)
    has = {t.id: t for t in c.terms}
    names, words = item_terms.rows(
        has.get(i.id, item_terms.Terms(i.id)) for i in c.items if i.under_material_review or i.id in has
    )
    declares = {t.id: t for t in c.tables}
    table_names, tables_ = declared_tables.rows(
        declares.get(i.id, DeclaredTable(i.id)) for i in c.items if EvidenceKind.TABLE in i.kinds or i.id in declares
    )
    return tables.xlsx_table(
        {
            ITEMS_SHEET: ([catalogues.COLUMNS[h] for h in header], body),
            TERMS_SHEET: ([item_terms.COLUMNS[n] for n in names], words),
            TABLES_SHEET: ([declared_tables.COLUMNS[n] for n in table_names], tables_),
            LADDERS_SHEET: ([item_ladders.COLUMNS[n] for n in ladder_names], steps),
            HEAD_SHEET: (["项目", "内容"], head),
        }
    )


def write_units(table: UnitTable) -> bytes:
    from reports import tables

    header, body = unit_tables.rows(table)
    return tables.xlsx_table({UNITS_SHEET: ([unit_tables.COLUMNS[h] for h in header], body)})


def read_catalogue(path: Path) -> Catalogue:
    """:raises DataError: no such sheet, or faults in it, each naming row and column."""
    book = _open(path)
    declared = {str(r[0]): r[1] for _, r in _rows(_sheet(book, HEAD_SHEET, path)) if len(r) > 1}
    problems = []
    totals = {}
    for k, zh in catalogues.TOTAL_NAMES.items():
        text = declared.get(zh, "")
        if text and not text.isdigit():
            problems.append(f"“{HEAD_SHEET}”表“{zh}”: 应为整数,现为“{text}”")
        elif text:
            totals[k] = int(text)
    if not declared.get(_HEAD["id"]):
        problems.append(f"“{HEAD_SHEET}”表“{_HEAD['id']}”: 不能为空")
    said: list[str] = []
    worth = weights.from_rows(declared, said)
    problems += [f"“{HEAD_SHEET}”表{s}" for s in said]
    if problems:
        raise DataError(f"{path}: head sheet", zh=f"{path} 有 {len(problems)} 处错误", path=str(path), problems=tuple(problems))
    head = msgspec.convert({k: declared[zh] for k, zh in _HEAD.items() if declared.get(zh)}, CatalogueHead)
    head = msgspec.structs.replace(head, totals=Totals(**totals), weights=worth)
    rows = _rows(_sheet(book, ITEMS_SHEET, path))
    _, header = next(rows, (1, []))
    catalogue = catalogues.build(head, header, rows, origin=f"{path} “{ITEMS_SHEET}”表")
    if LADDERS_SHEET in book.sheetnames:
        rows = _rows(book[LADDERS_SHEET])
        _, header = next(rows, (1, list(item_ladders.COLUMNS)))
        catalogue = catalogues.with_ladders(catalogue, header, rows, origin=f"{path} “{LADDERS_SHEET}”表")
    if TABLES_SHEET in book.sheetnames:
        rows = _rows(book[TABLES_SHEET])
        _, header = next(rows, (1, list(declared_tables.COLUMNS)))
        filled = ((n, cells) for n, cells in rows if any(cells[1:]))
        catalogue = catalogues.with_tables(
            catalogue, header, filled, origin=f"{path} “{TABLES_SHEET}”表", where=f"“{TABLES_SHEET}”表"
        )
    if TERMS_SHEET not in book.sheetnames:
        return catalogue
    rows = _rows(book[TERMS_SHEET])
    _, header = next(rows, (1, list(item_terms.COLUMNS)))
    filled = ((n, cells) for n, cells in rows if any(cells[1:]))  # rows to fill in that nobody filled in
    return catalogues.with_terms(catalogue, header, filled, origin=f"{path} “{TERMS_SHEET}”表", where=f"“{TERMS_SHEET}”表")


def read_units(path: Path) -> tuple[UnitTable, tuple[str, ...]]:
    """The table, and the headings in the file that mean no column of it.

    :raises DataError: unreadable, no unit in it, or faults, each naming row and column.
    """
    if path.suffix.lower() == ".csv":
        from flows.places import units_csv

        header, rows = unit_tables.csv_rows(units_csv(path))
    else:
        rows = _rows(_open(path).worksheets[0])
        _, header = next(rows, (1, []))
    table = unit_tables.build(header, rows, origin=str(path))
    if not table.units:
        raise DataError(
            f"{path}: no unit",
            zh=f"{path} 里一个单位也没有",
            code="units.none",
            path=str(path),
            hint="请从 dangan units export 导出的表填起,单位表放在第一个工作表;没有任何改动被写入",
        )
    return table, unit_tables.strange(header)


def _open(path: Path) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=False, data_only=True)
    except Exception as e:
        raise DataError(
            f"{path}: {e}", zh=f"打不开电子表格 {path}", code="sheet.unreadable", path=str(path), hint="请存为 .xlsx 再试"
        ) from e


def _sheet(book: Any, name: str, path: Path) -> Any:
    if name not in book.sheetnames:
        raise DataError(
            f"{path}: no sheet {name}",
            zh=f"{path} 里没有“{name}”表",
            code="sheet.missing",
            path=str(path),
            hint="请从 dangan catalogue export 导出的样表填起",
        )
    return book[name]


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells as text) of rows that hold anything; what stands in a merged cell stands in every row of it."""
    merged: dict[int, list[tuple[int, str]]] = {}
    for area in sheet.merged_cells.ranges:
        value = _text(sheet.cell(area.min_row, area.min_col).value)
        for n in range(area.min_row + 1, area.max_row + 1):
            merged.setdefault(n, []).append((area.min_col - 1, value))
    for n, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text(c) for c in row]
        if any(cells):
            for column, value in merged.get(n, ()):
                cells[column] = value
            yield n, cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00").strip()
