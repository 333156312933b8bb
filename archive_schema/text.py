"""Normalisation of Chinese text and natural sorting: the one place for both.

Full width against half width, the many brackets of a 发文字号, the two zeros 〇 and ○, Roman numerals typed as
one character or several: everything that compares text does it on what these functions return, and keeps the raw text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, ClassVar


class Expression:
    """A regular expression that is compiled when it is first asked: of the dear ones a command asks few, and each costs a millisecond.
    Asked again, it answers as fast as a compiled one.
    """

    _all: ClassVar[list[Expression]] = []

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._all.append(self)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def search(self) -> Callable[..., re.Match[str] | None]:
        return self.compiled.search

    @cached_property
    def match(self) -> Callable[..., re.Match[str] | None]:
        return self.compiled.match

    @cached_property
    def fullmatch(self) -> Callable[..., re.Match[str] | None]:
        return self.compiled.fullmatch

    @cached_property
    def finditer(self) -> Callable[..., Iterator[re.Match[str]]]:
        return self.compiled.finditer

    @cached_property
    def findall(self) -> Callable[..., list[Any]]:
        return self.compiled.findall

    @cached_property
    def sub(self) -> Callable[..., str]:
        return self.compiled.sub

    @classmethod
    def ready(cls) -> None:
        """Compile all that were made so far: before a process is forked of which many are."""
        for each in cls._all:
            each.compiled  # noqa: B018


_BRACKETS = str.maketrans(dict.fromkeys("[［【﹝〖", "〔") | dict.fromkeys("]］】﹞〗", "〕"))
_DASHES = str.maketrans({c: "-" for c in "‐‑‒–—―−－─━﹣ー一" if c != "一"})
_DASH = re.compile(f"[{''.join(map(chr, _DASHES))}]")
_ZEROS = str.maketrans({"○": "〇", "◯": "〇", "Ｏ": "〇", "零": "〇"})
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
#: what lower case may change the composition of: neither ASCII nor Chinese characters and their signs
_COMPOSES = Expression("[^\x00-\x7f\u2010-\u2027\u2e80-\u3029\u3030-\u303f\u3400-\u9fff\uff00-\uffef]")
#: full-width forms, of which a Chinese text is full, each standing for signs of ASCII
_WIDE = re.compile("[\u2026\u3000\uff01-\uff5e]+")
#: what NFKC may change, alone or beside another: neither ASCII nor the usual signs and characters of a Chinese text
_UNUSUAL = Expression("[^\x00-\x7f\xb7\u2013-\u2016\u2018-\u2023\u3001-\u3029\u3400-\u4dbf\u4e00-\u9fff]")
_SPACE = re.compile(r"[\s\u3000]+")
_NUMBER = re.compile(r"(\d+)")
_SHORT = 200  # characters (ours)


def nfc(text: str) -> str:
    """NFC, for comparing file names (kept as sent elsewhere)."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Text as compared: NFKC (full width → half width, Ⅲ → III), invisible characters out, dashes to ``-``, lower case."""
    if text.isascii():
        return text.lower()
    # asked of every line of every document: only what is there is replaced
    plain = _nfkc(_INVISIBLE.sub("", text) if _INVISIBLE.search(text) else text)
    out = (plain.translate(_DASHES) if _DASH.search(plain) else plain).lower()
    if out == plain or not _COMPOSES.search(out):
        return out
    return unicodedata.normalize("NFKC", out)  # lower case may come apart again


def _nfkc(text: str) -> str:
    if len(text) > _SHORT:  # most of a long text stays: to look what does not is sooner done
        text = _WIDE.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
        if _UNUSUAL.search(text) is None:
            return text
    return unicodedata.normalize("NFKC", text)


def squeeze(text: str) -> str:
    """``fold`` without any white space."""
    folded = fold(text)
    return fold(_SPACE.sub("", folded)) if _SPACE.search(folded) else folded


def brackets(text: str) -> str:
    """Every sort of square bracket becomes the six-sided pair 〔〕 of GB/T 9704; round ones are left alone."""
    return text.translate(_BRACKETS)


def zeros(text: str) -> str:
    """Every sort of Chinese zero becomes 〇."""
    return text.translate(_ZEROS)


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which Ⅲ2 stands before Ⅲ10.

    >>> sorted(["III10-1", "III2-1", "III2-10", "III2-2"], key=natural_key)
    ['III2-1', 'III2-2', 'III2-10', 'III10-1']
    """
    parts = _NUMBER.split(fold(text))
    return tuple((1, int(p), "") if p.isdigit() and p.isascii() else (0, 0, p) for p in parts if p)


def place(unit: str, path: str) -> str:
    """``unit/path``; of what lies loose in the inbox the path alone, which is none from the root of a disk."""
    return f"{unit}/{path}" if unit else path


def display(text: str, limit: int = 0) -> str:
    """Text safe to show on one line: control and direction characters replaced, white space squeezed, cut at ``limit``."""
    out = "".join("�" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\t\n\r" else c for c in text)
    out = _SPACE.sub(" ", out).strip()
    if limit and len(out) > limit:
        out = out[: limit - 1] + "…"
    return out
