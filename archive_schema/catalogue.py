"""目录: the loaded review system. Nothing here knows a number of items or an id: both are properties of the loaded file.

A catalogue is a folder with ``catalogue.toml`` (id, edition, how ids look, the totals it declares of itself) and
``items.tsv`` (one row per 测评标准, columns as in ``COLUMNS``; the working columns are optional). It may hold
``terms.tsv``, the words that classification knows its items by (``archive_schema.terms``), and ``tables.tsv``, what the tables of
its items must look like (``archive_schema.declared``), and ``ladders.tsv``, which figure is worth which grade
(``archive_schema.ladders``); what a grade is worth stands in ``catalogue.toml`` (``archive_schema.weights``).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from archive_schema import declared, toml, tsv, weights
from archive_schema import ladders as item_ladders
from archive_schema import terms as item_terms
from archive_schema.dates import parse_day
from archive_schema.declared import DeclaredTable
from archive_schema.errors import DataError
from archive_schema.ladders import Ladder
from archive_schema.terms import Terms
from archive_schema.text import natural_key, squeeze
from archive_schema.weights import Weights
from archive_schema.words import EvidenceKind, Provenance, ReviewMethod

DATA = Path(__file__).parent / "data"

#: column → Chinese heading in the spreadsheet template
COLUMNS: dict[str, str] = {
    "id": "编号",
    "section": "版块",
    "project_no": "项目号",
    "project": "测评项目",
    "indicator_no": "指标号",
    "indicator": "测评指标",
    "content_no": "内容号",
    "content": "测评内容",
    "standard_no": "标准号",
    "standard": "测评标准",
    "methods": "测评方法",
    "kinds": "材料类型",
    "threshold": "阈值说明",
    "units": "责任单位",
    "provenance": "来历",
    "source": "出处",
    "min_count": "最少件数",
    "deadline": "限时归档",
    "person": "专人负责",
    "review_days": "定期审查天数",
    "weight": "权重",
}
REQUIRED = tuple(COLUMNS)[:16]
WORKING = tuple(COLUMNS)[16:]


class Item(msgspec.Struct, frozen=True):
    """测评标准: one standard under review, with its place in the hierarchy.

    ``units``: likely 责任单位, the first is the lead (牵头单位), names as the catalogue writes them.
    ``min_count``: needed pieces per kind; kinds not named need 1 (our default).
    """

    id: str
    section: str
    project_no: int
    project: str
    indicator_no: int
    indicator: str
    content_no: int
    content: str
    standard_no: int
    standard: str
    methods: tuple[ReviewMethod, ...]
    kinds: tuple[EvidenceKind, ...]
    threshold: str
    units: tuple[str, ...]
    provenance: Provenance
    source: str
    min_count: dict[EvidenceKind, int] = {}
    deadline: date | None = None
    person: str = ""
    review_days: int | None = None
    weight: Decimal | None = None  # among the items of its section; None = not known

    @property
    def under_material_review(self) -> bool:
        return ReviewMethod.MATERIAL in self.methods


class Totals(msgspec.Struct, frozen=True):
    """What an edition declares of itself; None = not declared, not checked."""

    standards: int | None = None
    contents: int | None = None
    material_projects: int | None = None
    material_indicators: int | None = None
    material_contents: int | None = None
    material_items: int | None = None
    material_cells: int | None = None


class CatalogueHead(msgspec.Struct, frozen=True):
    """``catalogue.toml``. ``id_pattern`` may name the groups ``content`` and ``standard``."""

    id: str
    edition: str
    note: str = ""
    id_pattern: str = r"[A-Za-z]+\d+(-\d+)*"
    totals: Totals = Totals()
    weights: Weights | None = None  # None = what a grade is worth is not known, and no score is shown


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    head: CatalogueHead
    items: tuple[Item, ...]  # all standards, in natural order of id
    terms: tuple[Terms, ...] = ()  # of some or all items, in the same order; () = known by the catalogue's words alone
    ladders: tuple[Ladder, ...] = ()  # in the order of the items; () = nothing is graded
    tables: tuple[DeclaredTable, ...] = ()  # what a city declares of the tables of some items

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {i.id: i for i in self.items}

    @cached_property
    def material(self) -> tuple[Item, ...]:
        """The items under material review, in natural order."""
        return tuple(i for i in self.items if i.under_material_review)

    @cached_property
    def cells(self) -> tuple[tuple[str, EvidenceKind], ...]:
        """Every (item id, kind) that material is asked for, in natural order."""
        return tuple((i.id, k) for i in self.material for k in EvidenceKind if k in i.kinds)

    def resolve(self, text: str) -> Item | None:
        """The item of an id as anybody might type it, or None. Only an exact id after folding; guessing is classification's."""
        return self._folded.get(squeeze(text))

    @cached_property
    def _folded(self) -> dict[str, Item]:
        return {squeeze(i.id): i for i in self.items}

    def counted(self) -> Totals:
        """The totals as they are."""
        m = self.material
        return Totals(
            standards=len(self.items),
            contents=len({i.content_no for i in self.items}),
            material_projects=len({i.project_no for i in m}),
            material_indicators=len({i.indicator_no for i in m}),
            material_contents=len({i.content_no for i in m}),
            material_items=len(m),
            material_cells=len(self.cells),
        )


