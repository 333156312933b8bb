"""System litter, lock files and unfinished uploads, by the named list in ``litter.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from archive_schema import media
from archive_schema.words import Disposition

_COPYING = re.compile(r"\.[a-z0-9]{6}$")


class Litter(msgspec.Struct, frozen=True):
    """The list, lower case."""

    ignored_names: frozenset[str]
    ignored_prefixes: tuple[str, ...]
    ignored_folders: frozenset[str]
    lock_prefixes: tuple[str, ...]
    partial_suffixes: tuple[str, ...]


@cache
def load() -> Litter:
    data = tomllib.loads((Path(__file__).parent / "litter.toml").read_text("utf-8"))
    return Litter(
        ignored_names=frozenset(data["ignored"]["names"]),
        ignored_prefixes=tuple(data["ignored"]["prefixes"]),
        ignored_folders=frozenset(data["ignored"]["folders"]),
        lock_prefixes=tuple(data["lock"]["prefixes"]),
        partial_suffixes=tuple(data["partial"]["suffixes"]),
    )


def _being_copied(name: str) -> bool:
    """What rsync calls a file until it is whole: ``.name.ext.Ab12Cd``."""
    return name.startswith(".") and _COPYING.search(name) is not None and media.of_name(name[: name.rfind(".")]) is not None


def sort_out(path: str) -> tuple[Disposition, str] | None:
    """IGNORED or WAITING with the Chinese reason for a path (parts separated by ``/``), or None for a file to be read."""
    litter = load()
    *folders, name = path.lower().split("/")
    for folder in folders:
        if folder in litter.ignored_folders:
            return Disposition.IGNORED, f"系统文件夹 {folder} 中的文件"
    if name in litter.ignored_names or name.startswith(litter.ignored_prefixes):
        return Disposition.IGNORED, "操作系统自动生成的文件"
    if name.startswith(litter.lock_prefixes):
        return Disposition.WAITING, "有人正在编辑对应的文件(锁定文件),关闭后再提交"
    if name.endswith(litter.partial_suffixes) or _being_copied(name):
        return Disposition.WAITING, "文件尚未传完(临时扩展名),等待上传完成"
    return None
