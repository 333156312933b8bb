"""What can be laid out, and the functions that do it. The same spec always gives the same bytes.

Every function writes one file and returns its path; the folder must exist.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import msgspec

Form = Literal["pdf", "docx", "txt"]
Value = str | int | float


class OfficialDocument(msgspec.Struct, frozen=True):
    """A 公文 after GB/T 9704-2012. Empty fields are left out of the page.

    mark         发文机关标志 in red with the red rule below, e.g. ``示例市教育局文件``; "" = plain paper
    title        broken into centred lines by the layout; a line feed forces a break
    attachments  附件说明, one name each
    annexes      the paragraphs of each attachment, set after the signature under its name; fewer than named = some are missing
    seal         a red round seal over 署名 and 成文日期
    copy_to, printed_on  版记: 抄送机关, 印发日期 (a later date than ``issued_on``, and no 成文日期)
    """

    issuer: str
    title: str
    paragraphs: tuple[str, ...]
    mark: str = ""
    number: str = ""
    issued_on: date | None = None
    addressee: str = ""
    copy_number: str = ""
    secrecy: str = ""
    urgency: str = ""
    draft_mark: str = ""
    attachments: tuple[str, ...] = ()
    annexes: tuple[tuple[str, ...], ...] = ()
    seal: bool = False
    copy_to: str = ""
    printed_on: date | None = None


class Report(msgspec.Struct, frozen=True):
    """A 说明报告. ``figures`` are set as lines ``label:value``; ``pictures`` are JPEG bytes shown at the end (not in txt)."""

    title: str
    paragraphs: tuple[str, ...]
    unit: str
    issued_on: date | None = None
    figures: tuple[tuple[str, str], ...] = ()
    pictures: tuple[bytes, ...] = ()


class Photo(msgspec.Struct, frozen=True):
    """A drawn photograph. ``seed`` decides everything that is seen; ``gps`` is (latitude, longitude) in degrees.

    scene   street (buildings, people, a banner), meeting (rows of heads before a screen), screen (a web page)
    blur    radius of a Gaussian blur in pixels; 0 = sharp
    editor  EXIF Software, as an image editor leaves it
    """

    seed: str
    width: int = 1280
    height: int = 960
    scene: Literal["street", "meeting", "screen"] = "street"
    taken_at: datetime | None = None
    camera: tuple[str, str] = ("Shili", "SL-200")
    gps: tuple[float, float] | None = None
    orientation: int = 1
    quality: int = 80
    blur: float = 0.0
    editor: str = ""


class Table(msgspec.Struct, frozen=True):
    """A 统计表格: title, the lines 单位/口径/统计时段/数据来源, header, rows, totals, 填报单位 and 填报日期. Empty parts are left out."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    measure: str = ""
    scope: str = ""
    period: str = ""
    source: str = ""
    totals: tuple[Value, ...] = ()
    unit: str = ""
    filled_on: date | None = None

    def lines(self) -> list[list[Value]]:
        """The table as rows of cells, top to bottom, as both forms write it."""
        notes = (("单位", self.measure), ("口径", self.scope), ("统计时段", self.period), ("数据来源", self.source))
        signed = (("填报单位", self.unit), ("填报日期", self.filled_on.isoformat() if self.filled_on else ""))
        out: list[list[Value]] = [[self.title]]
        out += [[typeset(f"{name}:") + text] for name, text in notes if text]
        out += [list(self.header), *(list(r) for r in self.rows)]
        out += [list(self.totals)] if self.totals else []
        return out + [[typeset(f"{name}:") + text] for name, text in signed if text]


_FULL = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in ",:;?!()"})
_BESIDE_CHINESE = re.compile(r"(?<=[\u2e80-\u9fff”’%℃])[,:;?!()]|[,:;?!()](?=[\u2e80-\u9fff“‘])")


def typeset(text: str) -> str:
    """Half-width punctuation beside Chinese becomes full width, as Chinese documents set it."""
    return _BESIDE_CHINESE.sub(lambda m: m[0].translate(_FULL), text)


def zh_date(day: date) -> str:
    """``2026年3月5日``: Arabic numerals without leading zeros, as GB/T 9704-2012 7.3.5.4 asks."""
    return f"{day.year}年{day.month}月{day.day}日"


def official_document(spec: OfficialDocument, into: Path, form: Form | None = None) -> Path:
    """Write ``spec`` to the file ``into``; ``form`` defaults to its suffix.

    :raises ValueError: no such form.
    """
    match _form(into, form):
        case "pdf":
            from samples import pdf

            data = pdf.official_document(spec)
        case "docx":
            from samples import word

            data = word.official_document(spec)
        case _:
            data = _plain(_document_lines(spec))
    into.write_bytes(data)
    return into