#: tables that may lie beside ``items.tsv``
BESIDE = ("terms.tsv", "tables.tsv", "ladders.tsv")
TOTAL_NAMES = {
    "standards": "测评标准总数",
    "contents": "测评内容总数",
    "material_projects": "材料审核项目数",
    "material_indicators": "材料审核指标数",
    "material_contents": "材料审核内容数",
    "material_items": "材料审核标准数",
    "material_cells": "应交材料格数",
}


def shipped() -> list[str]:
    """Ids of the catalogues that come with the program."""
    return sorted(p.parent.name for p in DATA.glob("*/catalogue.toml"))


def load(where: str | Path) -> Catalogue:
    """Load a shipped catalogue by id, or a folder.

    :raises DataError: not found, or wrong; ``problems`` names row and column of every fault.
    """
    folder = Path(where)
    if not (folder / "catalogue.toml").is_file():
        folder = DATA / str(where)
    if not (folder / "catalogue.toml").is_file():
        raise DataError(
            f"no catalogue {where}",
            zh=f"找不到目录“{where}”",
            code="catalogue.not-found",
            hint=f"可用的目录: {'、'.join(shipped())};或指向含 catalogue.toml 的文件夹",
        )
    names = ["catalogue.toml", "items.tsv", *(n for n in BESIDE if (folder / n).is_file())]
    return _loaded(folder, tuple((n, (folder / n).read_bytes()) for n in names))


@lru_cache(maxsize=4)
def _loaded(folder: Path, contents: tuple[tuple[str, bytes], ...]) -> Catalogue:
    """The catalogue of these bytes, made once in a process; ``folder`` is what its files are named by."""
    of = dict(contents)
    try:
        head = msgspec.convert(tomllib.loads(of["catalogue.toml"].decode()), CatalogueHead)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as e:
        raise DataError(
            f"{folder / 'catalogue.toml'}: {e}",
            zh=f"目录说明写错: {folder / 'catalogue.toml'}: {toml.wrong(e)}",
            code="catalogue.head",
        ) from e
    catalogue = build(head, *tsv.parse(of["items.tsv"], str(folder / "items.tsv")), origin=str(folder / "items.tsv"))
    for name, put in zip(BESIDE, (with_terms, with_tables, with_ladders), strict=True):
        if name in of:
            catalogue = put(catalogue, *tsv.parse(of[name], str(folder / name)), origin=str(folder / name))
    return catalogue


def with_terms(
    catalogue: Catalogue, header: list[str], rows: Iterable[tuple[int, list[str]]], *, origin: str = "", where: str = ""
) -> Catalogue:
    """The catalogue with the words of a table in place of those it had.

    :raises DataError: with every problem found, each naming row and column.
    """
    problems: list[str] = []
    found = item_terms.build(header, rows, (i.id for i in catalogue.items), problems, where=where)
    _refuse(origin, problems)
    return msgspec.structs.replace(catalogue, terms=found)


def with_tables(
    catalogue: Catalogue, header: list[str], rows: Iterable[tuple[int, list[str]]], *, origin: str = "", where: str = ""
) -> Catalogue:
    """The catalogue with what a table declares of the tables of its items.

    :raises DataError: with every problem found, each naming row and column.
    """
    problems: list[str] = []
    found = declared.build(header, rows, (i.id for i in catalogue.items), problems, where=where)
    _refuse(origin, problems)
    return msgspec.structs.replace(catalogue, tables=found)


