"""Where nothing is written that a person asks for: what the departments sent, the record, what the city edits; nor over what is no output.

Asked by whatever writes a file or a folder at a place that somebody names: outputs, exports, sheets handed out, copies, new workspaces.
"""

from __future__ import annotations

import codecs
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from archive_schema.errors import UsageError
from flows.places import FACES, FILE, Workspace, around
from reports import workbook, zipped
from storage import keys

#: bytes by which a text is told
_HEAD = 65_536
_MADE_BY_US = f">{zipped.MAKER}</".encode()
#: of the store; ``reports/`` may be those of the workspace, too
_ROOMS = tuple(room for room in keys.ROOMS if room != "reports/")
#: sorts of outputs, and how the bytes of each begin; any other text is plain
_BOOK, _PAGE, _JSON, _CSV, _TEXT = "工作簿", "网页", "JSON", "CSV", "文本"
_BEGINS = {
    _BOOK: re.compile(rb"PK\x03\x04"),
    # as ``base.html`` begins; nobody else's page forbids itself everything
    _PAGE: re.compile(
        rb'<!DOCTYPE html>\s*<html lang="zh-CN">\s*<head>\s*<meta [^>]*>\s*<meta [^>]*content="default-src (?:\'|&#39;)none'
    ),
    _JSON: re.compile(rb'\{\s*["}]|\[\s*[\[{"\]]'),
    _CSV: re.compile(codecs.BOM_UTF8),
}
#: a key of JSON
_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
#: of what begins with a mark
_ENDINGS = frozenset({".xlsx", ".html", ".htm", ".json", ".jsonl", ".csv"})
_KEPT_INDEX = ("", "-wal", "-shm", "-journal")


def refuse_kept(target: Path, workspace: Workspace | None = None, *, copy: bool = False) -> None:
    """Before anything is made at ``target``, whose folders need not be there yet.

    :param workspace: the one that is worked on; those that ``target`` lies in are asked in any case.
    :param copy: it is a copy of an archive, which may lie where another workspace has its store.
    :raises UsageError: (``output.kept``) it lies in the inbox, in the store or is a file that a workspace lives by.
    """
    place = target.resolve()
    for w in (*((workspace,) if workspace else ()), *_around(place)):
        root = w.path.resolve()
        for kept, zh in _kept(w, store=not copy or w is workspace):
            # where a store holds the whole workspace, what lies beside its rooms is the workspace's
            if place.is_relative_to(kept) and not (root.is_relative_to(kept) and place.is_relative_to(root)):
                raise UsageError(
                    f"{place} is within {kept}",
                    zh=f"不能写到“{target}”: 那是{zh}",
                    code="output.kept",
                    path=str(target),
                    hint="来件和存档从不由输出改动,什么都没有写;请换一个位置",
                )


def refuse_other(path: Path, data: bytes) -> None:
    """Before an output takes the place of the file at ``path``: only an earlier output of its sort may be there.

    Workbooks carry our name and a seal, pages begin as no other does, JSON and CSV are told by their keys and headings. Of plain text
    nothing tells whose it is: a report in words may be empty one day and share no line with the day before, so any may be ours.

    :raises UsageError: (``output.other``) it is something else; (``output.filled``) a workbook that somebody saved since.
    :raises OSError: it cannot be read.
    """
    if not path.is_file() or not path.stat().st_size:
        return
    there, new = _sort(path), _sort_of(data)
    if there == new == _BOOK and not workbook.untouched(path):
        code, zh = "output.filled", f"“{path}”可能已填写: 它由本程序写出,后来又存过"
    elif not there:
        code, zh = "output.other", f"“{path}”已存在,看不出是先前由本程序写出的"
    elif there != new and data:
        code, zh = "output.other", f"“{path}”已存在,是{there};这次要写的是{new},不能代替它"
    elif not _alike(path, data):
        code, zh = "output.other", f"“{path}”已存在,其中的名目与这次要写的不同,不是先前同一种输出"
    else:
        return
    raise UsageError(f"{path} is no output to be replaced", zh=zh, code=code, path=str(path), hint="没有改动它;请换一个文件名")


def _kept(w: Workspace, *, store: bool) -> Iterator[tuple[Path, str]]:
    if w.inbox_path is not None:
        yield w.inbox_path, "收件箱里各单位的来件"
    if store and w.store_path is not None:
        folder = w.store_path.resolve()
        yield from ((folder / room, "档案库的存储") for room in ("", *_ROOMS))
    if w.index_path is not None:
        index = w.index_path.resolve()
        yield from ((index.with_name(index.name + end), "档案库的索引") for end in _KEPT_INDEX)
    yield from (((w.path / name).resolve(), "工作区的设置") for name in FACES)


def _around(place: Path) -> Iterator[Workspace]:
    """The workspaces that a place lies in, by their ``dangan.toml`` alone; what cannot be read there is taken to be as usual."""
    for folder in around(place):
        try:
            said = tomllib.loads((folder / FILE).read_text("utf-8-sig"))
        except (OSError, ValueError):
            said = {}
        places = {k: said[k] for k in ("store", "index", "inbox") if isinstance(said.get(k), str)}
        yield msgspec.structs.replace(Workspace(root=str(folder)), **places)


def _sort(path: Path) -> str:
    """What lies at ``path``, by its bytes. "" = nothing tells that it is ours; so for a text whose ending promises what its bytes are not."""
    if zipfile.is_zipfile(path):
        return _BOOK if _our_workbook(path) else ""
    with path.open("rb") as f:
        head = f.read(_HEAD)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    sort = _sort_of(head)
    return "" if b"\0" in head or (sort == _TEXT and path.suffix.lower() in _ENDINGS) else sort


def _sort_of(data: bytes) -> str:
    return next((sort for sort, begins in _BEGINS.items() if begins.match(data)), _TEXT)


def _alike(path: Path, new: bytes) -> bool:
    """May the JSON or CSV at ``path`` be an earlier ``new``: they begin with the same name and share most. A new version adds names;
    a list of nothing has none."""
    with path.open("rb") as f:
        a, b = _names(f.read(_HEAD)), _names(new[:_HEAD])
    return not a or not b or (a[0] == b[0] and 2 * len({*a} & {*b}) >= min(len({*a}), len({*b})))


def _names(data: bytes) -> list[bytes]:
    """Keys of JSON, headings of CSV, in their order."""
    sort = _sort_of(data)
    if sort == _CSV:
        return data.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].strip().split(b",")
    return _KEY.findall(data) if sort == _JSON else []


def _our_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as z:
            return _MADE_BY_US in z.read("docProps/core.xml")
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return False
