"""The fonts that a PDF holds, emptied: in memory every letter becomes a box, every space stays empty. The file is not touched.

What a code of such a document means stands in the font's ``ToUnicode`` map (ISO 32000-1 9.10.3), where it is shown in the page, how wide it
is in ``Widths``. Of the letter pdfium wants to know only how far it reaches, and works through the font for that: half of the
time that the text takes. So the font program is replaced where it lies, by a small one in as many bytes, and nothing else
moves. This is done only where nothing can depend on it: nothing is encrypted, the objects lie plainly in the file and each once, and the
map says of every code that the font may show what it means. Anything else is left as it is. The fonts that a PDF
does not hold are ``standin``'s.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from intake.readers import boxfont

#: bytes of a file beyond which it is not looked into, and of a font below which there is nothing to save (ours)
_LARGEST, _LEAST = 16 << 20, 2048
#: bytes before a dictionary's end is looked for in vain, and of a map (ours)
_LONGEST, _LARGEST_MAP = 65_536, 1 << 20
_CODES = 65_535

_REFERENCE = rb"[ \t\r\n]+(\d{1,8}[ \t\r\n]+\d{1,5})[ \t\r\n]+R\b"
_NUMBER = re.compile(rb"(?<!\d)(\d{1,8}[ \t\r\n]+\d{1,5})$")
_MAP, _DESCRIPTOR = re.compile(rb"/ToUnicode" + _REFERENCE), re.compile(rb"/FontDescriptor" + _REFERENCE)
_DESCENDANT = re.compile(rb"/DescendantFonts[ \t\r\n]*\[[ \t\r\n]*(\d{1,8}[ \t\r\n]+\d{1,5})[ \t\r\n]+R[ \t\r\n]*\]")
_PROGRAM = re.compile(rb"/FontFile[23]?" + _REFERENCE)
_FIRST, _LAST = re.compile(rb"/FirstChar[ \t\r\n]+(\d{1,3})\b"), re.compile(rb"/LastChar[ \t\r\n]+(\d{1,3})\b")
_OWN_LETTERS = re.compile(rb"/Type3\b")
_IDENTITY = re.compile(rb"/Encoding[ \t\r\n]*/Identity-[HV]\b")
_OTHER_GLYPHS = re.compile(rb"/CIDToGIDMap(?![ \t\r\n]*/Identity\b)")
_PACKED = re.compile(rb"/Filter[ \t\r\n]*(?:/FlateDecode\b|\[[ \t\r\n]*/FlateDecode[ \t\r\n]*\])")
_SECTION = re.compile(rb"beginbf(char|range)\b(.*?)\bendbf", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})>[ \t\r\n]*<([0-9A-Fa-f]*)>")
_RANGE = re.compile(
    rb"<([0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})>[ \t\r\n]*<([0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})>[ \t\r\n]*<([0-9A-Fa-f]{4})>"
)
_SPACES = frozenset(f % c for first, last in boxfont.SPACES for c in range(first, last + 1) for f in (b"%04X", b"%04x"))


def emptied(path: Path) -> bytes | None:
    """The bytes of the PDF with boxes for the letters of its fonts, or None where it is to be opened as it is.

    :raises OSError: it cannot be read.
    """
    if path.stat().st_size > _LARGEST:
        return None
    data = path.read_bytes()
    if b"/FontFile" not in data or b"/Encrypt" in data:
        return None
    known = _Objects(data)
    programs = [found for d in known.by_number.values() if b"/ToUnicode" in d.text and (found := _replaced(known, d.text))]
    if not programs:
        return None
    out = bytearray(data)
    for start, end, program in programs:
        out[start:end] = program.ljust(end - start, b"\0")
    return bytes(out)


class _Dictionary(NamedTuple):
    text: bytes
    end: int
    """Where it ends in the file: before ``stream`` or ``endobj``."""


class _Objects:
    """The dictionaries of the objects that lie plainly in the file. One whose number is given twice is not told of: the file was changed, and
    which of them counts is not for us to say."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.by_number: dict[bytes, _Dictionary] = {}
        twice: set[bytes] = set()
        at = data.find(b" obj")
        while at >= 0:
            after = data.find(b" obj", at + 4)
            if number := _NUMBER.search(data, max(0, at - 16), at):
                name = b" ".join(number[1].split())
                if name in self.by_number:
                    twice.add(name)
                upto = min(at + _LONGEST, after if after >= 0 else len(data))
                end = data.find(b"endobj", at, upto)
                stream = data.find(b"stream", at, end if end >= 0 else upto)
                end = stream if stream >= 0 else end
                if end >= 0:
                    self.by_number[name] = _Dictionary(data[at:end], end)
            at = after
        for name in twice:
            del self.by_number[name]
        self.named = Counter(
            b" ".join(m.split())
            for d in self.by_number.values()
            if b"/Font" in d.text
            for m in (*_DESCRIPTOR.findall(d.text), *_PROGRAM.findall(d.text))
        )

    def of(self, reference: re.Match[bytes] | None) -> _Dictionary | None:
        return self.by_number.get(b" ".join(reference[1].split())) if reference else None

    def shared(self, reference: re.Match[bytes]) -> bool:
        """Whether descriptor or program serve another font, too."""
        return self.named[b" ".join(reference[1].split())] != 1

    def stream(self, reference: re.Match[bytes] | None) -> tuple[int, int, bool] | None:
        """Where the bytes of a stream begin and end, and whether they are packed."""
        found = self.of(reference)
        if found is None or self.data[found.end : found.end + 6] != b"stream" or b"/DecodeParms" in found.text:
            return None
        start = found.end + 6
        start += 2 if self.data[start : start + 2] == b"\r\n" else 1
        end = self.data.find(b"endstream", start)
        packed = _PACKED.search(found.text) is not None
        return (start, end, packed) if end >= 0 and (packed or b"/Filter" not in found.text) else None


