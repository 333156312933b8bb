"""Bytes of unknown encoding to text, text to lines, and how much of a text is no language at all."""

from __future__ import annotations

import codecs
import re
import unicodedata

import msgspec

from archive_schema.text import Expression

#: characters of text kept per file (本项目默认): some 2,000 pages; more is cut and said so
TEXT_LIMIT = 2_000_000
#: from this share of unreadable characters a text layer counts as not read (本项目默认)
GARBLED_LIMIT = 0.3

#: share of undecodable characters up to which bytes still count as text (ours)
_BROKEN = 0.02

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ODD = ("Cc", "Cn", "Co", "Cs")
_RADICAL = Expression("[\u2e80-\u2fdf\uf900-\ufaff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_HAN = Expression("[\u3400-\u9fff]")
_SOUND = Expression(r"(?<=[\u3400-\u9fff])[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêńňǹḿ]{1,7}[)）]")

#: neither printing ASCII nor the usual signs and characters of a Chinese text: only among them is anything ``_ODD``
_UNUSUAL = Expression("[^\x20-\x7e\u2010-\u2027\u3001-\u3029\u3400-\u9fff\uff01-\uff5e]")
_LATIN = Expression("[\x80-\xff]")


class Line(msgspec.Struct, frozen=True):
    """One line of a document; ``page`` is 1-based or None."""

    text: str
    page: int | None = None


def decode(data: bytes, *, whole: bool = True) -> tuple[str, str] | None:
    """Text and the encoding it was in, or None when these bytes are no text.

    Order: byte order mark, UTF-16 without one, UTF-8, GB18030; then the one of the last two in which only a few bytes make
    no sense (they become U+FFFD). ``whole`` False: the bytes may end within a character.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _try(data[len(bom) :], encoding, whole)
    if data[:4096].count(0) > len(data[:4096]) // 8:
        encoding = "utf-16-le" if data[1:512:2].count(0) > data[0:512:2].count(0) else "utf-16-be"
        tried = _try(data, encoding, whole)
        return tried if tried and "\x00" not in tried[0][:4096] and _plausible(tried[0]) else None
    for encoding in ("utf-8", "gb18030"):
        tried = _try(data, encoding, whole)
        # bytes that are no text hardly ever are sound UTF-8, but often enough sound GB18030
        if tried and (_printing(tried[0]) if encoding == "utf-8" else _plausible(tried[0])):
            return tried
    broken = [(data.decode(e, errors="replace"), e) for e in ("utf-8", "gb18030")]
    text, encoding = min(broken, key=lambda pair: pair[0].count("\ufffd"))
    return (text, encoding) if text.count("\ufffd") <= len(text) * _BROKEN and _plausible(text) else None


def _try(data: bytes, encoding: str, whole: bool) -> tuple[str, str] | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=whole), encoding
    except UnicodeDecodeError:
        return None


def _printing(text: str) -> bool:
    sample = text[:20_000]
    return sum(1 for c in sample if c < " " and c not in "\t\n\r\f\x1a") <= len(sample) * 0.02


def _plausible(text: str) -> bool:
    """Binary data read as text shows control characters and code points that mean nothing."""
    sample = text[:20_000]
    odd = sum(1 for c in sample if c not in "\t\n\r\f\x1a" and unicodedata.category(c) in _ODD)
    return odd <= len(sample) * 0.02


def clean(text: str) -> str:
    """Without control characters and lone surrogates; radicals and compatibility forms as the characters they stand for."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _RADICAL.sub(lambda m: unicodedata.normalize("NFKC", m[0]), _CONTROL.sub("", text))


def capped(text: str) -> tuple[str, bool]:
    """The text cut at ``TEXT_LIMIT`` characters, and whether it was cut."""
    return (text[:TEXT_LIMIT], True) if len(text) > TEXT_LIMIT else (text, False)


def garbled(text: str) -> float:
    """Share 0…1 of characters that are no readable text; 0 for an empty text.

    Counted: replacement and private characters, code points without meaning, UTF-8 read as GBK or Latin-1, and the
    pinyin in brackets that some web pages put after characters they could not convert.
    """
    visible = "".join(text[:200_000].split())
    if not visible:
        return 0.0
    if _misread(text):
        return 1.0
    bad = 0
    if _UNUSUAL.search(visible):
        bad = sum(visible.count(c) for c in set(visible) if c == "\ufffd" or unicodedata.category(c) in _ODD)
    bad += sum(len(m) for m in _SOUND.findall(visible))
    return round(bad / len(visible), 3)


def _misread(text: str) -> bool:
    """True when the text turns into sound Chinese once its characters are written as bytes again and read as UTF-8."""
    sample = text[:4000].replace("\ufffd", "")
    for encoding, alphabet in (("gb18030", _HAN), ("latin-1", _LATIN)):
        if len(alphabet.findall(sample)) < max(8, len(sample) // 4):
            continue
        # what is sound to begin with was not misread: a tenth of the sample tells most documents
        if _turns(sample[:400], encoding) is not False and _turns(sample, encoding):
            return True
    return False


def _turns(sample: str, encoding: str) -> bool | None:
    """Whether the sample turns into Chinese; None where too little does either way to tell."""
    again = sample.encode(encoding, "ignore").decode("utf-8", "replace")
    sound, broken = len(_HAN.findall(again)), again.count("\ufffd")
    if sound > broken + 4:
        return True
    return False if broken > sound + 40 else None
