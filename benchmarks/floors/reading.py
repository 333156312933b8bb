"""``python -m benchmarks.floors.reading INBOX OUT``: hash, text and a safe copy of every file, by two processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
from pathlib import Path

PROCESSES = 2


def text_of(path: Path) -> str:
    """The text by the bare library of its form; of a picture only that it is whole."""
    match path.suffix.lower():
        case ".pdf":
            import pypdfium2

            document = pypdfium2.PdfDocument(path)
            text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
            document.close()
            return text
        case ".docx":
            import docx

            opened = docx.Document(str(path))
            cells = [c.text for t in opened.tables for row in t.rows for c in row.cells]
            return "\n".join([p.text for p in opened.paragraphs] + cells)
        case ".xlsx":
            import openpyxl

            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
            text = "\n".join("\t".join("" if c is None else str(c) for c in row) for row in rows)
            book.close()
            return text
        case ".jpg":
            from PIL import Image

            with Image.open(path) as picture:
                picture.load()
            return ""
    raise ValueError(f"no floor for {path.name}")


def take_in(job: tuple[Path, Path]) -> tuple[str, int]:
    """(SHA-256, characters) of a file that now lies in the folder under its digest, on the disk."""
    path, out = job
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    characters = len(text_of(path))
    with (out / digest).open("wb") as copy:
        copy.write(data)
        copy.flush()
        os.fsync(copy.fileno())
    return digest, characters


def main(inbox: Path, out: Path) -> None:
    out.mkdir(parents=True)
    jobs = [(p, out) for p in sorted(inbox.rglob("*")) if p.is_file()]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        done = list(pool.imap_unordered(take_in, jobs, chunksize=4))
    print(len(done), sum(characters for _, characters in done))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
