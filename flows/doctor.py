"""Probes of the place we run in. A probe that could not be made says 未检, never ok."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from archive_schema import media
from archive_schema.errors import DanganError
from archive_schema.outputs import Probe
from flows.places import Workspace
from flows.workspace import Opened, open_workspace
from storage import keys
from storage.objects import hash_stream

LEAST_FREE = 5 * 1024**3


def doctor(workspace: Workspace) -> list[Probe]:
    """Every probe, in the order in which a failure would explain the next ones. Never raises for what it probes."""
    probes = [_inbox(workspace)]
    try:
        opened = open_workspace(workspace)
    except DanganError as e:
        return [*probes, Probe("存储与索引", False, e.zh + (f";{e.hint}" if e.hint else ""))]
    with opened as o:
        probes.append(_try("目录与单位表", lambda: _catalogue(o)))
        probes.append(_try("存储读写", lambda: _store(o)))
        probes.append(_try("清单与索引", lambda: _series(o)))
        probes.append(_try("读文件的子进程", lambda: _readers(o)))
    probes.append(_space(workspace.path))
    probes += _components()
    clam = any(map(shutil.which, ("clamdscan", "clamscan")))
    probes.append(Probe("查毒(ClamAV)", clam or None, "已安装" if clam else "未安装;全面审计时病毒未检"))
    return probes


def _try(name: str, probe: Callable[[], str]) -> Probe:
    try:
        return Probe(name, True, probe())
    except DanganError as e:
        return Probe(name, False, e.zh + (f";{e.hint}" if e.hint else ""))


def _inbox(workspace: Workspace) -> Probe:
    inbox = workspace.inbox_path
    if not inbox.is_dir():
        return Probe("收件箱", False, f"{inbox} 不是文件夹;请建立它或改 dangan.toml 的 inbox")
    try:
        folders = sum(1 for p in inbox.iterdir() if p.is_dir())
    except OSError as e:
        return Probe("收件箱", False, f"读不了 {inbox}: {e.strerror}")
    return Probe("收件箱", True, f"{inbox},{folders} 个单位文件夹")


def _catalogue(o: Opened) -> str:
    return f"{o.catalogue.head.edition},{len(o.catalogue.material)} 项,{len(o.units.units)} 个单位"


def _store(o: Opened) -> str:
    """Write, list, read back, delete a small object under ``reports/``: nothing that the audit counts."""
    store, data = o.archive.store, secrets.token_bytes(64 * 1024)
    key = keys.report_key("doctor", f"probe-{secrets.token_hex(8)}")
    store.put_bytes(key, data)
    try:
        listed = [i.size for i in store.list(key)]
        with store.open(key) as f:
            size = hash_stream(f)[1]
        if listed != [len(data)] or size != len(data):
            raise DanganError("probe differs", zh=f"写入 {len(data)} 字节,列出 {listed},读回 {size}")
    finally:
        store.delete(key)
    return f"{store.url},写入、列出、读回、删除都正常"


def _series(o: Opened) -> str:
    problems = o.archive.inspect_series()
    if problems:
        raise DanganError("series", zh=f"清单有 {len(problems)} 处问题", hint="请运行 dangan audit 查明")
    head = o.archive.head()
    return f"清单 {head.seq} 段、{head.total} 条记录,与索引一致" if head else "清单还是空的"


def _readers(o: Opened) -> str:
    from intake.pool import ReaderPool

    scratch = o.workspace.scratch
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        with ReaderPool(o.settings.limits, workers=1, scratch=scratch):
            return "自检通过"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _space(path: Path) -> Probe:
    free = shutil.disk_usage(path).free
    text = f"工作区所在磁盘剩余 {free / 1024**3:.1f} GB"
    return Probe("磁盘空间", free >= LEAST_FREE, text if free >= LEAST_FREE else text + ",不足 5 GB,请清理")


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
