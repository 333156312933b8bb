"""The same documents as DOCX, by python-docx."""

from __future__ import annotations

import io
import math
from datetime import datetime
from functools import cache
from typing import Any

from samples import fixed
from samples.layout import OfficialDocument, Report, addressee_line, annexes, attachment_lines, figure_line, imprint, zh_date

_RED = "E6000D"
_BODY, _TITLE = 16, 22


def official_document(spec: OfficialDocument) -> bytes:
    doc = _new(spec.title.replace("\n", ""), spec.issuer)
    for text in (spec.copy_number, spec.secrecy, spec.urgency):
        if text:
            _line(doc, text)
    if spec.mark:
        _line(doc, spec.mark, align="center", size=min(46, 440 // max(1, len(spec.mark))), red=True, bold=True)
    if spec.number or spec.mark:
        ruled = _line(doc, spec.number, align="center")
        if spec.mark:
            _red_rule(ruled)
    if spec.draft_mark:
        _line(doc, spec.draft_mark)
    for part in spec.title.split("\n"):
        _line(doc, part, align="center", size=_TITLE, bold=True)
    if spec.addressee:
        _line(doc, addressee_line(spec))
    for text in spec.paragraphs:
        _line(doc, text, indent=True)
    if spec.attachments:
        _line(doc, "")
        for text in attachment_lines(spec.attachments):
            _line(doc, text.strip(), indent=True)
    _line(doc, "")
    signer = _line(doc, spec.issuer, align="right", right_chars=2)
    if spec.seal:
        _float_behind(signer, seal_png())
    if spec.issued_on:
        _line(doc, zh_date(spec.issued_on), align="right", right_chars=4)
    for label, name, paragraphs in annexes(spec):
        _line(doc, label).paragraph_format.page_break_before = True
        _line(doc, name, align="center", size=_TITLE, bold=True)
        for text in paragraphs:
            _line(doc, text, indent=True)
    copies, printed = imprint(spec)
    if copies:
        _line(doc, copies, size=14)
    if printed:
        _line(doc, "          ".join(printed), size=14)
    return _saved(doc)


def report(spec: Report) -> bytes:
    from docx.shared import Cm

    doc = _new(spec.title, spec.unit)
    _line(doc, spec.title, align="center", size=_TITLE, bold=True)
    for text in spec.paragraphs:
        _line(doc, text, indent=True)
    for label, value in spec.figures:
        _line(doc, figure_line(label, value), indent=True)
    _line(doc, "")
    _line(doc, spec.unit, align="right", right_chars=2)
    if spec.issued_on:
        _line(doc, zh_date(spec.issued_on), align="right", right_chars=2)
    for data in spec.pictures:
        doc.add_paragraph().add_run().add_picture(io.BytesIO(data), width=Cm(12))
    return _saved(doc)


@cache
def seal_png() -> bytes:
    """A red ring with a star on transparent ground, 420 px."""
    from PIL import Image, ImageDraw

    side, red = 420, (230, 0, 13, 235)
    picture = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, side - 8, side - 8), outline=red, width=14)
    reach = [side * (0.17 if n % 2 == 0 else 0.065) for n in range(10)]
    angles = [-math.pi / 2 + n * math.pi / 5 for n in range(10)]
    draw.polygon(
        [(side / 2 + r * math.cos(a), side / 2 + r * math.sin(a)) for r, a in zip(reach, angles, strict=True)], fill=red
    )
    for n in range(11):
        a = math.radians(-215 + n * 25)
        x, y = side / 2 + side * 0.38 * math.cos(a), side / 2 + side * 0.38 * math.sin(a)
        for across in (-10, 0, 10):
            draw.line((x - 12, y + across, x + 12, y + across), fill=red, width=4)
        draw.line((x, y - 14, x, y + 14), fill=red, width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@cache
def _template() -> bytes:
    """python-docx's empty document, read from disk once."""
    import docx

    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def _new(title: str, author: str) -> Any:
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    doc = docx.Document(io.BytesIO(_template()))
    page = doc.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    normal = doc.styles["Normal"]
    normal.font.name, normal.font.size = "仿宋_GB2312", Pt(_BODY)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋_GB2312")
    props = doc.core_properties
    props.title, props.author, props.last_modified_by = title, author, author
    props.created = props.modified = datetime(*fixed.STAMP)  # noqa: DTZ001 - the format has no zone
    return doc


def _line(
    doc: Any,
    text: str,
    *,
    align: str = "",
    size: int = 0,
    red: bool = False,
    bold: bool = False,
    indent: bool = False,
    right_chars: int = 0,
) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    paragraph = doc.add_paragraph()
    run = paragraph.add_run(text)
    if size:
        run.font.size = Pt(size)
    if bold:
        run.font.bold = True
    if red:
        run.font.color.rgb = RGBColor.from_string(_RED)
    if align:
        paragraph.alignment = WD_ALIGN_PARAGRAPH[align.upper()]
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * _BODY)
    if right_chars:
        paragraph.paragraph_format.right_indent = Pt(right_chars * _BODY)
    return paragraph


def _red_rule(paragraph: Any) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    border = f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="18" w:space="4" w:color="{_RED}"/></w:pBdr>'
    paragraph._p.get_or_add_pPr().insert(0, parse_xml(border))  # the schema wants it before the alignment


def _float_behind(paragraph: Any, png: bytes) -> None:
    """Add the picture (42 mm) and let it float behind the text, as an electronic seal does."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Mm

    run = paragraph.add_run()
    run.add_picture(io.BytesIO(png), width=Mm(42))
    inline = run._r.xpath(".//wp:inline")[0]
    shell = parse_xml(
        f'<wp:anchor {nsdecls("wp")} distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="1" '
        'locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="column"><wp:align>right</wp:align></wp:positionH>'
        f'<wp:positionV relativeFrom="paragraph"><wp:posOffset>{-Mm(14)}</wp:posOffset></wp:positionV></wp:anchor>'
    )
    children = list(inline)
    shell.append(children[0])  # extent
    shell.append(parse_xml(f"<wp:wrapNone {nsdecls('wp')}/>"))
    for child in children[1:]:
        shell.append(child)
    inline.getparent().replace(inline, shell)


def _saved(doc: Any) -> bytes:
    out = io.BytesIO()
    doc.save(out)
    return fixed.rezip(out.getvalue())
