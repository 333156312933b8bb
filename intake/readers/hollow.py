"""The Type 1 fonts that a PDF holds, emptied: in memory every letter becomes a box, every space stays empty. The file is not touched.

What a code of such a document means stands in the font's ``ToUnicode`` map (ISO 32000-1 9.10.3), where it is shown in the page, how wide it
is in ``Widths``. Of the letter pdfium wants to know only how far it reaches, and works through the whole program for that: half of the
time that the text takes. (Of TrueType, it reads that off a table: nothing is to be gained.) So the program is replaced where it
lies, by a small font in as many bytes, and nothing else moves. This is done only where nothing can depend on it: nothing is encrypted, all
objects lie plainly in the file and each once, no other font has the program, the font has no encoding but the map, and the map says
of every code that the font may show what it means. Anything else is left as it is. The fonts that a PDF does not hold are ``standin``'s.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import Counter
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from intake.readers import boxfont

#: bytes of a file beyond which it is not looked into, and of a program below which there is nothing to save (ours)
_LARGEST, _LEAST = 16 << 20, 2048
#: objects of a file, bytes of a dictionary, and of a map, as 256 codes take 4 KB (ours)
_MOST, _LONGEST, _LARGEST_MAP = 50_000, 65_536, 32_768

_HELD = re.compile(rb"/FontFile[ \t\r\n]+\d")
#: in the trailer of a file that was changed, or whose objects are not all to be seen
_CHANGED = (b"/Prev", b"/XRefStm", b"/Encrypt")
#: one more than the highest number of an object
_TOLD = re.compile(rb"/Size[ \t\r\n]+(\d{1,8})\b")
_NUMBER = re.compile(rb"(?<!\d)0*+(\d{1,8})[ \t\r\n]+0*+(\d{0,5})[ \t\r\n]+$")
_REFERENCE = re.compile(rb"(?<!\d)0*+(\d{1,8})[ \t\r\n]+0*+(\d{0,5})[ \t\r\n]+R\b")
_VALUE = re.compile(rb"[ \t\r\n]+" + _REFERENCE.pattern)
_OF_FONT = re.compile(rb"/Font(?:Descriptor|File[23]?)" + _VALUE.pattern)
_STREAM = re.compile(rb">>[ \t\r\n]*stream\r?\n")
_PACKED = re.compile(rb"/Filter[ \t\r\n]*(?:/FlateDecode\b|\[[ \t\r\n]*/FlateDecode[ \t\r\n]*\])")
_FIRST, _LAST = re.compile(rb"/FirstChar[ \t\r\n]+(\d{1,3})\b"), re.compile(rb"/LastChar[ \t\r\n]+(\d{1,3})\b")
_WIDTHS = re.compile(rb"/Widths[ \t\r\n]*\[([-+0-9. \t\r\n]*)\]")
#: a dictionary that is what its plain words say: without text, comments, names in hexadecimals, parts
_PLAIN = re.compile(rb"\s*<<[^<>()%#]*>>\s*")
_END = re.compile(rb"[ \t\r\n]*endstream\s+endobj\b")
_LENGTH = re.compile(rb"/Length[ \t\r\n]+(\d{1,8}\b)(?:[ \t\r\n]+(\d{1,5})[ \t\r\n]+R\b)?")
_COUNT = re.compile(rb"(?<![^ \t\r\n])(\d{1,3})[ \t\r\n]+$")
_COMMENT = re.compile(rb"%[^\r\n]*")
_PAIR = re.compile(rb"<([0-9A-F]{2})>[ \t\r\n]*<((?!0000)[0-9A-F]{4}(?:[0-9A-F]{4})*)>")
_RANGE = re.compile(rb"<([0-9A-F]{2})>[ \t\r\n]*<([0-9A-F]{2})>[ \t\r\n]*<((?!0000)[0-9A-F]{4})>")
_CODES = tuple(b"%02X" % code for code in range(256))
_SPACES = frozenset(b"%04X" % c for first, last in boxfont.SPACES for c in range(first, last + 1))
#: how far letters reach down and up, in thousandths of an em, and which: the rest as Chinese characters do (ours, as of common fonts). Two equal
#: lines are one to pdfium if their letters touch, as those of a text printed twice to be bold.
_HEIGHTS = (
    (-60, 820, ""),
    (0, 500, "acemnorsuvwxz"),
    (0, 700, "ABCDEFGHIJKLMNOPRSTUVWXYZbdfhiklt0123456789!?&%#"),
    (-200, 500, "gpqy"),
    (300, 380, "-\xad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\u4e00\u2026\u22ef\xb7~"),
    (-130, -70, "_"),
    (-120, 140, ".,\u3001\u3002\uff0c\uff0e"),
    (480, 760, "\"'`^*\u2018\u2019\u201c\u201d\xb0"),
)
_HEIGHT = {b"%04X" % ord(c): n for n, (_, _, letters) in enumerate(_HEIGHTS) for c in letters}
#: a letter takes that share of its width, and there are so many widths, in steps of so many thousandths of an em (ours)
_SHARE, _WIDTHS_TOLD_APART, _STEP = 0.92, 20, 100


def emptied(path: Path) -> bytes | None:
    """The bytes of the PDF with boxes for the letters of its Type 1 fonts, or None where it is to be opened as it is.

    :raises OSError: it cannot be read.
    """
    if path.stat().st_size > _LARGEST:
        return None
    data = path.read_bytes()
    if not _HELD.search(data):
        return None
    known = _Objects.of(data)
    if known is None:
        return None
    programs = [found for d in known.by_number.values() if b"/ToUnicode" in d.text and (found := _replaced(known, d.text))]
    if not programs:
        return None
    out = bytearray(data)
    for start, end, program in programs:
        out[start:end] = program.ljust(end - start, b"\0")
    return bytes(out)


class _Object(NamedTuple):
    text: bytes
    """The dictionary, or whatever stands before ``endobj``."""
    stream: int = 0
    """Where its stream begins in the file, or 0."""
    upto: int = 0
    """Where the next object is."""


class _Objects(NamedTuple):
    data: bytes
    by_number: dict[tuple[bytes, bytes], _Object]
    referred: Counter[tuple[bytes, bytes]]
    """How often an object is named as what describes a font, or as its program."""

    @classmethod
    def of(cls, data: bytes) -> _Objects | None:
        """The objects of a file, if all of them are plainly told, and each once: where it was changed, it is not for us to say what counts."""
        by_number: dict[tuple[bytes, bytes], _Object] = {}
        at, upto = data.find(b" obj"), 0
        while at >= 0:
            after = data.find(b" obj", at + 4)
            upto = min(at + _LONGEST, after if after >= 0 else len(data))
            number, stream = _NUMBER.search(data, max(0, at - 16), at + 1), _STREAM.search(data, at, upto)
            end = data.find(b"endobj", at, stream.start() if stream else upto)
            if number is None or (stream is None and end < 0) or len(by_number) == _MOST:
                return None
            name = number[1], number[2]
            if name in by_number:
                return None
            if stream is not None and end < 0:
                by_number[name] = _Object(data[at + 4 : stream.start() + 2], stream.end(), after if after >= 0 else len(data))
            else:
                by_number[name] = _Object(data[at + 4 : end])
            at = after
        plain = b"\n".join(o.text for o in by_number.values())
        at = data.rfind(b"trailer", max(0, len(data) - _LONGEST))
        last = data[at:] if at >= 0 else b""
        told = _TOLD.findall(last)
        if len(told) != 1 or int(told[0]) != len(by_number) + 1 or any(word in last for word in _CHANGED):
            return None
        if b"/ObjStm" in plain or b"/XRef" in plain:
            return None
        fonts = (o.text for o in by_number.values() if b"/Font" in o.text)
        return cls(data, by_number, Counter((m[1], m[2]) for text in fonts for m in _OF_FONT.finditer(text)))

    def named(self, key: bytes, text: bytes) -> tuple[_Object, int] | None:
        """What a dictionary refers to by the key, and how often that is referred to at all; None unless the key stands there just once."""
        _, _, rest = text.partition(key)
        reference = _VALUE.match(rest)
        if reference is None or key in rest:
            return None
        name = reference[1], reference[2]
        found = self.by_number.get(name)
        return (found, self.referred[name]) if found else None

    def stream(self, found: _Object) -> tuple[int, int, bool] | None:
        """Where the bytes of a stream begin and end, and whether they are packed; None where that is not told without a doubt."""
        packed = _PACKED.search(found.text) is not None
        if (
            not found.stream
            or not _PLAIN.fullmatch(found.text)
            or b"/DecodeParms" in found.text
            or (not packed and b"/Filter" in found.text)
        ):
            return None
        told = _LENGTH.search(found.text)
        if told and told[2]:
            elsewhere = self.by_number.get((told[1], told[2].lstrip(b"0")))
            told = re.fullmatch(rb"\s*(\d{1,8})\s*", elsewhere.text) if elsewhere else None
        end = found.stream + int(told[1]) if told else 0
        return (found.stream, end, packed) if end and _END.match(self.data, end, found.upto) else None


def _replaced(known: _Objects, font: bytes) -> tuple[int, int, bytes] | None:
    """Where the program of a font begins and ends, and what to put there; None: it is to stay."""
    described = known.named(b"/FontDescriptor", font)
    if described is None or not re.search(rb"/Subtype[ \t\r\n]*/Type1\b", font) or b"/Encoding" in font:
        return None
    descriptor, fonts = described
    held = known.named(b"/FontFile", descriptor.text)
    plain = _PLAIN.fullmatch(font) and _PLAIN.fullmatch(descriptor.text)
    if fonts != 1 or held is None or held[1] != 1 or not plain or not _symbolic(descriptor.text):
        return None
    room = known.stream(held[0])
    if room is None or room[1] - room[0] < _LEAST:
        return None
    first, sizes = _sizes(font)
    meanings = _meanings(known, font)
    # 0 is what writers of subsets keep for no letter at all
    if not sizes or not meanings or not meanings.keys() >= set(_CODES[max(1, first) : first + len(sizes)]):
        return None
    glyphs = bytearray(256)  # 0, nothing: of a code that the font does not hold pdfium has nothing to say
    glyphs[first : first + len(sizes)] = sizes
    for code, meaning in meanings.items():
        if (letter := meaning[:4]) in _SPACES:
            glyphs[int(code, 16)] = 0
        elif letter in _HEIGHT:
            glyphs[int(code, 16)] += _WIDTHS_TOLD_APART * _HEIGHT[letter]
    program = _program(bytes(glyphs), room[2])
    return (room[0], room[1], program) if len(program) <= room[1] - room[0] else None


def _symbolic(descriptor: bytes) -> bool:
    """Whether the font has letters of its own order (bit 3 of its flags), and the descriptor tells its extent: it is not to be asked for."""
    flags = re.search(rb"/Flags[ \t\r\n]+(\d{1,9})\b", descriptor)
    return flags is not None and bool(int(flags[1]) & 4) and b"/FontBBox" in descriptor


def _sizes(font: bytes) -> tuple[int, bytes]:
    """The first code that the font may show, and of that and all after it the number of their width, from 1; none where it is not plainly told."""
    first, last, told = _FIRST.search(font), _LAST.search(font), _WIDTHS.search(font)
    if not first or not last or not told:
        return 0, b""
    try:
        sizes = bytes(map(_size, told[1].split()))
    except (ValueError, OverflowError):
        return 0, b""
    return (int(first[1]), sizes) if int(last[1]) - int(first[1]) + 1 == len(sizes) <= 256 - int(first[1]) else (0, b"")


@lru_cache(maxsize=4096)
def _size(width: bytes) -> int:
    return min(max(1, (int(float(width)) + _STEP // 2) // _STEP), _WIDTHS_TOLD_APART)


def _meanings(known: _Objects, font: bytes) -> dict[bytes, bytes]:
    """Code to what it means, both in hexadecimals; empty where the map is none that is surely understood."""
    found = known.named(b"/ToUnicode", font)
    room = known.stream(found[0]) if found else None
    if room is None or not room[2]:
        return {}
    text = _unpacked(known.data[room[0] : room[1]], _LARGEST_MAP)
    if text is None:
        return {}
    out: list[tuple[bytes, bytes]] = []
    parts = _COMMENT.sub(b"", text).split(b"beginbf")
    for before, section in pairwise(parts):
        body, end, _ = section.partition(b"endbf")
        told = _COUNT.search(before[-16:])
        words = body.upper()
        pairs, spans = (_PAIR.findall(words), []) if body.startswith(b"char") else ([], _RANGE.findall(words))
        if not end or not told or int(told[1]) != len(pairs) + len(spans):  # a section that is miscounted pdfium passes over
            return {}
        if 2 * len(pairs) + 3 * len(spans) != body.count(b"<"):
            return {}
        out += pairs
        for first, last, to in spans:
            low, high = int(first, 16), int(last, 16)
            out += [(_CODES[code], b"%04X" % (int(to, 16) + code - low)) for code in range(low, high + 1)]
        if len(out) > 256:
            return {}
    by_code = dict(out)
    return by_code if len(by_code) == len(out) else {}


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """None where it is damaged or longer."""
    unpack = zlib.decompressobj()
    try:
        out = unpack.decompress(packed, most)
    except zlib.error:
        return None
    return out if unpack.eof else None


@lru_cache(maxsize=64)
def _program(glyphs: bytes, packed: bool) -> bytes:
    """A font of an empty glyph and of a box for each height and width that is used; the Macintosh table gives the glyph of a code."""
    used = bytes(sorted({0, *glyphs}))
    places = glyphs.translate(bytes(max(0, used.find(n)) for n in range(256)))
    cmap = struct.pack(">HHHHIHHH", 0, 1, 1, 0, 12, 0, 262, 0) + places
    program = boxfont.truetype([_outlines()[n] for n in used], cmap)
    return zlib.compress(program, 1) if packed else program


@cache
def _outlines() -> list[bytes]:
    wide = [n * _STEP for n in range(1, _WIDTHS_TOLD_APART + 1)]
    left, right = (1 - _SHARE) / 2, (1 + _SHARE) / 2
    return [b"", *(boxfont.box((round(left * w), low, round(right * w), top)) for low, top, _ in _HEIGHTS for w in wide)]
