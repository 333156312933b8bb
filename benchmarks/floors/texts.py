"""``python -m benchmarks.floors.texts LIST``: the text of the PDF files named in LIST, by bare pypdfium2 in two processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import unicodedata
from pathlib import Path

PROCESSES = 2


def characters(path: str) -> int:
    """Characters of all pages, without white space."""
    return len("".join(text(path).split()))


def text(path: str) -> str:
    """Pages separated by form feeds.

    :raises pypdfium2.PdfiumError: it does not open, or a page does not load.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        pages = []
        for page in document:
            textpage = page.get_textpage()
            pages.append(textpage.get_text_bounded())
            textpage.close()
            page.close()
        return "\f".join(pages)
    finally:
        document.close()


def digest(text: str) -> str:
    """Of the text without white space, control characters and lone surrogates, compatibility forms as what they stand for."""
    kept = "".join(
        c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cs")
    )
    return hashlib.sha256(kept.encode("utf-8")).hexdigest()


def main(listed: Path) -> None:
    files = listed.read_text("utf-8").splitlines()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        done = list(pool.imap_unordered(characters, files, chunksize=4))
    print(len(done), sum(done))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
