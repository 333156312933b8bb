"""A ZIP archive as a file: how many members, whole or not, with or without a password. Unpacking is ``intake.unpack``."""

from __future__ import annotations

import zipfile
from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Reading
from archive_schema.words import ReadState
from intake.container import ZIP_ERRORS

NAME = "zip"
VERSION = 1
_ME = f"{NAME}@{VERSION}"


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    try:
        with zipfile.ZipFile(path) as z:
            files = [i for i in z.infolist() if not i.filename.endswith("/")]  # is_dir trips over an empty name
    except ZIP_ERRORS:
        return Reading(media_type, _ME, ReadState.DAMAGED, detail="压缩包打不开,文件不完整或已损坏;请重新压缩后提交")
    facts = {"members": Fact(value=len(files), method=_ME)}
    locked = [i for i in files if i.flag_bits & 1]
    if locked:
        detail = f"压缩包中 {len(locked)} 个文件有密码,未收;请去掉密码重新压缩后提交"
        return Reading(media_type, _ME, ReadState.ENCRYPTED, facts, detail=detail)
    return Reading(media_type, _ME, ReadState.READ, facts)
