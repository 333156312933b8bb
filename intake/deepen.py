"""The second look at what has no text layer: scanned PDF pages and pictures of pages, by OCR where it is installed.

A reader's label says how far this went, so that a file is read again when more is possible (law 7), and only then:

``pdf@2``          nothing in it needs OCR
``pdf@2+ocr@0``    something does, and was not read
``pdf@2+ocr@1``    head and signature were read
``pdf@2+ocr@1f``   whole pages were read

Of a photograph that is no page, the corners in which something is printed are read (``intake.marks``), of all other photographs the
lettering only where OCR was asked for whole pages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits, OcrMode
from archive_schema.evidence import Fact, Reading
from archive_schema.words import ReadState
from intake import ocr, readers, scan
from intake.marks import spoken
from intake.marks.paper import BROKEN, FRAMES, looks_like_page
from intake.readers import image, pdf

_PDF = "application/pdf"
_LABEL = re.compile(r"^(?P<base>.+?)\+ocr@(?P<version>\d+)(?P<full>f?)$")
#: rows of text below which a picture is no page of a document (ours)
_ROWS = 6
#: short side in pixels of a picture given to OCR: a photographed page fills its picture less than a scan does
_SIDE = 1500


def wanted(reading: Reading, limits: Limits) -> bool:
    """True when OCR would tell more than ``reading`` does, and can be had."""
    opened = reading.state in (ReadState.READ, ReadState.PARTIAL)
    return opened and "secrecy" not in reading.facts and upgraded(reading.reader, limits) != reading.reader


def upgraded(label: str, limits: Limits) -> str:
    """The label after all the OCR that is possible now; ``label`` itself when that is no more than was done."""
    m = _LABEL.match(label)
    mode = limits.ocr if ocr.available() else "off"
    if m is None and mode == "full" and label.startswith(f"{image.NAME}@"):
        return label + ocr.suffix("full")  # lettering may stand anywhere
    if m is None or mode == "off":
        return label
    done = (int(m["version"]), m["full"] == "f")
    if done[0] == ocr.VERSION and (done[1] or mode == "auto"):
        return label
    # what was once read whole is not read less when the engine changes
    return m["base"] + ocr.suffix("full" if mode == "full" or done[1] else "auto")


def depth(label: str) -> OcrMode:
    """How far OCR went for what this label stands for."""
    m = _LABEL.match(label)
    if m is None or m["version"] == "0":
        return "off"
    return "full" if m["full"] else "auto"


def current(media_type: str, before: str, limits: Limits) -> str:
    """The label under which a file last read as ``before`` would be read now; another than ``before`` = read it again.

    Where nothing in a file was for OCR it stays so; what was recognised is not unread when OCR is gone or switched off.

    :param before: ``Reading.reader``; "" when there was no reader for the format.
    """
    reader = readers.reader_for(media_type)
    if reader is None:
        return before
    m = _LABEL.match(before)
    if m is None:
        return upgraded(readers.label(reader), limits)
    return upgraded(before.replace(m["base"], readers.label(reader), 1), limits)


def deepen(path: Path, reading: Reading, limits: Limits) -> Reading:
    """``reading`` with what OCR reads; its label says so. Keeps to the contract of ``readers``."""
    label = upgraded(reading.reader, limits)
    if reading.media_type == _PDF:
        return pdf.recognise(path, reading.media_type, limits)
    return _picture(path, msgspec.structs.replace(reading, reader=label), limits)


def failed(reading: Reading, limits: Limits, why: str) -> Reading:
    """``reading`` when OCR came to nothing: it stays as it was, says so, and is not tried every night again."""
    detail = "".join([reading.detail, ";" if reading.detail else "", f"文字识别没有完成: {why}"])
    label = upgraded(reading.reader, limits)
    return msgspec.structs.replace(reading, state=ReadState.PARTIAL, detail=detail, reader=label, volatile=True)


def _picture(path: Path, reading: Reading, limits: Limits) -> Reading:
    return (_page(path, reading, limits) if looks_like_page(path) else None) or _photograph(path, reading, limits)


def _page(path: Path, reading: Reading, limits: Limits) -> Reading | None:
    """None = a picture after all."""
    from PIL import Image

    with Image.open(path) as picture:
        count = getattr(picture, "n_frames", 1)
        looked = range(1, min(FRAMES, count) + 1)
        seen = scan.recognise(lambda n: _frame(picture, n), looked, count, limits)
    if seen.secrecy is None and seen.lines < _ROWS and not seen.late:
        return None
    facts = dict(reading.facts) | scan.document_facts(seen, {}, base=reading.reader)
    text = scan.text_of(seen, {})
    if len(seen.whole) == count:
        facts["text_chars"] = Fact(value=len("".join(text.split())), method=ocr.LABEL)
    detail = f"文件页的图片,{scan.note(seen)}"
    if count > FRAMES:
        detail += f";页数过多,只看了前 {FRAMES} 页"
    return msgspec.structs.replace(reading, state=ReadState.PARTIAL, facts=facts, text=text, detail=detail)


def _photograph(path: Path, reading: Reading, limits: Limits) -> Reading:
    """Its lettering; the text of what is written in the scene is not kept."""
    from PIL import Image

    boxes = image.printed(reading)
    whole = limits.ocr == "full"
    if not boxes and not whole:
        return reading
    with Image.open(path) as picture:
        frame = _frame(picture, 0)
    if frame is None:
        return reading
    found = reading.facts.get("watermark")
    more = spoken.facts(frame, boxes, whole=whole, found=found.value if found is not None else ())
    return msgspec.structs.replace(reading, facts=dict(reading.facts) | more, volatile=True)


def _frame(picture: Any, n: int) -> Any:
    """Pixels of frame ``n``, upright as the camera says, no larger than is read; None when it is broken."""
    import numpy as np
    from PIL import Image, ImageOps

    try:
        picture.seek(n)
        share = min(1.0, _SIDE / max(1, min(picture.size)))
        picture.draft("RGB", (int(picture.width * share), int(picture.height * share)))
        frame = ImageOps.exif_transpose(picture)
        if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
            ground = Image.new("RGBA", frame.size, (255, 255, 255, 255))
            ground.alpha_composite(frame.convert("RGBA"))
            frame = ground
        frame = frame.convert("RGB")
    except BROKEN:
        return None
    share = min(1.0, _SIDE / min(frame.size), 3 * _SIDE / max(frame.size))
    if share < 1:
        frame = frame.resize((round(frame.width * share), round(frame.height * share)), Image.Resampling.LANCZOS)
    return np.asarray(frame)
