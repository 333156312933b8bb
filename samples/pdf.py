"""PDF pages by reportlab with the CID font STSong-Light: no font file, and every reader knows the characters.

Measures after GB/T 9704-2012: A4, 版心 156 mm × 225 mm with 37 mm above and 28 mm on the left, 22 lines of 28 characters,
body in 3号 (16 pt), title in 2号 (22 pt).
"""

from __future__ import annotations

import io
import math
from functools import cache
from typing import Any

from samples.layout import OfficialDocument, Report, addressee_line, annexes, attachment_lines, figure_line, imprint, zh_date

FONT = "STSong-Light"
MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT, TOP, BOTTOM = 28 * MM, 184 * MM, HEIGHT - 37 * MM, 35 * MM
BODY, TITLE, LINE = 16.0, 22.0, 225 * MM / 22
RED = (0.9, 0.0, 0.05)
_NOT_FIRST = ",:;?!)\uff0c\uff1a\uff1b\uff1f\uff01\uff09\u3002、》〉”’】〕%"  # 避头: may not open a line


@cache
def _char_width(char: str) -> float:
    """Width of one character at size 1."""
    from reportlab.pdfbase import pdfmetrics

    register()
    return float(pdfmetrics.stringWidth(char, FONT, 1000)) / 1000


@cache
def register() -> None:
    """The Chinese font of every PDF made here, known to reportlab."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def width(text: str, size: float) -> float:
    """Width in points."""
    return sum(map(_char_width, text)) * size


def wrap(text: str, size: float, room: float, indent: float = 0.0) -> list[str]:
    """Lines no wider than ``room``, the first shorter by ``indent``; closing punctuation hangs rather than opening a line."""
    lines, line, used = [], "", indent
    for char in text:
        w = _char_width(char) * size
        if used + w > room and line and char not in _NOT_FIRST:
            lines.append(line)
            line, used = "", 0.0
        line += char
        used += w
    return [*lines, line] if line else lines


def title_lines(title: str, size: float, room: float) -> list[str]:
    """Centred lines of nearly equal length."""
    out = []
    for part in title.split("\n"):
        count = max(1, math.ceil(width(part, size) / room))
        step = math.ceil(len(part) / count)
        out += [part[n : n + step] for n in range(0, len(part), step)]
    return out


class Pages:
    """A cursor that goes down the 版心 and turns the page. ``y`` is the base line of the next line."""

    def __init__(self, title: str, author: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        register()
        self._out = io.BytesIO()
        self.canvas: Any = Canvas(self._out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.number = 1
        self.y = TOP - BODY

    def line(self, text: str, x: float, size: float = BODY, *, leading: float = LINE) -> None:
        """One line at ``x``, on the next page when this one is full."""
        self.room(leading)
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, self.y, text)
        self.y -= leading

    def room(self, needed: float) -> None:
        """Turn the page unless ``needed`` points are left."""
        if self.y - needed < BOTTOM - LINE:
            self.turn()

    def turn(self) -> None:
        self.canvas.setFont(FONT, 14)
        folio = f"— {self.number} —"
        self.canvas.drawString(RIGHT - width(folio, 14) - 14 if self.number % 2 else LEFT + 14, 25 * MM, folio)
        self.canvas.showPage()
        self.number += 1
        self.y = TOP - BODY

    def centred(self, text: str, size: float, leading: float) -> None:
        self.line(text, (LEFT + RIGHT - width(text, size)) / 2, size, leading=leading)

    def paragraph(self, text: str) -> None:
        indent = 2 * BODY
        for n, part in enumerate(wrap(text, BODY, RIGHT - LEFT, indent)):
            self.line(part, LEFT if n else LEFT + indent)

    def close(self) -> bytes:
        self.turn()
        self.canvas.save()
        return self._out.getvalue()


def official_document(spec: OfficialDocument) -> bytes:
    pages = Pages(spec.title.replace("\n", ""), spec.issuer)
    _head(pages, spec)
    if spec.draft_mark:
        pages.line(spec.draft_mark, LEFT)
    for part in title_lines(spec.title, TITLE, RIGHT - LEFT):
        pages.centred(part, TITLE, TITLE * 1.5)
    pages.y -= LINE / 2
    if spec.addressee:
        for part in wrap(addressee_line(spec), BODY, RIGHT - LEFT):
            pages.line(part, LEFT)
    for text in spec.paragraphs:
        pages.paragraph(text)
    if spec.attachments:
        pages.y -= LINE
        for text in attachment_lines(spec.attachments):
            pages.paragraph(text)
    _signature(pages, spec)
    for label, name, paragraphs in annexes(spec):
        pages.turn()
        pages.line(label, LEFT)
        for part in title_lines(name, TITLE, RIGHT - LEFT):
            pages.centred(part, TITLE, TITLE * 1.5)
        for text in paragraphs:
            pages.paragraph(text)
    _imprint(pages, spec)
    return pages.close()


def report(spec: Report) -> bytes:
    pages = Pages(spec.title, spec.unit)
    for part in title_lines(spec.title, TITLE, RIGHT - LEFT):
        pages.centred(part, TITLE, TITLE * 1.5)
    pages.y -= LINE / 2
    for text in spec.paragraphs:
        pages.paragraph(text)
    for label, value in spec.figures:
        pages.paragraph(figure_line(label, value))
    pages.y -= LINE
    pages.room(2 * LINE)
    for text in (spec.unit, zh_date(spec.issued_on) if spec.issued_on else ""):
        if text:
            pages.line(text, RIGHT - 2 * BODY - width(text, BODY))
    for data in spec.pictures:
        _picture(pages, data)
    return pages.close()


def picture_page(jpeg: bytes) -> bytes:
    """One A4 page that holds nothing but a picture, as a scanner writes it: no text layer."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.drawImage(ImageReader(io.BytesIO(jpeg)), 0, 0, WIDTH, HEIGHT)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def encrypted(text: str, *, user: str, owner: str) -> bytes:
    """A page of text behind a user password (128 bit standard encryption)."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    register()
    out = io.BytesIO()
    lock = StandardEncryption(user, ownerPassword=owner, strength=128)
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, encrypt=lock)
    canvas.setFont(FONT, BODY)
    canvas.drawString(LEFT, TOP, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _head(pages: Pages, spec: OfficialDocument) -> None:
    """版头: 份号, 密级, 紧急程度 at the upper left, 发文机关标志 in red, 发文字号, the red rule."""
    canvas = pages.canvas
    for text in (spec.copy_number, spec.secrecy, spec.urgency):
        if text:
            pages.line(text, LEFT)
    if spec.mark:
        pages.y = min(pages.y, TOP - 35 * MM)
        size = min(46.0, (RIGHT - LEFT) / max(1, len(spec.mark)))
        canvas.setFillColorRGB(*RED)
        pages.centred(spec.mark, size, size)
        canvas.setFillColorRGB(0, 0, 0)
        pages.y -= LINE / 2
    if spec.number:
        pages.centred(spec.number, BODY, LINE)
    if spec.mark:
        canvas.setStrokeColorRGB(*RED)
        canvas.setLineWidth(1.6)
        rule = pages.y + LINE - 4 * MM  # 4 mm below 发文字号
        canvas.line(LEFT, rule, RIGHT, rule)
        canvas.setStrokeColorRGB(0, 0, 0)
        pages.y = rule - 2 * LINE


def _signature(pages: Pages, spec: OfficialDocument) -> None:
    """署名 centred over 成文日期, four characters from the right edge; the seal is pressed on both (7.3.5.1)."""
    pages.room(5 * LINE)
    pages.y -= 2 * LINE
    day = zh_date(spec.issued_on) if spec.issued_on else ""
    day_width = width(day, BODY) if day else width(spec.issuer, BODY)
    middle = RIGHT - 4 * BODY - max(day_width, width(spec.issuer, BODY)) / 2
    at = pages.y
    for text in (spec.issuer, day):
        if text:
            pages.line(text, middle - width(text, BODY) / 2)
    if spec.seal:
        _seal(pages.canvas, middle, at - LINE / 3, 21 * MM)


def _seal(canvas: Any, x: float, y: float, radius: float) -> None:
    """A ring with a star; the lettering is strokes, because a real seal is no text either."""
    canvas.saveState()
    canvas.setStrokeColorRGB(*RED)
    canvas.setFillColorRGB(*RED)
    canvas.setLineWidth(3.4)
    canvas.circle(x, y, radius, stroke=1, fill=0)
    star = canvas.beginPath()
    for n in range(10):
        reach = radius * (0.34 if n % 2 == 0 else 0.13)
        angle = math.pi / 2 + n * math.pi / 5
        (star.moveTo if n == 0 else star.lineTo)(x + reach * math.cos(angle), y + reach * math.sin(angle))
    star.close()
    canvas.drawPath(star, stroke=0, fill=1)
    canvas.setLineWidth(1.5)
    for n in range(11):
        angle = math.radians(215 - n * 25)
        canvas.saveState()
        canvas.translate(x + radius * 0.76 * math.cos(angle), y + radius * 0.76 * math.sin(angle))
        canvas.rotate(math.degrees(angle) - 90)
        canvas.lines([(-4, 4, 4, 4), (-4, 0, 4, 0), (-4, -4, 4, -4), (0 if n % 2 else -3, -5, 0 if n % 2 else 3, 5)])
        canvas.restoreState()
    canvas.restoreState()


def _imprint(pages: Pages, spec: OfficialDocument) -> None:
    """版记 at the foot of the last page."""
    copies, printed = imprint(spec)
    if not copies and not printed:
        return
    size, step = 14.0, 22.0
    lines = wrap(copies, size, RIGHT - LEFT - 28)
    height = step * (len(lines) + bool(printed))
    if pages.y < BOTTOM + height:
        pages.turn()
    canvas = pages.canvas
    canvas.setFont(FONT, size)
    y = BOTTOM + height
    canvas.setLineWidth(1)
    canvas.line(LEFT, y, RIGHT, y)
    for text in lines:
        y -= step
        canvas.drawString(LEFT + 14, y + 6, text)
    if printed:
        canvas.setLineWidth(0.7)
        canvas.line(LEFT, y, RIGHT, y)
        y -= step
        canvas.drawString(LEFT + 14, y + 6, printed[0])
        canvas.drawString(RIGHT - 14 - width(printed[1], size), y + 6, printed[1])
    canvas.setLineWidth(1)
    canvas.line(LEFT, y, RIGHT, y)


def _picture(pages: Pages, jpeg: bytes) -> None:
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(io.BytesIO(jpeg))
    w, h = picture.getSize()
    shown = (RIGHT - LEFT) * 0.8
    pages.room(shown * h / w + LINE)
    pages.canvas.drawImage(picture, (LEFT + RIGHT - shown) / 2, pages.y - shown * h / w + LINE, shown, shown * h / w)
    pages.y -= shown * h / w + LINE
