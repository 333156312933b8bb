"""图片说明: what is said of a picture outside its bytes.

A pure function of the source: the same picture sent twice under two names has two captions.
"""

from __future__ import annotations

import re

from archive_schema.evidence import Fact, FormRow
from archive_schema.machine_names import given
from archive_schema.text import display
from archive_schema.words import CaptionFrom

_LEADING = re.compile(r"^(?:[(（]?\d{1,3}[)）]?[-_.、\s]+)+")
_LIMIT = 500


def caption(name: str, form: FormRow | None, sidecar: str | None, parent: str | None = None) -> Fact | None:
    """The caption of a picture: the form's title, the text beside it, its document's, or a file name that says something.

    The first that there is; the others are kept as other readings.

    :param name: file name or path as sent.
    :param sidecar: text of the file that ``sidecar_names`` names, or None.
    :param parent: what the document that the picture stands in says of it (the line below it, else its title), or None.
    """
    said = (
        (form.title if form else "", CaptionFrom.FORM),
        (sidecar or "", CaptionFrom.SIDECAR),
        (parent or "", CaptionFrom.DOCUMENT),
        (name_that_tells(name), CaptionFrom.NAME),
    )
    values = [(display(raw, _LIMIT), raw, how) for raw, how in said if raw.strip()]
    if not values:
        return None
    value, raw, how = values[0]
    others = tuple(dict.fromkeys(v for v, _, _ in values[1:] if v != value))
    return Fact(value=value, raw=raw[:_LIMIT], method=how.value, others=others)


def sidecar_names(path: str) -> tuple[str, ...]:
    """Where the caption of the picture at ``path`` may lie: ``a/b.txt`` or ``a/b.jpg.txt`` for ``a/b.jpg``."""
    stem = path[: path.rfind(".")] if "." in path.rsplit("/", 1)[-1] else path
    return tuple(dict.fromkeys(f"{base}{end}" for base in (stem, path) for end in (".txt", ".TXT")))


def name_that_tells(path: str) -> str:
    """The file's name without its ending and leading numbers; "" where a camera, telephone or messenger gave it."""
    name = path.rsplit("/", 1)[-1]
    stem = name[: name.rfind(".")] if name.rfind(".") > 0 else name
    if given(stem):
        return ""
    stem = _LEADING.sub("", stem)
    return stem if len(stem) >= 2 and not given(stem) else ""
