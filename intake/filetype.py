"""True type of a file by its content, as a media type of ``archive_schema.media``.

Magic bytes decide; OOXML, OFD and plain ZIP are told apart by the container's directory, OLE files by their stream
names. The extension is asked only where content cannot tell (CSV against text, a container too damaged to open).
"""

from __future__ import annotations

import codecs
import re
import struct
import zipfile
from pathlib import Path

from archive_schema.media import UNKNOWN, of_name
from intake import container, ole, textual

_OOXML = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OOXML}.wordprocessingml.document"
XLSX = f"{_OOXML}.spreadsheetml.sheet"
PPTX = f"{_OOXML}.presentationml.presentation"
OFD = "application/ofd"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
RTF = "application/rtf"
MHT = "multipart/related"
MAIL = "message/rfc822"
ODF = "application/vnd.oasis.opendocument"

_HEAD = 65_536
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"{\\rtf", RTF),
    (b"CAJ\x00", "application/x-caj"),
    (b"HN\x00\x00", "application/x-caj"),
    (b"KDH ", "application/x-caj"),
    (b"ID3", "audio/mpeg"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-executable"),
)
#: brands of ISO/IEC 23008-12 (HEIF); ``mif1`` and ``msf1`` say only that it is a picture, or several
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
_PARTS = ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX), (b"OFD.xml", OFD))
_OLE_STREAMS = (
    ("WordDocument", DOC),  # WPS 文字 writes the same
    ("Workbook", XLS),  # WPS 表格 too
    ("Book", XLS),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),  # MS-OXMSG 2.4
)
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta)\b", re.I | re.S)
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*: ?\S")


def true_type(path: Path, name: str) -> str:
    """Media type of the bytes at ``path``; ``name`` carries the extension.

    :raises OSError: the file cannot be read.
    """
    with path.open("rb") as f:
        head = f.read(_HEAD)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip_type(path, head, name)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_type(path, name)
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN.media_type)
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in _HEIF else "video/mp4"
    if head[:2] == b"BM" and len(head) > 26 and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head[:3] == b"BZh" and head[4:10] == b"1AY&SY":
        return "application/x-bzip2"
    if head[257:262] == b"ustar" or old_tar(head):
        return "application/x-tar"
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    return _text_type(head, name)


def _zip_type(path: Path, head: bytes, name: str) -> str:
    try:
        if container.crowded(path):
            raise ValueError("more entries than are looked at")
        with zipfile.ZipFile(path) as z:
            members = set(z.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError, ValueError, struct.error):
        # no directory (cut off), or one too long: what the first members are called still tells
        return next((t for part, t in _PARTS if part in head), _claimed(name, {DOCX, XLSX, PPTX, OFD}) or ZIP)
    if "OFD.xml" in members:
        return OFD
    if "[Content_Types].xml" in members:  # a package, whatever lies in it: its parts are no files that anybody sent
        found = (t for part, t in _PARTS if any(m.startswith(part.decode()) for m in members))
        return next(found, UNKNOWN.media_type)
    if head[30:38] == b"mimetype":  # the first member says what the package is (OpenDocument 1.2 part 3, 3.3)
        return ODF if ODF.encode() in head[:200] else UNKNOWN.media_type
    return ZIP


def _ole_type(path: Path, name: str) -> str:
    found = ole.read(path)
    everything = {*found.streams, *found.storages}
    if "EncryptedPackage" in everything:  # a Word or Excel file with a password is wrapped in an OLE file
        return _claimed(name, {DOCX, XLSX, PPTX}) or OLE
    for place in (found.top, everything):  # the second for a directory whose tree is broken
        for stream, media_type in _OLE_STREAMS:
            if stream in place:
                return media_type
    return _claimed(name, {DOC, XLS}) or OLE if found.cut else OLE


def old_tar(head: bytes) -> bool:
    """A TAR from before POSIX has no magic, but a check sum that agrees (sum of the header, its own field as spaces)."""
    if len(head) < 512 or not head[0] or head[148:156].strip(b"\0 ") == b"":
        return False
    try:
        stated = int(head[148:156].strip(b"\0 "), 8)
    except ValueError:
        return False
    return stated == sum(head[:148]) + sum(head[156:512]) + 8 * 0x20


def _text_type(head: bytes, name: str) -> str:
    if not head:
        return _claimed(name, None) or UNKNOWN.media_type
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = head[:8192].decode("utf-16", "ignore").encode("utf-8", "ignore")
    else:
        start = head.removeprefix(codecs.BOM_UTF8)
    if _HTML.match(start[:4096]):
        return "text/html"
    if _mht(start):
        return MHT
    if _letter(start, name):
        return MAIL
    if textual.decode(head, whole=len(head) < _HEAD) is None:
        return UNKNOWN.media_type
    claimed = of_name(name)
    return "text/csv" if claimed is not None and claimed.family == "table" else "text/plain"


def _mht(head: bytes) -> bool:
    """A web page in one file (RFC 2557): the headers of a letter whose body is a page with its pictures."""
    headers = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    if not _HEADER_LINE.match(headers):
        return False
    return bool(re.search(rb"(?im)^mime-version:", headers)) and bool(
        re.search(rb"(?is)\ncontent-type:\s*(?:multipart/(?:related|alternative)|text/html)", b"\n" + headers)
    )


def _letter(head: bytes, name: str) -> bool:
    """An e-mail (RFC 5322): headers, among them who sends it, and that it is in parts or is called a letter."""
    headers = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    if not _HEADER_LINE.match(headers) or not re.search(rb"(?im)^(?:from|x-sender|return-path):", headers):
        return False
    return bool(re.search(rb"(?im)^mime-version:", headers)) or _claimed(name, {MAIL}) is not None


def _claimed(name: str, among: set[str] | None) -> str | None:
    claimed = of_name(name)
    return claimed.media_type if claimed and (among is None or claimed.media_type in among) else None