def report(spec: Report, into: Path, form: Form | None = None) -> Path:
    """Write ``spec`` to the file ``into``; ``form`` defaults to its suffix.

    :raises ValueError: no such form.
    """
    match _form(into, form):
        case "pdf":
            from samples import pdf

            data = pdf.report(spec)
        case "docx":
            from samples import word

            data = word.report(spec)
        case _:
            data = _plain(_report_lines(spec))
    into.write_bytes(data)
    return into


def photo(spec: Photo, into: Path) -> Path:
    """Write a JPEG, or a PNG when the suffix of ``into`` says so."""
    from samples import photo as drawing

    into.write_bytes(drawing.encode(spec, "PNG" if into.suffix.lower() == ".png" else "JPEG"))
    return into


def table_xlsx(spec: Table, into: Path) -> Path:
    """Write one worksheet with the title merged over the columns."""
    from samples import table

    into.write_bytes(table.xlsx(spec.lines(), columns=len(spec.header)))
    return into


def table_pdf(spec: Table, into: Path) -> Path:
    """Write pages with the table ruled on them."""
    from samples import table

    into.write_bytes(table.pdf(spec.lines(), columns=len(spec.header)))
    return into


def table_csv(spec: Table, into: Path, *, encoding: str = "utf-8-sig") -> Path:
    """Write comma separated values with CRLF ends, in ``encoding``."""
    from samples import table

    into.write_bytes(table.csv(spec.lines()).encode(encoding))
    return into


def _form(into: Path, form: str | None) -> str:
    form = form or into.suffix.lower().removeprefix(".")
    if form not in ("pdf", "docx", "txt"):
        raise ValueError(f"cannot lay out as {form!r}")
    return form


def attachment_lines(names: Sequence[str]) -> list[str]:
    """附件说明 as typed: one name alone is not numbered."""
    label = typeset("附件:")
    if len(names) == 1:
        return [label + names[0]]
    blank = "\u3000" * len(label)
    return [f"{label if n == 1 else blank}{n}.{name}" for n, name in enumerate(names, 1)]


def annexes(spec: OfficialDocument) -> list[tuple[str, str, tuple[str, ...]]]:
    """(附件 with its number when there are several, name, paragraphs) of the attachments that are there."""
    several = len(spec.attachments) > 1
    pairs = zip(spec.attachments, spec.annexes, strict=False)
    return [(f"附件{n}" if several else "附件", name, text) for n, (name, text) in enumerate(pairs, 1)]


def addressee_line(spec: OfficialDocument) -> str:
    return typeset(f"{spec.addressee}:")


def imprint(spec: OfficialDocument) -> tuple[str, tuple[str, str] | None]:
    """版记: the line of 抄送机关 ("" = none), and 印发机关 with 印发日期 (None = none)."""
    copies = typeset(f"抄送:{spec.copy_to}。") if spec.copy_to else ""
    if spec.printed_on is None:
        return copies, None
    office = spec.issuer if spec.issuer.endswith("办公室") else f"{spec.issuer}办公室"
    return copies, (office, f"{zh_date(spec.printed_on)}印发")


def figure_line(label: str, value: str) -> str:
    return typeset(f"{label}:") + value


def _document_lines(spec: OfficialDocument) -> list[str]:
    heads = [spec.copy_number, spec.secrecy, spec.urgency, spec.mark, spec.number, spec.draft_mark, *spec.title.split("\n")]
    lines = [h for h in heads if h]
    lines += ["", addressee_line(spec)] if spec.addressee else [""]
    lines += [f"\u3000\u3000{p}" for p in spec.paragraphs]
    lines += ["", *(f"\u3000\u3000{a}" for a in attachment_lines(spec.attachments))] if spec.attachments else []
    lines += ["", spec.issuer, *([zh_date(spec.issued_on)] if spec.issued_on else [])]
    for label, name, text in annexes(spec):
        lines += ["", label, name, *(f"\u3000\u3000{p}" for p in text)]
    copies, printed = imprint(spec)
    return lines + ([copies] if copies else []) + ([" ".join(printed)] if printed else [])


def _report_lines(spec: Report) -> list[str]:
    lines = [spec.title, "", *(f"\u3000\u3000{p}" for p in spec.paragraphs)]
    lines += [f"\u3000\u3000{figure_line(label, value)}" for label, value in spec.figures]
    return [*lines, "", spec.unit, *([zh_date(spec.issued_on)] if spec.issued_on else [])]


def _plain(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")
