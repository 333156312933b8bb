"""Names of files and folders that people read and every system takes. The rules are those of Windows, the strictest of them.

``%`` is replaced, too: BagIt (RFC 8493, 2.1.3) escapes it in manifests, and programs differ in undoing that.
"""

from __future__ import annotations

import re
import unicodedata

_WIDE = str.maketrans('<>:"/\\|?*%', "＜＞：＂／＼｜？＊％")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
#: bytes of UTF-8 that file systems take, with room for a number
_BYTES = 240


def safe(text: str, limit: int) -> str:
    """``text`` as one part of a path, at most ``limit`` characters; the same everywhere (NFC)."""
    shown = _SPACE.sub(" ", unicodedata.normalize("NFC", text))
    name = "".join(c for c in shown if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")).translate(_WIDE)
    name = _cut(name.strip(" ."), limit)
    if _RESERVED.fullmatch(name.split(".", 1)[0].strip()):
        name = f"_{name}"
    return name or "未命名"


def suffix(name: str) -> str:
    """The ending of a file name that tells its format (``.pdf``), in lower case; "" when it has none."""
    dot = name.rfind(".")
    ending = name[dot:].lower() if dot > 0 else ""
    return ending if _SUFFIX.fullmatch(ending) else ""


def unique(stem: str, ending: str, taken: set[str]) -> str:
    """``stem`` with ``ending``, numbered when a name that some system takes for the same is in ``taken``; it is added there."""
    name, n = stem + ending, 1
    while (key := unicodedata.normalize("NFKC", name).casefold()) in taken:
        n += 1
        name = f"{stem}({n}){ending}"
    taken.add(key)
    return name


def _cut(text: str, limit: int) -> str:
    text = text[:limit]
    while len(text.encode()) > _BYTES:
        text = text[:-1]
    while text and unicodedata.combining(text[-1]) and len(text) == limit:
        text = text[:-1]
    return text.rstrip(" .")
