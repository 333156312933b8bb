"""Plain text on a terminal: how wide Chinese text is, and colours when they are asked for."""

from __future__ import annotations

import unicodedata

from archive_schema.words import CellState

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "grey": "90", "bold": "1"}
STATE_COLOURS = {
    CellState.MISSING: "red",
    CellState.UNUSABLE: "yellow",
    CellState.IN_REVIEW: "blue",
    CellState.USABLE: "green",
    CellState.NOT_APPLICABLE: "grey",
}


def width(text: str) -> int:
    """Columns that ``text`` takes: wide and full-width characters 2, combining marks 0, all others 1."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(text: str, columns: int) -> str:
    """``text`` in at most ``columns`` columns, the cut marked by …."""
    if width(text) <= columns:
        return text
    out, used = "", 0
    for c in text:
        w = width(c)
        if used + w > columns - 1:
            break
        out, used = out + c, used + w
    return out + "…" if columns > 0 else ""


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """``text`` filled with spaces to ``columns`` columns; ``right`` aligns it right."""
    fill = " " * max(0, columns - width(text))
    return fill + text if right else text + fill


def paint(text: str, colour: str, on: bool) -> str:
    """``text`` in a colour of ``_COLOURS`` when ``on``, else as it is."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if on else text


def heading(text: str, on: bool) -> str:
    """A section heading."""
    return paint(f"【{text}】", "bold", on)
