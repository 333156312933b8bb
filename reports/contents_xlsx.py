"""卷内目录: the index of an export as a workbook, with what was left out. The same content gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive_schema.catalogue import Item
from archive_schema.copies import ExportedFile, LeftOut
from archive_schema.evidence import FACT_NAMES
from archive_schema.negative import NegativeOutput
from reports import negative_text, workbook

#: headings after those of 卷内文件目录 (DA/T 22), and what a machine needs to verify the files
_FILES = (
    ("序号", 6),
    ("编号", 11),
    ("测评标准", 40),
    ("材料类型", 10),
    ("件号", 6),
    ("文号", 22),
    ("责任者", 22),
    ("题名", 40),
    ("日期", 12),
    ("页数", 6),
    ("来件", 40),
    ("文件", 50),
    ("大小(字节)", 12),
    ("SHA-256", 40),
    ("备注", 20),
)
_LEFT = (
    ("序号", 6),
    ("编号", 11),
    ("材料类型", 10),
    ("责任单位", 16),
    ("来件", 40),
    ("大小(字节)", 12),
    ("SHA-256", 40),
    ("为何未列入", 50),
)


def render(
    files: Sequence[ExportedFile],
    left_out: Sequence[LeftOut],
    items: Mapping[str, Item],
    *,
    title: str,
    negative: NegativeOutput | None = None,
) -> bytes:
    """:param title: of the whole: city, cycle, catalogue. :param negative: its events get a sheet where there are any."""
    book = workbook.new()
    second = (("SM3", 40),) if any(f.sm3 for f in files) else ()
    columns = (*_FILES[:-1], *second, _FILES[-1])
    pages = sum(f.pages or 0 for f in files)
    unknown = sum(f.pages is None for f in files)
    total = f"共 {len(files)} 件,{pages} 页" + (f"(另有 {unknown} 件页数不详)" if unknown else "")
    workbook.add_sheet(
        book,
        "卷内目录",
        [h for h, _ in columns],
        (
            [
                n,
                f.item,
                items[f.item].standard,
                f.kind,
                f.number,
                f.document_number or "",
                f.responsible,
                f.title,
                f.dated or "",
                "" if f.pages is None else f.pages,
                "\n".join(f.sources),
                f.path,
                f.size,
                f.sha256,
                *([f.sm3 or ""] if second else []),
                _remark(f),
            ]
            for n, f in enumerate(files, 1)
        ),
        widths=[w for _, w in columns],
        preface=(title, total),
    )
    workbook.add_sheet(
        book,
        "未列入",
        [h for h, _ in _LEFT],
        ([n, x.item or "", x.kind or "", x.unit, x.path, x.size, x.sha256, x.text] for n, x in enumerate(left_out, 1)),
        widths=[w for _, w in _LEFT],
        preface=("未列入的材料", f"共 {len(left_out)} 件"),
    )
    if negative is not None and negative.events:
        preface = ("负面清单", f"已登记 {negative.events} 件")
        workbook.add_sheet(book, "负面清单", negative_text.EVENTS, negative_text.rows(negative), preface=preface)
    return workbook.to_bytes(book)


def _remark(f: ExportedFile) -> str:
    attested = "由人认定: " + "、".join(FACT_NAMES[k] for k in f.attested) if f.attested else ""
    return "；".join(filter(None, ("" if f.usable else "尚不可用", attested)))
