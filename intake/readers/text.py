"""Plain text in any of the encodings found in offices, and what it says of the document."""

from __future__ import annotations

from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.words import ReadState
from intake import textual
from intake.gongwen import read_facts
from intake.textual import Line

NAME = "text"
VERSION = 3
_ME = f"{NAME}@{VERSION}"
_BYTES = 8 * 1024 * 1024


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    with path.open("rb") as f:
        data = f.read(_BYTES + 1)
    whole = len(data) <= _BYTES
    decoded = textual.decode(data[:_BYTES], whole=whole)
    if decoded is None:
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="文本的编码无法识别;请另存为 UTF-8 编码后提交")
    text, cut = textual.capped(textual.clean(decoded[0]))
    ratio = textual.garbled(text)
    facts: Facts = {
        "text_chars": Fact(value=len("".join(text.split())), method=f"{_ME}/{decoded[1]}"),
        "garbled": Fact(value=ratio, method=_ME),
    }
    notes = []
    if ratio < textual.GARBLED_LIMIT:
        facts |= read_facts([Line(line) for line in text.split("\n")], method=_ME)
    else:
        notes.append("文字是乱码,未识别")
    if lost := text.count("\ufffd"):
        notes.append(f"有 {lost} 个字无法识别")
    if cut or not whole:
        notes.append(f"文字过多,只读了前 {len(text)} 字")
    return Reading(media_type, _ME, ReadState.PARTIAL if notes else ReadState.READ, facts, text, ";".join(notes))
