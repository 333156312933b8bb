"""Legacy Word and WPS 文字 (DOC), RTF: converted by LibreOffice without a screen, then read as DOCX.

Every run has a profile of its own in which macros never run and links are never followed; it works on a copy, in the
isolation of the reader process, under limits of its own. ``method`` of a fact names both: ``office@2/docx@1/…``.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Reading
from archive_schema.words import ReadState
from intake import ole, programs
from intake.filetype import DOCX, RTF
from intake.readers import docx

#: seconds for one conversion, beyond the time limit of all; bytes of address space (need measured: 1.8 GiB)
SECONDS = 120
MEMORY = 3 * 1024**3

NAME = "office"
_OWN = 1
VERSION = _OWN + docx.VERSION  # both only rise: what either read otherwise is read again
_ME = f"{NAME}@{VERSION}"

_COMMON, _SCRIPTING = "/org.openoffice.Office.Common", "/org.openoffice.Office.Common/Security/Scripting"
#: the fresh profile: no macros, no links followed (Writer 0 and Calc 1 both mean never), no objects run, no questions
_PROFILE = (
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "MacroSecurityLevel", "3"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Writer/Content/Update", "Field", "false"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "1"),
    (f"{_COMMON}/Save/Document", "CreateBackup", "false"),
    (f"{_COMMON}/Misc", "FirstRun", "false"),
    (f"{_COMMON}/Misc", "CrashReport", "false"),
)
#: the first run in a fresh profile asks to be started again with this (desktop/source/app of LibreOffice)
_AGAIN = 81
_STARTS = 3
_WORD_STREAM = "WordDocument"
_ENCRYPTED = 0x0100  # fEncrypted, FibBase of [MS-DOC] 2.5.2, in the flags at offset 10
_FLAGS = slice(10, 12)


class Failed(Exception):
    """Chinese reason; ``ours``: a limit of ours, not the file."""

    def __init__(self, zh: str, *, ours: bool = False) -> None:
        super().__init__(zh)
        self.ours = ours


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    macros = False
    if media_type == RTF:
        if not _closed(path):
            return _damaged(media_type)
    else:
        compound = ole.read(path)
        if compound.cut:
            return _damaged(media_type)
        flags = int.from_bytes(ole.beginning(path, compound, _WORD_STREAM, 12)[_FLAGS], "little")
        if flags & _ENCRYPTED:
            return Reading(media_type, _ME, ReadState.ENCRYPTED, detail="Word 文件有打开密码,内容未检;请去掉密码后重新提交")
        macros = any(name in ("Macros", "_VBA_PROJECT_CUR", "VBA") for name in compound.storages)
    with tempfile.TemporaryDirectory(prefix="office-", ignore_cleanup_errors=True) as folder:
        try:
            converted = convert(path, Path(folder), ".rtf" if media_type == RTF else ".doc", "docx")
        except Failed as e:
            return Reading(media_type, _ME, ReadState.GAVE_UP if e.ours else ReadState.DAMAGED, detail=str(e), volatile=e.ours)
        reading = docx.read(converted, DOCX, limits)
    if reading.state is ReadState.DAMAGED:
        return _damaged(media_type)
    facts = {k: msgspec.structs.replace(f, method=f"{_ME}/{f.method}") for k, f in reading.facts.items()}
    facts["macros"] = Fact(value=macros, method=_ME)
    return msgspec.structs.replace(reading, media_type=media_type, reader=_ME, facts=facts)


def convert(path: Path, folder: Path, suffix: str, to: str) -> Path:
    """The file in another format, below the empty folder ``folder``.

    :raises Failed: LibreOffice made nothing of it, or was stopped.
    """
    program = _program()
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_registry(), "utf-8")
    source = folder / f"source{suffix}"
    with path.open("rb") as f, source.open("wb") as copy:  # LibreOffice leaves a lock beside what it opens
        shutil.copyfileobj(f, copy)
    out = folder / "out"
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", "--nolockcheck"),
        *("--convert-to", to, "--outdir", str(out), str(source)),
    ]
    code: int | None = _AGAIN
    for _ in range(_STARTS):
        if code == _AGAIN:
            code = programs.run(command, folder=folder, seconds=SECONDS, memory=MEMORY)
    if code is None:
        raise Failed(f"转换超过 {SECONDS} 秒仍未完成,未读取;请另存为 DOCX 或 PDF 后重新提交", ours=True)
    found = out / f"source.{to}"
    if found.is_file() and found.stat().st_size:
        return found
    if code < 0:
        raise Failed("转换程序异常退出,未读取;请另存为 DOCX 或 PDF 后重新提交", ours=True)
    raise Failed("文件打不开,不完整或已损坏;请另存为 DOCX 或 PDF 后重新提交")


def _registry() -> str:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, name, value in _PROFILE
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n'
    return f"{head}{items}</oor:items>\n"


def _program() -> str:
    """``soffice.bin`` itself where it lies beside the starter: a child of a child would outlive the reader that is stopped."""
    starter = shutil.which("soffice")
    if starter is None:
        raise ImportError("soffice has gone from the path")
    binary = Path(starter).resolve().with_name("soffice.bin")
    return str(binary) if binary.is_file() else starter


def _closed(path: Path) -> bool:
    """An RTF file is one group: cut off, its closing brace is missing."""
    with path.open("rb") as f:
        f.seek(0, 2)
        f.seek(max(0, f.tell() - 4096))
        tail = f.read()
    return tail.rstrip(b"\0 \r\n\t\x1a").endswith(b"}")


def _damaged(media_type: str) -> Reading:
    return Reading(media_type, _ME, ReadState.DAMAGED, detail="文件打不开,不完整或已损坏;请另存为 DOCX 或 PDF 后重新提交")