def with_ladders(
    catalogue: Catalogue, header: list[str], rows: Iterable[tuple[int, list[str]]], *, origin: str = ""
) -> Catalogue:
    """The catalogue with the ladders of a table in place of those it had.

    :raises DataError: with every problem found, each naming row and column.
    """
    problems: list[str] = []
    found = item_ladders.build(header, rows, {i.id: i.under_material_review for i in catalogue.items}, problems)
    _refuse(origin, [f"等级阈值 {p}" for p in problems] or weights.ungraded(catalogue.head.weights, found))
    return msgspec.structs.replace(catalogue, ladders=found)


def build(head: CatalogueHead, header: list[str], rows: Iterable[tuple[int, list[str]]], *, origin: str = "") -> Catalogue:
    """Make a catalogue from rows as (row number, cells as text); headings may be the column names or their Chinese.

    :raises DataError: with every problem found, each naming row and column.
    """
    problems: list[str] = []
    keyed = tsv.keyed(header, rows, COLUMNS, problems, required=REQUIRED, closed=False)
    _refuse(origin, problems)
    items: list[Item] = []
    first_row: dict[str, int] = {}
    for n, row in keyed:
        item = _item(head, n, row, problems)
        if item is None:
            continue
        key = squeeze(item.id)
        if key in first_row:
            problems.append(f"第 {n} 行“{COLUMNS['id']}”: {item.id} 与第 {first_row[key]} 行重复")
            continue
        first_row[key] = n
        items.append(item)
    catalogue = Catalogue(head=head, items=tuple(sorted(items, key=lambda i: natural_key(i.id))))
    if not problems:
        problems += weights.unfit(head.weights, [(i.id, i.section, i.weight) for i in catalogue.material])
        counted = catalogue.counted()
        for field, name in TOTAL_NAMES.items():
            declared = getattr(head.totals, field)
            if declared is not None and declared != getattr(counted, field):
                problems.append(f"合计不符: {name}申报 {declared},按“{_counted_by(field)}”列实有 {getattr(counted, field)}")
    _refuse(origin, problems)
    return catalogue


def _counted_by(field: str) -> str:
    column = {"project": "project_no", "indicator": "indicator_no", "content": "content_no", "cell": "kinds"}
    return next((COLUMNS[c] for word, c in column.items() if word in field), COLUMNS["id"])


def _refuse(origin: str, problems: list[str]) -> None:
    """:raises DataError: there are any."""
    if not problems:
        return
    raise DataError(
        f"{origin}: {len(problems)} problems in the catalogue",
        zh=f"目录有 {len(problems)} 处错误",
        code="catalogue.wrong",
        path=origin,
        hint="请按上面的行、列逐处改正后重试;没有任何改动被写入",
        problems=tuple(problems),
    )


