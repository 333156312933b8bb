"""Opening, not reading: does a file still open to its end by the library that reads its form? For children of ``ReaderPool``.

A reader in the sense of ``intake.readers`` without facts: every page, paragraph, cell and pixel is gone through, nothing is made of
it. A file that does not open here is asked about again with the reader that took it in, whose word counts.
"""

from __future__ import annotations

from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import ReadState

NAME = "open"
VERSION = 1

_PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument"
_DOCX, _XLSX = f"{_OOXML}.wordprocessingml.document", f"{_OOXML}.spreadsheetml.sheet"
_PICTURES = ("image/jpeg", "image/png", "image/tiff", "image/bmp", "image/webp", "image/gif")

#: media type → this module, as ``ReaderPool`` takes it; other forms are opened by their own readers
READERS = dict.fromkeys((_PDF, _DOCX, _XLSX, *_PICTURES), __name__)


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    """PARTIAL, since it was opened and not read (so nobody looks for text in a picture either); DAMAGED when the library refuses."""
    try:
        if media_type == _PDF:
            _pdf(path)
        elif media_type == _DOCX:
            _docx(path)
        elif media_type == _XLSX:
            _xlsx(path)
        else:
            _picture(path)
    except (MemoryError, RecursionError, ImportError):
        raise
    except Exception as e:  # noqa: BLE001 - each library has its own; whatever it is, it did not open
        return Reading(media_type, f"{NAME}@{VERSION}", ReadState.DAMAGED, detail=type(e).__name__)
    return Reading(media_type, f"{NAME}@{VERSION}", ReadState.PARTIAL)


def _pdf(path: Path) -> None:
    import pypdfium2

    from intake.readers import standin

    with standin.boxes():  # whether it opens must not hang on the fonts of the machine
        document = pypdfium2.PdfDocument(path)
        try:
            for page in document:
                text = page.get_textpage()
                text.get_text_bounded()
                text.close()
                page.close()
        finally:
            document.close()


def _docx(path: Path) -> None:
    import docx

    for part in docx.Document(str(path)).element.body.iter():
        part.text  # noqa: B018 - parsed, and gone through


def _xlsx(path: Path) -> None:
    import openpyxl

    with path.open("rb") as f:
        book = openpyxl.load_workbook(f, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                for _ in sheet.iter_rows(values_only=True):
                    pass
        finally:
            book.close()


def _picture(path: Path) -> None:
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()
