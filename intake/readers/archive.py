"""7z, RAR and TAR as files: how many members, whole or not, with or without a password. Unpacking is ``intake.unpack``."""

from __future__ import annotations

from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Reading
from archive_schema.media import of_type
from archive_schema.words import ReadState
from intake import archives

NAME = "archive"
VERSION = 2
_ME = f"{NAME}@{VERSION}"
_AGAIN = "请去掉密码重新压缩后提交"


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    name = of_type(media_type).name
    archive = archives.format_of(media_type)
    assert archive is not None, media_type
    try:
        entries = archive.entries(path, path.name, limits)
    except archives.Locked:
        return Reading(media_type, _ME, ReadState.ENCRYPTED, detail=f"{name}有密码,连文件名也看不到,未收;{_AGAIN}")
    except archives.TooMuch as e:
        return Reading(media_type, _ME, ReadState.GAVE_UP, detail=f"{e},未打开;请解压检查后直接提交其中的文件")
    except archives.Bad as e:
        why = f"{e},单独一卷解不开" if str(e) else "打不开,文件不完整或已损坏"
        return Reading(media_type, _ME, ReadState.DAMAGED, detail=f"{name}{why};请重新压缩为一个文件后提交")
    except archives.Unsupported as e:
        why = f"{name}用了本机解不开的{e},其中的文件没有取出,未检;请重新压缩为 ZIP 后提交"
        return Reading(media_type, _ME, ReadState.UNSUPPORTED, detail=why)
    files = [e for e in entries if not e.folder]
    facts = {"members": Fact(value=len(files), method=_ME)}
    if locked := [e for e in files if e.locked]:
        detail = f"{name}中 {len(locked)} 个文件有密码,未收;{_AGAIN}"
        return Reading(media_type, _ME, ReadState.ENCRYPTED, facts, detail=detail)
    return Reading(media_type, _ME, ReadState.READ, facts)
