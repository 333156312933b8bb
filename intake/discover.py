"""Which files lie in an inbox: every one exactly once, none opened for its content, no link followed (law 2)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.errors import UnavailableError, UsageError, system_said
from archive_schema.text import natural_key
from archive_schema.units import UnitTable
from archive_schema.words import Disposition
from intake import litter, names

_KINDS = {
    stat.S_IFLNK: "符号链接,可能指向收件箱之外",
    stat.S_IFIFO: "命名管道,不是普通文件",
    stat.S_IFSOCK: "套接字,不是普通文件",
    stat.S_IFCHR: "字符设备,不是普通文件",
    stat.S_IFBLK: "块设备,不是普通文件",
}


class Found(msgspec.Struct, frozen=True):
    """One entry of the inbox that is no folder (or a folder that cannot be opened).

    folder       first folder below the inbox, as text; "" for a file in the inbox itself
    path         below ``folder``, ``/`` between parts, as sent (bytes that are no UTF-8 are decoded as GB18030); the middle of one that is
                 longer than any index takes is a digest
    file         the real path, usable for opening even when its name is no UTF-8
    disposition  None = to be read; else QUARANTINED, WAITING or IGNORED
    reason       Chinese, when there is a disposition
    """

    folder: str
    path: str
    file: Path
    size: int
    mtime_ns: int
    unit: str
    unit_known: bool
    disposition: Disposition | None = None
    reason: str = ""


def discover(inbox: Path, units: UnitTable, limits: Limits, *, only: Sequence[Path] = (), now_ns: int) -> Iterator[Found]:
    """Walk ``inbox/<unit>/**`` in natural order.

    :param only: files or folders inside the inbox to keep to; empty = all of it.
    :param now_ns: the clock, for ``limits.settle_seconds``.
    :raises UsageError: the inbox is no folder, or ``only`` names something outside it or not there.
    :raises UnavailableError: the inbox cannot be reached, as a network folder whose server is away.
    """
    root = _absolute(inbox)
    if not _is_folder(root):
        raise UsageError(
            f"no inbox at {root}",
            zh=f"收件箱不存在: {root}",
            code="inbox.missing",
            hint="请检查 dangan.toml 中的 inbox;在共享文件夹或另一磁盘上的,请检查是否已连接",
        )
    wanted = [_inside(root, p) for p in only]
    matches: dict[str, tuple[str, bool]] = {}
    for parts, entry, st in _walk(root, (), wanted):
        folder = parts[0] if len(parts) > 1 else ""
        if folder not in matches:
            matches[folder] = owner(folder, units)
        unit, known = matches[folder]
        path = "/".join(parts[1:] if folder else parts)
        disposition, reason = _judge(path, st, limits, now_ns)
        yield Found(
            folder=folder,
            path=names.of_file(folder, path),
            file=entry,
            size=st.st_size if st and stat.S_ISREG(st.st_mode) else 0,
            mtime_ns=st.st_mtime_ns if st else 0,
            unit=unit,
            unit_known=known,
            disposition=disposition,
            reason=reason,
        )


def _is_folder(root: Path) -> bool:
    try:
        return root.is_dir()
    except OSError as e:
        raise _unreachable(root, e) from e


def _unreachable(root: Path, e: OSError) -> UnavailableError:
    return UnavailableError(
        f"inbox {root}: {e}",
        zh=f"收件箱打不开: {root}({system_said(e)})",
        code="inbox.unavailable",
        path=str(root),
        hint="请检查共享文件夹或磁盘是否已连接、运行本程序的用户有没有权限,然后再运行一次;已存档的不受影响",
    )


def owner(folder: str, units: UnitTable) -> tuple[str, bool]:
    """The unit of a first folder, and whether the units table knows it."""
    match = units.match(names.unescape(folder)) if folder else None
    return (match.unit.name, True) if match and match.unit else (folder, False)


def _inside(root: Path, path: Path) -> Path:
    full = _absolute(path)
    if full.is_relative_to(root) and not os.path.lexists(full):
        raise UsageError(
            f"{path} is not there",
            zh=f"收件箱里没有“{path}”",
            code="inbox.absent",
            path=str(path),
            hint="请核对单位文件夹和文件名",
        )
    if not full.is_relative_to(root):
        raise UsageError(
            f"{path} is not in the inbox {root}",
            zh=f"“{path}”不在收件箱 {root} 内",
            code="inbox.outside",
            path=str(path),
            hint="只能收收件箱中的文件;请先把它放进 inbox/<单位>/",
        )
    return full


def _absolute(path: Path) -> Path:
    # not resolve(): a link inside the inbox stays a link and is reported as one
    return Path(os.path.abspath(path))  # noqa: PTH100


def _walk(
    folder: Path, parts: tuple[str, ...], wanted: list[Path]
) -> Iterator[tuple[tuple[str, ...], Path, os.stat_result | None]]:
    """(parts as text, real path, stat) of every entry that is no folder; stat None for a folder that cannot be opened.

    :raises UnavailableError: the topmost cannot: that is the inbox away, and nothing of a department's.
    """
    try:
        with os.scandir(folder) as it:
            entries = _named(list(it))
    except OSError as e:
        if not parts:
            raise _unreachable(folder, e) from e
        yield (*parts, ""), folder, None
        return
    for name, entry in entries:
        path = folder / entry.name
        if wanted and not any(path.is_relative_to(w) or w.is_relative_to(path) for w in wanted):
            continue
        try:
            st = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone between listing and looking: no longer found
        except OSError as e:  # the folder may be listed and not entered: as one that cannot be opened
            if not parts:
                raise _unreachable(folder, e) from e
            yield (*parts, ""), folder, None
            return
        if stat.S_ISDIR(st.st_mode):
            yield from _walk(path, (*parts, name), wanted)
        else:
            yield (*parts, name), path, st


def _named(entries: list[os.DirEntry[str]]) -> list[tuple[str, os.DirEntry[str]]]:
    """Entries with their names as text, sorted naturally; a decoded name that a neighbour already has is escaped, and so is the
    name of a folder that reads as if its files had come out of a neighbour.
    """
    out = []
    taken: set[str] = set()
    for e in sorted(entries, key=lambda e: any("\udc80" <= c <= "\udcff" for c in e.name)):  # valid names keep theirs
        text = names.decode(os.fsencode(e.name))
        if text in taken:
            text = names.escape(os.fsencode(e.name))
        taken.add(text)
        out.append((text, e))
    folders = {e.name for e in entries if e.is_dir(follow_symlinks=False)}
    files = {text for text, e in out if e.name not in folders}
    out = [(names.apart(text, files) if e.name in folders else text, e) for text, e in out]
    return sorted(out, key=lambda pair: (natural_key(pair[0]), pair[0]))


def _judge(path: str, st: os.stat_result | None, limits: Limits, now_ns: int) -> tuple[Disposition | None, str]:
    if st is None:
        return Disposition.QUARANTINED, "文件夹打不开(没有权限或磁盘错误),其中的文件未收;请检查权限后重试"
    if not stat.S_ISREG(st.st_mode):
        what = _KINDS.get(stat.S_IFMT(st.st_mode), "不是普通文件")
        return Disposition.QUARANTINED, f"{what};请提交文件本身"
    return judge_file(path, st.st_size, st.st_mtime_ns, limits, now_ns)


def judge_file(path: str, size: int, mtime_ns: int, limits: Limits, now_ns: int) -> tuple[Disposition | None, str]:
    """What becomes of an ordinary file before it is opened, by its name, size and time (law 2); None = it is read."""
    sorted_out = litter.sort_out(path)
    if sorted_out is not None:
        return sorted_out
    if size == 0:
        return Disposition.WAITING, "文件为空(0 字节);若已传完,请重新提交"
    if size > limits.file_bytes:
        return Disposition.QUARANTINED, f"文件 {size} 字节,超过上限 {limits.file_bytes} 字节;请压缩或拆分后提交"
    age = now_ns - mtime_ns
    if 0 <= age < limits.settle_seconds * 1_000_000_000:
        return Disposition.WAITING, f"文件刚刚还在变化(不足 {limits.settle_seconds} 秒),下次再收"
    return None, ""
