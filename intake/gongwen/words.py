"""The word lists of ``rules.toml`` and the small questions asked of one line with them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

import msgspec


class Rules(msgspec.Struct, frozen=True):
    """See ``rules.toml`` for what each list is and where it comes from."""

    kinds: tuple[str, ...]
    organ_endings: tuple[str, ...]
    urgency: tuple[str, ...]
    draft_marks: tuple[str, ...]
    labels: frozenset[str]
    codes: dict[str, str]


@cache
def rules() -> Rules:
    return msgspec.convert(tomllib.loads((Path(__file__).parent / "rules.toml").read_text("utf-8")), Rules)


_GAP = re.compile(r"(?<=[^\x00-\x7f])[\s\u3000]+(?=[^\x00-\x7f])")
_SEAL = re.compile(r"[(（]\s*(?:盖章|公章|印章|章|印)\s*[)）]\s*$")
_NO_ORGAN = re.compile(r"[。;；:：,，!！?？“”\"《》〔〕0-9]")
_PART_OF_TITLE = re.compile("关于|转发|印发|批转|(?<=[厅院部局委会府室])对(?![外台])")
_TRAILER = re.compile(r"\s*[(（][^()（）]{1,20}[)）]\s*$")
#: a title in which another document travels ends with the kind of the outer one
_CARRIES = re.compile("印发|转发|批转|下发|公布|发布|征求")
_CARRIERS = ("通知", "函", "通报", "决定", "公告", "令", "通告", "批复", "报告", "请示", "意见")


def tight(text: str) -> str:
    """Without the gaps between Chinese characters that letter-spacing leaves; other gaps become one space."""
    return re.sub(r"[\s\u3000]+", " ", _GAP.sub("", text)).strip()


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as ASCII, without white space; Chinese punctuation that NFKC knows becomes ASCII too."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def organ_names(text: str) -> tuple[str, ...]:
    """The organs that a line consists of, or () when it is no line of organ names."""
    text = _SEAL.sub("", text).strip()
    if not 2 <= len(text) <= 80 or _NO_ORGAN.search(text) or _PART_OF_TITLE.search(text):
        return ()
    parts = [p for p in re.split(r"[、\s\u3000]+", text) if p]
    if len(parts) > 1 and all(len(p) > 2 and _ends_as_organ(p) for p in parts):
        return tuple(parts)
    whole = "".join(parts)
    return (whole,) if 2 < len(whole) <= 40 and "、" not in text and _ends_as_organ(whole) else ()


def _ends_as_organ(text: str) -> bool:
    return text.endswith(rules().organ_endings)


def names_a_kind(text: str) -> bool:
    """True when ``text`` ends as a title ends; a bracket such as （试行） may follow the kind."""
    bare = text.rstrip('》”" ')
    while (shorter := _TRAILER.sub("", bare).rstrip('》”" ')) != bare:
        bare = shorter
    return bare.endswith(rules().kinds)


def title_is_whole(text: str) -> bool:
    """``names_a_kind``, brackets closed, and a title that carries another document ends with its own kind."""
    if not names_a_kind(text) or any(text.count(a) != text.count(b) for a, b in ("《》", "〈〉")):
        return False
    if not _CARRIES.search(text):
        return True
    bare = _TRAILER.sub("", text).rstrip()
    return bare.endswith(_CARRIERS) and not bare.endswith("》")
