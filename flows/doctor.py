"""Probes of the place we run in. A probe that could not be made says 未检, never ok."""

from __future__ import annotations

import os
import shutil

from archive_schema import media
from archive_schema.errors import DanganError, system_said
from archive_schema.outputs import Probe
from flows import protecting, semantics, signing
from flows.places import Workspace
from flows.scratch import scratch
from flows.workspace import Opened, open_workspace
from storage import probes as stores
from storage.delivery import open_delivery
from storage.folder_probes import space
from storage.probing import attempt


def doctor(workspace: Workspace, *, keep: bool = False, lock: bool = False) -> list[Probe]:
    """Every probe, in the order in which a failure would explain the next ones. Never raises for what it probes.

    :param keep: record the result in the series where it differs from what was recorded last.
    :param lock: bring what was stored before under the present lock, too.
    """
    probes = [_inbox(workspace)]
    try:
        opened = open_workspace(workspace)
    except DanganError as e:
        return [*probes, Probe("存储与索引", False, e.zh + (f";{e.hint}" if e.hint else ""))]
    with opened as o:
        probes.append(attempt("目录与单位表", lambda: _catalogue(o)))
        probes += stores.probe(o.archive.store, workspace.protection)
        probes.append(attempt("清单与索引", lambda: _series(o)))
        probes += signing.probe(o)
        probes.append(attempt("读文件的子进程", lambda: _readers(o)))
        probes.append(space("磁盘空间", workspace.path))
        probes += _components()
        probes.append(semantics.probe(o))
        clam = any(map(shutil.which, ("clamdscan", "clamscan")))
        probes.append(Probe("查毒(ClamAV)", clam or None, "已安装" if clam else "未安装;全面审计时病毒未检"))
        kept = [_kept(o, probes)] if keep else []
        probes += _protected(o, keep)
        if lock:
            probes.append(attempt("锁定已收存的", lambda: _lock(o)))
        return probes + kept


def _kept(o: Opened, probes: list[Probe]) -> Probe:
    from flows.ingest import new_run

    try:
        new = protecting.record(o, new_run(o.now()), probes)
    except DanganError as e:
        return Probe("体检结果", None, f"没有记入清单: {e.zh}")
    return Probe("体检结果", True, "已记入清单" if new else "与上次记入清单的相同,没有重复记录")


def _protected(o: Opened, kept: bool) -> list[Probe]:
    """What ``[protection]`` asks for and whether it is in effect; nothing where nothing is asked for."""
    if not o.workspace.protection.wanted:
        return []
    said = protecting.warnings(o)
    in_effect = protecting.in_effect(o)
    text = ";".join([*([in_effect] if in_effect else []), *said])
    return [Probe("保护设置", True if in_effect else False if kept else None, text)]


def _lock(o: Opened) -> str:
    done = protecting.lock_stored(o)
    return f"新锁定 {done.locked} 个对象,{done.kept} 个早已锁定"


def _inbox(workspace: Workspace) -> Probe:
    inbox = workspace.inbox_path
    if inbox is None:
        return _delivered(workspace)
    if not inbox.is_dir():
        return Probe("收件箱", False, f"{inbox} 不是文件夹;请建立它或改 dangan.toml 的 inbox")
    try:
        folders = sum(1 for p in inbox.iterdir() if p.is_dir())
    except OSError as e:
        return Probe("收件箱", False, f"读不了 {inbox}: {system_said(e)}")
    return Probe("收件箱", True, f"{inbox},{folders} 个单位文件夹")


def _delivered(workspace: Workspace) -> Probe:
    try:
        units = {d.name.partition("/")[0] for d in open_delivery(workspace.inbox, env=os.environ).delivered() if "/" in d.name}
    except DanganError as e:
        return Probe("收件箱", False, f"{workspace.inbox}: {e.zh};{e.hint}")
    return Probe("收件箱", True, f"{workspace.inbox},{len(units)} 个单位文件夹")


def _catalogue(o: Opened) -> str:
    return f"{o.catalogue.head.edition},{len(o.catalogue.material)} 项,{len(o.units.units)} 个单位"


def _series(o: Opened) -> str:
    problems = o.archive.inspect_series()
    if problems:
        raise DanganError("series", zh=f"清单有 {len(problems)} 处问题", hint="请运行 dangan audit 查明")
    head = o.archive.head()
    return f"清单 {head.seq} 段、{head.total} 条记录,与索引一致" if head else "清单还是空的"


def _readers(o: Opened) -> str:
    from intake.pool import ReaderPool

    with scratch(o.workspace) as folder, ReaderPool(o.settings.limits, workers=1, scratch=folder):
        return "自检通过"


def _components() -> list[Probe]:
    """What is read only where something more is installed; where it is not, such files are archived with 未检."""
    from intake import ocr, readers

    probes = []
    for media_type in readers.COMPONENTS:
        absent = "、".join(c.package or c.name for c in readers.missing(media_type))
        text = f"未安装 {absent};这种文件只存档,内容未检" if absent else "所需组件已安装"
        probes.append(Probe(f"读{media.of_type(media_type).name}", None if absent else True, text))
    recognised = ocr.available()
    text = "已安装" if recognised else "未安装 dangan[ocr];扫描件内容未检"
    return [*probes, Probe("扫描件文字识别(OCR)", recognised or None, text)]
