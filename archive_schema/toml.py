"""Values as TOML writes them (the standard library only reads it), and what is wrong with a file of it, in Chinese."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import msgspec

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_AT = re.compile(r"at line (\d+), column (\d+)")
#: what msgspec calls a kind of value → what a user calls it
_KINDS = {
    "str": "文字",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "date": "日期",
    "object": "一节",
    "array": "列表",
    "null": "空",
}


def text(value: str) -> str:
    """A basic string: JSON's escapes are among TOML's, which also wants DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else text(name)


def value(v: Any) -> str:
    """A string, number, bool, date, list or dict (inline), such that ``tomllib`` gives the same back."""
    match v:
        case bool():
            return "true" if v else "false"
        case str():
            return text(v)
        case int() | float():
            return repr(v)
        case date():
            return v.isoformat()
        case dict():
            return "{" + ", ".join(f"{key(k)} = {value(x)}" for k, x in v.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(value(x) for x in v) + "]"
    raise TypeError(f"TOML has no {type(v).__name__}")


def wrong(e: Exception, section: str = "") -> str:
    """What the parser of TOML or ``msgspec.convert`` says in English, in Chinese: where, and what should stand there.

    :param section: where the converted values stand; "" = they are the sections themselves.
    """
    said = str(e)
    if isinstance(e, UnicodeDecodeError):
        return "不是 UTF-8 编码的文本文件"
    if not isinstance(e, msgspec.ValidationError):
        at = _AT.search(said)
        return f"第 {at[1]} 行第 {at[2]} 列不合 TOML 语法" if at else "文件没有写完(结尾处不合 TOML 语法)"
    said, _, path = said.partition(" - at `$")
    where = path.rstrip("`").replace("[...]", "").strip(".")
    if not section and "." in where:
        name, _, where = where.partition(".")
        section = f"[{name}]"
    place = " 的 ".join(filter(None, (section, where)))
    if m := re.fullmatch("Expected `(.+)`, got `(.+)`", said):
        wanted = [_KINDS.get(k, k) for k in m[1].split(" | ") if k != "null"]
        return f"{place} 应为{'或'.join(wanted)},写的是{_KINDS.get(m[2], m[2])}".strip()
    if m := re.fullmatch("Invalid enum value '?(.*?)'?", said):
        return f"{place} 不认识“{m[1]}”".strip()
    if m := re.fullmatch("Object (missing required|contains unknown) field `(.+)`", said):
        return f"{place} {'缺少' if m[1] == 'missing required' else '不认识'} {m[2]}".strip()
    return f"{place} {'应为日期,如 2026-09-30' if 'date' in said else '写得不对'}".strip()
