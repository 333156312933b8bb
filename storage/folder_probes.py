"""Probes of a store in a folder: room, and what the file system below it holds to."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from archive_schema.errors import system_said
from archive_schema.outputs import Probe
from archive_schema.protection import Protection
from storage import disk
from storage.folder import TEMPORARY, FolderStore
from storage.probing import VERSIONS, Refuted, attempt

LEAST_FREE = 5 * 1024**3


def probe(store: FolderStore, protection: Protection) -> list[Probe]:
    scratch = store.root / TEMPORARY
    probes = [
        attempt("落盘(fsync)", lambda: _on_files(scratch, _syncs)),
        attempt("原子改名", lambda: _on_files(scratch, _renames)),
        attempt("文件名大小写", lambda: _on_files(scratch, _case)),
        space("存储磁盘空间", store.root),
    ]
    if protection.wanted:
        text = "文件夹存储没有版本和锁定,[protection] 不起作用;须用 S3 存储,或由文件系统快照保护"
        probes.append(Probe(VERSIONS, False, text))
    return probes


def space(name: str, path: Path) -> Probe:
    """Free space of the disk that holds ``path``."""
    try:
        free = shutil.disk_usage(path).free
    except OSError as e:
        return Probe(name, False, f"读不了 {path}: {system_said(e)}")
    text = f"{path} 所在磁盘剩余 {free / 1024**3:.1f} GB"
    return Probe(name, free >= LEAST_FREE, text if free >= LEAST_FREE else text + ",不足 5 GB,请清理")


def _on_files(scratch: Path, act: Callable[[Path], str]) -> str:
    try:
        with tempfile.TemporaryDirectory(prefix="probe-", dir=scratch) as folder:
            return act(Path(folder))
    except OSError as e:
        raise Refuted(f"{system_said(e)};请检查磁盘与挂载方式") from e


def _syncs(folder: Path) -> str:
    """That the calls by which a file is made durable are there; whether the disk keeps its word no program can see."""
    with (folder / "f").open("wb") as f:
        f.write(b"x")
        f.flush()
        os.fsync(f.fileno())
    disk.sync_folder(folder)
    return "文件和文件夹都可以落盘(断电后是否真在盘上取决于磁盘)"


def _renames(folder: Path) -> str:
    """A reader that opens the name while it is replaced finds the old or the new content, never nothing or a part."""
    name, contents = folder / "f", [b"a" * 4096, b"b" * 4096]
    name.write_bytes(contents[0])
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                if name.read_bytes() not in contents:
                    wrong.append("读到半份")
            except FileNotFoundError:
                wrong.append("一时找不到文件")

    reader = threading.Thread(target=read, name="dangan-doctor")
    reader.start()
    try:
        for n in range(200):
            new = folder / f"new-{n}"
            new.write_bytes(contents[n % 2])
            new.replace(name)
    finally:
        done.set()
        reader.join()
    if wrong:
        raise Refuted(f"替换文件时{wrong[0]}: 这个文件系统的改名不是原子的,不宜存放档案")
    return "替换 200 次,读到的总是完整的旧文件或新文件"


def _case(folder: Path) -> str:
    (folder / "a").write_bytes(b"")
    sensitive = not (folder / "A").exists()
    return "区分大小写" if sensitive else "不区分大小写;存储的名字都由程序生成,不受影响"
