"""Word documents as Chinese offices lay them out: A4, fonts for Chinese text, tables whose head stands on every page.

Sizes and margins follow GB/T 9704-2012 as far as tables allow. Where a computer lacks 方正小标宋 or 仿宋_GB2312, the font table
names what stands in for them. The same parts give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reports import safe, zipped

if TYPE_CHECKING:
    from docx.document import Document

TITLE, HEAD, BODY, LATIN = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
#: font → what stands in for it
STAND_INS = {
    TITLE: "华文中宋,宋体,SimSun,Noto Serif CJK SC",
    BODY: "仿宋,FangSong,华文仿宋,Noto Serif CJK SC",
    HEAD: "SimHei,Noto Sans CJK SC",
}
#: sizes in points: 2号, 3号, 小四, 五号, 小五
LARGE, MEDIUM, SMALL, TABLE, TINY = 22.0, 16.0, 12.0, 10.5, 9.0
#: width of the text on the page in millimetres
WIDTH = 170
_INK, _SHADE = "404040", "EDEDED"
_TWIPS = 1440 / 25.4  # of a millimetre


def new(*, title: str, when: datetime) -> Document:
    """An empty A4 page, its fonts set for Chinese text, with the page number at its foot."""
    import docx
    from docx.shared import Mm

    document: Document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(25), Mm(22), Mm(20), Mm(20)
    section.footer_distance = Mm(12)
    _font(document.styles["Normal"], BODY, SMALL)
    _chinese(document)
    properties = document.core_properties
    at = when.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = at
    properties.title, properties.author, properties.last_modified_by = safe.line(title, 250), zipped.MAKER, zipped.MAKER
    properties.comments, properties.language, properties.revision = "", "zh-CN", 1
    _stand_ins(document)
    _page_number(section.footer.paragraphs[0])
    return document


def text(
    document: Document,
    words: str,
    *,
    font: str = BODY,
    size: float = SMALL,
    centre: bool = False,
    indent: bool = False,
    before: float = 0,
    after: float = 0,
    with_next: bool = False,
) -> None:
    """A paragraph. ``indent``: two characters on its first line; ``before``, ``after`` in points."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    p = document.add_paragraph()
    layout = p.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing = Pt(round(size * 1.6))
    layout.keep_with_next = with_next
    if indent:
        layout.first_line_indent = Pt(2 * size)
    if centre:
        p.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(p, words, font, size)


def table(document: Document, headers: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
    """A ruled table over the width of the page. Its head is repeated on every page; a row is never broken over two.

    :param widths: of the columns in millimetres. A line feed in a cell begins a line.
    """
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    grid = [round(w * _TWIPS) for w in widths]
    lines = "".join(_row(words, grid, head=not n) for n, words in enumerate([headers, *rows]))
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in grid)
    made = parse_xml(f"<w:tbl {nsdecls('w')}>{_table_properties(sum(grid))}<w:tblGrid>{columns}</w:tblGrid>{lines}</w:tbl>")
    body = document.element.body
    body.insert(len(body) - 1, made)  # the last element holds the page's measures


def to_bytes(document: Document) -> bytes:
    """The file. The clock of the machine stands nowhere in it."""
    raw = io.BytesIO()
    document.save(raw)
    return zipped.settled(raw)


def _table_properties(width: int) -> str:
    """Fixed columns, thin rules, 1.4 mm beside the words of a cell; elements in the order of the schema (ECMA-376 17.4.60)."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    rules = "".join(f'<w:{s} w:val="single" w:sz="4" w:space="0" w:color="{_INK}"/>' for s in sides)
    margins = "".join(f'<w:{s} w:w="{w}" w:type="dxa"/>' for s, w in (("top", 40), ("left", 80), ("bottom", 40), ("right", 80)))
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{rules}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
    )


def _row(words: Sequence[str], grid: Sequence[int], *, head: bool) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    cells = "".join(_cell(value, width, head=head) for value, width in zip(words, grid, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _cell(value: str, width: int, *, head: bool) -> str:
    """Text is written as XML at once: a sheet has thousands of cells."""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_SHADE}"/><w:vAlign w:val="center"/>' if head else ""
    middle = '<w:jc w:val="center"/>' if head or (len(value) <= 4 and value.isdigit()) else ""
    font, half_points = (HEAD if head else BODY), round(2 * TABLE)
    layout = f'<w:pPr><w:spacing w:before="0" w:after="0" w:line="300" w:lineRule="exact"/>{middle}</w:pPr>'
    look = (
        f'<w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{font}" w:hint="eastAsia"/>'
        f'<w:sz w:val="{half_points}"/></w:rPr>'
    )
    lines = "".join(
        f'<w:p>{layout}<w:r>{look}<w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
        for line in safe.block(value).split("\n")
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{lines}</w:tc>'


def _run(paragraph: Any, words: str, font: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(safe.block(words))
    run.font.size, run.font.name = Pt(size), LATIN
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")  # “ ” … — are full width, as in Chinese text


def _font(style: Any, font: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = LATIN, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _chinese(document: Document) -> None:
    """Text is Chinese: else a program with one font for all of East Asia draws its commas in the middle of the line."""
    from docx.oxml.ns import qn

    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), "zh-CN")
        lang.set(qn("w:eastAsia"), "zh-CN")


def _page_number(paragraph: Any) -> None:
    """— 1 — at the foot, as GB/T 9704-2012 7.5 has it, in the middle."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "—", "宋体", SMALL)
    paragraph._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'))
    _run(paragraph, "—", "宋体", SMALL)


def _stand_ins(document: Document) -> None:
    """Fonts that this program names and a computer may lack, with what to take instead."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    part = next(
        r.target_part for r in document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.FONT_TABLE and not r.is_external
    )
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, instead in STAND_INS.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
