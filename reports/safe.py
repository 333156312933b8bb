"""Text of users made safe to show: control, direction and surrogate characters out, formulas disarmed.

The one home of three rules: what may stand on a line, what a spreadsheet must not take for a formula, and what a sheet's
name may be. Escaping for HTML is the template engine's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from archive_schema.text import display

#: Longest text of an Excel cell, in characters (ECMA-376 part 1, 18.3.1.96 as Excel limits it).
CELL_LIMIT = 32_767
#: What spreadsheet programs take for the start of a formula, the full-width forms too (Excel with a Chinese keyboard).
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NONCHARACTER = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>()#+.!|~-]")
_SHEET = re.compile(r"[\[\]:*?/\\]")


def line(text: str, limit: int = 0) -> str:
    """``text`` on one line, cut at ``limit`` characters (0 = never); every replaced character shows as �.

    The result encodes as UTF-8 and is legal in XML, whatever came in.
    """
    if not (text.isprintable() and "  " not in text and text == text.strip()):
        text = _NONCHARACTER.sub("\ufffd", display(text))
    return text[: limit - 1] + "…" if limit and len(text) > limit else text


def block(text: str, limit: int = CELL_LIMIT) -> str:
    """``text`` for a cell: line feeds and spaces stay as they are, so that a sheet read back gives the same words.

    Other control, direction and surrogate characters show as �; every sort of line break becomes a line feed.
    """
    if not text.isprintable():
        text = _BREAK.sub("\n", text).replace("\t", " ")
        text = "".join("\ufffd" if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
        text = _NONCHARACTER.sub("\ufffd", text)
    return text[: limit - 1] + "…" if len(text) > limit else text


def markdown(text: str) -> str:
    """``text`` on one line in which Markdown finds nothing of its own."""
    return _MARKDOWN.sub(r"\\\g<0>", line(text))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might take the text for a formula."""
    return text.startswith(_FORMULA)


def csv_cell(value: object) -> str:
    """A value for CSV: one line, and an apostrophe before what would be a formula. Numbers stay numbers."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    text = block(str(value)).replace("\n", " ")
    return "'" + text if is_formula(text.lstrip()) else text


def sheet_name(wanted: str, taken: Container[str]) -> str:
    """A name Excel accepts (≤ 31 characters, none of ``[]:*?/\\``) and that is not in ``taken`` (lower-case names)."""
    base = _SHEET.sub(" ", line(wanted)).strip().strip("'").strip() or "未命名"
    if base.lower() == "history":  # reserved by Excel
        base += "_"
    name, n = base[:31], 1
    while name.lower() in taken:
        n += 1
        tail = f"({n})"
        name = base[: 31 - len(tail)] + tail
    return name