def _item(head: CatalogueHead, n: int, row: Mapping[str, str], problems: list[str]) -> Item | None:
    before = len(problems)

    def bad(column: str, why: str) -> None:
        problems.append(f"第 {n} 行“{COLUMNS[column]}”: {why}")

    def number(column: str) -> int:
        text = row.get(column, "")
        if re.fullmatch(r"\d+(\.0)?", text):
            return int(float(text))
        bad(column, f"应为整数,现为“{text}”")
        return 0

    def words(column: str, enum: Any) -> tuple[Any, ...]:
        out = []
        for word in tsv.words(row.get(column, "")):
            try:
                out.append(enum(word))
            except ValueError:
                bad(column, f"不认识“{word}”,只能是 {'、'.join(enum)}")
        return tuple(out)

    ident = row.get("id", "")
    match = re.fullmatch(head.id_pattern, ident)
    if match is None:
        bad("id", f"“{ident}”不是本目录的编号(格式 {head.id_pattern})")
    content_no, standard_no = number("content_no"), number("standard_no")
    if match is not None:
        for group, column, value in (("content", "content_no", content_no), ("standard", "standard_no", standard_no)):
            if match.groupdict().get(group) and int(match[group]) != value:
                bad(column, f"{value} 与编号 {ident} 不符")
    for column in ("project", "indicator", "content", "standard", "units"):
        if not row.get(column):
            bad(column, "不能为空")
    methods = words("methods", ReviewMethod)
    kinds = words("kinds", EvidenceKind)
    if ReviewMethod.MATERIAL in methods and not kinds:
        bad("kinds", "有材料审核却没有写要交的材料类型")
    if kinds and ReviewMethod.MATERIAL not in methods:
        bad("kinds", "没有材料审核却写了材料类型")
    if not methods:
        bad("methods", "不能为空")
    provenance = row.get("provenance") or "confirmed"
    if provenance not in set(Provenance):
        bad("provenance", f"不认识“{provenance}”,只能是 {'、'.join(Provenance)}")
    deadline = None
    if row.get("deadline"):
        deadline = parse_day(row["deadline"])  # a spreadsheet's may bear a time of day
        if deadline is None:
            bad("deadline", f"“{row['deadline']}”不是日期(应如 2026-09-30)")
    review_days = number("review_days") if row.get("review_days") else None
    weight = weights.number(row["weight"]) if row.get("weight") else None
    if row.get("weight") and weight is None:
        bad("weight", f"应为大于 0 的数,现为“{row['weight']}”")
    min_count = _min_count(row.get("min_count", ""), kinds, bad)
    numbers = {c: number(c) for c in ("project_no", "indicator_no")}
    if len(problems) > before:
        return None
    return Item(
        id=ident,
        section=row["section"],
        project=row["project"],
        indicator=row["indicator"],
        content_no=content_no,
        content=row["content"],
        standard_no=standard_no,
        standard=row["standard"],
        methods=methods,
        kinds=tuple(k for k in EvidenceKind if k in kinds),
        threshold=row["threshold"],
        units=tsv.phrases(row["units"]),
        provenance=Provenance(provenance),
        source=row["source"],
        min_count=min_count,
        deadline=deadline,
        person=row.get("person", ""),
        review_days=review_days,
        weight=weight,
        **numbers,
    )


def _min_count(text: str, kinds: tuple[EvidenceKind, ...], bad: Any) -> dict[EvidenceKind, int]:
    """``2`` for every kind, or ``规范文件=1;实景图片=3``."""
    out: dict[EvidenceKind, int] = {}
    for part in tsv.phrases(text):
        name, _, count = part.replace("\uff1d", "=").rpartition("=")
        wanted = [k for k in kinds if not name or k == name.strip()]
        if not count.strip().isdigit() or int(count) < 1 or not wanted:
            bad("min_count", f"“{part}”应如 2 或 实景图片=3,且类型须在本行材料类型之内")
            continue
        out |= {k: int(count) for k in wanted}
    return out


def rows(catalogue: Catalogue) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells as text, such that ``build`` gives the same catalogue back."""
    used = [c for c in WORKING if any(getattr(i, c) not in (None, "", {}) for i in catalogue.items)]
    header = [*REQUIRED, *used]

    def cell(item: Item, column: str) -> str:
        value = getattr(item, column)
        if isinstance(value, tuple):
            return ";".join(str(v) for v in value)
        if isinstance(value, dict):
            return ";".join(f"{k}={n}" for k, n in value.items())
        if isinstance(value, Decimal):
            return f"{value:f}"
        return "" if value is None else str(value)

    return header, [[cell(i, c) for c in header] for i in catalogue.items]


def files(catalogue: Catalogue) -> dict[str, bytes | None]:
    """Name → content of the files that ``load`` reads the same catalogue back from; None = there must be none, or it would be read."""
    head = catalogue.head
    lines = [f"{k} = {toml.text(getattr(head, k))}" for k in ("id", "edition", "note", "id_pattern")]
    totals = msgspec.structs.asdict(head.totals)
    lines += ["", "[totals]", *(f"{k} = {v}" for k, v in totals.items() if v is not None), *weights.as_toml(head.weights)]
    beside = (
        (catalogue.terms, item_terms.rows(catalogue.terms)),
        (catalogue.tables, declared.rows(catalogue.tables)),
        (catalogue.ladders, item_ladders.rows(catalogue.ladders)),
    )
    return {"catalogue.toml": ("\n".join(lines) + "\n").encode(), "items.tsv": tsv.render(*rows(catalogue))} | {
        name: tsv.render(*table) if has else None for name, (has, table) in zip(BESIDE, beside, strict=True)
    }


def provenance_counts(catalogue: Catalogue) -> dict[Provenance, int]:
    """How many rows are of each provenance, all standards."""
    counts = Counter(i.provenance for i in catalogue.items)
    return {p: counts.get(p, 0) for p in Provenance}
