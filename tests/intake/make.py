"""Small files of every sort, made where they are needed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from PIL import Image


def pdf(path: Path, pages: list[list[str]], *, password: str = "") -> Path:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    c = canvas.Canvas(str(path), encrypt=password or None)
    for lines in pages:
        c.setFont("STSong-Light", 14)
        for n, line in enumerate(lines):
            c.drawString(70, 780 - 24 * n, line)
        c.showPage()
    c.save()
    return path


def scan(path: Path, text_pages: int = 0, scanned: int = 1) -> Path:
    """A PDF with pages of text and then pages that are only a picture."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    c = canvas.Canvas(str(path))
    for _ in range(text_pages):
        c.drawString(70, 700, "This page has a text layer of its own.")
        c.showPage()
    for _ in range(scanned):
        c.drawImage(ImageReader(photo()), 0, 0, 500, 700)
        c.showPage()
    c.save()
    return path


def photo(size: tuple[int, int] = (400, 300)) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert("RGB")


def jpeg(
    size: tuple[int, int] = (400, 300), exif: dict[int, object] | None = None, gps: dict[int, object] | None = None
) -> bytes:
    """``exif``: tags; those of the Exif directory (from 0x9000) go there."""
    out = io.BytesIO()
    tags = Image.Exif()
    for tag, value in (exif or {}).items():
        (tags.get_ifd(0x8769) if tag >= 0x9000 else tags)[tag] = value
    if gps:
        tags.get_ifd(0x8825).update(gps)
    photo(size).save(out, "JPEG", exif=tags)
    return out.getvalue()


def png(size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    photo(size).save(out, "PNG")
    return out.getvalue()


def bomb_png(width: int, height: int) -> bytes:
    """A PNG whose header promises ``width`` × ``height`` pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def docx(path: Path, lines: list[str], table: list[list[str]] | None = None) -> Path:
    import docx as library

    document = library.Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        grid = document.add_table(rows=len(table), cols=len(table[0]))
        for r, row in enumerate(table):
            for c, cell in enumerate(row):
                grid.cell(r, c).text = cell
    document.save(str(path))
    return path


def xlsx(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def zipped(path: Path, members: dict[str, bytes] | list[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items() if isinstance(members, dict) else members:
            z.writestr(name, data)
    return path


def gbk_zipped(path: Path, names: dict[str, bytes]) -> Path:
    """As Chinese Windows programs write it: names in GBK, the UTF-8 flag not set."""

    class Info(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode("gbk"), self.flag_bits & ~0x800

    with zipfile.ZipFile(path, "w") as z:
        for name, data in names.items():
            z.writestr(Info(name), data)
    return path


def locked_zip(path: Path, name: str) -> Path:
    """A ZIP whose member claims to have a password (bit 0 of its flags, in both headers)."""
    zipped(path, {name: b"secret bytes"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at] |= 1
    path.write_bytes(bytes(data))
    return path


def ole(path: Path, *streams: str) -> Path:
    """A compound file ([MS-CFB]) of one directory sector with the named streams, all empty."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", header, 44, 1, 1)  # one FAT sector; the directory starts at sector 1
    struct.pack_into("<109I", header, 76, 0, *([0xFFFFFFFF] * 108))
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *([0xFFFFFFFF] * 126))
    directory = bytearray()
    for name in ("Root Entry", *streams):
        raw = name.encode("utf-16-le") + b"\0\0"
        directory += raw.ljust(64, b"\0") + struct.pack("<H", len(raw)) + bytes(62)
    path.write_bytes(bytes(header) + fat + bytes(directory).ljust(512, b"\0"))
    return path


def crowded_zip(path: Path, count: int, ending: str) -> Path:
    """So many empty members, the end of whose names is given, in a directory alone: all that lies before it is the first."""
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0x800, 0, 0, 33, 0, 0, 0, 1, 0) + b"0"
    names = [f"{n}{ending}".encode() for n in range(count)]
    entry = struct.Struct("<4sHHHHHHIIIHHHHHII")
    entries = b"".join(entry.pack(b"PK\1\2", 20, 20, 0x800, 0, 0, 33, 0, 0, 0, len(n), 0, 0, 0, 0, 0, 0) + n for n in names)
    at = len(local) + len(entries)
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(entries), len(local))
    end += b"PK\6\7" + struct.pack("<IQI", 0, at, 1)
    path.write_bytes(local + entries + end + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0))
    return path
