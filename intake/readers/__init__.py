"""The readers: one module per family of formats. To add a format: a row in ``archive_schema.media`` and a module here.

A reader module has

``NAME``, ``VERSION``     ``NAME@VERSION`` is ``Reading.reader`` and the beginning of every fact's ``method``. The version
                          rises whenever the same bytes may give other facts (law 7: they are then read again).
``read(path, media_type, limits) -> Reading``

and keeps to this contract:

- It MUST NOT raise for a bad file: what is wrong with the bytes is a ``ReadState`` with a Chinese ``detail`` (DAMAGED,
  ENCRYPTED; PARTIAL and GAVE_UP say what was not read). ``MemoryError`` and ``OSError`` of the disk pass through;
  anything else that escapes is reported as GAVE_UP, never as the file's fault.
- It MUST be a function of the bytes: no clock, no file name, no network, no place.
- It MUST NOT write anything, anywhere. (A reader that needs another program gives it a folder in the scratch folder of the
  pool, ``tempfile``'s default in a child, and removes it.)
- It SHOULD import its heavy libraries inside ``read``: a child loads only what its files need.
- Text is cut at ``textual.TEXT_LIMIT`` and cleaned by ``textual.clean``.
- ``SECONDS``, if it has one, is what it may need beyond the time limit of all.
- A library or a program that is not part of every installation stands in ``COMPONENTS``: where it is missing there is no
  reader for the format, and the reading says what to install.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from pathlib import Path
from typing import Protocol, cast

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.media import of_type
from archive_schema.words import ReadState
from intake.filetype import DOC, DOCX, MHT, OFD, RTF, XLS, XLSX, ZIP

#: media type → module; imported when the first such file comes
REGISTRY: dict[str, str] = {
    "application/pdf": "intake.readers.pdf",
    DOCX: "intake.readers.docx",
    XLSX: "intake.readers.xlsx",
    "text/csv": "intake.readers.csvtext",
    "text/plain": "intake.readers.text",
    "image/jpeg": "intake.readers.image",
    "image/png": "intake.readers.image",
    "image/tiff": "intake.readers.image",
    "image/bmp": "intake.readers.image",
    "image/webp": "intake.readers.image",
    "image/gif": "intake.readers.image",
    "image/heic": "intake.readers.heic",
    DOC: "intake.readers.office",
    RTF: "intake.readers.office",
    XLS: "intake.readers.xls",
    OFD: "intake.readers.ofd",
    "text/html": "intake.readers.html",
    MHT: "intake.readers.html",
    ZIP: "intake.readers.ziparchive",
    "application/x-7z-compressed": "intake.readers.archive",
    "application/vnd.rar": "intake.readers.archive",
    "application/x-tar": "intake.readers.archive",
    "application/gzip": "intake.readers.archive",
    "application/x-bzip2": "intake.readers.archive",
    "application/x-xz": "intake.readers.archive",
}


class Component(msgspec.Struct, frozen=True):
    """What is not part of every installation. ``package``: how a Debian system calls it, "" for a library of ours."""

    name: str
    package: str = ""

    def present(self) -> bool:
        if self.package:
            return shutil.which(self.name) is not None
        return importlib.util.find_spec(self.name) is not None

    @property
    def remedy(self) -> str:
        return f"apt-get install {self.package}" if self.package else "pip install 'dangan[formats]'"


_OFFICE = Component("soffice", "libreoffice-writer-nogui")
#: media type → what its reader needs
COMPONENTS: dict[str, tuple[Component, ...]] = {
    "image/heic": (Component("pillow_heif"),),
    DOC: (_OFFICE,),
    RTF: (_OFFICE,),
    XLS: (Component("xlrd"),),
    "application/x-7z-compressed": (Component("py7zr"),),
    "application/vnd.rar": (Component("rarfile"), Component("bsdtar", "libarchive-tools")),
}

#: libraries that the readers above load; a child without one of them fails its self-test
LIBRARIES = ("pypdfium2", "docx", "openpyxl", "PIL")

_OTHERWISE = "请另存为 PDF 或常用 Office 格式后一并提交,或由审核人员查看后认定"
_LETTER = "请把邮件中的附件另存出来,作为单独的文件提交"
_HINTS = {
    "application/msword": "请用 Word 或 WPS 另存为 DOCX 或 PDF 后一并提交",
    "application/vnd.ms-excel": "请用 Excel 或 WPS 另存为 XLSX 后一并提交",
    "application/vnd.ms-powerpoint": "请导出为 PDF 后一并提交",
    "application/ofd": "请同时提交由 OFD 阅读器导出的 PDF",
    "application/rtf": "请另存为 DOCX 或 PDF 后一并提交",
    "image/heic": "请在手机中改为 JPEG 格式导出后提交",
    "application/x-7z-compressed": "请解压后直接提交文件,或改用 ZIP 压缩",
    "application/vnd.rar": "请解压后直接提交文件,或改用 ZIP 压缩",
    "application/x-tar": "请解压后直接提交文件,或改用 ZIP 压缩",
    "application/gzip": "请解压后直接提交文件,或改用 ZIP 压缩",
    "application/x-bzip2": "请解压后直接提交文件,或改用 ZIP 压缩",
    "application/x-xz": "请解压后直接提交文件,或改用 ZIP 压缩",
    "application/x-caj": "请用阅读器另存为 PDF 后提交",
    "message/rfc822": _LETTER,
    "application/vnd.ms-outlook": _LETTER,
    "application/x-executable": "可执行程序不是测评材料,请核对后撤回",
    "video/mp4": "如需作为实景材料,请同时提交截图",
    "video/x-msvideo": "如需作为实景材料,请同时提交截图",
}


class Unusable(Exception):
    """A file that its library does not open, or that must not be opened: what a reading of it says. ``detail``: Chinese."""

    def __init__(self, state: ReadState, detail: str) -> None:
        super().__init__(detail)
        self.state = state
        self.detail = detail


class Reader(Protocol):
    NAME: str
    VERSION: int

    def read(self, path: Path, media_type: str, limits: Limits) -> Reading: ...


def reader_for(media_type: str, extra: dict[str, str] | None = None) -> Reader | None:
    """The reader module of a media type (``extra`` before the registry), imported now; None = unsupported here.

    :raises ImportError: our own part is broken.
    """
    module = (extra or {}).get(media_type)
    if module is None and not missing(media_type):
        module = REGISTRY.get(media_type)
    return cast(Reader, importlib.import_module(module)) if module else None


def missing(media_type: str) -> tuple[Component, ...]:
    """What the format's reader needs and this machine does not have; looked at anew each time (some 30 µs), as it may be installed meanwhile."""
    return tuple(c for c in COMPONENTS.get(media_type, ()) if not c.present())


def seconds(reader: Reader | None) -> int:
    """What the reader may need beyond the time limit of all."""
    return int(getattr(reader, "SECONDS", 0))


def label(reader: Reader) -> str:
    return f"{reader.NAME}@{reader.VERSION}"


def unsupported(media_type: str) -> Reading:
    """No reader: unchecked, with the way out for the department."""
    hint = _HINTS.get(media_type, _OTHERWISE)
    lacking = "".join(f"本机缺少 {c.name},请管理员安装({c.remedy});或" for c in missing(media_type))
    return Reading(media_type, "", ReadState.UNSUPPORTED, detail=f"{of_type(media_type).name}的内容未读取,未检;{lacking}{hint}")
