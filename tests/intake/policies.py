"""The State Council documents of the real inputs, cut into elements and laid out as PDF and DOCX.

The texts open with the publisher's own field list; it is the ground truth and is cut off before anything is laid out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from archive_schema.dates import parse_date

#: The publisher's field list says 17 April; the document itself is signed 二〇〇四年四月二十七日. What is signed counts.
SIGNED_OTHERWISE = {"国办函〔2004〕36号": "2004-04-27"}


@dataclass(frozen=True)
class Policy:
    number: str
    issuer: str
    title: str
    issued_on: str
    title_lines: list[str]
    after: list[str] = field(default_factory=list)  # from the 主送机关 to the end
    listed: list[str] = field(default_factory=list)  # the whole text with the publisher's list


def load(real_inputs: Path) -> list[Policy]:
    return [_policy(json.loads(line)) for line in (real_inputs / "policies.jsonl").read_text("utf-8").splitlines()]


def _policy(data: dict[str, str]) -> Policy:
    text = data["text"]
    fields, _, body = text.partition("主 题 词：")
    listed_date = re.search(r"成文日期：\s*(\S+)", fields)
    assert listed_date is not None
    read = parse_date(listed_date[1])
    assert read is not None
    debris = re.compile(r"&\w*;|扫一扫在手机打开当前页|-->")  # of the web page, in no document
    lines = [s for line in body.split("\n") if (s := debris.sub("", line).strip())]
    at = next(n for n, line in enumerate(lines) if line.replace(" ", "") == data["number"])
    first = 0
    while "".join(lines[first:at]).replace(" ", "") != data["title"].replace(" ", ""):
        first += 1  # the subject words of the list stand above the title
    listed = [s for line in text.split("\n") if (s := debris.sub("", line).strip())]
    return Policy(
        number=data["number"],
        issuer=data["issuer"],
        title=data["title"],
        issued_on=SIGNED_OTHERWISE.get(data["number"], read.value),
        title_lines=lines[first:at],
        after=lines[at + 1 :],
        listed=listed,
    )


def standard(policy: Policy) -> list[tuple[str, str]]:
    """(style, text) as GB/T 9704-2012 orders them: red head, number, title, the rest."""
    organs = policy.issuer.split("、")
    head = [("red", o) for o in organs[:-1]] + [("red", f"{organs[-1]}文件")]
    titles = [("title", t) for t in policy.title_lines]
    return [*head, ("number", policy.number), *titles, *_rest(policy)]


def web(policy: Policy) -> list[tuple[str, str]]:
    """(style, text) as a web page prints them: title, number, the rest."""
    return [*(("title", t) for t in policy.title_lines), ("number", policy.number), *_rest(policy)]


def _rest(policy: Policy) -> list[tuple[str, str]]:
    out = [("flush", policy.after[0])]
    for n, line in enumerate(policy.after[1:], 1):
        nxt = policy.after[n + 1] if n + 1 < len(policy.after) else ""
        right = parse_date(line) is not None or parse_date(nxt) is not None
        out.append(("right" if right else "body", line))
    return out


def write_pdf(path: Path, parts: list[tuple[str, str]]) -> None:
    from reportlab.lib.colors import black, red
    from reportlab.lib.enums import TA_CENTER, TA_RIGHT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    base = {"fontName": "STSong-Light", "fontSize": 16, "leading": 28, "wordWrap": "CJK"}
    styles = {
        "red": ParagraphStyle("red", **{**base, "fontSize": 36, "leading": 50}, textColor=red, alignment=TA_CENTER),
        "number": ParagraphStyle("number", **base, alignment=TA_CENTER, spaceAfter=20),
        "title": ParagraphStyle("title", **{**base, "fontSize": 22, "leading": 34}, alignment=TA_CENTER),
        "flush": ParagraphStyle("flush", **base, spaceBefore=12),
        "body": ParagraphStyle("body", **base, firstLineIndent=32),
        "right": ParagraphStyle("right", **base, alignment=TA_RIGHT, rightIndent=48),
    }

    def page_number(canvas: object, doc: object) -> None:
        canvas.setFont("STSong-Light", 14)  # type: ignore[attr-defined]
        canvas.setFillColor(black)  # type: ignore[attr-defined]
        canvas.drawCentredString(300, 40, f"— {doc.page} —")  # type: ignore[attr-defined]

    doc = SimpleDocTemplate(str(path), pagesize=A4, leftMargin=79, rightMargin=74, topMargin=105, bottomMargin=99)
    escape = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    doc.build([Paragraph(t.translate(escape), styles[s]) for s, t in parts], onFirstPage=page_number, onLaterPages=page_number)


def write_docx(path: Path, parts: list[tuple[str, str]]) -> None:
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    align = {"red": "CENTER", "number": "CENTER", "title": "CENTER", "right": "RIGHT"}
    document = docx.Document()
    titles = [t for s, t in parts if s == "title"]
    done = False
    for style, text in parts:
        if style == "title":  # one paragraph with line breaks, as typists do
            if done:
                continue
            text, done = "\n".join(titles), True
        paragraph = document.add_paragraph(text)
        if style in align:
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align[style])
    document.save(str(path))
