"""Photographs inside documents: taken out as members of their own, each with the caption that stands beside it.

Only what may be a photograph of something: no scans (the page itself), icons, logos, seals or lines. The original JPEG or
PNG stays byte for byte what it was; anything else is written as PNG without loss.
"""

from __future__ import annotations

import io
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.text import display
from archive_schema.words import ReadState
from intake import container
from intake.filetype import DOCX
from intake.unpack import Member, Unpacked

PDF = "application/pdf"
SOURCES = frozenset({DOCX, PDF})

#: pixels of the long side, and square centimetres as shown, below which a picture is an icon, a logo or a seal (本项目默认;
#: a seal measures at most 4.5 cm across, 国发〔1999〕25号, so that it stays below 25 cm²)
LONG_SIDE = 400
AREA = 25.0
#: pixels beyond which a picture is not decoded, pictures of one document, share of a picture that may be transparent (ours)
PIXELS = 100_000_000
MOST = 500
_TRANSPARENT = 0.25
#: characters of a caption; a longer paragraph is running text (ours)
_CAPTION = 100
_LABEL = re.compile(r"^[\s(（【\[]*(?:图|照片|图片|附图|现场照片|实景图)")
_HEADING = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+\s*[、.．]|[(（][一二三四五六七八九十]+[)）]|第[一二三四五六七八九十\d]+[章节条]|附件)"
)
_LEFT = "文件中的图片没有全部取出;请把图片另行提交"
_MAGIC = {b"\xff\xd8\xff": ".jpg", b"\x89PN": ".png"}


class Picture(msgspec.Struct, frozen=True):
    """``data``: bytes of a picture file of any format; ``caption`` as it stands, or ""."""

    data: bytes
    caption: str = ""


def may_hold(reading: Reading) -> bool:
    """Only documents that could be read are looked into."""
    return reading.media_type in SOURCES and reading.state in (ReadState.READ, ReadState.PARTIAL)


def take_out(path: Path, media_type: str, into: Path, limits: Limits) -> tuple[Unpacked, str]:
    """Write the photographs of a document into the folder ``into`` (created here), and why some were left, in Chinese, or "".

    :raises OSError: the disk does not read or write.
    """
    into.mkdir(parents=True, exist_ok=True)
    members: list[Member] = []
    try:
        left = _write(path, media_type, into, limits, members)
    except OSError as e:
        if container.fault_of_disk(e) or container.fault_of_ours(e):
            raise
        left = _LEFT
    except Exception:  # noqa: BLE001 - the document was read; a broken picture, or one too large, must not take that away
        left = _LEFT
    return Unpacked(tuple(members)), left


def _write(path: Path, media_type: str, into: Path, limits: Limits, members: list[Member]) -> str:
    """Write one picture after the other, adding to ``members``; why it stopped, or ""."""
    from intake.pictures import pdf, word

    seen: set[str] = set()
    total = 0
    for picture in (word if media_type == DOCX else pdf).pictures(path, limits):
        found = whole(picture.data)
        if found is None:
            continue
        data, suffix = found
        digest = sha256(data).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        total += len(data)
        if len(members) >= MOST or total > limits.archive_bytes:
            return f"文件中图片过多,只取出前 {len(members)} 张"
        file = into / f"{len(members) + 1:06d}"
        file.write_bytes(data)
        name = f"图片{len(members) + 1}{suffix}"
        members.append(Member(name, file, len(data), caption=display(picture.caption, _CAPTION)))
    return ""


def caption(below: str, above: str, *, same: str = "") -> str:
    """Of the texts around a picture the one that speaks of it: what follows it in its own paragraph, what begins with 图 or
    照片, else a short one below that is no heading."""
    for text in (same, below, above):
        if text and (text is same or _LABEL.match(text)) and len(text.strip()) <= _CAPTION:
            return text.strip()
    text = below.strip()
    return text if text and len(text) <= _CAPTION and not _HEADING.match(text) else ""


def whole(data: bytes) -> tuple[bytes, str] | None:
    """The bytes to keep and their extension; None for what is no photograph or no picture at all."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if max(width, height) < LONG_SIDE or width * height > PIXELS or image.mode == "1":
                return None
            suffix = _MAGIC.get(data[:3], "")
            if suffix != ".jpg" and _seen_through(image):
                return None
            if suffix and getattr(image, "format", "") in ("JPEG", "MPO", "PNG"):
                return data, suffix
            mode = image.mode if image.mode in ("L", "RGB", "I;16") else "RGB"
            out = io.BytesIO()
            image.convert(mode).save(out, "PNG", compress_level=6)
            return out.getvalue(), ".png"
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, OverflowError, EOFError, ZeroDivisionError):
        return None  # what Pillow raises for bytes that are no picture: the document is judged by its own reader


def _seen_through(image: Any) -> bool:
    """A seal, a signature, a logo is cut out: much of it is transparent."""
    if image.mode not in ("RGBA", "LA", "PA", "La", "RGBa") and "transparency" not in image.info:
        return False
    alpha = image.convert("RGBA").resize((64, 64)).getchannel("A")
    return bool(sum(alpha.histogram()[:128]) > _TRANSPARENT * 64 * 64)