def _replaced(known: _Objects, font: bytes) -> tuple[int, int, bytes] | None:
    """Where the program of a font begins and ends, and what to put there; None: it is to stay."""
    composite = _DESCENDANT.search(font)
    below = known.of(composite)
    if _OWN_LETTERS.search(font) or (
        composite and (not below or not _IDENTITY.search(font) or _OTHER_GLYPHS.search(below.text))
    ):
        return None
    described = _DESCRIPTOR.search(below.text if below else font)
    descriptor = known.of(described)
    held = _PROGRAM.search(descriptor.text) if descriptor else None
    room = known.stream(held)
    if not described or not held or not room or known.shared(described) or known.shared(held) or room[1] - room[0] < _LEAST:
        return None
    spaces = _spaces(known, font, simple=composite is None)
    if spaces is None:
        return None
    program = _program(spaces, composite is None, room[2])
    return (room[0], room[1], program) if len(program) <= room[1] - room[0] else None


def _spaces(known: _Objects, font: bytes, *, simple: bool) -> frozenset[int] | None:
    """Codes that mean a space; None where the map is none that is surely understood, or leaves out a code that a simple font may show."""
    room = known.stream(_MAP.search(font))
    if room is None:
        return None
    raw = known.data[room[0] : room[1]]
    try:
        text = zlib.decompressobj().decompress(raw, _LARGEST_MAP) if room[2] else raw[:_LARGEST_MAP]
    except zlib.error:
        return None
    meant: set[int] = set()
    spaces: set[int] = set()
    for section, body in _SECTION.findall(text):
        if section == b"char":
            pairs = _PAIR.findall(body)
            if 2 * len(pairs) != body.count(b"<"):
                return None
            meant.update(int(code, 16) for code, _ in pairs)
            spaces.update(int(code, 16) for code, to in pairs if to in _SPACES)
            continue
        spans = _RANGE.findall(body)
        if 3 * len(spans) != body.count(b"<"):
            return None
        for first, last, to in spans:
            low, high, shift = int(first, 16), int(last, 16), int(to, 16) - int(first, 16)
            meant.update(range(low, high + 1))
            spaces.update(code for code in range(low, high + 1) if b"%04X" % (code + shift) in _SPACES)
    if simple:
        first_shown, last_shown = _FIRST.search(font), _LAST.search(font)
        # 0 is what writers of subsets keep for no letter at all
        if (
            not first_shown
            or not last_shown
            or not meant.issuperset(range(max(1, int(first_shown[1])), int(last_shown[1]) + 1))
        ):
            return None
    return frozenset(spaces) if meant else None


@lru_cache(maxsize=64)
def _program(spaces: frozenset[int], simple: bool, packed: bool) -> bytes:
    """A font of boxes: of a simple font the Macintosh table gives the glyph of a code, of a composite one the glyph's number is the code."""
    outline = boxfont.box(boxfont.NARROW)
    cmap = struct.pack(">HHHHIHHH", 0, 1, 1, 0, 12, 0, 262, 0) + bytes(code in spaces for code in range(256))
    if simple:
        program = boxfont.truetype([outline, b""], cmap)
    else:
        program = boxfont.truetype([outline, outline], cmap, _places(spaces, len(outline)))
    return zlib.compress(program, 1) if packed else program


def _places(spaces: frozenset[int], size: int) -> bytes:
    """``loca`` by which every glyph but the spaces is one of two boxes in turn: a glyph reaches from its place to that of the next.

    Of one whose next lies before it FreeType takes all that is left.
    """
    places = [struct.pack(">H", 0), struct.pack(">H", size // 2)]
    turn, at, out = 0, 0, [places[0]]
    for space in sorted(spaces | {_CODES}):
        letters = space - at
        out.append((places[1 - turn] + places[turn]) * (letters // 2) + places[1 - turn] * (letters % 2))
        turn ^= letters % 2
        if space < _CODES:
            out.append(places[turn])
        at = space + 1
    return b"".join(out)
