"""``python -m benchmarks.floors.opening LIST``: which files the bare library of their form opens and reads to the end.

A line of LIST is a media type, a tab, a path; a line of the answer is ``1`` or ``0``, a tab, and for a PDF the digest of its text.
Every file in a process of its own, forked after the imports, ended after a minute: bare libraries crash and hang on such files.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path

from benchmarks.floors import texts

SECONDS = 60


def opened(media_type: str, path: str) -> str:
    """The digest of a PDF's text, "" for other forms.

    :raises Exception: whatever the library raises.
    :raises ValueError: no bare library for the form.
    """
    if media_type == "application/pdf":
        return texts.digest(texts.text(path))
    if media_type.endswith("wordprocessingml.document"):
        import docx

        document = docx.Document(path)
        "\n".join([p.text for p in document.paragraphs] + [c.text for t in document.tables for r in t.rows for c in r.cells])
    elif media_type.endswith("spreadsheetml.sheet"):
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            for _ in sheet.iter_rows(values_only=True):
                pass
    elif media_type == "application/vnd.ms-excel":
        import xlrd

        for sheet in xlrd.open_workbook(path, logfile=io.StringIO()).sheets():
            for n in range(sheet.nrows):
                sheet.row_values(n)
    elif media_type.startswith("image/"):
        from PIL import Image

        with Image.open(path) as image:
            image.load()
    else:
        raise ValueError(media_type)
    return ""


def main(listed: Path) -> None:
    import docx  # noqa: F401 - once for all
    import openpyxl  # noqa: F401
    import pypdfium2  # noqa: F401
    from PIL import Image

    Image.init()
    for line in listed.read_text("utf-8").splitlines():
        media_type, path = line.split("\t", 1)
        out, into = os.pipe()
        if not (child := os.fork()):
            answer = b"0\t"
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                signal.alarm(SECONDS)
                answer = f"1\t{opened(media_type, path)}".encode()
            except BaseException:  # noqa: BLE001 - did not open, whatever the library calls it
                answer = b"0\t"
            finally:
                os.write(into, answer)
                os._exit(0)
        os.close(into)
        with open(out, "rb") as pipe:  # noqa: PTH123 - a descriptor
            answer = pipe.read() or b"0\t"
        os.waitpid(child, 0)
        print(answer.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
